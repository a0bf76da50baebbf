"""What ``parkrisk gate`` prints: verdict, rules not met or not shown, before and after, conditions, what is missing."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.panel import Panel
from rich.text import Text

from parkrisk.api.printed.terminal import OUT, STATUS_NAMES, VERDICT_NAMES, Columns, cell_text, listed, pick

__all__ = ["show_decision"]

_RULES: Columns = {
    "status": ("结论", "status", ""),
    "clause": ("条款", "clause", ""),
    "value": ("取值", "value", ""),
    "limit": ("限值", "limit", ""),
    "why": ("说明", "why", ""),
}
_FIGURES: Columns = {
    "figure": ("指标", "figure", ""),
    "before": ("无项目", "without", ""),
    "after": ("有项目", "with the project", ""),
}
_TARGETS: Columns = {
    "target_id": ("编号", "id", ""),
    "name": ("名称", "name", ""),
    "added": ("项目增加 /年", "added /yr", ".2e"),
    "limit_new": ("新建基准 /年", "limit, new /yr", ".0e"),
    "ratio": ("比值", "ratio", ".3g"),
    "before": ("无项目 /年", "before /yr", ".2e"),
    "after": ("有项目 /年", "after /yr", ".2e"),
}
_MISSING: Columns = {
    "label": ("缺少的材料", "what is missing", ""),
    "item": ("填报项", "item", ""),
    "given_by": ("提供方", "given by", ""),
    "decides": ("影响", "effect", ""),
}
_WORDS = {"yes": ("是", "yes"), "no": ("否", "no"), "partial": ("部分", "partial"), "unknown": ("未知", "unknown")}
SIDES = {"project": ("申报方", "applicant"), "park": ("园区", "park")}
_ORDER = ("fail", "unknown", "pass", "not_applicable")
EFFECTS = ("refuse", "undecided", "condition", "none")
CONDITION_KINDS = {
    "inventory": ("存量", "inventory"),
    "move": ("位置", "place"),
    "duty": ("整改", "duty"),
    "evidence": ("材料", "evidence"),
}


def show_decision(decision: Any, lang: str) -> None:
    """Print the decision; the files have every value, limit and sentence."""
    content = decision.to_dict()
    chinese, english, style = VERDICT_NAMES[decision.verdict]
    heading = pick(lang, "入园准入判定", "entry verdict")
    verdict = Text(f"{heading}  {decision.project.name}  ").append(pick(lang, chinese, english), style)
    OUT.print(Panel(content[f"explanation_{lang}"], title=verdict, expand=False))
    _show_rules(content["rules"], lang)
    OUT.print(listed(pick(lang, "前后对比", "before and after"), _figures(content, lang), _FIGURES, lang))
    targets = decision.targets.sort_values(["ratio", "target_id"], ascending=[False, True])
    title = pick(lang, "项目对防护目标增加的个人风险", "individual risk that the project adds at targets")
    OUT.print(listed(title, targets, _TARGETS, lang, 5))
    _show_conditions(content["conditions"], lang)
    _show_missing(content["missing"], lang)
    OUT.print(f"result_digest {decision.provenance['result_digest']}", style="dim")


def _show_rules(rules: list[Mapping[str, Any]], lang: str) -> None:
    """Rules that failed or are unknown as a table, what decides first; the others by their number."""
    counts = {status: sum(rule["status"] == status for rule in rules) for status in _ORDER}
    shown = [rule for rule in rules if rule["status"] in _ORDER[:2]]
    shown.sort(key=lambda rule: (EFFECTS.index(rule["effect"]), _ORDER.index(rule["status"])))
    if shown:
        rows = pd.DataFrame(
            [
                {
                    "status": pick(lang, *STATUS_NAMES[rule["status"]][:2]),
                    "clause": f"{rule['id']}\n{rule['clause']}",
                    "value": value_text(rule["value"], lang),
                    "limit": value_text(rule["limit"], lang),
                    "why": rule[f"why_{lang}"],
                }
                for rule in shown
            ]
        )
        title = pick(lang, "不符合或无法判定的条款", "rules not met or not shown to be met")
        OUT.print(listed(title, rows, _RULES, lang))
    OUT.print(
        "  ".join(f"{pick(lang, *STATUS_NAMES[status][:2])} {count}" for status, count in counts.items()), style="dim"
    )


def value_text(value: Any, lang: str) -> str:
    """A value or limit of a rule in words."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return pick(lang, *_WORDS["yes" if value else "no"])
    if isinstance(value, float):
        return f"{value:.4g}"
    return "; ".join(pick(lang, *_WORDS.get(word, (word, word))) for word in str(value).split("; "))


def _figures(content: Mapping[str, Any], lang: str) -> pd.DataFrame:
    rows = []
    for side in ("before", "after"):
        summary = content[side]
        hazards = summary["major_hazards"]
        rows.append(
            {
                pick(lang, "园区等级", "park grade"): f"{summary['grade']['letter']} ({summary['grade']['score']:.1f})",
                pick(lang, "PLL 人/年", "PLL /yr"): f"{summary['pll']:.3e}",
                pick(lang, "目标处最大风险/限值", "worst risk over limit at a target"): cell_text(
                    summary["worst_target_ratio"], ".3g"
                ),
                pick(lang, "超限目标数", "targets over limit"): str(summary["targets_over_limit"]),
                pick(lang, "社会风险区", "zone of societal risk"): zone_name(summary["societal_zone"], lang),
                pick(lang, "重大危险源 一/二/三/四级", "major hazards, level 1/2/3/4"): " / ".join(
                    str(hazards[f"level_{level}"]) for level in (1, 2, 3, 4)
                ),
                pick(lang, "已批未建设备（计入）", "approved units, not built (counted)"): str(
                    summary["approved_units"]
                ),
            }
        )
    return pd.DataFrame({"figure": list(rows[0]), "before": list(rows[0].values()), "after": list(rows[1].values())})


def zone_name(name: str, lang: str) -> str:
    """Zone of the F-N plane in words."""
    from parkrisk.risk.rules.rulefile import quantities

    return pick(lang, *quantities()["after.societal_zone"].choices.get(name, ("未知", "unknown")))


def _show_conditions(conditions: list[Mapping[str, Any]], lang: str) -> None:
    if conditions:
        OUT.print(pick(lang, "条件", "conditions"), style="bold")
    for number, condition in enumerate(conditions, start=1):
        line = Text(f"{number}. [{pick(lang, *CONDITION_KINDS[condition['kind']])}] ", "yellow")
        line.append(condition[f"text_{lang}"], "default")
        OUT.print(line)
        if condition["proven_by"]:
            OUT.print(Text(f"   {margin_text(condition['numbers'], lang)}", "dim"))


def margin_text(numbers: Mapping[str, Any], lang: str) -> str:
    """What the proving run of a condition found."""
    added, total = (cell_text(numbers[name], ".3g") for name in ("added_over_limit_new", "worst_target_ratio"))
    line = cell_text(numbers["societal_over_upper_line"], ".3g")
    then = ", ".join(numbers["then_also"])
    zh = f"复算：项目增加/新建基准 {added}，总和/在役基准 {total}，F-N/上限线 {line}"
    en = f"run again: added over new limit {added}, sum over in-service limit {total}, F-N over upper line {line}"
    return pick(lang, zh + (f"；另须满足 {then}" if then else ""), en + (f"; then also {then}" if then else ""))


def _show_missing(missing: list[Mapping[str, Any]], lang: str) -> None:
    if not missing:
        return
    rows = pd.DataFrame(
        [
            {
                "label": item[f"label_{lang}"],
                "item": item["item"],
                "given_by": pick(lang, *SIDES[item["given_by"]]),
                "decides": pick(lang, "判定所需", "verdict waits for it")
                if item["decides"]
                else pick(lang, "条件", "condition"),
            }
            for item in missing
        ]
    )
    OUT.print(listed(pick(lang, "缺少的材料", "what is missing"), rows, _MISSING, lang))
