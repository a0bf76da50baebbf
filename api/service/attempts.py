"""One attempt at a job, from its arguments to its result; it knows nothing of the queue.

The number of the attempt, counted in the job's row, is the right to write: a worker that was thought dead and comes
back finds another number there, and writes nothing.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from parkrisk.api.service.compute import Busy, Cancelled, EngineLost, Engines, Outcome
from parkrisk.api.service.errors import problem_of
from parkrisk.api.service.processes import PROCESSES, conclude, give_up
from parkrisk.api.service.store.artifacts import get_artifact
from parkrisk.api.service.store.database import Store
from parkrisk.api.service.store.status import OPEN, Status
from parkrisk.api.service.store.tables import jobs, now
from parkrisk.models.errors import ParkRiskError

_log = logging.getLogger(__name__)

#: How often a running job tells its progress and hears whether it was dismissed. [s]
_BETWEEN = 1.0
#: Longest wait before the database is tried again. [s]
_PATIENCE = 10.0

#: A job waits so long for a free engine. [s]
_ALL_DAY = 86400.0

T = TypeVar("T")


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


class Claim(NamedTuple):
    """A job and the right to write its result."""

    tenant: str
    id: str
    process: str
    owner_id: str
    created_by: str
    attempts: int


def begin(connection: Connection, tenant: str, job_id: str) -> Claim | None:
    """Begin the next attempt; None if the job is over."""
    row = connection.execute(
        update(jobs)
        .where(jobs.c.tenant == tenant, jobs.c.id == job_id, jobs.c.status.in_(OPEN))
        .values(status=Status.running, attempts=jobs.c.attempts + 1, started=now(), updated=now(), **_NOTHING_YET)
        .returning(*(jobs.c[name] for name in Claim._fields))
    ).one_or_none()
    return None if row is None else Claim(*row)


#: Columns of a job of which nothing is known yet.
_NOTHING_YET: Mapping[str, Any] = {"stage": "", "share": 0.0, "message": "", "error": None, "finished": None}


def _write(connection: Connection, claim: Claim, **values: Any) -> bool:
    """Write to a job as long as it is running under this claim; whether it is."""
    changed = connection.execute(
        update(jobs)
        .where(
            jobs.c.tenant == claim.tenant,
            jobs.c.id == claim.id,
            jobs.c.status == Status.running,
            jobs.c.attempts == claim.attempts,
        )
        .values(updated=now(), **values)
    )
    return bool(changed.rowcount)


def _content(connection: Connection, claim: Claim, name: str) -> Any:
    """Read what was kept with the job when it was accepted."""
    return json.loads(get_artifact(connection, claim.tenant, "job", claim.id, name)[1])


def _taken(connection: Connection, claim: Claim) -> bool:
    """Whether another attempt has begun since."""
    row = connection.execute(
        select(jobs.c.attempts).where(jobs.c.tenant == claim.tenant, jobs.c.id == claim.id)
    ).one_or_none()
    return row is not None and row.attempts != claim.attempts


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
    """

    def __init__(self, store: Store, engines: Engines, seconds: float, most: int, leaving: threading.Event) -> None:
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
        claim = self._settled(lambda connection: begin(connection, tenant, job_id))
        if claim is None:
            return End.TAKEN if self._leaving.is_set() else End.OVER
        try:
            outcome = self._compute(claim, begun)
        except (Cancelled, Busy):
            return self._give_back(claim)
        except ParkRiskError as error:
            return self._fail(claim, error)
        except Exception:  # whatever it is, the queue goes on
            _log.exception("fault in job %s", claim.id)
            return self._fail(claim, JobFault())
        return self._finish(claim, outcome)

    def _compute(self, claim: Claim, begun: int) -> Outcome:
        process = PROCESSES[claim.process]
        arguments = self._settled(lambda connection: _content(connection, claim, "arguments.json"))
        if arguments is None:
            raise Cancelled
        told = _Told(self._store, claim, self._leaving)
        while begun <= self._most:
            try:
                return self._engines.run(
                    process.task,
                    arguments,
                    seconds=self._seconds,
                    progress=told.progress,
                    cancelled=told.to_stop,
                    waiting=_ALL_DAY,
                )
            except EngineLost:
                begun += 1
        raise JobLost(self._most)

    def _finish(self, claim: Claim, outcome: Outcome) -> End:
        def write(connection: Connection) -> bool:
            if not _write(connection, claim, status=Status.successful, share=1.0, finished=now()):
                return False
            asked = _content(connection, claim, "asked.json")
            conclude(connection, claim.tenant, claim.process, claim.owner_id, claim.created_by, asked, outcome)
            return True

        try:
            return End.OVER if self._settled(write) else self._give_back(claim)
        except Exception:  # to compute it again would not help
            _log.exception("the result of job %s cannot be written", claim.id)
            return self._fail(claim, JobFault())

    def _fail(self, claim: Claim, error: ParkRiskError) -> End:
        problem = problem_of(error)

        def write(connection: Connection) -> bool:
            return _write(connection, claim, status=Status.failed, error=problem, finished=now())

        def write_all(connection: Connection) -> bool:
            if not write(connection):
                return False
            give_up(connection, claim.tenant, claim.process, claim.owner_id, claim.created_by, problem)
            return True

        try:
            return End.OVER if self._settled(write_all) else self._give_back(claim)
        except Exception:  # whatever it is, the caller hears that the job has failed
            _log.exception("what job %s was for cannot be marked as failed", claim.id)
            return End.OVER if self._settled(write) else self._give_back(claim)

    def _give_back(self, claim: Claim) -> End:
        """Make the job accepted again, if it is still this attempt's."""

        def write(connection: Connection) -> End:
            if _write(connection, claim, status=Status.accepted, started=None, **_NOTHING_YET):
                return End.BACK
            return End.TAKEN if _taken(connection, claim) else End.OVER

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

    def __init__(self, store: Store, claim: Claim, leaving: threading.Event) -> None:
        self._store, self._claim, self._leaving = store, claim, leaving
        self._state: dict[str, Any] = {}
        self._stop = False
        self._next = time.monotonic() + _BETWEEN

    def progress(self, stage: str, done: int, total: int) -> None:
        """Keep how far the job is until the store is told next."""
        self._state = {"stage": stage, "share": done / total if total else 0.0}

    def to_stop(self) -> bool:
        """Whether the job was dismissed or taken over, or this worker leaves."""
        if time.monotonic() >= self._next and not self._stop:
            self._next = time.monotonic() + _BETWEEN
            try:
                with self._store.begin() as connection:
                    self._stop = not _write(connection, self._claim, **self._state)
            except DBAPIError:
                _log.warning("the progress of job %s cannot be written", self._claim.id, exc_info=True)
        return self._stop or self._leaving.is_set()
