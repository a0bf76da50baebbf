"""Locks on files between processes. The system lets go of them when a process ends, however it does."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["lock_at_once", "locked"]

#: What the systems say where another process holds a lock.
_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


def lock_at_once(number: int) -> None:
    """Lock an open file, or raise OSError where another process has."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(number, 1 << 30, os.SEEK_SET)  # beyond the text, which others may read
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock on a file, which is made; waits for other processes that hold it.

    Raises
    ------
    OSError
        Nothing can be written or locked there.
    """
    with file.open("a", encoding="utf-8") as opened:
        while True:
            try:
                lock_at_once(opened.fileno())
                break
            except OSError as error:
                if error.errno not in _HELD:
                    raise
                time.sleep(0.2)
        yield
