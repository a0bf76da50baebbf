"""What sampled inputs do to the numbers: bands, the chance of each letter and zone, which input decides."""

from typing import Any

import pandas as pd

from parkrisk.api.report.content import Block, Callout, Paragraph
from parkrisk.api.report.material import Material, percent
from parkrisk.api.report.tabulated import Columns, named, tabulated
from parkrisk.risk.uncertainty.result import Uncertainty
from parkrisk.risk.uncertainty.words import FIGURES, ZONES, input_words

__all__ = ["chances_of_letters", "sampled"]

_BAND: Columns = {
    "base": ("基准值", "base", "per_year"),
    "p5": ("5 %", "5 %", "per_year"),
    "p50": ("50 %", "50 %", "per_year"),
    "p95": ("95 %", "95 %", "per_year"),
}
_RISKS: Columns = {
    "what": ("指标", "figure", ""),
    **_BAND,
    "over": ("超限概率", "chance above its limit", "chance?"),
    "chance_unknown": ("未知概率", "chance unknown", "chance?"),
}
_CHANCES: Columns = {
    "what": ("判定", "finding", ""),
    "outcome": ("结果", "outcome", ""),
    "probability": ("概率", "probability", "chance"),
}
_SENSITIVITY: Columns = {
    "figure": ("指标", "figure", ""),
    "input": ("输入", "input", ""),
    "first": ("一阶指数", "first order", ".2f"),
    "total": ("总指数", "total", ".2f"),
    "total_low": ("总指数 5 %", "total, 5 %", ".2f"),
    "total_high": ("总指数 95 %", "total, 95 %", ".2f"),
}
_DEATHS = (1.0, 10.0, 100.0)
_TARGETS = 8  # in the table; those most likely above their limit
_INPUTS = 4  # for each figure


def sampled(material: Material) -> tuple[Block, ...]:
    """Tables and figures of the samples; nothing where none were asked for."""
    found, say = material.sampled, material.say
    if found is None:
        return ()
    left_out = say("；", "; ").join(found.method[f"not_sampled_{material.lang}"])
    return (
        Paragraph(
            say(
                f"对频率、点火概率、毒性概率函数、气象、风速、存量等输入抽取 {found.method['samples']} 个样本"
                f"（加扰 Sobol 序列），逐样本重新判定等级。未抽样：{left_out}。",
                f"{found.method['samples']} samples (scrambled Sobol) of frequencies, ignition, toxic probits, "
                f"weather, wind speed, inventories and others; the grade is judged in each. Not sampled: {left_out}.",
            )
        ),
        *_caveats(material, found),
        *tabulated(
            _risks(material, found),
            _RISKS,
            material,
            say("风险的不确定性区间〔/年〕", "Bands of risk [1/yr]"),
            widths=(3.2, 1.2, 1.2, 1.2, 1.2, 1.0, 1.0),
        ),
        *tabulated(
            _chances(material, found),
            _CHANCES,
            material,
            say("各结果的概率", "Chance of each outcome"),
            widths=(3.0, 3.0, 1.2),
        ),
        *material.figure("uncertainty_fn", say("F-N 曲线及其 90 % 区间", "F-N curve with its 90 % band")),
        *material.figure("uncertainty_grades", say("各等级的概率", "Chance of each grade")),
        *tabulated(
            _deciding(material, found),
            _SENSITIVITY,
            material,
            say("决定结果的输入（Sobol 指数）", "Inputs that decide (Sobol indices)"),
            widths=(2.6, 3.0, 1.0, 1.0, 1.0, 1.0),
            note=say("不随样本变化的指标不列。", "Figures that are the same in all samples are left out."),
        ),
        *material.figure("uncertainty_sensitivity", say("敏感性", "Sensitivity")),
    )


def chances_of_letters(material: Material) -> tuple[tuple[str, str], ...]:
    """A line with the chance of each letter; nothing without samples."""
    found = material.sampled
    if found is None:
        return ()
    listed = material.say("、", ", ").join(
        f"{_letters(material, row['worst'], row['best'])} {percent(row['probability'])}"
        for row in found.grades.to_dict("records")
    )
    unverified = (
        material.say("（部分分布未经核实）", " (some distributions are unverified)") if found.unverified else ""
    )
    return ((material.say("各等级的概率（抽样）", "chance of each letter, sampled"), f"{listed}{unverified}"),)


def _caveats(material: Material, found: Uncertainty) -> tuple[Block, ...]:
    say, missing = material.say, found.method["not_computed"]
    told = []
    if found.unverified:
        text = say(
            "部分分布没有经核实的来源（标记 M），概率仅供比较。",
            "Some distributions have no verified source (mark M): the chances are for comparison.",
        )
        told.append(Callout("unknown", say("概率未经核实", "The chances are unverified"), text))
    if missing:
        units = say("、", ", ").join(named(material, "unit", unit) for unit in missing)
        text = say(
            f"有设备的事件未能计算（{units}）：风险和超限概率为下限，未超限记为未知。",
            f"Events of some units were not computed ({units}): risk and chances of exceeding are lower bounds, and "
            "what is not above a limit is unknown.",
        )
        told.append(Callout("unknown", say("风险不完整", "Risk is incomplete"), text))
    return tuple(told)


def _risks(material: Material, found: Uncertainty) -> pd.DataFrame:
    """Bands of expected deaths, of the curve at some numbers, and of the targets most likely above their limit."""
    say = material.say
    rows: list[dict[Any, Any]] = [{"what": say("潜在生命损失 PLL〔人/年〕", "expected deaths, PLL"), **found.pll}]
    curve = found.fn[found.fn["N"].isin(_DEATHS)].to_dict("records")
    rows += [{**row, "what": f"F (N ≥ {row['N']:.0f})", "over": row["chance_over_upper"]} for row in curve]
    targets = found.targets.sort_values(["chance_over", "p95"], ascending=False).head(_TARGETS).to_dict("records")
    rows += [
        {
            **row,
            "what": f"{say('个人风险：', 'risk at ')}{named(material, 'target', row['target_id'])}",
            "over": row["chance_over"],
        }
        for row in targets
    ]
    return pd.DataFrame(rows, columns=list(_RISKS))


def _chances(material: Material, found: Uncertainty) -> pd.DataFrame:
    say = material.say
    letters, zones = say("园区等级", "grade of the park"), say("社会风险区域", "zone of societal risk")
    rows = [
        (letters, _letters(material, row["worst"], row["best"]), row["probability"])
        for row in found.grades.to_dict("records")
    ]
    rows += [
        (zones, " / ".join(say(*ZONES[name]) for name in row["zone"].split(" / ")), row["probability"])
        for row in found.zones.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(_CHANCES))


def _letters(material: Material, worst: str, best: str) -> str:
    """A letter, or those that missing evidence leaves."""
    return (
        worst if worst == best else material.say(f"{worst}–{best}（证据未齐）", f"{worst}–{best} (evidence is missing)")
    )


def _deciding(material: Material, found: Uncertainty) -> pd.DataFrame:
    """The first inputs of each figure that varies."""
    varies = found.sensitivity[found.sensitivity["total"].notna()]
    rows = varies.groupby("figure", sort=False).head(_INPUTS)
    return rows.assign(
        input=[material.say(*input_words(*pair)) for pair in zip(rows["input"], rows["of"], strict=True)],
        figure=[material.say(*FIGURES[name]) for name in rows["figure"]],
    )
