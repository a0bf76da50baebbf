"""The child process: waits for tasks, works them off one after another, and ends when its parent is gone."""

import contextlib
import faulthandler
import gc
import multiprocessing
import os
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from parkrisk.api.service.compute.faults import described
from parkrisk.models.errors import ParkRiskError

#: Progress of one stage is told no more often than this. [s]
_BETWEEN = 0.1


@dataclass(frozen=True)
class Options:
    """How a child works.

    Parameters
    ----------
    memory_mb : int
        Its parent kills it beyond; what it keeps between tasks takes half of it at most. [MiB]
    threads : int
        Of the parallel kernels.
    cache : int
        Assessments kept in memory.
    """

    memory_mb: int
    threads: int
    cache: int


def serve(connection: Connection, options: Options) -> None:
    """Work off tasks until the parent closes the connection.

    Tells ``("ready",)`` once warm. Takes ``(task, arguments)``; tells ``("progress", stage, done, total)`` on the way
    and at last ``("answer", outcome)``, ``("error", values)``, ``("memory",)`` or ``("fault", text for the log)``.
    """
    _set_up(options)
    from parkrisk.api.service.compute.desk import Desk
    from parkrisk.api.service.compute.tasks import TASKS, warm

    warm(Desk(options, _silent))
    desk = Desk(options, _Reporter(connection))
    gc.collect()
    gc.freeze()
    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent is gone
        connection.send(("ready",))
        while True:
            task, arguments = connection.recv()
            connection.send(_answer(TASKS, task, arguments, desk))
            del arguments
            desk.tidy()


def _answer(tasks: Any, task: str, arguments: Any, desk: Any) -> tuple[Any, ...]:
    try:
        return "answer", tasks[task](arguments, desk)
    except ParkRiskError as error:
        return "error", described(error)
    except MemoryError:
        return ("memory",)
    except Exception:  # whatever it is, the next task is worked off
        return "fault", traceback.format_exc()


def _set_up(options: Options) -> None:
    """Give the process its own group, limits of threads, and an end with its parent."""
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own, so that it is killed together with the programs it has started
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and decides
    faulthandler.enable()
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # read when numba and numpy are imported, which is still to come
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        end_group(os.getpid())
        os._exit(1)


def end_group(pid: int) -> None:
    """Kill a child and the programs that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Say nothing."""


class _Reporter:
    """Tells progress to the parent; calls in quick succession within a stage are left out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._stage = ""
        self._next = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        with self._lock:
            now = time.monotonic()
            if stage == self._stage and now < self._next:
                return
            self._stage, self._next = stage, now + _BETWEEN
            self._connection.send(("progress", stage, done, total))
