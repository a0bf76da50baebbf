"""Workers killed at random moments, again and again: no accepted job may be lost, and none may have two results.

Two ``parkrisk worker`` processes share one database. Questions about the small park go on the queue; whenever one is
being computed, a worker is killed (SIGKILL) a random moment later and started anew. In the end every job must have
succeeded, with the digest that an engine gives undisturbed, one audit line of its result in a whole chain, and no
engine may be left without its worker.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil
from sqlalchemy import Connection

from benchmarks.report import machine, options, show
from parkrisk.api.examples import example_park
from parkrisk.api.service import owners
from parkrisk.api.service.compute import Engines, Outcome
from parkrisk.api.service.jobs import Jobs
from parkrisk.api.service.processes import PROCESSES
from parkrisk.api.service.questions import Question
from parkrisk.api.service.store import audit
from parkrisk.api.service.store.artifacts import put_artifact
from parkrisk.api.service.store.canonical import digest_of
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import Job, all_open_jobs, create_job, get_job
from parkrisk.api.service.store.tenants import ensure_tenant
from parkrisk.scenarios.reading.objects import as_object
from parkrisk.scenarios.reading.sources import read_source

TENANT = "crash"
_WORKERS = 2
#: Jobs kept on the queue while workers are killed.
_WAITING = 3
#: Longest wait for a job to begin or to end. [s]
_PATIENCE = 300.0
_WORKER = "from parkrisk.api.cli import main; main()"


def questions() -> Iterator[Question]:
    """Give questions about the small park without end, each with its own seed."""
    park = as_object(read_source(example_park("minimal"), "park"))
    project = as_object(read_source(example_park("minimal") / "projects" / "diesel-tank", "project"))
    seed = 0
    while True:
        for name, more in (
            ("assessment", {}),
            ("gate-decision", {"project": project, "search": False}),
            ("whatif", {"scenario": {"remove": [park["units"][0]["unit_id"]]}}),
        ):
            seed += 1
            asked = {"rules": None, "seed": seed, "delayed_ignition": None}
            arguments = {"park": park, **asked, **more}
            digest = digest_of({"process": name, **asked})
            standing = "decision" if name == "gate-decision" else ""
            yield Question(PROCESSES[name], digest, asked, len(park["units"]), arguments, standing=standing)


def accept(connection: Connection, jobs: Jobs, question: Question) -> str:
    """Accept a job as the service does; give its id."""
    owner_id = owners.claim(connection, TENANT, question, "crash")
    name = question.process.name
    job = create_job(
        connection, TENANT, process=name, owner_id=owner_id, arguments_digest=question.digest, created_by="crash"
    )
    for part, content in (("arguments", question.kept), ("asked", question.asked)):
        packed = json.dumps(content).encode()
        put_artifact(connection, TENANT, "job", job.id, f"{part}.json", packed, media_type="application/json")
    jobs.submit(connection, job.id, TENANT)
    return job.id


def digest_of_outcome(outcome: Outcome) -> str:
    """Digest by which a result is known."""
    return str(outcome.content.get("provenance", {}).get("result_digest") or digest_of(outcome.content))


@dataclass
class Workers:
    """Worker processes, and the engines that they had when they were killed."""

    url: str
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    engines: list[psutil.Process] = field(default_factory=list)

    def start(self) -> None:
        """Start one more."""
        more = {"PARKRISK_DATABASE_URL": self.url, "PARKRISK_JOB_ATTEMPTS": "100", "PARKRISK_LOG_LEVEL": "error"}
        path = os.pathsep.join(sys.path)
        environment = {**os.environ, **more, "PYTHONPATH": path, "PARKRISK_WORKER_UNSEEN_SECONDS": "5"}
        self.running.append(subprocess.Popen([sys.executable, "-c", _WORKER, "worker"], env=environment))

    def kill(self, worker: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> None:
        """End one."""
        self.engines += psutil.Process(worker.pid).children(recursive=True)
        worker.send_signal(number)
        worker.wait()
        self.running.remove(worker)

    def close(self) -> None:
        """End all, in good order."""
        while self.running:
            self.kill(self.running[0], signal.SIGTERM)

    def orphans(self) -> int:
        """Count engines that outlive their worker by some seconds."""
        _, alive = psutil.wait_procs(self.engines, timeout=10.0)
        return len(alive)


def crash(url: str, kills: int, seed: int = 0) -> dict[str, Any]:
    """Kill workers at work, and compare what came of their jobs with an undisturbed run."""
    chance = random.Random(seed)
    asked: dict[str, Question] = {}
    waits: list[float] = []
    more = questions()
    with ExitStack() as parts:
        store = open_store(url)
        parts.callback(store.close)
        jobs = Jobs(store)
        parts.callback(jobs.close)
        with store.begin() as connection:
            ensure_tenant(connection, TENANT, TENANT)
        workers = Workers(url)
        parts.callback(workers.close)
        for _ in range(_WORKERS):
            workers.start()
        for _ in range(kills):
            while len(_open(store)) < _WAITING:
                with store.begin() as connection:
                    question = next(more)
                    asked[accept(connection, jobs, question)] = question
            _until_running(store)
            time.sleep(chance.uniform(0.0, 1.5))
            begun = {job.id: job.attempts for job in _open(store) if job.status == "running"}
            workers.kill(chance.choice(workers.running))
            at = time.monotonic()
            workers.start()
            if begun and _taken_up(store, begun):
                waits.append(time.monotonic() - at)
        end = time.monotonic() + _PATIENCE
        while _open(store) and time.monotonic() < end:
            time.sleep(0.1)
        workers.close()
        found = _compared(store, asked)
        orphans = workers.orphans()
    waits.sort()
    return {
        "kills": kills,
        **found,
        "orphans": orphans,
        "seconds_to_take_up_median": waits[len(waits) // 2] if waits else 0.0,
        "seconds_to_take_up_longest": waits[-1] if waits else 0.0,
    }


def _open(store: Store) -> list[Job]:
    with store.reading() as connection:
        return [job for _, job in all_open_jobs(connection)]


def _until_running(store: Store) -> None:
    end = time.monotonic() + _PATIENCE
    while not any(job.status == "running" for job in _open(store)):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def _taken_up(store: Store, begun: Mapping[str, int]) -> bool:
    """Wait until one of the jobs that were running is begun again; False: all had come to their end."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        left = [job for job in _open(store) if job.id in begun]
        if any(job.attempts > begun[job.id] for job in left):
            return True
        if not left:
            return False
        time.sleep(0.05)
    raise TimeoutError


def _compared(store: Store, asked: Mapping[str, Question]) -> dict[str, Any]:
    """Count what was lost, doubled or changed."""
    with store.reading() as connection:
        ended = {job_id: get_job(connection, TENANT, job_id) for job_id in asked}
        chain = audit.verify(connection, TENANT)
        lines = [json.loads(line)["entry"] for line in audit.export(connection, TENANT)]
    told = Counter(line["id"] for line in lines)
    digests = {line["id"]: line["outcome"].get("result_digest") for line in lines}
    with Engines(1, 6144, 2) as engines:
        truth = {
            job_id: digest_of_outcome(
                engines.run(question.process.task, question.kept, seconds=_PATIENCE, waiting=_PATIENCE)
            )
            for job_id, question in asked.items()
        }
    return {
        "jobs": len(asked),
        "begun": sum(job.attempts for job in ended.values()),
        "lost": sum(job.status != "successful" for job in ended.values()),
        "doubled": sum(told[job.owner_id] > 1 for job in ended.values()),
        "untold": sum(told[job.owner_id] < 1 for job in ended.values()),
        "differing": sum(digests.get(job.owner_id) != truth[job_id] for job_id, job in ended.items()),
        "audit_lines": chain.lines,
        "audit_whole": chain.broken is None,
    }


def main() -> None:
    """Kill, compare and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", help="an empty database; default: a new SQLite file")
    given = parser.parse_args()
    on = machine()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/crash.sqlite"
        figures = crash(url, 2 if given.quick else given.kills, given.seed)
    show("crash", figures, as_json=given.json, on=on)


if __name__ == "__main__":
    main()
