"""What the command prints of a study of measures."""

from typing import Any

import pandas as pd

from parkrisk.api.printed import terminal
from parkrisk.api.printed.terminal import Columns, listed, pick, show_notice, show_saved
from parkrisk.risk.result import park_summary

__all__ = ["show", "show_saved"]

_STATUS = {
    "chosen": ("入选", "chosen"),
    "not_chosen": ("未入选", "not chosen"),
    "over_budget": ("超出预算", "over budget"),
    "cost_unknown": ("费用未知", "cost unknown"),
}
_FIGURES = {
    "secondary_failures": ("多米诺设备失效 /年", "failures in cascades /yr"),
    "domino_pll": ("多米诺 PLL /年", "PLL of cascades /yr"),
    "pll": ("园区 PLL /年", "PLL of the park /yr"),
}
_METHODS = {
    "coverage": ("覆盖模型（整数规划）", "coverage model (MILP)"),
    "greedy": ("贪心法", "greedy"),
    "single": ("单项最优", "best single"),
    "none": ("无", "none"),
}
_REDUCTIONS: Columns = {
    "failures": ("减少失效 /年", "fewer failures /yr", ""),
    "deaths": ("减少死亡 /年", "fewer deaths /yr", ""),
}
_TOTALS: Columns = {
    "figure": ("指标", "figure", ""),
    "before": ("现状", "before", ".3e"),
    "after": ("采取措施后", "after", ".3e"),
    "reduction": ("减少", "reduction", ".2e"),
    "error": ("标准误差", "standard error", ".0e"),
}
_CANDIDATES: Columns = {
    "measure_id": ("措施", "measure", ""),
    "cost": ("费用", "cost", ",.0f"),
    **_REDUCTIONS,
    "cost_per_failure": ("每避免一次失效费用", "cost per failure", ".2e"),
    "cost_per_death": ("每避免一人死亡费用", "cost per death", ".2e"),
    "status": ("结论", "status", ""),
}
_SETS: Columns = {
    "method": ("选法", "chosen by", ""),
    "measures": ("措施组合", "measures", ""),
    "cost": ("费用", "cost", ",.0f"),
    **_REDUCTIONS,
}
_FRONTIER: Columns = {
    "budget": ("预算", "budget", ",.0f"),
    "measures": ("措施组合", "measures", ""),
    "cost": ("费用", "cost", ",.0f"),
    **_REDUCTIONS,
    "bound": ("减少量上界", "bound", ".2e"),
}
_CHAINS: Columns = {
    "units": ("链", "chain", ""),
    "frequency": ("频率 /年", "frequency /yr", ".2e"),
    "harm": ("危害 /年", "harm /yr", ".2e"),
    "measure": ("最能阻断的措施", "measure that breaks it", ""),
    "broken": ("阻断比例", "share broken", ".0%"),
    "key_unit": ("关键设备", "key unit", ""),
}
_KEY_UNITS: Columns = {
    "unit_id": ("设备", "unit", ""),
    **_REDUCTIONS,
    "candidates": ("已有候选措施", "candidates on it", ""),
}


def _words(values: "pd.Series[Any]", names: dict[str, tuple[str, str]], lang: str) -> list[str]:
    return [pick(lang, *names[value]) for value in values]


def _with_errors(table: pd.DataFrame) -> pd.DataFrame:
    """Reductions and their standard errors as texts."""
    texts = {
        name: [
            f"{value:.2e} ± {error:.0e}"
            for value, error in zip(table[f"{name}_reduction"], table[f"{name}_error"], strict=True)
        ]
        for name in _REDUCTIONS
    }
    return table.assign(**texts)


def show(found: Any, lang: str) -> None:
    """Print the choice, its effect, every candidate, the frontier and the chains."""
    show_notice(park_summary(found.park), lang)
    _show_choice(found.choice, lang)
    totals = found.totals.assign(figure=_words(found.totals["figure"], _FIGURES, lang))
    terminal.OUT.print(listed(pick(lang, "最优组合的效果", "effect of the best set"), totals, _TOTALS, lang))
    candidates = _with_errors(found.candidates).assign(status=_words(found.candidates["status"], _STATUS, lang))
    title = pick(lang, "候选措施（单独采取）", "candidates, each alone")
    terminal.OUT.print(listed(title, candidates, _CANDIDATES, lang))
    sets = _with_errors(found.sets).assign(method=_words(found.sets["method"], _METHODS, lang))
    terminal.OUT.print(listed(pick(lang, "各选法的组合", "sets by way of choosing"), sets, _SETS, lang))
    title = pick(lang, "预算与减少量", "budget and reduction")
    terminal.OUT.print(listed(title, _with_errors(found.frontier), _FRONTIER, lang))
    terminal.OUT.print(listed(pick(lang, "最危险的链", "most dangerous chains"), found.chains, _CHAINS, lang))
    title = pick(lang, "若该设备不失效（任何措施的上限）", "if the unit withstood everything")
    terminal.OUT.print(listed(title, _with_errors(found.key_units), _KEY_UNITS, lang, 10))
    if found.deaths_unknown:
        names = ", ".join(found.deaths_unknown)
        terminal.OUT.print(
            pick(
                lang,
                f"以下设备的后果未能计算，其死亡未计入：{names}",
                f"what these units do could not be computed, their deaths are not counted: {names}",
            ),
            style="yellow",
        )


def _show_choice(choice: Any, lang: str) -> None:
    names = ", ".join(choice["measures"]) or pick(lang, "（无）", "(none)")
    method, budget = pick(lang, *_METHODS[choice["method"]]), f"{choice['budget']:,.0f} {choice['currency']}"
    terminal.OUT.print(
        pick(
            lang,
            f"预算 {budget} 的最优组合（{method}）：{names}；费用 {choice['cost']:,.0f}",
            f"best set for {budget} ({method}): {names}; cost {choice['cost']:,.0f}",
        ),
        style="bold",
    )
    terminal.OUT.print(
        pick(
            lang,
            f"减少 {choice['reduction']:.2e} /年，任何组合至多 {choice['bound']:.2e} /年，"
            f"差距 {choice['relative_gap']:.0%}（除抽样误差外）",
            f"it takes away {choice['reduction']:.2e} /yr; no set can take away more than {choice['bound']:.2e} /yr: "
            f"a gap of {choice['relative_gap']:.0%} (sampling errors apart)",
        )
    )
