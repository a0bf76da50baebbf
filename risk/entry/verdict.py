"""From judged rules to a verdict, its conditions, what is missing, and a few sentences that say why.

The logic is the table ``rules/verdict.csv``: what a rule of some severity does when it fails or is unknown, and whether
a proven change of the project makes up for it. Kinds of project that are let off, such as retrofits, are let off by the
rules themselves: a rule that does not apply has no effect.
"""

import csv
import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from parkrisk.risk.rules.facts import RULES_FOLDER, Facts

VERDICTS = ("admit", "admit_with_conditions", "undecided", "refuse")
VERDICT_WORDS = {
    "admit": ("准予入园", "Admitted"),
    "admit_with_conditions": ("有条件入园", "Admitted with conditions"),
    "undecided": ("无法判定", "Undecided"),
    "refuse": ("不予入园", "Refused"),
}
_EFFECT_TO_VERDICT = (("refuse", "refuse"), ("undecided", "undecided"), ("condition", "admit_with_conditions"))


@functools.cache
def _effects() -> dict[tuple[str, bool, str, bool], str]:
    with (RULES_FOLDER / "verdict.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["severity"], row["in_principle"] == "yes", row["status"], cured): row["effect"]
            for row in csv.DictReader(file)
            for cured in (False, True)
            if row["cured"] in ("any", "yes" if cured else "no")
        }


def verdict_of(judged: pd.DataFrame, cured: Collection[str] = ()) -> tuple[str, list[str]]:
    """Verdict over evaluated rules, and the effect of each rule on it; undecided where no rule is in force.

    Parameters
    ----------
    judged : DataFrame
        As ``parkrisk.risk.rules.judge.evaluate`` gives it.
    cured : collection of str
        rule_id of failed gates that a proven change of the project meets.

    Returns
    -------
    str
        One of ``VERDICTS``.
    list of str
        refuse, undecided, condition or none; one per row.
    """
    columns = (judged[name] for name in ("rule_id", "severity", "in_principle", "status"))
    effects = [
        _effects().get((severity, bool(soft), status, rule in cured), "none")
        for rule, severity, soft, status in zip(*columns, strict=True)
    ]
    best = "undecided" if (judged["because"] == "not_in_force").all() else "admit"
    verdict = next((name for effect, name in _EFFECT_TO_VERDICT if effect in effects), best)
    return verdict, effects


def asked_of_the_project(judged: pd.DataFrame, cured: Collection[str] = ()) -> list[dict[str, Any]]:
    """Conditions of rules that are to be met or shown: kind "duty" or "evidence".

    Parameters
    ----------
    judged : DataFrame
        With ``effect``.
    cured : collection of str
        rule_id of what proven changes of the project meet: their conditions stand instead.
    """
    rows = judged[(judged["effect"] == "condition") & ~judged["rule_id"].isin(set(cured))]
    return [_condition(row) for row in rows.to_dict("records")]


def _condition(row: Mapping[Any, Any]) -> dict[str, Any]:
    soft = bool(row["in_principle"])
    soft_zh = "；条文为“原则上”，例外须经主管部门批准" if soft else ""
    soft_en = '; the text says "in principle": an exception needs the approval of the authority' if soft else ""
    failed = row["status"] == "fail"
    lead_zh, lead_en = ("须整改达标", "To be met") if failed else ("须补充证明材料", "Evidence to be handed in")
    return {
        "kind": "duty" if failed else "evidence",
        "rule_id": row["rule_id"],
        "rules": [row["rule_id"]],
        "clause": f"{row['instrument_zh']} {row['clause']}",
        "status": row["status"],
        "title_zh": row["title_zh"],
        "title_en": row["title_en"],
        "text_zh": f"{lead_zh}：{row['title_zh']}（{row['instrument_zh']}，{row['clause']}）{soft_zh}",
        "text_en": f"{lead_en}: {row['title_en']} ({row['instrument_en']}, {row['clause']}){soft_en}",
        "numbers": {},
        "proven_by": None,
        "missing": list(row["missing"]),
    }


def missing_items(judged: pd.DataFrame, asked: Facts) -> list[dict[str, Any]]:
    """What has to be handed in, what the verdict waits for first.

    Parameters
    ----------
    judged : DataFrame
        Evaluated rules with their effects.
    asked : Facts
        Knows the items of evidence by name.

    Returns
    -------
    list of dict
        item, given_by ("project": the applicant, "park": the administration of the park), label_zh, label_en, rules
        (that ask for it), decides: whether the verdict is undecided without it.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in judged[judged["effect"].isin(["undecided", "condition"])].to_dict("records"):
        for name in row["missing"]:
            item = found.setdefault(name, {**_item(name, asked), "rules": [], "decides": False})
            item["rules"].append(row["rule_id"])
            item["decides"] |= row["effect"] == "undecided"
    return sorted(found.values(), key=lambda item: (not item["decides"], item["given_by"], item["item"]))


def _item(name: str, asked: Facts) -> dict[str, str]:
    table, _, rest = name.partition(".")
    what = {"answers": "answer", "indicators": "indicator"}.get(table, "")
    key = rest.split(" ")[0].removesuffix(".date")
    about = asked.about(what, key if what else name)
    side = about.given_by or ("project" if table in ("project", "answers", "indicators") else "park")
    return {"item": name, "given_by": side, "label_zh": about.label_zh, "label_en": about.label_en}


def explanation(
    verdict: str,
    judged: pd.DataFrame,
    conditions: Sequence[Mapping[str, Any]],
    search: Mapping[str, Any],
    approved: int,
) -> tuple[str, str]:
    """Verdict and what binds, in Chinese and English.

    Parameters
    ----------
    verdict : str
    judged : DataFrame
        With ``effect``.
    conditions : sequence of mappings
    search : mapping
        What was searched for changes that meet a failed gate, see ``parkrisk.risk.entry.cures``.
    approved : int
        Units approved and not yet built, which count before and after.
    """
    binding = judged[judged["effect"].isin(["refuse", "undecided"])]
    if verdict == "refuse":
        binding = binding[binding["effect"] == "refuse"]
    zh = [f"{VERDICT_WORDS[verdict][0]}。{_reasons(verdict, binding, conditions)[0]}"]
    en = [f"{VERDICT_WORDS[verdict][1]}. {_reasons(verdict, binding, conditions)[1]}"]
    for words_zh, words_en in (_of_search(search), _of_approved(approved)):
        zh += [words_zh] if words_zh else []
        en += [words_en] if words_en else []
    return "".join(zh), " ".join(en)


def _reasons(verdict: str, binding: pd.DataFrame, conditions: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    if verdict == "admit":
        return "所有否决性条款和义务均符合或不适用。", "Every gate and every duty is met or does not apply."
    if verdict == "admit_with_conditions":
        changes = [condition for condition in conditions if condition["kind"] in ("inventory", "move")]
        papers = [condition for condition in conditions if condition["kind"] not in ("inventory", "move")]
        zh = [condition["text_zh"] for condition in changes]
        en = [condition["text_en"] for condition in changes]
        if papers:
            zh.append(f"须落实整改或补充材料 {len(papers)} 项：" + "；".join(each["title_zh"] for each in papers))
            en.append(f"Duties or evidence, {len(papers)}: " + "; ".join(each["title_en"] for each in papers))
        return "；".join(zh) + "。", ". ".join(en) + "."
    if binding.empty:
        return (
            "没有当日施行的项目规则，无从判定。",
            "No rule on projects is in force on the day, so nothing was judged.",
        )
    titles_zh = "；".join(f"{row.title_zh}（{row.rule_id}）" for row in binding.itertuples())
    titles_en = "; ".join(f"{row.title_en} ({row.rule_id})" for row in binding.itertuples())
    if verdict == "refuse":
        return f"{len(binding)} 条否决性条款不符合：{titles_zh}。", f"{len(binding)} gates are not met: {titles_en}."
    return (
        f"{len(binding)} 条否决性条款缺少证明，未知不作为通过：{titles_zh}。",
        f"{len(binding)} gates are not shown to be met, and unknown never passes: {titles_en}.",
    )


def _of_search(search: Mapping[str, Any]) -> tuple[str, str]:
    status, open_ends = search["status"], search["not_found"]
    if status == "not_asked":
        return (
            "未搜索可满足条款的项目变更。",
            "No change of the project that would meet the gates was sought.",
        )
    if status == "not_curable":
        return "改变位置或存量不能满足这些条款。", "No change of place or inventory meets these gates."
    zh = "；".join(each["reason_zh"] for each in open_ends)
    en = ". ".join(each["reason_en"] for each in open_ends)
    return (f"{zh}。", f"{en}.") if zh else ("", "")


def _of_approved(approved: int) -> tuple[str, str]:
    if not approved:
        return "", ""
    return (
        f"前后两次评估均计入已批未建设备 {approved} 台。",
        f"Units approved and not yet built that count before and after: {approved}.",
    )
