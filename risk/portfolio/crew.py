"""Who works: this process, processes beside it, or a Dask cluster. All look like executors of `concurrent.futures`."""

import multiprocessing
import queue
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from parkrisk.models.compiled.ahead import compile_ahead
from parkrisk.risk.portfolio.child import begin
from parkrisk.risk.portfolio.errors import ClusterUnreachable, WorkersDiffer
from parkrisk.risk.portfolio.plan import engine

__all__ = ["Crew", "Processes", "TimedOut", "cluster", "in_line", "processes"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

#: A scheduler that does not answer by then is not there. [s]
_PATIENCE = "10s"


@dataclass(frozen=True)
class Crew:
    """An executor, how many parks it takes at once, and the longest time for one, if its processes may end. [s]"""

    executor: Executor
    size: int
    seconds: float | None = None


class TimedOut(Exception):
    """A process ended, and its time was over."""


class _InLine(Executor):
    """Runs what it is given at once, in this process."""

    def submit(self, fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Run, then give the future of what is already there."""
        future: Future[_R] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def in_line() -> Crew:
    """One park after another in this process."""
    return Crew(_InLine(), 1)


class Processes(Executor):
    """Processes that each work by themselves: one that is lost takes no park with it but its own.

    A pool of `concurrent.futures` fails as a whole when one of its processes ends, and does not say whose fault it was.
    So every process is a pool of one.

    Parameters
    ----------
    count : int
    seconds : float or None
        A process that ends after so long has run out of time. [s]
    """

    def __init__(self, count: int, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._context = multiprocessing.get_context("spawn")
        self._far, self._near = self._context.Pipe(duplex=False)
        self._free: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()
        for _ in range(count):
            self._free.put(self._made())
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="portfolio")

    def _made(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=self._context, initializer=begin, initargs=(self._far,))

    def submit(self, fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Run in the next free process."""
        return self._threads.submit(self._run, fn, *args, **kwargs)

    def _run(self, fn: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        process = self._free.get()
        start = time.monotonic()
        try:
            return process.submit(fn, *args, **kwargs).result()
        except BrokenExecutor as lost:
            process.shutdown(wait=False)
            process = self._made()
            if self._seconds is not None and time.monotonic() - start >= self._seconds:
                raise TimedOut from lost
            raise
        finally:
            self._free.put(process)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once they are done; with ``cancel_futures`` at once."""
        if cancel_futures:
            self._near.close()  # each process notices
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        while not self._free.empty():
            self._free.get().shutdown(wait)
        self._near.close()
        self._far.close()


@contextmanager
def processes(count: int, seconds: float | None = None) -> Iterator[Crew]:
    """So many processes on this machine, each with one thread."""
    compile_ahead(most=count)  # each would compile all of it otherwise
    executor = Processes(count, seconds)
    try:
        yield Crew(executor, count, seconds)
    except BaseException:
        executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """Workers of a Dask scheduler, on this machine or others.

    Parameters
    ----------
    address : str
        Such as tcp://10.0.0.5:8786.

    Raises
    ------
    ClusterUnreachable
        ``distributed`` is not installed, nobody answers at the address, or there is no worker.
    WorkersDiffer
        A worker lacks parkrisk, or runs other versions of it or of what moves results.
    """
    try:
        import distributed
    except ImportError:
        raise ClusterUnreachable(
            "需要 distributed：pip install 'parkrisk[cluster]'",
            "distributed is needed: pip install 'parkrisk[cluster]'",
        ) from None
    connect: Any = distributed.Client
    try:
        client: Any = connect(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError):
        raise ClusterUnreachable(f"无法连接调度器 {address}", f"no scheduler can be reached at {address}") from None
    try:
        yield Crew(client.get_executor(pure=False), _same_engine(client))
    finally:
        client.close()


def _same_engine(client: Any) -> int:
    """Number of workers, once all are known to run what this process runs."""
    own = engine()
    try:
        found: Mapping[str, Mapping[str, str]] = client.run(engine)
    except Exception:
        # Whatever a worker raises comes through here; mostly it cannot import the engine.
        raise WorkersDiffer(
            f"计算节点无法加载 parkrisk：各节点须安装 parkrisk {own['parkrisk']} 及相同版本的依赖",
            f"a worker cannot load parkrisk: each needs parkrisk {own['parkrisk']} and the same dependencies",
        ) from None
    if not found:
        raise ClusterUnreachable("调度器没有计算节点", "the scheduler has no workers")
    wrong = {
        f"{worker}: {name} {theirs.get(name, '–')} ≠ {version}"
        for worker, theirs in found.items()
        for name, version in own.items()
        if theirs.get(name) != version
    }
    if wrong:
        named = "; ".join(sorted(wrong)[:5])
        raise WorkersDiffer(f"计算节点的版本不同：{named}", f"workers run other versions: {named}")
    return len(found)
