"""Job rows: what the caller sees of a job. The queue itself belongs to the library of the jobs."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Update, func, select, update

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, paged
from parkrisk.api.service.store.status import OPEN, Status
from parkrisk.api.service.store.tables import jobs, new_id, now

#: Of a job that has not come far.
_NOTHING_YET: Mapping[str, Any] = {"stage": "", "share": 0.0, "message": ""}


class Job(NamedTuple):
    """One job; ``owner_id`` is the assessment, decision or run it works for; ``share`` is from 0 to 1."""

    id: str
    process: str
    owner_id: str
    arguments_digest: str
    status: str
    stage: str
    share: float
    message: str
    attempts: int
    created: str
    created_by: str
    started: str | None
    finished: str | None
    updated: str
    error: Any


def create_job(
    connection: Connection, tenant: str, *, process: str, owner_id: str, arguments_digest: str, created_by: str
) -> Job:
    """Make an accepted job."""
    at = now()
    row = Job(
        new_id("j"), process, owner_id, arguments_digest, Status.accepted, "", 0.0, "", 0,
        at, created_by, None, None, at, None,
    )  # fmt: skip
    connection.execute(jobs.insert().values(tenant=tenant, **row._asdict()))
    return row


def get_job(connection: Connection, tenant: str, job_id: str) -> Job:
    """Give one job."""
    found = first(connection, _mine(tenant).where(jobs.c.id == job_id), Job)
    if found is None:
        raise NotFound("任务", "job")
    return found


def list_jobs(
    connection: Connection,
    tenant: str,
    *,
    status: str | None = None,
    process: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[Job]:
    """Give the jobs, all or those of one status or process."""
    query = _mine(tenant)
    if status is not None:
        query = query.where(jobs.c.status == status)
    if process is not None:
        query = query.where(jobs.c.process == process)
    return paged(connection, query, Job, [jobs.c.created, jobs.c.id], limit, cursor)


def job_of_owner(connection: Connection, tenant: str, owner_id: str) -> Job | None:
    """Give the last job that worked for an assessment, decision or run."""
    query = _mine(tenant).where(jobs.c.owner_id == owner_id).order_by(jobs.c.created.desc(), jobs.c.id.desc())
    return first(connection, query, Job)


def start_job(connection: Connection, tenant: str, job_id: str) -> Job | None:
    """Begin an attempt, also one after a crash; None: the job is no longer wanted.

    The number of the attempt, ``attempts``, is the right to write to the job until another attempt begins.
    """
    at = now()
    values = {"status": Status.running, "attempts": jobs.c.attempts + 1, "updated": at, **_NOTHING_YET}
    changed = _open(tenant, job_id).values(**values, started=func.coalesce(jobs.c.started, at))
    row = connection.execute(changed.returning(*columns(jobs, Job))).one_or_none()
    return None if row is None else Job(*row)


def report_progress(
    connection: Connection, tenant: str, job_id: str, attempts: int, *, stage: str, share: float, message: str = ""
) -> bool:
    """Note how far an attempt is; False: the job is no longer wanted, or another attempt's."""
    changed = _open(tenant, job_id, attempts).values(stage=stage, share=share, message=message, updated=now())
    return connection.execute(changed).rowcount > 0


def return_job(connection: Connection, tenant: str, job_id: str, attempts: int) -> bool:
    """Accept a job again that an attempt does not bring to its end; False: as for `report_progress`."""
    changed = _open(tenant, job_id, attempts).values(status=Status.accepted, updated=now(), **_NOTHING_YET)
    return connection.execute(changed).rowcount > 0


def finish_job(
    connection: Connection,
    tenant: str,
    job_id: str,
    status: str,
    *,
    attempts: int | None = None,
    error: Mapping[str, Any] | None = None,
) -> bool:
    """End a job as successful, failed or dismissed; False: it has ended before, or is another attempt's."""
    at = now()
    values: dict[str, Any] = {"status": status, "error": error, "finished": at, "updated": at}
    if status == Status.successful:
        values["share"] = 1.0
    return connection.execute(_open(tenant, job_id, attempts).values(values)).rowcount > 0


def reopen_job(connection: Connection, tenant: str, job_id: str) -> bool:
    """Accept a failed or dismissed job again; False: it has not ended so."""
    statement = update(jobs).where(jobs.c.tenant == tenant, jobs.c.id == job_id)
    statement = statement.where(jobs.c.status.in_([Status.failed, Status.dismissed]))
    fresh = {"status": Status.accepted, "updated": now(), "started": None, "finished": None, "error": None}
    return connection.execute(statement.values(**fresh, **_NOTHING_YET)).rowcount > 0


def all_job_counts(connection: Connection) -> dict[str, int]:
    """Count the jobs of all tenants by status, for the metrics."""
    rows = connection.execute(select(jobs.c.status, func.count()).group_by(jobs.c.status))
    counted = {status: count for status, count in rows}  # noqa: C416
    return {status.value: counted.get(status.value, 0) for status in Status}


def all_open_jobs(connection: Connection) -> tuple[tuple[str, Job], ...]:
    """Give each accepted or running job of all tenants with its tenant, oldest first."""
    query = select(jobs.c.tenant, *columns(jobs, Job)).where(jobs.c.status.in_(OPEN))
    rows = connection.execute(query.order_by(jobs.c.created, jobs.c.id))
    return tuple((tenant, Job(*row)) for tenant, *row in rows)


def _mine(tenant: str) -> Select[Any]:
    return select(*columns(jobs, Job)).where(jobs.c.tenant == tenant)


def _open(tenant: str, job_id: str, attempts: int | None = None) -> Update:
    """Begin to change a job that has not ended, or that runs in one attempt."""
    one = update(jobs).where(jobs.c.tenant == tenant, jobs.c.id == job_id)
    if attempts is None:
        return one.where(jobs.c.status.in_(OPEN))
    return one.where(jobs.c.status == Status.running, jobs.c.attempts == attempts)
