"""Routes of what-if, cascades, siting and uncertainty: questions about a park whose answers are runs."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Asker, Reader
from parkrisk.api.service.processes import RESULT
from parkrisk.api.service.routes.answers import KeyDep, PageDep, PreferDep, page_answer, tagged_json
from parkrisk.api.service.routes.asked import ANSWERS, asked
from parkrisk.api.service.routes.assessments import stored
from parkrisk.api.service.routes.json_bodies import JsonRoute
from parkrisk.api.service.routes.requests import CascadeRequest, SitingRequest, UncertaintyRequest, WhatIfRequest
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store.artifacts import list_artifacts
from parkrisk.api.service.store.jobs import job_of_owner
from parkrisk.api.service.store.runs import Run, get_run, list_runs

router = APIRouter(prefix="/v1", tags=["what-if"], route_class=JsonRoute)

RunId = Annotated[str, Path(max_length=100, description="Id of a run. 计算编号")]


@router.post("/whatifs", summary="Compare a park before and after a change", response_class=Response, responses=ANSWERS)
def create_whatif(
    body: WhatIfRequest, service: ServiceDep, caller: Asker, prefer: PreferDep, key: KeyDep = None
) -> Response:
    """Answer with the JSON that `parkrisk whatif --json` prints, and `id`; contours of both are files of the run."""
    scenario = dict(body.scenario.content)
    return asked(service, caller, "whatif", body, prefer, key, scenario=scenario)


@router.post("/cascades", summary="Play the cascade from units", response_class=Response, responses=ANSWERS)
def create_cascade(
    body: CascadeRequest, service: ServiceDep, caller: Asker, prefer: PreferDep, key: KeyDep = None
) -> Response:
    """Domino effects from a unit, or from several at once, with times for playing, and `id`."""
    return asked(service, caller, "cascade", body, prefer, key, units=body.units)


@router.post("/sitings", summary="Map where a project would pass", response_class=Response, responses=ANSWERS)
def create_siting(
    body: SitingRequest, service: ServiceDep, caller: Asker, prefer: PreferDep, key: KeyDep = None
) -> Response:
    """Answer with the JSON that `parkrisk siting --json` prints, and `id`; the map is a file of the run."""
    return asked(service, caller, "siting", body, prefer, key, cells=body.cells)


@router.post("/uncertainties", summary="Say how sure the risk is", response_class=Response, responses=ANSWERS)
def create_uncertainty(
    body: UncertaintyRequest, service: ServiceDep, caller: Asker, prefer: PreferDep, key: KeyDep = None
) -> Response:
    """Answer with the JSON that `parkrisk uncertainty --json` prints, and `id`; its tables are files of the run."""
    return asked(service, caller, "uncertainty", body, prefer, key, samples=body.samples, inputs=body.inputs)


@router.get("/runs", summary="Runs, newest first", response_class=Response)
def get_runs(
    request: Request,
    service: ServiceDep,
    caller: Reader,
    page: PageDep,
    kind: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """All, or those of one kind."""
    with service.store.reading() as connection:
        found = list_runs(connection, caller.tenant, kind=kind, limit=page.limit, cursor=page.cursor)
        items = [_meta(connection, caller.tenant, each) for each in found.items]
    return page_answer(request, items, found.next)


@router.get("/runs/{run_id}", summary="What is known of a run", response_class=Response)
def get_one(request: Request, run_id: RunId, service: ServiceDep, caller: Reader) -> Response:
    """Kind, park, status, job, files."""
    with service.store.reading() as connection:
        content = _meta(connection, caller.tenant, get_run(connection, caller.tenant, run_id))
        kept = list_artifacts(connection, caller.tenant, "run", run_id)
        content["files"] = [
            {"name": each.name, "media_type": each.media_type, "size": each.size} for each in kept if _shown(each.name)
        ]
    return tagged_json(request, content)


@router.get("/runs/{run_id}/result", summary="The answer of a run", response_class=Response)
def get_result(request: Request, run_id: RunId, service: ServiceDep, caller: Reader) -> Response:
    """The JSON of the question that was asked, and `id`; of a report, the files that it made."""
    with service.store.reading() as connection:
        get_run(connection, caller.tenant, run_id)
        return stored(request, connection, caller.tenant, "run", run_id, RESULT, id=run_id)


@router.get("/runs/{run_id}/files/{name:path}", summary="A file of a run", response_class=Response)
def get_file(
    request: Request, run_id: RunId, name: Annotated[str, Path(max_length=200)], service: ServiceDep, caller: Reader
) -> Response:
    """Such as contours_before.geojson, siting.geojson or uncertainty_grades.parquet."""
    with service.store.reading() as connection:
        get_run(connection, caller.tenant, run_id)
        return stored(request, connection, caller.tenant, "run", run_id, name)


def _shown(name: str) -> bool:
    return name not in (RESULT, "question.json")


def _meta(connection: Connection, tenant: str, row: Run) -> dict[str, Any]:
    job = job_of_owner(connection, tenant, row.id)
    content = {name: value for name, value in row._asdict().items() if name != "request_digest"}
    return content | {"job_id": None if job is None else job.id}
