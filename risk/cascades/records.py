"""Arrays of records on which the cascade kernels work.

Few arrays of records instead of many arrays: numba counts references to every array that a tuple holds at every call,
which cost more than the physics.
"""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import inlined_kernel, kernel
from parkrisk.risk.cascades.direct import Direct
from parkrisk.scenarios.facility.network import Floats, Network

STANDING, FAILED, SAFE = 0, 1, 2  # values of "status"; safe from heat for good
UNTOUCHED, TOUCHED, PRIMARY = -3, -2, -1  # values of "entry" of units that did not fail in the cascade
NOBODY, LOST = -1, -2  # values of "by"
TOUCHED_LIST, DRAWN_LIST, BURNING_LIST, DUE_LIST, FAILED_LIST, PARENT_LIST = 0, 1, 2, 3, 4, 5
N_LISTS = 6

#: A unit: its constants (see `Network`), then the state of the history, at its defaults unless the unit was touched.
#: What a change of its load reads and writes comes first, so that it lies together.
UNIT = np.dtype(
    [
        ("status", np.int32),
        ("entry", np.int32),  # place of the failure in the history
        ("factor", np.float64),  # share of the heat that its deluge lets through; negative: not drawn yet
        ("rate", np.float64),
        ("since", np.float64),
        ("left", np.float64),  # time that its fireproofing still takes ...
        ("dose", np.float64),
        ("load", np.float64),
        ("threshold", np.float64),
        ("clock", np.float64),  # moment of protection (dynamic) or critical load (static); negative: not drawn yet
        ("shell", np.float64),
        ("exponent", np.float64),
        ("due", np.float64),
        ("most", np.float64),  # largest load put on it so far
        ("by", np.int32),  # the burning unit that puts that load on it; NOBODY, or LOST: its fire is out
        ("place", np.int32),  # in the list of units that are due; -1: not there
        ("key", np.uint64),
        ("draw", np.float64),  # heat and blast draws set by the opening; negative: not set
        ("clock_mean", np.float64),
        ("clock_deviation", np.float64),
        ("ends", np.float64),
        ("time", np.float64),  # of failure
        ("path", np.uint64),
        ("heat", np.int32),  # source of its heat and of its blast and fragments when it fails
        ("blast", np.int32),
        ("fire", np.int32),  # source of the heat that it gives off; -1: none
        ("order", np.int32),
        ("blast_draw", np.float64),
        ("kept", np.float64),  # ... of so much in this history
        ("delay", np.float64),
        ("delay_fails", np.float64),
        ("deluge_factor", np.float64),
        ("deluge_fails", np.float64),
        ("system_key", np.uint64),
        ("system_fails", np.float64),
    ],
    align=True,
)
#: An entry of a row: unit, its place among all that the fires of single bunds load (-1: no bund), load (heat only),
#: chance that this fails it without barriers, chance that this or a later one of the row fails its unit.
ENTRY = np.dtype(
    [
        ("target", np.int32),
        ("shared", np.int32),
        ("load", np.float64),
        ("chance", np.float64),
        ("any", np.float64),
    ],
    align=True,
)
#: A row: its entries, how long its fire burns, and in which bund (0: none).
SPAN = np.dtype([("start", np.int64), ("stop", np.int64), ("duration", np.float64), ("pool", np.uint64)])
HEAT, BLAST, HIT = 0, 1, 2  #: places in the last dimension of ``row``

Records = NDArray[np.void]
Lists = NDArray[np.int32]
Sizes = NDArray[np.int64]
Places = NDArray[np.intp]
Triples = NDArray[np.int32]


def unit_records(net: Network) -> Records:
    """Units at the start of a history."""
    unit = np.zeros(net.unit_key.size, UNIT)
    unit["key"], unit["shell"], unit["exponent"] = net.unit_key, net.shell, net.heat_exponent
    unit["threshold"], unit["clock_mean"] = net.heat_threshold, net.clock_mean
    unit["clock_deviation"], unit["heat"], unit["blast"] = net.clock_deviation, net.secondary_heat, net.secondary_blast
    unit["delay"], unit["delay_fails"] = net.delay, net.delay_fails
    unit["deluge_factor"], unit["deluge_fails"] = net.deluge_factor, net.deluge_fails
    fed = net.system >= 0
    unit["system_key"][fed] = net.system_key[net.system[fed]]
    unit["system_fails"][fed] = net.system_fails[net.system[fed]]
    unit["factor"] = -1.0
    unit["entry"], unit["place"], unit["by"], unit["fire"] = UNTOUCHED, -1, NOBODY, -1
    unit["clock"] = unit["draw"] = unit["blast_draw"] = -1.0
    unit["due"] = np.inf
    return unit


def load_records(net: Network, direct: Direct, sources: Lists | None = None) -> tuple[Records, Records, Triples]:
    """Rows of loads, as kernels read them.

    Parameters
    ----------
    net : Network
    direct : Direct
    sources : int32 array, optional
        Only the rows of these; those of others are empty.

    Returns
    -------
    entry, span : record arrays
        Entries of heat, then of blast, then of fragments, and their rows.
    row : int32 array, shape (n_sources, n_classes, 3)
        Row of each vector; -1: none.
    """
    thrown = net.fragment_row[:, None]
    vectors = (
        (net.heat_row, net.heat_start, (net.heat_target, direct.heat, direct.heat_any)),
        (net.blast_row, net.blast_start, (net.blast_target, net.blast_probability, direct.blast_any)),
        (thrown, net.fragment_start, (net.fragment_target, net.fragment_probability, direct.fragment_any)),
    )
    row = np.full((*net.heat_row.shape, len(vectors)), -1, np.int32)
    lengths = [np.diff(start) * _used(rows, start.size - 1, sources) for rows, start, _ in vectors]
    entry, span = np.empty(sum(each.sum() for each in lengths), ENTRY), np.zeros(sum(map(len, lengths)), SPAN)
    span["stop"] = np.cumsum(np.concatenate(lengths))
    span["start"] = span["stop"] - np.concatenate(lengths)
    first = moved = 0
    for vector, (length, (rows, start, values)) in enumerate(zip(lengths, vectors, strict=True)):
        kept = np.repeat(length > 0, np.diff(start))
        own = entry[first : first + length.sum()]
        own["target"], own["chance"], own["any"] = (each[kept] for each in values)
        own["load"] = net.heat_load[kept] if vector == HEAT else 0.0
        row[:, :, vector] = np.where(rows >= 0, rows + moved, -1)
        first, moved = first + own.size, moved + length.size
    source, wind = np.nonzero(net.heat_row >= 0)
    span["duration"][: net.heat_duration.size] = net.heat_duration
    span["pool"][net.heat_row[source, wind]] = net.pool[source]
    _number_shared(entry, span, np.argsort(span["pool"], kind="stable"), net.unit_key.size)
    return entry, span, row


@kernel
def _number_shared(entry: Records, span: Records, by_pool: Places, n_units: int) -> None:
    """Give each pair of a bund and a unit that its fires load a number; ``by_pool``: rows ordered by their bund."""
    given = np.full(n_units, -1, np.int32)
    following = first = 0  # number of the next pair; of the first pair of the bund
    for at in range(by_pool.size):
        row = span[by_pool[at]]
        if at > 0 and row["pool"] != span[by_pool[at - 1]]["pool"]:
            first = following
        for i in range(row["start"], row["stop"]):
            entry[i]["shared"] = -1
            if row["pool"] != 0:
                unit = entry[i]["target"]
                if given[unit] < first:
                    given[unit] = following
                    following += 1
                entry[i]["shared"] = given[unit]


def _used(rows: Triples, n_rows: int, sources: Lists | None) -> NDArray[np.bool_]:
    """Which rows some sources have, shape (n_rows,)."""
    used = np.zeros(n_rows + 1, np.bool_)
    used[rows if sources is None else rows[sources]] = True
    return used[:n_rows]  # the last: -1, no row


@inlined_kernel
def clear(
    wind: int,
    unit: Records,
    lists: Lists,
    size: Sizes,
    entry: Records,
    span: Records,
    row: Triples,
    shared: Floats,
) -> None:
    """Bring the touched units, and what bunds share, back to their defaults."""
    for i in range(size[TOUCHED_LIST]):
        u = unit[lists[TOUCHED_LIST, i]]
        at = row[u["fire"], wind, HEAT] if u["fire"] >= 0 else -1
        if at >= 0 and span[at]["pool"] != 0:
            for j in range(span[at]["start"], span[at]["stop"]):
                shared[entry[j]["shared"]] = 0.0
        u["status"] = STANDING
        u["fire"] = -1
        u["factor"] = -1.0
        u["load"] = 0.0
        u["dose"] = 0.0
        u["rate"] = 0.0
        u["since"] = 0.0
        u["clock"] = -1.0
        u["due"] = np.inf
        u["draw"] = -1.0
        u["entry"] = UNTOUCHED
        u["place"] = -1
        u["most"] = 0.0
        u["by"] = NOBODY
    for i in range(size[DRAWN_LIST]):
        unit[lists[DRAWN_LIST, i]]["blast_draw"] = -1.0
    size[:] = 0


@inlined_kernel
def touch(v: int, unit: Records, lists: Lists, size: Sizes) -> None:
    """Remember that a unit takes part."""
    if unit[v]["entry"] == UNTOUCHED:
        unit[v]["entry"] = TOUCHED
        lists[TOUCHED_LIST, size[TOUCHED_LIST]] = v
        size[TOUCHED_LIST] += 1


@inlined_kernel
def set_due(v: int, due: float, unit: Records, lists: Lists, size: Sizes) -> None:
    """Keep the list of units that will fail if nothing changes."""
    unit[v]["due"] = due
    place = unit[v]["place"]
    if due < np.inf and place < 0:
        unit[v]["place"] = size[DUE_LIST]
        lists[DUE_LIST, size[DUE_LIST]] = v
        size[DUE_LIST] += 1
    elif due == np.inf and place >= 0:
        size[DUE_LIST] -= 1
        last = lists[DUE_LIST, size[DUE_LIST]]
        lists[DUE_LIST, place] = last
        unit[last]["place"] = place
        unit[v]["place"] = -1
