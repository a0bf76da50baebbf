"""Work shared among threads, and how far it is."""

import itertools
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
    """Do independent tasks on as many threads as numba was given; results in the order of the tasks.

    The calling thread works, too, and each thread takes the next task when it is free: to hand them out one by one
    takes longer than many of them. Where tasks fail, the error is that of the first of them.
    """
    waiting = list(tasks)
    total, turn = len(waiting), itertools.count()
    step = max(1, total // 100)
    found: dict[int, _R] = {}
    failed: dict[int, BaseException] = {}
    told = 0

    def tell() -> None:
        nonlocal told
        while progress is not None and told < total and len(found) >= min(told + step, total):
            told = min(told + step, total)
            progress(stage, told, total)

    def take_turns(after: Callable[[], None]) -> None:
        while not failed and (at := next(turn)) < total:
            try:
                found[at] = work(waiting[at])
                after()
            except BaseException as error:
                failed[at] = error

    helpers = min(numba.get_num_threads(), total) - 1
    if helpers > 0:
        with ThreadPoolExecutor(helpers) as pool:
            for _ in range(helpers):
                pool.submit(take_turns, _nothing)
            take_turns(tell)
    else:
        take_turns(tell)
    if failed:
        raise failed[min(failed)]
    tell()
    return [found[at] for at in range(total)]


def _nothing() -> None:
    """Tell nobody: that is for the calling thread."""


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
