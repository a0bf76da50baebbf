"""Units that a change of the park touches, and whether they stand through a history that came about before it.

A unit that stands does nothing to others, so a history in which it did not fail goes on as before if it does not fail
now. Its load never exceeds the sum of all that the fires of the history put on it: below its threshold it stands.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import inlined_kernel, kernel
from parkrisk.risk.cascades.at_once import blast_draw, hit_draw
from parkrisk.risk.cascades.direct import entry_chance
from parkrisk.risk.cascades.history import place_in
from parkrisk.risk.cascades.records import BLAST, HEAT, HIT, Records, Triples
from parkrisk.scenarios.facility.network import Indices, Network

__all__ = ["ASIDE", "LOADS", "TIPS", "acts_on", "all_stand"]

ASIDE, LOADS, TIPS = 0, 1, 2  #: what a source does to marked units: nothing, heat that alone fails none, more than that
_ROUNDING = 1.0 + 1e-9  # of sums of loads


@kernel
def _met(start: NDArray[np.int64], target: Indices, marked: NDArray[np.bool_]) -> NDArray[np.int8]:
    """What each row of blast or fragments does to marked units."""
    rows = np.full(start.size - 1, ASIDE, np.int8)
    for at in range(rows.size):
        for i in range(start[at], start[at + 1]):
            if marked[target[i]]:
                rows[at] = TIPS
    return rows


@kernel
def _heated(net: Network, marked: NDArray[np.bool_], static: bool) -> NDArray[np.int8]:
    """What each row of heat does to marked units."""
    rows = np.full(net.heat_start.size - 1, ASIDE, np.int8)
    for at in range(rows.size):
        duration = math.inf if static else net.heat_duration[at]
        for i in range(net.heat_start[at], net.heat_start[at + 1]):
            if marked[net.heat_target[i]]:
                rows[at] = max(rows[at], TIPS if entry_chance(net, i, duration, 1.0, 0.0) > 0.0 else LOADS)
    return rows


def acts_on(net: Network, marked: NDArray[np.bool_], static: bool) -> NDArray[np.int8]:
    """What each source does to marked units if no barrier works: `ASIDE`, `LOADS` or `TIPS`, shape (n_sources,)."""
    heat = np.append(_heated(net, marked, static), np.int8(ASIDE))[net.heat_row]  # the last: no row
    blast = np.append(_met(net.blast_start, net.blast_target, marked), np.int8(ASIDE))[net.blast_row]
    thrown = np.append(_met(net.fragment_start, net.fragment_target, marked), np.int8(ASIDE))[net.fragment_row]
    worst: NDArray[np.int8] = np.maximum(np.maximum(heat, blast).max(axis=1, initial=ASIDE), thrown)
    return worst


@inlined_kernel
def _place(w: int, at: int, entry: Records, span: Records) -> int:
    """Entry of a unit in a row, -1: none."""
    return place_in(w, span[at]["start"], span[at]["stop"], entry) if at >= 0 else -1


@inlined_kernel
def all_stand(
    suspects: Indices,
    wary: NDArray[np.bool_],
    source: int,
    wind: int,
    base: np.uint64,
    failed: Indices,
    unit: Records,
    entry: Records,
    span: Records,
    row: Triples,
) -> bool:
    """Whether no suspect can fail in a history.

    Parameters
    ----------
    suspects, wary : arrays
        As in `risk.cascades.logs.Known`.
    source, wind, base
        Primary event, which alone fails no suspect, wind class and key of the history.
    failed : int32 array
        Units that fail.
    unit, entry, span, row
        See `risk.cascades.records`.
    """
    for w in suspects:
        place = _place(w, row[source, wind, HEAT], entry, span)
        load = entry[place]["load"] if place >= 0 else 0.0
        for v in failed:
            if not wary[v]:
                continue
            burns, bursts = unit[v]["heat"], unit[v]["blast"]
            if burns >= 0:
                place = _place(w, row[burns, wind, HEAT], entry, span)
                load += entry[place]["load"] if place >= 0 else 0.0
            if bursts >= 0:
                place = _place(w, row[bursts, wind, BLAST], entry, span)
                if place >= 0 and blast_draw(w, base, unit) < entry[place]["chance"]:
                    return False
                place = _place(w, row[bursts, wind, HIT], entry, span)
                if place >= 0 and hit_draw(v, w, base, unit) < entry[place]["chance"]:
                    return False
        if load * _ROUNDING >= unit[w]["threshold"]:
            return False
    return True
