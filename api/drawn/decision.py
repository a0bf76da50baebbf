"""Picture of a decision: F-N curve without and with the project, and what it adds at the targets. SVG and PNG."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from parkrisk.api.drawn.page import Words, save_figures
from parkrisk.api.drawn.plane import AFTER, BEFORE, draw_both
from parkrisk.risk.entry.gate import Decision

_OVER = "#b71c1c"
#: Targets shown, those nearest their limit.
_MOST = 12


def save(decision: Decision, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw the figure ``before_after`` into a folder.

    Parameters
    ----------
    decision : Decision
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.
    """

    def draw(words: Words) -> Mapping[str, Figure]:
        return {"before_after": _figure(decision, words)}

    return save_figures(draw, folder, lang)


def _figure(decision: Decision, words: Words) -> Figure:
    figure = Figure(figsize=(10.0, 5.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    labels = words.say("无项目", "without"), words.say("有项目", "with the project")
    draw_both(left, decision.before.fn, decision.after.fn, labels, words)
    _targets(right, decision, words)
    title = words.name(decision.project.name, decision.project.code)
    figure.suptitle(f"{title}  {words.say('无项目与有项目', 'without and with the project')}")
    return figure


def _targets(axes: Axes, decision: Decision, words: Words) -> None:
    """Bars: what the project adds, over the limit for new installations, and the sum over the in-service limit."""
    shown = decision.targets.merge(decision.after.targets[["target_id", "limit"]], on="target_id")
    shown["sum"] = shown["after"] / shown["limit"]
    shown = shown.assign(worst=np.fmax(shown["ratio"], shown["sum"])).sort_values(["worst", "target_id"])
    shown = shown[shown["worst"] > 0.0].tail(_MOST)
    place = np.arange(len(shown))
    added = words.say("项目增加的风险 / 新建基准", "added by the project / limit for new")
    total = words.say("有项目的总风险 / 在役基准", "sum with the project / in-service limit")
    axes.barh(place + 0.2, shown["ratio"], 0.38, color=AFTER, label=added)
    axes.barh(place - 0.2, shown["sum"], 0.38, color=BEFORE, label=total)
    axes.axvline(1.0, color=_OVER, lw=1.6)
    names = zip(shown["name"], shown["target_id"], strict=True)
    axes.set_yticks(place, [words.name(str(name), str(target)) for name, target in names])
    axes.set_xscale("log")
    axes.set_xlim(left=1e-4, right=max(2.0, 2.0 * float(shown["worst"].max())) if len(shown) else 2.0)
    axes.set_xlabel(words.say("风险 / 基准（GB 36894-2018，未经核实）", "risk / limit (GB 36894-2018, unverified)"))
    axes.set_title(words.say("防护目标", "protection targets"))
    axes.grid(axis="x", which="major", lw=0.4)
    axes.legend(loc="lower right", framealpha=0.95)
