"""Whoever works: the same rows; a process that is lost takes no park with it but its own."""

import concurrent.futures
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.portfolio import crew
from parkrisk.risk.portfolio.portfolio import portfolio
from tests.minimal_park import COARSE

_SCRIPT = """
import sys
from parkrisk.risk.portfolio.crew import processes
from parkrisk.risk.portfolio.portfolio import portfolio
from tests.minimal_park import COARSE
if __name__ == "__main__":
    with processes(2) as crew:
        portfolio(sys.argv[1], sys.argv[2], settings=COARSE, crew=crew)
"""


def _alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_killed_run_goes_on_where_it_was_and_leaves_no_process(folder, found, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT, "utf-8")
    out = tmp_path / "out"
    paths = os.pathsep.join([str(Path(".editable").resolve()), str(Path().resolve())])
    run = subprocess.Popen(
        [sys.executable, script, folder, out], env={**os.environ, "PYTHONPATH": paths}, start_new_session=True
    )
    _until(lambda: len(list(out.rglob("*.json"))) > 1 or run.poll() is not None)
    children = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert run.returncode == -signal.SIGKILL
    kept = len(list(out.rglob("*.json")))
    assert kept > 1
    _until(lambda: not any(_alive(child) for child in children), 20.0)
    second = portfolio(folder, out, settings=COARSE)
    assert second.kept == kept
    pd.testing.assert_frame_equal(second.table, found.table)


@pytest.mark.slow
def test_processes_give_the_same_rows_and_survive_the_loss_of_one(folder, found, tmp_path):
    with crew.processes(2) as workers:
        lost = workers.executor.submit(os._exit, 9)
        other = workers.executor.submit(os.getpid)
        assert other.result() != os.getpid()
        with pytest.raises(concurrent.futures.BrokenExecutor):
            lost.result()
        same = portfolio(folder, tmp_path, settings=COARSE, crew=workers)
    pd.testing.assert_frame_equal(same.table, found.table)


@pytest.mark.slow
def test_time_is_limited_and_the_next_park_has_its_own(folder, tmp_path):
    with crew.processes(1, 0.01) as workers:
        late = portfolio(folder, tmp_path, settings=COARSE, crew=workers)
    rows = late.table.set_index("park")
    assert list(rows.loc[["a", "city/c", "d"], "status"]) == ["timeout"] * 3
    assert rows.loc["a", "fault"] == "portfolio.timeout"
    assert rows.loc["d", "name"] == "丁园"


@pytest.mark.slow
def test_cluster_gives_the_same_rows(folder, found, tmp_path):
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as local,
        crew.cluster(local.scheduler_address) as workers,
    ):
        assert workers.size == 2
        same = portfolio(folder, tmp_path, settings=COARSE, crew=workers)
    pd.testing.assert_frame_equal(same.table, found.table)


def test_cluster_that_does_not_answer_is_an_error(monkeypatch):
    monkeypatch.setattr(crew, "_PATIENCE", "200ms")
    with pytest.raises(ParkRiskError) as raised, crew.cluster("tcp://127.0.0.1:9"):
        pass
    assert raised.value.code == "portfolio.cluster_unreachable"


def test_cluster_without_its_library_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParkRiskError) as raised, crew.cluster("tcp://127.0.0.1:9"):
        pass
    assert "parkrisk[cluster]" in raised.value.message_zh
    assert "parkrisk[cluster]" in raised.value.message_en


class _Client:
    def __init__(self, answer):
        self.answer = answer

    def run(self, _function):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({}, "portfolio.cluster_unreachable", "no workers"),
        ({"w": {**crew.engine(), "numpy": "1.0"}}, "portfolio.workers_differ", "numpy 1.0"),
        ({"w": {}}, "portfolio.workers_differ", "numpy –"),
        (ModuleNotFoundError("parkrisk"), "portfolio.workers_differ", "cannot load parkrisk"),
    ],
)
def test_workers_with_other_versions_are_an_error(answer, code, said):
    with pytest.raises(ParkRiskError) as raised:
        crew._same_engine(_Client(answer))
    assert raised.value.code == code
    assert said in raised.value.message_en
    assert crew._same_engine(_Client({"one": crew.engine(), "two": crew.engine()})) == 2
