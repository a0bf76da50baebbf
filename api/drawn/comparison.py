"""Picture of what changed from one description of a park to the next: F-N curves, and what each step did."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from parkrisk.api.drawn.page import Words, demonstration_note, save_figures
from parkrisk.api.drawn.plane import AFTER, BEFORE, draw_both
from parkrisk.risk.comparison import Comparison

_MORE, _LESS = "#d55e00", "#009e73"


def save(found: Comparison, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw the figure ``comparison`` into a folder; without a Chinese font the labels are English."""

    def draw(words: Words) -> Mapping[str, Figure]:
        return {"comparison": _figure(found, words)}

    return save_figures(draw, folder, lang)


def _figure(found: Comparison, words: Words) -> Figure:
    before, after = found.effect.before, found.effect.after
    figure = Figure(figsize=(14.0, 6.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    labels = words.say("改变前", "before"), words.say("改变后", "after")
    dates = [f"{label} {result.park.date.isoformat()}" for label, result in zip(labels, (before, after), strict=True)]
    draw_both(left, before.fn, after.fn, (dates[0], dates[1]), words)
    _steps(right, found, words)
    figure.suptitle(f"{words.name(after.park.name, after.park.code)}  {words.say('两次评估对比', 'two assessments')}")
    demonstration_note(figure, after.park, words)
    return figure


def _steps(axes: Axes, found: Comparison, words: Words) -> None:
    """Expected fatalities: before, what each step adds or takes away, after."""
    steps = found.steps
    pll = steps["pll"].to_numpy(dtype=np.float64)
    labels = [str(label) for label in steps[words.say("label_zh", "label_en")]]
    if len(steps) > 1:
        labels.append(words.say("改变后", "after"))
    axes.bar(0, pll[0], 0.6, color=BEFORE)
    for place in range(1, len(pll)):
        change = pll[place] - pll[place - 1]
        axes.bar(place, change, 0.6, bottom=pll[place - 1], color=_MORE if change > 0.0 else _LESS)
        axes.plot([place - 0.7, place + 0.3], [pll[place - 1]] * 2, color="#333333", lw=0.6)
        top = max(pll[place], pll[place - 1])
        axes.annotate(f"{change:+.2e}", (place, top), (0, 3), textcoords="offset points", ha="center", fontsize=9)
    if len(pll) > 1:
        axes.bar(len(pll), pll[-1], 0.6, color=AFTER)
    axes.set_xticks(
        range(len(labels)), [label.replace("、", "、\n").replace(", ", ",\n") for label in labels], fontsize=9
    )
    axes.set_ylabel(words.say("潜在生命损失 PLL（人/年）", "PLL (fatalities per year)"))
    axes.set_title(words.say("各类变化的作用（依次接入）", "what each kind of change does, one after the other"))
    axes.set_ylim(0.0, 1.15 * max(float(pll.max()), 1e-12))
    axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0), useMathText=True)
    axes.grid(axis="y", lw=0.3)
