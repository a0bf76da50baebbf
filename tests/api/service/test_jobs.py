"""Jobs: accepted is committed, one result each, whatever happens to workers and engines."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dbos._sys_db import SystemDatabase
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from parkrisk.api.service import attempts
from parkrisk.api.service.attempts import Attempts, End
from parkrisk.api.service.jobs import Jobs
from parkrisk.api.service.store import artifacts
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import Job, get_job, start_job
from parkrisk.api.service.store.tenants import ensure_tenant
from tests.api.service.stand_ins import (
    TENANT,
    ScriptedEngines,
    accept,
    audited,
    conclude,
    give_up,
    wait_for,
)
from tests.api.service.store.databases import KINDS, empty


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with empty(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    with store.begin() as connection:
        ensure_tenant(connection, TENANT, "one")
    yield store
    store.close()


@pytest.fixture
def jobs(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setattr(attempts, "_BETWEEN", 0.1)
    monkeypatch.setattr(attempts, "conclude", conclude)
    monkeypatch.setattr(attempts, "give_up", give_up)
    jobs = Jobs(store, unseen_seconds=5.0, attempts=3)
    yield jobs
    jobs.close()


@pytest.fixture
def engines() -> ScriptedEngines:
    return ScriptedEngines()


def submit(store: Store, jobs: Jobs, owner: str, **arguments: object) -> str:
    with store.begin() as connection:
        return accept(connection, jobs, owner, **arguments)


def answer(store: Store, owner: str) -> object:
    with store.reading() as connection:
        _, content = artifacts.get_artifact(connection, TENANT, "run", owner, "result.json")
    return json.loads(content)["answer"]


def state(store: Store, job_id: str) -> Job:
    with store.reading() as connection:
        return get_job(connection, TENANT, job_id)


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def rewrite(store: Store, job_id: str, **arguments: object) -> None:
    content = json.dumps(arguments).encode()
    with store.begin() as connection:
        artifacts.put_artifact(
            connection, TENANT, "job", job_id, "arguments.json", content, media_type="application/json"
        )


def pause(process: subprocess.Popen[str], url: str) -> None:
    """Stop a process between its transactions: in one of SQLite it would keep everybody else from writing."""
    process.send_signal(signal.SIGSTOP)
    while url.startswith("sqlite") and _locked(url.removeprefix("sqlite:///")):
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)


def _locked(file: str) -> bool:
    with contextlib.closing(sqlite3.connect(file, timeout=0.1, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


@pytest.fixture
def worker(url: str) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start worker processes."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.api.service.stand_ins", url, "1.0"]
        path = os.pathsep.join((".editable", "."))
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_accepted_is_committed(store: Store, jobs: Jobs, engines: ScriptedEngines) -> None:
    with store.begin() as connection:
        accept(connection, jobs, "taken back", answer=1)
        connection.get_transaction().rollback()
    kept = submit(store, jobs, "kept", answer=2)
    jobs.start_worker(engines)
    job = wait_for(store, kept, "successful")
    assert (job.share, job.attempts, job.error) == (1.0, 1, None)
    assert answer(store, "kept") == 2
    assert audited(store) == [("concluded", "kept")]
    assert engines.begun == ["whatif"]


def test_a_worker_that_could_not_begin_begins_later(
    store: Store, jobs: Jobs, engines: ScriptedEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is lost while the library starts: half started, it would take no jobs for ever."""
    lost = [OperationalError("", {}, Exception())]
    real = SystemDatabase.create

    def create(*given: Any, **more: Any) -> SystemDatabase:
        if lost:
            raise lost.pop()
        return real(*given, **more)

    monkeypatch.setattr(SystemDatabase, "create", create)
    job = submit(store, jobs, "kept", answer=2)
    jobs.start_worker(engines)
    wait_for(store, job, "successful")
    assert not lost


def test_the_end_of_a_job_is_told_once(store: Store, jobs: Jobs, engines: ScriptedEngines) -> None:
    told: list[tuple[str, str, bool]] = []
    good, bad = submit(store, jobs, "good", answer=1), submit(store, jobs, "bad", ends="refuse")
    jobs.start_worker(engines, ended=lambda process, status, seconds: told.append((process, status, seconds >= 0.0)))
    wait_for(store, good, "successful")
    wait_for(store, bad, "failed")
    until(lambda: len(told) == 2)
    assert sorted(told) == [("whatif", "failed", True), ("whatif", "successful", True)]


def schema_of_queue(store: Store) -> str:
    return "" if store.engine.dialect.name == "sqlite" else "dbos."


def test_jobs_wait_for_a_warm_engine_and_leave_the_queue_when_over(
    store: Store, jobs: Jobs, engines: ScriptedEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()

    def ready(_seconds: float) -> bool:
        looked.set()
        return engines.warm

    monkeypatch.setattr(engines, "ready", ready)
    engines.warm = False
    done, dismissed = submit(store, jobs, "done"), submit(store, jobs, "dismissed")
    failed = submit(store, jobs, "failed", ends="refuse")
    with store.begin() as connection:
        assert jobs.cancel(connection, dismissed, TENANT)
    jobs.start_worker(engines)
    assert looked.wait(60.0)
    assert state(store, done).status == "accepted"
    engines.warm = True
    wait_for(store, done, "successful")
    wait_for(store, failed, "failed")
    counted = text(f"SELECT count(*) FROM {schema_of_queue(store)}workflow_status")

    def left() -> int:
        with store.reading() as connection:
            return int(connection.execute(counted).scalar_one())

    until(lambda: left() == 0)


def test_queue_holds_json_that_any_release_can_read(store: Store, jobs: Jobs) -> None:
    job = submit(store, jobs, "kept")
    schema = schema_of_queue(store)
    with store.reading() as connection:
        query = f"SELECT name, queue_name, application_version, application_name FROM {schema}workflow_status"
        assert connection.execute(text(query)).all() == [("job", "parkrisk-jobs", "1", "parkrisk")]
        (inputs,) = connection.execute(text(f"SELECT inputs FROM {schema}workflow_input")).one()
    assert json.loads(inputs) == {"namedArgs": {}, "positionalArgs": [TENANT, job]}


def test_second_run_changes_nothing(store: Store, jobs: Jobs, engines: ScriptedEngines) -> None:
    job = submit(store, jobs, "a", answer=3)
    jobs.start_worker(engines)
    done = wait_for(store, job, "successful")
    again = Attempts(store, engines, 60.0, 3, threading.Event())  # type: ignore[arg-type]
    assert again.run(TENANT, job, 1) is End.OVER
    with store.reading() as connection:
        assert get_job(connection, TENANT, job) == done
    assert audited(store) == [("concluded", "a")]


def test_overtaken_attempt_writes_nothing(store: Store, jobs: Jobs, engines: ScriptedEngines) -> None:
    job = submit(store, jobs, "a", answer=4)
    mine = Attempts(store, engines, 60.0, 3, threading.Event())  # type: ignore[arg-type]

    def overtake() -> None:
        with store.begin() as connection:
            assert start_job(connection, TENANT, job) is not None

    engines.on_begin = overtake
    assert mine.run(TENANT, job, 1) is End.TAKEN
    assert audited(store) == []
    engines.on_begin = lambda: None
    assert mine.run(TENANT, job, 1) is End.OVER
    assert audited(store) == [("concluded", "a")]
    with store.reading() as connection:
        assert get_job(connection, TENANT, job).attempts == 3


@pytest.mark.parametrize(
    ("ends", "code", "begun"),
    [
        ("refuse", "models.out_of_range", 1),
        ("lost", "jobs.lost", 3),
        ("broken", "compute.fault", 1),
        ("fault", "parkrisk.fault", 1),
    ],
)
def test_failure(store: Store, jobs: Jobs, engines: ScriptedEngines, ends: str, code: str, begun: int) -> None:
    job = submit(store, jobs, "bad", ends=ends)
    after = submit(store, jobs, "good", answer=5)
    jobs.start_worker(engines)
    failed = wait_for(store, job, "failed")
    assert failed.error["code"] == code
    assert failed.error["title"]
    assert failed.error["title_zh"]
    assert "secret" not in json.dumps(failed.error)
    wait_for(store, after, "successful")
    assert len(engines.begun) == begun + 1
    assert audited(store) == [("given up", "bad"), ("concluded", "good")]


def test_dismiss_before_and_during_and_try_again(store: Store, jobs: Jobs, engines: ScriptedEngines) -> None:
    waiting, running = (submit(store, jobs, owner, seconds=seconds) for owner, seconds in (("w", 0.0), ("r", 60.0)))
    with store.begin() as connection:
        assert jobs.cancel(connection, waiting, TENANT)
        assert not jobs.cancel(connection, waiting, TENANT)
        assert not jobs.cancel(connection, running, "another")
        assert not jobs.retry(connection, running, TENANT)
    jobs.start_worker(engines)
    until(lambda: state(store, running).stage == "half")
    assert state(store, running).share == 0.5
    with store.begin() as connection:
        assert jobs.cancel(connection, running, TENANT)
    last = submit(store, jobs, "last")
    wait_for(store, last, "successful")  # one at a time: the dismissed one has made way
    assert audited(store) == [("concluded", "last")]
    with store.begin() as connection:
        assert jobs.retry(connection, waiting, TENANT)
        assert not jobs.retry(connection, last, TENANT)
    assert wait_for(store, waiting, "successful").attempts == 1
    assert state(store, running).status == "dismissed"


def test_worker_that_stops_gives_its_jobs_back(store: Store, jobs: Jobs, engines: ScriptedEngines) -> None:
    job = submit(store, jobs, "a", seconds=60.0)
    jobs.start_worker(engines)
    until(lambda: bool(engines.begun))
    jobs.close()
    assert state(store, job).status == "accepted"
    other = Jobs(store, unseen_seconds=1.0, attempts=3)
    rewrite(store, job, answer=6)
    other.start_worker(engines)
    wait_for(store, job, "successful")
    other.close()
    assert audited(store) == [("concluded", "a")]


def test_worker_that_lost_its_job_at_the_very_end_stops_all_the_same(
    store: Store, jobs: Jobs, engines: ScriptedEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    closing = threading.Thread(target=jobs.close)
    rows = f"{schema_of_queue(store)}workflow_status"
    taken = f"UPDATE {rows} SET status = 'PENDING', executor_id = 'another', owner_xid = 'x'"

    def conclude_too_late(connection: Connection, *more: Any) -> Mapping[str, Any]:
        connection.execute(text(taken))
        closing.start()
        time.sleep(0.2)
        return conclude(connection, *more)

    monkeypatch.setattr(attempts, "conclude", conclude_too_late)
    job = submit(store, jobs, "a", answer=1)
    jobs.start_worker(engines)
    wait_for(store, job, "successful")
    closing.join()
    until(lambda: not any(not each.daemon for each in set(threading.enumerate()) - before), 20.0)


@pytest.mark.slow
def test_killed_worker_loses_nothing(
    store: Store, jobs: Jobs, worker: Callable[[], subprocess.Popen[str]], engines: ScriptedEngines
) -> None:
    job = submit(store, jobs, "a", seconds=60.0)
    doomed = worker()
    wait_for(store, job, "running")
    doomed.kill()
    doomed.wait()
    rewrite(store, job, answer=7)
    jobs.start_worker(engines)
    assert wait_for(store, job, "successful").attempts == 2
    assert answer(store, "a") == 7
    assert audited(store) == [("concluded", "a")]


@pytest.mark.slow
def test_paused_worker_that_comes_back_doubles_nothing(
    url: str, store: Store, jobs: Jobs, worker: Callable[[], subprocess.Popen[str]], engines: ScriptedEngines
) -> None:
    job = submit(store, jobs, "a", seconds=2.0, answer=8)
    paused = worker()
    wait_for(store, job, "running")
    pause(paused, url)
    rewrite(store, job, answer=9)
    jobs.start_worker(engines)
    wait_for(store, job, "successful")
    paused.send_signal(signal.SIGCONT)
    after = submit(store, jobs, "b", seconds=0.0)
    jobs.close()  # only the one that was paused is left to do it
    wait_for(store, after, "successful")
    assert answer(store, "a") == 9
    assert sorted(audited(store)) == [("concluded", "a"), ("concluded", "b")]
    assert state(store, job).attempts == 2


@pytest.mark.slow
def test_job_that_kills_its_worker_fails_and_the_queue_goes_on(
    store: Store, jobs: Jobs, worker: Callable[[], subprocess.Popen[str]]
) -> None:
    poison, good = submit(store, jobs, "poison", ends="die"), submit(store, jobs, "good")
    for _ in range(3):
        assert worker().wait(60) == -signal.SIGKILL
    worker()
    failed = wait_for(store, poison, "failed")
    wait_for(store, good, "successful")
    assert failed.error["code"] == "jobs.lost"
    assert failed.attempts == 4
    with store.begin() as connection:
        assert jobs.retry(connection, poison, TENANT)
    rewrite(store, poison, answer=10)
    assert wait_for(store, poison, "successful").attempts == 5
