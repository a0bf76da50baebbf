"""A service under mixed load for many minutes: does it hold more and more?

A ``parkrisk serve`` and a ``parkrisk worker`` share one store. Two tenants read, ask gate questions again and anew,
compare changes, keep parks, open layers and features, put jobs in and dismiss some, and ask what must be refused.
Every few seconds the memory of both processes and of their engines, open files, threads and the size of the store are
noted.

After a warm-up (a third of the run, two minutes at least) a line is fitted to each curve. ``growth`` is "none" where
the whole interval of 95 % of its slope lies below the stated bound, "growth" where it lies above, else "undecided": a
longer run decides. Engines come and go with dismissed jobs: theirs is the growth of one with its age. The store grows
with what is kept in it, and has no bound; the log beside it must stay small.
``--page DIR`` writes `soak.md`.
"""

import asyncio
import itertools
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.report import machine, options, show
from benchmarks.service import served
from benchmarks.soaking.asking import Tenant
from benchmarks.soaking.curve import Watch, growth, growth_of_lives

#: Seconds between samples, and mean pause of one who asks.
_EVERY, _PAUSE = 5.0, 0.15
#: Engines start, load and fill their memory of parks meanwhile: share of the run, and time [s], at least.
_WARM_SHARE, _WARM = 1.0 / 3.0, 120.0
#: Largest growth per hour that counts as none, by process and by what it holds.
BOUNDS: Mapping[tuple[str, str], float] = {
    ("server", "memory_mb"): 30.0,
    ("server", "engine_mb"): 60.0,
    ("server", "files"): 6.0,
    ("server", "threads"): 6.0,
    ("worker", "memory_mb"): 30.0,
    ("worker", "engine_mb"): 60.0,
    ("worker", "files"): 6.0,
    ("worker", "threads"): 6.0,
}
#: Largest log of an SQLite store. [MB]
_WAL = 64.0
_TOLD_TO_STOP = 128 + signal.SIGTERM
_COMMAND = [sys.executable, "-c", "from parkrisk.api.cli import main; main()"]

PAGE = """# The service under load for {minutes:.0f} minutes

Written by `python -m benchmarks.soak --minutes {minutes:.0f} --page docs`; do not edit by hand.

![Memory, open files, threads and store over time](soak.png)

{answers} answers to two tenants, {errors} of them not what they must be. A line is fitted after {warm:.0f} s of
warm-up; the interval is that of 95 % of its slope, from means of twelve stretches. Engines are replaced when a running
job is dismissed: `engine_mb` is how much one of them grows with its age, from the lives of all of them, each after its
first three minutes. `files` are those beside the store; connections to it stay within their pools, or answers fail.
"none": the whole interval lies below the bound; "undecided": a longer run decides. Measured on {processor}, load of the
machine before: {load_before}.

| process | holds | at the end | per hour | interval | bound | growth |
|---|---|---|---|---|---|---|
{rows}

The store grew to {database:.1f} MB, with what is kept in it; its log was never above {wal:.1f} MB (bound
{wal_bound:.0f} MB).

| question | answers | median [ms] | 95 % [ms] |
|---|---|---|---|
{kinds}
"""


def _another_tenant(url: str) -> str:
    """Make a second tenant; gives the key of its administrator."""
    more = ["--role", "admin", "--name", "soak", "--tenant", "second", "--database", url, "--json"]
    said = subprocess.run([*_COMMAND, "keys", "create", *more], capture_output=True, text=True, check=True)
    key: str = json.loads(said.stdout)["key"]
    return key


async def _asked(tenants: Sequence[Tenant], watch: Watch, seconds: float) -> None:
    """Have every tenant ask by two callers at once, and watch."""
    end = time.monotonic() + seconds

    async def watched() -> None:
        while time.monotonic() < end:
            await asyncio.to_thread(watch.sample)
            await asyncio.sleep(_EVERY)

    await asyncio.gather(watched(), *(tenant.ask_until(end, _PAUSE) for tenant in (*tenants, *tenants)))


def soak(seconds: float, folder: Path) -> tuple[dict[str, Any], Watch, list[Tenant]]:
    """Run the service under load; gives figures, curves, and who asked."""
    store = folder / "store.sqlite"
    url = f"sqlite:///{store}"
    with served(str(folder), "") as (address, key, server), (folder / "worker.log").open("wb") as log:
        environment = {**os.environ, "PARKRISK_DATABASE_URL": url, "PARKRISK_LOG_LEVEL": "warning"}
        worker = subprocess.Popen([*_COMMAND, "worker"], env=environment, stdout=log, stderr=log)
        try:
            watch = Watch({"server": server, "worker": psutil.Process(worker.pid)}, store)
            seeds = itertools.count(1000)
            tenants = [Tenant(address, one, i, seeds) for i, one in enumerate((key, _another_tenant(url)))]

            async def run() -> None:
                for tenant in tenants:
                    await tenant.prepare()
                    await tenant.crowd()
                await _asked(tenants, watch, seconds)
                for tenant in tenants:
                    await tenant.http.aclose()

            asyncio.run(run())
        finally:
            worker.terminate()
            worker.wait()
    return judged(watch, tenants), watch, tenants


def judged(watch: Watch, tenants: Sequence[Tenant]) -> dict[str, Any]:
    """Give growth, answers and errors as figures."""
    figures: dict[str, Any] = {}
    for (process, what), bound in BOUNDS.items():
        name = f"{process}_{what}"
        if what == "engine_mb":
            lives = list(watch.lives[process].values())
            figures[name], figures[f"{process}_engines"] = lives[-1].held[what][-1], len(lives)
            found = growth_of_lives(lives, what)
        else:
            curve = watch.curves[process]
            figures[name], found = curve.held[what][-1], growth(*curve.after(warm(watch), what))
        figures |= {f"{name}_per_hour": found.slope, f"{name}_per_hour_interval": [found.low, found.high]}
        figures |= {f"{name}_bound": bound, f"{name}_growth": found.verdict(bound)}
    verdicts = {figures[f"{process}_{what}_growth"] for process, what in BOUNDS}
    largest = max(watch.curves["store"].held["wal_mb"])
    figures["database_mb"], figures["wal_mb_largest"] = watch.curves["store"].held["database_mb"][-1], largest
    errors: Counter[str] = sum((tenant.errors for tenant in tenants), Counter())
    figures["answers"] = sum(len(times) for tenant in tenants for times in tenant.seconds.values())
    figures["errors"] = dict(errors)
    failed = "growth" in verdicts or largest > _WAL
    figures["growth"] = "growth" if failed else "undecided" if "undecided" in verdicts else "none"
    return figures | {f"{kind}_p95_ms": p95 for kind, _, _, p95 in latencies(tenants)}


def warm(watch: Watch) -> float:
    """Give the end of the warm-up. [s]"""
    return max(_WARM, _WARM_SHARE * watch.curves["server"].seconds[-1])


def latencies(tenants: Sequence[Tenant]) -> list[tuple[str, int, float, float]]:
    """Give number of answers, median and 95th percentile of their time [ms] for each kind that was asked."""
    rows = []
    for kind in tenants[0].seconds:
        times = [1e3 * each for tenant in tenants for each in tenant.seconds[kind]]
        if times:
            rows.append((kind, len(times), float(np.median(times)), float(np.percentile(times, 95))))
    return rows


def write_page(
    figures: Mapping[str, Any], watch: Watch, tenants: Sequence[Tenant], on: Mapping[str, Any], folder: Path
) -> None:
    """Write the page and its plot."""
    _plot(watch, folder / "soak.png")
    rows = []
    for process, what in BOUNDS:
        name = f"{process}_{what}"
        low, high = figures[f"{name}_per_hour_interval"]
        of = f"{figures[f'{name}_per_hour']:.1f} | {low:.1f} … {high:.1f} | {figures[f'{name}_bound']:.0f}"
        rows.append(f"| {process} | {what} | {figures[name]:.0f} | {of} | {figures[f'{name}_growth']} |")
    kinds = [f"| {kind} | {count} | {median:.0f} | {p95:.0f} |" for kind, count, median, p95 in latencies(tenants)]
    text = PAGE.format(
        minutes=watch.curves["server"].seconds[-1] / 60.0,
        answers=figures["answers"],
        errors=sum(figures["errors"].values()),
        warm=warm(watch),
        rows="\n".join(rows),
        kinds="\n".join(kinds),
        database=figures["database_mb"],
        wal=figures["wal_mb_largest"],
        wal_bound=_WAL,
        **on,
    )
    (folder / "soak.md").write_text(text, encoding="utf-8")


def _finite(value: Any) -> Any:
    """Replace numbers that JSON does not know by None."""
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plot(watch: Watch, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    shown = {
        "memory [MB]": ("memory_mb", "engines_mb"),
        "open files": ("files", "connections"),
        "threads": ("threads",),
        "store [MB]": ("database_mb", "wal_mb"),
    }
    for axes, (label, names) in zip(figure.subplots(2, 2).flat, shown.items(), strict=True):
        for process, curve in watch.curves.items():
            for name in set(names) & set(curve.held):
                axes.plot(np.array(curve.seconds) / 60.0, curve.held[name], label=f"{process}: {name}")
        axes.axvspan(0.0, warm(watch) / 60.0, color="0.93")
        axes.set(xlabel="minutes", ylabel=label, ylim=(0.0, None))
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="x-small")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run, judge and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TOLD_TO_STOP))  # as an exception it ends what was started, too
    parser = options((__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="how long")
    parser.add_argument("--page", type=Path, metavar="DIR", help="write the page and a plot there")
    given = parser.parse_args()
    on = machine()
    with tempfile.TemporaryDirectory() as folder:
        figures, watch, tenants = soak(30.0 if given.quick else 60.0 * given.minutes, Path(folder))
    if given.page:
        write_page(figures, watch, tenants, on, given.page)
    show("soak", {name: _finite(value) for name, value in figures.items()}, as_json=given.json, on=on)


if __name__ == "__main__":
    main()
