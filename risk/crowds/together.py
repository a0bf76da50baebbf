"""Inner loops of accidents: everybody's chance to survive all that happens in one history, and who dies in it.

Same frame and the same weights as in `parkrisk.risk.crowds.correlation`: one event by itself has the same deaths here
and there. A person who is reached by several events dies once: N = Σ persons × (1 − Π_events (1 − lethality)), those
outdoors and those indoors by themselves.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Records = NDArray[np.void]

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
#: A person who may die: row among the people, lethality outdoors and indoors.
HIT = np.dtype([("person", np.int32), ("outdoors", np.float64), ("indoors", np.float64)])


class Bundle(NamedTuple):
    """Footprints of several outcomes, outdoors (row 0) and indoors (row 1)."""

    start: Integers  #: first bin of every ring in the values of its row, shape (n_outcomes, 2, n_rings + 1)
    begin: Integers  #: where the values of each row begin, shape (n_outcomes, 2)
    values: Singles  #: mean lethality per bin
    disc_start: Integers  #: first disc of each outcome, shape (n_outcomes + 1,)
    disc_square: Floats  #: squares of their radii [m²]
    disc_lethality: Floats  #: shape (2, n_discs)
    reach_square: Floats  #: nobody farther away dies, shape (n_outcomes,) [m²]


class Scene(NamedTuple):
    """What happens at the same time of a weather class."""

    people: Floats  #: day outdoors, day indoors, night outdoors, night indoors, shape (n_people, 4)
    near: Records  #: people around each place, the nearest first, place after place
    near_start: Integers  #: shape (n_places + 1,)
    event_place: Integers  #: of each primary event
    event_outcome: Integers  #: in the bundle; -1: none
    unit_place: Integers  #: of what each unit brings about when it fails; -1: nothing
    unit_outcome: Integers


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
def _lethality(one: Records, direction: int, n_bins: int, bundle: Bundle, outcome: int, row: int) -> float:
    """Lethality of an outcome for a person when the wind blows to a bin."""
    value = 0.0
    if one["ring"] >= 0:
        for i in range(2):
            ring = one["ring"] + i
            first = bundle.start[outcome, row, ring]
            count = bundle.start[outcome, row, ring + 1] - first
            radial = one["outwards"] if i else 1.0 - one["outwards"]
            if count == 0 or radial <= 0.0:
                continue
            first += bundle.begin[outcome, row]
            for j in range(2):
                apart = (one["node"] + j - direction - 1) % n_bins
                apart = min(apart, n_bins - 1 - apart)
                if apart < count:
                    value += radial * (one["around"] if j else 1.0 - one["around"]) * bundle.values[first + apart]
    for d in range(bundle.disc_start[outcome], bundle.disc_start[outcome + 1]):
        if one["square"] <= bundle.disc_square[d]:
            value += bundle.disc_lethality[row, d]
    return min(value, 1.0)


@kernel
def _hits(
    place: int, outcome: int, direction: int, n_bins: int, scene: Scene, bundle: Bundle, hits: Records, total: Floats
) -> int:
    """List who may die of one event, and add up the deaths by day and by night; length of the list."""
    found = 0
    total[:] = 0.0
    for k in range(scene.near_start[place], scene.near_start[place + 1]):
        one = scene.near[k]
        if one["square"] > bundle.reach_square[outcome]:
            break
        outdoors = _lethality(one, direction, n_bins, bundle, outcome, 0)
        indoors = _lethality(one, direction, n_bins, bundle, outcome, 1)
        if outdoors > 0.0 or indoors > 0.0:
            person = one["person"]
            hits[found]["person"] = person
            hits[found]["outdoors"] = outdoors
            hits[found]["indoors"] = indoors
            found += 1
            for period in range(2):
                total[period] += scene.people[person, 2 * period] * outdoors
                total[period] += scene.people[person, 2 * period + 1] * indoors
    return found


@kernel
def _strike(hits: Records, survival: Floats, struck: Indices, count: int) -> int:
    """Let everybody on a list survive with the chance that it leaves; who is met first is added to ``struck``."""
    for k in range(hits.size):
        person = hits[k]["person"]
        if survival[person, 0] < 0.0:  # nobody has met this person yet
            survival[person, 0] = survival[person, 1] = 1.0
            struck[count] = person
            count += 1
        survival[person, 0] *= 1.0 - hits[k]["outdoors"]
        survival[person, 1] *= 1.0 - hits[k]["indoors"]
    return count


@kernel
def die_together(
    chosen: Integers,
    direction: int,
    n_bins: int,
    event: Integers,
    start: Integers,
    unit: Indices,
    scene: Scene,
    bundle: Bundle,
    together: Floats,
    separately: Floats,
) -> None:
    """Deaths in histories of one weather and wind direction.

    Parameters
    ----------
    chosen : int64 array
        These histories.
    direction, n_bins : int
        Bin that the wind blows to, of so many.
    event, start, unit : arrays
        Primary event of each history, where its failures begin in ``unit``, and who fails.
    scene, bundle : Scene, Bundle
        Of this weather.
    together, separately : array, shape (n_histories, 2)
        Set for these histories, by day and by night: deaths, and what they would be if those of every event were added.
    """
    size = scene.near_start[1:] - scene.near_start[:-1]
    first = np.full(scene.unit_place.size, -1, dtype=np.int64)
    room = 0
    for h in chosen:
        for k in range(start[h], start[h + 1]):
            v = unit[k]
            if first[v] < 0 and scene.unit_outcome[v] >= 0:
                first[v] = room
                room += size[scene.unit_place[v]]
    hits = np.empty(room, dtype=HIT)
    end = np.full(first.size, -1, dtype=np.int64)
    totals = np.zeros((first.size, 2))
    for v in range(first.size):
        if first[v] >= 0:
            place, outcome = scene.unit_place[v], scene.unit_outcome[v]
            end[v] = first[v] + _hits(place, outcome, direction, n_bins, scene, bundle, hits[first[v] :], totals[v])
    own, own_total = np.empty(np.max(size), dtype=HIT), np.zeros(2)
    survival = np.full((scene.people.shape[0], 2), -1.0)
    struck = np.empty(scene.people.shape[0], dtype=np.int32)
    for h in chosen:
        count = 0
        separately[h] = 0.0
        if scene.event_outcome[event[h]] >= 0:
            place, outcome = scene.event_place[event[h]], scene.event_outcome[event[h]]
            length = _hits(place, outcome, direction, n_bins, scene, bundle, own, own_total)
            count = _strike(own[:length], survival, struck, count)
            separately[h] += own_total
        for k in range(start[h], start[h + 1]):
            v = unit[k]
            if first[v] >= 0:
                count = _strike(hits[first[v] : end[v]], survival, struck, count)
                separately[h] += totals[v]
        together[h] = 0.0
        for k in range(count):
            person = struck[k]
            for period in range(2):
                together[h, period] += scene.people[person, 2 * period] * (1.0 - survival[person, 0])
                together[h, period] += scene.people[person, 2 * period + 1] * (1.0 - survival[person, 1])
            survival[person, 0] = -1.0


@kernel
def die_in_winds(
    directions: Integers,
    first: Integers,
    chosen: Integers,
    n_bins: int,
    event: Integers,
    start: Integers,
    unit: Indices,
    scene: Scene,
    bundle: Bundle,
    together: Floats,
    separately: Floats,
    part: tuple[int, int],
) -> None:
    """`die_together` for some directions, ``part`` from and to; ``first``: where those of each begin in ``chosen``."""
    for i in range(part[0], part[1]):
        some = chosen[first[i] : first[i + 1]]
        die_together(some, directions[i], n_bins, event, start, unit, scene, bundle, together, separately)
