"""Independent cascades along a line, whose work is in proportion to the edges that work.

An edge with chance p has the length -ln(1 - p), so it works when at least one point of a Poisson process falls on it.
The edges of all units that fail are laid end to end on one line and the points are visited in order: nothing is drawn
for edges that do not work, and it does not stop at the end of a row. Several histories share a line, each with its own
bit in the marks of the units, because the end of a line is what a processor cannot foresee.

A line is cut in pieces of equal length; a row starts a new piece and fills the last one with nothing. A row of mean
length has two: shorter pieces leave less of nothing, but are more to lay. On a row it does not matter which points fall
where, only how many each edge gets: a row is cut in as many slots as it has edges, and every slot belongs to one edge
up to a cut and to another one beyond it (alias method).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import kernel, parallel_kernel
from parkrisk.risk.cascades.draws import join, mix
from parkrisk.scenarios.facility.network import Floats, Indices

_STEP = np.uint64(0x9E3779B97F4A7C15)
BLOCKS, _BLOCK = 64, 32  # of histories, each with its own draws and counts; the fewest histories that are worth one
_WAYS = 256  # drawn at once
_TOGETHER = 64  # histories that may share a line, one bit each ...
_LINE = 2**18  # ... as long as it does not get longer than this
_AT_ONCE = 4  # pieces that are laid without asking whether the row has them
MOST_UNITS = 2**26  # what the number of a unit has room for in a piece
_SURE = 1.0 - 2.0**-53
_SUREST = 37.5  # length of an edge that always works: its miss is rarer than 1e-16
_SAME = 1e-12  # edges of a row as long as each other
_ROOT_HALF = np.int64(0x3FE6A09E667F3BCD)  # bits of √½
_LN_2 = math.log(2.0)
_ONE, _SIX, _HALF = np.uint64(1), np.uint64(6), np.uint64(32)
_LOW_SIX, _LOW_HALF, _ALL = np.uint64(0x3F), np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFFFFFFFFFF)

#: A unit: its first slot, its number of edges, slots per piece of the line, pieces, and a bit for each history in which
#: it has failed. Every row ends with a slot for the unit after the last, which has always failed.
_UNIT = np.dtype(
    [
        ("start", np.uint32),
        ("edges", np.uint32),
        ("slots", np.float64),
        ("pieces", np.uint32),
        ("failed", np.uint64),
    ],
    align=True,
)
_Units = NDArray[np.void]
_Words = NDArray[np.uint64]
_Counts = NDArray[np.int64]


@kernel
def _draw_ways(key: np.uint64, mean: float, ways: Floats) -> None:
    """Fill ``ways`` with exponential numbers: distances between points.

    -ln u by exponent and 2 artanh((m - 1) / (m + 1)), √½ < m < √2, to 3e-16 relative: unlike a library's logarithm, a
    processor does several at once.
    """
    for i in range(ways.size):
        u = np.float64(np.int64(mix(key + np.uint64(i) * _STEP) >> np.uint64(11))) + 0.5  # times 2^-53
        bits = np.float64(u).view(np.int64)
        exponent = (bits - _ROOT_HALF) >> 52
        mantissa = np.int64(bits - (exponent << 52)).view(np.float64)
        s = (mantissa - 1.0) / (mantissa + 1.0)
        series = 0.0
        for k in range(19, 0, -2):
            series = series * (s * s) + 1.0 / k
        ways[i] = ((53 - exponent) * _LN_2 - 2.0 * s * series) * mean


@kernel
def _share_slots(
    start: _Counts,
    stop: _Counts,
    length: Floats,
    target: NDArray[np.uint32],
    cut: Floats,
    other: NDArray[np.uint32],
) -> None:
    """Give what long edges have beyond a slot to the slots of short ones, so that no slot is left empty."""
    for u in range(start.size):
        first, last = start[u], stop[u]
        slot = length[first:last].sum() / max(1, last - first)
        short, long = first, first
        while long < last and length[long] <= slot:
            long += 1
        rest = length[long] if long < last else 0.0
        while long < last:
            if rest > slot:
                while short < last and length[short] > slot:
                    short += 1
                if short == last:
                    break
                at, own = short, length[short]
                other[at] = target[long]
                rest -= slot - own
                short += 1
            else:
                at, own = long, rest
                long += 1
                while long < last and length[long] <= slot:
                    long += 1
                if long == last:
                    break
                other[at] = target[long]
                rest += length[long] - slot
            cut[at] = own / slot


@kernel
def _lay_seeds(seeds: Indices, together: int, unit: _Units, line: _Words) -> int:
    """Lay the rows of the seeds of all histories on the line; pieces per history.

    A piece holds the place where its row starts, the unit and the history.
    """
    size = 0
    for h in range(together):
        for v in seeds:
            row = np.uint64(size)
            for _ in range(unit[v]["pieces"]):
                line[size] = (row << _HALF) | (np.uint64(v) << _SIX) | np.uint64(h)
                size += 1
    return size // together


@kernel
def _spread(
    size: int,
    place: float,
    key: np.uint64,
    used: np.uint64,
    mean: float,
    ways: Floats,
    line: _Words,
    fallen: _Words,
    unit: _Units,
    target: NDArray[np.uint32],
    cut: Floats,
    other: NDArray[np.uint32],
    even: bool,
) -> tuple[np.int64, float, np.uint64, np.uint64]:
    """Visit the points of a line to its end, laying on it the rows of the units that fail; how many these are.

    ``fallen`` tells which unit failed in which history, with room for one more than there can be.

    Without branches but for its end, and indices have no sign (numba looks whether one is negative).
    """
    count = np.uint64(0)
    at = np.int64(place)
    while at < size:
        piece = line[np.uint64(at)]
        who = piece & _LOW_HALF
        history, u = who & _LOW_SIX, who >> _SIX
        along = (place - np.int64(piece >> _HALF)) * unit[u]["slots"]
        slot = np.int64(along)
        edge = np.uint64(unit[u]["start"]) + np.uint64(min(slot, np.int64(unit[u]["edges"])))
        v = np.uint64(target[edge])
        if not even:
            v ^= (v ^ np.uint64(other[edge])) * np.uint64(along - slot >= cut[edge])
        marks = unit[v]["failed"]
        fails = ~(marks >> history) & _ONE
        unit[v]["failed"] = marks | (fails << history)
        who = (v << _SIX) | history
        fallen[count] = who
        count += fails
        piece = (np.uint64(size) << _HALF) | who
        for k in range(_AT_ONCE):
            line[np.uint64(size + k)] = piece
        pieces = int(np.uint64(unit[v]["pieces"]) * fails)
        if pieces > _AT_ONCE:
            for k in range(_AT_ONCE, pieces):
                line[np.uint64(size + k)] = piece
        size += pieces
        place += ways[used]
        used += _ONE
        if used == np.uint64(ways.size):
            key += np.uint64(ways.size) * _STEP
            _draw_ways(key, mean, ways)
            used = np.uint64(0)
        at = np.int64(place)
    return np.int64(count), place - size, key, used


@kernel
def _count(fallen: _Words, unit: _Units, caused: _Counts, failures: _Counts) -> None:
    """Count the failures beyond the seeds, by unit and by history, and forget them."""
    caused[:] = 0
    for who in fallen:
        failures[who >> _SIX] += 1
        caused[who & _LOW_SIX] += 1
        unit[who >> _SIX]["failed"] = np.uint64(0)


@kernel
def _play_block(
    histories: int,
    mean: float,
    seeds: Indices,
    unit: _Units,
    target: NDArray[np.uint32],
    cut: Floats,
    other: NDArray[np.uint32],
    even: bool,
    room: int,
    together: int,
    key: np.uint64,
    failures: _Counts,
    sizes: _Counts,
) -> None:
    """Play so many histories. What is left of a way at the end of a line is good for the next one."""
    line, fallen = np.empty(room, np.uint64), np.empty(together * unit.size + 1, np.uint64)
    ways, caused = np.empty(_WAYS), np.zeros(together, np.int64)
    pieces = _lay_seeds(seeds, together, unit, line)
    _draw_ways(key, mean, ways)
    place, used = ways[0], _ONE
    for done in range(0, histories, together):
        batch = min(together, histories - done)
        first = batch * pieces
        if place >= first:
            place -= first
            sizes[seeds.size] += batch
            continue
        for v in seeds:
            unit[v]["failed"] = _ALL
        count, place, key, used = _spread(
            first, place, key, used, mean, ways, line, fallen, unit, target, cut, other, even
        )
        _count(fallen[:count], unit, caused, failures)
        for h in range(batch):
            sizes[seeds.size + caused[h]] += 1
    for v in seeds:
        failures[v] += histories


@parallel_kernel
def _play_blocks(
    histories: int,
    mean: float,
    seeds: Indices,
    unit: _Units,
    target: NDArray[np.uint32],
    cut: Floats,
    other: NDArray[np.uint32],
    even: bool,
    room: int,
    together: int,
    blocks: int,
    first: np.uint64,
    seed: np.uint64,
) -> tuple[_Counts, _Counts]:
    n = unit.size - 1
    failures, sizes = np.zeros((blocks, n), np.int64), np.zeros((blocks, n + 1), np.int64)
    for block in prange(blocks):
        _play_block(
            (histories + block) // blocks,
            mean,
            seeds,
            unit.copy(),
            target,
            cut,
            other,
            even,
            room,
            together,
            join(seed, first + np.uint64(block)),
            failures[block],
            sizes[block],
        )
    return failures, sizes


class Rows(NamedTuple):
    """Units and slots for the kernels; ``mean``: distance between points, ``even``: every slot is of one edge."""

    unit: _Units
    target: NDArray[np.uint32]
    cut: Floats
    other: NDArray[np.uint32]
    even: bool
    mean: float


def rows_of(start: NDArray[np.int64], target: Indices, probability: Floats) -> Rows:
    """Cut edges by rows, with their chances, into slots."""
    n = start.size - 1
    works = probability > 0.0
    row = np.repeat(np.arange(n), np.diff(start))[works]
    edges = np.bincount(row, minlength=n)
    ends = np.cumsum(edges)
    length = np.where(probability < _SURE, -np.log1p(-np.minimum(probability, _SURE)), _SUREST)[works]
    total = np.bincount(row, weights=length, minlength=n)
    piece = 0.5 * float(total.mean()) or 1.0
    unit = np.zeros(n + 1, _UNIT)
    unit["start"][:n] = ends - edges + np.arange(n)
    unit["edges"][:n] = edges
    unit["slots"][:n] = np.divide(edges * piece, total, out=np.zeros(n), where=total > 0.0)
    unit["pieces"][:n] = np.maximum(1.0, np.ceil(total / piece))
    unit["failed"][n] = _ALL
    to = target[works].astype(np.uint32)
    cut, other = np.ones(to.size), to.copy()
    even = bool(np.all(np.abs(length * edges[row] / total[row] - 1.0) < _SAME))
    if not even:
        _share_slots(ends - edges, ends, length, to, cut, other)
    return Rows(unit, np.insert(to, ends, n), np.insert(cut, ends, 1.0), np.insert(other, ends, n), even, 1.0 / piece)


def play_lines(rows: Rows, seeds: Indices, histories: int, first: int, seed: int) -> tuple[_Counts, _Counts]:
    """Failures by unit and histories by number of failures; blocks of histories have keys from ``first`` on."""
    pieces = int(rows.unit["pieces"].sum(dtype=np.int64))
    together = max(1, min(_TOGETHER, _LINE // pieces))
    failures, sizes = _play_blocks(
        histories,
        rows.mean,
        seeds,
        rows.unit,
        rows.target,
        rows.cut,
        rows.other,
        rows.even,
        together * pieces + _AT_ONCE,
        together,
        max(1, min(BLOCKS, histories // _BLOCK)),
        np.uint64(first),
        np.uint64(seed),
    )
    return failures.sum(axis=0), sizes.sum(axis=0)
