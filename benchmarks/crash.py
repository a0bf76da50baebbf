"""Server and worker killed at random moments, again and again: no accepted job may be lost, none may have two results.

A ``parkrisk serve`` and a ``parkrisk worker`` share one database. Questions about the small park come in over HTTP,
each under its own idempotency key; one that got no answer is sent again under the same key. Meanwhile one of the two
is killed (SIGKILL) and started anew: while it computes, while it accepts, or at any moment. In the end every job that
was accepted must have succeeded, with the digest that the Python face gives undisturbed and one line of the audit for
its asking and its result each, in a whole chain; each webhook is told once, if more often then under the same id; and
no engine may be left without its parent.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.crashing.asking import TOLD, Asked, Caller, Receiver, expected
from benchmarks.crashing.processes import Processes
from benchmarks.report import machine, options, show
from parkrisk.api.service.identity.first import LOCAL, first_key
from parkrisk.api.service.jobs import Jobs
from parkrisk.api.service.store import audit
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import Job, all_open_jobs, get_job
from parkrisk.api.service.store.workers import list_workers

#: Jobs kept open while processes are killed.
_WAITING = 3
#: Longest wait for a job to begin or to end. [s]
_PATIENCE = 400.0
_LOOK = 0.03
#: At what kills are aimed, and how often. A server accepts for some milliseconds, a job takes about a second.
_AIMS = {"job": 6, "accept": 2, "any": 2}


class _Rounds:
    """Kills, and what each of them met."""

    def __init__(self, store: Store, processes: Processes, caller: Caller, seed: int) -> None:
        self._store, self._processes, self._caller = store, processes, caller
        self._chance = random.Random(seed)
        self.met: Counter[str] = Counter()
        self.waits: list[float] = []

    def waits_for_more(self, kills: int) -> bool:
        """Whether there were fewer kills."""
        return self.met["serve"] + self.met["worker"] < kills

    def one(self) -> None:
        """Kill one process, and wait until the job that it was at, if any, is begun again."""
        self._processes.restart_fallen()
        name = self._aimed(self._chance.choices(list(_AIMS), list(_AIMS.values()))[0])
        pid = self._processes.running[name].pid
        asking = name == "serve" and self._caller.in_flight.is_set()
        begun, warm = self._begun_by(pid), self._is_worker(pid)
        self._processes.kill(name)
        at = time.monotonic()
        self.met[name] += 1
        self.met["job" if begun else "idle" if warm else "warming"] += 1
        self.met["accept"] += asking
        if begun and _until(lambda: self._again(begun), "a job is begun again") == "begun":
            self.waits.append(time.monotonic() - at)

    def _aimed(self, aim: str) -> str:
        """Wait for the moment; give the name of whom it meets."""
        if aim == "accept":
            self._caller.in_flight.clear()
            _until(lambda: self._caller.in_flight.is_set() or None, "a request is sent")
            time.sleep(self._chance.uniform(0.0, 0.03))
            return "serve"
        if aim == "any":
            time.sleep(self._chance.uniform(0.0, 6.0))
            return self._processes.any_of(self._chance)
        name: str = _until(self._at_work, "a job runs")
        time.sleep(self._chance.uniform(0.0, 2.0))
        return self._at_work() or name

    def _at_work(self) -> str | None:
        self._processes.restart_fallen()
        working = [name for name, each in self._processes.running.items() if self._begun_by(each.pid)]
        return self._chance.choice(sorted(working)) if working else None

    def _begun_by(self, pid: int) -> dict[str, int]:
        """Give the jobs that a process is at, each with its number of the attempt."""
        schema = "" if self._store.engine.dialect.name == "sqlite" else "dbos."
        query = f"SELECT workflow_uuid FROM {schema}workflow_status WHERE status = 'PENDING' AND executor_id LIKE :its"
        with self._store.reading() as connection:
            mine = set(connection.execute(text(query), {"its": f"%:{pid}:%"}).scalars())
            return {
                job.id: job.attempts
                for _, job in all_open_jobs(connection)
                if job.id in mine and job.status == "running"
            }

    def _is_worker(self, pid: int) -> bool:
        with self._store.reading() as connection:
            return any(f":{pid}:" in worker.id for worker in list_workers(connection))

    def _again(self, begun: Mapping[str, int]) -> str | None:
        left = [job for job in open_jobs(self._store) if job.id in begun]
        if any(job.attempts > begun[job.id] for job in left):
            return "begun"
        return None if left else "ended"


def crash(url: str, kills: int, seed: int, folder: Path, minutes: float = 60.0) -> dict[str, Any]:
    """Kill server and worker at work, for so long at most; compare what came of the jobs with an undisturbed run."""
    with ExitStack() as parts:
        store = open_store(url)
        parts.callback(store.close)
        Jobs(store).close()  # makes the tables of the queue
        with store.begin() as connection:
            key = first_key(connection)
        assert key is not None, "the database is not empty"
        receiver = Receiver()
        parts.callback(receiver.close)
        processes = Processes(url, receiver.port, folder)
        parts.callback(processes.close)
        for name in ("serve", "worker"):
            processes.start(name)
        hook = f"http://127.0.0.1:{receiver.port}/"
        caller = Caller(processes.address, key, hook, lambda: len(open_jobs(store)), _WAITING)
        caller.start()
        rounds = _Rounds(store, processes, caller, seed)
        start = time.monotonic()
        while rounds.waits_for_more(kills) and time.monotonic() < start + 60.0 * minutes:
            rounds.one()
            if caller.fault is not None:
                raise caller.fault
        seconds = time.monotonic() - start
        caller.close()
        _until(lambda: None if open_jobs(store) else True, "all jobs have ended")
        told = [job for job, asked in caller.accepted.items() if asked.route in TOLD]
        _until(lambda: len(receiver.about) > len(told) or None, "webhooks are told", strict=False)
        processes.close()
        judged = _judged(store, url, caller.accepted, receiver)
    waits = sorted(rounds.waits) or [0.0]
    return {
        "kills": rounds.met["serve"] + rounds.met["worker"],
        **{f"kills_of_{name}": rounds.met[name] for name in ("serve", "worker")},
        "kills_during_a_job": rounds.met["job"],
        "kills_during_a_request": rounds.met["accept"],
        "kills_during_warming": rounds.met["warming"],
        "kills_while_idle": rounds.met["idle"],
        "seconds_of_killing": seconds,
        "requests_cut_off": caller.cut,
        "repeated_requests_answered_otherwise": caller.changed,
        **judged,
        "orphans": processes.orphans(),
        "ended_by_themselves": processes.fallen,
        "would_not_stop": processes.stuck,
        "seconds_to_take_up_median": waits[len(waits) // 2],
        "seconds_to_take_up_longest": waits[-1],
    }


def open_jobs(store: Store) -> list[Job]:
    """Give the jobs that are accepted or running."""
    with store.reading() as connection:
        return [job for _, job in all_open_jobs(connection)]


def _until(found: Callable[[], Any], what: str, *, strict: bool = True) -> Any:
    end = time.monotonic() + _PATIENCE
    while (value := found()) is None:
        if time.monotonic() > end:
            if strict:
                raise TimeoutError(what)
            return None
        time.sleep(_LOOK)
    return value


def _judged(store: Store, url: str, accepted: Mapping[str, Asked], receiver: Receiver) -> dict[str, Any]:
    """Count what was lost, doubled, changed or not told."""
    with store.reading() as connection:
        jobs = {job_id: get_job(connection, LOCAL, job_id) for job_id in accepted}
        entries = [json.loads(line)["entry"] for line in audit.export(connection, LOCAL)]
        lines = len(entries)
        every = {job for entry in entries if (job := entry.get("outcome", {}).get("accepted"))}
    asked = Counter(entry["outcome"]["accepted"] for entry in entries if entry.get("outcome", {}).get("accepted"))
    ended = [entry for entry in entries if entry.get("outcome", {}).get("result_digest")]
    results, digests = Counter(line["id"] for line in ended), {line["id"]: line["outcome"] for line in ended}
    truth = expected(set(accepted.values()))
    heard = receiver.heard()
    hooks = [jobs[job_id].owner_id for job_id, each in accepted.items() if each.route in TOLD]
    return {
        "jobs_accepted": len(jobs),
        "attempts": sum(job.attempts for job in jobs.values()),
        "lost": sum(job.status != "successful" for job in jobs.values()),
        "doubled": sum(results[job.owner_id] > 1 for job in jobs.values()),
        "untold": sum(results[job.owner_id] < 1 for job in jobs.values()),
        "differing": sum(
            digests.get(job.owner_id, {}).get("result_digest") != truth[accepted[job_id]]
            for job_id, job in jobs.items()
        ),
        "not_asked_once": sum(asked[job_id] != 1 for job_id in jobs) + len(every - set(jobs)),
        "audit_lines": lines,
        "audit_whole": _verified(url),
        "webhooks_missing": sum(heard[owner] < 1 for owner in hooks),
        "webhooks_doubled": sum(heard[owner] > 1 for owner in hooks),
        "webhooks_repeated_under_their_id": sum(times > 1 for times in receiver.times.values()),
    }


def _verified(url: str) -> bool:
    """Have the command check the chain."""
    command = "from parkrisk.api.cli import main; main()"
    arguments = ["audit", "verify", "--database", url]
    checked = subprocess.run([sys.executable, "-c", command, *arguments], capture_output=True, check=False)
    return checked.returncode == 0


def main() -> None:
    """Kill, compare and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=60.0, help="no more kills after so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", help="an empty database; default: a new SQLite file")
    parser.add_argument("--folder", type=Path, help="an empty folder that keeps the logs; default: none is kept")
    given = parser.parse_args()
    on = machine()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        url = given.database or f"sqlite:///{folder}/crash.sqlite"
        figures = crash(url, 2 if given.quick else given.kills, given.seed, folder, given.minutes)
    show("crash", figures, as_json=given.json, on=on)


if __name__ == "__main__":
    main()
