"""How likely a cloud meets something that ignites it, for every direction it may drift.

The cloud is an outline, symmetric about the axis on which it drifts; turned through a full circle it takes up a source
at certain angles and loses it at others. Between these angles the chance is constant, so its mean over each angular bin
is exact. Chances are held as hazards A = -ln(1 - P) in integers of 2^-40, whose sums do not depend on their order.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

__all__ = ["crossings", "ignition_chances"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_UNIT = 2.0**40
_CERTAIN = 38.0  # exp(-38) is nothing beside 1


@kernel
def _inside(radius: float, angle: float, x: Floats, edge: Floats) -> bool:
    along = radius * math.cos(angle)
    if along < x[0] or along > x[-1]:
        return False
    i = min(max(int(np.searchsorted(x, along)), 1), x.size - 1)
    span = x[i] - x[i - 1]
    share = (along - x[i - 1]) / span if span > 0.0 else 0.0
    return bool(radius * math.sin(angle) <= edge[i - 1] + share * (edge[i] - edge[i - 1]))


@kernel
def _candidates(radius: float, x: Floats, edge: Floats, angle: Floats) -> int:
    """Angles at which a circle about the origin may cross an outline, unordered, with 0 and π; how many."""
    angle[0], angle[1] = 0.0, math.pi
    n = 2
    for end in (x[0], x[-1]):
        if abs(end) <= radius:
            angle[n] = math.acos(end / radius)
            n += 1
    for i in range(x.size - 1):
        dx, dy = x[i + 1] - x[i], edge[i + 1] - edge[i]
        a = x[i] ** 2 + edge[i] ** 2 - radius**2
        b = x[i + 1] ** 2 + edge[i + 1] ** 2 - radius**2
        square, dot = dx * dx + dy * dy, x[i] * dx + edge[i] * dy
        if (a < 0.0 and b < 0.0) or square == 0.0:
            continue
        if a > 0.0 and b > 0.0 and not 0.0 < -dot < square:
            continue
        root = dot * dot - square * a
        if root < 0.0:
            continue
        for sign in (-1.0, 1.0):
            share = (-dot + sign * math.sqrt(root)) / square
            if 0.0 <= share <= 1.0:
                angle[n] = math.atan2(edge[i] + share * dy, x[i] + share * dx)
                n += 1
    return n


@kernel
def crossings(radius: float, x: Floats, edge: Floats, angle: Floats) -> int:
    """Where a circle about the release lies inside the outline of a cloud.

    Parameters
    ----------
    radius : float
        [m]
    x, edge : float64 array, shape (n,)
        Outline: half-width over the distance downwind, straight between the nodes. [m]
    angle : float64 array, at least 2 n + 6 long
        Is filled with the ends of the stretches inside, ascending: in, out, in, out, 0 to π from the axis. [rad]

    Returns
    -------
    int
        How many ends.
    """
    if radius == 0.0:
        angle[0], angle[1] = 0.0, math.pi
        return 2 if x[0] <= 0.0 <= x[-1] else 0
    n = _candidates(radius, x, edge, angle)
    angle[:n].sort()
    found = 0
    for k in range(n - 1):
        low, high = angle[k], angle[k + 1]
        if high <= low or not _inside(radius, 0.5 * (low + high), x, edge):
            continue
        if found > 0 and angle[found - 1] == low:
            angle[found - 1] = high
        else:  # never ahead of what is still to be read
            angle[found], angle[found + 1] = low, high
            found += 2
    return found


@kernel
def _hazard(pieces: int, measure: float, rate: float, presence: float, density: float, time: float) -> int:
    """Of so many pieces of a source over a time [s], in integers of 2^-40."""
    if pieces == 0 or rate == 0.0 or not time > 0.0:
        return 0
    extent = pieces * measure
    if density == 0.0:
        chance = -presence * math.expm1(-rate * extent * time)
    elif density * extent <= 1.0:
        chance = -presence * density * extent * math.expm1(-rate * time)
    else:
        chance = -presence * math.expm1(-density * extent * rate * time)
    hazard = _CERTAIN if chance >= 1.0 else min(-math.log1p(-chance), _CERTAIN)
    return int(np.int64(hazard * _UNIT + 0.5))


@kernel
def _turn(
    piece: int,
    step: int,
    nearest: int,
    time: float,
    owner: Integers,
    laws: Floats,
    pieces: Integers,
    hazard: Integers,
) -> None:
    """Take up (step 1) or lose (-1) a piece whose class is ``nearest``; what lies nearer is met first."""
    law = laws[owner[piece]]
    known, day, night = -1, 0, 0
    for k in range(nearest, hazard.shape[1]):
        before = pieces[owner[piece], k]
        pieces[owner[piece], k] += step
        if before != known:
            known = before
            day = _hazard(before + step, law[0], law[1], law[3], law[4], time)
            day -= _hazard(before, law[0], law[1], law[3], law[4], time)
            night = day
            if law[1] != law[2]:
                night = _hazard(before + step, law[0], law[2], law[3], law[4], time)
                night -= _hazard(before, law[0], law[2], law[3], law[4], time)
        hazard[0, k] += day
        hazard[1, k] += night


@kernel
def _events(
    n_bins: int, n_near: int, radius: Floats, theta: Floats, x: Floats, edge: Floats
) -> tuple[Floats, Integers, Integers]:
    """Where pieces enter and leave the turning cloud: angle [bins], piece, +1 or -1; those at 0 lie inside there."""
    room, n = 4 * n_near + 64, 0
    at, piece, step = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    angle = np.empty(2 * x.size + 6)
    full = float(n_bins)
    for i in range(n_near):
        ends = crossings(radius[i], x, edge, angle)
        if n + 3 * ends > room:
            room = 2 * room + 3 * ends
            at = np.concatenate((at, np.empty(room - at.size)))
            piece = np.concatenate((piece, np.empty(room - piece.size, np.int64)))
            step = np.concatenate((step, np.empty(room - step.size, np.int64)))
        for k in range(0, ends, 2):
            for side in (-1.0, 1.0):
                low, high = angle[k], angle[k + 1]
                if low == 0.0:  # both sides are one stretch
                    low = -high
                    if side < 0.0:
                        continue
                # inside while the wind blows to an angle from theta - high to theta - low, and mirrored
                begin = (theta[i] + (low if side > 0.0 else -high)) / (2.0 * math.pi) * full
                length = (high - low) / (2.0 * math.pi) * full
                begin -= math.floor(begin / full) * full
                if begin >= full:
                    begin = 0.0
                if length >= full:
                    begin, length = 0.0, full
                at[n], piece[n], step[n] = begin, i, 1
                n += 1
                if begin + length < full:
                    at[n], piece[n], step[n] = begin + length, i, -1
                    n += 1
                elif begin + length > full:
                    at[n], piece[n], step[n] = 0.0, i, 1
                    at[n + 1], piece[n + 1], step[n + 1] = begin + length - full, i, -1
                    n += 2
    return at[:n], piece[:n], step[:n]


@kernel
def _chances(hazard: Integers, out: Floats) -> None:
    """Chance of ignition at all (row 0) and first in each class, by day and by night; shape (2, 1 + n_classes)."""
    last = hazard.shape[1] - 1
    for period in range(2):
        out[period, 0] = -math.expm1(-hazard[period, last] / _UNIT)
        before = 0
        for k in range(last + 1):
            own = hazard[period, k] - before
            out[period, 1 + k] = 0.0
            if own > 0:
                out[period, 1 + k] = -math.exp(-before / _UNIT) * math.expm1(-own / _UNIT)
            before = hazard[period, k]


@kernel
def _one(
    radius: Floats,
    theta: Floats,
    owner: Integers,
    laws: Floats,
    x: Floats,
    edge: Floats,
    time: float,
    farthest: float,
    n_classes: int,
    day: Floats,
    out: Floats,
) -> None:
    n_bins = out.shape[1]
    n_near = int(np.searchsorted(radius, farthest, side="right"))
    if n_near == 0:
        return
    at, piece, step = _events(n_bins, n_near, radius, theta, x, edge)
    order = np.argsort(at)
    pieces = np.zeros((laws.shape[0], n_classes), np.int64)
    hazard, chance = np.zeros((2, n_classes), np.int64), np.zeros((2, 1 + n_classes))
    position, known = 0.0, True
    for e in range(order.size + 1):
        stop = at[order[e]] if e < order.size else float(n_bins)
        if stop > position and not known:
            _chances(hazard, chance)
            known = True
        while position < stop:
            b = int(position)
            end = min(float(b + 1), stop)
            share = day[b * day.size // n_bins]
            for row in range(1 + n_classes):
                out[row, b] += (end - position) * (share * chance[0, row] + (1.0 - share) * chance[1, row])
            position = end
        if e < order.size:
            i = piece[order[e]]
            nearest = min(int(radius[i] / farthest * n_classes), n_classes - 1)
            _turn(i, step[order[e]], nearest, time, owner, laws, pieces, hazard)
            known = False


@kernel
def ignition_chances(
    radius: Floats,
    theta: Floats,
    owner: Integers,
    laws: Floats,
    start: Integers,
    x: Floats,
    edge: Floats,
    time: Floats,
    farthest: Floats,
    n_classes: Integers,
    day: Floats,
    out: Floats,
) -> None:
    """Chance that each of some clouds of one place is ignited, by the direction in which it drifts.

    Parameters
    ----------
    radius, theta : float64 array, shape (n_pieces,)
        Pieces of ignition sources about the place, by distance [m], and their angle in the polar frame [rad].
    owner : int64 array, shape (n_pieces,)
        Source of each piece.
    laws : float64 array, shape (n_sources, 5)
        Measure, rate by day and by night, presence, density: see
        :class:`parkrisk.scenarios.ignition.sources.IgnitionSources`.
    start : int64 array, shape (n_clouds + 1,)
        Outline i is ``x[start[i]:start[i + 1]]`` and the same of ``edge``: half-width over distance downwind. [m]
    time : float64 array, shape (n_clouds,)
        How long a source is exposed to the cloud. [s]
    farthest : float64 array, shape (n_clouds,)
        No point of the outline is farther from the release. [m]
    n_classes : int64 array, shape (n_clouds,)
        Into how many equal classes this distance is divided.
    day : float64 array, shape (n_clouds, n_sectors)
        Share of the day in the hours of each wind sector.
    out : float64 array, shape (n_clouds, 1 + n, n_bins)
        Zeros; is filled with the mean over each bin: row 0 of ignition at all, row 1 + k of ignition by a source in
        distance class k before any in a nearer one.
    """
    for i in range(time.size):
        part = slice(start[i], start[i + 1])
        n = n_classes[i]
        _one(radius, theta, owner, laws, x[part], edge[part], time[i], farthest[i], n, day[i], out[i, : 1 + n])
