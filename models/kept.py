"""Values of pure functions of text and numbers, kept on disk for the processes to come.

Nothing here raises for what the disk does: a file that cannot be read or written is one that knows nothing.
"""

import contextlib
import functools
import hashlib
import json
import zlib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from llvmlite.binding import get_host_cpu_name

from parkrisk.models.cache_folder import cache_folder

__all__ = ["Kept"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

#: A file takes no more values beyond. [B]
_LIMIT = 4 * 2**20


class Kept:
    """Values that functions of one module have from one package, in one file of the cache folder.

    Parameters
    ----------
    source : Path
        The module. Other sources, another version of the package, or another kind of processor have another file.
    package : str
        Name of the distribution.

    Notes
    -----
    A line holds a checksum, then a function's name, arguments and value as JSON, in which floats are exact. Lines are
    added whole, so that processes may write at once; one that is damaged is passed over.
    """

    def __init__(self, source: Path, package: str) -> None:
        self._source = source
        self._package = package

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """Give a function that looks up what is kept before it computes.

        Takes text and floats, by position; returns None, a bool, a float or a tuple of floats. What is raised is not
        kept.
        """

        @functools.lru_cache(maxsize=100_000)
        def known(*arguments: str | float) -> _R:
            key = json.dumps([function.__qualname__, *arguments])
            if key in self._values:
                return cast("_R", self._values[key])
            value = cast("Callable[..., _R]", function)(*arguments)
            self._keep(key, value)
            return value

        return cast("Callable[_P, _R]", functools.wraps(function)(known))

    @functools.cached_property
    def _path(self) -> Path:
        made_by = f"{metadata.version(self._package)} {get_host_cpu_name()} ".encode() + self._source.read_bytes()
        return cache_folder() / f"{self._source.stem}-{hashlib.sha256(made_by).hexdigest()[:16]}.txt"

    @functools.cached_property
    def _values(self) -> dict[str, object]:
        with contextlib.suppress(OSError):
            return dict(filter(None, map(_entry, self._path.read_bytes().splitlines())))
        return {}

    def _keep(self, key: str, value: object) -> None:
        text = json.dumps([key, value]).encode()
        line = b"\n%08x %s\n" % (zlib.crc32(text), text)  # a line that another process left unfinished ends here
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab", buffering=0) as file:
                if file.tell() + len(line) <= _LIMIT:
                    file.write(line)


def _entry(line: bytes) -> tuple[str, object] | None:
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text) or not text:
        return None
    key, value = json.loads(text)
    return key, tuple(value) if isinstance(value, list) else value
