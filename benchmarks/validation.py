"""Models against published measurements: how far off, data set by data set.

``--data DIR`` compares with every table of a known name in another folder. Trials with obstacles are reported apart,
rows marked as unverified never count, and what is left out is named.
"""

import json
import math
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import peers, scatter
from benchmarks.report import machine, options, show
from tests.validation.data_sets import DATA_SETS, Limit, limits
from tests.validation.measurements import DATA, Comparison, Statistics, statistics

#: Names under which statistics are printed.
COLUMNS = {"n": "n", "groups": "trials", "mg": "MG", "vg": "VG", "fac2": "FAC2", "fb": "FB", "nmse": "NMSE"}


def compare(folder: Path) -> tuple[list[Comparison], list[str]]:
    """Compare with every known table in a folder; gives also what could not be compared."""
    present = {path.name for path in folder.iterdir() if path.is_file()}
    known = {name for data_set in DATA_SETS for name in (*data_set.files, *data_set.companions)}
    skipped = [f"{name}: not a table that is known" for name in sorted(present - known)]
    comparisons = []
    for data_set in DATA_SETS:
        missing = sorted(set(data_set.files) - present)
        if not missing:
            comparisons.append(data_set.compare(folder))
        elif len(missing) < len(data_set.files):
            skipped.append(f"{data_set.name}: needs {', '.join(missing)} too")
    return comparisons, skipped


def figures_of(comparison: Comparison, *, obstructed: bool = False) -> dict[str, Any]:
    """Statistics under the names that are printed; empty where there is no pair."""
    pairs = comparison.selected(obstructed=obstructed)
    if not pairs:
        return {}
    found = asdict(statistics(pairs))
    return {COLUMNS.get(name, name): value for name, value in found.items()}


def broken(comparison: Comparison, found: Statistics) -> Iterable[Limit]:
    """Limits that the statistics of a data set exceed."""
    return (each for each in limits() if each.data_set == comparison.name and not each.holds(found))


def _line(name: str, figures: dict[str, Any]) -> str:
    cells = [f"{figures['n']:>5}", f"{figures['trials']:>7}"]
    cells += [f"{figures[key]:>8.3f}" for key in ("MG", "VG", "FAC2", "FB", "NMSE", "worst")]
    return f"  {name:<34}" + "".join(cells)


def main() -> None:
    """Run from the command line."""
    parser = options("models against published measurements")
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="folder with tables of known names")
    parser.add_argument("--page", type=Path, metavar="DIR", help="write validation.md with pictures into a folder")
    chosen = parser.parse_args()
    if not chosen.data.is_dir():
        parser.error(f"{chosen.data} is not a folder")
    on = machine()
    comparisons, skipped = compare(chosen.data)
    figures: dict[str, Any] = {}
    for comparison in comparisons:
        figures[comparison.name] = figures_of(comparison)
        if any(pair.obstructed for pair in comparison.pairs):
            figures[f"{comparison.name}_obstructed"] = figures_of(comparison, obstructed=True)
    by_peers = peers.comparisons(chosen.data)
    figures |= {name: figures_of(each) for name, each in by_peers.items()}
    if chosen.page is not None:
        pictures = scatter.draw(comparisons, by_peers, chosen.page / "validation")
        (chosen.page / "validation.md").write_text(scatter.page(comparisons, by_peers, pictures), encoding="utf-8")
    left_out = [*skipped, *(f"{each.name}: {text}" for each in comparisons for text in each.left_out)]
    for text in left_out:
        print(f"left out: {text}", file=sys.stderr)
    if chosen.json:
        show("validation", _finite(figures), as_json=True, on=on)
        return
    print(f"  {'data set':<34}    n trials      MG      VG    FAC2      FB    NMSE   worst")
    for name, each in figures.items():
        print(_line(name, each) if each else f"  {name:<34}    0")
    for comparison in comparisons:
        for limit in broken(comparison, statistics(comparison.selected())):
            print(f"beyond its limit: {json.dumps(asdict(limit), ensure_ascii=False)}")


def _finite(value: Any) -> Any:
    """Replace numbers that JSON does not know by None."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    main()
