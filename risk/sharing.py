"""Work shared among threads, and how far it is."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

import numba

__all__ = ["Progress", "Scratch", "share"]

_T = TypeVar("_T")
_R = TypeVar("_R")

#: Called as ``progress(stage, done, total)``.
Progress = Callable[[str, int, int], None]


def share(tasks: Iterable[_T], work: Callable[[_T], _R], stage: str, progress: Progress | None = None) -> list[_R]:
    """Do independent tasks on as many threads as numba was given; results in the order of the tasks."""
    waiting = list(tasks)
    count = min(numba.get_num_threads(), max(len(waiting), 1))
    results: list[_R] = []
    step = max(1, len(waiting) // 100)

    def report() -> None:
        if progress is not None and (len(results) % step == 0 or len(results) == len(waiting)):
            progress(stage, len(results), len(waiting))

    if count == 1:
        for task in waiting:
            results.append(work(task))
            report()
        return results
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(work, task) for task in waiting]
        try:
            for future in futures:
                results.append(future.result())
                report()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return results


class Scratch(Generic[_T]):
    """Working memory, one piece for each thread that asks."""

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self._local = threading.local()
        self._lock = threading.Lock()
        self.pieces: list[_T] = []

    def __call__(self) -> _T:
        """Give the piece of the calling thread."""
        known: _T | None = getattr(self._local, "piece", None)
        if known is not None:
            return known
        piece = self._local.piece = self._make()
        with self._lock:
            self.pieces.append(piece)
        return piece
