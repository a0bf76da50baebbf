"""Routes of assessments: asked for, listed, read."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Asker, Reader
from parkrisk.api.service.processes import RESULT
from parkrisk.api.service.refusals import NotFound
from parkrisk.api.service.routes.answers import (
    KeyDep,
    PageDep,
    PreferDep,
    etag,
    page_answer,
    parts,
    spliced,
    tagged,
    tagged_json,
)
from parkrisk.api.service.routes.asked import ANSWERS, asked
from parkrisk.api.service.routes.json_bodies import JsonRoute
from parkrisk.api.service.routes.requests import AssessmentRequest
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store.artifacts import find_artifact, get_artifact
from parkrisk.api.service.store.assessments import Assessment, get_assessment, list_assessments
from parkrisk.api.service.store.jobs import job_of_owner

router = APIRouter(prefix="/v1/assessments", tags=["assessments"], route_class=JsonRoute)

Only = Annotated[
    str | None,
    Query(
        max_length=500,
        pattern=r"^[a-z_]+(,[a-z_]+)*$",
        description="Parts that are wanted, such as `grade,targets`; default: all. 只要的部分",
    ),
]
AssessmentId = Annotated[str, Path(max_length=100, description="Id of an assessment. 评估编号")]


@router.post("", summary="Assess a park", response_class=Response, responses=ANSWERS)
def create_assessment(
    body: AssessmentRequest, service: ServiceDep, caller: Asker, prefer: PreferDep, key: KeyDep = None
) -> Response:
    """Answer with the JSON that `parkrisk assess --json` prints, and `id`; a large park becomes a job."""
    return asked(service, caller, "assessment", body, prefer, key)


@router.get("", summary="Assessments, newest first", response_class=Response)
def get_assessments(
    request: Request,
    service: ServiceDep,
    caller: Reader,
    page: PageDep,
    park_id: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """All, or those of one park."""
    with service.store.reading() as connection:
        found = list_assessments(connection, caller.tenant, park_id=park_id, limit=page.limit, cursor=page.cursor)
        items = [meta(connection, caller.tenant, each) for each in found.items]
    return page_answer(request, items, found.next)


@router.get("/{assessment_id}", summary="What is known of an assessment", response_class=Response)
def get_one(request: Request, assessment_id: AssessmentId, service: ServiceDep, caller: Reader) -> Response:
    """Park, method, status, job, grade and digest of the result."""
    with service.store.reading() as connection:
        content = meta(connection, caller.tenant, get_assessment(connection, caller.tenant, assessment_id))
    return tagged_json(request, content)


@router.get("/{assessment_id}/result", summary="The whole result", response_class=Response)
def get_result(
    request: Request, assessment_id: AssessmentId, service: ServiceDep, caller: Reader, only: Only = None
) -> Response:
    """The JSON that `parkrisk assess --json` prints, and `id`; of a large park, better only some parts of it."""
    with service.store.reading() as connection:
        return stored(
            request, connection, caller.tenant, "assessment", assessment_id, RESULT, only=only, id=assessment_id
        )


def meta(connection: Connection, tenant: str, row: Assessment) -> dict[str, Any]:
    """Content of an assessment without its result."""
    job = job_of_owner(connection, tenant, row.id)
    return {
        "id": row.id,
        "park_id": row.park_id,
        "version": row.version,
        "status": row.status,
        "job_id": None if job is None else job.id,
        "grade": None if row.grade_letter is None else {"letter": row.grade_letter, "bounds": row.grade_bounds},
        "result_digest": row.result_digest,
        "rules": row.rules,
        "seed": row.seed,
        "settings": row.settings,
        "summary": row.summary,
        "created": row.created,
        "created_by": row.created_by,
    }


def stored(
    request: Request,
    connection: Connection,
    tenant: str,
    owner: str,
    owner_id: str,
    name: str,
    *,
    only: str | None = None,
    **fields: Any,
) -> Response:
    """Answer with a stored file and its validator.

    Of a JSON object ``only`` names the parts to give, with commas; ``fields`` go before them.
    """
    about = find_artifact(connection, tenant, owner, owner_id, name)
    if about is None:
        raise NotFound("内容", "content")

    def content() -> bytes:
        _, found = get_artifact(connection, tenant, owner, owner_id, name)
        if only is not None:
            found = parts(found, only.split(","))
        return spliced(found, **fields) if fields else found

    file_name = "" if name == RESULT else name.rpartition("/")[2]
    return tagged(request, etag(about.sha256, owner_id, only or ""), content, about.media_type, name=file_name)
