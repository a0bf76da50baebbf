"""What ``parkrisk domino`` prints: cascades of a park, or of one unit, in Chinese or English."""

import math
from collections.abc import Mapping
from typing import Any

from parkrisk.api.printed.terminal import OUT, Columns, _answered, listed, pick
from parkrisk.risk.domino import Cascade, DominoResult
from parkrisk.risk.solvers.rare import STARTS, Escalation

__all__ = ["show"]

_ROWS = 15
_ERROR = ("标准误", "standard error", ".1e")
_UNITS: Columns = {
    "unit_id": ("设备", "unit", ""),
    "probability": ("条件概率", "probability", ".3e"),
    "standard_error": _ERROR,
    "order": ("级次", "order", ""),
    "time_p10_min": ("10 % min", "10 % min", ".1f"),
    "time_min": ("中位 min", "median min", ".1f"),
    "time_p90_min": ("90 % min", "90 % min", ".1f"),
    "cross_enterprise": ("跨企业", "other enterprise", ""),
}
_CHAINS: Columns = {
    "units": ("链", "chain", ""),
    "times_min": ("时间 min", "times min", ""),
    "probability": ("条件概率", "probability", ".3e"),
    "standard_error": _ERROR,
}
_PARK_CHAINS: Columns = {**_CHAINS, "frequency": ("频率 /年", "frequency /yr", ".2e")}
_ORDERS: Columns = {
    "order": ("级次", "order", ""),
    "expected_failures": ("期望失效数", "expected failures", ".3e"),
    "standard_error": _ERROR,
    "share": ("占比", "share", ".1%"),
}
_SIZES: Columns = {
    "failed": ("失效设备数", "units that fail", ""),
    "probability": ("条件概率", "probability", ".3e"),
    "standard_error": _ERROR,
    "share": ("占级联的比例", "share of cascades", ".1%"),
}
_STARTERS: Columns = {
    "rank_out": ("名次", "rank", ""),
    "unit_id": ("设备", "unit", ""),
    "enterprise_id": ("企业", "enterprise", ""),
    "primary_frequency": ("火灾爆炸 /年", "fires /yr", ".2e"),
    "domino_out": ("引发多米诺 /年", "cascades /yr", ".2e"),
    "expected_failures_caused": ("每次引发失效数", "failures each", ".3g"),
    "expected_failures_error": _ERROR,
}
_EXPOSED: Columns = {
    "rank_in": ("名次", "rank", ""),
    "unit_id": ("设备", "unit", ""),
    "enterprise_id": ("企业", "enterprise", ""),
    "secondary_frequency": ("受多米诺失效 /年", "fails in domino /yr", ".2e"),
    "standard_error": _ERROR,
}
_BETWEEN: Columns = {
    "from_enterprise": ("起始企业", "from enterprise", ""),
    "to_enterprise": ("波及企业", "to enterprise", ""),
    "frequency": ("级联波及 /年", "cascades that reach it /yr", ".2e"),
    "standard_error": _ERROR,
    "failures": ("失效设备 /年", "units failed /yr", ".2e"),
}
_ACROSS: Columns = {
    "from_unit": ("起始设备", "from", ""),
    "from_enterprise": ("企业", "enterprise", ""),
    "to_unit": ("波及设备", "to", ""),
    "to_enterprise": ("企业", "enterprise", ""),
    "probability": ("条件概率", "probability", ".2e"),
    "standard_error": _ERROR,
    "frequency": ("频率 /年", "frequency /yr", ".2e"),
}


_ESCALATION: Columns = {
    "unit_id": ("设备", "unit", ""),
    "probability": ("条件概率", "probability", ".3e"),
    "standard_error": _ERROR,
}
_START_NAMES = dict(
    zip(
        STARTS,
        ("各起始事件同时发生", "该设备各事件按频率加权", "各设备如在级联中失效时那样同时燃烧或爆炸"),
        strict=True,
    )
)
_SOLVER_NAMES = {"exact": "精确解", "forced": "强制历史（隐式捕获）", "plain": "普通历史"}


def show(found: DominoResult | Cascade | Escalation, lang: str) -> None:
    """Print cascades of a park, of one unit, or how likely units follow."""
    if isinstance(found, DominoResult):
        _show_park(found, lang)
    elif isinstance(found, Cascade):
        _show_cascade(found, lang)
    else:
        _show_escalation(found, lang)


def _show_escalation(found: Escalation, lang: str) -> None:
    """Print how likely units follow, how that was found, and whether the error asked for was met."""
    method = found.method
    names = " + ".join(method["primary"])
    title = pick(lang, f"{names} 之后的失效概率（条件概率）", f"failures after {names} (conditional probability)")
    OUT.print(listed(title, found.units, _ESCALATION, lang, _ROWS))
    OUT.print(pick(lang, f"起始：{_START_NAMES[method['start']]}", f"start: {method['start']}"))
    text = pick(lang, f"方法：{_SOLVER_NAMES[method['solver']]}", f"method: {method['solver']}")
    OUT.print(text)
    reached, asked = method["error_reached"], method["error_asked"]
    limit = pick(lang, f"{reached:.2%}（要求 {asked:.2%}）", f"{reached:.2%} (asked: {asked:.2%})")
    if not math.isfinite(reached):
        limit = pick(
            lang,
            "未知：有目标从未抽到，其概率约低于三倍标准误",
            "unknown: a target was never met; its probability is below about three standard errors",
        )
    met = pick(lang, "已达到", "met") if method["error_met"] else pick(lang, "未达到", "not met")
    style = None if method["error_met"] else "yellow"
    OUT.print(pick(lang, f"相对标准误：{limit} · {met}", f"relative standard error: {limit} · {met}"), style=style)
    _show_method(method, lang)


def _show_cascade(cascade: Cascade, lang: str) -> None:
    """Print who fails after the start, how likely, when, and along which chains."""
    start = cascade.start
    title = pick(lang, f"由 {start} 引发的多米诺效应（条件概率）", f"cascade from {start} (conditional probability)")
    units = cascade.units.assign(cross_enterprise=_answered(cascade.units["cross_enterprise"], lang))
    OUT.print(listed(title, units, _UNITS, lang))
    OUT.print(listed(pick(lang, "最可能的链", "most likely chains"), cascade.chains, _CHAINS, lang, _ROWS))
    OUT.print(listed(pick(lang, "按级次", "by order"), cascade.orders, _ORDERS, lang, _ROWS))
    OUT.print(listed(pick(lang, "一次级联的规模", "size of a cascade"), cascade.sizes, _SIZES, lang, _ROWS))
    _show_method(cascade.method, lang)


def _show_park(result: DominoResult, lang: str) -> None:
    """Print the most dangerous starters, the most exposed units, chains, sizes, and what crosses enterprises."""
    caused = result.units[result.units["expected_failures_caused"] > 0.0].sort_values("rank_out", kind="stable")
    OUT.print(listed(pick(lang, "最易引发多米诺的设备", "units that start most"), caused, _STARTERS, lang, _ROWS))
    hit = result.units[result.units["secondary_frequency"] > 0.0].sort_values("rank_in", kind="stable")
    OUT.print(listed(pick(lang, "最易受多米诺的设备", "units that suffer most"), hit, _EXPOSED, lang, _ROWS))
    # the standard error of a chain is that of its frequency, as probability of the same relative size
    chains = result.chains.assign(
        standard_error=result.chains["standard_error"] * result.chains["probability"] / result.chains["frequency"]
    )
    OUT.print(listed(pick(lang, "最频繁的链", "most frequent chains"), chains, _PARK_CHAINS, lang, _ROWS))
    whole = result.sizes[result.sizes["from_unit"] == ""]
    started = result.units["primary_frequency"].sum()
    whole = whole.assign(standard_error=whole["standard_error"] / started)
    OUT.print(listed(pick(lang, "一次级联的规模", "size of a cascade"), whole, _SIZES, lang, _ROWS))
    between = result.enterprises[result.enterprises["cross_enterprise"]]
    OUT.print(listed(pick(lang, "跨企业多米诺", "dominoes across enterprises"), between, _BETWEEN, lang, _ROWS))
    across = pick(lang, "跨企业的设备对", "pairs of units across enterprises")
    OUT.print(listed(across, result.cross_enterprise, _ACROSS, lang, _ROWS))
    _show_method(result.method, lang)


def _show_method(method: Mapping[str, Any], lang: str) -> None:
    """Print on what the numbers rest."""
    kind = {
        "dynamic": ("动态级联", "dynamic cascade"),
        "static": ("静态临界荷载级联：上限，无时间", "static critical-load cascade: an upper bound, without times"),
    }[method["cascade"]]
    text = pick(lang, kind[0], kind[1])
    text += pick(lang, " · 失效时间读法 ", " · time to failure read as ") + str(method["time_to_failure_mode"])
    if method["histories"]:
        text += pick(
            lang, f" · 每个初始事件 {method['histories']} 次历史", f" · {method['histories']} histories per event"
        )
    OUT.print(f"{text} · seed {method['seed']}", style="dim")
    if method["flags"]:
        OUT.print(pick(lang, "注意：", "note: ") + ", ".join(method["flags"]), style="yellow")
