"""Routes of jobs, shaped like OGC API Processes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from parkrisk.api.service.identity.caller import Asker, Caller, Reader
from parkrisk.api.service.processes import PROCESSES, record, set_status
from parkrisk.api.service.refusals import Conflict
from parkrisk.api.service.routes.answers import PageDep, json_answer, page_answer
from parkrisk.api.service.service import Service, ServiceDep
from parkrisk.api.service.status_info import result_path, status_info
from parkrisk.api.service.store.jobs import Job, get_job, list_jobs
from parkrisk.api.service.store.status import Status

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

JobId = Annotated[str, Path(max_length=100, description="Id of a job. 任务编号")]


@router.get("", summary="Jobs, newest first", response_class=Response)
def get_jobs(
    request: Request,
    service: ServiceDep,
    caller: Reader,
    page: PageDep,
    status: Status | None = None,
    process: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """All, or those of one status or process."""
    with service.store.reading() as connection:
        found = list_jobs(
            connection, caller.tenant, status=status, process=process, limit=page.limit, cursor=page.cursor
        )
    return page_answer(request, [status_info(job) for job in found.items], found.next)


@router.get("/{job_id}", summary="How far a job is", response_class=Response)
def get_one(job_id: JobId, service: ServiceDep, caller: Reader) -> Response:
    """Status, stage, progress in percent; of a failed job the problem."""
    return _answer(_job(service, caller, job_id))


@router.get("/{job_id}/results", summary="What a job gave", response_class=Response, status_code=303)
def get_results(job_id: JobId, service: ServiceDep, caller: Reader) -> Response:
    """See Other: the result of its assessment, decision or run."""
    job = _job(service, caller, job_id)
    if job.status != Status.successful:
        raise Conflict(f"任务状态为 {job.status}，没有结果", f"the job is {job.status} and has no result")
    return RedirectResponse(result_path(job), status_code=303)


@router.delete("/{job_id}", summary="Dismiss a job", response_class=Response)
def dismiss(job_id: JobId, service: ServiceDep, caller: Asker) -> Response:
    """A running computation is stopped within seconds; nothing of it is kept."""
    with service.store.begin() as connection:
        job = get_job(connection, caller.tenant, job_id)
        if not service.jobs.cancel(connection, job_id, caller.tenant):
            raise Conflict(f"任务已结束（{job.status}）", f"the job has ended ({job.status})")
        set_status(connection, caller.tenant, PROCESSES[job.process].owner, job.owner_id, Status.dismissed)
        record(connection, caller.tenant, caller.name, job.process, job.owner_id, {}, {"dismissed": job_id})
        job = get_job(connection, caller.tenant, job_id)
    return _answer(job)


@router.post("/{job_id}/retry", summary="Try a failed or dismissed job again", response_class=Response, status_code=202)
def retry(job_id: JobId, service: ServiceDep, caller: Asker) -> Response:
    """It keeps its id."""
    with service.store.begin() as connection:
        job = get_job(connection, caller.tenant, job_id)
        if not service.jobs.retry(connection, job_id, caller.tenant):
            raise Conflict(f"任务状态为 {job.status}，不能重试", f"the job is {job.status} and cannot be tried again")
        set_status(connection, caller.tenant, PROCESSES[job.process].owner, job.owner_id, Status.accepted)
        record(connection, caller.tenant, caller.name, job.process, job.owner_id, {}, {"accepted": job_id})
        job = get_job(connection, caller.tenant, job_id)
    return json_answer(status_info(job), 202, {"Location": f"/v1/jobs/{job_id}"})


def _job(service: Service, caller: Caller, job_id: str) -> Job:
    with service.store.reading() as connection:
        return get_job(connection, caller.tenant, job_id)


def _answer(job: Job) -> Response:
    return json_answer(status_info(job), headers={"Cache-Control": "no-store"})
