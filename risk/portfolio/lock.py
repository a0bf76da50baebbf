"""One run at a time on one folder of results."""

import contextlib
import contextvars
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from parkrisk.models.file_lock import lock_at_once
from parkrisk.risk.portfolio.errors import InUse, NotWritable

__all__ = ["held"]

_NAME = ".lock"
_held: contextvars.ContextVar[frozenset[Path]] = contextvars.ContextVar("held", default=frozenset())


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from writing to a folder; within a block that holds it this does nothing more.

    The system lets go of the lock when the process ends, however it does: none is left behind.

    Raises
    ------
    InUse
        Another run holds it.
    NotWritable
        Nothing can be written there.
    """
    place = folder.resolve()
    if place in _held.get():
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / _NAME).open("a+", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotWritable(f"无法写入 {folder}：{reason}", f"cannot write to {folder}: {reason}") from None
    with file:
        try:
            lock_at_once(file.fileno())
        except OSError:
            file.seek(0)
            who = file.read(200).strip() or "?"
            raise InUse(
                f"{folder} 正由另一次运行写入（{who}）", f"another run writes to {folder} at the moment ({who})"
            ) from None
        file.truncate(0)
        with contextlib.suppress(OSError):  # a full disk: who it is does not matter then
            file.write(f"{platform.node()}, PID {os.getpid()}")
            file.flush()
        token = _held.set(_held.get() | {place})
        try:
            yield
        finally:
            _held.reset(token)
