"""What routes that ask have in common: who may, how the answer is waited for, and how it is written."""

from typing import Any

from starlette.responses import Response

from parkrisk.api.service.asking import Reply, ask
from parkrisk.api.service.identity.caller import Caller
from parkrisk.api.service.processes import PROCESSES, Process
from parkrisk.api.service.questions import Question, park_input, project_input, question
from parkrisk.api.service.routes.answers import JSON, Prefer, once, sha256, spliced
from parkrisk.api.service.routes.requests import AssessmentRequest, GateRequest, SitingRequest, UncertaintyRequest
from parkrisk.api.service.service import Service
from parkrisk.api.service.store.audit import Link

#: Answers of a route that may become a job.
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer. 结果", "content": {JSON: {"schema": {"type": "object"}}}},
    202: {
        "description": "A job computes it; `Location` names the job. 已转为任务",
        "content": {JSON: {"schema": {"type": "object"}}},
        "headers": {"Location": {"schema": {"type": "string"}}},
    },
}


def asked(
    service: Service,
    caller: Caller,
    name: str,
    body: AssessmentRequest,
    prefer: Prefer,
    key: str | None,
    *,
    standing: str = "",
    **more: Any,
) -> Response:
    """Answer a request that asks about a park, and a project; ``more`` are further arguments of the task."""
    process = PROCESSES[name]
    park = park_input(service, caller, body.park)
    names = body.project if isinstance(body, GateRequest | SitingRequest | UncertaintyRequest) else None
    project = None if names is None else project_input(service, caller, names)
    put = question(process, body, park, project, standing=standing, **more)
    return answered(service, caller, put, prefer, key)


def answered(service: Service, caller: Caller, put: Question, prefer: Prefer, key: str | None) -> Response:
    """Answer a question, once for one idempotency key."""
    digest = sha256(put.digest.encode(), put.standing.encode())  # a trial is not the answer to who may decide
    with once(service.store, caller, key, f"POST {put.process.name}", digest) as kept:
        if kept.earlier is not None:
            return kept.earlier
        return ask(service, caller, put, prefer, kept, reply_of(put.process, put.standing))


def reply_of(process: Process, standing: str = "") -> Reply:
    """Give the writer of an answer: the content as the engine gave it, and before it what the service adds."""

    def reply(owner_id: str, content: bytes, link: Link) -> Response:
        added: dict[str, Any] = {"id": owner_id}
        if process.owner == "decision":
            added |= {"standing": standing, "audit": {"sequence": link.sequence, "head": link.hash}}
        return Response(spliced(content, **added), media_type=JSON)

    return reply
