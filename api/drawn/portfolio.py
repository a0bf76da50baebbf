"""Picture of a portfolio: parks by expected fatalities and by how near their F-N curve comes to its limit."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from parkrisk.api.drawn.grading import COLOURS
from parkrisk.api.drawn.page import SMALL, WIDTH, Powers, Words, save_figures
from parkrisk.risk.portfolio.outcome import ASSESSED

__all__ = ["LETTER_COLOURS", "save"]

LETTER_COLOURS: Mapping[str, str] = dict(
    zip("ABCD", (COLOURS[name] for name in ("red", "orange", "yellow", "blue")), strict=True)
)
_NAMED = 12  # parks that are named, the first of the ranking
_FLOOR = 1e-12  # what a logarithmic axis shows of 0


def save(table: pd.DataFrame, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw the figure ``portfolio`` into a folder; without a Chinese font the labels are English."""

    def draw(words: Words) -> Mapping[str, Figure]:
        return {"portfolio": _figure(table, words)}

    return save_figures(draw, folder, lang)


def _figure(table: pd.DataFrame, words: Words) -> Figure:
    shown = table[table["status"] == ASSESSED].sort_values(["rank", "park"], kind="stable")
    figure = Figure(figsize=(WIDTH, 5.2), layout="constrained")
    axes = figure.subplots()
    pll = np.maximum(shown["pll"].to_numpy(dtype=np.float64), _FLOOR)
    ratio = np.maximum(shown["fn_ratio"].to_numpy(dtype=np.float64), _FLOOR)
    colours = [LETTER_COLOURS[letter] for letter in shown["grade"]]
    axes.scatter(pll, ratio, s=34, c=colours, edgecolors="#333333", linewidths=0.5, zorder=3)
    for x, y, name, park in list(zip(pll, ratio, shown["name"], shown["park"], strict=True))[:_NAMED]:
        axes.annotate(words.name(name, park), (x, y), (4, 4), textcoords="offset points", fontsize=SMALL)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(Powers())
    axes.yaxis.set_major_formatter(Powers())
    axes.axhline(1.0, color="#b71c1c", lw=1.4)
    axes.set_xlabel(words.say("潜在生命损失 PLL（人/年）", "PLL (fatalities per year)"))
    axes.set_ylabel(words.say("F-N 曲线与不可接受线的最大比值", "largest F over the intolerable line"))
    others = len(table) - len(shown)
    missing = words.say(f"，另有 {others} 个未能评估", f", {others} more could not be assessed") if others else ""
    axes.set_title(words.say(f"{len(shown)} 个园区", f"{len(shown)} parks") + missing)
    axes.grid(which="major", lw=0.3)
    _legend(axes, shown, words)
    if shown["demonstration"].any():
        figure.supxlabel(words["demonstration"], fontsize=SMALL, color="#6d4c41", x=0.01, ha="left")
    return figure


def _legend(axes: Axes, shown: pd.DataFrame, words: Words) -> None:
    marks = [
        Line2D([], [], ls="", marker="o", mfc=colour, mec="#333333", label=words.say(f"{letter} 级", f"grade {letter}"))
        for letter, colour in LETTER_COLOURS.items()
        if (shown["grade"] == letter).any()
    ]
    marks.append(Line2D([], [], color="#b71c1c", lw=1.4, label=words["upper"] + f" ({words['unverified']})"))
    axes.legend(handles=marks, loc="upper left", framealpha=0.95)
