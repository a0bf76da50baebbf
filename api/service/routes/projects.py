"""Routes of the projects that ask to enter a park. A project is never changed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from parkrisk.api.service import documents
from parkrisk.api.service.identity.caller import Reader, Writer
from parkrisk.api.service.processes import record
from parkrisk.api.service.routes.answers import (
    JSON,
    KeyDep,
    PageDep,
    json_answer,
    json_bytes,
    once,
    page_answer,
    tagged,
    tagged_json,
)
from parkrisk.api.service.routes.received import SentDep, body_of, checked
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store import projects
from parkrisk.api.service.store.projects import Project

router = APIRouter(prefix="/v1/projects", tags=["projects"])

ProjectId = Annotated[str, Path(max_length=100)]


def _about(project: Project) -> dict[str, Any]:
    content = project._asdict()
    return {**content, "digest": content.pop("project_digest"), "problem_count": content.pop("problems")}


@router.post("", status_code=201, summary="Keep a project", response_class=Response, openapi_extra=body_of("project"))
def create_project(service: ServiceDep, caller: Writer, sent: SentDep, key: KeyDep = None) -> Response:
    """Check a project and keep it. With an error in it nothing is kept, and the answer lists every problem."""
    with once(service.store, caller, key, "POST /v1/projects", sent.digest) as request:
        if request.earlier is not None:
            return request.earlier
        found = checked(service, sent, "project").accepted()

        with service.store.begin() as connection:

            def make() -> Response:
                project = projects.create_project(
                    connection,
                    caller.tenant,
                    found.name,
                    project_digest=found.digest,
                    source_name=found.source_name,
                    source_sha256=found.source_sha256,
                    problems=len(found.problems),
                    created_by=caller.name,
                )
                files = {
                    "document.json": json_bytes(found.document),
                    "problems.json": json_bytes({"problems": found.listed()}),
                }
                documents.keep(connection, caller.tenant, project.id, None, files)
                record(
                    connection,
                    caller.tenant,
                    caller.name,
                    "project",
                    project.id,
                    {"source_sha256": found.source_sha256},
                    {"digest": found.digest},
                )
                headers = {"Location": f"/v1/projects/{project.id}"}
                return json_answer({**_about(project), "problems": found.listed()}, 201, headers)

            return request.answer(connection, make)


@router.get("", summary="Projects", response_class=Response)
def list_projects(request: Request, service: ServiceDep, caller: Reader, page: PageDep) -> Response:
    """Projects, newest first."""
    with service.store.reading() as connection:
        found = projects.list_projects(connection, caller.tenant, limit=page.limit, cursor=page.cursor)
    return page_answer(request, [_about(project) for project in found.items], found.next)


@router.get("/{project_id}", summary="A project", response_class=Response)
def get_project(request: Request, service: ServiceDep, caller: Reader, project_id: ProjectId) -> Response:
    """What is known of a project; its content is under `document` and `problems`."""
    with service.store.reading() as connection:
        found = projects.get_project(connection, caller.tenant, project_id)
    return tagged_json(request, _about(found))


@router.get("/{project_id}/{what}", summary="Content of a project", response_class=Response)
def get_project_file(
    request: Request,
    service: ServiceDep,
    caller: Reader,
    project_id: ProjectId,
    what: Literal["document", "problems"],
) -> Response:
    """`document`: the project as JSON; `problems`: warnings kept with it."""
    with service.store.reading() as connection:
        about, content = documents.project_file(connection, caller.tenant, project_id, f"{what}.json")
    return tagged(request, f'"{about.sha256[:32]}"', lambda: content, JSON)
