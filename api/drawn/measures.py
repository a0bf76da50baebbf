"""Picture of a study of measures: what each set costs and what it takes away."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from parkrisk.api.drawn.page import Words, save_figures
from parkrisk.risk.measures.result import MeasureStudy

__all__ = ["draw_frontier", "save"]

_NAMED = 0.1  # of the largest reduction: smaller ones lie on one another

_LABELS: Mapping[str, tuple[str, str]] = {
    "title": ("消减措施：费用与效果", "risk-reduction measures: cost and effect"),
    "cost": ("费用 ({currency})", "cost ({currency})"),
    "deaths": ("减少的预期死亡 (/年)", "expected deaths avoided (per year)"),
    "failures": ("减少的多米诺设备失效 (/年)", "failures in cascades avoided (per year)"),
    "single": ("单项措施（±1 标准误差）", "single measures (± 1 standard error)"),
    "frontier": ("各预算下的组合", "sets by budget"),
    "bound": ("任何组合的上界", "bound on any set"),
    "chosen": ("入选组合", "the set chosen"),
    "budget": ("预算", "budget"),
}


def save(study: MeasureStudy, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Write ``measures.svg`` and ``.png``; without a Chinese font the labels are English."""
    return save_figures(lambda words: {"measures": draw_frontier(study, words)}, folder, lang)


def draw_frontier(study: MeasureStudy, words: Words) -> Figure:
    """Cost against reduction: single measures, sets by budget, the bound, the set that was chosen."""

    def label(key: str) -> str:
        return _LABELS[key][0 if words.lang == "zh" else 1]

    choice = study.choice
    reduction, error = f"{choice['objective']}_reduction", f"{choice['objective']}_error"
    figure = Figure(figsize=(8.4, 5.2), layout="constrained")
    axes = figure.add_subplot()
    single = study.candidates[study.candidates["cost"].notna()]
    axes.errorbar(
        single["cost"], single[reduction], np.nan_to_num(single[error]), fmt="o", color="#7f8c8d", label=label("single")
    )
    named = single[single[reduction] > _NAMED * single[reduction].max()]
    for cost, value, name in zip(named["cost"], named[reduction], named["measure_id"], strict=True):
        axes.annotate(
            words.name(name, ""), (cost, value), xytext=(4, 4), textcoords="offset points", fontsize=7, color="#5d6d7e"
        )
    frontier = study.frontier[study.frontier["efficient"]].sort_values("cost")
    axes.plot(frontier["cost"], frontier[reduction], "s-", color="#0072b2", label=label("frontier"))
    axes.step(
        study.frontier["budget"], study.frontier["bound"], where="pre", color="#d55e00", ls="--", label=label("bound")
    )
    axes.axvline(choice["budget"], color="black", lw=0.8, ls=":", label=label("budget"))
    axes.plot(
        choice["cost"], choice["reduction"], "*", ms=16, color="#c0392b", label=label("chosen"), zorder=5, clip_on=False
    )
    axes.set_xlim(left=0.0)
    axes.set_ylim(bottom=min(0.0, float(single[reduction].min()) if len(single) else 0.0))
    axes.set_xlabel(label("cost").format(currency=words.name(choice["currency"], "")))
    axes.set_ylabel(label(choice["objective"]))
    axes.set_title(f"{words.name(study.park.name, study.park.code)}  {label('title')}")
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    return figure
