"""Jobs without an engine: what a job does is written in its arguments. Run as a module it is a worker process."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from parkrisk.api.service import attempts
from parkrisk.api.service.compute import Cancelled, EngineFault, EngineLost, Outcome
from parkrisk.api.service.jobs import Jobs
from parkrisk.api.service.store import artifacts, audit
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import Job, create_job, get_job
from parkrisk.models.errors import OutOfRange

TENANT = "t1"


class ScriptedEngines:
    """Does what the arguments say: ``seconds`` it takes, then ``ends`` so; an answer is ``answer``."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.on_begin: Callable[[], None] = lambda: None
        self.warm = True

    def ready(self, seconds: float) -> bool:
        """Tell whether it is warm."""
        return self.warm

    def run(
        self,
        task: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float,
        progress: Callable[[str, int, int], None],
        cancelled: Callable[[], bool],
        affinity: str,
        waiting: float,
    ) -> Outcome:
        """Compute nothing."""
        assert affinity == ""
        self.begun.append(task)
        self.on_begin()
        until = time.monotonic() + arguments.get("seconds", 0.0)
        while time.monotonic() < until:
            progress("half", 1, 2)
            if cancelled():
                raise Cancelled
            time.sleep(0.02)
        ends = arguments.get("ends", "answer")
        if ends == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if ends == "lost":
            raise EngineLost
        if ends == "broken":
            raise EngineFault
        if ends == "refuse":
            raise OutOfRange("超出范围", "out of range")
        if ends == "fault":
            raise ZeroDivisionError("secret path /etc")
        return Outcome({"answer": arguments.get("answer")})


def conclude(
    connection: Connection, tenant: str, process: str, owner_id: str, who: str, asked: Any, outcome: Outcome
) -> Mapping[str, Any]:
    """Write the outcome and its audit line."""
    content = json.dumps(outcome.content).encode()
    artifacts.put_artifact(connection, tenant, "run", owner_id, "result.json", content, media_type="application/json")
    audit.append(connection, tenant, {"what": "concluded", "process": process, "owner": owner_id, "who": who, **asked})
    return {}


def give_up(
    connection: Connection, tenant: str, process: str, owner_id: str, who: str, error: Mapping[str, Any]
) -> None:
    """Write the audit line of a failure."""
    entry = {"what": "given up", "process": process, "owner": owner_id, "who": who, "code": error["code"]}
    audit.append(connection, tenant, entry)


def accept(connection: Connection, jobs: Jobs, owner: str, **arguments: Any) -> str:
    """Accept a job that does what the arguments say."""
    job = create_job(connection, TENANT, process="whatif", owner_id=owner, arguments_digest="0", created_by="somebody")
    for name, content in (("arguments.json", arguments), ("asked.json", {"asked": owner})):
        artifacts.put_artifact(
            connection, TENANT, "job", job.id, name, json.dumps(content).encode(), media_type="application/json"
        )
    jobs.submit(connection, job.id, TENANT)
    return job.id


def wait_for(store: Store, job_id: str, *status: str, seconds: float = 60.0) -> Job:
    """Wait until the job has one of some statuses."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with store.reading() as connection:
            job = get_job(connection, TENANT, job_id)
        if job.status in status:
            return job
        time.sleep(0.03)
    raise AssertionError(f"{job} is not {status}")


def audited(store: Store) -> list[tuple[str, str]]:
    """Give what the audit says, oldest first, and check that it is whole."""
    with store.reading() as connection:
        assert audit.verify(connection, TENANT).broken is None
        entries = [json.loads(line)["entry"] for line in audit.export(connection, TENANT)]
    return [(entry["what"], entry["owner"]) for entry in entries]


def main() -> None:
    """Be a worker until the standard input ends."""
    url, unseen = sys.argv[1:]
    attempts.conclude, attempts.give_up = conclude, give_up  # type: ignore[assignment]
    store = open_store(url)
    jobs = Jobs(store, unseen_seconds=float(unseen), attempts=3)
    jobs.start_worker(ScriptedEngines())  # type: ignore[arg-type]
    sys.stdin.read()
    jobs.close()
    store.close()


if __name__ == "__main__":
    main()
