"""Pictures of who makes the risk: sources of the risk at the worst targets, and of the expected deaths. SVG and PNG."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from parkrisk.api.drawn.page import SMALL, WIDTH, Powers, Words, demonstration_note, notes_of, power
from parkrisk.risk.result import Assessment

__all__ = ["draw", "largest_sources", "worst_targets"]

_TARGETS = 8
_SOURCES = 15
#: Okabe and Ito: told apart by the colour-blind.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
_OTHERS = "#c8c8c8"
_PRIMARY, _ADDED = "#0072b2", "#e69f00"
_COLOURED = 0.02  # share of some bar from which a source has a colour
_NAMED = 0.2  # share of a bar from which a source without colour is named in it


def draw(result: Assessment, words: Words) -> dict[str, Figure]:
    """Both figures, each where there is something to show."""
    figures = {}
    if len(worst_targets(result)):
        figures["contributions"] = _contributions(result, words)
    if result.pll > 0.0:
        figures["sources"] = _sources(result, words)
    return figures


def worst_targets(result: Assessment) -> pd.DataFrame:
    """Targets nearest to their limit, or farthest beyond it, that some source reaches."""
    reached = result.targets[result.targets["individual_risk"] > 0.0]
    order = reached.sort_values(["ratio", "target_id"], ascending=[False, True], na_position="last")
    return order.head(_TARGETS).reset_index(drop=True)


def largest_sources(result: Assessment) -> pd.DataFrame:
    """Sources by expected deaths: unit_id, name, primary, added (by cascades), cumulative share."""
    order = result.sources.sort_values(["pll", "unit_id"], ascending=[False, True])
    rows = order[order["pll"] > 0.0].head(_SOURCES).reset_index(drop=True)
    return rows[["unit_id", "name", "pll"]].assign(
        primary=rows["pll_without_domino"],
        added=(rows["pll"] - rows["pll_without_domino"]).clip(lower=0.0),
        cumulative=rows["pll"].cumsum() / result.pll,
    )


def _contributions(result: Assessment, words: Words) -> Figure:
    targets = worst_targets(result)
    parts = result.contributions[result.contributions["target_id"].isin(targets["target_id"])]
    most = parts.groupby("unit_id")["share"].agg(["sum", "max"]).sort_values("sum", ascending=False, kind="stable")
    whole = most[most["max"] >= _COLOURED]
    colours = dict(zip(whole.index, _COLOURS, strict=False))
    figure = Figure(figsize=(WIDTH, 1.9 + 0.36 * len(targets)), layout="constrained")
    shares, risks = figure.subplots(1, 2, width_ratios=[3.0, 2.0], sharey=True)
    names_of_sources = dict(zip(result.sources["unit_id"], result.sources["name"], strict=True))
    for place, target in enumerate(targets["target_id"]):
        _bar(shares, place, parts[parts["target_id"] == target], colours, names_of_sources, words)
    names = [words.broken(words.name(*each), 8) for each in targets[["name", "target_id"]].itertuples(index=False)]
    shares.set_yticks(range(len(names)), names)
    shares.set_ylim(len(names) - 0.5, -0.5)
    shares.set_xlim(0.0, 1.0)
    shares.xaxis.set_major_formatter(PercentFormatter(1.0))
    shares.set_xlabel(words.say("各危险源占该目标个人风险的比例", "share of the individual risk"))
    _risks(risks, targets, words)
    heading = words.say("风险最高的防护目标：风险来源", "the worst targets: what makes up their risk")
    figure.suptitle(f"{words.name(result.park.name, result.park.code)}  {heading}")
    entries: list[Any] = [*shares.get_legend_handles_labels()[0]]
    labels = [str(entry.get_label()) for entry in entries]
    kept = dict(zip(reversed(labels), reversed(entries), strict=True))
    order = [
        *(words.name(names_of_sources[each], str(each)) for each in colours),
        words.say("其他危险源", "other sources"),
    ]
    shown = [name for name in order if name in kept]
    marks, texts = risks.get_legend_handles_labels()
    note = words.say("限值取自 GB 36894-2018，未经核实", "limits of GB 36894-2018, unverified")
    notes = [*([note] if (targets["mark"] == "M").any() else []), *notes_of(result.park, words)]
    figure.legend(
        [*(kept[name] for name in shown), *marks],
        [*shown, *texts],
        loc="outside lower center",
        ncols=4 if words.lang == "zh" else 3,
        title="  ".join(notes),
        frameon=False,
    )
    return figure


def _bar(
    axes: Axes, place: int, parts: pd.DataFrame, colours: dict[Any, str], names: dict[str, str], words: Words
) -> None:
    """One bar of a target: its sources, largest first, and the rest."""
    style: Any = {"height": 0.62, "edgecolor": "white", "lw": 0.5}
    other = words.say("其他危险源", "other sources")
    left = 0.0
    for unit, share in parts[["unit_id", "share"]].itertuples(index=False):
        name = words.name(names[unit], str(unit))
        label = name if unit in colours else other
        axes.barh(place, share, left=left, color=colours.get(unit, _OTHERS), label=label, **style)
        if unit not in colours and share >= _NAMED:
            axes.text(left + share / 2.0, place, name, ha="center", va="center", fontsize=SMALL)
        left += share
    if left < 1.0 - 1e-9:
        axes.barh(place, 1.0 - left, left=left, color=_OTHERS, label=other, **style)


def _risks(axes: Axes, targets: pd.DataFrame, words: Words) -> None:
    """Risk of each target beside its limit, on a logarithmic scale."""
    places, limits = np.arange(len(targets)), targets["limit"].to_numpy()
    risks = targets["individual_risk"].to_numpy()
    floor = 10.0 ** np.floor(np.log10(np.nanmin([*risks, *limits])) - 0.5)
    label = words.say("个人风险", "individual risk")
    axes.barh(places, risks - floor, left=floor, height=0.4, color="#7f7f7f", label=label)
    style: Any = {"marker": "|", "ls": "none", "ms": 15, "mew": 2.4, "color": "#b3261e"}
    axes.plot(limits, places, label=words.say("限值", "limit"), **style)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(Powers())
    axes.set_xlim(floor, 3000.0 * np.nanmax([*risks, *limits]))
    for place, (risk, limit) in enumerate(zip(risks, limits, strict=True)):
        text = power(float(f"{risk:.1e}")) + (f" ({risk / limit:.2g}×)" if limit == limit else "")
        axes.annotate(
            text,
            (float(np.nanmax([risk, limit])), place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    axes.tick_params(axis="y", left=False)
    axes.set_xlabel(words.say("个人风险 (/年)，括号内为限值的倍数", "risk (per year), in brackets of the limit"))
    axes.grid(axis="x", lw=0.3)
    axes.set_axisbelow(True)


def _sources(result: Assessment, words: Words) -> Figure:
    rows = largest_sources(result)
    figure = Figure(figsize=(WIDTH, 1.6 + 0.24 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(rows))
    style: Any = {"height": 0.66, "edgecolor": "white", "lw": 0.4}
    axes.barh(places, rows["primary"], color=_PRIMARY, label=words.say("初始事件", "primary events"), **style)
    added = words.say("多米诺级联增加", "added by cascades")
    axes.barh(places, rows["added"], left=rows["primary"], color=_ADDED, label=added, hatch="///", **style)
    names = [words.name(*each) for each in rows[["name", "unit_id"]].itertuples(index=False)]
    labels = [
        name if names.count(name) == 1 else f"{name}  {words.name(unit, '-')}"
        for name, unit in zip(names, rows["unit_id"], strict=True)
    ]
    axes.set_yticks(places, labels)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0.0, 1.05 * float(rows["pll"].max()))
    axes.ticklabel_format(
        axis="x", style="plain" if rows["pll"].max() > 0.1 else "sci", scilimits=(0, 0), useMathText=True
    )
    axes.set_xlabel(words.say("预期死亡人数 (人/年)", "expected fatalities (per year)"))
    share = axes.twiny()
    cumulative = words.say("累计占比（上轴）", "cumulative share (upper axis)")
    share.plot(rows["cumulative"], places, "o-", color="#333333", ms=3.5, lw=1.0, label=cumulative)
    share.set_xlim(0.0, 1.0)
    share.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(axis="x", lw=0.3)
    axes.set_axisbelow(True)
    heading = words.say(
        f"危险源的预期死亡人数（全园区 {power(float(f'{result.pll:.2e}'))} 人/年）",
        f"expected fatalities by source (park: {power(float(f'{result.pll:.2e}'))} per year)",
    )
    figure.suptitle(f"{words.name(result.park.name, result.park.code)}  {heading}")
    lines, texts = axes.get_legend_handles_labels()
    more, said = share.get_legend_handles_labels()
    share.legend([*lines, *more], [*texts, *said], loc="lower center", framealpha=0.9)
    demonstration_note(figure, result.park, words)
    return figure
