"""The same computation asked for by several callers at once is made once."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class Flights:
    """Computations under way, by what they compute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, threading.Event] = {}

    @contextmanager
    def alone(self, key: Hashable, seconds: float) -> Iterator[bool]:
        """Compute alone: gives whether nobody else was at it; who finds another there waits for its end first."""
        with self._lock:
            other = self._under_way.get(key)
            if other is None:
                mine = self._under_way[key] = threading.Event()
        if other is not None:
            other.wait(seconds)
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()
