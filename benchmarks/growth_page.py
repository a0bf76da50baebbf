"""The page of the benchmark `growth`: tables and plots of time and memory against the number of units."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["write_page"]

Rows = Mapping[int, Mapping[str, Any]]

STAGES = ("expand", "domino", "models", "individual", "societal", "grade")
PAGE = """# How time and memory grow with the park

Written by `python -m benchmarks.growth --page docs`; do not edit by hand.

![Seconds per stage, peak memory, and cascades per second against the number of units](growth.png)

Measured on {processor}, {threads} threads; {load_before} other processes wanted to run when it began, so compare
processor seconds, and shares of a row, rather than seconds.

## Whole assessments

Synthetic parks (`parkrisk synthesize`), without footprints of earlier runs. Memory is the peak of a whole process,
Python and its libraries included. Units that are equal share their footprints; in these parks hardly any are.

| units | events | footprints | {stages} | all [s] | processor [s] | peak memory [GiB] |
|---|---|---|{rules}|---|---|---|
{parks}

{growth}

Footprints are kept in memory up to 0.5 GiB, those beyond in a temporary file: each is computed once. Histories of
cascades are kept in full up to 16 million failures, beyond that in short: enough for results, not for a change of the
park to take them over.

## Cascades alone

Tanks on a map, about 18 heat loads a unit whatever the size; dynamic cascades from every unit, as they come.

| units | heat loads | units that burn in the end, mean | histories per second | peak memory [GiB] |
|---|---|---|---|---|
{cascades}
"""


def _park_row(n: int, row: Mapping[str, Any]) -> str:
    if "failed" in row:
        return f"| {n:,} | " + " | ".join(["–"] * (len(STAGES) + 4)) + f" | no result: {row['failed']} |"
    stages = " | ".join(f"{row[f'{stage}_seconds']:.2f}" for stage in STAGES)
    return (
        f"| {n:,} | {row['events']:,} | {row['footprints']:,} | {stages} | {row['seconds']:.1f} | "
        f"{row['cpu_seconds']:.1f} | {row['peak_gib']:.2f} |"
    )


def _cascade_row(n: int, row: Mapping[str, Any]) -> str:
    return (
        f"| {n:,} | {row['heat_edges']:,} | {row['mean_burning']:.2f} | {row['histories_per_s']:,.0f} | "
        f"{row['peak_gib']:.2f} |"
    )


def _growth(figures: Mapping[str, Any]) -> str:
    """Sentences on the powers that were found."""
    spans = {"": "100 and 1,000", "_to_10000": "1,000 and 10,000"}
    found = [
        f"Between {span} units time grows with their number to the power {figures[f'exponent{which}']:.2f}, "
        f"processor time to the power {figures[f'exponent_cpu{which}']:.2f}."
        for which, span in spans.items()
        if figures[f"exponent{which}"] is not None
    ]
    return "\n".join(found)


def _plot(axes: Axes, rows: Rows, names: Mapping[str, str], label: str) -> None:
    for name, text in names.items():
        found = {n: row[name] for n, row in rows.items() if name in row}
        axes.loglog(list(found), list(found.values()), "o-", markersize=3, linewidth=1, label=text)
    axes.set(xlabel="units", ylabel=label)
    axes.grid(visible=True, which="major", alpha=0.3)
    if len(names) > 1:
        axes.legend(fontsize=7)


def write_page(parks: Rows, cascades: Rows, figures: Mapping[str, Any], on: Mapping[str, Any], folder: Path) -> None:
    """Write tables and plots.

    Parameters
    ----------
    parks, cascades : mapping
        By number of units, as `benchmarks.growth` measures them.
    figures : mapping
        ``exponent`` and its kin; None: not measured.
    on : mapping
        The machine.
    folder : Path
    """
    figure = Figure(figsize=(12.0, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    time, memory, played = figure.subplots(1, 3)
    stages = {f"{stage}_seconds": stage for stage in STAGES}
    _plot(time, parks, {"seconds": "all", "cpu_seconds": "processor", **stages}, "seconds")
    _plot(memory, parks, {"peak_gib": "peak"}, "peak memory [GiB]")
    _plot(played, cascades, {"histories_per_s": "histories"}, "cascades alone: histories per second")
    figure.savefig(folder / "growth.png", dpi=110)
    text = PAGE.format(
        stages=" | ".join(f"{stage} [s]" for stage in STAGES),
        rules="|".join(["---"] * len(STAGES)),
        parks="\n".join(_park_row(n, row) for n, row in parks.items()),
        cascades="\n".join(_cascade_row(n, row) for n, row in cascades.items()),
        growth=_growth(figures),
        **on,
    )
    (folder / "growth.md").write_text(text, encoding="utf-8")
