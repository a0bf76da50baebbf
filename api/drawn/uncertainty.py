"""Pictures of uncertainty: the F-N curve with its band, what decides, how likely each letter is."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from parkrisk.api.drawn.page import SMALL, WIDTH, Powers, Words, demonstration_note, save_figures
from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.uncertainty.result import Uncertainty
from parkrisk.risk.uncertainty.words import FIGURES, input_words

_COLOURS = {"A": "#c62828", "B": "#ef6c00", "C": "#f9c80e", "D": "#4a6fa5"}
_BAND = "#4a6fa5"
_MOST_BARS = 8


def save(found: Uncertainty, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw ``uncertainty_fn``, ``uncertainty_sensitivity`` and ``uncertainty_grades`` as SVG and PNG.

    Parameters
    ----------
    found : Uncertainty
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.
    """
    return save_figures(lambda words: draw(found, words), folder, lang)


def draw(found: Uncertainty, words: Words) -> dict[str, Figure]:
    """Figures of `save`, by name; of sensitivity only where it was sought."""
    figures = {"uncertainty_fn": _curves(found, words), "uncertainty_grades": _grades(found, words)}
    if len(found.sensitivity):
        figures["uncertainty_sensitivity"] = _tornado(found, words)
    return figures


def _titled(figure: Figure, found: Uncertainty, words: Words, title: str) -> None:
    park = found.assessment.park
    figure.suptitle(f"{words.name(park.name, park.code)}  {title}  {park.date}")
    note = words.say(
        f"{found.method['samples']} 个样本；部分分布未经核实",
        f"{found.method['samples']} samples; some distributions are unverified",
    )
    demonstration_note(figure, park, words, note)


def _curves(found: Uncertainty, words: Words) -> Figure:
    """F-N curve of the base with the band of the samples and both lines."""
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    axes = figure.subplots()
    line, fn = societal_criterion(), found.fn[found.fn["p95"] > 0.0]
    numbers = np.geomspace(1.0, line.cut, 50)
    axes.plot(numbers, line.upper / numbers, color="#b3261e", lw=1.6, label=words["upper"])
    axes.plot(numbers, line.lower / numbers, color="#2e7d32", lw=1.2, ls="--", label=words["lower"])
    floor = 1e-9
    axes.fill_between(
        fn["N"],
        np.maximum(fn["p5"], floor),
        np.maximum(fn["p95"], floor),
        color=_BAND,
        alpha=0.25,
        lw=0.0,
        label=words.say("5 %–95 % 区间", "5 % to 95 %"),
    )
    axes.plot(fn["N"], fn["p50"], color=_BAND, lw=1.2, ls=":", label=words.say("中位数", "median"))
    shown = fn[fn["base"] > 0.0]
    axes.plot(shown["N"], shown["base"], color="black", lw=1.4, label=words.say("基准值", "base values"))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(Powers())
    axes.yaxis.set_major_formatter(Powers())
    axes.set_ylim(floor, 2.0 * line.upper)
    axes.set_xlabel(words["deaths"])
    axes.set_ylabel(words["frequency"])
    axes.grid(which="major", lw=0.4)
    axes.legend(loc="upper right", fontsize=SMALL)
    _titled(figure, found, words, words.say("F-N 曲线的不确定性", "uncertainty of the F-N curve"))
    return figure


def _tornado(found: Uncertainty, words: Words) -> Figure:
    """Total and first-order indices of each figure, the largest first."""
    names = found.sensitivity["figure"].unique().tolist()
    rows = (len(names) + 1) // 2
    figure = Figure(figsize=(1.3 * WIDTH, 2.4 * rows + 0.6), layout="constrained")
    panels = figure.subplots(rows, 2, squeeze=False).ravel()
    for axes, name in zip(panels, names, strict=False):
        _bars(axes, found.sensitivity[found.sensitivity["figure"] == name].head(_MOST_BARS), words)
        axes.set_title(words.say(*FIGURES[name]))
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    _titled(figure, found, words, words.say("敏感性指数（Sobol）", "Sobol indices"))
    return figure


def _bars(axes: Axes, rows: pd.DataFrame, words: Words) -> None:
    labels = [words.say(*input_words(*each)) for each in zip(rows["input"], rows["of"], strict=True)]
    if rows["total"].isna().all():
        axes.set_axis_off()
        text = words.say("在抽样中不变", "the same in all samples")
        axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
        return
    places = np.arange(len(rows))[::-1]
    total = rows["total"].to_numpy(dtype=np.float64)
    error = np.abs(np.stack([total - rows["total_low"], rows["total_high"] - total]))
    axes.barh(places, total, color=_BAND, alpha=0.45, height=0.7, label=words.say("总", "total"))
    axes.barh(places, rows["first"].clip(lower=0.0), color=_BAND, height=0.35, label=words.say("一阶", "first order"))
    axes.errorbar(total, places, xerr=error, fmt="none", ecolor="black", elinewidth=0.7, capsize=1.5)
    axes.set_yticks(places, labels)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(words.say("占方差的份额", "share of the variance"))
    axes.grid(axis="x", lw=0.3)
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", fontsize=SMALL)


def _grades(found: Uncertainty, words: Words) -> Figure:
    """One bar of letters, as long as they are likely."""
    figure = Figure(figsize=(WIDTH, 1.9), layout="constrained")
    axes = figure.subplots()
    left = 0.0
    for worst, best, share in sorted(found.grades.itertuples(index=False, name=None)):
        letters = worst if worst == best else words.say(f"{worst}–{best}（待定）", f"{worst}–{best} (open)")
        axes.barh(
            [0],
            [share],
            left=left,
            color=_COLOURS[worst],
            hatch="" if worst == best else "//",
            edgecolor="white",
            label=f"{letters}  {share:.1%}",
        )
        left += share
    axes.set_xlim(0.0, 1.0)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    axes.set_xlabel(words.say("概率", "probability"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.45), ncols=2, fontsize=SMALL)
    _titled(figure, found, words, words.say("园区等级的概率", "chance of each grade"))
    return figure
