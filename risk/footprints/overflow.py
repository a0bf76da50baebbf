"""A file for the footprints that memory has no room for; it goes with the library it belongs to."""

import os
import shutil
import tempfile
import threading
import weakref
from typing import IO

__all__ = ["Overflow"]

#: Share of the free disk that may be filled.
_SHARE = 0.5


class Overflow:
    """Bytes by number, appended to a temporary file that is made on first use.

    Notes
    -----
    Nothing here raises for what the disk does: what could not be written is not known afterwards. The folder is that of
    `tempfile`, which the environment variable ``TMPDIR`` names. A fork shares the place in the file with its parent, so
    that it may not use it.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._places: dict[int, tuple[int, int]] = {}
        self._end = self._room = 0
        self._process = os.getpid()
        self._lock = threading.Lock()

    def put(self, number: int, data: bytes) -> None:
        """Append what is to be known under a number, as long as the disk has room."""
        if os.getpid() != self._process:
            return
        with self._lock:
            try:
                if self._file is None:
                    self._file = tempfile.TemporaryFile(prefix="parkrisk-", buffering=0)  # noqa: SIM115
                    weakref.finalize(self, self._file.close)
                    self._room = int(_SHARE * shutil.disk_usage(tempfile.gettempdir()).free)
                if number not in self._places and self._end + len(data) <= self._room:
                    self._file.seek(self._end)
                    if self._file.write(data) == len(data):
                        self._places[number] = self._end, len(data)
                        self._end += len(data)
            except OSError:
                self._room = 0  # what is there can still be read

    def get(self, number: int) -> bytes | None:
        """What was put under a number; None where nothing was, or it cannot be read."""
        place = self._places.get(number)
        if place is None or self._file is None or os.getpid() != self._process:
            return None
        with self._lock:
            try:
                self._file.seek(place[0])
                data = self._file.read(place[1])
            except OSError:
                return None
        return data if len(data) == place[1] else None
