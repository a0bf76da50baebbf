"""One mutant after the other, each in a child that is forked when package and tests have been imported.

What differs within a function is put into the function that is there; otherwise the package is imported again, the
module with another source. Nothing reaches the disk, so that kernels compiled before stay good. A mutant within a
kernel, or of a value that kernels take in, is tried with kernels as plain Python.
"""

import contextlib
import gc
import importlib.abc
import importlib.machinery
import io
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

#: To the first failure; plain assertions, since what is imported already cannot be rewritten.
_OPTIONS = ("-x", "--quiet", "--numprocesses", "0", "-m", "", "--assert=plain", "-p", "no:cacheprovider")
#: What the exit of a child says; pytest ends with 1 if a test failed and with 2 to 4 if none could be run.
KILLED, SURVIVED, TIMED_OUT, NOT_COVERED = "killed", "survived", "timed out", "not covered"


def prepare(tests: Iterable[str]) -> None:
    """Import the files of tests, and with them what they test."""
    files = sorted({test.split("::")[0] for test in tests})
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*_OPTIONS, "--collect-only", *files])


def outcome(file: str, mutated: str, tests: Sequence[str], seconds: float) -> str:
    """Run tests on a mutant until the first fails."""
    if not tests:
        return NOT_COVERED
    child = os.fork()
    if child == 0:
        _in_child(file, mutated, tests)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return SURVIVED if os.waitstatus_to_exitcode(status) == 0 else KILLED
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMED_OUT


def _in_child(file: str, mutated: str, tests: Sequence[str]) -> None:
    code = 1
    with contextlib.suppress(BaseException):
        os.setpgid(0, 0)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        sys.dont_write_bytecode = True
        _mutate(file, mutated)
        code = int(pytest.main([*_OPTIONS, *tests]))
    os._exit(code)


def _mutate(file: str, mutated: str) -> None:
    name = "parkrisk." + ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")
    module = sys.modules[name]
    path = str(module.__file__)
    there = compile(Path(file).read_text(encoding="utf-8"), path, "exec", dont_inherit=True)
    code = compile(mutated, path, "exec", dont_inherit=True)
    changed = _changed(there, code)
    functions = {each.__code__: each for each in gc.get_objects() if isinstance(each, FunctionType)}
    if changed and all(old in functions for old, _ in changed):
        for each in gc.get_objects():
            if isinstance(each, FunctionType):
                each.__code__ = next((new for old, new in changed if old == each.__code__), each.__code__)
    elif there != code:
        for other in [other for other in sys.modules if other.split(".")[0] in ("parkrisk", "tests")]:
            del sys.modules[other]
        sys.meta_path.insert(0, _Mutation(name, mutated))


def _changed(there: CodeType, code: CodeType) -> list[tuple[CodeType, CodeType]]:
    """Functions outside of others, and methods, that differ; nothing if anything else does."""
    if there.co_code != code.co_code or there.co_names != code.co_names:
        return []
    found = []
    for old, new in zip(there.co_consts, code.co_consts, strict=True):
        if not isinstance(old, CodeType) or not isinstance(new, CodeType):
            if repr(old) != repr(new):
                return []
        elif old != new:
            found += _changed(old, new) if "<locals>" not in old.co_qualname and _is_class(old) else [(old, new)]
    return found


def _is_class(code: CodeType) -> bool:
    return code.co_names[:1] == ("__name__",) and "__qualname__" in code.co_names[:4]


class _Mutation(importlib.abc.MetaPathFinder):
    """Finds one module as always, and gives it another source."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, self.source)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec", dont_inherit=True)
