"""What processes hold over time, and whether it grows."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from scipy import stats

_MB = 1e6
#: Means, or peaks, of so many stretches of the run stand for it: samples close in time say nearly the same.
_STRETCHES = 12


@dataclass
class Curve:
    """Samples of a process and all below it, or of files.

    Parameters
    ----------
    seconds : list of float
        When. [s]
    held : dict of lists
        By what was measured, one value a sample.
    """

    seconds: list[float] = field(default_factory=list)
    held: dict[str, list[float]] = field(default_factory=dict)

    def add(self, now: float, **values: float) -> None:
        """Note one sample."""
        self.seconds.append(now)
        for name, value in values.items():
            self.held.setdefault(name, []).append(value)

    def after(self, warm: float, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Give times and values from the end of the warm-up on."""
        seconds, values = np.array(self.seconds), np.array(self.held[name])
        return seconds[seconds >= warm], values[seconds >= warm]


@dataclass(frozen=True)
class Growth:
    """Slope of a straight line, with its interval of 95 %, all per hour."""

    slope: float
    low: float
    high: float

    def verdict(self, bound: float) -> str:
        """Say "none" or "growth" where the whole interval lies on one side of the bound, else "undecided"."""
        if self.high <= bound:
            return "none"
        return "growth" if self.low > bound else "undecided"


def growth(
    seconds: Sequence[float] | np.ndarray, values: Sequence[float] | np.ndarray, *, peaks: bool = False
) -> Growth:
    """Fit a line through the means, or the peaks, of stretches of equal length.

    Peaks are for what falls at once now and then, as when an engine is replaced. Too few samples give an endless
    interval.
    """
    stands_for = np.max if peaks else np.mean
    parts = [
        (float(np.mean(x)), float(stands_for(y)))
        for x, y in zip(np.array_split(seconds, _STRETCHES), np.array_split(values, _STRETCHES), strict=True)
        if len(x)
    ]
    if len(parts) < 4:
        return Growth(math.nan, -math.inf, math.inf)
    x, y = np.array(parts).T
    slope, level = np.polyfit(x, y, 1)
    error = math.sqrt(float(np.sum((y - level - slope * x) ** 2)) / (len(x) - 2) / float(np.sum((x - x.mean()) ** 2)))
    half = float(stats.t.ppf(0.975, len(x) - 2)) * error
    return Growth(*(3600.0 * float(value) for value in (slope, slope - half, slope + half)))


def held_by(process: psutil.Process) -> dict[str, float]:
    """Memory [MB], open files and threads of a process, and the memory of its children."""
    engines = 0.0
    for engine in process.children(recursive=True):
        try:
            engines += engine.memory_info().rss / _MB
        except psutil.NoSuchProcess:  # an engine may be replaced meanwhile
            continue
    return {
        "memory_mb": process.memory_info().rss / _MB,
        "engines_mb": engines,
        "files": float(process.num_fds()) if hasattr(process, "num_fds") else float(process.num_handles()),
        "threads": float(process.num_threads()),
    }


def size_of(store: Path) -> dict[str, float]:
    """Size of an SQLite file and of its log of what is not in it yet. [MB]"""
    beside = store.with_name(store.name + "-wal")
    return {
        "database_mb": store.stat().st_size / _MB,
        "wal_mb": beside.stat().st_size / _MB if beside.exists() else 0.0,
    }


class Watch:
    """Curves of several processes and of the store, sampled when told to."""

    def __init__(self, processes: dict[str, psutil.Process], store: Path) -> None:
        self._processes, self._store = processes, store
        self._start: float | None = None
        self.curves = {name: Curve() for name in (*processes, "store")}

    def sample(self) -> None:
        """Note what everything holds now; time begins with the first sample."""
        self._start = time.monotonic() if self._start is None else self._start
        now = time.monotonic() - self._start
        for name, process in self._processes.items():
            self.curves[name].add(now, **held_by(process))
        self.curves["store"].add(now, **size_of(self._store))
