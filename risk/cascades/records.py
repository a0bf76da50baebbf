"""Arrays of records on which the cascade kernels work.

Few arrays of records instead of many arrays: numba counts references to every array that a tuple holds at every call,
which cost more than the physics.
"""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.scenarios.network import Network

STANDING, FAILED = 0, 1  # values of "status"
UNTOUCHED, TOUCHED, PRIMARY = -3, -2, -1  # values of "entry" of units that did not fail in the cascade
NOBODY, LOST = -1, -2  # values of "by"
TOUCHED_LIST, DRAWN_LIST, BURNING_LIST, DUE_LIST, FAILED_LIST, PARENT_LIST = 0, 1, 2, 3, 4, 5
N_LISTS = 6

#: A unit: its constants (see `Network`), then the state of the history, at its defaults unless the unit was touched.
UNIT = np.dtype(
    [
        ("key", np.uint64),
        ("shell", np.float64),
        ("exponent", np.float64),
        ("threshold", np.float64),
        ("clock_mean", np.float64),
        ("clock_deviation", np.float64),
        ("heat", np.int32),  # source of its heat and of its blast when it fails
        ("blast", np.int32),
        ("load", np.float64),
        ("dose", np.float64),
        ("rate", np.float64),
        ("since", np.float64),
        ("clock", np.float64),  # moment of protection (dynamic) or critical load (static); negative: not drawn yet
        ("due", np.float64),
        ("ends", np.float64),
        ("time", np.float64),  # of failure
        ("draw", np.float64),  # heat and blast draws set by the opening; negative: not set
        ("blast_draw", np.float64),
        ("most", np.float64),  # largest load put on it so far
        ("path", np.uint64),
        ("status", np.int32),
        ("entry", np.int32),  # place of the failure in the history
        ("order", np.int32),
        ("by", np.int32),  # the burning unit that puts that load on it; NOBODY, or LOST: its fire is out
        ("place", np.int32),  # in the list of units that are due; -1: not there
    ]
)
#: An entry of a row: loaded unit, load, chance that this alone fails the unit, chance that this or a later one does.
LOAD = np.dtype([("target", np.int32), ("load", np.float64), ("chance", np.float64), ("any", np.float64)])
#: A row: its entries, and how long its fire burns.
ROW = np.dtype([("start", np.int64), ("stop", np.int64), ("duration", np.float64)])

Records = NDArray[np.void]
Lists = NDArray[np.int32]
Sizes = NDArray[np.int64]
Pairs = NDArray[np.int32]


def unit_records(net: Network) -> Records:
    """Units at the start of a history."""
    unit = np.zeros(net.unit_key.size, UNIT)
    unit["key"], unit["shell"], unit["exponent"] = net.unit_key, net.shell, net.heat_exponent
    unit["threshold"], unit["clock_mean"] = net.heat_threshold, net.clock_mean
    unit["clock_deviation"], unit["heat"], unit["blast"] = net.clock_deviation, net.secondary_heat, net.secondary_blast
    unit["entry"], unit["place"], unit["by"] = UNTOUCHED, -1, NOBODY
    unit["clock"] = unit["draw"] = unit["blast_draw"] = -1.0
    unit["due"] = np.inf
    return unit


@kernel
def clear(unit: Records, lists: Lists, size: Sizes) -> None:
    """Bring the touched units back to their defaults."""
    for i in range(size[TOUCHED_LIST]):
        u = unit[lists[TOUCHED_LIST, i]]
        u["status"] = STANDING
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


@kernel
def touch(v: int, unit: Records, lists: Lists, size: Sizes) -> None:
    """Remember that a unit takes part."""
    if unit[v]["entry"] == UNTOUCHED:
        unit[v]["entry"] = TOUCHED
        lists[TOUCHED_LIST, size[TOUCHED_LIST]] = v
        size[TOUCHED_LIST] += 1


@kernel
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
