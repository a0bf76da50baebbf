"""Inner loops of accidents: everybody's chance to survive all that happens in one history, and who dies in it.

Same frame and the same weights as in `parkrisk.risk.crowds.correlation`: one event by itself has the same deaths here
and there. A person who is reached by several events dies once: N = Σ persons × (1 − Π_events (1 − lethality)), those
outdoors and those indoors by themselves.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import inlined_kernel, kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Units = NDArray[np.integer[Any]]
Records = NDArray[np.void]
Flags = NDArray[np.bool_]

#: A person as seen from a place: row among the people; ring and node of the polar grid (ring -1: beyond it), how far
#: from them to the next ones, square of the distance [m²].
NEAR = np.dtype(
    [
        ("person", np.int32),
        ("ring", np.int32),
        ("node", np.int32),
        ("outwards", np.float64),
        ("around", np.float64),
        ("square", np.float64),
    ]
)
#: A person who may die: row among the people, chance to survive outdoors and indoors.
HIT = np.dtype([("person", np.int32), ("outdoors", np.float64), ("indoors", np.float64)])


class Bundle(NamedTuple):
    """Footprints of several outcomes, outdoors (row 0) and indoors (row 1)."""

    start: Indices  #: first bin of every ring in the values of its row, shape (n_outcomes, 2, n_rings + 1) ...
    lead: Indices  #: ... after so many that equal it, shape (n_outcomes, 2, n_rings)
    begin: (
        Integers  #: where the values of each row begin, or would if the inner rings were there, shape (n_outcomes, 2)
    )
    values: Singles  #: mean lethality per bin
    disc_start: Integers  #: first disc of each outcome, shape (n_outcomes + 1,)
    disc_square: Floats  #: squares of their radii [m²]
    disc_lethality: Floats  #: shape (2, n_discs)


class Happenings(NamedTuple):
    """What events, or failing units, do in one weather: outcome in the bundle, and who is near."""

    outcome: Integers
    first: Integers  #: of the people around, in ``near``
    within: Integers  #: how many of them may die, the nearest; 0: nobody


@kernel
def look_around(
    xy: Floats,
    staff: tuple[int, int],
    place: Floats,
    polar: Floats,
    shape: tuple[int, int],
    reach: float,
    near: Records,
) -> int:
    """Find the people around a place, but for the staff of its owner; how many there are.

    Parameters
    ----------
    xy, staff, place, polar, reach
        As in `parkrisk.risk.crowds.correlation.bin_people`.
    shape : (int, int)
        Rings and bins of the polar grid.
    near : array of NEAR, shape (n_people,)
        Set, from its beginning.
    """
    n_rings, n_bins = shape
    found = 0
    for p in range(xy.shape[0]):
        dx = xy[p, 0] - place[0]
        dy = xy[p, 1] - place[1]
        square = dx * dx + dy * dy
        if square > reach * reach or staff[0] <= p < staff[1]:
            continue
        one = near[found]
        found += 1
        one["person"] = p
        one["square"] = square
        u = 0.0
        if square > polar[0] * polar[0]:
            u = 0.5 * math.log(square / (polar[0] * polar[0])) / polar[1]
        if u > n_rings - 1 + 1e-9:
            one["ring"] = -1
            continue
        i = min(int(u), n_rings - 2)
        angle = math.atan2(dy, dx) + polar[2]
        if angle < 0.0:
            angle += 2.0 * math.pi
        v = angle * n_bins / (2.0 * math.pi)
        j = min(int(v), n_bins - 1)
        one["ring"] = i
        one["node"] = j
        one["outwards"] = u - i
        one["around"] = v - j
    return found


@kernel
def choose_bins(place: Floats, sector: Integers, chance: Integers, chances: Floats, per_sector: int) -> Integers:
    """Bin of the polar grid that each history's wind blows to.

    Parameters
    ----------
    place : array, shape (n,)
        Share of the sector's probability that lies before it.
    sector : int64 array, shape (n,)
    chance : int64 array, shape (n,)
        Row of ``chances``, shape (n_chances, n_bins): weight of every bin.
    per_sector : int
        Bins in a sector.
    """
    bins = np.empty(place.size, dtype=np.int64)
    for h in range(place.size):
        given = chances[chance[h], sector[h] * per_sector : (sector[h] + 1) * per_sector]
        mark = place[h] * np.sum(given)
        at, before = 0, given[0]
        while at < per_sector - 1 and (before <= mark or given[at] == 0.0):
            at += 1
            before += given[at]
        bins[h] = sector[h] * per_sector + at
    return bins


@kernel
def count_within(near: Records, start: Integers, place: Integers, outcome: Integers, square: Floats) -> Integers:
    """How many of the people around may die of an outcome, the nearest first, shape of ``outcome``.

    Parameters
    ----------
    near : array of NEAR
        People around each place, the nearest first, place after place.
    start : int64 array, shape (n_places + 1,)
    place : int64 array, shape (n,)
        -1: nothing happens.
    outcome : int64 array, shape (n, n_weathers)
        -1: none.
    square : array, shape (n_outcomes,)
        Squares of the distances beyond which nobody dies. [m²]
    """
    count = np.zeros(outcome.shape, np.int64)
    for i in range(place.size):
        for weather in range(outcome.shape[1]):
            if place[i] < 0 or outcome[i, weather] < 0:
                continue
            end = start[place[i]]
            while end < start[place[i] + 1] and near[end]["square"] <= square[outcome[i, weather]]:
                end += 1
            count[i, weather] = end - start[place[i]]
    return count


@kernel
def mark(chosen: Integers, event: Integers, start: Integers, unit: Units, events: Flags, units: Flags) -> None:
    """Mark what happens in some histories."""
    for h in chosen:
        events[event[h]] = True
        for k in range(start[h], start[h + 1]):
            units[unit[k]] = True


@inlined_kernel
def _survival(one: Records, row: int, direction: int, n_bins: int, bundle: Bundle, outcome: int) -> float:
    """Chance to survive an outcome when the wind blows to a bin, outdoors (row 0) or indoors (row 1)."""
    value = 0.0
    if one["ring"] >= 0:
        left = one["node"] - direction - 1
        left += n_bins if left < 0 else 0
        right = left + 1 if left + 1 < n_bins else 0
        left = min(left, n_bins - 1 - left)
        right = min(right, n_bins - 1 - right)
        for i in range(2):
            ring = one["ring"] + i
            first = bundle.start[outcome, row, ring]
            lead = bundle.lead[outcome, row, ring]
            count = lead + bundle.start[outcome, row, ring + 1] - first
            radial = one["outwards"] if i else 1.0 - one["outwards"]
            if radial > 0.0:
                at = bundle.begin[outcome, row] + first
                if left < count:
                    value += radial * (1.0 - one["around"]) * bundle.values[at + max(left - lead, 0)]
                if right < count:
                    value += radial * one["around"] * bundle.values[at + max(right - lead, 0)]
    for d in range(bundle.disc_start[outcome], bundle.disc_start[outcome + 1]):
        if one["square"] <= bundle.disc_square[d]:
            value += bundle.disc_lethality[row, d]
    return 1.0 - min(value, 1.0)


@inlined_kernel
def _listed(
    what: Happenings,
    i: int,
    direction: int,
    n_bins: int,
    near: Records,
    bundle: Bundle,
    people: Floats,
    hits: Records,
    at: int,
    total: Floats,
    row: int,
) -> int:
    """List from ``at`` on who may die, and add up deaths by day and by night in a row of ``total``; end of the list."""
    total[row, 0] = total[row, 1] = 0.0
    for k in range(what.first[i], what.first[i] + what.within[i]):
        one = near[k]
        outdoors = _survival(one, 0, direction, n_bins, bundle, what.outcome[i])
        indoors = _survival(one, 1, direction, n_bins, bundle, what.outcome[i])
        if outdoors < 1.0 or indoors < 1.0:
            person = one["person"]
            hits[at]["person"] = person
            hits[at]["outdoors"] = outdoors
            hits[at]["indoors"] = indoors
            at += 1
            for period in range(2):
                total[row, period] += people[person, 2 * period] * (1.0 - outdoors)
                total[row, period] += people[person, 2 * period + 1] * (1.0 - indoors)
    return at


@inlined_kernel
def _strike(hits: Records, begin: int, end: int, survival: Floats, struck: Indices, count: int) -> int:
    """Let everybody on a list survive with the chance that it leaves; who is met first is added to ``struck``."""
    for k in range(begin, end):
        person = hits[k]["person"]
        if survival[person, 0] < 0.0:  # nobody has met this person yet
            survival[person, 0] = hits[k]["outdoors"]
            survival[person, 1] = hits[k]["indoors"]
            struck[count] = person
            count += 1
        else:
            survival[person, 0] *= hits[k]["outdoors"]
            survival[person, 1] *= hits[k]["indoors"]
    return count


@inlined_kernel
def _buried(people: Floats, survival: Floats, struck: Indices, count: int, deaths: Floats, j: int) -> None:
    """Deaths by day and by night of those who were struck, who are forgotten."""
    deaths[j, 0] = deaths[j, 1] = 0.0
    for k in range(count):
        person = struck[k]
        for period in range(2):
            deaths[j, period] += people[person, 2 * period] * (1.0 - survival[person, 0])
            deaths[j, period] += people[person, 2 * period + 1] * (1.0 - survival[person, 1])
        survival[person, 0] = -1.0


@kernel
def die_in_winds(
    directions: Integers,
    first: Integers,
    chosen: Integers,
    n_bins: int,
    event: Integers,
    start: Integers,
    unit: Units,
    people: Floats,
    near: Records,
    bundle: Bundle,
    of_event: Happenings,
    of_unit: Happenings,
    deaths: Floats,
    part: tuple[int, int],
) -> None:
    """Deaths in histories of one weather.

    Parameters
    ----------
    directions : int64 array, shape (n_directions,)
        Bins that the wind blows to, of ``n_bins``.
    first : int64 array, shape (n_directions + 1,)
        Where the histories of each begin in ``chosen``.
    chosen : int64 array
        Histories.
    event, start, unit : arrays
        Primary event of each history, where its failures begin in ``unit``, and who fails.
    people : array, shape (n_people, 4)
        By day outdoors, by day indoors, by night outdoors, by night indoors.
    near : array of NEAR
    bundle, of_event, of_unit
        Of this weather.
    deaths : array, shape (n_chosen, 4)
        Set, in the order of ``chosen``: deaths by day and by night, and what they would be if those of every event were
        added.
    part : (int, int)
        Directions to do, from and to.
    """
    listed = np.full(of_unit.within.size, -1, np.int64)
    begin, end = np.zeros(listed.size, np.int64), np.zeros(listed.size, np.int64)
    total = np.zeros((listed.size + 1, 2))  # the last is of the primary event
    hits = np.empty(np.sum(of_unit.within) + np.max(of_event.within), HIT)
    survival, struck = np.full((people.shape[0], 2), -1.0), np.empty(people.shape[0], np.int32)
    for i in range(part[0], part[1]):
        room = 0
        for j in range(first[i], first[i + 1]):
            h, count = chosen[j], 0
            for k in range(start[h], start[h + 1]):
                v = unit[k]
                if of_unit.within[v] > 0 and listed[v] != i:
                    listed[v], begin[v] = i, room
                    room = _listed(of_unit, v, directions[i], n_bins, near, bundle, people, hits, room, total, v)
                    end[v] = room
            stop = _listed(
                of_event, event[h], directions[i], n_bins, near, bundle, people, hits, room, total, listed.size
            )
            count = _strike(hits, room, stop, survival, struck, count)
            deaths[j, 2], deaths[j, 3] = total[-1, 0], total[-1, 1]
            for k in range(start[h], start[h + 1]):
                v = unit[k]
                if of_unit.within[v] > 0:
                    count = _strike(hits, begin[v], end[v], survival, struck, count)
                    deaths[j, 2] += total[v, 0]
                    deaths[j, 3] += total[v, 1]
            _buried(people, survival, struck, count, deaths, j)
