"""May this project come in? The park is assessed without and with it, and every rule that binds a project is judged.

The verdict follows a table (``rules/verdict.csv``). Where a gate fails that another place or a smaller inventory may
meet, such a change is sought, and stated as a condition if a full run proves it. Unknown never passes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.risk.assess import assess
from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.entry import cures as search_of
from parkrisk.risk.entry.project import added_risk, day_of_decision, project_facts
from parkrisk.risk.entry.verdict import VERDICTS, asked_of_the_project, explanation, missing_items, verdict_of
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.result import Assessment, canonical_json, digest, plain
from parkrisk.risk.rules.facts import Facts
from parkrisk.risk.rules.sets import RuleSet, load
from parkrisk.risk.settings import Settings
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios import change
from parkrisk.scenarios.park import Park, Project

__all__ = ["VERDICTS", "Decision", "decide", "gate", "summary", "verdict_of"]

#: Of a search that nobody asked for.
_NO_SEARCH: Mapping[str, Any] = {"status": "not_asked", "runs": 0, "not_found": []}


@dataclass(frozen=True)
class Decision:
    """The answer to one project.

    Parameters
    ----------
    verdict : str
        "admit", "admit_with_conditions", "refuse" or "undecided".
    explanation_zh, explanation_en : str
        Verdict and what binds, in a few sentences; each rule has its own in ``rules``.
    rules : DataFrame
        Every rule judged, with the columns of ``parkrisk.risk.rules.judge.evaluate`` and ``effect``: refuse, undecided,
        condition or none.
    before, after : Assessment
        The park without and with the project.
    conditions : tuple of mappings
        kind ("evidence", "duty", "inventory", "move"), rule_id, rules, clause, status, title_zh, title_en, text_zh,
        text_en, numbers, proven_by (digest of the decision on the changed project), missing. Of those of kind
        "inventory" and "move" one suffices; of the others every one has to be met.
    missing : tuple of mappings
        item, given_by, label_zh, label_en, rules, decides: what has to be handed in, and by whom.
    search : mapping
        status ("searched", "not_needed", "not_curable", "not_asked"), runs, not_found: what was sought in vain and why.
    targets : DataFrame
        What the project adds at each protection target, beside the limits.
    provenance : mapping
    """

    verdict: str
    explanation_zh: str
    explanation_en: str
    rules: pd.DataFrame
    before: Assessment
    after: Assessment
    conditions: tuple[Mapping[str, Any], ...]
    missing: tuple[Mapping[str, Any], ...]
    search: Mapping[str, Any]
    targets: pd.DataFrame
    provenance: Mapping[str, Any]
    project: Project = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        content: dict[str, Any] = plain(
            {
                "verdict": self.verdict,
                "explanation_zh": self.explanation_zh,
                "explanation_en": self.explanation_en,
                "project": {"name": self.project.name, "code": self.project.code},
                "rules": _rule_records(self.rules),
                "before": summary(self.before),
                "after": summary(self.after),
                "targets": self.targets,
                "conditions": list(self.conditions),
                "missing": list(self.missing),
                "search": self.search,
                "provenance": dict(self.provenance),
            }
        )
        return content

    def save(self, folder: str | Path) -> Path:
        """Write ``decision.json``, ``rules.csv`` and ``targets.csv``; files of the same names are replaced."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_json(target / "decision.json", self.to_dict())
        for name, table in (("rules", self.rules), ("targets", self.targets)):
            write_table(target / f"{name}.csv", table)
        return target


def gate(
    park: Park,
    project: Project,
    *,
    settings: Settings | None = None,
    rules: str | None = None,
    seed: int = 0,
    before: Assessment | None = None,
    cures: bool = True,
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
    cures : bool
        Whether to seek a smaller inventory or another place where gates fail that these may meet; takes up to twelve
        more runs.
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
    earlier = before

    def decided(brought: Project, into: Park, report: Progress | None) -> Decision:
        after = assess(into, settings=settings, rules=rules, seed=seed, previous=earlier, progress=report)
        return decide(park, brought, ruleset, earlier, after)

    def rerun(brought: Project) -> search_of.Run:
        found = decided(brought, change(park, add=brought), None)
        return search_of.Run(found.rules, _margins(found), found.provenance["result_digest"])

    decision = decided(project, changed, progress)
    if not cures:
        return decision
    found, search = search_of.search(project, decision.after, decision.rules, rerun, progress)
    return _concluded(decision, found, search)


def _same_run(before: Assessment, park: Park, settings: Settings | None, ruleset: RuleSet, seed: int) -> bool:
    """Whether an assessment is the one that this gate would make for the park without the project."""
    made = before.provenance
    return (
        before.park.digest() == park.digest()
        and before.settings == (settings or Settings())
        and (made.get("rules_digest"), made.get("seed")) == (ruleset.digest, seed)
    )


def decide(park: Park, project: Project, ruleset: RuleSet, before: Assessment, after: Assessment) -> Decision:
    """Judge a project by two assessments already made; no change of the project is sought.

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
    provenance = {
        **{key: value for key, value in after.provenance.items() if key not in ("input_digest", "result_digest")},
        "park_digest": park.digest(),
        "project_digest": project.digest(),
        "rules": ruleset.id,
        "rules_digest": ruleset.digest,
        "rules_date": day_of_decision(ruleset, project).isoformat(),
    }
    blank = Decision("", "", "", judged, before, after, (), (), _NO_SEARCH, added, provenance, project)
    return _concluded(blank, (), _NO_SEARCH)


def _concluded(decision: Decision, changes: Sequence[Mapping[str, Any]], search: Mapping[str, Any]) -> Decision:
    """Draw verdict, conditions and words from judged rules and the changes that meet failed gates."""
    judged, rules = decision.rules.copy(), decision.after.ruleset
    cured: Collection[str] = set.intersection(*(set(each["rules"]) for each in changes)) if changes else ()
    verdict, judged["effect"] = verdict_of(judged, cured)
    conditions = (*changes, *asked_of_the_project(judged, cured))
    needed = {**search, "status": "not_needed"} if not (judged["effect"] == "refuse").any() and not changes else search
    words = explanation(verdict, judged, conditions, needed, _approved(decision.after))
    content = {
        "verdict": verdict,
        "rules": _rule_records(judged),
        "targets": decision.targets,
        "conditions": list(conditions),
    }
    return replace(
        decision,
        verdict=verdict,
        explanation_zh=words[0],
        explanation_en=words[1],
        rules=judged,
        conditions=conditions,
        missing=tuple(missing_items(judged, Facts(rules.date, evidence=rules.evidence))),
        search=needed,
        provenance={**decision.provenance, "result_digest": digest([canonical_json(content)])},
    )


def _approved(assessment: Assessment) -> int:
    """Units that are approved and not yet built, which count like any other."""
    return int((assessment.park.tables["units"]["status"] == "approved").sum())


def _margins(decision: Decision) -> dict[str, Any]:
    """How near the limits a project comes."""
    after = summary(decision.after)
    fn = decision.after.fn
    return {
        "added_over_limit_new": float(decision.targets["ratio"].max()) if len(decision.targets) else None,
        "worst_target_ratio": after["worst_target_ratio"],
        "societal_over_upper_line": float((fn["F"] / fn["upper"]).max()) if len(fn) else None,
        "societal_zone": after["societal_zone"],
        "pll": decision.after.pll,
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
        "approved_units": _approved(assessment),
    }
