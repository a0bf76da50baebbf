"""Warm child processes that compute: one task each at a time, within limits of memory and time."""

import logging
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Self

import psutil

from parkrisk.api.service.compute.child import Options, end_group, serve
from parkrisk.api.service.compute.errors import (
    Busy,
    Cancelled,
    EngineFault,
    EngineLost,
    Starting,
    TooLarge,
    TooSlow,
)
from parkrisk.api.service.compute.faults import rebuilt
from parkrisk.api.service.compute.outcome import Outcome

__all__ = ["Engines"]

_log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
Asked = Callable[[], bool]

#: Memory and the clock are looked at so often. [s]
_LOOK = 0.05
#: Whether a computation was called off is asked so often: the answer may come from a database. [s]
_ASK = 0.25
#: A child that is not warm by then is given up. Compiling every kernel anew takes some minutes. [s]
_WARMING = 900.0
#: Longest pause before a child that could not start is started again. [s]
_PAUSE = 30.0
_MIB = 2**20


class Engines:
    """Children that compute.

    Safe to use from many threads at once. A child that is killed or lost is replaced in the background.

    Parameters
    ----------
    count : int
        Children.
    memory_mb : int
        Of each: beyond it the child is killed. The programs that it starts have limits of their own. [MiB]
    threads : int
        Of the parallel kernels, of each child.
    cache : int
        Assessments that each child keeps in memory.
    waiting : float
        Longest time that a request waits for a free child. [s]

    Notes
    -----
    Memory is what the system says the child has resident, looked at twenty times a second. A limit of the address
    space would meet allocations inside parallel kernels, where an error can be lost and a result be wrong; a killed
    child never gives a result.
    """

    def __init__(self, count: int, memory_mb: int, threads: int, cache: int = 3, waiting: float = 30.0) -> None:
        self._options = Options(memory_mb, threads, cache)
        self._waiting_seconds = waiting
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._children: set[_Child] = set()
        self._free: list[_Child] = []
        self._queue: deque[object] = deque()
        self._one_warms = threading.Lock()  # kernels that one child has compiled, the next takes from disk
        for _ in range(count):
            self._start_one()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self,
        task: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float,
        progress: Progress | None = None,
        cancelled: Asked | None = None,
        affinity: str = "",
        waiting: float | None = None,
    ) -> Outcome:
        """Compute.

        Parameters
        ----------
        task : str
            A name of `parkrisk.api.service.compute.tasks.TASKS`.
        arguments : mapping
            Plain JSON, and bytes of an upload.
        seconds : float
            Longest time, from when a child takes the task. [s]
        progress : callable, optional
            Called as ``progress(stage, done, total)`` in this thread, some ten times a second at most.
        cancelled : callable, optional
            Asked four times a second; once it says yes the child is killed.
        affinity : str
            Digest of the park: a free child that has worked on it is preferred.
        waiting : float, optional
            Longest time to wait for a free child, instead of that of all requests. [s]

        Raises
        ------
        ParkRiskError
            As the task raised it.
        Busy, Cancelled, EngineFault, EngineLost, Starting, TooLarge, TooSlow
        """
        child = self._take(affinity, self._waiting_seconds if waiting is None else waiting, cancelled)
        try:
            return child.run(task, arguments, seconds, progress, cancelled)
        finally:
            self._give_back(child, affinity)

    def ready(self, seconds: float = 0.0) -> bool:
        """Whether a child is warm, busy or not; waits for one so long."""
        with self._changed:
            return self._changed.wait_for(lambda: any(child.warm for child in self._children), seconds)

    def counts(self) -> dict[str, int]:
        """Count the children that are busy, free and not warm yet."""
        with self._changed:
            warm, free = sum(child.warm for child in self._children), len(self._free)
            return {"busy": warm - free, "free": free, "starting": len(self._children) - warm}

    def close(self) -> None:
        """Kill every child, whatever it does."""
        self._closing.set()
        with self._changed:
            children = list(self._children)
            self._children.clear()
            self._free.clear()
            self._changed.notify_all()
        for child in children:
            child.kill()

    def _take(self, affinity: str, seconds: float, cancelled: Asked | None) -> "_Child":
        """Wait for a free child; who came first is served first."""
        ticket, end = object(), time.monotonic() + seconds
        with self._changed:
            self._queue.append(ticket)
            try:
                while not (self._queue[0] is ticket and (child := self._pick(affinity))):
                    left = end - time.monotonic()
                    if left <= 0.0 or self._closing.is_set():
                        raise Busy if any(child.warm for child in self._children) else Starting
                    if cancelled is not None and cancelled():
                        raise Cancelled
                    self._changed.wait(left if cancelled is None else min(left, _ASK))
                return child
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _pick(self, affinity: str) -> "_Child | None":
        """Take the free child that knows the park, else the one that has been idle longest."""
        for dead in [child for child in self._free if not child.process.is_alive()]:
            self._free.remove(dead)
            self._replace(dead)
        if not self._free:
            return None
        child = next((child for child in self._free if affinity and affinity in child.parks), self._free[0])
        self._free.remove(child)
        return child

    def _give_back(self, child: "_Child", affinity: str) -> None:
        if not child.idle:
            self._replace(child)
            return
        with self._changed:
            child.parks.append(affinity)
            self._free.append(child)
            self._changed.notify_all()

    def _replace(self, child: "_Child") -> None:
        child.kill()
        self._children.discard(child)
        self._start_one()

    def _start_one(self) -> None:
        threading.Thread(target=self._start, name="start-engine", daemon=True).start()

    def _start(self) -> None:
        pause = 1.0
        while not self._closing.is_set():
            with self._one_warms:
                child = self._warmed()
            if child is not None:
                with self._changed:
                    self._free.append(child)
                    self._changed.notify_all()
                return
            self._closing.wait(pause)
            pause = min(2.0 * pause, _PAUSE)

    def _warmed(self) -> "_Child | None":
        try:
            child = _Child(self._options)
        except (OSError, psutil.Error):  # no memory, perhaps, or no more processes: later there may be
            _log.error("an engine could not be started", exc_info=True)
            return None
        with self._changed:
            self._children.add(child)
        if child.warms_up(self._closing):
            return child
        child.kill()
        with self._changed:
            self._children.discard(child)
        if not self._closing.is_set():
            _log.error("an engine did not start (exit code %s)", child.process.exitcode)
        return None


class _Child:
    """A child process as its parent sees it."""

    def __init__(self, options: Options) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._memory_mb = options.memory_mb
        self.parks: deque[str] = deque(maxlen=options.cache)
        self.warm = False
        self.idle = False
        self._closing = threading.Lock()
        self.process = context.Process(target=serve, args=(theirs, options), name="parkrisk-engine", daemon=True)
        self.process.start()
        theirs.close()
        self._watched = psutil.Process(self.process.pid)

    def warms_up(self, closing: threading.Event) -> bool:
        """Wait until the child is ready for tasks."""
        end = time.monotonic() + _WARMING
        while not closing.is_set() and time.monotonic() < end:
            ready = wait([self._connection, self.process.sentinel], _ASK)
            if ready:
                try:
                    self.warm = self.idle = self._connection.recv() == ("ready",)
                except (EOFError, OSError):
                    return False
                return self.warm
        return False

    def run(
        self,
        task: str,
        arguments: Mapping[str, Any],
        seconds: float,
        progress: Progress | None,
        cancelled: Asked | None,
    ) -> Outcome:
        """Have a task done; ``idle`` afterwards if the child can take another."""
        self.idle = False
        limits = _Limits(self._watched, self._memory_mb, seconds, cancelled)
        try:
            self._connection.send((task, dict(arguments)))
            while True:
                while not wait([self._connection, self.process.sentinel], _LOOK):
                    limits.check()
                kind, *values = self._connection.recv()
                if kind != "progress":
                    return self._ended(task, kind, values)
                limits.check()
                if progress is not None:
                    progress(*values)
        except (EOFError, OSError, psutil.NoSuchProcess):
            self.process.join(1.0)
            _log.error("an engine was lost during %s (exit code %s)", task, self.process.exitcode)
            raise EngineLost from None

    def _ended(self, task: str, kind: str, values: list[Any]) -> Outcome:
        if kind == "memory":
            raise TooLarge(self._memory_mb)
        self.idle = True
        if kind == "answer":
            outcome: Outcome = values[0]
            return outcome
        if kind == "error":
            raise rebuilt(values[0])
        _log.error("fault of an engine during %s\n%s", task, values[0])
        raise EngineFault

    def kill(self) -> None:
        """End the child and the programs that it has started."""
        self.warm = False
        if self.process.pid is not None:
            end_group(self.process.pid)
        self.process.kill()
        self.process.join()
        with self._closing:  # a child that warms up is killed by its own thread too
            self._connection.close()


class _Limits:
    """Memory, time, and whether the caller still wants the answer."""

    def __init__(self, process: psutil.Process, memory_mb: int, seconds: float, cancelled: Asked | None) -> None:
        self._process, self._memory_mb, self._seconds, self._cancelled = process, memory_mb, seconds, cancelled
        now = time.monotonic()
        self._end, self._next = now + seconds, now

    def check(self) -> None:
        """Raise when a limit is met."""
        now = time.monotonic()
        if now > self._end:
            raise TooSlow(self._seconds)
        if self._process.memory_info().rss > self._memory_mb * _MIB:
            raise TooLarge(self._memory_mb)
        if self._cancelled is not None and now >= self._next:
            self._next = now + _ASK
            if self._cancelled():
                raise Cancelled
