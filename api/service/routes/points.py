"""Routes of what an engine reads out of an assessment in a moment: risk at a place, where a number comes from."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Asker, Caller, Reader
from parkrisk.api.service.questions import arguments, kept_question
from parkrisk.api.service.refusals import BadQuery, Conflict
from parkrisk.api.service.routes.answers import GEOJSON, JSON, etag, json_bytes, tagged
from parkrisk.api.service.routes.assessments import AssessmentId, stored
from parkrisk.api.service.service import Service, ServiceDep
from parkrisk.api.service.store.assessments import get_assessment
from parkrisk.api.service.store.canonical import canonical_json
from parkrisk.api.service.store.status import Status

router = APIRouter(prefix="/v1/assessments/{assessment_id}", tags=["assessments"])

Coordinate = Annotated[float | None, Query(allow_inf_nan=False)]


@router.get("/contours", summary="Contours of individual risk", response_class=Response)
def get_contours(
    request: Request,
    assessment_id: AssessmentId,
    service: ServiceDep,
    caller: Reader,
    level: Annotated[
        list[float] | None, Query(max_length=20, description="Other levels than those stored, 1/yr. 等值线水平")
    ] = None,
) -> Response:
    """GeoJSON in WGS 84, at the stored levels or at others."""
    if not level:
        with service.store.reading() as connection:
            return stored(request, connection, caller.tenant, "assessment", assessment_id, "contours.geojson")
    if not all(math.isfinite(each) and each > 0.0 for each in level):
        raise BadQuery("level 须为正数", "level must be positive")
    return _read_out(request, service, caller, assessment_id, "contours", {"levels": sorted(set(level), reverse=True)})


@router.get("/risk-at", summary="Individual risk at a place", response_class=Response)
def get_risk_at(
    request: Request,
    assessment_id: AssessmentId,
    service: ServiceDep,
    caller: Asker,
    x: Coordinate = None,
    y: Coordinate = None,
    lon: Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)] = None,
) -> Response:
    """Risk and what makes it up, at x and y in the park's CRS [m], or at lon and lat [deg]."""
    given = {name: value for name, value in {"x": x, "y": y, "lon": lon, "lat": lat}.items() if value is not None}
    if set(given) not in ({"x", "y"}, {"lon", "lat"}):
        raise BadQuery("须给出 x 与 y，或 lon 与 lat", "give either x and y, or lon and lat")
    return _read_out(request, service, caller, assessment_id, "risk_at", given)


@router.get("/trace", summary="Where a number comes from", response_class=Response)
def get_trace(
    request: Request,
    assessment_id: AssessmentId,
    service: ServiceDep,
    caller: Asker,
    table: Annotated[str, Query(min_length=1, max_length=100)],
    column: Annotated[str, Query(min_length=1, max_length=100)],
    key: Annotated[list[str] | None, Query(max_length=5, description="Of the row; once per column.")] = None,
) -> Response:
    """Formula, clause and inputs, down to the cells of the park."""
    keys = [] if key is None else key
    asked = {"table": table, "key": keys[0] if len(keys) == 1 else keys, "column": column}
    return _read_out(request, service, caller, assessment_id, "trace", asked)


@router.get("/cascade", summary="What follows from a unit", response_class=Response)
def get_cascade(
    request: Request,
    assessment_id: AssessmentId,
    service: ServiceDep,
    caller: Asker,
    unit: Annotated[list[Annotated[str, Query(max_length=200)]], Query(min_length=1, max_length=100)],
) -> Response:
    """Domino effects from a unit, or from several at once, with times for playing."""
    return _read_out(request, service, caller, assessment_id, "cascade", {"units": unit})


def _read_out(
    request: Request, service: Service, caller: Caller, assessment_id: str, task: str, asked: Mapping[str, Any]
) -> Response:
    """Have an engine read something out of an assessment; what the caller has already is not computed again."""
    with service.store.reading() as connection:
        row = get_assessment(connection, caller.tenant, assessment_id)
        if row.status != Status.successful:
            raise Conflict("评估尚未完成", "the assessment is not done")
        question = kept_question(connection, caller.tenant, "assessment", assessment_id)
        kept = arguments(connection, caller.tenant, question.kept)
        whole = {**kept, **asked, "result_digest": row.result_digest}

    def content() -> bytes:
        # An engine that does not know the park assesses it first. Cut short, it would not know it the next time either.
        longest = service.settings.job_seconds
        with service.places.one():
            found = service.engines.run(task, whole, seconds=longest, affinity=question.asked["park"])
        return found.files.get("contours.geojson") or json_bytes(found.content)

    kind = GEOJSON if task == "contours" else JSON
    return tagged(request, etag(str(row.result_digest), task, canonical_json(dict(asked))), content, kind)
