"""Growth with the number of units: of whole assessments, 10 to 10,000 units, and of cascades alone.

Assessments are of synthetic parks (`parkrisk.scenarios.synthetic`), each in a process of its own, without footprints of
earlier runs; rasters have less than half a million cells at all sizes. ``exponent`` is the
power of the number of units that their time grows with between 100 and 1,000 units, ``exponent_to_10000`` between 1,000
and 10,000; with ``--quick`` between the two sizes measured. ``exponent_cpu`` is that of processor time, which other
work on the machine disturbs less. ``peak_gib`` is the memory of the largest. A park whose process ends without a
result, mostly because it may not have more than ``--limit`` GiB, is a row that says so.
Cascades run on a farm of the same density, every unit as a primary, the same number of histories in all.
``--page DIR`` writes tables and plots (`growth.md`, `growth.png`). Progress goes to standard error.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from math import log
from pathlib import Path
from typing import Any

from benchmarks.domino import apart
from benchmarks.growth_page import write_page
from benchmarks.report import machine, options, show
from parkrisk.risk.assess import assess
from parkrisk.risk.footprints.footprint_store import LIMIT_VARIABLE
from parkrisk.scenarios.park import Park, build
from parkrisk.scenarios.reading.objects import read_json
from parkrisk.scenarios.synthetic import synthetic_park

PARKS, QUICK_PARKS = (10, 30, 100, 300, 1_000, 3_000, 10_000), (30, 200)
FARMS, QUICK_FARMS = (10, 100, 1_000, 10_000), (100, 1_000)
_WARM_UP = 10  # units of the park with which kernels are loaded
_CODE = "import json, sys; from benchmarks import growth; print(json.dumps(growth.assessed(int(sys.argv[1]))))"

Row = dict[str, Any]


def assessed(n: int) -> Row:
    """Seconds, memory and size of the assessment of a synthetic park, its kernels loaded before."""
    assess(_park(_WARM_UP, seed=1))
    park = _park(n)
    start, before = time.perf_counter(), time.process_time()
    result = assess(park)
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - before,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "events": len(result.events.table),
        "footprints": len(result.events.outcomes),
        "cells": int(result.individual_risk.values.size),
        **{f"{stage}_seconds": seconds for stage, seconds in result.timings.items()},
    }


def _park(n: int, seed: int = 0) -> Park:
    park = build(read_json(synthetic_park(n, seed).document, "park"))
    assert isinstance(park, Park)
    return park


def in_limits(n: int, limit: float) -> Row:
    """`assessed` in a process that may have so much memory [GiB]; what it fails with where it does."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (int(limit * 2**30),) * 2)

    # The limit counts what is reserved, and Arrow's own pool would reserve a GiB that nobody writes to.
    chosen = {**os.environ, LIMIT_VARIABLE: "0", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    command = [sys.executable, "-c", _CODE, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=bound, env=chosen, check=False)
    if done.returncode == 0:
        found: Row = json.loads(done.stdout)
        return found
    last = (done.stderr.strip().splitlines() or [f"ended by signal {-done.returncode}"])[-1]
    return {"failed": last[:200]}


def power(rows: Mapping[int, Row], few: int, many: int, name: str) -> float | None:
    """Power of the number of units that a figure grows with between two sizes; None where one is missing."""
    least, most = (rows.get(n, {}).get(name) for n in (few, many))
    return None if least is None or most is None else log(most / least) / log(many / few)


def told(n: int, row: Row) -> Row:
    """Say on standard error how far the benchmark is."""
    text = (
        row.get("failed")
        or f"{row['seconds']:.1f} s, {row['cpu_seconds']:.1f} s of processor, {row['peak_gib']:.2f} GiB"
    )
    print(f"{n:>6} units: {text}", file=sys.stderr, flush=True)
    return row


def main() -> None:
    """Measure and print."""
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, metavar="DIR", help="write tables and plots there")
    parser.add_argument("--limit", type=float, default=8.0, metavar="GIB", help="memory that a process may have")
    parser.add_argument("--largest", type=int, default=PARKS[-1], metavar="UNITS", help="leave out larger parks")
    chosen = parser.parse_args()
    if chosen.quick and chosen.page:
        parser.error("a page needs the whole run, not --quick")
    on = machine()
    sizes = [n for n in (QUICK_PARKS if chosen.quick else PARKS) if n <= chosen.largest]
    parks = {n: told(n, in_limits(n, chosen.limit)) for n in sizes}
    histories, farms = (500_000, QUICK_FARMS) if chosen.quick else (5_000_000, FARMS)
    cascades: dict[int, Row] = {n: apart(n, max(1, histories // n), 3) for n in farms}
    for n, row in cascades.items():
        row["seconds_of_every_unit"] = n / row["histories_per_s"]
    few, many = QUICK_PARKS if chosen.quick else (100, 1_000)
    figures: dict[str, Any] = {
        "exponent": power(parks, few, many, "seconds"),
        "exponent_cpu": power(parks, few, many, "cpu_seconds"),
        "exponent_to_10000": power(parks, 1_000, 10_000, "seconds"),
        "exponent_cpu_to_10000": power(parks, 1_000, 10_000, "cpu_seconds"),
        "peak_gib": max((row["peak_gib"] for row in parks.values() if "peak_gib" in row), default=None),
        "cascade_exponent": power(cascades, 100, 1_000, "seconds_of_every_unit"),
        "cascade_peak_gib": max(row["peak_gib"] for row in cascades.values()),
    }
    if chosen.page:
        write_page(parks, cascades, figures, on, chosen.page)
    for what, rows in (("park", parks), ("farm", cascades)):
        figures |= {f"{what}_{n}_{name}": value for n, row in rows.items() for name, value in row.items()}
    show("growth", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
