"""Deaths in histories, person by person: means over the winds of a bin, and survival of all that happens."""

import itertools
import math

import numpy as np
import pytest

from parkrisk.risk.crowds.together import NEAR, Bundle, Happenings, count_within, die_in_winds, look_around

pytestmark = pytest.mark.kernel

RINGS, BINS = 4, 8
POLAR = np.array([10.0, 0.5, math.radians(20.0)])
PLACES = np.array([[0.0, 0.0], [12.0, -7.0]])
#: Lethality of three outcomes, outdoors and indoors, on the rings of half a circle; the first two bins are alike.
LETHALITY = np.array([1.0, 0.5, 0.3])[:, None, None, None] * np.array([1.0, 0.4])[:, None, None]
LETHALITY = LETHALITY * np.array([[0.9, 0.9, 0.5, 0.2], [0.6, 0.6, 0.3, 0.0], [0.4, 0.4, 0.0, 0.0], [0.0] * 4])
#: Radius and lethality outdoors and indoors of discs of the outcomes.
DISCS = ([], [(14.0, 0.2, 0.1)], [(9.0, 1.0, 0.5), (30.0, 0.1, 0.05)])


def bundle():
    start, lead = np.zeros((3, 2, RINGS + 1), np.int32), np.zeros((3, 2, RINGS), np.int32)
    begin, values = np.zeros((3, 2), np.int64), []
    for outcome, row in itertools.product(range(3), range(2)):
        begin[outcome, row], first = len(values), 0
        for ring, risk in enumerate(LETHALITY[outcome, row]):
            count = np.count_nonzero(risk)
            if count:
                lead[outcome, row, ring] = 1
                values += risk[1:count].tolist()
                first += count - 1
            start[outcome, row, ring + 1] = first
    disc = [each for discs in DISCS for each in discs]
    return Bundle(
        start,
        lead,
        begin,
        np.array(values, np.float32),
        np.cumsum([0, *map(len, DISCS)]),
        np.array([radius**2 for radius, *_ in disc]),
        np.array([rest for _, *rest in disc]).T.copy(),
    )


def lethality(outcome, row, place, person, blown):
    """Mean over winds that blow evenly to one bin, straight between the rings."""
    dx, dy = person - place
    distance = math.hypot(dx, dy)
    u = max(math.log(distance / POLAR[0]) / POLAR[1], 0.0)
    value = 0.0
    if u <= RINGS - 1:
        x = (math.atan2(dy, dx) + POLAR[2]) / (2.0 * math.pi) * BINS
        for wind in blown + (np.arange(4000) + 0.5) / 4000.0:
            off = (x - wind) % BINS
            node = int(min(off, BINS - off))
            ring = min(int(u), RINGS - 2)
            pair = LETHALITY[outcome, row, ring : ring + 2, node]
            value += (pair[0] + (u - ring) * (pair[1] - pair[0])) / 4000.0
    value += sum(each[row] for radius, *each in DISCS[outcome] if distance <= radius)
    return min(value, 1.0)


def test_everybody_dies_once_of_all_that_happens():
    rng = np.random.default_rng(7)
    xy, people = rng.uniform(-35.0, 35.0, (12, 2)), rng.uniform(1.0, 5.0, (12, 4))
    staff, reach = [(0, 2), (2, 3)], 40.0
    near, start = [], [0]
    for place, own in zip(PLACES, staff, strict=True):
        room = np.zeros(len(xy), NEAR)
        found = look_around(xy, own, place, POLAR, (RINGS, BINS), reach, room)
        near.append(np.sort(room[:found], order="square"))
        start.append(start[-1] + found)
    near, start = np.concatenate(near), np.array(start)
    held, farthest = bundle(), np.full(3, reach**2)

    # Two events and two units that may fail, each at a place with an outcome; the last unit harms nobody.
    place, outcome = np.array([0, 1, 1, 0, -1]), np.array([0, 2, 1, 2, 0])
    within = count_within(near, start, place, outcome[:, None], farthest)[:, 0]
    assert within[-1] == 0
    happens = Happenings(outcome, start[place], within)
    of_event, of_unit = (Happenings(*(each[part].copy() for each in happens)) for part in (slice(0, 2), slice(2, 5)))
    histories = [(0, []), (1, [0]), (0, [1, 2]), (0, [0, 1]), (1, [1, 0, 2])]
    event, failed = np.array([first for first, _ in histories]), [each for _, each in histories]
    begins, unit = np.cumsum([0, *map(len, failed)]), np.array([v for each in failed for v in each], np.int32)
    directions, first, chosen = np.array([1, 6]), np.array([0, 3, 5]), np.array([0, 2, 4, 1, 3])
    deaths = np.full((5, 4), np.nan)
    die_in_winds(
        directions, first, chosen, BINS, event, begins, unit, people, near, held, of_event, of_unit, deaths, (0, 2)
    )
    blown = {0: 1, 2: 1, 4: 1, 1: 6, 3: 6}
    for found, h in zip(deaths, chosen.tolist(), strict=True):
        primary, units = histories[h]
        happened = [(place[k], outcome[k]) for k in (primary, *(2 + v for v in units)) if place[k] >= 0]
        once, added = np.zeros(2), np.zeros(2)
        for p, person in enumerate(xy):
            for row in range(2):
                risks = [
                    lethality(of, row, PLACES[at], person, blown[h])
                    for at, of in happened
                    if not staff[at][0] <= p < staff[at][1] and math.dist(PLACES[at], person) <= reach
                ]
                counted = people[p, [row, 2 + row]]
                once += counted * (1.0 - np.prod([1.0 - risk for risk in risks]))
                added += counted * sum(risks)
        np.testing.assert_allclose(found, [*once, *added], rtol=1e-3)
        assert found[:2].sum() > 0.0


def test_the_rim_of_the_grid_and_of_the_reach_belong_to_them():
    on_rim = POLAR[0] * math.exp(POLAR[1] * (RINGS - 1))
    xy = np.array([[0.0, on_rim], [48.0, 0.0], [-48.0, 1e-3], [0.0, 1.001 * on_rim]])
    near = np.zeros(4, NEAR)
    assert look_around(xy, (0, 0), PLACES[0], POLAR, (RINGS, BINS), 48.0, near) == 3
    assert near["person"][:3].tolist() == [0, 1, 3]
    assert near["ring"][:3].tolist() == [RINGS - 2, -1, -1]
    assert near["outwards"][0] == pytest.approx(1.0, abs=1e-9)


def test_who_is_near_enough_to_die():
    near = np.zeros(5, NEAR)
    near["square"] = [1.0, 4.0, 9.0, 4.0, 16.0]
    found = count_within(
        near, np.array([0, 3, 5]), np.array([0, 1, -1]), np.array([[0, 1], [1, -1], [0, 0]]), np.array([4.0, 20.0])
    )
    assert found.tolist() == [[2, 3], [2, 0], [0, 0]]
