"""What the command prints of two descriptions of a park: what differs, what each step did, figures, rules."""

import pandas as pd

from parkrisk.api.printed import terminal, whatif
from parkrisk.api.printed.terminal import STATUS_NAMES, Columns, listed, pick
from parkrisk.risk.comparison import Comparison
from parkrisk.scenarios import schema

__all__ = ["show"]

_CHANGES = {"added": ("新增", "added"), "removed": ("减少", "removed"), "altered": ("改变", "altered")}
_INPUTS: Columns = {
    "table": ("表", "table", ""),
    "key": ("行", "row", ""),
    "change": ("变化", "change", ""),
    "column": ("列", "column", ""),
    "before": ("改变前", "before", ""),
    "after": ("改变后", "after", ""),
}
_STEPS: Columns = {
    "label": ("依次接入", "taken over", ""),
    "changes": ("变化数", "changes", "d"),
    "grade": ("等级", "grade", ""),
    "pll": ("PLL 人/年", "PLL /yr", ".3e"),
    "largest_ratio": ("最大风险/限值", "risk over limit", ".3g"),
    "targets_over_limit": ("超限目标", "over limit", "d"),
    "f_10": ("F(10) /年", "F(10) /yr", ".2e"),
}
_RULES: Columns = {
    "rule_id": ("规则", "rule", ""),
    "title": ("要求", "asks", ""),
    "before": ("改变前", "before", ""),
    "after": ("改变后", "after", ""),
}
_SHOWN = 20


def show(found: Comparison, lang: str) -> None:
    """Print a comparison; the inputs first, then what they did."""
    inputs = found.inputs
    tables = schema.tables()
    shown = inputs.assign(
        table=[pick(lang, tables[name].label_zh, tables[name].label_en) for name in inputs["table"]],
        change=[pick(lang, *_CHANGES[change]) for change in inputs["change"]],
    )
    terminal.OUT.print(listed(pick(lang, "输入的变化", "what differs in the input"), shown, _INPUTS, lang, _SHOWN))
    steps = found.steps.assign(label=found.steps[f"label_{lang}"])
    terminal.OUT.print(listed(pick(lang, "各类变化的作用", "what each kind of change does"), steps, _STEPS, lang))
    whatif.show(found.effect, lang)
    rules = found.rules.assign(title=found.rules[f"title_{lang}"])
    for name in ("before", "after"):
        rules[name] = [pick(lang, *STATUS_NAMES[status][:2]) if status else "–" for status in rules[name]]
    terminal.OUT.print(listed(pick(lang, "结论有变化的规则", "rules judged otherwise"), rules, _RULES, lang, _SHOWN))
    terminal.OUT.print(_verdict(found, shown, lang))


def _verdict(found: Comparison, inputs: pd.DataFrame, lang: str) -> str:
    """Everything in one sentence."""
    before, after = found.effect.before, found.effect.after
    return pick(
        lang,
        f"输入变化 {len(inputs)} 处；PLL {before.pll:.2e} → {after.pll:.2e} 人/年；"
        f"等级 {before.grade.letter or '–'} → {after.grade.letter or '–'}",
        f"{len(inputs)} changes of the input; PLL {before.pll:.2e} → {after.pll:.2e} /yr; "
        f"grade {before.grade.letter or '–'} → {after.grade.letter or '–'}",
    )
