"""What ``parkrisk uncertainty`` prints."""

import pandas as pd

from parkrisk.api.printed.terminal import GRADE_NAMES, OUT, VERDICT_NAMES, listed, pick, show_saved
from parkrisk.risk.uncertainty.result import Uncertainty
from parkrisk.risk.uncertainty.words import FIGURES, ZONES, input_words

__all__ = ["show", "show_saved"]

_BAND = {
    "base": ("基准值", "base", ".2e"),
    "mean": ("均值", "mean", ".2e"),
    "p5": ("5 %", "5 %", ".2e"),
    "p50": ("50 %", "50 %", ".2e"),
    "p95": ("95 %", "95 %", ".2e"),
}
_TARGETS = {
    "target_id": ("编号", "id", ""),
    "name": ("名称", "name", ""),
    "limit": ("限值 /年", "limit /yr", ".0e"),
    **_BAND,
    "chance_over": ("超限概率", "chance above", ".1%"),
    "chance_unknown": ("未知", "unknown", ".1%"),
}
_FN = {
    "N": ("死亡人数 N", "deaths N", ".4g"),
    **_BAND,
    "upper": ("上限 /年", "upper line /yr", ".2e"),
    "chance_over_upper": ("超上限概率", "chance above", ".1%"),
}
_SHARE = {"what": ("结果", "outcome", ""), "probability": ("概率", "probability", ".1%")}
_SENSITIVITY = {
    "label": ("输入", "input", ""),
    "first": ("一阶", "first order", ".2f"),
    "total": ("总", "total", ".2f"),
    "total_low": ("总 5 %", "total 5 %", ".2f"),
    "total_high": ("总 95 %", "total 95 %", ".2f"),
}
_INPUTS = {
    "label": ("输入", "input", ""),
    "distribution": ("分布", "distribution", ""),
    "spread": ("参数", "spread", ".3g"),
    "source": ("来源", "source", ""),
    "mark": ("核实", "mark", ""),
}
_SHOWN = 8


def show(found: Uncertainty, lang: str) -> None:
    """Print bands, chances and what decides."""
    pll = pd.DataFrame([dict(found.pll)])
    OUT.print(listed(pick(lang, "潜在生命损失 PLL（人/年）", "expected deaths per year (PLL)"), pll, _BAND, lang))
    targets = found.targets.sort_values(["chance_over", "p95"], ascending=False)
    title = pick(lang, "防护目标个人风险（/年）", "individual risk at targets (per year)")
    OUT.print(listed(title, targets, _TARGETS, lang, _SHOWN))
    at = found.fn[found.fn["N"].isin([1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0])]
    OUT.print(listed(pick(lang, "F-N 曲线（/年）", "F-N curve (per year)"), at, _FN, lang))
    _shares(found, lang)
    _sensitivity(found, lang)
    inputs = found.inputs.drop_duplicates(["input", "spread"]).assign(
        label=lambda rows: rows[f"label_{lang}"],
    )
    OUT.print(listed(pick(lang, "抽样的输入", "sampled inputs"), inputs, _INPUTS, lang))
    _caveats(found, lang)


def _shares(found: Uncertainty, lang: str) -> None:
    """Print the chance of each zone, letter and verdict."""
    zones = found.zones.assign(
        what=[" / ".join(pick(lang, *ZONES[name]) for name in zone.split(" / ")) for zone in found.zones["zone"]]
    )
    OUT.print(listed(pick(lang, "社会风险区域的概率", "chance of each zone of societal risk"), zones, _SHARE, lang))
    letters = found.grades.assign(
        what=[_grade_text(*pair, lang) for pair in zip(found.grades["worst"], found.grades["best"], strict=True)]
    )
    OUT.print(listed(pick(lang, "园区等级的概率", "chance of each grade"), letters, _SHARE, lang))
    if len(found.verdicts):
        verdicts = found.verdicts.assign(
            what=[pick(lang, *VERDICT_NAMES[name][:2]) for name in found.verdicts["verdict"]]
        )
        OUT.print(listed(pick(lang, "项目结论的概率", "chance of each verdict"), verdicts, _SHARE, lang))


def _grade_text(worst: str, best: str, lang: str) -> str:
    """Bounds of the letter in words: one letter, or those that missing evidence leaves open."""
    if worst == best:
        return f"{worst} {pick(lang, *GRADE_NAMES[worst])}"
    return f"{worst}–{best} {pick(lang, '（证据未齐，待定）', '(open: evidence is missing)')}"


def _sensitivity(found: Uncertainty, lang: str) -> None:
    """Print what decides each figure."""
    for figure in found.sensitivity["figure"].unique().tolist():
        rows = found.sensitivity[found.sensitivity["figure"] == figure]
        name = pick(lang, *FIGURES[figure])
        if rows["total"].isna().all():
            OUT.print(pick(lang, f"{name}：在抽样中不变", f"{name}: the same in all samples"), style="bold")
            continue
        labels = (input_words(*each) for each in zip(rows["input"], rows["of"], strict=True))
        rows = rows.assign(label=[pick(lang, *each) for each in labels])
        OUT.print(listed(pick(lang, f"敏感性：{name}", f"sensitivity: {name}"), rows, _SENSITIVITY, lang, _SHOWN))
    decides = found.decides()
    if decides:
        name, _, of = decides.partition(":")
        label = pick(lang, *input_words(name, of))
        text = pick(lang, f"决定等级的主要输入：{label}", f"what decides the grade: {label}")
    else:
        text = pick(lang, "所抽样的输入均不改变等级", "none of the sampled inputs is seen to move the grade")
    OUT.print(text, style="bold")


def _caveats(found: Uncertainty, lang: str) -> None:
    """Print what the numbers do not hold."""
    if found.unverified:
        OUT.print(
            pick(
                lang,
                "部分分布没有经核实的来源（标记 M），概率仅供比较，未经核实。",
                "Some distributions have no verified source (mark M): the chances are for comparison, unverified.",
            ),
            style="yellow",
        )
    missing = found.method["not_computed"]
    if missing:
        names = ", ".join(missing)
        OUT.print(
            pick(
                lang,
                f"有设备的事件未能计算（{names}）：风险只知下限，超限概率为下限，未超限记为未知。",
                f"Events of some units were not computed ({names}): risk and chances of exceeding are lower bounds, "
                "and what is not above a limit is unknown.",
            ),
            style="yellow",
        )
    words = pick(lang, "；", "; ").join(found.method[f"not_sampled_{lang}"])
    OUT.print(pick(lang, f"未抽样：{words}。", f"Not sampled: {words}."), style="dim")
