"""Computing children: their answers, limits, loss and replacement."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from parkrisk.api.examples import example_park
from parkrisk.api.service.compute import Busy, Cancelled, EngineFault, EngineLost, Engines, Starting, TooLarge, TooSlow
from parkrisk.models.errors import InputProblems, RuleError
from parkrisk.scenarios.reading.sources import document

pytestmark = pytest.mark.slow

PARK = document(example_park("minimal"))
CHECK = {"document": PARK}


def children(pid: int | None = None) -> set[int]:
    found = psutil.Process(pid).children(recursive=True)
    return {each.pid for each in found if "spawn_main" in " ".join(each.cmdline())}


@pytest.fixture(scope="module")
def engines():
    with Engines(1, 4000, 1, waiting=120.0) as made:
        assert made.ready(120.0)
        yield made


def works(engines: Engines) -> bool:
    return engines.run("check", CHECK, seconds=60.0).content["units"] == 5


def test_errors_come_back_as_they_are_and_faults_without_their_text(engines, caplog):
    with pytest.raises(InputProblems) as caught:
        engines.run("assess", {"park": {"park": {}}}, seconds=60.0)
    assert {problem.code for problem in caught.value.problems} >= {"missing_table"}
    assert caught.value.message_zh
    with pytest.raises(RuleError):
        engines.run("assess", {"park": PARK, "rules": "no-such"}, seconds=60.0)
    with pytest.raises(EngineFault) as fault:
        engines.run("no such task", {}, seconds=60.0)
    assert "no such task" not in str(fault.value)
    assert "KeyError" in caplog.text
    assert works(engines)


def test_progress_is_told_and_the_child_is_kept(engines):
    before, told = children(), []
    engines.run("assess", {"park": PARK, "seed": 9}, seconds=60.0, progress=lambda *each: told.append(each))
    assert {stage for stage, _, _ in told} >= {"expand", "grade"}
    assert children() == before


def test_a_child_that_is_killed_is_lost_once(engines):
    def kill(*_each: object) -> None:
        for pid in children():
            os.kill(pid, signal.SIGSEGV)

    before = children()
    with pytest.raises(EngineLost):
        engines.run("assess", {"park": PARK, "seed": 1}, seconds=60.0, progress=kill)
    assert works(engines)
    assert not children() & before


def test_time_cancel_and_a_callback_that_fails_end_the_child(engines):
    for error, more in (
        (TooSlow, {"seconds": 0.01}),
        (Cancelled, {"seconds": 60.0, "cancelled": lambda: bool(children() and threading.current_thread())}),
        (ZeroDivisionError, {"seconds": 60.0, "progress": lambda *_: 1 / 0}),
    ):
        with pytest.raises(error):
            engines.run("assess", {"park": PARK, "seed": 2}, **more)
    assert works(engines)


def test_memory():
    with Engines(1, 60, 1, waiting=120.0) as small:
        for _ in range(2):
            with pytest.raises(TooLarge):
                small.run("assess", {"park": PARK, "seed": 2}, seconds=60.0)


def test_nobody_waits_longer_than_allowed(engines):
    busy = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(
            engines.run, "assess", {"park": PARK, "seed": 4}, seconds=60.0, progress=lambda *_: busy.set()
        )
        assert busy.wait(60.0)
        with pytest.raises(Busy):
            engines.run("check", CHECK, seconds=60.0, waiting=0.0)
        assert done.result().content["provenance"]["seed"] == 4


def test_twenty_threads_get_their_own_answers():
    def ask(seed: int) -> bool:
        if seed % 3:
            return engines.run("check", CHECK, seconds=60.0).content["units"] == 5
        asked = {"park": PARK, "seed": seed % 6}
        content = engines.run("assess", asked, seconds=60.0, affinity="minimal").content
        return content["provenance"]["seed"] == seed % 6

    with Engines(2, 4000, 1, waiting=300.0) as engines, ThreadPoolExecutor(20) as pool:
        assert all(pool.map(ask, range(24)))


_PARENT = """
import sys, time
from parkrisk.api.service.compute import Engines
if __name__ == "__main__":
    engines = Engines(1, 4000, 1)
    engines.ready(120.0)
    print("ready", "numba" in sys.modules, flush=True)
    time.sleep(600)
"""


def test_children_end_with_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        try:
            assert parent.stdout.readline() == "ready False\n"
            found = [psutil.Process(pid) for pid in children(parent.pid)]
            assert len(found) == 1
        finally:
            parent.send_signal(signal.SIGKILL)
    assert not psutil.wait_procs(found, timeout=20.0)[1]


def test_before_the_first_child_is_warm_a_caller_hears_that_engines_start():
    before = children()
    with Engines(2, 4000, 1) as starting:
        with pytest.raises(Starting) as caught:
            starting.run("check", CHECK, seconds=60.0, waiting=0.0)
        assert isinstance(caught.value, Busy)
        assert len(children() - before) < 2  # the second begins when the first has compiled the kernels
