"""May this project come in? The park is assessed without and with it, and every rule that binds a project is judged.

The verdict follows a table (``rules/verdict.csv``): a gate that fails refuses, a gate that is unknown leaves the
verdict undecided, a duty that fails or is unknown becomes a condition. Unknown never passes.

Reading of GB 36894: the limits for new, altered and extended installations bind what the project itself adds at a
protection target; the in-service limits bind the sum over the park with the project in it. What the project adds is
the larger of the risk of its own units and the rise of the sum, which also holds the escalations it sets off elsewhere.
"""

import csv
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from parkrisk.risk.assess import assess
from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.facts import RULES_FOLDER, Fact, Facts, between, known, unknown
from parkrisk.risk.grade import graded
from parkrisk.risk.hazard_tables import classify
from parkrisk.risk.quantities import counted_people, park_facts, risk_quantities, worst_ratio
from parkrisk.risk.result import Assessment, canonical_json, digest, plain
from parkrisk.risk.rules import RuleSet, load
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import change
from parkrisk.scenarios.park import Park, Project

VERDICTS = ("admit", "admit_with_conditions", "undecided", "refuse")
_EFFECT_TO_VERDICT = (("refuse", "refuse"), ("undecided", "undecided"), ("condition", "admit_with_conditions"))
# Sums over sources in another order differ by rounding; a rise below this share of the risk is none.
_ROUNDING = 1e-9
_ICE = 273.15

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Decision:
    """The answer to one project.

    Parameters
    ----------
    verdict : str
        "admit", "admit_with_conditions", "refuse" or "undecided".
    rules : DataFrame
        Every rule judged, with the columns of ``parkrisk.risk.judge.evaluate`` and ``effect``: refuse, undecided,
        condition or none.
    before, after : Assessment
        The park without and with the project.
    conditions : tuple of mappings
        rule_id, clause, status, text_zh, text_en, missing: what has to be met or handed in.
    targets : DataFrame
        What the project adds at each protection target, beside the limits.
    provenance : mapping
    """

    verdict: str
    rules: pd.DataFrame
    before: Assessment
    after: Assessment
    conditions: tuple[Mapping[str, Any], ...]
    targets: pd.DataFrame
    provenance: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        content: dict[str, Any] = plain(
            {
                "verdict": self.verdict,
                "rules": _rule_records(self.rules),
                "before": summary(self.before),
                "after": summary(self.after),
                "targets": self.targets,
                "conditions": list(self.conditions),
                "provenance": dict(self.provenance),
            }
        )
        return content


def gate(
    park: Park,
    project: Project,
    *,
    settings: Settings | None = None,
    rules: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Decision:
    """Decide whether a project may enter a park.

    Parameters
    ----------
    park : Park
    project : Project
    settings : Settings, optional
    rules : str, optional
        Rule set; the park's own when left out.
    seed : int
    progress : callable, optional
        Called with the stage and the share of it that is done.

    Returns
    -------
    Decision

    Raises
    ------
    RuleError
        The rule set is unknown or has problems.
    InputProblems
        The park with the project in it is not valid.
    """
    ruleset = load(rules or park.rulebook, park.date)
    changed = change(park, add=project)
    before = assess(park, settings=settings, rules=rules, seed=seed, progress=progress)
    after = assess(changed, settings=settings, rules=rules, seed=seed, progress=progress)
    return decide(park, project, ruleset, before, after)


def decide(park: Park, project: Project, ruleset: RuleSet, before: Assessment, after: Assessment) -> Decision:
    """Judge a project by two assessments already made.

    Parameters
    ----------
    park, project : Park, Project
    ruleset : RuleSet
    before, after : Assessment
        Of the park without and with the project.
    """
    added = added_risk(project, before, after)
    facts = project_facts(park, project, ruleset, before, after, added)
    judged = ruleset.evaluate(facts, "project")
    verdict, effects = verdict_of(judged)
    judged["effect"] = effects
    conditions = tuple(_condition(row) for row in judged.to_dict("records") if row["effect"] == "condition")
    provenance = {
        **{key: value for key, value in after.provenance.items() if key not in ("input_digest", "result_digest")},
        "park_digest": park.digest(),
        "project_digest": project.digest(),
        "rules": ruleset.id,
        "rules_digest": ruleset.digest,
        "rules_date": ruleset.date.isoformat(),
        "result_digest": digest(
            [canonical_json({"verdict": verdict, "rules": _rule_records(judged), "targets": added})]
        ),
    }
    return Decision(verdict, judged, before, after, conditions, added, provenance)


@functools.cache
def _effects() -> dict[tuple[str, bool, str], str]:
    with (RULES_FOLDER / "verdict.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["severity"], row["in_principle"] == "yes", row["status"]): row["effect"]
            for row in csv.DictReader(file)
        }


def verdict_of(judged: pd.DataFrame) -> tuple[str, list[str]]:
    """Verdict over evaluated rules, and the effect of each rule on it."""
    keys = zip(judged["severity"], judged["in_principle"], judged["status"], strict=True)
    effects = [_effects().get((severity, bool(soft), status), "none") for severity, soft, status in keys]
    verdict = next((name for effect, name in _EFFECT_TO_VERDICT if effect in effects), "admit")
    return verdict, effects


def _condition(row: Mapping[Any, Any]) -> dict[str, Any]:
    soft_zh = "；条文为“原则上”，例外须经主管部门批准" if row["in_principle"] else ""
    soft_en = (
        '; the text says "in principle": an exception needs the approval of the authority'
        if row["in_principle"]
        else ""
    )
    lead_zh = "须整改达标" if row["status"] == "fail" else "须补充证明材料"
    lead_en = "To be met" if row["status"] == "fail" else "Evidence to be handed in"
    return {
        "rule_id": row["rule_id"],
        "clause": f"{row['instrument_zh']} {row['clause']}",
        "status": row["status"],
        "text_zh": f"{lead_zh}：{row['title_zh']}{soft_zh}",
        "text_en": f"{lead_en}: {row['title_en']}{soft_en}",
        "missing": list(row["missing"]),
    }


def _rule_records(judged: pd.DataFrame) -> list[dict[str, Any]]:
    """Rules as the JSON answer names them."""
    records = []
    for row in judged.to_dict("records"):
        record = {str(key): value for key, value in row.items() if key != "rule_id"}
        records.append({"id": row["rule_id"], **record, "missing": list(row["missing"])})
    return records


def added_risk(project: Project, before: Assessment, after: Assessment) -> pd.DataFrame:
    """What a project adds at each protection target.

    Returns
    -------
    DataFrame
        target_id, name, class, before, after, own (units of the project), rise (after - before), added (the larger of
        the two, not below 0) [1/yr], limit_new [1/yr], ratio (added / limit_new), status, mark.
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
            "status": np.where(np.isnan(ratio), "unknown", np.where(ratio <= 1.0, "pass", "fail")),
            "mark": targets["mark"],
        }
    )


def project_facts(
    park: Park, project: Project, ruleset: RuleSet, before: Assessment, after: Assessment, added: pd.DataFrame
) -> Facts:
    """Everything that the rules of a project may ask for."""
    base = graded(
        park_facts(park, ruleset, before.targets, before.fn, domino_assessed=bool(before.settings.domino_histories)),
        before.grade,
    )
    grade_after = graded(Facts(ruleset.date), after.grade).quantities["park.grade"]
    return Facts(
        date=ruleset.date,
        quantities={
            **base.quantities,
            **risk_quantities("after", after.targets, after.fn, people=counted_people(after.park)),
            "after.grade": grade_after,
            "project.category": _stated(project.category, "category"),
            "project.nature": _stated(project.nature, "nature"),
            "project.inside_park": _inside(after.park, project),
            "project.worst_target_ratio_new": worst_ratio(added, "ratio", "limit_new", "added"),
            "project.raises_risk": _raises(added, before, after),
            "project.forms_major_hazard": _major(project, after),
            "project.strictly_controlled_substances": _controlled(project),
            "project.new_cross_pairs": _new_pairs(project, after),
        },
        answers={"park": park.tables["answers"], "project": project.tables["answers"]},
        indicators={"park": park.tables["indicators"], "project": project.tables["indicators"]},
        accepts=ruleset.accepts,
    )


def _stated(value: str, name: str) -> Fact:
    origin = f"project.toml: {name}"
    return known(value, origin=origin) if value else unknown(origin)


def _units(project: Project, park: Park) -> pd.DataFrame:
    """Rows of the project's units in the park that holds them, where every default is filled."""
    units = park.tables["units"]
    return units[units["unit_id"].isin(set(project.tables["units"]["unit_id"]))]


def _inside(park: Park, project: Project) -> Fact:
    if park.boundary is None:
        return unknown("park.toml: boundary")
    units = _units(project, park)
    points = shapely.points(units["x"].to_numpy(dtype=np.float64), units["y"].to_numpy(dtype=np.float64))
    if not len(units):
        return unknown("project units")
    return known(bool(shapely.covers(park.boundary, points).all()), origin="computed: units in the park boundary")


def _raises(added: pd.DataFrame, before: Assessment, after: Assessment) -> Fact:
    higher = after.pll > before.pll * (1.0 + _ROUNDING) or bool((added["rise"].to_numpy(dtype=np.float64) > 0.0).any())
    new = added["before"].isna() & (added["own"] > 0.0)
    if higher or bool(new.any()):
        return known(True, origin="computed: before and after")
    # Without targets or people nothing could have risen: that proves nothing.
    if not len(added) or not counted_people(after.park):
        return unknown(*(name for name in ("targets", "population") if not len(after.park.tables[name])))
    return known(False, origin="computed: before and after")


def _major(project: Project, after: Assessment) -> Fact:
    mine = set(_units(project, after.park)["unit_id"])
    terms = after.hazards.terms
    touched = set(terms.loc[terms["unit_id"].isin(mine), "hazard_unit_id"])
    units = after.hazards.units
    states = set(units.loc[units["hazard_unit_id"].isin(touched), "major_hazard"])
    origin = "computed: GB 18218-2018"
    if "yes" in states:
        return known(True, origin=origin)
    if "unknown" in states:
        return unknown("mass or hazard class of the project's substances")
    return known(False, origin=origin)


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
            open_ends.append(f"hazard class of {cas}")
    origin = "computed: substances of the project"
    return between(float(count), float(count + len(open_ends)), unit="1", origin=origin, missing=open_ends, mark="M")


def _new_pairs(project: Project, after: Assessment) -> Fact:
    """Escalation pairs between a unit of the project and another enterprise, at least as frequent as the cut-off."""
    if not after.settings.domino_histories:
        return unknown("escalation analysis")
    pairs = after.domino.pairs
    mine = set(project.tables["units"]["unit_id"])
    touched = pairs["from_unit"].isin(mine) | pairs["to_unit"].isin(mine)
    frequent = pairs["frequency"] >= after.settings.frequency_cut_off
    count = int((touched & frequent & pairs["cross_enterprise"].astype(bool)).sum())
    return known(float(count), unit="1", origin="computed: escalation pairs")


def summary(assessment: Assessment) -> dict[str, Any]:
    """Figures of an assessment that a decision compares."""
    zones = possible_zones(assessment.fn["zone"])
    levels = assessment.hazards.units["level"].dropna()
    targets = assessment.targets
    return {
        "grade": {key: value for key, value in assessment.grade.to_dict().items() if key != "items"},
        "pll": assessment.pll,
        "societal_zone": zones[0] if len(zones) == 1 else "unknown",
        "targets_over_limit": int((targets["status"] == "fail").sum()),
        "targets_unknown": int((targets["status"] == "unknown").sum()),
        "worst_target_ratio": float(targets["ratio"].max()) if len(targets) else None,
        "major_hazards": {f"level_{level}": int((levels == level).sum()) for level in (1, 2, 3, 4)},
        "domino_pairs": len(assessment.domino.pairs),
    }
