"""What it costs to read workbooks: one full of faults, a large one, and those that are refused.

``seconds`` is wall time of the second reading, child process included, from the file to the list of its problems (or of
the text tables: ``seconds_tables``). ``child_mib`` is the peak of the child's resident memory, ``parent_mib`` what the
first reading adds to the peak of this process. A bomb counts from the call to the refusal.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.report import machine, options, show
from parkrisk.scenarios import problems
from parkrisk.scenarios.reading.workbook import child
from parkrisk.scenarios.reading.workbook.reader import read_workbook
from tests.scenarios.faulty_workbook import faulty
from tests.scenarios.workbook_bombs import BOMBS
from tests.scenarios.workbook_maker import minimal

# A child's peak counts from the peak of the process that started it, so a small one starts it.
_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def large(path: Path, units: int) -> Path:
    """Write the minimal park with many more units, 40 m apart in rows of 100."""
    maker = minimal()
    pattern = dict(zip(maker.sheets["设备"][2], maker.sheets["设备"][4], strict=False))
    for number in range(units):
        row, column = divmod(number, 100)
        cells = {**pattern, "unit_id": f"N-{number}", "x": 500020 + 40 * column, "y": 4501000 + 40 * row}
        maker.sheets["设备"].append(list(cells.values()))
    far = 4501000 + 40 * (units // 100 + 1)
    maker.sheets["四至"] = [["x", "y"], [500000, 4500000], [504100, 4500000], [504100, far], [500000, far]]
    return maker.write(path)


def child_mib(path: Path) -> float:
    """Peak resident memory of the child that reads a workbook. [MiB]"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    asked = [sys.executable, "-c", _PEAK, sys.executable, "-P", "-m", child.__name__, str(path)]
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=True)
    return float(done.stdout) / 1024


def peak_mib() -> float:
    """Peak resident memory of this process. [MiB]"""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Wall time of a call [s], and what it gave."""
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def reading(path: Path) -> dict[str, Any]:
    """Time and memory of reading one workbook."""
    before = peak_mib()
    found = problems(path)
    grown = peak_mib() - before
    seconds, _ = timed(lambda: problems(path))
    tables, raw = timed(lambda: read_workbook(path, "park"))
    return {
        "seconds": seconds,
        "seconds_tables": tables,
        "parent_mib": grown,
        "child_mib": child_mib(path),
        "problems": len(found),
        "codes": len({fault.code for fault in found}),
        "rows": sum(len(table.rows) for table in raw.tables.values()),
        "file_mb": path.stat().st_size / 1e6,
    }


def main() -> None:
    """Measure and print."""
    asked = options(__doc__ or "").parse_args()
    on = machine()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faulty.xlsx"
        faulty(path)
        problems(minimal().write(Path(folder) / "warm.xlsx"))  # imports are not what is measured
        figures |= {f"faulty_{key}": value for key, value in reading(path).items()}
        path = large(Path(folder) / "large.xlsx", 2_000 if asked.quick else 10_000)
        figures |= {f"large_{key}": value for key, value in reading(path).items()}
        for name, (bomb, _) in BOMBS.items():
            path = Path(folder) / f"{name}.xlsx"
            path.write_bytes(bomb())
            seconds, found = timed(lambda path=path: problems(path))
            figures |= {f"bomb_{name}_seconds": seconds, f"bomb_{name}": found[0].code}
            figures[f"bomb_{name}_file_mb"] = path.stat().st_size / 1e6
    show("workbook", figures, as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
