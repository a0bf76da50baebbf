"""A network arranged for walks, and what a walk remembers. `parkrisk.risk.solvers.walk` walks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import borrowed, inlined_kernel
from parkrisk.risk.cascades.direct import direct_escalation
from parkrisk.risk.cascades.records import Records, load_records
from parkrisk.scenarios.facility.network import Indices, Network

_UNIT = np.dtype(
    [
        ("shell", np.float64),
        ("exponent", np.float64),
        ("threshold", np.float64),
        ("clock_mean", np.float64),
        ("clock_deviation", np.float64),
        ("heat", np.int32),  # source of its heat when it fails, and of its blast and fragments
        ("blast", np.int32),
        ("first", np.int32),  # its cases
        ("stop", np.int32),
        ("system", np.int32),
    ],
    align=True,
)
#: A state of a unit's barriers, and its chance while the shared supply is up, and while it is down.
_CASE = np.dtype([("factor", np.float64), ("delay", np.float64), ("up", np.float64), ("down", np.float64)])

_HEAD = np.dtype(
    [
        ("time", np.float64),
        ("weight", np.float64),  # likelihood of the supplies met so far, against how they were drawn
        ("gain", np.float64),  # what a unit has stood in all if it stands the decision
        ("kind", np.int64),  # of the decision: heat, blast or hit
        ("failed", np.int64),  # number of entries in the lists
        ("touched", np.int64),
        ("bursting", np.int64),  # place in the list of failed units: those before it have burst ...
        ("at", np.int64),  # ... and how far it has got
        ("ignited", np.int64),  # place in the same list: those before it burn
        ("scan", np.int64),  # static: place in the list of touched units whose risen loads are decided; -1: none
    ]
)
_STATE = np.dtype(
    [
        ("load", np.float64),
        ("judged", np.float64),  # static: the load that was decided last
        ("settled", np.float64),  # chance of failing by heat that it has stood
        ("stood", np.float64),  # the same by blast
        ("due", np.float64),
        ("ends", np.float64),
        ("place", np.int32),  # in the list of touched units
        ("status", np.int32),
        ("armed", np.int32),  # whether its load has ever reached the threshold
        ("case", np.int32),  # that is due
        ("fire", np.int32),  # source of the heat it gives off; -1: none, or out
        ("bursts", np.int32),
        ("node", np.int64),  # free for whoever walks
    ],
    align=True,
)
_COURSE = np.dtype(
    [
        ("weight", np.float64),  # chance of the case
        ("rate", np.float64),
        ("dose", np.float64),
        ("left", np.float64),  # of the fireproofing
        ("since", np.float64),
        ("due", np.float64),
        ("over", np.int64),  # decided
    ]
)
#: A shared supply: whether it is down, how much likelier that is than it was drawn, whether that has been counted.
_SUPPLY = np.dtype([("down", np.int64), ("ratio", np.float64), ("counted", np.int64)])


class Plan(NamedTuple):
    """What does not change on the way; loads as `parkrisk.risk.cascades.records.load_records` gives them."""

    unit: Records
    case: Records
    entry: Records
    span: Records
    row: Indices
    source_unit: Indices


class State(NamedTuple):
    """Where a walk stands. Only touched units hold anything; the lists may be shared by walks with one beginning."""

    head: Records
    unit: Records
    course: Records
    supply: Records
    failed: Indices
    touched: Indices


def plan_of(net: Network) -> Plan:
    """Arrange a network for walks."""
    unit = np.zeros(net.unit_key.size, _UNIT)
    unit["shell"], unit["exponent"], unit["threshold"] = net.shell, net.heat_exponent, net.heat_threshold
    unit["clock_mean"], unit["clock_deviation"] = net.clock_mean, net.clock_deviation
    unit["heat"], unit["blast"], unit["system"] = net.secondary_heat, net.secondary_blast, net.system
    case, owner = _cases(net)
    unit["first"] = np.searchsorted(owner, np.arange(unit.size))
    unit["stop"] = np.searchsorted(owner, np.arange(unit.size), side="right")
    entry, span, row = load_records(net, direct_escalation(net, static=False))
    return Plan(unit, case, entry, span, row, net.source_unit)


def _cases(net: Network) -> tuple[Records, NDArray[np.intp]]:
    """States of the barriers of every unit that have any chance, and whose they are."""
    deluged, proofed = net.deluge_factor < 1.0, net.delay > 0.0
    works, holds = np.where(deluged, 1.0 - net.deluge_fails, 0.0), np.where(proofed, 1.0 - net.delay_fails, 0.0)
    parts = []
    for wet in (True, False):
        for kept in (True, False):
            case = np.zeros(net.unit_key.size, _CASE)
            case["factor"], case["delay"] = net.deluge_factor if wet else 1.0, net.delay if kept else 0.0
            held = holds if kept else 1.0 - holds
            case["up"] = held * (works if wet else 1.0 - works)
            case["down"] = 0.0 if wet else held
            case["up"] = np.where(net.system >= 0, case["up"], held * (works if wet else 1.0 - works))
            parts.append(case)
    every, owner = np.concatenate(parts), np.tile(np.arange(net.unit_key.size), len(parts))
    kept_cases = (every["up"] > 0.0) | ((every["down"] > 0.0) & (net.system[owner] >= 0))
    order = np.argsort(owner[kept_cases], kind="stable")
    return every[kept_cases][order], owner[kept_cases][order]


def states(plan: Plan, levels: int, n_systems: int) -> State:
    """Room for so many walks at once: the first dimension of all but the lists."""
    n = plan.unit.size
    return State(
        np.zeros((levels, 1), _HEAD),
        np.zeros((levels, n), _STATE),
        np.zeros((levels, plan.case.size), _COURSE),
        np.zeros((levels, n_systems), _SUPPLY),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
    )


@inlined_kernel
def state_at(stack: State, level: int) -> State:
    """One walk of several."""
    return State(
        stack.head[level], stack.unit[level], stack.course[level], stack.supply[level], stack.failed, stack.touched
    )


@inlined_kernel
def own_state(rooms: State) -> State:
    """As many walks of one's own."""
    return State(
        rooms.head.copy(),
        rooms.unit.copy(),
        rooms.course.copy(),
        rooms.supply.copy(),
        rooms.failed.copy(),
        rooms.touched.copy(),
    )


@inlined_kernel
def borrowed_state(state: State) -> State:
    """Lend walks to a kernel whose caller holds them."""
    return State(
        borrowed(state.head),
        borrowed(state.unit),
        borrowed(state.course),
        borrowed(state.supply),
        borrowed(state.failed),
        borrowed(state.touched),
    )


@inlined_kernel
def borrowed_plan(plan: Plan) -> Plan:
    """Lend a plan to a kernel whose caller holds it."""
    return Plan(
        borrowed(plan.unit),
        borrowed(plan.case),
        borrowed(plan.entry),
        borrowed(plan.span),
        borrowed(plan.row),
        borrowed(plan.source_unit),
    )


@inlined_kernel
def copy_state(plan: Plan, one: State, other: State) -> None:
    """Let another walk stand where this one stands; they share their lists."""
    other.head[0] = one.head[0]
    for k in range(one.head[0]["touched"]):
        v = one.touched[k]
        other.unit[v] = one.unit[v]
        for j in range(plan.unit[v]["first"], plan.unit[v]["stop"]):
            other.course[j] = one.course[j]
    for i in range(one.supply.size):
        other.supply[i] = one.supply[i]
