"""What the rules for new projects ask of the park itself, whatever the project: its grade and its recognition."""

import pandas as pd

from parkrisk.risk.grading.grade import Grade
from parkrisk.risk.grading.quantities import recognised
from parkrisk.risk.rules.facts import Facts, all_of, compare, one_of
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.rules.rulefile import Branch, Rule, Test, leaves
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.risk.rules.words import describe
from parkrisk.scenarios.park import Park

__all__ = ["COLUMNS", "admission"]

COLUMNS = (
    "rule_id",
    "instrument_zh",
    "instrument_en",
    "clause",
    "title_zh",
    "title_en",
    "severity",
    "in_principle",
    "asks_zh",
    "asks_en",
    "binds_zh",
    "binds_en",
    "status",
    "other_ways",
    "mark",
)
_STATUS = {True: "pass", False: "fail", None: "unknown"}
_ORDER = ("fail", "unknown", "pass")


def admission(rules: RuleSet, grade: Grade, park: Park) -> pd.DataFrame:
    """Judge the part of the rules for projects that the park alone decides.

    Parameters
    ----------
    rules : RuleSet
    grade : Grade
    park : Park

    Returns
    -------
    DataFrame
        One row a rule in force that asks for the grade or the recognition of the park, with ``COLUMNS``: ``asks_zh``
        and ``asks_en`` say what, ``binds_zh`` and ``binds_en`` of which projects ("": all); ``status`` is pass, fail
        or unknown (of this part alone, whatever the project); ``other_ways``: whether the rule can be met in another
        way, or lifted. What fails comes first, then what is unknown, else in the order of the rulebooks.
    """
    of_park = {
        "park.grade": one_of(grade.letters, missing=grade.missing, mark="M" if grade.unverified else "1"),
        "park.recognised": recognised(park),
    }
    about = Facts(date=rules.date, evidence=rules.evidence).about
    rows = []
    for rule in rules.rules:
        asked = [leaf for leaf in leaves(rule.test) if leaf.what == "quantity" and leaf.name in of_park]
        if "project" not in rule.scope or not rule.in_force(rules.date) or not asked:
            continue
        truths = [compare(of_park[leaf.name], leaf.comparison, leaf.limit or ()) for leaf in asked]
        words = [describe(leaf, about) for leaf in asked]
        binds = [describe(test, about) for test in rule.applies_when]
        rows.append(
            {
                **{name: getattr(rule, name.replace("rule_id", "id")) for name in COLUMNS[:8]},
                "asks_zh": "；".join(zh for zh, _ in words),
                "asks_en": "; ".join(en for _, en in words),
                "binds_zh": "；".join(zh for zh, _ in binds),
                "binds_en": "; ".join(en for _, en in binds),
                "status": _STATUS[all_of(truths)],
                "other_ways": _other_ways(rule),
                "mark": weakest((rule.mark, *(of_park[leaf.name].mark for leaf in asked))),
            }
        )
    rows.sort(key=lambda row: _ORDER.index(row["status"]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _other_ways(rule: Rule) -> bool:
    return bool(rule.exempt_when) or _has_any(rule.test)


def _has_any(test: Test) -> bool:
    return isinstance(test, Branch) and (test.how == "any" or any(_has_any(part) for part in test.parts))
