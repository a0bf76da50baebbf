"""How functions are compiled: the one place that names numba options."""

import contextlib
import functools
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core import config as _numba_config

_P = ParamSpec("_P")
_R = TypeVar("_R")

config: Any = _numba_config

_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
_parallel_lock = threading.RLock()


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _choose_cache_folder() -> None:
    """Keep compiled kernels beside the package, or in a private folder where that is read-only."""
    if config.CACHE_DIR or _writable(Path(__file__).parent / "__pycache__"):
        return
    configured = os.environ.get("PARKRISK_CACHE_DIR")
    home = Path(configured) if configured else Path.home() / ".cache" / "parkrisk"
    folder = home / "kernels"
    if not _writable(folder):
        folder = Path(tempfile.mkdtemp(prefix="parkrisk-kernels-"))
    config.CACHE_DIR = str(folder)


_choose_cache_folder()


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function of plain numbers and arrays for one thread; it releases the GIL."""
    return cast("Callable[_P, _R]", numba.njit(**_OPTIONS)(function))


def parallel_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function with ``prange`` loops; call it from Python only, one call at a time.

    One of numba's threading layers aborts when two threads start parallel code at once, so calls wait for each other.
    """
    compiled = numba.njit(parallel=True, **_OPTIONS)(function)

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _parallel_lock:
            return cast("_R", compiled(*args, **kwargs))

    return call


@contextlib.contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Run parallel kernels on ``count`` threads inside the block (None: as many as numba was given)."""
    before = numba.get_num_threads()
    if count is not None:
        numba.set_num_threads(min(count, config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        numba.set_num_threads(before)
