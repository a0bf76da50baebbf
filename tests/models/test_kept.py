"""Values kept on disk: the same as computed, whoever kept them, and nothing that is damaged."""

import ast
import math
import multiprocessing
import os
import re
import subprocess
import sys

import pytest

from parkrisk.models import kept
from parkrisk.models.kept import Kept
from parkrisk.models.substance import equation_of_state


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("PARKRISK_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "module.py"
    path.write_text("first")
    return path


def counted(source, value=None):
    """A function that is kept, as a new process would have it, and the arguments it was truly called with."""
    calls = []

    @Kept(source, "numpy")
    def function(fluid, number):
        calls.append((fluid, number))
        if number < 0.0:
            raise ValueError
        return (number / 3.0, 1.0) if value is None else value

    return function, calls


def test_the_next_process_computes_nothing_and_has_the_same(source):
    first, calls = counted(source)
    values = [first("a", 1.0), first("a", 0.1), first("b", 1.0), first("a", 1.0)]
    assert calls == [("a", 1.0), ("a", 0.1), ("b", 1.0)]
    second, calls = counted(source)
    assert [second("a", 1.0), second("a", 0.1), second("b", 1.0), second("a", 1.0)] == values
    assert calls == []


@pytest.mark.parametrize("value", [False, True, 5e-324, 1.7976931348623157e308, math.inf, (0.1, -0.0)])
def test_every_kind_of_value_comes_back(source, value):
    assert counted(source, value)[0]("a", 1.0) == value
    function, calls = counted(source, "not this one")
    assert repr(function("a", 1.0)) == repr(value)
    assert calls == []


def test_nothing_is_a_value_too(source):
    def ask():
        calls = []

        @Kept(source, "numpy")
        def nothing(number):
            calls.append(number)

        assert nothing(1.0) is None
        return calls

    assert [ask(), ask()] == [[1.0], []]


def test_an_error_is_not_kept(source):
    function, calls = counted(source)
    for _ in range(2):
        with pytest.raises(ValueError):
            function("a", -1.0)
    assert len(calls) == 2


def test_another_source_is_another_file(source):
    counted(source)[0]("a", 1.0)
    source.write_text("second")
    function, calls = counted(source)
    function("a", 1.0)
    assert calls == [("a", 1.0)]


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[:-1],
        lambda line: line.replace(b"0.3", b"0.4"),
        lambda line: line[:20] + b"\xff" + line[21:],
        lambda line: b"",
        lambda line: line + b" ",
    ],
)
def test_a_damaged_line_is_computed_again_and_the_others_are_not(source, damage, tmp_path):
    function, _ = counted(source)
    function("a", 1.0)
    function("a", 2.0)
    (path,) = (tmp_path / "cache").iterdir()
    first, second = filter(None, path.read_bytes().splitlines())
    path.write_bytes(damage(first) + b"\n" + second + b"\n")
    function, calls = counted(source)
    assert (function("a", 1.0), function("a", 2.0)) == ((1.0 / 3.0, 1.0), (2.0 / 3.0, 1.0))
    assert calls == [("a", 1.0)]


def test_what_follows_an_unfinished_line_is_kept(source, tmp_path):
    counted(source)[0]("a", 1.0)
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    counted(source)[0]("a", 2.0)
    function, calls = counted(source)
    function("a", 1.0)
    function("a", 2.0)
    assert calls == [("a", 1.0)]


def test_a_folder_that_cannot_be_is_no_trouble(source, tmp_path):
    (tmp_path / "cache").write_text("a file stands where the folder would be")
    assert counted(source)[0]("a", 1.0) == (1.0 / 3.0, 1.0)


def test_a_file_grows_to_its_limit(source, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_LIMIT", 200)
    function, _ = counted(source)
    for number in range(50):
        assert function("a", float(number)) == (number / 3.0, 1.0)
    (path,) = (tmp_path / "cache").iterdir()
    assert 100 < path.stat().st_size <= 200


def _ask(folder, source, count):
    os.environ["PARKRISK_CACHE_DIR"] = folder
    function, _ = counted(source)
    for number in range(count):
        function("a", float(number))


def test_processes_write_at_once(source, tmp_path):
    context = multiprocessing.get_context("spawn")
    arguments = (str(tmp_path / "cache"), source, 300)
    started = [context.Process(target=_ask, args=arguments) for _ in range(3)]
    for each in started:
        each.start()
    for each in started:
        each.join(120.0)
        assert each.exitcode == 0
    function, calls = counted(source)
    for number in range(300):
        assert function("a", float(number)) == (number / 3.0, 1.0)
    assert calls == []


def test_what_coolprop_said_is_said_again_without_it(tmp_path):
    """Every function, in a process where CoolProp cannot be imported once all is kept."""
    asked = """
import sys
from parkrisk.models.substance import equation_of_state as eos
if sys.argv[1] == "without":
    sys.modules["CoolProp"] = None
    sys.modules["CoolProp.CoolProp"] = None
print([
    eos.has("Ammonia", "surface_tension"), eos.limits("Ammonia", "vapour_pressure"),
    eos.saturated("Ammonia", "heat_of_vaporisation", 300.0), eos.saturated("Ammonia", "gas_heat_capacity", 300.0),
    eos.saturation_limits("Ammonia", 1000.0), eos.saturation_states("Ammonia", 300.0),
    eos.gas_start("Ammonia", 300.0, 1e5), eos.gas_start("Ammonia", 300.0, 1e8), eos.gas_states("Ammonia", 300.0, 1.0),
    eos.state_of_enthalpy("Ammonia", 1e6, 1e5), eos.gas_density("Ammonia", 300.0, 1e5),
    eos.expansion_work("Ammonia", 300.0, True, "isentropic", 1e5),
])
"""
    path = os.pathsep.join(filter(None, sys.path))
    environment = {**os.environ, "PYTHONPATH": path, "PARKRISK_CACHE_DIR": str(tmp_path)}
    with_it, without = (
        subprocess.check_output([sys.executable, "-c", asked, how], env=environment, text=True)
        for how in ("with", "without")
    )
    assert with_it == without
    assert len(ast.literal_eval(with_it)) == 12
    assert set(equation_of_state.__all__) == set(re.findall(r"eos\.(\w+)\(", asked))
