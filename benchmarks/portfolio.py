"""What many parks cost: one process beside one process a core, and whether both give the same rows.

The parks are synthetic, of 10 to 40 units each and a seed of their own. Both runs start cold: processes are started,
and the engine is imported in each. ``peak_mib`` is the most that a process of the second run had resident, the parent
apart; ``ratio`` is seconds of one process over seconds of all.
"""

import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.report import machine, options, show
from parkrisk.risk.portfolio import crew
from parkrisk.risk.portfolio.portfolio import Portfolio, portfolio
from parkrisk.scenarios.synthetic import synthetic_park

_UNITS = (10, 20, 40)
_MIB = 2**20


class _Memory:
    """Watches the resident memory of this process and of those that it has started."""

    def __init__(self) -> None:
        self.parent = self.worker = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(0.1):
            self.parent = max(self.parent, own.memory_info().rss)
            for child in own.children(recursive=True):
                try:
                    self.worker = max(self.worker, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue


def make_parks(folder: Path, count: int) -> None:
    """Write so many synthetic parks into a folder."""
    for number in range(count):
        synthetic_park(_UNITS[number % len(_UNITS)], seed=number).write(folder / f"park-{number:03d}")


def _timed(folder: Path, output: Path, processes: int) -> tuple[float, Portfolio]:
    start = time.perf_counter()
    with crew.processes(processes) as workers:
        found = portfolio(folder, output, crew=workers)
    return time.perf_counter() - start, found


def figures(parks: int, processes: int) -> dict[str, Any]:
    """Assess the same parks on one process and on so many."""
    with tempfile.TemporaryDirectory() as base:
        root = Path(base)
        make_parks(root / "parks", parks)
        one_seconds, one = _timed(root / "parks", root / "one", 1)
        with _Memory() as memory:
            seconds, many = _timed(root / "parks", root / "many", processes)
        start = time.perf_counter()
        again = portfolio(root / "parks", root / "many")
        again_seconds = time.perf_counter() - start
    return {
        "parks": parks,
        "processes": processes,
        "assessed": int((many.table["status"] == "assessed").sum()),
        "seconds_one_process": one_seconds,
        "seconds": seconds,
        "parks_per_minute": 60.0 * parks / seconds,
        "ratio": one_seconds / seconds,
        "equal": one.table.equals(many.table),
        "seconds_nothing_to_do": again_seconds,
        "nothing_done_again": again.kept == parks,
        "peak_mib": memory.worker / _MIB,
        "peak_mib_parent": memory.parent / _MIB,
    }


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--parks", type=int, default=60)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    on = machine()
    show("portfolio", figures(6 if asked.quick else asked.parks, asked.processes), as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
