"""Inner loops of the siting map: what a project does is known around itself, and looked up from every cell.

Each cell owns its row of every result and adds up sources in their order: threads and chunks leave no trace.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.mapping.stamping import hermite, node_number, polar_scale, ring_number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@kernel
def add_field(
    table: Floats,
    rings: int,
    polar: Floats,
    often: float,
    offset: Floats,
    cells: Floats,
    points: Floats,
    own: Floats,
) -> None:
    """Add the risk of one source, moved with the project, at points.

    Parameters
    ----------
    table : array, shape (n_rings, n_bins + 1, 4)
        The field around the source, as `parkrisk.risk.kernels.add_slopes` leaves it, for each unit of ``often``.
    rings : int
        Rings of the table that are set; the field is 0 beyond the last of them.
    polar : array, shape (3,)
        r_min [m], step in ln r, turn of the frame [rad].
    often : float
        Frequency of the source that the field is to be multiplied by. [1/yr]
    offset : array, shape (2,)
        From the middle of the project to the source. [m]
    cells : array, shape (n_cells, 2)
        Where the middle of the project comes to lie. [m]
    points : array, shape (n_points, 2)
        [m]
    own : array, shape (n_cells, n_points)
        Added to. [1/yr]
    """
    scale = polar_scale(polar, table.shape[1] - 1)
    for i in range(cells.shape[0]):
        for k in range(points.shape[0]):
            dx = points[k, 0] - cells[i, 0] - offset[0]
            dy = points[k, 1] - cells[i, 1] - offset[1]
            u = ring_number(dx * dx + dy * dy, scale)
            if u <= rings - 1 + 1e-9:
                own[i, k] += often * hermite(table, rings, u, node_number(dx, dy, scale))


@kernel
def add_discs(
    radius: Floats, risk: Floats, often: float, offset: Floats, cells: Floats, points: Floats, own: Floats
) -> None:
    """Add discs of constant risk around one source; ``radius`` [m] and ``risk`` of each, else as `add_field`."""
    for i in range(cells.shape[0]):
        for k in range(points.shape[0]):
            dx = points[k, 0] - cells[i, 0] - offset[0]
            dy = points[k, 1] - cells[i, 1] - offset[1]
            square = dx * dx + dy * dy
            for d in range(radius.size):
                if square <= radius[d] * radius[d]:
                    own[i, k] += often * risk[d]


@kernel
def clearance(cells: Floats, offset: Floats, radius: Floats, others: Floats, other_radius: Floats) -> Floats:
    """Smallest distance from shell to shell between units that move and units that stay, shape (n_cells,). [m]

    Parameters
    ----------
    cells : array, shape (n_cells, 2)
    offset, radius : array, shapes (n, 2), (n,)
        Units that move: from the middle of the project, and their radius. [m]
    others, other_radius : array, shapes (m, 2), (m,)
        Units that stay. [m]
    """
    found = np.full(cells.shape[0], np.inf)
    for i in range(cells.shape[0]):
        for j in range(radius.size):
            for k in range(other_radius.size):
                dx = others[k, 0] - cells[i, 0] - offset[j, 0]
                dy = others[k, 1] - cells[i, 1] - offset[j, 1]
                found[i] = min(found[i], math.sqrt(dx * dx + dy * dy) - radius[j] - other_radius[k])
    return found


@kernel
def people_on_rings(
    xy: Floats, counts: Floats, staff: tuple[int, int], places: Floats, polar: Floats, reach: float, rings: Floats
) -> None:
    """People on the rings around places, whatever their direction.

    Parameters
    ----------
    xy, counts, staff, polar, reach
        As in `parkrisk.risk.crowds.correlation.bin_people`, whose weights these are.
    places : array, shape (n, 2)
        [m]
    rings : array, shape (n, n_rings, 4)
        Added to.
    """
    n_rings = rings.shape[1]
    for i in range(places.shape[0]):
        for p in range(xy.shape[0]):
            dx = xy[p, 0] - places[i, 0]
            dy = xy[p, 1] - places[i, 1]
            square = dx * dx + dy * dy
            if square > reach * reach or staff[0] <= p < staff[1]:
                continue
            u = 0.0
            if square > polar[0] * polar[0]:
                u = 0.5 * math.log(square / (polar[0] * polar[0])) / polar[1]
            if u > n_rings - 1 + 1e-9:
                continue
            ring = min(int(u), n_rings - 2)
            u -= ring
            for c in range(4):
                rings[i, ring, c] += counts[p, c] * (1.0 - u)
                rings[i, ring + 1, c] += counts[p, c] * u


@kernel
def add_bounds(
    deaths: Floats, outcome: Integers, frequency: Floats, share: Floats, edges: Floats, histogram: Floats
) -> None:
    """Sort events into classes by the most people that they could kill, whatever the wind.

    Parameters
    ----------
    deaths : array, shape (n_cells, 2, n_outcomes)
        Bound on the deaths by day and by night.
    outcome : int64 array, shape (n_events, n_weathers)
        -1: none.
    frequency : array, shape (n_events,)
        [1/yr]
    share : array, shape (2, n_weathers)
        Probability of period and weather.
    edges : array, shape (n_classes,)
        Lower edges, rising.
    histogram : array, shape (n_cells, n_classes)
        Added to. [1/yr]
    """
    for i in range(deaths.shape[0]):
        for event in range(frequency.size):
            for weather in range(share.shape[1]):
                e = outcome[event, weather]
                if e < 0:
                    continue
                for period in range(2):
                    found = np.searchsorted(edges, deaths[i, period, e] * (1.0 + 1e-6), side="right") - 1
                    if found >= 0:
                        histogram[i, found] += frequency[event] * share[period, weather]


@kernel
def societal_rooms(
    own: Floats, before: Floats, edges: Floats, line: tuple[float, float, float], room: Floats, beyond: Flags
) -> None:
    """How many times the F-N curve of a project fits between that of the park and the upper line.

    Parameters
    ----------
    own : array, shape (n_cells, n_classes)
        Frequency of ``edges[j]`` or more deaths by the project. [1/yr]
    before : array, shape (n_classes,)
        That of the park without it. [1/yr]
    edges : array, shape (n_classes,)
    line : (float, float, float)
        Upper line at N = 1 [1/yr]; N at which the criterion ends; frequency below which points beyond count for
        nothing [1/yr].
    room : array, shape (n_cells,)
        Set: smallest (upper / N − before) / own where ``own`` is not 0, not below 0; infinite where it is 0.
    beyond : bool array, shape (n_cells,)
        Set: a point that the project adds to lies beyond the end of the criterion, below the line drawn on.
    """
    upper, cut, floor = line
    for i in range(own.shape[0]):
        room[i] = np.inf
        beyond[i] = False
        for j in range(edges.size):
            if own[i, j] <= 0.0:
                break
            limit = upper / edges[j]
            room[i] = min(room[i], max(limit - before[j], 0.0) / own[i, j])
            total = before[j] + own[i, j]
            beyond[i] |= edges[j] > cut and total >= floor and total <= limit
