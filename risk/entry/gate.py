"""May this project come in? The park is assessed without and with it, and every rule that binds a project is judged.

The verdict follows a table (``rules/verdict.csv``): a gate that fails refuses, a gate that is unknown leaves the
verdict undecided, a duty that fails or is unknown becomes a condition. Unknown never passes.
"""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from parkrisk.risk.assess import assess
from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.entry.project import added_risk, project_facts
from parkrisk.risk.result import Assessment, canonical_json, digest, plain
from parkrisk.risk.rules.facts import RULES_FOLDER
from parkrisk.risk.rules.sets import RuleSet, load
from parkrisk.risk.settings import Settings
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios import change
from parkrisk.scenarios.park import Park, Project

VERDICTS = ("admit", "admit_with_conditions", "undecided", "refuse")
_EFFECT_TO_VERDICT = (("refuse", "refuse"), ("undecided", "undecided"), ("condition", "admit_with_conditions"))


@dataclass(frozen=True)
class Decision:
    """The answer to one project.

    Parameters
    ----------
    verdict : str
        "admit", "admit_with_conditions", "refuse" or "undecided".
    rules : DataFrame
        Every rule judged, with the columns of ``parkrisk.risk.rules.judge.evaluate`` and ``effect``: refuse, undecided,
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
    before: Assessment | None = None,
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
    before : Assessment, optional
        Of this park with the same settings, rules and seed, if at hand; one of anything else is not used.
    progress : callable, optional
        Called with the stage, the steps done and the steps there are.

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
    if before is None or not _same_run(before, park, settings, ruleset, seed):
        before = assess(park, settings=settings, rules=rules, seed=seed, progress=progress)
    after = assess(changed, settings=settings, rules=rules, seed=seed, previous=before, progress=progress)
    return decide(park, project, ruleset, before, after)


def _same_run(before: Assessment, park: Park, settings: Settings | None, ruleset: RuleSet, seed: int) -> bool:
    """Whether an assessment is the one that this gate would make for the park without the project."""
    made = before.provenance
    return (
        before.park.digest() == park.digest()
        and before.settings == (settings or Settings())
        and (made.get("rules_digest"), made.get("seed")) == (ruleset.digest, seed)
    )


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
        "text_zh": f"{lead_zh}：{row['title_zh']}（{row['instrument_zh']}，{row['clause']}）{soft_zh}",
        "text_en": f"{lead_en}: {row['title_en']} ({row['instrument_en']}, {row['clause']}){soft_en}",
        "missing": list(row["missing"]),
    }


def _rule_records(judged: pd.DataFrame) -> list[dict[str, Any]]:
    """Rules as the JSON answer names them."""
    records = []
    for row in judged.to_dict("records"):
        record = {str(key): value for key, value in row.items() if key != "rule_id"}
        records.append({"id": row["rule_id"], **record, "missing": list(row["missing"])})
    return records


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
