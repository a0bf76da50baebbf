"""How functions are compiled: the one place that names numba options."""

import contextlib
import functools
import hashlib
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import llvmlite.binding
import numba
from numba.core import config as _numba_config
from numba.extending import intrinsic

from parkrisk.models.cache_folder import cache_folder

_P = ParamSpec("_P")
_R = TypeVar("_R")
_A = TypeVar("_A")

config: Any = _numba_config

_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
_PACKAGE = Path(__file__).parent.parent
_IMPORT = re.compile(r"^\s*from (parkrisk[\w.]*) import ([\w, ]*)", re.MULTILINE)
_parallel_lock = threading.RLock()


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _cache_root() -> Path:
    """Where compiled kernels are kept: as numba is told, else beside the package, else in a private folder."""
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    beside = Path(__file__).parent / "__pycache__"
    if _writable(beside):
        return beside
    folder = cache_folder() / "kernels"
    return folder if _writable(folder) else Path(tempfile.mkdtemp(prefix="parkrisk-kernels-"))


#: Where compiled kernels are kept.
CACHE_ROOT = _cache_root()


@functools.cache
def _read(file: str) -> tuple[bytes, tuple[str, ...]]:
    """Digest of a source file, and what files of the package it may import; neither of one that is not there."""
    if not os.path.isfile(file):  # noqa: PTH113 - so many small files: paths as objects take longer than reading them
        return b"", ()
    content = Path(file).read_bytes()
    imported = []
    for module, names in _IMPORT.findall(content.decode()):
        stem = os.path.join(_PACKAGE, *module.split(".")[1:])  # noqa: PTH118
        imported += [f"{stem}.py", *(os.path.join(stem, f"{name.strip()}.py") for name in names.split(","))]  # noqa: PTH118
    return hashlib.sha256(content).digest(), tuple(imported)


def _digest(file: str) -> str:
    """Digest of all source files that a file is made of: itself, those of the package that it imports, and so on."""
    found: dict[str, bytes] = {}
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path], imported = _read(path)
            waiting += imported
    whole = hashlib.sha256(b"".join(digest for _, digest in sorted(found.items())))
    return whole.hexdigest()[:16]


@functools.cache
def _cache_folder(module: str, file: str) -> str:
    """Folder for the kernels of a module; another one whenever a source changes that they could be compiled from.

    numba itself looks at the file of a kernel only, and would go on using one that calls a kernel changed elsewhere.
    """
    folder = CACHE_ROOT / f"{module}-{_digest(file)}"
    for old in CACHE_ROOT.glob(f"{module}-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return str(folder)


#: Every kernel that was imported, as numba holds it, by "module:name".
DISPATCHERS: dict[str, Any] = {}


def _compile(function: Callable[_P, _R], **options: Any) -> Callable[_P, _R]:
    before = config.CACHE_DIR
    config.CACHE_DIR = _cache_folder(function.__module__, function.__code__.co_filename)
    try:
        made = numba.njit(**_OPTIONS, **options)(function)
    finally:
        config.CACHE_DIR = before
    DISPATCHERS[f"{function.__module__}:{function.__qualname__}"] = made
    return cast("Callable[_P, _R]", made)


def fingerprint(modules: Iterable[str]) -> str:
    """Digest of what decides whether kernels compiled of these modules are still good: sources, compiler, processor."""
    folders = [_cache_folder(name, f"{_PACKAGE.joinpath(*name.split('.')[1:])}.py") for name in modules]
    made_by = (numba.__version__, sys.version, llvmlite.binding.get_host_cpu_name())
    return hashlib.sha256("\n".join((*sorted(folders), *made_by)).encode()).hexdigest()[:16]


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function of plain numbers and arrays for one thread; it releases the GIL."""
    return _compile(function)


def inlined_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function into every kernel that calls it, where the call itself would cost more than what it does.

    A call counts the references to each array that it passes, some ten nanoseconds for each.
    """
    return _compile(function, forceinline=True)


@intrinsic
def _borrowed(_context: Any, array: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.return_type)(context, builder, value=arguments[0])
        made.meminfo = made.meminfo.type(None)
        made.parent = made.parent.type(None)
        return made._getvalue()

    return array(array), build


def parallel_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function with ``prange`` loops; call it from Python only, one call at a time.

    One of numba's threading layers aborts when two threads start parallel code at once, so calls wait for each other.
    """
    compiled = _compile(function, parallel=True)

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _parallel_lock:
            return compiled(*args, **kwargs)

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


#: In a kernel: the same array as one whose references are not counted, for as long as the array itself is there. Every
#: call that passes an array counts them up and down, some ten nanoseconds each, more than a small function takes.
borrowed: Callable[[_A], _A] = cast("Callable[[_A], _A]", (lambda array: array) if config.DISABLE_JIT else _borrowed)
