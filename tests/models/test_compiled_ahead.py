"""Kernels compiled ahead of their first use."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numba
import numpy as np
import pytest
from numba import from_dtype, types

from parkrisk.models import _jit
from parkrisk.models.compiled import ahead
from parkrisk.models.compiled.signatures import as_text, from_text, shipped

#: Two kernels of which one calls the other.
INNER, OUTER = "parkrisk.risk.cascades.draws:uniform", "parkrisk.risk.cascades.accidents:history_winds"


class Pair(NamedTuple):
    one: float
    rows: np.ndarray


def test_types_come_back_from_text():
    record = from_dtype(np.dtype([("a", np.int32), ("b", np.float64)], align=True))
    packed = from_dtype(np.dtype([("a", np.int32), ("b", np.float64)]))
    rows = types.Array(record, 2, "C")
    each = [
        *(types.float64, types.int32, types.uint64, types.bool_, types.none, record, packed, rows),
        types.Array(types.float64, 1, "A", readonly=True),
        types.NamedTuple((types.float64, rows), Pair),
        types.UniTuple(types.int64, 3),
        types.Tuple((types.int64, rows)),
        types.Omitted(1.5),
        types.literal(False),
        types.literal(3),
    ]
    given = {"one:kernel": [tuple(each), (types.int64,)], "another:kernel": [()]}
    found = from_text(as_text(given))
    assert {name: set(calls) for name, calls in found.items()} == {name: set(calls) for name, calls in given.items()}
    assert record != packed


def test_a_type_that_nobody_described_is_refused():
    with pytest.raises(TypeError, match="List"):
        as_text({"one:kernel": [(types.ListType(types.int64),)]})


def test_calls_with_classes_that_are_gone_are_left_out():
    text = as_text({"one:kernel": [(types.NamedTuple((types.float64,) * 2, Pair),), (types.int64,)]})
    assert from_text(text.replace(":Pair", ":Gone"))["one:kernel"] == [(types.int64,)]
    assert from_text(text.replace(__name__, "nowhere"))["one:kernel"] == [(types.int64,)]


def test_every_shipped_kernel_is_there_and_takes_what_is_shipped():
    for name, calls in from_text(shipped()).items():
        __import__(name.split(":")[0])
        function = _jit.DISPATCHERS[name].py_func
        assert calls, name
        assert {len(call) for call in calls} == {function.__code__.co_argcount}, name


def test_a_kernel_comes_after_those_that_it_calls():
    """So many kernels in a row, by several threads: none before what it calls, none twice, none left out."""
    rng = np.random.default_rng(1)
    names = [f"k{i}" for i in range(200)]
    calls = {name: {names[j] for j in rng.integers(0, i, 3)} if i else set() for i, name in enumerate(names)}
    told, done, lock = [], [], threading.Lock()
    turns = ahead._Turns(calls, lambda *what: told.append(what))

    def work(_: int) -> None:
        for name in turns:
            with lock:
                assert calls[name] <= set(done), name
            with lock:
                done.append(name)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(done) == sorted(names)
    assert told == [("compile", number + 1, 200) for number in range(200)]


def test_calls_within_inner_functions_are_seen():
    function = _jit.DISPATCHERS[OUTER].py_func
    assert INNER in ahead._called(function.__code__, function.__globals__)

    def outer(rows):
        return [numba.njit(lambda row: history_winds(row))(row) for row in rows]  # noqa: F821

    assert ahead._called(outer.__code__, {"history_winds": _jit.DISPATCHERS[OUTER]}) == {OUTER}


@pytest.fixture
def two_kernels(monkeypatch, tmp_path):
    """Nothing compiled yet, in a folder of its own, and a list of two kernels."""
    every = json.loads(shipped())
    few = {**every, "kernels": {name: every["kernels"][name] for name in (INNER, OUTER)}}
    monkeypatch.setattr(ahead, "shipped", lambda: json.dumps(few))
    monkeypatch.setattr(ahead, "CACHE_ROOT", tmp_path / "kernels")
    monkeypatch.setattr(ahead, "_done_here", threading.Event())
    monkeypatch.setattr(_jit.config, "NUMBA_NUM_THREADS", 2)
    monkeypatch.setattr(_jit.config, "DISABLE_JIT", 0)
    return tmp_path / "kernels"


def test_other_processes_leave_compiled_kernels_on_disk(two_kernels, monkeypatch):
    ahead.compile_ahead()
    for name in (INNER, OUTER):
        module, function = name.split(":")
        assert list(two_kernels.glob(f"{module}-*/**/*{function}*.nbi")), name
    assert len(list(two_kernels.glob("compiled-*"))) == 1

    def no_more(*_: object, **__: object) -> None:
        raise AssertionError("all is compiled")

    monkeypatch.setattr(subprocess, "Popen", no_more)
    ahead.compile_ahead()  # this process knows
    monkeypatch.setattr(ahead, "_done_here", threading.Event())
    ahead.compile_ahead()  # and so does the next


def test_an_interpreter_that_does_not_start_stops_nothing(two_kernels, monkeypatch, tmp_path):
    broken = tmp_path / "python"
    broken.write_text(f"#!{sys.executable}\nraise SystemExit(1)\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    ahead.compile_ahead()
    assert not list(two_kernels.glob("**/*.nbi"))
    assert list(two_kernels.glob("compiled-*")), "it is not tried again at every start"


def test_a_process_that_is_lost_leaves_its_work_to_the_others(two_kernels, monkeypatch, tmp_path):
    """The first interpreter that is started ends at once: it takes one kernel with it at most, and nobody waits."""
    first, broken = tmp_path / "first", tmp_path / "python"
    broken.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"try:\n    os.close(os.open({str(first)!r}, os.O_CREAT | os.O_EXCL))\n"
        f"except FileExistsError:\n    os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n"
    )
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    ahead.compile_ahead()
    assert list(two_kernels.glob("**/*history_winds*.nbi"))


def test_a_folder_that_cannot_be_made_stops_nothing(two_kernels):
    two_kernels.write_text("a file")
    ahead.compile_ahead()
    assert two_kernels.read_text() == "a file"


@pytest.mark.parametrize("why", ["one processor", "one asked for", "no compilation", "frozen"])
def test_where_it_would_not_help_nothing_is_done(two_kernels, monkeypatch, why):
    if why == "one processor":
        monkeypatch.setattr(_jit.config, "NUMBA_NUM_THREADS", 1)
    elif why == "no compilation":
        monkeypatch.setattr(_jit.config, "DISABLE_JIT", 1)
    elif why == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    ahead.compile_ahead(most=1 if why == "one asked for" else None)
    assert not two_kernels.exists()
