"""A job as OGC API Processes describes it (statusInfo)."""

from typing import Any

from parkrisk.api.service.processes import PROCESSES
from parkrisk.api.service.store.jobs import Job
from parkrisk.api.service.store.status import OPEN, Status

#: Where the result of a process is, by its owner.
_RESULT = {"assessment": "/v1/assessments/{}/result", "decision": "/v1/gate-decisions/{}/result", "run": "/v1/runs/{}"}


def result_path(job: Job) -> str:
    """Path of what a job gives."""
    return _RESULT[PROCESSES[job.process].owner].format(job.owner_id)


def status_info(job: Job) -> dict[str, Any]:
    """Content of the answer; ``problem`` says why a job failed."""
    links = [_link(f"/v1/jobs/{job.id}", "self", "this job")]
    if job.status == Status.successful:
        relation = "http://www.opengis.net/def/rel/ogc/1.0/results"
        links.append(_link(f"/v1/jobs/{job.id}/results", relation, "results"))
        links.append(_link(result_path(job), "alternate", "the result itself"))
    elif job.status in OPEN:
        links.append({**_link(f"/v1/jobs/{job.id}", "cancel", "dismiss"), "method": "DELETE"})
    else:
        links.append({**_link(f"/v1/jobs/{job.id}/retry", "retry", "try again"), "method": "POST"})
    known = {
        "jobID": job.id,
        "processID": job.process,
        "type": "process",
        "status": job.status,
        "message": job.message,
        "progress": 100 if job.status == Status.successful else min(99, int(100.0 * job.share)),
        "stage": job.stage,
        "attempts": job.attempts,
        "owner_id": job.owner_id,
        "created": job.created,
        "created_by": job.created_by,
        "updated": job.updated,
        "links": links,
    }
    later = {"started": job.started, "finished": job.finished, "problem": job.error}
    return known | {name: value for name, value in later.items() if value is not None}


def _link(href: str, relation: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": relation, "type": "application/json", "title": title}
