"""Speed from release to release: processor time of small pieces of work, as multiples of one that never changes.

``reference`` is work of numpy and plain Python, measured in turns with each piece. Times of two machines, or of one
machine at two hours, are compared as multiples of it. All is processor time of all threads, on one thread where the
program decides, and the least of several turns.

``--record VERSION`` keeps the figures in `benchmarks/releases/VERSION.json`, which belongs into the repository;
``--compare`` prints the present figures beside those of the last release; ``--page DIR`` writes `speed.md` and its
plot from what is kept and measures nothing.
"""

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import machine, options, show
from benchmarks.workloads import WORKLOADS, Work, reference

KEPT = Path(__file__).parent / "releases"
#: A turn lasts about so long [s]; the least of several counts.
_TURN, _TURNS, _QUICK_TURNS = 0.1, 7, 3
#: Slower by more than this factor is told.
SLOWER = 1.25

PAGE = """# Speed from release to release

Written by `python -m benchmarks.history --page docs` from `benchmarks/releases/`; do not edit by hand.

![Times as multiples of the reference, release by release](speed.png)

Processor time of small pieces of work, as multiples of the time of a reference (sorting, exponentials, a plain loop)
measured in turns with them, so that machines can be compared; in brackets milliseconds on the machine named below.
Smaller is faster. What each piece does stands in `benchmarks/workloads.py`.

| work |{heads}
|---|{rule}
{rows}

| release | machine | Python, numpy, numba | reference [ms] |
|---|---|---|---|
{machines}

`python -m benchmarks.history --compare` measures the present sources and tells what is slower than the last release by
more than a factor of {slower}; `make bench` is the same. `--record VERSION` keeps a release.
"""


def calls(work: Work) -> int:
    """Give how many calls take about one turn; the first one is not counted."""
    work()
    spent, count = _spent(work, 1), 1
    while spent < 0.5 * _TURN:
        count = max(2 * count, math.ceil(count * _TURN / max(spent, 1e-3)))
        spent = _spent(work, count)
    return count


def _spent(work: Work, count: int) -> float:
    before = time.process_time()
    for _ in range(count):
        work()
    return time.process_time() - before


def measured(prepared: Mapping[str, Callable[[], Work]], turns: int) -> dict[str, dict[str, float]]:
    """Give milliseconds, those of the reference beside it, and their ratio, for every piece of work."""
    from parkrisk.models._jit import threads

    beside, found = reference(), {}
    with threads(1):
        times = calls(beside)
        for name, prepare in prepared.items():
            work = prepare()
            count = calls(work)
            own, unit = math.inf, math.inf
            for _ in range(turns):  # in turns, since others may use the machine
                unit = min(unit, _spent(beside, times) / times)
                own = min(own, _spent(work, count) / count)
            found[name] = {"ms": 1e3 * own, "reference_ms": 1e3 * unit, "ratio": own / unit}
    return found


def kept(folder: Path = KEPT) -> dict[str, dict[str, Any]]:
    """Give what is kept, oldest release first."""
    files = sorted(folder.glob("*.json"), key=lambda file: _order(file.stem))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def _order(version: str) -> tuple[tuple[int, ...], str]:
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, numbers[0].split("."))) if numbers else (), version


def record(version: str, found: Mapping[str, Any], on: Mapping[str, Any], folder: Path = KEPT) -> None:
    """Keep the figures of a release."""
    folder.mkdir(exist_ok=True)
    text = json.dumps({"machine": dict(on), "figures": dict(found)}, indent=1) + "\n"
    (folder / f"{version}.json").write_text(text, encoding="utf-8")


def compared(found: Mapping[str, Mapping[str, float]], last: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Give the ratio to the last release for every piece of work that both know; above 1 is slower."""
    return {name: found[name]["ratio"] / last[name]["ratio"] for name in found if name in last}


def write_page(releases: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """Write the table and the plot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(name for each in releases.values() for name in each["figures"]))
    figure = Figure(figsize=(9.0, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for name in names:
        ratios = [each["figures"].get(name, {}).get("ratio", math.nan) for each in releases.values()]
        axes.semilogy(list(releases), ratios, "o-", label=name)
    axes.set(xlabel="release", ylabel="times the reference")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(folder / "speed.png", dpi=110)

    def cell(each: Mapping[str, Any], name: str) -> str:
        one = each["figures"].get(name)
        return f"{one['ratio']:.2f} ({one['ms']:.3g} ms)" if one else ""

    rows = [f"| {name} | " + " | ".join(cell(each, name) for each in releases.values()) + " |" for name in names]
    machines = []
    for version, each in releases.items():
        on, unit = each["machine"], min(one["reference_ms"] for one in each["figures"].values())
        with_what = f"{on['python']}, {on['numpy']}, {on['numba']}"
        machines.append(f"| {version} | {on['processor']} | {with_what} | {unit:.1f} |")
    text = PAGE.format(
        heads="".join(f" {version} |" for version in releases),
        rule="---|" * len(releases),
        rows="\n".join(rows),
        machines="\n".join(machines),
        slower=SLOWER,
    )
    (folder / "speed.md").write_text(text, encoding="utf-8")


def main() -> None:
    """Measure, keep, compare or write the page."""
    parser = options((__doc__ or "").splitlines()[0])
    parser.add_argument("--record", metavar="VERSION", help="keep the figures as those of a release")
    parser.add_argument("--compare", action="store_true", help="beside the last release that is kept")
    parser.add_argument("--page", type=Path, metavar="DIR", help="write the page from what is kept; measures nothing")
    given = parser.parse_args()
    if given.page:
        write_page(kept(), given.page)
        return
    on, releases = machine(), kept()
    found = measured(WORKLOADS, _QUICK_TURNS if given.quick else _TURNS)
    figures: dict[str, Any] = {f"{name}_{what}": value for name, row in found.items() for what, value in row.items()}
    if given.compare and releases:
        version, last = list(releases.items())[-1]
        against = compared(found, last["figures"])
        figures |= {f"{name}_against_{version}": value for name, value in against.items()}
        figures["slower"] = sorted(name for name, value in against.items() if value > SLOWER)
    show("history", figures, as_json=given.json, on=on)
    if given.record:
        record(given.record, found, on)


if __name__ == "__main__":
    main()
