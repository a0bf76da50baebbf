"""What processes hold over time, and whether it grows."""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from scipy import stats

_MB = 1e6
#: Means of so many stretches of the run stand for it: samples close in time say nearly the same.
_STRETCHES = 12
#: An engine fills its memory of parks and assessments first; after that, means of so long stretches of its life count.
_SETTLES, _STRETCH = 180.0, 30.0


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


def growth(seconds: Sequence[float] | np.ndarray, values: Sequence[float] | np.ndarray) -> Growth:
    """Fit a line through the means of stretches of equal length; too few samples give an endless interval."""
    parts = [
        (float(np.mean(x)), float(np.mean(y)))
        for x, y in zip(np.array_split(seconds, _STRETCHES), np.array_split(values, _STRETCHES), strict=True)
        if len(x)
    ]
    return _slope([parts])


def growth_of_lives(lives: Iterable[Curve], name: str) -> Growth:
    """Fit one slope to many processes that follow each other, each with a level of its own.

    The curves are over the age of a process. What is replaced hides no growth so, and makes none.
    """
    found = []
    for life in lives:
        ages, values = life.after(_SETTLES, name)
        parts = (ages // _STRETCH).astype(int)
        found.append([(float(ages[parts == n].mean()), float(values[parts == n].mean())) for n in np.unique(parts)])
    return _slope(found)


def _slope(groups: Sequence[Sequence[tuple[float, float]]]) -> Growth:
    """Fit a line of one slope to points (second, value) of groups, each with a level of its own."""
    arrays = [np.array(points) for points in groups if len(points) > 1]
    free = sum(map(len, arrays)) - len(arrays) - 1
    if free < 2:
        return Growth(math.nan, -math.inf, math.inf)
    x, y = np.concatenate([points - points.mean(axis=0) for points in arrays]).T
    slope = float(x @ y) / float(x @ x)
    error = math.sqrt(float(np.sum((y - slope * x) ** 2)) / free / float(x @ x))
    half = float(stats.t.ppf(0.975, free)) * error
    return Growth(*(3600.0 * value for value in (slope, slope - half, slope + half)))


def held_by(process: psutil.Process, store: Path) -> dict[str, float]:
    """Memory [MB], open files and threads of a process; files of the store count apart, as its connections.

    Connections are opened when more are wanted at once than ever before, up to the size of their pools.
    """
    of_store = [each.path for each in process.open_files() if each.path.startswith(str(store))]
    files = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
    return {
        "memory_mb": process.memory_info().rss / _MB,
        "files": float(files - len(of_store)),
        "connections": float(of_store.count(str(store))),
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
    """Curves of several processes and of the store, sampled when told to.

    ``lives`` holds for each process the curves of its engines over their age, by number and birth.
    """

    def __init__(self, processes: dict[str, psutil.Process], store: Path) -> None:
        self._processes, self._store = processes, store
        self._start: float | None = None
        self.curves = {name: Curve() for name in (*processes, "store")}
        self.lives: dict[str, dict[tuple[int, float], Curve]] = {name: {} for name in processes}

    def sample(self) -> None:
        """Note what everything holds now; time begins with the first sample."""
        self._start = time.monotonic() if self._start is None else self._start
        now = time.monotonic() - self._start
        for name, process in self._processes.items():
            engines = self._engines(name, process)
            self.curves[name].add(now, **held_by(process, self._store), engines_mb=engines)
        self.curves["store"].add(now, **size_of(self._store))

    def _engines(self, name: str, process: psutil.Process) -> float:
        """Note the memory of each engine, and give that of all. [MB]"""
        held = 0.0
        for engine in process.children(recursive=True):
            try:
                memory, birth = engine.memory_info().rss / _MB, engine.create_time()
            except psutil.NoSuchProcess:  # it may be replaced meanwhile
                continue
            self.lives[name].setdefault((engine.pid, birth), Curve()).add(time.time() - birth, engine_mb=memory)
            held += memory
        return held
