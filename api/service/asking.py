"""From a question to its answer: from the store, computed while the caller waits, or by a job."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from parkrisk.api.service import cost, owners, questions
from parkrisk.api.service.compute.errors import Busy, TooSlow
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.flights import Flights
from parkrisk.api.service.identity.caller import Caller
from parkrisk.api.service.processes import RESULT, conclude, record, set_status
from parkrisk.api.service.questions import Question
from parkrisk.api.service.routes.answers import JSON, Once, Prefer, json_answer, json_bytes
from parkrisk.api.service.service import Service
from parkrisk.api.service.status_info import status_info
from parkrisk.api.service.store import artifacts, audit
from parkrisk.api.service.store.jobs import Job, create_job, finish_job, get_job, job_of_owner
from parkrisk.api.service.store.status import OPEN, Status
from parkrisk.models.errors import ParkRiskError

#: (owner id, content of ``result.json``, place in the audit) → answer with status 200.
Reply = Callable[[str, bytes, audit.Link], Response]

#: How often a job that a caller waits for is looked at. [s]
_LOOK = 0.1

_FLIGHTS = Flights()


def ask(service: Service, caller: Caller, question: Question, prefer: Prefer, once: Once, reply: Reply) -> Response:
    """Answer a question.

    What is in the store is answered at once. What is small is computed while the caller waits, and becomes a job if
    that takes too long. All else is a job, as is everything under ``Prefer: respond-async``; under ``Prefer: wait=N``
    the caller waits for the job so long. Every asking is a line of the audit, in one transaction with its result.
    """
    asking = _Asking(service, caller, question, once, reply)
    if prefer.job:
        return asking.by_job(0.0)
    known = asking.from_store()
    if known is not None:
        return known
    if prefer.wait is not None:
        return asking.by_job(min(prefer.wait, service.settings.wait_seconds))
    if not cost.is_small(service.settings, question.process.name, question.units):
        return asking.by_job(0.0)
    return asking.computed()


class _Asking:
    def __init__(self, service: Service, caller: Caller, question: Question, once: Once, reply: Reply) -> None:
        self._service, self._caller, self._question, self._once, self._reply = service, caller, question, once, reply

    def from_store(self) -> Response | None:
        """Answer with what is stored, if it is; only the line of the audit is written."""
        question, tenant = self._question, self._caller.tenant
        with self._service.store.reading() as connection:
            found = owners.find(connection, tenant, question)
            content = self._content(connection, found)
        if found is None or content is None:
            return self._taken_over()
        with self._service.store.begin() as connection:
            return self._once.answer(connection, lambda: self._known(connection, found, content))

    def _taken_over(self) -> Response | None:
        """Answer a gate question with what its other standing has given."""
        if self._question.process.owner != "decision":
            return None
        with self._service.store.begin() as connection:
            found = owners.find_or_take_over(connection, self._caller.tenant, self._question, self._caller.name)
            content = self._content(connection, found)
            if found is None or content is None:
                return None
            return self._once.answer(connection, lambda: self._known(connection, found, content))

    def _content(self, connection: Connection, found: owners.Found | None) -> bytes | None:
        if found is None or found.status != Status.successful:
            return None
        owner = self._question.process.owner
        return artifacts.get_artifact(connection, self._caller.tenant, owner, found.id, RESULT)[1]

    def computed(self) -> Response:
        """Compute while the caller waits; by a job if that takes too long, or one is at it already."""
        with self._service.store.reading() as connection:
            if self._open_job(connection) is not None:
                return self.by_job(self._service.settings.wait_seconds)
        self._check_cost()
        wait = self._service.settings.wait_seconds
        key = (id(self._service.store), self._caller.tenant, self._question.digest, self._question.standing)
        with _FLIGHTS.alone(key, wait) as alone:
            # Another may have answered between the look into the store and now.
            known = self.from_store()
            if known is not None:
                return known
            if alone:
                try:
                    with self._service.places.one():
                        return self._compute(wait)
                except (TooSlow, Busy):
                    pass
        return self.by_job(0.0)

    def by_job(self, wait: float) -> Response:
        """Answer with the job that computes it, or, if it ends within the waiting time, with what it gave."""
        with self._service.store.begin() as connection:
            if wait <= 0.0:
                return self._once.answer(connection, lambda: self._accepted(self._job(connection)))
            job = self._job(connection)
        end = time.monotonic() + wait
        while job.status in OPEN and time.monotonic() < end:
            time.sleep(_LOOK)
            with self._service.store.reading() as connection:
                job = get_job(connection, self._caller.tenant, job.id)
        known = self.from_store() if job.status == Status.successful else None
        if known is not None:
            return known
        with self._service.store.begin() as connection:
            return self._once.answer(connection, lambda: self._accepted(job))

    def _known(self, connection: Connection, found: owners.Found, content: bytes) -> Response:
        return self._reply(found.id, content, self._record(connection, found.id, {**found.said, "stored": True}))

    def _compute(self, wait: float) -> Response:
        question, store = self._question, self._service.store
        with store.reading() as connection:
            arguments = questions.arguments(connection, self._caller.tenant, question.kept)
        try:
            outcome = self._service.engines.run(
                question.process.task, arguments, seconds=wait, affinity=str(question.asked.get("park", ""))
            )
        except (TooSlow, Busy):
            raise
        except ParkRiskError as error:
            with store.begin() as connection:
                self._record(connection, "", {"failed": error.code})
            raise
        with store.begin() as connection:
            return self._once.answer(connection, lambda: self._concluded(connection, outcome))

    def _concluded(self, connection: Connection, outcome: Outcome) -> Response:
        question, caller = self._question, self._caller
        owner_id = self._claim(connection)
        # Another process may have answered meanwhile: what is stored stays, and is the answer.
        found = owners.find(connection, caller.tenant, question)
        content = self._content(connection, found)
        if found is not None and content is not None:
            return self._known(connection, found, content)
        _, link = conclude(
            connection, caller.tenant, question.process.name, owner_id, caller.name, question.asked, outcome
        )
        return self._reply(owner_id, json_bytes(outcome.content), link)

    # ---- jobs ----

    def _job(self, connection: Connection) -> Job:
        """Give the job of the question, or put a new one on the queue."""
        question, caller = self._question, self._caller
        job = self._open_job(connection)
        if job is not None:
            self._record(connection, job.owner_id, {"accepted": job.id})
            return job
        found = owners.find_or_take_over(connection, caller.tenant, question, caller.name)
        done = found is not None and found.status == Status.successful
        if not done:
            self._check_cost()
        owner_id = self._claim(connection)
        earlier = job_of_owner(connection, caller.tenant, owner_id) if done else None
        job = earlier or create_job(
            connection,
            caller.tenant,
            process=question.process.name,
            owner_id=owner_id,
            arguments_digest=question.digest,
            created_by=caller.name,
        )
        if done and earlier is None:
            finish_job(connection, caller.tenant, job.id, Status.successful)
            job = get_job(connection, caller.tenant, job.id)
        elif not done:
            set_status(connection, caller.tenant, question.process.owner, owner_id, Status.accepted)
            arguments = questions.arguments(connection, caller.tenant, question.kept)
            for name, content in (("arguments", arguments), ("asked", question.asked)):
                artifacts.put_artifact(
                    connection, caller.tenant, "job", job.id, f"{name}.json", json_bytes(content), media_type=JSON
                )
            self._service.jobs.submit(connection, job.id, caller.tenant)
        self._record(connection, owner_id, {"accepted": job.id})
        return job

    def _open_job(self, connection: Connection) -> Job | None:
        """Give the job that is at the question, if one is."""
        found = owners.find(connection, self._caller.tenant, self._question)
        if found is None or found.status == Status.successful:
            return None
        job = job_of_owner(connection, self._caller.tenant, found.id)
        return job if job is not None and job.status in OPEN else None

    def _accepted(self, job: Job) -> Response:
        headers = {"Location": f"/v1/jobs/{job.id}", "Preference-Applied": "respond-async"}
        return json_answer(status_info(job), 202, headers)

    def _claim(self, connection: Connection) -> str:
        owner_id = owners.claim(connection, self._caller.tenant, self._question, self._caller.name)
        questions.keep(connection, self._caller.tenant, owner_id, self._question)
        return owner_id

    def _check_cost(self) -> None:
        cost.check(self._service.settings, self._question.process.name, self._question.units)

    def _record(self, connection: Connection, owner_id: str, outcome: Mapping[str, Any]) -> audit.Link:
        question, caller = self._question, self._caller
        name = question.process.name
        return record(connection, caller.tenant, caller.name, name, owner_id, question.asked, outcome)
