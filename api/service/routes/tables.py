"""Routes of what an assessment holds: tables, layers, contours."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from parkrisk.api.service import result_tables
from parkrisk.api.service.identity.caller import Reader
from parkrisk.api.service.refusals import BadQuery
from parkrisk.api.service.routes.answers import GEOJSON, JSON, PageDep, etag, page_answer, tagged, tagged_json
from parkrisk.api.service.routes.assessments import AssessmentId, stored
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store.artifacts import get_artifact, list_artifacts
from parkrisk.api.service.store.assessments import get_assessment
from parkrisk.api.service.store.errors import BadCursor

router = APIRouter(prefix="/v1/assessments/{assessment_id}", tags=["assessments"])

TableName = Annotated[str, Path(max_length=100, pattern=r"^[a-z_]+$", description="Such as `targets`. 表名")]
Layer = Literal["units", "targets", "enterprises", "hazard_units", "facility", "contours"]
Format = Literal["json", "csv", "geojson", "parquet"]


@router.get("/tables", summary="Tables of an assessment", response_class=Response)
def list_tables(request: Request, assessment_id: AssessmentId, service: ServiceDep, caller: Reader) -> Response:
    """Each with what it is called and what its columns mean."""
    with service.store.reading() as connection:
        get_assessment(connection, caller.tenant, assessment_id)
        names = [
            each.name.removeprefix("tables/").removesuffix(".parquet")
            for each in list_artifacts(connection, caller.tenant, "assessment", assessment_id, prefix="tables/")
        ]
        tables = {name: _table(connection, caller.tenant, assessment_id, name) for name in names}
    items = [
        result_tables.schema(name, table.column_names)
        | {"rows": table.num_rows, "geojson": result_tables.layer_of(table) is not None}
        for name, table in tables.items()
    ]
    return tagged_json(request, {"items": items, "next": None})


@router.get("/tables/{name}", summary="One table", response_class=Response)
def get_table(
    request: Request,
    assessment_id: AssessmentId,
    name: TableName,
    service: ServiceDep,
    caller: Reader,
    page: PageDep,
    form: Annotated[Format, Query(alias="format", description="json comes in pages. 输出格式")] = "json",
) -> Response:
    """As JSON rows in pages with their schema, CSV, GeoJSON (tables whose rows have places) or Parquet."""
    file_name = f"{name}.{form}"
    with service.store.reading() as connection:
        about, content = get_artifact(connection, caller.tenant, "assessment", assessment_id, f"tables/{name}.parquet")
        tag = etag(about.sha256, form)
        if form == "parquet":
            return tagged(request, tag, lambda: content, about.media_type, name=file_name, inline=False)
        table = result_tables.read(content)
        if form == "csv":
            kind = "text/csv; charset=utf-8"
            return tagged(request, tag, lambda: result_tables.csv(table), kind, name=file_name, inline=False)
        if form == "geojson":
            features = _with_places(connection, caller.tenant, assessment_id, name, table)
            return tagged(request, etag(features.decode()), lambda: features, GEOJSON, name=file_name)
    start = _position(page.cursor, table.num_rows)
    items, end = result_tables.rows(table, start, page.limit), start + page.limit
    following = str(end) if end < table.num_rows else None
    schema = result_tables.schema(name, table.column_names)
    page_tag = etag(about.sha256, form, str(start), str(page.limit))
    answer = page_answer(request, items, following, rows=table.num_rows, schema=schema)
    same = tagged(request, page_tag, lambda: bytes(answer.body), JSON)
    if following is not None:
        same.headers["Link"] = answer.headers["link"]
    return same


@router.get("/layers/{layer}", summary="A layer of the map", response_class=Response)
def get_layer(
    request: Request, assessment_id: AssessmentId, layer: Layer, service: ServiceDep, caller: Reader
) -> Response:
    """GeoJSON in WGS 84."""
    with service.store.reading() as connection:
        return stored(request, connection, caller.tenant, "assessment", assessment_id, f"{layer}.geojson")


def _table(connection: Connection, tenant: str, assessment_id: str, name: str) -> Any:
    _, content = get_artifact(connection, tenant, "assessment", assessment_id, f"tables/{name}.parquet")
    return result_tables.read(content)


def _with_places(connection: Connection, tenant: str, assessment_id: str, name: str, table: Any) -> bytes:
    place = result_tables.layer_of(table)
    if place is None:
        raise BadQuery(
            f"表 {name} 的行没有位置，不能输出 GeoJSON", f"rows of the table {name} have no place for GeoJSON"
        )
    column, layer = place
    _, places = get_artifact(connection, tenant, "assessment", assessment_id, f"{layer}.geojson")
    return result_tables.geojson(table, column, places)


def _position(cursor: str | None, rows: int) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10 and 0 < int(cursor) < rows):
        raise BadCursor
    return int(cursor)
