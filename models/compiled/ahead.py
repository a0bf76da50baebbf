"""Compiles what an assessment needs by several processes, before it begins.

numba compiles a kernel where it is first called, one after another, for minutes. It keeps what it compiled on disk,
where other processes find it: so each of several compiles other kernels, those that others call first.
"""

import contextlib
import graphlib
import heapq
import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from types import CodeType
from typing import Any

from parkrisk.models._jit import CACHE_ROOT, DISPATCHERS, config, fingerprint
from parkrisk.models.compiled.signatures import shipped
from parkrisk.models.file_lock import locked

__all__ = ["compile_ahead"]

#: Called as ``progress(stage, done, total)``.
Progress = Callable[[str, int, int], None]

_MOST = 8  # processes: each takes some 0.4 GiB
_done_here = threading.Event()


def _called(code: CodeType, scope: dict[str, Any]) -> set[str]:
    """Kernels that a function names, functions within it among them."""
    names = {id(made): name for name, made in DISPATCHERS.items()}
    found = {names[id(scope[name])] for name in code.co_names if id(scope.get(name)) in names}
    return found.union(*(_called(each, scope) for each in code.co_consts if isinstance(each, CodeType)))


def _calls(names: set[str]) -> dict[str, set[str]]:
    """Which of these kernels each of them calls; those that are not there any more are left out."""
    there = names & DISPATCHERS.keys()
    functions = {name: DISPATCHERS[name].py_func for name in there}
    return {name: _called(made.__code__, made.__globals__) & there for name, made in functions.items()}


class _Turns:
    """Which kernel is next: all that it calls are compiled, and the most others wait for it in a row."""

    def __init__(self, calls: dict[str, set[str]], progress: Progress | None) -> None:
        self._sorter, self._progress = graphlib.TopologicalSorter(calls), progress
        self._sorter.prepare()
        self._height = dict.fromkeys(calls, 0)
        for name in reversed(list(graphlib.TopologicalSorter(calls).static_order())):
            for called in calls[name]:
                self._height[called] = max(self._height[called], self._height[name] + 1)
        self._total, self._finished = len(calls), 0
        self._ready: list[tuple[int, str]] = []
        self._changed = threading.Condition()

    def __iter__(self) -> Generator[str, None, None]:
        """Names, one by one, for one of the processes; waits where the next is not ready."""
        while True:
            with self._changed:
                while not self._take() and self._sorter.is_active():
                    self._changed.wait()
                if not self._ready:
                    return
                _, name = heapq.heappop(self._ready)
            try:
                yield name
            finally:
                self._finish(name)

    def _finish(self, name: str) -> None:
        with self._changed:
            self._sorter.done(name)
            self._finished += 1
            if self._progress is not None:
                self._progress("compile", self._finished, self._total)
            self._changed.notify_all()

    def _take(self) -> bool:
        for name in self._sorter.get_ready():
            heapq.heappush(self._ready, (-self._height[name], name))
        return bool(self._ready)


def _compile(turns: _Turns) -> None:
    """Have one process compile what is next, until nothing is left or it is gone: the others go on."""
    child = subprocess.Popen(
        [sys.executable, "-m", "parkrisk.models.compiled.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(CACHE_ROOT), "NUMBA_NUM_THREADS": "1"},
    )
    with contextlib.suppress(OSError), child, contextlib.closing(turns.__iter__()) as names:
        assert child.stdin is not None
        assert child.stdout is not None
        for name in names:
            child.stdin.write(name + "\n")
            child.stdin.flush()
            if not child.stdout.readline():
                break


def compile_ahead(progress: Progress | None = None, *, most: int | None = None) -> None:
    """Compile the kernels of an assessment that are not on disk yet, by several processes; later calls do nothing.

    Does nothing either on one processor, without compilation, and in a frozen program. What fails here is compiled
    where it is called.

    Parameters
    ----------
    progress : callable, optional
        Called as ``progress("compile", done, total)``.
    most : int, optional
        Processes; as many as numba has threads when left out, 8 at most.
    """
    count = min(config.NUMBA_NUM_THREADS if most is None else most, config.NUMBA_NUM_THREADS, _MOST)
    if _done_here.is_set() or count < 2 or config.DISABLE_JIT or getattr(sys, "frozen", False):
        return
    _done_here.set()
    names = list(json.loads(shipped())["kernels"])
    modules = {name.split(":")[0] for name in names}
    mark = CACHE_ROOT / f"compiled-{fingerprint(modules)}"
    if mark.exists():
        return
    for module in modules:
        importlib.import_module(module)
    with contextlib.suppress(OSError):  # a folder that takes neither files nor locks
        CACHE_ROOT.mkdir(parents=True, exist_ok=True)
        with locked(CACHE_ROOT / "compiling"):
            if mark.exists():
                return
            turns = _Turns(_calls(set(names)), progress)
            with ThreadPoolExecutor(count) as pool:
                list(pool.map(_compile, [turns] * count))
            for old in CACHE_ROOT.glob("compiled-*"):
                old.unlink(missing_ok=True)
            mark.touch()
