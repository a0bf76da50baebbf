"""What happens at once when a unit fails: its blast and its fragments; and how a history opens."""

import numpy as np

from parkrisk.models._jit import inlined_kernel
from parkrisk.risk.cascades.draws import join, uniform
from parkrisk.risk.cascades.records import (
    DRAWN_LIST,
    FAILED,
    FAILED_LIST,
    PARENT_LIST,
    Lists,
    Records,
    Sizes,
    set_due,
    touch,
)

_BLAST = np.uint64(0xA5A5A5A55A5A5A5B)  # tells a unit's blast draw from its heat draw ...
_HIT = np.uint64(0x3C6EF372FE94F82B)  # ... and from those of fragments


@inlined_kernel
def fail(v: int, parent: int, time: float, unit: Records, lists: Lists, size: Sizes) -> None:
    """Let a unit fail because of its parent."""
    set_due(v, np.inf, unit, lists, size)
    k = size[FAILED_LIST]
    unit[v]["status"] = FAILED
    unit[v]["entry"] = k
    unit[v]["order"] = unit[parent]["order"] + 1
    unit[v]["path"] = join(unit[parent]["path"], unit[v]["key"])
    unit[v]["time"] = time
    lists[FAILED_LIST, k] = v
    lists[PARENT_LIST, k] = parent
    size[FAILED_LIST] = k + 1


@inlined_kernel
def _conditional(u: float, p: float, any_: float) -> tuple[float, bool]:
    """Turn a uniform draw into one given that this chance or a later one comes true; whether this one does."""
    share = p / any_
    if u < share:
        return u * any_, True
    return p + (1.0 - p) * (u - share) / (1.0 - share), False


@inlined_kernel
def _any_of(span: Records, entry: Records, row: int) -> float:
    if row < 0 or span[row]["start"] == span[row]["stop"]:
        return 0.0
    return float(entry[span[row]["start"]]["any"])


@inlined_kernel
def open_history(
    primary: int,
    heat: int,
    blast: int,
    hit: int,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
) -> None:
    """Draw who fails directly, given that at least one would without barriers.

    Victims of blast and fragments fail at once, those of heat when they are due.
    """
    struck = _any_of(span, entry, hit)
    blown = _any_of(span, entry, blast)
    blown += (1.0 - blown) * struck
    found = False
    if heat >= 0:
        for i in range(span[heat]["start"], span[heat]["stop"]):
            p = entry[i]["chance"]
            if found:
                break  # an unset draw is the plain one, taken when it is needed
            if p > 0.0:
                v = entry[i]["target"]
                any_ = entry[i]["any"] + (1.0 - entry[i]["any"]) * blown
                unit[v]["draw"], found = _conditional(uniform(base ^ unit[v]["key"]), p, any_)
                touch(v, unit, lists, size)
    if blast >= 0:
        for i in range(span[blast]["start"], span[blast]["stop"]):
            p = entry[i]["chance"]
            v = entry[i]["target"]
            u = uniform(base ^ unit[v]["key"] ^ _BLAST)
            if not found and p > 0.0:
                any_ = entry[i]["any"] + (1.0 - entry[i]["any"]) * struck
                u, found = _conditional(u, p, any_)
                unit[v]["blast_draw"] = u
                lists[DRAWN_LIST, size[DRAWN_LIST]] = v
                size[DRAWN_LIST] += 1
            if u < p:
                touch(v, unit, lists, size)
                fail(v, primary, 0.0, unit, lists, size)
    if hit >= 0:
        for i in range(span[hit]["start"], span[hit]["stop"]):
            p = entry[i]["chance"]
            v = entry[i]["target"]
            u = hit_draw(primary, v, base, unit)
            if not found and p > 0.0:
                u, found = _conditional(u, p, entry[i]["any"])
            if u < p and unit[v]["status"] != FAILED:
                touch(v, unit, lists, size)
                fail(v, primary, 0.0, unit, lists, size)


@inlined_kernel
def blast_draw(v: int, base: np.uint64, unit: Records) -> float:
    """Draw of a unit against every blast: it fails where the chance is above."""
    drawn = unit[v]["blast_draw"]
    return drawn if drawn >= 0.0 else uniform(base ^ unit[v]["key"] ^ _BLAST)


@inlined_kernel
def hit_draw(thrower: int, v: int, base: np.uint64, unit: Records) -> float:
    """Draw of a unit against the fragments of one thrower: it fails where the chance is above."""
    return uniform(base ^ join(unit[thrower]["key"], unit[v]["key"]) ^ _HIT)


@inlined_kernel
def burst(
    v: int,
    blast: int,
    hit: int,
    time: float,
    base: np.uint64,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
) -> None:
    """What the blast and the fragments of a unit do at once."""
    if blast >= 0:
        for i in range(span[blast]["start"], span[blast]["stop"]):
            w = entry[i]["target"]
            if unit[w]["status"] != FAILED and blast_draw(w, base, unit) < entry[i]["chance"]:
                touch(w, unit, lists, size)
                fail(w, v, time, unit, lists, size)
    if hit >= 0:
        for i in range(span[hit]["start"], span[hit]["stop"]):
            w = entry[i]["target"]
            if unit[w]["status"] != FAILED and hit_draw(v, w, base, unit) < entry[i]["chance"]:
                touch(w, unit, lists, size)
                fail(w, v, time, unit, lists, size)
