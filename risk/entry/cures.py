"""Changes of a project with which its failed gates are met: less of a substance, or another place.

A change counts only if a full run of the gate on the changed project finds no failed gate and no new open one. The
search is deterministic and its runs are few: a smaller inventory is found by halving over tidy tonnages, a place by a
prediction over free ground (``parkrisk.risk.entry.candidates``) that is then proven.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.errors import InputProblems, ParkRiskError
from parkrisk.models.substance.substances import find
from parkrisk.risk.entry.candidates import DIRECTIONS, Move, promising
from parkrisk.risk.entry.variants import meeting, movable
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.events.contents import vessel
from parkrisk.scenarios.park import Project

#: Full runs that a search may take for each kind of change.
_RUNS = {"inventory": 6, "move": 6}
#: Less than this share of the inventory is another project. Choice of this program.
_LEAST_SHARE = 0.1
#: Tidy tonnages between nothing and the inventory, at most.
_MOST_STEPS = 32
#: After a predicted place has failed, the next one in the same direction is farther by this factor.
_FARTHER = 1.15
#: Kinds of unit that content flows through: their filling is no inventory.
_FLOW = frozenset({"pipeline", "loading_arm", "pump", "compressor", "heat_exchanger"})


@dataclass(frozen=True)
class Run:
    """What a run of the gate on a changed project gave.

    Parameters
    ----------
    judged : DataFrame
        Every rule, with ``effect``.
    facts : mapping
        Numbers beside the limits: the margin of the change.
    digest : str
    """

    judged: pd.DataFrame
    facts: Mapping[str, Any]
    digest: str


@dataclass
class _Search:
    """Runs made so far."""

    project: Project
    after: Assessment
    judged: pd.DataFrame
    rerun: Callable[[Project], Run]
    progress: Progress | None
    left: int = 0
    made: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)

    def proven(self, change: Mapping[str, Any]) -> Run | None:
        """Run of the project with a change, if every gate is met with it."""
        self.left -= 1
        self.made += 1
        if self.progress is not None:
            self.progress("cures", self.made, sum(_RUNS.values()))
        try:
            run = self.rerun(meeting(self.project, change))
        except InputProblems:
            return None  # the changed park is not valid: no place for the project
        return run if met(run.judged, self.judged) else None

    def give_up(self, kind: str, zh: str, en: str) -> None:
        """Note why no change of a kind was found."""
        self.refused.append({"kind": kind, "reason_zh": zh, "reason_en": en})


def _gates(judged: pd.DataFrame, status: str) -> pd.DataFrame:
    hard = (judged["severity"] == "gate") & ~judged["in_principle"].astype(bool)
    return judged[hard & (judged["status"] == status)]


def met(changed: pd.DataFrame, judged: pd.DataFrame) -> bool:
    """Whether no gate fails, and none is open that was not open before the change."""
    still_open = set(_gates(changed, "unknown")["rule_id"]) - set(_gates(judged, "unknown")["rule_id"])
    return not len(_gates(changed, "fail")) and not still_open


def search(
    project: Project,
    after: Assessment,
    judged: pd.DataFrame,
    rerun: Callable[[Project], Run],
    progress: Progress | None = None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Look for the largest inventory and the least move with which every failed gate is met.

    Parameters
    ----------
    project : Project
    after : Assessment
        Of the park with the project as it is.
    judged : DataFrame
        Rules on the project as it is, with ``effect``.
    rerun : callable
        The gate on a changed project.
    progress : callable, optional
        Called as ``progress("cures", done, total)``.

    Returns
    -------
    list of dict
        Conditions, each of which suffices alone: kind, rules (met with it), text_zh, text_en, numbers, proven_by ...
    dict
        status ("not_needed", "not_curable", "searched"), runs, not_found (kind, reason_zh, reason_en).
    """
    failed = _gates(judged, "fail")
    if not len(failed):
        return [], {"status": "not_needed", "runs": 0, "not_found": []}
    kinds = set.intersection(*(set(kinds) for kinds in failed["curable_by"]))
    if not kinds:
        return [], {"status": "not_curable", "runs": 0, "not_found": []}
    state = _Search(project, after, judged, rerun, progress)
    found = []
    for kind, look in (("inventory", _inventory), ("move", _place)):
        if kind in kinds:
            state.left = _RUNS[kind]
            change = look(state)
            found += [change] if change else []
    if len(found) > 1:
        for change in found:
            change["text_zh"] += "（与其他变更任选其一）"
            change["text_en"] += " (either this or the other change)"
    return found, {"status": "searched", "runs": state.made, "not_found": state.refused}


# Inventory


def _inventory(state: _Search) -> dict[str, Any] | None:
    held = _held(state)
    if not held:
        state.give_up(
            "inventory", "项目没有可减少存量的危险物质", "The project holds no inventory that could be smaller"
        )
        return None
    ranked = sorted(held, key=lambda cas: (-_weight(state, held[cas]), cas))
    for chosen in dict.fromkeys((tuple(ranked[:1]), tuple(ranked))):
        units = {unit: mass for cas in chosen for unit, mass in held[cas].items()}
        change = _largest(state, chosen, units)
        if change:
            return change
    share = f"{_LEAST_SHARE:.0%}"
    state.give_up(
        "inventory",
        f"存量减至 {share} 仍不能满足，未找到存量条件",
        f"No inventory down to {share} of the present one meets the gates",
    )
    return None


def _held(state: _Search) -> dict[str, dict[str, float]]:
    """Substance → unit → usual inventory [t], of the project's units with events that hold any."""
    mine = set(state.project.tables["units"]["unit_id"]) & set(state.after.events.table["unit_id"])
    air = 1000.0 * float(state.after.park.info["air_pressure_kpa"])
    held: dict[str, dict[str, float]] = {}
    for row in state.after.park.tables["units"].to_dict("records"):
        if row["unit_id"] not in mine or row["kind"] in _FLOW:
            continue
        try:
            mass = vessel(row, air).mass / 1000.0
        except ParkRiskError:
            continue  # its events could not be computed either
        if mass > 0.0:
            held.setdefault(row["substance"], {})[row["unit_id"]] = mass
    return held


def _weight(state: _Search, units: Collection[str]) -> float:
    """How much units count: individual risk over the limit, or expected deaths where no target is over its own."""
    targets, risk = state.after.targets, state.after.individual_risk
    columns = [k for k, unit in enumerate(risk.unit_ids) if unit in units]
    over = risk.by_source[:, columns].sum(axis=1) / targets["limit_new"].to_numpy(dtype=np.float64)
    worst = float(np.nanmax(over, initial=0.0)) if len(targets) else 0.0
    sources = state.after.sources
    return worst + float(sources.loc[sources["unit_id"].isin(set(units)), "pll"].sum())


def _tidy_step(total: float) -> float:
    """1, 2 or 5 times a power of ten that goes into a total at most ``_MOST_STEPS`` times."""
    least = total / _MOST_STEPS
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * digit for digit in (1.0, 2.0, 5.0, 10.0) if power * digit >= least)


def _largest(state: _Search, substances: Collection[str], units: Mapping[str, float]) -> dict[str, Any] | None:
    total = sum(units.values())
    step = _tidy_step(total)
    low, high = max(1, math.ceil(_LEAST_SHARE * total / step)), math.ceil(total / step)
    best: dict[str, Any] | None = None
    tried = low  # the smallest first: if that fails nothing else is worth a run
    while state.left and low <= tried < high:
        tonnes = float(f"{tried * step:.6g}")
        numbers = {
            "substances": list(substances),
            "units": sorted(units),
            "inventory_t": tonnes,
            "present_t": total,
            "factor": tonnes / total,
        }
        change: dict[str, Any] = {"kind": "inventory", "numbers": numbers}
        run = state.proven(change)
        if run is None and best is None:
            return None
        if run is None:
            high = tried
        else:
            low, best = tried, _stated(state, change, run, *_inventory_words(numbers))
        if high - low <= 1:
            break
        tried = (low + high) // 2
    return best


def _inventory_words(numbers: Mapping[str, Any]) -> tuple[str, str]:
    names = [find(cas) for cas in numbers["substances"]]
    zh = "、".join(name.name_zh for name in names)
    en = " and ".join(name.name_en for name in names)
    units = ", ".join(numbers["units"])
    amount, now = f"{numbers['inventory_t']:g}", f"{numbers['present_t']:.3g}"
    return (
        f"{zh}存量不超过 {amount} t（现申报 {now} t；设备 {units} 的正常和最大充装同比例减少）",
        f"With an inventory of {en} ≤ {amount} t (now {now} t; usual and largest fill of {units} in proportion)",
    )


# Place


def _place(state: _Search) -> dict[str, Any] | None:
    if not movable(state.project):
        state.give_up(
            "move",
            "改建项目或含管线、面状要素的项目不作位置搜索",
            "No other place is sought for a project that alters what is there, or has lines or areas",
        )
        return None
    moves = promising(state.project, state.after)
    while state.left and moves:
        move = moves[0]
        numbers = {
            "direction": DIRECTIONS[move.direction][0],
            "distance_m": move.distance,
            "dx_m": move.dx,
            "dy_m": move.dy,
        }
        change: dict[str, Any] = {"kind": "move", "numbers": numbers}
        run = state.proven(change)
        if run is not None:
            return _stated(state, change, run, *_move_words(move))
        moves = [
            each for each in moves if each.direction != move.direction or each.distance >= _FARTHER * move.distance
        ]
    state.give_up(
        "move",
        "园区内八个方向 3 km 以内未找到可行位置",
        "No place within 3 km in eight directions inside the park was found to meet the gates",
    )
    return None


def _move_words(move: Move) -> tuple[str, str]:
    name_en, name_zh = DIRECTIONS[move.direction][:2]
    return (
        f"整体向{name_zh}移动不少于 {move.distance:g} m（已在 {move.distance:g} m 处验证，更远须另行验证；"
        "与位置有关的证明须重新提供）",
        f"Moved ≥ {move.distance:g} m {name_en} (proven at {move.distance:g} m, farther to be proven anew; "
        "evidence tied to the place to be given anew)",
    )


def _stated(state: _Search, change: Mapping[str, Any], run: Run, zh: str, en: str) -> dict[str, Any]:
    """A proven change as a condition, with the margin that it leaves and what the rules then ask besides."""
    failed = _gates(state.judged, "fail")
    asked, still = (list(rules.loc[rules["effect"] == "condition", "rule_id"]) for rules in (state.judged, run.judged))
    then = [rule for rule in still if rule not in asked]
    return {
        "kind": change["kind"],
        "rule_id": failed["rule_id"].iloc[0],
        "rules": [*failed["rule_id"], *(rule for rule in asked if rule not in still)],
        "clause": f"{failed['instrument_zh'].iloc[0]} {failed['clause'].iloc[0]}",
        "status": "fail",
        "title_zh": failed["title_zh"].iloc[0],
        "title_en": failed["title_en"].iloc[0],
        "text_zh": zh,
        "text_en": en,
        "numbers": {**change["numbers"], **run.facts, "then_also": then},
        "proven_by": run.digest,
        "missing": [],
    }
