"""Independent cascades in 64 histories at once, one bit of a word each.

An edge gets a word that tells in which histories it works, and units pass words on until none has anything new. The
work hardly depends on how many units fail, so this is for facilities where most do.
"""

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import inlined_kernel, kernel, parallel_kernel
from parkrisk.risk.cascades.draws import join, mix
from parkrisk.scenarios.facility.network import Floats, Indices

TOGETHER = 64  # histories, one bit each
_STEP = np.uint64(0x9E3779B97F4A7C15)
_BLOCKS = 64  # of histories, each with its own draws and counts
_LEVELS = 16  # digits that all edges look at; after them an edge in a thousand has a history that is still open
_DIGITS = 64
_ONE, _TOP, _ALL = np.uint64(1), np.uint64(63), np.uint64(0xFFFFFFFFFFFFFFFF)

_Words = NDArray[np.uint64]
_Counts = NDArray[np.int64]


def digits(probability: Floats) -> _Words:
    """Binary digits of chances, the first one at the top; a 1 has ones only, which is 2^-64 less."""
    sure = probability >= 1.0
    return np.where(sure, _ALL, (np.where(sure, 0.0, probability) * 2.0**_DIGITS).astype(np.uint64))


@inlined_kernel
def _look(
    key: np.uint64, at: np.uint64, chance: np.uint64, below: np.uint64, same: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Compare one more digit of 64 random numbers with that of a chance: which are below, which are the same."""
    drawn = mix(key + at * _STEP)
    digit = np.uint64(0) - ((chance >> (_TOP - (at & _TOP))) & _ONE)
    return below | (same & ~drawn & digit), same & ~(drawn ^ digit)


@kernel
def _draw_edges(key: np.uint64, chance: _Words, works: _Words, unsure: _Words) -> None:
    """In which histories each edge works: a bit is set with its chance, to 2^-64."""
    for e in range(chance.size):
        below, same = np.uint64(0), _ALL
        for k in range(_LEVELS):
            below, same = _look(key, np.uint64(e * _DIGITS + k), chance[e], below, same)
        works[e], unsure[e] = below, same
    for e in range(chance.size):
        if unsure[e]:
            below, same = works[e], unsure[e]
            for k in range(_LEVELS, _DIGITS):
                below, same = _look(key, np.uint64(e * _DIGITS + k), chance[e], below, same)
            works[e] = below


@kernel
def _pass_on(
    start: _Counts,
    target: Indices,
    works: _Words,
    failed: _Words,
    new: _Words,
    turn: Indices,
    after: Indices,
    size: int,
) -> None:
    """Let units that have failed in new histories try their edges there, turn by turn, until nothing is new.

    ``turn`` and ``after`` have room for one more than all units, because writing is not a matter of a branch.
    """
    waiting = np.int64(size)
    while waiting > 0:
        many = np.uint64(0)
        for i in range(waiting):
            u = np.uint64(turn[i])
            fresh = new[u]
            new[u] = np.uint64(0)
            for e in range(np.uint64(start[u]), np.uint64(start[u + _ONE])):
                v = np.uint64(target[e])
                had, waits = failed[v], new[v]
                more = works[e] & fresh & ~had
                failed[v], new[v] = had | more, waits | more
                after[many] = np.int32(v)
                many += np.uint64((waits == np.uint64(0)) & (more != np.uint64(0)))
        turn, after, waiting = after, turn, np.int64(many)


@kernel
def _count(failed: _Words, failures: _Counts, size: _Counts) -> None:
    """Count failures, by unit and by history."""
    size[:] = 0
    for v in range(failed.size):
        word = failed[v]
        many = np.int64(0)
        for h in range(TOGETHER):
            bit = np.int64((word >> np.uint64(h)) & _ONE)
            size[h] += bit
            many += bit
        failures[v] += many


@kernel
def _play_block(
    histories: int,
    start: _Counts,
    target: Indices,
    chance: _Words,
    seeds: Indices,
    key: np.uint64,
    failures: _Counts,
    sizes: _Counts,
) -> None:
    n = failures.size
    works, unsure = np.empty(chance.size, np.uint64), np.empty(chance.size, np.uint64)
    failed, new, size = np.zeros(n, np.uint64), np.zeros(n, np.uint64), np.empty(TOGETHER, np.int64)
    turn, after = np.empty(n + 1, np.int32), np.empty(n + 1, np.int32)
    for done in range(0, histories, TOGETHER):
        batch = min(TOGETHER, histories - done)
        played = _ALL >> np.uint64(TOGETHER - batch)
        _draw_edges(join(key, np.uint64(done)), chance, works, unsure)
        failed[:] = 0
        for i in range(seeds.size):
            turn[i] = seeds[i]
            failed[seeds[i]] = new[seeds[i]] = played
        _pass_on(start, target, works, failed, new, turn, after, seeds.size)
        _count(failed, failures, size)
        for h in range(batch):
            sizes[size[h]] += 1


@parallel_kernel
def _play_blocks(
    histories: int,
    start: _Counts,
    target: Indices,
    chance: _Words,
    seeds: Indices,
    blocks: int,
    first: np.uint64,
    seed: np.uint64,
) -> tuple[_Counts, _Counts]:
    n = start.size - 1
    failures, sizes = np.zeros((blocks, n), np.int64), np.zeros((blocks, n + 1), np.int64)
    for block in prange(blocks):
        _play_block(
            (histories + block) // blocks,
            start,
            target,
            chance,
            seeds,
            join(seed, first + np.uint64(block)),
            failures[block],
            sizes[block],
        )
    return failures, sizes


def play_worlds(
    start: _Counts, target: Indices, probability: Floats, seeds: Indices, histories: int, first: int, seed: int
) -> tuple[_Counts, _Counts]:
    """Failures by unit and histories by number of failures; blocks of histories have keys from ``first`` on."""
    blocks = max(1, min(_BLOCKS, histories // TOGETHER))
    failures, sizes = _play_blocks(
        histories, start, target, digits(probability), seeds, blocks, np.uint64(first), np.uint64(seed)
    )
    return failures.sum(axis=0), sizes.sum(axis=0)
