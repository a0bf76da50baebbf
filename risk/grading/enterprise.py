"""The colour of every enterprise: what the engine computes of it, what its answers say, and the bounds that are left.

A score starts from a base; each item loses what its conditions deduct, up to its maximum, and bonuses come on top.
What nobody has answered leaves bounds. ``colour`` is the worst colour that is possible: what the evidence supports.
Answers of an enterprise are the rows of the table ``answers`` with its enterprise_id: "yes" where the requirement is
met or no case was found, "no" where not, "score" with the number of cases or the level.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.risk.grading.enterprise_list import Condition, EnterpriseList, Part, enterprise_list
from parkrisk.risk.rules.facts import Answer, Fact, Facts, between, known, one_of, unknown
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.screening.hazard_tables import classify
from parkrisk.risk.screening.hazard_units import HazardTable
from parkrisk.scenarios.park import Park

ENTERPRISE_COLUMNS = (
    "enterprise_id",
    "name",
    "status",
    "colour",
    "colour_worst",
    "colour_best",
    "score_low",
    "score_high",
    "hazard_units",
    "level_worst",
    "level_best",
    "missing_count",
    "missing",
    "reason_zh",
    "reason_en",
    "mark",
)
PART_COLUMNS = (
    "enterprise_id",
    "item",
    "condition",
    "title_zh",
    "title_en",
    "points_low",
    "points_high",
    "status",
    "answer",
    "value",
    "origin",
    "mark",
)
_NO_LEVEL = 0.0  # no major hazard
_SHOWN = 3
_NONE = Fraction(0)


@dataclass(frozen=True)
class EnterpriseGrades:
    """Colours of the enterprises of a park.

    Parameters
    ----------
    table : DataFrame
        One row per enterprise. ``status``: "settled", "open", or "not_applicable" (neither production nor storage, or
        the list does not hold on the day). Levels 1 to 4 of its worst hazard unit, empty for none. ``missing``: what is
        to be answered, the largest effect first.
    parts : DataFrame
        One row per enterprise and condition or veto, with the points [low, high] it may move the score by.
    """

    table: pd.DataFrame
    parts: pd.DataFrame


def grade_enterprises(park: Park, hazards: HazardTable, facts: Facts) -> EnterpriseGrades:
    """Grade every enterprise of a park by the shipped list.

    Parameters
    ----------
    park : Park
    hazards : HazardTable
        Of the same park.
    facts : Facts
        Of the park: its date, which answers count, and whether the external distances are met, by enterprise.
    """
    listed = enterprise_list()
    owner = park.tables["units"].set_index("unit_id")["enterprise_id"]
    terms = hazards.terms.assign(enterprise_id=hazards.terms["unit_id"].map(owner))
    answers = park.tables["answers"]
    by_enterprise = answers[answers["enterprise_id"] != ""].groupby("enterprise_id")
    said = {str(name): rows.drop(columns="enterprise_id") for name, rows in by_enterprise}
    inside = _inside(park)
    levels_of = hazards.units[["enterprise_id", "level_worst", "level_best", "missing", "mark"]]
    table, parts = [], []
    for enterprise in park.tables["enterprises"].to_dict("records"):
        name = str(enterprise["enterprise_id"])
        level = hazard_level(levels_of, name)
        own = terms.loc[terms["enterprise_id"] == name, ["hazard_unit_id", "cas"]]
        answered = replace(facts, answers={"park": said[name]} if name in said else {}, indicators={})
        head = {
            "enterprise_id": name,
            "name": enterprise["name"],
            "hazard_units": own["hazard_unit_id"].nunique(),
            **_levels(level),
        }
        computed = {
            "enterprise.major_hazard_level": level,
            **_substances(own["cas"].unique().tolist()),
            "enterprise.inside_park": inside.get(name, unknown("park.boundary")),
            "enterprise.external_distance_met": _external(facts, name),
        }
        graded = enterprise["kind"] in ("", *listed.kinds) or len(own) > 0
        row, rows = _graded(listed, name, computed, answered) if graded else (_not_graded(listed), [])
        if facts.date < listed.in_force_from:
            row, rows = _not_graded(listed, before=True), []
        table.append(head | row)
        parts += rows
    levels = {"level_worst": "Int64", "level_best": "Int64"}
    return EnterpriseGrades(
        pd.DataFrame(table, columns=list(ENTERPRISE_COLUMNS)).astype(levels),
        pd.DataFrame(parts, columns=list(PART_COLUMNS)),
    )


# What the engine computes


def hazard_level(units: pd.DataFrame, enterprise: str) -> Fact:
    """Level of the worst major hazard of an enterprise, every one that is possible; 0: it has none."""
    mine = units[units["enterprise_id"].map(lambda owners: enterprise in owners.split(";")).astype(bool)]
    worst, best = mine["level_worst"].dropna().min(), mine["level_best"].dropna().min()
    origin = "computed: GB 18218-2018"
    if pd.isna(worst):
        return known(_NO_LEVEL, origin=origin, mark=weakest(mine["mark"]))
    values = [float(level) for level in range(int(worst), 4 + 1 if pd.isna(best) else int(best) + 1)]
    if pd.isna(best):
        values.append(_NO_LEVEL)
    missing = [name for names in mine["missing"] for name in names] if len(values) > 1 else []
    return one_of(values, origin=origin, missing=missing, mark=weakest(mine["mark"]))


def _levels(level: Fact) -> dict[str, int | None]:
    found = [int(float(value)) or None for value in level.values]
    return {"level_worst": found[0], "level_best": found[-1]}


def _substances(names: Sequence[str]) -> dict[str, Fact]:
    """How many explosives and toxic gases are among substances; one whose classes are not complete may be either."""
    classes = {cas: classify(str(cas), "", math.nan, math.nan) for cas in sorted(names)}
    doubtful = {cas for cas, found in classes.items() if not found.complete}
    kinds = {"explosives": ("W1.",), "inhalation_toxics": ("J1", "J3")}
    facts = {}
    for name, starts in kinds.items():
        sure = {cas for cas, found in classes.items() if any(symbol.startswith(starts) for symbol in found.symbols)}
        facts[f"enterprise.{name}"] = between(
            float(len(sure)),
            float(len(sure | doubtful)),
            unit="1",
            origin="computed: hazard classes of its substances",
            missing=[f"hazard_classes[{cas}]" for cas in sorted(doubtful - sure)],
            mark=weakest(classes[cas].mark for cas in classes),
        )
    return facts


def _inside(park: Park) -> dict[str, Fact]:
    """Whether all equipment of an enterprise stands within the boundary, by enterprise_id."""
    units = park.tables["units"]
    if park.boundary is None or not len(units):
        return {}
    points = shapely.points(units["x"].to_numpy(np.float64), units["y"].to_numpy(np.float64))
    inside = pd.Series(shapely.covers(park.boundary, points)).groupby(units["enterprise_id"].to_numpy()).all()
    origin = "computed: units in the park boundary"
    return {str(name): known(bool(found), origin=origin) for name, found in inside.items()}


def _external(facts: Facts, enterprise: str) -> Fact:
    """Met by every installation of the park, or of the enterprise; failed by one of its own; else its answer tells."""
    park = facts.quantity("risk.external_distance_met")
    return park if park.value is True else facts.quantity(f"enterprise.external_distance_met[{enterprise}]")


# Points


def points_of(condition: Condition, fact: Fact, found: Answer, cap: Fraction) -> tuple[Fraction, Fraction, str]:
    """Points that a condition may move the score by, lowest and highest, and "answered", "open" or "not_applicable".

    Parameters
    ----------
    condition : Condition
    fact : Fact
        What the engine computed; unknown() for nothing. Where it is known, answers cannot change it.
    found : Answer
    cap : Fraction
        Maximum of the item.
    """
    if found.answer == "not_applicable" and condition.may_not_apply and fact.value is None:
        return _NONE, _NONE, "not_applicable"
    reads = {"yes_no": _by_answer, "count": _by_cases, "level": _by_level}[condition.reads]
    possible = reads(condition, fact, found, cap)
    return min(possible), max(possible), "answered" if min(possible) == max(possible) else "open"


def _by_answer(condition: Condition, fact: Fact, found: Answer, _cap: Fraction) -> list[Fraction]:
    said = {"yes": True, "no": False, "partial": False}.get(found.answer)
    met = fact.value if isinstance(fact.value, bool) else said
    if met is None:
        return [_NONE, condition.points]
    return [condition.points if met == condition.merit else _NONE]


def _by_cases(condition: Condition, fact: Fact, found: Answer, cap: Fraction) -> list[Fraction]:
    low, high = (float(fact.values[0]), float(fact.values[-1])) if fact.values else (0.0, math.inf)
    some = "yes" if condition.merit else "no"
    said = {"yes": (0.0, 0.0), "no": (0.0, 0.0), some: (1.0, math.inf)}.get(found.answer, (0.0, math.inf))
    if found.answer == "partial":
        said = (1.0, math.inf)
    if found.answer == "score" and found.score is not None and found.score >= 0.0:
        said = (found.score, found.score)
    if max(low, said[0]) <= min(high, said[1]):  # else the answer contradicts what was computed
        low, high = max(low, said[0]), min(high, said[1])
    return [_points_of_cases(condition, number, cap) for number in (low, high)]


def _points_of_cases(condition: Condition, number: float, cap: Fraction) -> Fraction:
    if condition.most is not None:
        number = min(number, float(condition.most))
    if math.isinf(number):
        return -cap
    points = condition.points * Fraction(str(number))
    return points if condition.merit else max(points, -cap)


def _by_level(condition: Condition, fact: Fact, found: Answer, _cap: Fraction) -> list[Fraction]:
    levels = [float(value) for value in fact.values] or list(condition.steps)
    said = {"no": _NO_LEVEL, "score": found.score}.get(found.answer)
    if said in levels and said is not None:
        levels = [said]
    return [condition.steps[level] for level in levels]


# Colours


def _graded(
    listed: EnterpriseList, name: str, computed: Mapping[str, Fact], own: Facts
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    maximum = {item.id: item.maximum for item in listed.items}
    for condition in listed.conditions:
        fact = computed[condition.quantity] if condition.quantity else unknown()
        found = own.answer(condition.id, listed.id)
        low, high, status = points_of(condition, fact, found, maximum[condition.item])
        rows.append(
            {
                **_part(name, condition.item, condition, found),
                "low": low,
                "high": high,
                "merit": condition.merit,
                "status": status,
                "value": fact.shown if condition.quantity else "",
                "origin": fact.origin or found.origin,
                "mark": weakest((condition.mark, *((fact.mark,) if fact.values else ()))),
            }
        )
    vetoes = []
    for veto in listed.vetoes:
        found = own.answer(veto.id, listed.id)
        status = {"yes": "ruled_out", "no": "holds"}.get(found.answer, "open")
        row = {"low": _NONE, "high": _NONE, "status": status, "value": "", "origin": found.origin, "mark": listed.mark}
        vetoes.append(_part(name, "veto", veto, found) | row)
    shown = [{**row, "points_low": float(row["low"]), "points_high": float(row["high"])} for row in (*rows, *vetoes)]
    return _coloured(listed, rows, vetoes), shown


def _part(enterprise: str, item: str, part: Condition | Part, found: Answer) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise,
        "item": item,
        "condition": part.id,
        "title_zh": part.title_zh,
        "title_en": part.title_en,
        "answer": found.answer,
    }


def _coloured(
    listed: EnterpriseList, rows: Sequence[Mapping[str, Any]], vetoes: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Score, colours, what is missing and the reason."""
    low = high = listed.base
    moot = set()
    for item in listed.items:
        mine = [row for row in rows if row["item"] == item.id]
        for end in ("low", "high"):
            deducted = max(sum((row[end] for row in mine if not row["merit"]), _NONE), -item.maximum)
            gained = sum((row[end] for row in mine if row["merit"]), _NONE)
            low, high = (low + deducted + gained, high) if end == "low" else (low, high + deducted + gained)
        if deducted == -item.maximum:  # for sure: what else is open in it changes nothing
            moot |= {row["condition"] for row in mine if not row["merit"]}
    worst, best = listed.colour(low), listed.colour(high)
    red = listed.colours[0]
    if any(row["status"] != "ruled_out" for row in vetoes):
        worst = red
    if any(row["status"] == "holds" for row in vetoes):
        best = red
    settled = worst == best
    still = [row for row in vetoes if row["status"] == "open"]
    still += sorted(
        (row for row in rows if row["status"] == "open" and row["condition"] not in moot),
        key=lambda row: row["low"] - row["high"],
    )
    zh, en = _reason(listed, (float(low), float(high)), (worst, best), [*rows, *vetoes], still)
    return {
        "status": "settled" if settled else "open",
        "colour": worst.letter,
        "colour_worst": worst.letter,
        "colour_best": best.letter,
        "score_low": float(low),
        "score_high": float(high),
        "missing_count": len(still),
        "missing": tuple(f"answers.{row['condition']}" for row in still),
        "reason_zh": zh,
        "reason_en": en,
        "mark": weakest((listed.mark, *(row["mark"] for row in rows))),
    }


def _reason(
    listed: EnterpriseList,
    score: tuple[float, float],
    colours: tuple[Any, Any],
    rows: Sequence[Mapping[str, Any]],
    still: Sequence[Mapping[str, Any]],
) -> tuple[str, str]:
    worst, best = colours
    range_zh = worst.name_zh if worst == best else f"{worst.name_zh}至{best.name_zh}"
    range_en = worst.name_en if worst == best else f"{worst.name_en} to {best.name_en}"
    zh = [f"{range_zh}，得分 {score[0]:.4g}–{score[1]:.4g}"]
    en = [f"{range_en}, score {score[0]:.4g} to {score[1]:.4g}"]
    for row in rows:
        if row["status"] == "holds":
            zh.append(f"直接判定为红色：{row['title_zh']}")
            en.append(f"red directly: {row['title_en']}")
    lost = sorted((row for row in rows if row["high"] < 0), key=lambda row: row["high"])[:_SHOWN]
    if lost:
        zh.append("主要扣分：" + "、".join(f"{row['title_zh']} {float(row['high']):g}" for row in lost))
        en.append("main deductions: " + ", ".join(f"{row['title_en']} {float(row['high']):g}" for row in lost))
    if still:
        zh.append(f"未答 {len(still)} 项，首要：" + "、".join(row["title_zh"] for row in still[:_SHOWN]))
        en.append(f"{len(still)} items open, first: " + ", ".join(row["title_en"] for row in still[:_SHOWN]))
    return "；".join([*zh, listed.notice_zh]), "; ".join([*en, listed.notice_en])


def _not_graded(listed: EnterpriseList, *, before: bool = False) -> dict[str, Any]:
    zh, en = "非危险化学品生产或储存企业，不分级", "neither produces nor stores hazardous chemicals: not graded"
    if before:
        zh, en = f"分级指南自 {listed.in_force_from} 起适用", f"the list holds from {listed.in_force_from}"
    nothing = {"colour": "", "colour_worst": "", "colour_best": "", "score_low": np.nan, "score_high": np.nan}
    return {
        "status": "not_applicable",
        **nothing,
        "missing_count": 0,
        "missing": (),
        "reason_zh": zh,
        "reason_en": en,
        "mark": listed.mark,
    }


__all__ = ["ENTERPRISE_COLUMNS", "PART_COLUMNS", "EnterpriseGrades", "grade_enterprises", "hazard_level", "points_of"]
