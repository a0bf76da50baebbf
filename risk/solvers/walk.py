"""A cascade as a walk of yes-or-no decisions, for whoever wants all of its ways or has to weigh them.

Between two failures everything is foreseen: loads, doses, burn-outs, and so the moment at which each standing unit is
due. Its mitigation clock matters at that moment only: it fails there if the clock is later, otherwise it is safe from
heat for good. So a cascade is a sequence of decisions with known chances, at most one of heat for each unit and state
of its barriers: *fall* or *stand*. Which of its own barriers work matters to a unit alone, so that its state is not
drawn: all states (*cases*) are followed side by side, each with its dose, and what stood in one is weighed out of the
next. Shared supplies of deluges are up or down from the start.

Blast and fragments are decisions at the moment of a failure. A unit has one strength against all blasts: having stood
p, it falls under p' with (p' - p) / (1 - p). In static cascades heat is of that kind too, and time counts generations.
"""

import math

from parkrisk.models._jit import inlined_kernel
from parkrisk.risk.cascades.one_unit import late_clock, time_to_failure
from parkrisk.risk.cascades.records import BLAST, FAILED, HEAT, HIT, STANDING
from parkrisk.risk.solvers.plan import Plan, State
from parkrisk.scenarios.facility.network import Indices


@inlined_kernel
def is_touched(v: int, state: State) -> bool:
    """Whether a unit has had any part so far."""
    place = state.unit[v]["place"]
    return bool(place < state.head[0]["touched"] and state.touched[place] == v)


@inlined_kernel
def _touch(v: int, plan: Plan, state: State) -> None:
    if is_touched(v, state):
        return
    u = state.unit[v]
    u["load"] = 0.0
    u["judged"] = 0.0
    u["settled"] = 0.0
    u["stood"] = 0.0
    u["due"] = math.inf
    u["ends"] = math.inf
    u["place"] = state.head[0]["touched"]
    u["status"] = STANDING
    u["armed"] = 0
    u["case"] = -1
    u["fire"] = -1
    u["bursts"] = -1
    u["node"] = -1
    for j in range(plan.unit[v]["first"], plan.unit[v]["stop"]):
        course = state.course[j]
        course["rate"] = 0.0
        course["dose"] = 0.0
        course["left"] = plan.case[j]["delay"]
        course["since"] = 0.0
        course["due"] = math.inf
        course["over"] = 0
    state.touched[state.head[0]["touched"]] = v
    state.head[0]["touched"] += 1


@inlined_kernel
def _add_failed(v: int, heat: int, blast: int, plan: Plan, state: State) -> None:
    _touch(v, plan, state)
    u = state.unit[v]
    u["status"] = FAILED
    u["due"] = math.inf
    u["fire"] = heat
    u["bursts"] = blast
    state.failed[state.head[0]["failed"]] = v
    state.head[0]["failed"] += 1


@inlined_kernel
def begin(sources: Indices, plan: Plan, state: State) -> None:
    """Start a walk: these primary events come about together, at units that all differ. Supplies are left alone."""
    head = state.head[0]
    head["time"] = 0.0
    head["weight"] = 1.0
    head["failed"] = 0
    head["touched"] = 0
    head["bursting"] = 0
    head["at"] = 0
    head["ignited"] = 0
    head["scan"] = -1
    for source in sources:
        _add_failed(plan.source_unit[source], source, source, plan, state)


@inlined_kernel
def _strike(plan: Plan, wind: int, state: State) -> tuple[int, float]:
    """Next decision on what bursting units do at once; unit -1: there is none."""
    head = state.head[0]
    while head["bursting"] < head["failed"]:
        source = state.unit[state.failed[head["bursting"]]]["bursts"]
        passed = 0
        for kind in range(BLAST, HIT + 1):
            row = plan.row[source, wind, kind] if source >= 0 else -1
            if row < 0:
                continue
            start, stop = plan.span[row]["start"], plan.span[row]["stop"]
            for i in range(start + max(0, head["at"] - passed), stop):
                w, p = plan.entry[i]["target"], plan.entry[i]["chance"]
                head["at"] = passed + i - start
                known = is_touched(w, state)
                if known and state.unit[w]["status"] == FAILED:
                    continue
                stood = state.unit[w]["stood"] if known and kind == BLAST else 0.0
                if p > stood:
                    _touch(w, plan, state)
                    head["kind"] = kind
                    head["gain"] = p
                    return w, (p - stood) / (1.0 - stood)
            passed += stop - start
        head["bursting"] += 1
        head["at"] = 0
    return -1, 0.0


@inlined_kernel
def _arm(v: int, plan: Plan, state: State) -> None:
    """Weigh the states of a unit's barriers, now that they begin to matter."""
    state.unit[v]["armed"] = 1
    system = plan.unit[v]["system"]
    down = False
    if system >= 0:
        supply = state.supply[system]
        down = supply["down"] != 0
        if supply["counted"] == 0:
            supply["counted"] = 1
            state.head[0]["weight"] *= supply["ratio"]
    for j in range(plan.unit[v]["first"], plan.unit[v]["stop"]):
        state.course[j]["weight"] = plan.case[j]["down"] if down else plan.case[j]["up"]
        state.course[j]["since"] = state.head[0]["time"]


@inlined_kernel
def _foresee(v: int, plan: Plan, state: State) -> None:
    """Find the case of a unit that is due first."""
    u, course = state.unit[v], state.course
    u["due"] = math.inf
    for j in range(plan.unit[v]["first"], plan.unit[v]["stop"]):
        if course[j]["due"] < u["due"]:
            u["due"] = course[j]["due"]
            u["case"] = j


@inlined_kernel
def _rate(j: int, v: int, plan: Plan, state: State) -> float:
    """Bring the dose of a case up to now, and foresee with the load of now when it is full. [s]"""
    course, facts, now = state.course[j], plan.unit[v], state.head[0]["time"]
    if course["rate"] > 0.0:
        passed = now - course["since"]
        kept_off = min(course["left"], passed)
        course["left"] -= kept_off
        course["dose"] += (passed - kept_off) * course["rate"]
    course["since"] = now
    load = plan.case[j]["factor"] * state.unit[v]["load"]
    time = time_to_failure(load, facts["shell"], facts["exponent"], facts["threshold"])
    course["rate"] = 1.0 / time
    if time == math.inf:
        return math.inf
    return float(now + course["left"] + max(0.0, 1.0 - course["dose"]) * time)


@inlined_kernel
def _load_of(u: int, v: int, plan: Plan, wind: int, state: State) -> float:
    row = plan.row[state.unit[u]["fire"], wind, HEAT]
    low, high = plan.span[row]["start"], plan.span[row]["stop"]
    stop = high
    while low < high:
        middle = (low + high) // 2
        if plan.entry[middle]["target"] < v:
            low = middle + 1
        else:
            high = middle
    return float(plan.entry[low]["load"]) if low < stop and plan.entry[low]["target"] == v else 0.0


@inlined_kernel
def _beside(v: int, w: int, load: float, plan: Plan, wind: int, state: State) -> float:
    """What the fire of ``v`` adds to the load on ``w`` beside the others that burn in its bund."""
    pool = plan.span[plan.row[state.unit[v]["fire"], wind, HEAT]]["pool"]
    if pool == 0:
        return load
    most = 0.0
    for k in range(state.head[0]["ignited"]):
        u = state.failed[k]
        fire = state.unit[u]["fire"]
        if u != v and fire >= 0 and plan.span[plan.row[fire, wind, HEAT]]["pool"] == pool:
            most = max(most, _load_of(u, w, plan, wind, state))
    return max(0.0, load - most)


@inlined_kernel
def _spread(v: int, sign: float, static: bool, plan: Plan, wind: int, state: State) -> None:
    """Add the heat of a unit to its neighbours, or take it away, and foresee when they are due."""
    facts, entry, unit, course, touched = plan.unit, plan.entry, state.unit, state.course, state.touched
    row = plan.row[unit[v]["fire"], wind, HEAT]
    for i in range(plan.span[row]["start"], plan.span[row]["stop"]):
        w = entry[i]["target"]
        u = unit[w]
        if u["place"] >= state.head[0]["touched"] or touched[u["place"]] != w:
            _touch(w, plan, state)
        if u["status"] == FAILED:
            continue
        u["load"] += sign * _beside(v, w, entry[i]["load"], plan, wind, state)
        if u["armed"] == 0 and u["load"] > 0.0 and u["load"] >= facts[w]["threshold"]:
            _arm(w, plan, state)
        if static or u["armed"] == 0:
            continue
        u["due"] = math.inf
        for j in range(facts[w]["first"], facts[w]["stop"]):
            if course[j]["over"] == 0 and course[j]["weight"] > 0.0:
                due = _rate(j, w, plan, state)
                course[j]["due"] = due
                if due < u["due"]:
                    u["due"] = due
                    u["case"] = j


@inlined_kernel
def _ignite(static: bool, plan: Plan, wind: int, state: State) -> None:
    """Let all units that failed last burn."""
    head = state.head[0]
    while head["ignited"] < head["failed"]:
        v = state.failed[head["ignited"]]
        u = state.unit[v]
        head["ignited"] += 1
        row = plan.row[u["fire"], wind, HEAT] if u["fire"] >= 0 else -1
        if row < 0:
            u["fire"] = -1
            continue
        u["ends"] = math.inf if static else head["time"] + plan.span[row]["duration"]
        _spread(v, 1.0, static, plan, wind, state)


@inlined_kernel
def _first_out(state: State) -> int:
    """The burning unit whose fire ends first; -1: none burns."""
    best, end = -1, math.inf
    for k in range(state.head[0]["failed"]):
        v = state.failed[k]
        u = state.unit[v]
        if u["fire"] >= 0 and (best < 0 or u["ends"] < end or (u["ends"] == end and v < best)):
            best, end = v, u["ends"]
    return best


@inlined_kernel
def _late(v: int, time: float, plan: Plan) -> float:
    chance: float = late_clock(time, plan.unit[v]["clock_mean"], plan.unit[v]["clock_deviation"])
    return chance


@inlined_kernel
def _next_due(plan: Plan, wind: int, state: State) -> tuple[int, float]:
    """Next decision on a unit whose dose is full; unit -1: there is none."""
    head, unit, touched = state.head[0], state.unit, state.touched
    while True:
        v, due = -1, math.inf
        for k in range(head["touched"]):
            w = touched[k]
            mine = unit[w]["due"]
            if mine < due or (mine == due and w < v):
                v, due = w, mine
        out = _first_out(state)
        if v < 0 or out < 0:
            return -1, 0.0
        u = state.unit[v]
        if state.unit[out]["ends"] < due:
            head["time"] = state.unit[out]["ends"]
            _spread(out, -1.0, False, plan, wind, state)
            state.unit[out]["fire"] = -1
            continue
        head["time"] = due
        fails = state.course[u["case"]]["weight"] * _late(v, due, plan)
        if fails > 0.0:
            head["kind"] = HEAT
            head["gain"] = u["settled"] + fails
            return v, min(1.0, fails / (1.0 - u["settled"]))
        _pass(v, plan, state)


@inlined_kernel
def _pass(v: int, plan: Plan, state: State) -> None:
    """Leave the case of a unit behind that was due."""
    course = state.course[state.unit[v]["case"]]
    course["over"] = 1
    course["due"] = math.inf
    _foresee(v, plan, state)


@inlined_kernel
def _static_failure(v: int, load: float, plan: Plan, state: State) -> float:
    """Chance that a unit fails under this load, over the states of its barriers."""
    facts, chance = plan.unit[v], 0.0
    for j in range(facts["first"], facts["stop"]):
        time = time_to_failure(plan.case[j]["factor"] * load, facts["shell"], facts["exponent"], facts["threshold"])
        chance += state.course[j]["weight"] * _late(v, time + plan.case[j]["delay"], plan)
    return chance


@inlined_kernel
def _risen(plan: Plan, state: State) -> tuple[int, float]:
    """Next decision of a static cascade on a unit whose load has risen; unit -1: this generation is through."""
    head = state.head[0]
    head["scan"] = max(0, head["scan"])
    while head["scan"] < head["touched"]:
        v = state.touched[head["scan"]]
        u = state.unit[v]
        if u["status"] == STANDING and u["armed"] != 0 and u["load"] > u["judged"]:
            fails = _static_failure(v, u["load"], plan, state)
            if fails > u["settled"]:
                head["kind"] = HEAT
                head["gain"] = fails
                return v, min(1.0, (fails - u["settled"]) / (1.0 - u["settled"]))
            u["judged"] = u["load"]
        head["scan"] += 1
    return -1, 0.0


@inlined_kernel
def next_decision(static: bool, plan: Plan, wind: int, state: State) -> tuple[int, float]:
    """Go on to the next decision: the unit that may fall, and its chance, above 0; unit -1: the cascade is over.

    `fall` or `stand` must follow.
    """
    head = state.head[0]
    while True:
        if head["scan"] < 0:
            v, chance = _strike(plan, wind, state)
            if v >= 0:
                return v, chance
            _ignite(static, plan, wind, state)
        if not static:
            return _next_due(plan, wind, state)
        v, chance = _risen(plan, state)
        if v >= 0 or head["bursting"] == head["failed"]:
            return v, chance
        head["scan"] = -1
        head["time"] += 1.0


@inlined_kernel
def _settle(static: bool, state: State) -> None:
    head = state.head[0]
    if head["kind"] != HEAT:
        head["at"] += 1
    elif static:
        head["scan"] += 1


@inlined_kernel
def stand(v: int, static: bool, plan: Plan, state: State) -> None:
    """Let the unit of the decision stand."""
    head, u = state.head[0], state.unit[v]
    if head["kind"] == BLAST:
        u["stood"] = head["gain"]
    elif head["kind"] == HEAT:
        u["settled"] = head["gain"]
        u["judged"] = u["load"]
        if not static:
            _pass(v, plan, state)
    _settle(static, state)


@inlined_kernel
def fall(v: int, static: bool, plan: Plan, state: State) -> None:
    """Let the unit of the decision fail."""
    _settle(static, state)
    _add_failed(v, plan.unit[v]["heat"], plan.unit[v]["blast"], plan, state)


@inlined_kernel
def moment(static: bool, state: State) -> float:
    """When the unit of the decision fails if it does. [s], static: generation"""
    head = state.head[0]
    return float(head["time"]) + (1.0 if static and head["kind"] == HEAT else 0.0)


@inlined_kernel
def culprit(v: int, plan: Plan, wind: int, state: State) -> int:
    """Who brings the unit of the decision down: who bursts, or of those that burn the one with the largest load."""
    head = state.head[0]
    if head["kind"] != HEAT:
        return int(state.failed[head["bursting"]])
    best, most = -1, -1.0
    for k in range(head["ignited"]):
        u = state.failed[k]
        if state.unit[u]["fire"] >= 0:
            load = _load_of(u, v, plan, wind, state)
            if load > most or (load == most and u < best):
                best, most = u, load
    return best
