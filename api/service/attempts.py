"""One attempt at a job, from its arguments to its result; it knows nothing of the queue.

The number of the attempt, counted in the job's row, is the right to write: a worker that was thought dead and comes
back finds another number there, and writes nothing.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from parkrisk.api.service.compute import Busy, Cancelled, EngineLost, Engines, Outcome
from parkrisk.api.service.errors import problem_of
from parkrisk.api.service.processes import PROCESSES, conclude, give_up
from parkrisk.api.service.store.artifacts import get_artifact
from parkrisk.api.service.store.database import Store
from parkrisk.api.service.store.jobs import Job, finish_job, get_job, report_progress, return_job, start_job
from parkrisk.api.service.store.status import Status
from parkrisk.models.errors import ParkRiskError

_log = logging.getLogger(__name__)

#: How often a running job tells its progress and hears whether it was dismissed. [s]
_BETWEEN = 1.0
#: Longest wait before the database is tried again. [s]
_PATIENCE = 10.0

#: A job waits so long for a free engine. [s]
_ALL_DAY = 86400.0

T = TypeVar("T")
#: Process, status, time. [s]
Ended = Callable[[str, str, float], None]


class End(Enum):
    """How an attempt ended: the job is over, is accepted again, or is another attempt's by now."""

    OVER = "over"
    BACK = "back"
    TAKEN = "taken"


class JobLost(ParkRiskError):
    """A job cost its worker or its engine too often."""

    code = "jobs.lost"

    def __init__(self, times: int) -> None:
        super().__init__(
            f"任务 {times} 次使计算进程中断，已停止重试",
            f"the job broke off the computing process {times} times and is not tried again",
        )


class JobFault(ParkRiskError):
    """A fault of the program during a job; the log has it."""

    code = "parkrisk.fault"

    def __init__(self) -> None:
        super().__init__("程序内部错误，详见日志", "a fault of the program; see its log")


class _Claim(NamedTuple):
    """A job, and the right to write to it."""

    tenant: str
    job: Job

    @property
    def of(self) -> tuple[str, str, str, str]:
        """Tenant, process, owner and who asked."""
        return self.tenant, self.job.process, self.job.owner_id, self.job.created_by

    def ends(self, connection: Connection, status: Status, error: Mapping[str, Any] | None = None) -> bool:
        """End the job; whether it was still this attempt's."""
        return finish_job(connection, self.tenant, self.job.id, status, attempts=self.job.attempts, error=error)

    def content(self, connection: Connection, name: str) -> Any:
        """Read what was kept with the job when it was accepted."""
        return json.loads(get_artifact(connection, self.tenant, "job", self.job.id, name)[1])


class Attempts:
    """Runs jobs in engines and writes what they give.

    Parameters
    ----------
    store : Store
    engines : Engines
    seconds : float
        Longest time of one computation. [s]
    most : int
        So often a job that costs its worker or its engine is begun.
    leaving : threading.Event
        Set when this worker stops: jobs it is running are made accepted again.
    ended : callable
        Told of each job that has ended here: process, status, seconds.
    """

    def __init__(
        self,
        store: Store,
        engines: Engines,
        seconds: float,
        most: int,
        leaving: threading.Event,
        ended: Ended = lambda *_: None,
    ) -> None:
        self._ended = ended
        self._store = store
        self._engines = engines
        self._seconds = seconds
        self._most = most
        self._leaving = leaving

    def run(self, tenant: str, job_id: str, begun: int) -> End:
        """Make one attempt.

        Parameters
        ----------
        tenant, job_id : str
        begun : int
            How often the job was begun, with this time, since it was last put on the queue.
        """
        job = self._settled(lambda connection: start_job(connection, tenant, job_id))
        if job is None:
            return End.TAKEN if self._leaving.is_set() else End.OVER
        claim = _Claim(tenant, job)
        end = self._attempt(claim, begun)
        if end is End.OVER:
            self._count(claim)
        return end

    def _attempt(self, claim: _Claim, begun: int) -> End:
        try:
            outcome = self._compute(claim, begun)
        except (Cancelled, Busy):
            return self._give_back(claim)
        except ParkRiskError as error:
            return self._fail(claim, error)
        except Exception:  # whatever it is, the queue goes on
            _log.exception("fault in job %s", claim.job.id)
            return self._fail(claim, JobFault())
        return self._finish(claim, outcome)

    def _count(self, claim: _Claim) -> None:
        """Tell how the job ended and how long it took from its last beginning."""
        try:
            with self._store.reading() as connection:
                job = get_job(connection, claim.tenant, claim.job.id)
        except DBAPIError:
            _log.warning("the end of job %s is not counted", claim.job.id, exc_info=True)
            return
        if job.started and job.finished:
            took = datetime.fromisoformat(job.finished) - datetime.fromisoformat(job.started)
            self._ended(job.process, job.status, took.total_seconds())

    def _compute(self, claim: _Claim, begun: int) -> Outcome:
        process = PROCESSES[claim.job.process]
        given = self._settled(
            lambda connection: [claim.content(connection, name) for name in ("arguments.json", "asked.json")]
        )
        if given is None:
            raise Cancelled
        arguments, asked = given
        told = _Told(self._store, claim, self._leaving)
        while begun <= self._most:
            try:
                return self._engines.run(
                    process.task,
                    arguments,
                    seconds=self._seconds,
                    progress=told.progress,
                    cancelled=told.to_stop,
                    affinity=str(asked.get("park", "")),
                    waiting=_ALL_DAY,
                )
            except EngineLost:
                begun += 1
        raise JobLost(self._most)

    def _finish(self, claim: _Claim, outcome: Outcome) -> End:
        def write(connection: Connection) -> bool:
            if not claim.ends(connection, Status.successful):
                return False
            conclude(connection, *claim.of, claim.content(connection, "asked.json"), outcome)
            return True

        try:
            return End.OVER if self._settled(write) else self._give_back(claim)
        except Exception:  # to compute it again would not help
            _log.exception("the result of job %s cannot be written", claim.job.id)
            return self._fail(claim, JobFault())

    def _fail(self, claim: _Claim, error: ParkRiskError) -> End:
        problem = problem_of(error)

        def write(connection: Connection) -> bool:
            return claim.ends(connection, Status.failed, problem)

        def write_all(connection: Connection) -> bool:
            if not write(connection):
                return False
            give_up(connection, *claim.of, problem)
            return True

        try:
            return End.OVER if self._settled(write_all) else self._give_back(claim)
        except Exception:  # whatever it is, the caller hears that the job has failed
            _log.exception("what job %s was for cannot be marked as failed", claim.job.id)
            return End.OVER if self._settled(write) else self._give_back(claim)

    def _give_back(self, claim: _Claim) -> End:
        """Make the job accepted again, if it is still this attempt's."""
        tenant, job = claim

        def write(connection: Connection) -> End:
            if return_job(connection, tenant, job.id, job.attempts):
                return End.BACK
            return End.OVER if get_job(connection, tenant, job.id).attempts == job.attempts else End.TAKEN

        return self._settled(write) or End.TAKEN

    def _settled(self, write: Callable[[Connection], T]) -> T | None:
        """Do one transaction, again and again while the database cannot be had; None: this worker leaves before."""
        wait = 0.25
        while True:
            try:
                with self._store.begin() as connection:
                    return write(connection)
            except (OperationalError, InterfaceError):
                _log.warning("the database cannot be had; trying again", exc_info=True)
            if self._leaving.wait(wait):
                return None
            wait = min(2.0 * wait, _PATIENCE)


class _Told:
    """Tells the store how far a job is, and hears when to stop; the store is asked once a second."""

    def __init__(self, store: Store, claim: _Claim, leaving: threading.Event) -> None:
        self._store, self._claim, self._leaving = store, claim, leaving
        self._stage, self._share = "", 0.0
        self._stop = False
        self._next = time.monotonic() + _BETWEEN

    def progress(self, stage: str, done: int, total: int) -> None:
        """Keep how far the job is until the store is told next."""
        self._stage, self._share = stage, done / total if total else 0.0

    def to_stop(self) -> bool:
        """Whether the job was dismissed or taken over, or this worker leaves."""
        if time.monotonic() >= self._next and not self._stop:
            self._next = time.monotonic() + _BETWEEN
            tenant, job = self._claim
            try:
                with self._store.begin() as connection:
                    self._stop = not report_progress(
                        connection, tenant, job.id, job.attempts, stage=self._stage, share=self._share
                    )
            except DBAPIError:
                _log.warning("the progress of job %s cannot be written", job.id, exc_info=True)
        return self._stop or self._leaving.is_set()
