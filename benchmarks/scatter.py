"""Predicted against measured, as pictures and a page: one panel a data set, lines at a factor of 2."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.validation.data_sets import limits
from tests.validation.measurements import Comparison, Pair, statistics

#: Panels of one picture, side by side.
_COLUMNS = 3
#: Picture of a data set: the first whose beginning fits.
_FAMILIES = {
    "dispersion": ("lng", "desert", "prairie"),
    "pools": ("aloha", "cryogen"),
    "fires": ("jetfire", "bgc", "certec", "montoir", "poolfire", "viewfactor", "fireball"),
    "blast": ("tnt", "bst", "multi", "vessel", "bleve"),
    "people": ("thermal", "toxic"),
}
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def family_of(name: str) -> str:
    """Picture in which a data set stands."""
    return next((family for family, starts in _FAMILIES.items() if name.startswith(starts)), "others")


def by_peers(name: str, peers: Mapping[str, Comparison]) -> dict[str, tuple[Pair, ...]]:
    """Pairs of a data set by each peer that ran it."""
    start = f"{name}_by_"
    return {key.removeprefix(start): each.pairs for key, each in peers.items() if key.startswith(start)}


def _panel(axes: object, comparison: Comparison, peers: Mapping[str, Sequence[Pair]]) -> None:
    from matplotlib.axes import Axes
    from matplotlib.ticker import NullFormatter

    assert isinstance(axes, Axes)
    pairs = [pair for pair in comparison.pairs if pair.predicted > 0.0]
    values = [value for pair in pairs for value in (pair.observed, pair.predicted)]
    low, high = 10.0 ** math.floor(math.log10(0.8 * min(values))), 10.0 ** math.ceil(math.log10(1.25 * max(values)))
    axes.plot([low, high], [low, high], color="black", linewidth=0.8)
    for factor in (0.5, 2.0):
        axes.plot([low, high], [factor * low, factor * high], color="black", linewidth=0.6, linestyle="--")
    groups = list(dict.fromkeys(pair.group for pair in pairs))
    for number, group in enumerate(groups):
        of_group = [pair for pair in pairs if pair.group == group]
        axes.scatter(
            [pair.observed for pair in of_group],
            [pair.predicted for pair in of_group],
            s=14,
            color=_COLOURS[number % len(_COLOURS)],
            label=group if len(groups) <= len(_COLOURS) else None,
            marker="o" if not of_group[0].obstructed else "s",
        )
    for name, peer in peers.items():
        axes.scatter(
            [pair.observed for pair in peer],
            [pair.predicted for pair in peer],
            s=16,
            facecolors="none",
            edgecolors="grey",
            linewidths=0.8,
            label=name,
        )
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"measured [{comparison.unit}]", fontsize=7)
    axes.set_ylabel(f"predicted [{comparison.unit}]", fontsize=7)
    axes.set_title(f"{comparison.name}: {comparison.quantity}", fontsize=7)
    axes.tick_params(labelsize=6)
    if 1 < len(groups) <= len(_COLOURS) or peers:
        axes.legend(fontsize=5, loc="upper left", frameon=False)


def draw(comparisons: Sequence[Comparison], peers: Mapping[str, Comparison], folder: Path) -> list[Path]:
    """Draw all data sets, a picture per family; gives the files written."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "parkrisk"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for family in dict.fromkeys(family_of(each.name) for each in comparisons):
        members = [each for each in comparisons if family_of(each.name) == family and each.pairs]
        rows = math.ceil(len(members) / _COLUMNS)
        figure = Figure(figsize=(7.5, 2.6 * rows), layout="constrained")
        panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
        for axes, comparison in zip(panels, members, strict=False):
            _panel(axes, comparison, by_peers(comparison.name, peers))
        for axes in panels[len(members) :]:
            axes.set_axis_off()
        path = folder / f"{family}.svg"
        FigureCanvasSVG(figure).print_svg(str(path), metadata={"Date": None, "Creator": None})
        written.append(path)
    return written


def _row(name: str, pairs: Sequence[Pair], bounds: str) -> str:
    found = statistics(pairs)
    cells = (found.mg, found.vg, found.fac2, found.fb, found.worst)
    return f"| {name} | {found.n} | {found.groups} | " + " | ".join(f"{cell:.3g}" for cell in cells) + f" | {bounds} |"


def _bounds(name: str) -> str:
    parts = []
    for limit in limits():
        if limit.data_set == name:
            low = f"{limit.low:g} ≤ " if limit.low is not None else ""
            high = f" ≤ {limit.high:g}" if limit.high is not None else ""
            parts.append(f"{low}{limit.statistic.upper() if len(limit.statistic) < 5 else limit.statistic}{high}")
    return ", ".join(parts)


def page(comparisons: Sequence[Comparison], peers: Mapping[str, Comparison], pictures: Sequence[Path]) -> str:
    """Page in Markdown: table, pictures, and what is left out."""
    lines = [
        "# Models against measurements",
        "",
        "Written by `python -m benchmarks.validation --page docs`; do not edit by hand.",
        "",
        "MG is the geometric mean of measured over predicted: above 1, predictions are low. VG is the geometric",
        "variance, FAC2 the share of predictions within a factor of 2, FB the fractional bias, *worst* the largest",
        "factor between the two. The limits stand in `tests/validation/limits.csv` with their reasons; a test holds",
        "every data set to them. Rows *by* a peer are another open program on the same input: slabx 1.0.7 (SLAB),",
        "HyRAM+ 6.1. Printed tables (blast, probits, view factors) check that a published formula is what the program",
        "computes; they are no evidence that it is right. The puddles of ALOHA are what that program prints.",
        "",
        "| data set | n | trials | MG | VG | FAC2 | FB | worst | limits |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for comparison in comparisons:
        if comparison.selected():
            lines.append(_row(comparison.name, comparison.selected(), _bounds(comparison.name)))
        if comparison.selected(obstructed=True):
            lines.append(_row(f"{comparison.name}, obstructed", comparison.selected(obstructed=True), ""))
        for name, pairs in by_peers(comparison.name, peers).items():
            lines.append(_row(f"{comparison.name} *by {name}*", pairs, ""))
    lines += ["", "Solid line: perfect; dashed: a factor of 2. Colours are trials, open circles the peer.", ""]
    lines += [f"![{path.stem}](validation/{path.name})\n" for path in pictures]
    left_out = [f"- {each.name}: {text}" for each in comparisons for text in each.left_out]
    if left_out:
        lines += ["## Left out", "", *left_out, ""]
    return "\n".join(lines).rstrip("\n") + "\n"
