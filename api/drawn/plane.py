"""The F-N plane, and two curves on it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parkrisk.api.drawn.page import SMALL, Powers, Words
from parkrisk.risk.criteria import societal_criterion

BEFORE, AFTER = "#78909c", "#0d47a1"


def draw_both(axes: Axes, before: pd.DataFrame, after: pd.DataFrame, labels: tuple[str, str], words: Words) -> None:
    """Draw the F-N curves before and after something, on the plane with its criterion lines."""
    one, other = (fn[fn["F"] > 0.0] for fn in (before, after))
    fn_axes(axes, words, max((float(fn["N"].max()) for fn in (one, other) if len(fn)), default=1.0))
    axes.step(other["N"], other["F"], where="pre", color=AFTER, lw=2.4, label=labels[1])
    axes.step(one["N"], one["F"], where="pre", color=BEFORE, lw=1.6, ls="--", label=labels[0])
    axes.set_title(words["fn_title"])
    axes.legend(loc="upper right", framealpha=0.95)


def fn_axes(axes: Axes, words: Words, most: float) -> None:
    """Draw the F-N plane with both criterion lines, up to so many deaths at least."""
    criterion = societal_criterion()
    number = np.array([1.0, criterion.cut])
    upper, lower = criterion.upper / number, criterion.lower / number
    axes.fill_between(number, lower, upper, color="#ffe0b2", alpha=0.7, lw=0, label=words["alarp"])
    doubt = f" ({words['unverified']})" if criterion.mark == "M" else ""
    axes.plot(number, upper, color="#b71c1c", lw=1.6, label=words["upper"] + doubt)
    axes.plot(number, lower, color="#1b5e20", lw=1.6, label=words["lower"] + doubt)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(Powers())
    axes.yaxis.set_major_formatter(Powers())
    axes.set_xlim(1.0, max(criterion.cut, 1.2 * most))
    axes.set_ylim(1e-9, 1e-2)
    axes.set_xlabel(words["deaths"])
    axes.set_ylabel(words["frequency"])
    middle = float(np.sqrt(upper[0] * lower[0])) / 3.0
    back = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.7}
    for chinese, english, y in (
        ("不可接受区", "intolerable", 12.0 * upper[0] / 3.0),
        ("尽可能降低区", "ALARP", middle),
        ("可接受区", "acceptable", lower[0] / 40.0),
    ):
        axes.text(
            3.0, y, words.say(chinese, english), ha="center", va="center", color="#5d4037", fontsize=SMALL, bbox=back
        )
    axes.grid(which="major", lw=0.4)
    axes.grid(which="minor", lw=0.15)
