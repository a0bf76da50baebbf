"""Which quantities of a project hang on where it stands, and what the map knows of them at a cell that passes."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from parkrisk.risk.distances.external import site_of
from parkrisk.risk.distances.installations import installations_of
from parkrisk.risk.distances.judge import judged
from parkrisk.risk.distances.met import evidence_of, met
from parkrisk.risk.entry.gate import Decision
from parkrisk.risk.rules.facts import Fact, Facts, known, one_of, unknown
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.scenarios.park import Park, Project

#: Quantities that stay the same wherever the project stands. Every other one of it, or of the park with it, hangs on
#: the place.
FIXED = frozenset(
    {
        "project.category",
        "project.nature",
        "project.forms_major_hazard",
        "project.strictly_controlled_substances",
        "project.external_distance_method_known",
        "after.external_distance_method_known",
    }
)
_ORIGIN = "siting map"
#: What a cell that passes guarantees, cell by cell.
_MET: Mapping[str, Fact] = {
    "project.inside_park": known(True, origin=_ORIGIN),
    "project.worst_target_ratio_new": known(0.0, unit="1", origin=_ORIGIN),
    "after.targets_over_limit": known(0.0, unit="1", origin=_ORIGIN),
    "after.worst_target_ratio": known(0.0, unit="1", origin=_ORIGIN),
    "after.societal_zone": one_of(("acceptable", "alarp"), origin=_ORIGIN, missing=("siting.place",)),
}


def hangs_on_place(name: str) -> bool:
    """Whether a quantity is another one elsewhere."""
    return name.startswith(("after.", "project.")) and name not in FIXED


def at_a_good_place(facts: Facts, distance: Fact) -> Facts:
    """What is known of a project at a cell that meets every criterion of the map; the rest is unknown there.

    Parameters
    ----------
    facts : Facts
        At the project's own place.
    distance : Fact
        As `distance_met` gives it.
    """
    here = {**_MET, "project.external_distance_met": distance}
    elsewhere = {
        name: here.get(name, unknown(f"siting.place[{name}]", unit=fact.unit))
        for name, fact in facts.quantities.items()
        if hangs_on_place(name)
    }
    return replace(facts, quantities={**facts.quantities, **elsewhere})


def open_everywhere(rules: pd.DataFrame) -> tuple[str, ...]:
    """Quantities that a gate waits for at every cell, because the map does not judge them."""
    waiting = rules.loc[rules["effect"] == "undecided", "missing"]
    names = {name for missing in waiting for name in missing if name.startswith("siting.place[")}
    return tuple(sorted(names))


def distance_met(park: Park, project: Project, ruleset: RuleSet, decision: Decision) -> Fact:
    """Whether the project's installations keep their external distance at a cell that meets the map's criteria.

    An installation that is judged by the risk of units of the project alone keeps it where their risk is within the
    limits for new installations, which are the strictest. What is stated by evidence holds wherever the project stands.
    A distance in metres, or units of the same enterprise that are there already, leave it unknown.
    """
    after = decision.after
    mine = set(project.tables["units"]["unit_id"])
    terms = after.hazards.terms
    own = set(terms.loc[terms["unit_id"].isin(mine), "hazard_unit_id"])
    evidence = evidence_of(park, ruleset, project, own)
    alone = {
        each.id
        for each in installations_of(after.park, after.hazards, evidence.park)
        if each.id in own and set(site_of(after).assessed_with(each)) <= mine and set(each.unit_ids) <= mine
    }
    table = judged(site_of(after), evidence)
    table = table[table["hazard_unit_id"].isin(own) & (table["status"] != "not_applicable")]
    by_risk = (table["method"] == "qra") & table["hazard_unit_id"].isin(alone)
    stated = (table["method"] == "standards") & table["required_m"].isna() & (table["status"] != "unknown")
    left = table[~by_risk & ~stated]
    if len(left):
        return unknown(*(f"siting.place[external_distance[{name}]]" for name in sorted(set(left["hazard_unit_id"]))))
    return met(table[stated]) if stated.any() else known(True, origin=_ORIGIN)
