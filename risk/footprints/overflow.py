"""Files for the footprints that memory has no room for; one goes with the last library that reads it."""

import os
import shutil
import tempfile
import threading
import weakref
from collections import Counter
from collections.abc import Iterable
from typing import IO, NamedTuple

__all__ = ["Overflow"]

#: Share of the free disk that may be filled.
_SHARE = 0.5
#: Files of earlier parks that are read on at most, so that a long row of changes does not hold more and more open.
_MOST_FILES = 16


class _File:
    """A temporary file, closed and gone with the last place in it that anybody knows."""

    def __init__(self) -> None:
        self.raw: IO[bytes] = tempfile.TemporaryFile(prefix="parkrisk-", buffering=0)  # noqa: SIM115
        self.lock = threading.Lock()
        self.room = int(_SHARE * shutil.disk_usage(tempfile.gettempdir()).free)
        weakref.finalize(self, self.raw.close)


class _Place(NamedTuple):
    """Where some bytes are."""

    file: _File
    begin: int
    size: int


class Overflow:
    """Bytes by number, appended to a temporary file that is made on first use.

    Notes
    -----
    Nothing here raises for what the disk does: what could not be written is not known afterwards. The folder is that of
    `tempfile`, which the environment variable ``TMPDIR`` names. A fork shares the place in the file with its parent, so
    that it may not use it.
    """

    def __init__(self) -> None:
        self._file: _File | None = None
        self._places: dict[int, _Place] = {}
        self._end = 0
        self._full = False
        self._process = os.getpid()
        self._lock = threading.Lock()

    def renumbered(self, numbers: Iterable[tuple[int, int]]) -> "Overflow":
        """Give another that knows the same bytes, by pairs of number there and here; it writes to a file of its own."""
        places = dict(self._places)
        other = Overflow()
        if os.getpid() == self._process:
            found = {there: places[here] for there, here in numbers if here in places}
            fullest = Counter(place.file for place in found.values()).most_common(_MOST_FILES)
            read = {file for file, _ in fullest}
            other._places = {there: place for there, place in found.items() if place.file in read}
        return other

    def __len__(self) -> int:
        """How many numbers something is known under."""
        return len(self._places)

    def put(self, number: int, data: bytes) -> None:
        """Append what is to be known under a number, as long as the disk has room."""
        if os.getpid() != self._process:
            return
        with self._lock:
            if self._full or number in self._places:
                return
            try:
                self._file = self._file or _File()
                if self._end + len(data) <= self._file.room:
                    with self._file.lock:
                        self._file.raw.seek(self._end)
                        written = self._file.raw.write(data)
                    if written == len(data):
                        self._places[number] = _Place(self._file, self._end, len(data))
                        self._end += len(data)
            except OSError:
                self._full = True  # what is there can still be read

    def get(self, number: int) -> bytes | None:
        """What was put under a number; None where nothing was, or it cannot be read."""
        place = self._places.get(number)
        if place is None or os.getpid() != self._process:
            return None
        with place.file.lock:
            try:
                place.file.raw.seek(place.begin)
                data = place.file.raw.read(place.size)
            except OSError:
                return None
        return data if len(data) == place.size else None
