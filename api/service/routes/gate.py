"""Routes of gate decisions: may a project come in?"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Asker, Reader
from parkrisk.api.service.identity.roles import Permission
from parkrisk.api.service.processes import RESULT
from parkrisk.api.service.routes.answers import KeyDep, PageDep, PreferDep, page_answer, tagged_json
from parkrisk.api.service.routes.asked import ANSWERS, asked
from parkrisk.api.service.routes.assessments import stored
from parkrisk.api.service.routes.json_bodies import JsonRoute
from parkrisk.api.service.routes.requests import GateRequest
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store.decisions import Decision, get_decision, list_decisions
from parkrisk.api.service.store.jobs import job_of_owner

router = APIRouter(prefix="/v1/gate-decisions", tags=["gate decisions"], route_class=JsonRoute)

DecisionId = Annotated[str, Path(max_length=100, description="Id of a decision. 判定编号")]


@router.post("", summary="Decide whether a project may enter", response_class=Response, responses=ANSWERS)
def create_decision(
    body: GateRequest, service: ServiceDep, caller: Asker, prefer: PreferDep, key: KeyDep = None
) -> Response:
    """Answer with the JSON that `parkrisk gate --json` prints, `id`, `standing` and the head of the audit.

    `standing` is "decision" where the caller may decide, else "trial".
    """
    standing = "decision" if Permission.DECIDE in caller.permissions else "trial"
    return asked(service, caller, "gate-decision", body, prefer, key, standing=standing, search=body.search)


@router.get("", summary="Decisions and trials, newest first", response_class=Response)
def get_decisions(
    request: Request,
    service: ServiceDep,
    caller: Reader,
    page: PageDep,
    park_id: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """All, or those of one park."""
    with service.store.reading() as connection:
        found = list_decisions(connection, caller.tenant, park_id=park_id, limit=page.limit, cursor=page.cursor)
        items = [_meta(connection, caller.tenant, each) for each in found.items]
    return page_answer(request, items, found.next)


@router.get("/{decision_id}", summary="What is known of a decision", response_class=Response)
def get_one(request: Request, decision_id: DecisionId, service: ServiceDep, caller: Reader) -> Response:
    """Park, project, status, job, standing, verdict and digest of the result; a failed one has no verdict."""
    with service.store.reading() as connection:
        content = _meta(connection, caller.tenant, get_decision(connection, caller.tenant, decision_id))
    return tagged_json(request, content)


@router.get("/{decision_id}/result", summary="The whole decision", response_class=Response)
def get_result(request: Request, decision_id: DecisionId, service: ServiceDep, caller: Reader) -> Response:
    """The JSON that `parkrisk gate --json` prints, `id` and `standing`."""
    with service.store.reading() as connection:
        row = get_decision(connection, caller.tenant, decision_id)
        more = {"id": row.id, "standing": row.standing}
        return stored(request, connection, caller.tenant, "decision", decision_id, RESULT, **more)


def _meta(connection: Connection, tenant: str, row: Decision) -> dict[str, Any]:
    job = job_of_owner(connection, tenant, row.id)
    hidden = {"request_digest"}
    content = {name: value for name, value in row._asdict().items() if name not in hidden}
    return content | {"job_id": None if job is None else job.id}
