"""Footprints kept on disk from one run to the next; the store changes how long a run takes, never what it gives.

One SQLite file: reading a footprint from it takes a tenth of what computing one does, several processes may share it,
and a file that is broken is told from one that is not. What was not used for longest goes first.
"""

import contextlib
import functools
import hashlib
import logging
import os
import sqlite3
import threading
import zlib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TypeVar

import llvmlite.binding

from parkrisk.models.cache_folder import cache_folder
from parkrisk.models.content import content_digest
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid
from parkrisk.scenarios.events.expand import Outcome

__all__ = ["FootprintStore", "footprint_key", "footprint_store", "worth_keeping"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

#: Environment variable with the largest size of the store in megabytes; 0 turns it off.
LIMIT_VARIABLE = "PARKRISK_FOOTPRINT_CACHE_MB"
_DEFAULT_LIMIT_MB = 1000
#: What reading takes, whatever is read [s], and by size [s/B]; measured with the file in memory ...
_READ, _READ_BYTE = 5e-5, 1e-9
#: ... and how many times that computing must take for a footprint to be kept: else the disk is filled for little.
_WORTH = 3.0
#: What is waiting to be written is written when it comes to this much. [B]
_BATCH = 64 * 2**20
#: How long another process is waited for before the store is gone without. [s]
_PATIENCE = 5.0

#: Troubles with the disk or with another process that say nothing against the file.
_PASSING = tuple(f"SQLITE_{what}" for what in ("BUSY", "LOCKED", "READONLY", "FULL", "CANTOPEN", "IOERR"))

_TABLES = """
create table if not exists known (key blob primary key, size integer, checksum integer, used integer, content integer)
without rowid;
create table if not exists contents (id integer primary key, data blob);
"""


@functools.cache
def _code_version() -> bytes:
    """Digest of all that footprints come from but the outcome: code, its data, packages, kind of processor."""
    package = Path(__file__).parents[2]
    sources = [path for path in sorted((package / "models").rglob("*")) if path.suffix in (".py", ".csv")]
    # Scenarios have outcomes that are made of several models.
    sources += [
        *sorted((package / "scenarios").glob("*.py")),
        *(package / "risk/footprints" / name for name in ("packed.py", "packing.py")),
    ]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(f"{path.relative_to(package).as_posix()} {path.stat().st_size} ".encode() + path.read_bytes())
    for name in ("numba", "llvmlite", "numpy", "scipy", "CoolProp", "chemicals"):
        digest.update(f"{name} {metadata.version(name)} ".encode())
    digest.update(llvmlite.binding.get_host_cpu_name().encode())
    return digest.digest()


def footprint_key(outcome: Outcome, grid: PolarGrid) -> bytes | None:
    """Address of a footprint in the store; None for an outcome that is not one of the package's own."""
    if not type(outcome).__module__.startswith(("parkrisk.models.", "parkrisk.scenarios.")):
        return None
    return hashlib.sha256(_code_version() + f"{grid!r} {content_digest(outcome)}".encode()).digest()


def worth_keeping(seconds: float, size: int) -> bool:
    """Whether a footprint of that size [B] that took that long to compute [s] should be kept on disk."""
    return seconds >= _WORTH * (_READ + _READ_BYTE * size)


class FootprintStore:
    """Packed footprints, as bytes, in one file that threads and processes share.

    Parameters
    ----------
    path : Path
        Made on first use, with its folder.
    limit : int
        Largest sum of the footprints kept. [B]

    Notes
    -----
    Nothing here raises for what the disk does: a store that cannot be read or written is one that knows nothing.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.limit = limit
        self._lock = threading.RLock()
        self._waiting: dict[bytes, bytes] = {}
        self._waiting_size = 0
        self._used: set[bytes] = set()
        self._turn = 0
        self._connection: sqlite3.Connection | None = None

    def get(self, key: bytes) -> bytes | None:
        """What was kept under that key, None if nothing was or it is not whole."""
        sql = "select checksum, data from known join contents on content = id where key = ?"
        row = self._try(lambda db: db.execute(sql, (key,)).fetchone())
        if row is None or not isinstance(row[1], bytes) or zlib.crc32(row[1]) != row[0]:
            return None
        with self._lock:
            self._used.add(key)
        return row[1]

    def put(self, key: bytes, data: bytes) -> None:
        """Keep something; it is written with others, at the latest by `flush`."""
        with self._lock:
            self._waiting[key] = data
            self._waiting_size += len(data)
            if self._waiting_size > _BATCH:
                self._flush()

    def flush(self) -> None:
        """Write what waits and note what was used; what was used longest ago makes room. Ends a run."""
        with self._lock:
            self._flush()
            self._turn = 0

    def _flush(self) -> None:
        if self._waiting or self._used:
            self._try(self._write)
        self._waiting.clear()
        self._waiting_size = 0
        self._used.clear()

    def _write(self, db: sqlite3.Connection) -> None:
        with db:
            db.execute("begin immediate")
            latest, total = db.execute("select coalesce(max(used), 0), coalesce(sum(size), 0) from known").fetchone()
            self._turn = self._turn or latest + 1
            db.executemany("update known set used = ? where key = ?", ((self._turn, key) for key in self._used))
            # What this run uses stays: else a run that needs more than the limit would find nothing next time.
            older = db.execute("select key from known where used < ? order by used desc, key", (self._turn,)).fetchall()
            room = self.limit - total
            for key, data in self._waiting.items():
                room += _drop(db, key)
                while room < len(data) and older:
                    room += _drop(db, older.pop()[0])
                if room < len(data):
                    break
                room -= len(data)
                content = db.execute("insert into contents (data) values (?)", (data,)).lastrowid
                row = (key, len(data), zlib.crc32(data), self._turn, content)
                db.execute("insert into known values (?, ?, ?, ?, ?)", row)

    def _try(self, work: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """Do something with the file; a broken one is thrown away, any other trouble means that nothing is done."""
        with self._lock:
            try:
                return work(self._open())
            except (sqlite3.Error, OSError, ValueError, TypeError) as trouble:  # SQLite on damage: any of these
                _log.info("footprint store %s: %s", self.path, trouble)
                if not getattr(trouble, "sqlite_errorname", "").startswith(_PASSING):
                    self._discard()
        return None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            db.execute("pragma page_size = 32768")
            db.execute("pragma synchronous = off")  # a file that a crash of the machine breaks is made anew
            db.executescript(_TABLES)
            self._connection = db
        return self._connection

    def _discard(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
        self._connection = None
        with contextlib.suppress(OSError):
            self.path.unlink()


def _drop(db: sqlite3.Connection, key: bytes) -> int:
    """Delete what is kept under a key; gives its size, 0 if there is nothing. [B]"""
    row = db.execute("select size, content from known where key = ?", (key,)).fetchone()
    if row is None:
        return 0
    db.execute("delete from contents where id = ?", (row[1],))
    db.execute("delete from known where key = ?", (key,))
    return int(row[0])


@functools.cache
def _store_at(path: Path, limit: int, _process: int) -> FootprintStore:
    # A connection must not be carried over a fork, so each process has its own.
    return FootprintStore(path, limit)


def footprint_store() -> FootprintStore | None:
    """Store of this process, as the environment sets it; None when it is turned off.

    Raises
    ------
    OutOfRange
        ``PARKRISK_FOOTPRINT_CACHE_MB`` is not a whole number, 0 or more.
    """
    text = os.environ.get(LIMIT_VARIABLE, str(_DEFAULT_LIMIT_MB))
    if not text.isdecimal():
        raise OutOfRange(
            f"{LIMIT_VARIABLE} 应为不小于 0 的整数（MB），不是“{text}”",
            f"{LIMIT_VARIABLE} must be a whole number of MB, 0 or more, not {text!r}",
        )
    if int(text) == 0:
        return None
    return _store_at(cache_folder() / "footprints.sqlite", int(text) * 10**6, os.getpid())
