"""Picture of the safety capacity: share of each limit that is used up, and the F-N plane with the margin."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from parkrisk.api.drawn.page import SMALL, WIDTH, Powers, Words, demonstration_note, save_figures
from parkrisk.risk.capacity.stages import STAGES, SafetyCapacity
from parkrisk.risk.criteria import societal_criterion

_COLOURS = {"in_service": "#4a6fa5", "approved": "#e0a030", "proposed": "#b65d9c"}
_MOST_BARS = 20
_MOST_SHARE = 2.0  # longer bars are cut, with their value beside
_UNKNOWN = ("未知", "unknown")


def save(found: SafetyCapacity, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw ``capacity.svg`` and ``capacity.png`` into a folder.

    Parameters
    ----------
    found : SafetyCapacity
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.
    """
    return save_figures(lambda words: draw(found, words), folder, lang)


def draw(found: SafetyCapacity, words: Words) -> dict[str, Figure]:
    """Figures of `save`, by name."""
    return {"capacity": _draw(found, words)}


def _draw(found: SafetyCapacity, words: Words) -> Figure:
    count = min(len(found.targets), _MOST_BARS) + 1
    figure = Figure(figsize=(1.25 * WIDTH, max(4.4, 1.4 + 0.21 * count)), layout="constrained")
    bars, plane = figure.subplots(1, 2)
    _bars(bars, found, words)
    _plane(plane, found, words)
    park = found.base.park
    figure.suptitle(f"{words.name(park.name, park.code)}  {words.say('安全容量', 'safety capacity')}  {park.date}")
    note = words.say(
        "按 GB 36894 限值已占用的份额计，为本引擎的取法，无官方公式；限值未经核实",
        "share of the GB 36894 limits used up: this engine's reading, there is no official formula; limits unverified",
    )
    demonstration_note(figure, park, words, words.broken(note, 62))
    return figure


def _bars(axes: Axes, found: SafetyCapacity, words: Words) -> None:
    """One bar for each target, the nearest to its limit first, and one for the F-N curve; stages beside one another."""
    rows = []
    order = found.targets.assign(known=found.targets["approved"] / found.targets["limit"])
    for row in order.sort_values(["known", "target_id"], ascending=[False, True]).head(_MOST_BARS).to_dict("records"):
        label = words.name(str(row["name"]), str(row["target_id"]))
        rows.append((label, [row[name] / row["limit"] for name in found.assessments], row["status"] == "unknown"))
    societal = found.stages.set_index("stage")["societal_share"]
    unknown = found.binding.set_index("criterion").loc["societal_risk", "status"] == "unknown"
    label = words.say("社会风险 F-N", "F-N curve")
    rows.insert(0, (label, [societal[name] for name in found.assessments], unknown))
    places = np.arange(len(rows))[::-1]
    before = np.zeros(len(rows))
    for k, name in enumerate(found.assessments):
        share = np.array([0.0 if np.isnan(shares[k]) else shares[k] for _, shares, _ in rows])
        title = words.say(*STAGES[name][1:])
        part = np.maximum(share - before, 0.0)
        axes.barh(places, part, left=before, color=_COLOURS[name], label=title, height=0.62)
        before = np.maximum(before, share)
    end = float(np.clip(1.15 * before.max(), 1.15, _MOST_SHARE))
    for place, (_, _, vague), used in zip(places, rows, before, strict=True):
        text = f"{used:.1%}" if not vague else f"≥ {used:.1%} {words.say(*_UNKNOWN)}"
        inside = used > 0.85 * end
        axes.annotate(
            text,
            (min(used, end), place),
            xytext=(-4 if inside else 4, 0),
            textcoords="offset points",
            ha="right" if inside else "left",
            va="center",
            fontsize=SMALL,
        )
    axes.axvline(1.0, color="#b3261e", lw=1.6)
    axes.set_xlim(0.0, end)
    axes.set_yticks(places, [label for label, _, _ in rows])
    axes.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    axes.set_xlabel(words.say("已占用的限值份额", "share of the limit used up"))
    axes.grid(axis="x", lw=0.3)
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", fontsize=SMALL)


def _plane(axes: Axes, found: SafetyCapacity, words: Words) -> None:
    """F-N curves of the stages below the upper line, the margin shaded, the nearest point marked."""
    fn, line = found.fn, societal_criterion()
    numbers = np.geomspace(1.0, line.cut, 50)
    axes.plot(numbers, line.upper / numbers, color="#b3261e", lw=1.6, label=words["upper"])
    axes.plot(numbers, line.lower / numbers, color="#2e7d32", lw=1.2, ls="--", label=words["lower"])
    for name in found.assessments:
        shown = fn[fn[name] > 0.0]
        axes.plot(shown["N"], shown[name], color=_COLOURS[name], lw=1.8, label=words.say(*STAGES[name][1:]))
    shown = fn[(fn["approved"] > 0.0) & (fn["N"] <= line.cut)]
    axes.fill_between(
        shown["N"],
        shown["approved"],
        shown["upper"],
        where=(shown["approved"] < shown["upper"]).tolist(),
        color="#c8e6c9",
        alpha=0.5,
        lw=0.0,
        label=words.say("余量", "margin"),
    )
    if len(fn) and fn["share"].max() > 0.0:
        worst = fn.iloc[int(fn["share"].argmax())]
        axes.plot([worst["N"]] * 2, [worst["approved"], worst["upper"]], color="black", lw=1.0, marker=".")
        text = f"N = {worst['N']:.3g}: {worst['share']:.1%}"
        middle = float(np.sqrt(worst["approved"] * worst["upper"]))
        axes.annotate(
            text, (worst["N"], middle), xytext=(6, 0), textcoords="offset points", fontsize=SMALL, va="center"
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(Powers())
    axes.yaxis.set_major_formatter(Powers())
    axes.set_ylim(1e-9, 2.0 * line.upper)
    axes.set_xlabel(words["deaths"])
    axes.set_ylabel(words["frequency"])
    axes.grid(which="major", lw=0.4)
    axes.legend(loc="lower left", fontsize=SMALL)
