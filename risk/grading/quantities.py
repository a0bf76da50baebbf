"""From an assessment to the quantities that rules name.

What could not be computed is unknown, not zero: a park without protection targets has no individual risk to compare,
a park without people no societal risk.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.grading.accidents import accident_class
from parkrisk.risk.grading.response import response_cover
from parkrisk.risk.rules.facts import Fact, Facts, between, known, one_of, unknown
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.risk.screening.hazard_units import HazardTable
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.defaults import DECLARED

_LOWER_BOUND = ("events.not_computed",)


def park_facts(
    park: Park,
    rules: RuleSet,
    targets: pd.DataFrame,
    fn: pd.DataFrame,
    hazards: HazardTable,
    *,
    complete: bool = True,
    distances: Mapping[str, Fact] = MappingProxyType({}),
) -> Facts:
    """Facts that the rules of a park see, its grade excepted.

    Parameters
    ----------
    park : Park
    rules : RuleSet
    targets : DataFrame
        As ``criteria.judge_targets`` gives it, with target_id and name.
    fn : DataFrame
        As ``criteria.judge_fn`` gives it.
    hazards : HazardTable
        Major hazards of the park.
    complete : bool
        False where events are missing from the risk: what it was judged by is then only a lower bound.
    distances : mapping of str to Fact
        As `parkrisk.risk.distances.met.park_distances` gives them.
    """
    facts = Facts(
        date=rules.date,
        quantities={
            "risk.response_cover": response_cover(park),
            "park.recognised": recognised(park),
            **risk_quantities("risk", targets, fn, people=counted_people(park), complete=complete),
            "risk.major_hazards_ungraded": ungraded(hazards),
            "risk.domino_assessed": _escalation(complete=complete),
            **distances,
        },
        answers={"park": park.tables["answers"]},
        indicators={"park": park.tables["indicators"]},
        accepts=rules.accepts,
    )
    return replace(facts, quantities={**facts.quantities, "park.accident_class": accident_class(facts)})


def _escalation(*, complete: bool) -> Fact:
    """Whether escalation was analysed, which it was only in part where events are missing."""
    origin = "computed: escalation analysis"
    return known(True, origin=origin) if complete else one_of((True, False), origin=origin, missing=_LOWER_BOUND)


def recognised(park: Park) -> Fact:
    """Whether the park is recognised; "unknown" stays unknown."""
    if park.recognised in ("yes", "no"):
        return known(park.recognised, origin="park.toml: recognised")
    return unknown("park.recognised")


def ungraded(hazards: HazardTable) -> Fact:
    """Number of major-hazard units whose level is open; where S itself is open the unit may be one of them."""
    units = hazards.units
    open_ = units[units["level"].isna()]
    sure = int((open_["major_hazard"] == "yes").sum())
    perhaps = open_.loc[open_["major_hazard"] == "unknown", "hazard_unit_id"]
    return between(
        float(sure),
        float(sure + len(perhaps)),
        unit="1",
        origin="computed: GB 18218-2018",
        missing=[f"hazards[{name}]" for name in perhaps],
        mark=weakest(units["mark"]),
    )


def counted_people(park: Park) -> bool:
    """Whether the input says where people are and how many work in each enterprise.

    Without either the societal risk is known from below only, and there is nothing to judge.
    """
    assumed = park.assumptions
    defaults = assumed["source"] != DECLARED
    staff = (assumed["table"] == "enterprises") & assumed["column"].isin(["staff_day", "staff_night"])
    return len(park.tables["population"]) > 0 and not bool((staff & defaults).any())


def risk_quantities(
    prefix: str, targets: pd.DataFrame, fn: pd.DataFrame, *, people: bool, complete: bool = True
) -> Mapping[str, Fact]:
    """Individual and societal risk as quantities ``prefix.targets_over_limit`` and so on.

    Parameters
    ----------
    prefix : str
        "risk" or "after".
    targets, fn : DataFrame
        As ``park_facts`` takes them.
    people : bool
        Whether the input says where people are.
    complete : bool
        False where events are missing from the risk.
    """
    return {
        f"{prefix}.targets_over_limit": _over(targets, complete=complete),
        f"{prefix}.worst_target_ratio": worst_ratio(targets, "ratio", "limit", "individual_risk", complete=complete),
        f"{prefix}.societal_zone": _zone(fn, complete=complete)
        if people
        else unknown("population", "enterprises.staff_day", "enterprises.staff_night"),
    }


def _over(targets: pd.DataFrame, *, complete: bool) -> Fact:
    if not len(targets):
        return unknown("targets", unit="1")
    fails = int((targets["status"] == "fail").sum())
    open_ends = targets.loc[
        targets["status"].eq("unknown") | (targets["status"].ne("fail") & (not complete)), "target_id"
    ]
    return between(
        float(fails),
        float(fails + len(open_ends)),
        unit="1",
        origin="computed: individual risk at targets",
        missing=_LOWER_BOUND if not complete else [f"targets.{name}.class" for name in open_ends],
        mark=weakest(targets["mark"]),
    )


def worst_ratio(targets: pd.DataFrame, ratio: str, limit: str, risk: str, *, complete: bool = True) -> Fact:
    """Largest ratio of a risk to a limit over the targets, with the target that decides it.

    ``ratio``, ``limit`` and ``risk`` name columns; with ``complete`` False the ratio is only a lower bound.
    """
    if not len(targets):
        return unknown("targets", unit="1")
    ratios = targets[ratio].to_numpy(dtype=np.float64)
    open_ends = list(targets.loc[np.isnan(ratios), "target_id"])
    if len(open_ends) == len(ratios):
        return replace(unknown(*(f"targets.{name}" for name in open_ends)), unit="1")
    row = targets.iloc[int(np.nanargmax(ratios))]
    worst = float(row[ratio])
    fact = between(
        worst,
        np.inf if open_ends or not complete else worst,
        unit="1",
        origin="computed: individual risk at targets",
        missing=[*(() if complete else _LOWER_BOUND), *(f"targets.{name}" for name in open_ends)],
        mark=weakest(targets["mark"]),
    )
    return replace(
        fact,
        detail_zh=f"{row['name']} {float(row[risk]):.2e} /年，基准 {float(row[limit]):.0e} /年",
        detail_en=f"{row['name']} {float(row[risk]):.2e} per year, limit {float(row[limit]):.0e} per year",
    )


def _zone(fn: pd.DataFrame, *, complete: bool) -> Fact:
    zones = possible_zones(fn["zone"] if complete else [*fn["zone"], "unknown"])
    missing: tuple[str, ...] = ()
    if not complete:
        missing = _LOWER_BOUND
    elif len(zones) > 1:
        missing = ("gb36894_societal.cut",)
    fact = one_of(zones, origin="computed: F-N curve", missing=missing, mark="M")
    if not len(fn):
        return fact
    excess = (fn["F"] / fn["upper"]).to_numpy(dtype=np.float64)
    row = fn.iloc[int(np.argmax(excess))]
    return replace(
        fact,
        detail_zh=f"最不利点 N={row['N']:.4g}，F={row['F']:.2e} /年，上限 {row['upper']:.2e} /年",
        detail_en=f"worst point N={row['N']:.4g}, F={row['F']:.2e} per year, upper line {row['upper']:.2e} per year",
    )
