"""A process that works for a portfolio: one thread for kernels, and an end with its parent. Imports nothing heavy."""

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection

__all__ = ["begin"]


def begin(line: Connection) -> None:
    """Set up the process before the engine is imported, then import it.

    Parameters
    ----------
    line : Connection
        Its other end is held by the parent alone. Once that is closed, or the parent is gone however it went, this
        process ends at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and closes the line
    if "numba" not in sys.modules:  # a script that began this may import it; numba refuses another number after that
        for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ[name] = "1"  # read when numba and numpy are imported, which is still to come
    threading.Thread(target=_end_with, args=(line,), name="end-with-parent", daemon=True).start()
    import parkrisk.risk.portfolio.work  # noqa: F401 - once for all parks


def _end_with(line: Connection) -> None:
    try:
        line.recv()
    except (EOFError, OSError):
        os._exit(1)
