"""What a project brings: the risk it adds at each protection target, and every quantity that rules on projects name.

Reading of GB 36894: the limits for new, altered and extended installations bind what the project itself adds at a
protection target; the in-service limits bind the sum over the park with the project in it. What the project adds is
the larger of the risk of its own units and the rise of the sum, which also holds the escalations it sets off elsewhere.
"""

import csv
import datetime as dt
import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from parkrisk.risk.distances.external import site_of
from parkrisk.risk.distances.judge import judged
from parkrisk.risk.distances.met import distance_facts, evidence_of, park_distances
from parkrisk.risk.grading.grade import graded
from parkrisk.risk.grading.quantities import counted_people, park_facts, risk_quantities, worst_ratio
from parkrisk.risk.result import Assessment
from parkrisk.risk.rules.facts import RULES_FOLDER, Fact, Facts, between, known, missing_events, one_of, unknown
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.risk.screening.hazard_tables import classify
from parkrisk.scenarios.park import Park, Project

# Sums over sources in another order differ by rounding; a rise below this share of the risk is none.
_ROUNDING = 1e-9


def day_of_decision(ruleset: RuleSet, project: Project) -> dt.date:
    """Day of the application, unless that of the park is later: it decides which rules are in force."""
    return ruleset.date if project.date is None else max(ruleset.date, project.date)


def added_risk(project: Project, before: Assessment, after: Assessment) -> pd.DataFrame:
    """What a project adds at each protection target.

    Returns
    -------
    DataFrame
        target_id, name, class, before, after, own (units of the project), rise (after - before), added (the larger of
        the two, not below 0) [1/yr], limit_new [1/yr], ratio (added / limit_new), status (what passes is unknown where
        events are missing), mark.
        A target that comes with the project has no ``before``; there ``added`` is ``own``.
    """
    targets = after.targets.reset_index(drop=True)
    risk = after.individual_risk
    mine = set(project.tables["units"]["unit_id"])
    columns = [k for k, unit_id in enumerate(risk.unit_ids) if unit_id in mine]
    own = risk.by_source[:, columns].sum(axis=1) if columns else np.zeros(len(targets))
    earlier = targets["target_id"].map(before.targets.set_index("target_id")["individual_risk"])
    total = targets["individual_risk"].to_numpy(dtype=np.float64)
    rise = total - earlier.to_numpy(dtype=np.float64)
    rise = np.where(np.abs(rise) <= _ROUNDING * total, 0.0, rise)
    added = np.fmax(np.fmax(own, rise), 0.0)
    limit = targets["limit_new"].to_numpy(dtype=np.float64)
    ratio = added / limit
    within = "unknown" if after.events.not_computed else "pass"
    return pd.DataFrame(
        {
            "target_id": targets["target_id"],
            "name": targets["name"],
            "class": targets["class"],
            "before": earlier,
            "after": total,
            "own": own,
            "rise": rise,
            "added": added,
            "limit_new": limit,
            "ratio": ratio,
            "status": np.where(np.isnan(ratio), "unknown", np.where(ratio <= 1.0, within, "fail")),
            "mark": targets["mark"],
        }
    )


def project_facts(
    park: Park, project: Project, ruleset: RuleSet, before: Assessment, after: Assessment, added: pd.DataFrame
) -> Facts:
    """Everything that the rules of a project may ask for, on the day of the decision."""
    ruleset = replace(ruleset, date=day_of_decision(ruleset, project))
    # Where events could not be computed, what was is only a lower bound, and a rise that is not seen proves nothing.
    complete_before, complete = not before.events.not_computed, not after.events.not_computed
    known_before = park_facts(
        park,
        ruleset,
        before.targets,
        before.fn,
        before.hazards,
        complete=complete_before,
        distances=park_distances(site_of(before), ruleset),
    )
    base = graded(known_before, before.grade)
    people = counted_people(after.park)
    major = _major(project, after)
    grade_after = graded(Facts(ruleset.date), after.grade).quantities["park.grade"]
    return Facts(
        date=ruleset.date,
        quantities={
            **base.quantities,
            **risk_quantities("after", after.targets, after.fn, people=people, complete=complete),
            "after.grade": grade_after,
            "project.category": _stated(project.category, "category"),
            "project.nature": _nature(project, major),
            "project.inside_park": _inside(after.park, project),
            "project.worst_target_ratio_new": worst_ratio(added, "ratio", "limit_new", "added", complete=complete),
            "project.raises_risk": _raises(added, before, after),
            "project.forms_major_hazard": major,
            "project.strictly_controlled_substances": _controlled(project),
            "project.new_cross_pairs": _new_pairs(project, after),
            **_distances(park, project, ruleset, after),
        },
        answers={"park": park.tables["answers"], "project": project.tables["answers"]},
        indicators={"park": park.tables["indicators"], "project": project.tables["indicators"]},
        accepts=ruleset.accepts,
    )


def _stated(value: str, name: str) -> Fact:
    return known(value, origin=f"project.toml: {name}") if value else unknown(f"project.{name}")


def _nature(project: Project, major: Fact) -> Fact:
    """What the project is, as it says; of more than one kind where its figures speak against the exemption it claims.

    A retrofit alters what is there, and a service does not form a major hazard.
    """
    stated = _stated(project.nature, "nature")
    retrofit = project.nature.startswith("retrofit_") and project.category != "altered"
    service = project.nature == "service" and major.value is not False
    if not retrofit and not service:
        return stated
    return one_of(
        (project.nature, "chemical", "chemical_storage"),
        origin=stated.origin,
        missing=("project.nature",),
        mark=major.mark,
    )


def _units(project: Project, park: Park) -> pd.DataFrame:
    """Rows of the project's units in the park that holds them, where every default is filled."""
    units = park.tables["units"]
    return units[units["unit_id"].isin(set(project.tables["units"]["unit_id"]))]


def _inside(park: Park, project: Project) -> Fact:
    if park.boundary is None:
        return unknown("park.boundary")
    units = _units(project, park)
    points = shapely.points(units["x"].to_numpy(dtype=np.float64), units["y"].to_numpy(dtype=np.float64))
    if not len(units):
        return unknown("project.units")
    return known(bool(shapely.covers(park.boundary, points).all()), origin="computed: units in the park boundary")


def _raises(added: pd.DataFrame, before: Assessment, after: Assessment) -> Fact:
    # Fewer expected fatalities do not make up for a more frequent large accident: the whole F-N curve must not rise.
    earlier = after.fn["N"].map(before.fn.set_index("N")["F"]).fillna(0.0).to_numpy(dtype=np.float64)
    curve = after.fn["F"].to_numpy(dtype=np.float64) > earlier * (1.0 + _ROUNDING)
    rise = added["rise"].to_numpy(dtype=np.float64) > 0.0
    higher = after.pll > before.pll * (1.0 + _ROUNDING) or bool(rise.any()) or bool(curve.any())
    new = added["before"].isna() & (added["own"] > 0.0)
    if higher or bool(new.any()):
        return known(True, origin="computed: before and after")
    if after.events.not_computed:
        return unknown(*missing_events(after.events.not_computed))
    # Without targets or people nothing could have risen: that proves nothing.
    if not len(added) or not counted_people(after.park):
        empty = [name for name in ("targets", "population") if not len(after.park.tables[name])]
        return unknown(*(empty or ("enterprises.staff_day", "enterprises.staff_night")))
    return known(False, origin="computed: before and after")


def _touched(project: Project, after: Assessment) -> set[str]:
    """Hazard units that the project adds to."""
    mine = set(_units(project, after.park)["unit_id"])
    terms = after.hazards.terms
    return set(terms.loc[terms["unit_id"].isin(mine), "hazard_unit_id"])


def _distances(park: Park, project: Project, ruleset: RuleSet, after: Assessment) -> dict[str, Fact]:
    """External distances of the project's own installations, and of all installations of the park with it."""
    own = _touched(project, after)
    table = judged(site_of(after), evidence_of(park, ruleset, project, own))
    mine = table[table["hazard_unit_id"].isin(own)]
    return {**distance_facts("after", table), **distance_facts("project", mine)}


def _major(project: Project, after: Assessment) -> Fact:
    touched = _touched(project, after)
    units = after.hazards.units
    mine = units[units["hazard_unit_id"].isin(touched)]
    origin = "computed: GB 18218-2018"
    states = set(mine["major_hazard"])
    if "yes" not in states and "unknown" in states:
        return unknown("project.units: mass_t, hazard_classes")
    deciding = mine[mine["major_hazard"] == "yes"] if "yes" in states else mine
    return known("yes" in states, origin=origin, mark=weakest(deciding["mark"]))


@functools.cache
def _strict() -> frozenset[str]:
    with (RULES_FOLDER / "strictly_controlled.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["cas"] for row in csv.DictReader(file))


def _controlled(project: Project) -> Fact:
    """Kinds of strictly controlled substances: those listed, other acutely toxic gases (J1, J3), explosives (W1)."""
    substances = {*project.tables["units"]["substance"], *project.tables["contents"]["cas"]}
    count, open_ends = 0, []
    for cas in sorted(substances):
        classes = classify(str(cas), "", np.nan, np.nan)
        if cas in _strict() or any(symbol in ("J1", "J3") or symbol.startswith("W1.") for symbol in classes.symbols):
            count += 1
        elif not classes.complete:
            open_ends.append(f"hazard_classes[{cas}]")
    origin = "computed: substances of the project"
    return between(float(count), float(count + len(open_ends)), unit="1", origin=origin, missing=open_ends, mark="M")


def _new_pairs(project: Project, after: Assessment) -> Fact:
    """Escalation pairs between a unit of the project and another enterprise, at least as frequent as the cut-off.

    Where events could not be computed there may be more.
    """
    pairs = after.domino.pairs
    mine = set(project.tables["units"]["unit_id"])
    touched = pairs["from_unit"].isin(mine) | pairs["to_unit"].isin(mine)
    frequent = pairs["frequency"] >= after.settings.frequency_cut_off
    count = int((touched & frequent & pairs["cross_enterprise"].astype(bool)).sum())
    missing = missing_events(after.events.not_computed)
    most = np.inf if missing else float(count)
    # Unverified, as most thresholds of escalation are.
    return between(float(count), most, unit="1", origin="computed: escalation pairs", missing=missing, mark="M")
