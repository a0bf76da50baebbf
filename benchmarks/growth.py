"""Growth with the number of units: of cascades, 10 to 10,000 units, and of whole assessments.

Every size runs in a process of its own. Cascades run on a farm of the same density, every unit as a primary, the same
number of histories in all; ``exponent`` is that of the time for one history of every unit between 100 and 1,000 units.
Assessments are of parks of the same density, people included (`benchmarks.copies`); ``assess_exponent`` is that of
their time between the two sizes, 100 and 1,000 units, and 50 and 200 with ``--quick``.
``--page DIR`` writes a table and a plot of cascades (`domino_growth.md`, `domino_growth.png`).
"""

import resource
import time
from collections.abc import Mapping
from math import log
from pathlib import Path
from typing import Any

from benchmarks.copies import UNITS, park_of_copies
from benchmarks.domino import apart, in_own_process
from benchmarks.report import machine, options, show
from parkrisk.risk.assess import assess

SIZES = (10, 100, 1_000, 10_000)
PARKS, QUICK_PARKS = (100, 1_000), (50, 200)
PAGE = """# Cascades of farms of several sizes

Written by `python -m benchmarks.growth --page docs`; do not edit by hand.

![Histories per second and peak memory against the number of units](domino_growth.png)

Tanks on a map, about 18 heat loads a unit whatever the size; dynamic cascades from every unit, as they come. Memory is
the peak of a whole process, Python and its libraries included. Measured on {processor}, {threads} threads.

| units | heat loads | units that burn in the end, mean | histories per second | peak memory [GiB] |
|---|---|---|---|---|
{rows}

Between 100 and 1,000 units the time for one history of every unit grows with their number to the power {exponent:.2f}.
"""


def measure(histories: int) -> dict[int, dict[str, float]]:
    """Rates by number of units, so many histories in all."""
    return {n: apart(n, max(1, histories // n), 3) for n in SIZES}


def assessed(n: int) -> dict[str, float]:
    """Seconds and peak memory of the assessment of a park of n units, its kernels loaded before."""
    assess(park_of_copies(UNITS))
    park = park_of_copies(n)
    start, before = time.perf_counter(), time.process_time()
    assess(park)
    return {
        "assess_seconds": time.perf_counter() - start,
        "assess_cpu_seconds": time.process_time() - before,
        "assess_peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def power(seconds: Mapping[int, float]) -> float:
    """Power of the number of units that time grows with, between two sizes."""
    (few, least), (many, most) = sorted(seconds.items())
    return log(most / least) / log(many / few)


def exponent(found: Mapping[int, Mapping[str, float]]) -> float:
    """Growth of the time for one history of every unit between 100 and 1,000 units."""
    return power({n: n / found[n]["histories_per_s"] for n in (100, 1_000)})


def write_page(found: Mapping[int, Mapping[str, float]], on: Mapping[str, Any], folder: Path) -> None:
    """Write the table and the plot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    shown = {"histories_per_s": "histories per second", "peak_gib": "peak memory [GiB]"}
    for axes, (name, label) in zip(figure.subplots(1, 2), shown.items(), strict=True):
        axes.loglog(SIZES, [found[n][name] for n in SIZES], "o-", color="tab:red")
        axes.set(xlabel="units", ylabel=label)
        axes.grid(visible=True, which="both", alpha=0.3)
    figure.savefig(folder / "domino_growth.png", dpi=110)
    rows = "\n".join(
        f"| {n:,} | {found[n]['heat_edges']:,} | {found[n]['mean_burning']:.2f} | {found[n]['histories_per_s']:,.0f} | "
        f"{found[n]['peak_gib']:.2f} |"
        for n in SIZES
    )
    text = PAGE.format(rows=rows, exponent=exponent(found), **on)
    (folder / "domino_growth.md").write_text(text, encoding="utf-8")


def main() -> None:
    """Measure and print."""
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, metavar="DIR", help="write a table and a plot there")
    chosen = parser.parse_args()
    on = machine()
    found = measure(500_000 if chosen.quick else 5_000_000)
    if chosen.page:
        write_page(found, on, chosen.page)
    figures: dict[str, Any] = {
        "exponent": exponent(found),
        "peak_gib": max(each["peak_gib"] for each in found.values()),
    }
    parks = {n: in_own_process(f"growth.assessed({n})") for n in (QUICK_PARKS if chosen.quick else PARKS)}
    figures |= {
        "assess_exponent": power({n: each["assess_seconds"] for n, each in parks.items()}),
        "assess_peak_gib": max(each["assess_peak_gib"] for each in parks.values()),
    }
    for each in (found, parks):
        figures |= {f"units_{n}_{name}": value for n, row in each.items() for name, value in row.items()}
    show("growth", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
