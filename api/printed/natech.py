"""What ``parkrisk natech`` prints."""

from typing import Any

import pandas as pd

from parkrisk.api.printed.terminal import OUT, labelled, listed, pick
from parkrisk.risk.natech.natech import CAUSES, NatechResult
from parkrisk.risk.tables import flag_texts
from parkrisk.scenarios.events.whole_loss import STATES

_PER_YEAR = ("/年", "1/yr")
_GIVEN = ("给定地震", "given the earthquake")

#: Column → (Chinese, English, format); "{unit}" is the unit of frequencies.
_CAUSES = {
    "cause": ("诱因", "cause", ""),
    "frequency": ("发生频率 ({unit})", "frequency ({unit})", ".2e"),
    "any_failure": ("≥1 台泄漏", "≥ 1 unit lost", ".2e"),
    "two_failures": ("≥2 台同时泄漏", "≥ 2 units at once", ".2e"),
    "any_fire": ("≥1 台着火", "≥ 1 unit on fire", ".2e"),
    "expected_failures": ("预期泄漏台数", "expected units lost", ".2e"),
    "expected_fires": ("预期着火台数", "expected units on fire", ".2e"),
    "expected_escalations": ("预期升级台数", "expected to follow", ".2e"),
    "extended_share": ("曲线外延所占份额", "share beyond the curve", ".0%"),
    "discretisation_error": ("离散误差", "error of levels", ".1%"),
}
_NUMBERS = {
    "cause": ("诱因", "cause", ""),
    "k": ("台数 k", "units k", "d"),
    "failing": ("≥k 台泄漏 ({unit})", "≥ k lost ({unit})", ".2e"),
    "burning": ("≥k 台着火 ({unit})", "≥ k on fire ({unit})", ".2e"),
    "with_cascades": ("含升级 ({unit})", "with cascades ({unit})", ".2e"),
}
_UNITS = {
    "unit_id": ("设备", "unit", ""),
    "kind": ("类型", "kind", ""),
    "earthquake": ("地震 ({unit})", "earthquake ({unit})", ".2e"),
    "lightning": ("雷电 ({unit})", "lightning ({unit})", ".2e"),
    "frequency": ("合计 ({unit})", "all ({unit})", ".2e"),
    "ignition": ("点燃概率", "ignition", ".2f"),
    "deaths": ("每次死亡人数", "deaths each", ".2f"),
    "pll": ("预期死亡 ({unit})", "PLL ({unit})", ".2e"),
    "cascade_frequency": ("升级中失效 ({unit})", "in cascades ({unit})", ".2e"),
    "state": ("后果", "consequences", ""),
}
_NOT_ASSESSED = (
    "Natech 未评估：园区没有自然灾害输入（{file}）。未评估不等于没有风险。",
    "natech not assessed: the park has no file of natural hazards ({file}). Not assessed does not mean no risk.",
)
_APART = (
    "以上不计入园区个人风险、社会风险（F-N）与等级。",
    "None of this is part of the park's individual risk, F-N curve or grade.",
)
_UNKNOWN = ("未评估：", "not assessed: ")
_PLL = ("Natech 预期死亡 {pll:.2e} {unit}", "PLL of natech: {pll:.2e} {unit}")


def show_not_assessed(file: str, lang: str) -> None:
    """Say that nothing is known."""
    OUT.print(pick(lang, *_NOT_ASSESSED).format(file=file), style="yellow")


def _columns(columns: Any, unit: tuple[str, str]) -> Any:
    return {name: (zh.format(unit=unit[0]), en.format(unit=unit[1]), form) for name, (zh, en, form) in columns.items()}


def _named(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    return frame.assign(cause=[pick(lang, *CAUSES[name]) for name in frame["cause"]])


def show(found: NatechResult, lang: str) -> None:
    """Print causes, numbers at once, the units most at risk, and what was assumed."""
    unit = _GIVEN if found.method["conditional"] else _PER_YEAR
    assessed = found.causes[found.causes["assessed"] == "yes"]
    title = pick(lang, "自然灾害引发的事故（Natech）", "accidents set off by natural hazards (natech)")
    OUT.print(listed(title, _named(assessed, lang), _columns(_CAUSES, unit), lang))
    missing = [pick(lang, *CAUSES[name]) for name in found.causes.loc[found.causes["assessed"] == "no", "cause"]]
    if missing:
        OUT.print(pick(lang, *_UNKNOWN) + ", ".join(missing), style="yellow")
    few = found.numbers[found.numbers["k"].isin((1, 2, 3, 5, 10, 20, 50, 100))]
    OUT.print(listed(pick(lang, "同时泄漏与着火", "lost at once"), _named(few, lang), _columns(_NUMBERS, unit), lang))
    units = labelled(found.units, {"kind": "unit_kind"}, lang)
    units["state"] = [pick(lang, *STATES[state]) for state in units["state"]]
    OUT.print(listed(pick(lang, "设备", "units"), units, _columns(_UNITS, unit), lang, 10))
    if pd.notna(found.pll):
        OUT.print(pick(lang, *_PLL).format(pll=found.pll, unit=pick(lang, *unit)))
    texts = flag_texts()
    for flag in found.method["flags"]:
        OUT.print("· " + pick(lang, *texts.get(flag, (flag, flag))), style="dim")
    OUT.print(pick(lang, *_APART), style="yellow")
