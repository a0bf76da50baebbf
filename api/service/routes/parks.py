"""Routes of the parks and their versions. A version is never changed: a changed park is another version."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from parkrisk.api.service import documents
from parkrisk.api.service.identity.caller import Asker, Caller, Reader, Writer
from parkrisk.api.service.processes import record
from parkrisk.api.service.refusals import PreconditionFailed
from parkrisk.api.service.routes.answers import (
    JSON,
    KeyDep,
    PageDep,
    check_match,
    etag,
    json_answer,
    json_bytes,
    once,
    page_answer,
    tagged,
    tagged_json,
)
from parkrisk.api.service.routes.received import Checked, SentDep, body_of, checked
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store import parks
from parkrisk.api.service.store.parks import Park, ParkVersion

router = APIRouter(prefix="/v1", tags=["parks"])

ParkId = Annotated[str, Path(max_length=100)]
Version = Annotated[int, Path(ge=1, lt=2**31)]

_FILES = {"document": "document.json", "problems": "problems.json", "map": "map.json"}


def _park_tag(park: Park) -> str:
    """Validator of a park: it changes with every version."""
    return etag(park.id, str(park.version))


def _about(version: ParkVersion) -> dict[str, Any]:
    """What a list says of a version."""
    return {
        "id": version.park_id,
        "version": version.version,
        "digest": version.input_digest,
        "rulebook": version.rulebook,
        "units": version.units,
        "source_name": version.source_name,
        "source_sha256": version.source_sha256,
        "problem_count": version.problems,
        "created": version.created,
        "created_by": version.created_by,
    }


def _keep(connection: Connection, caller: Caller, park: Park, found: Checked) -> ParkVersion:
    """Write the next version with its files and its line of audit."""
    version = parks.add_version(
        connection,
        caller.tenant,
        park.id,
        input_digest=found.digest,
        rulebook=found.rulebook,
        units=found.units,
        source_name=found.source_name,
        source_sha256=found.source_sha256,
        problems=len(found.problems),
        created_by=caller.name,
    )
    files = {"document.json": json_bytes(found.document), "problems.json": json_bytes({"problems": found.listed()})}
    if found.map:
        files["map.json"] = found.map
    documents.keep(connection, caller.tenant, park.id, version.version, files)
    record(
        connection,
        caller.tenant,
        caller.name,
        "park",
        park.id,
        {"source_sha256": version.source_sha256},
        {"version": version.version, "digest": version.input_digest},
    )
    return version


def _made(park: Park, version: ParkVersion, found: Checked, status: int) -> Response:
    headers = {
        "Location": f"/v1/parks/{park.id}/versions/{version.version}",
        "ETag": _park_tag(park._replace(version=version.version)),
    }
    return json_answer({**_about(version), "name": park.name, "problems": found.listed()}, status, headers)


@router.post("/parks", status_code=201, summary="Keep a park", response_class=Response, openapi_extra=body_of("park"))
def create_park(service: ServiceDep, caller: Writer, sent: SentDep, key: KeyDep = None) -> Response:
    """Check a park and keep it as version 1. With an error nothing is kept, and the answer lists every problem."""
    with once(service.store, caller, key, "POST /v1/parks", sent.digest) as request:
        if request.earlier is not None:
            return request.earlier
        found = checked(service, sent, "park").accepted()

        with service.store.begin() as connection:

            def make() -> Response:
                park = parks.create_park(connection, caller.tenant, found.name, created_by=caller.name)
                return _made(park, _keep(connection, caller, park, found), found, 201)

            return request.answer(connection, make)


@router.post(
    "/parks/{park_id}/versions",
    status_code=201,
    summary="Keep another version of a park",
    response_class=Response,
    openapi_extra=body_of("park"),
)
def create_version(
    asked: Request, service: ServiceDep, caller: Writer, sent: SentDep, park_id: ParkId, key: KeyDep = None
) -> Response:
    """Keep the next version. The content of the latest gives that one (200).

    With `If-Match` and the ETag of the park it is refused (412) when somebody else has added a version meanwhile.
    """
    with once(service.store, caller, key, f"POST /v1/parks/{park_id}/versions", sent.digest) as request:
        if request.earlier is not None:
            return request.earlier
        with service.store.reading() as connection:
            check_match(asked, _park_tag(parks.get_park(connection, caller.tenant, park_id)))
        found = checked(service, sent, "park").accepted()

        with service.store.begin() as connection:

            def make() -> Response:
                park = parks.get_park(connection, caller.tenant, park_id)
                check_match(asked, _park_tag(park))
                latest = parks.latest_version(connection, caller.tenant, park_id)
                if latest.input_digest == found.digest:
                    return _made(park, latest, found, 200)
                version = _keep(connection, caller, park, found)
                if "if-match" in asked.headers and version.version != park.version + 1:
                    raise PreconditionFailed  # another transaction was between the look and the lock
                return _made(park, version, found, 201)

            return request.answer(connection, make)


@router.get("/parks", summary="Parks", response_class=Response)
def list_parks(request: Request, service: ServiceDep, caller: Reader, page: PageDep) -> Response:
    """Parks, newest first, each with the number of its latest version."""
    with service.store.reading() as connection:
        found = parks.list_parks(connection, caller.tenant, limit=page.limit, cursor=page.cursor)
    return page_answer(request, [park._asdict() for park in found.items], found.next)


@router.get("/parks/{park_id}", summary="A park", response_class=Response)
def get_park(request: Request, service: ServiceDep, caller: Reader, park_id: ParkId) -> Response:
    """One park and its latest version; its ETag is what `If-Match` of a new version takes."""
    with service.store.reading() as connection:
        park = parks.get_park(connection, caller.tenant, park_id)
        latest = parks.latest_version(connection, caller.tenant, park_id)
    return tagged_json(request, {**park._asdict(), "latest": _about(latest)}, _park_tag(park))


@router.get("/parks/{park_id}/versions", summary="Versions of a park", response_class=Response)
def list_versions(request: Request, service: ServiceDep, caller: Reader, park_id: ParkId, page: PageDep) -> Response:
    """Versions, newest first."""
    with service.store.reading() as connection:
        parks.get_park(connection, caller.tenant, park_id)
        found = parks.list_versions(connection, caller.tenant, park_id, limit=page.limit, cursor=page.cursor)
    return page_answer(request, [_about(version) for version in found.items], found.next)


@router.get("/parks/{park_id}/versions/{version}", summary="A version of a park", response_class=Response)
def get_version(request: Request, service: ServiceDep, caller: Reader, park_id: ParkId, version: Version) -> Response:
    """What is known of a version; its content is under `document`, `problems` and `map`."""
    with service.store.reading() as connection:
        found = parks.get_version(connection, caller.tenant, park_id, version)
    return tagged_json(request, _about(found))


@router.get(
    "/parks/{park_id}/versions/{version}/{what}", summary="Content of a version of a park", response_class=Response
)
def get_version_file(
    request: Request,
    service: ServiceDep,
    caller: Reader,
    park_id: ParkId,
    version: Version,
    what: Literal["document", "problems", "map"],
) -> Response:
    """`document`: the park as JSON; `problems`: warnings kept with it; `map`: its things as GeoJSON, lon and lat."""
    with service.store.reading() as connection:
        about, content = documents.park_file(connection, caller.tenant, park_id, version, _FILES[what])
    return tagged(request, f'"{about.sha256[:32]}"', lambda: content, JSON)


@router.post(
    "/problems",
    summary="Check a park or a project",
    response_class=Response,
    openapi_extra=body_of("park", faulty=True),
)
def list_problems(
    service: ServiceDep,
    _caller: Asker,
    sent: SentDep,
    kind: Annotated[Literal["park", "project"], Query(description="What the body holds.")] = "park",
) -> Response:
    """List every problem, each with table, row, column, place, what was found and what is right; nothing is kept."""
    found = checked(service, sent, kind)
    return json_answer({"kind": kind, "name": found.name, "digest": found.digest, "problems": found.listed()})
