"""OGC API Features of a park: the layers of its latest successful assessment, as QGIS and GDAL open them.

Conforms to Part 1 (OGC 17-069r4): Core, GeoJSON, OpenAPI 3.0.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from parkrisk import __version__
from parkrisk.api.service import layers
from parkrisk.api.service.identity.caller import Caller, Reader
from parkrisk.api.service.layers import COLLECTIONS, Collection, Layer
from parkrisk.api.service.refusals import NotFound
from parkrisk.api.service.routes.answers import GEOJSON, JSON, etag, json_bytes, tagged
from parkrisk.api.service.routes.queries import FORMAT, ITEMS, Selection, known_parameters, selection
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store import artifacts, parks
from parkrisk.api.service.store.assessments import Assessment, latest_assessment

router = APIRouter(prefix="/v1/parks/{park_id}/ogc", tags=["OGC API Features"])

_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_CONFORMANCE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"

ParkId = Annotated[str, Path(max_length=100)]
CollectionId = Annotated[str, Path(max_length=100)]


def _root(request: Request, park_id: str) -> str:
    return f"{str(request.base_url).rstrip('/')}/v1/parks/{park_id}/ogc"


def _link(href: str, rel: str, media_type: str = JSON, title: str = "") -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type, **({"title": title} if title else {})}


def _latest(service: ServiceDep, caller: Caller, park_id: str) -> tuple[str, Assessment]:
    """Name of a park, and its assessment that the layers come from."""
    with service.store.reading() as connection:
        park = parks.get_park(connection, caller.tenant, park_id)
        found = latest_assessment(connection, caller.tenant, park_id)
    if found is None:
        raise NotFound("评估：该园区尚无成功的评估", "assessment: the park has no successful one yet")
    return park.name, found


def _collection(name: str) -> Collection:
    if name not in COLLECTIONS:
        raise NotFound(f"图层，现有：{', '.join(COLLECTIONS)}", f"collection; there are {', '.join(COLLECTIONS)}")
    return COLLECTIONS[name]


def _layer(service: ServiceDep, caller: Caller, assessment: Assessment, collection: Collection) -> Layer:
    with service.store.reading() as connection:
        _, content = artifacts.get_artifact(connection, caller.tenant, "assessment", assessment.id, collection.file)
    return layers.layer(collection.id, content)


def _tag(request: Request, assessment: Assessment) -> str:
    """Validator of an answer: it hangs on the assessment, the address and the program."""
    return etag(assessment.id, assessment.result_digest or "", str(request.url), __version__)


def _described(root: str, collection: Collection, layer: Layer) -> dict[str, Any]:
    """A collection as its own page and the list show it."""
    here = f"{root}/collections/{collection.id}"
    return {
        "id": collection.id,
        "title": f"{collection.title_zh} {collection.title_en}",
        "description": f"{collection.description_zh} {collection.description_en}",
        "extent": {"spatial": {"bbox": [layer.bounds], "crs": _CRS84}} if layer.bounds else {},
        "itemType": "feature",
        "crs": [_CRS84],
        "links": [_link(here, "self"), _link(f"{here}/items", "items", GEOJSON, collection.title_en)],
    }


@router.get("", summary="Landing page", response_class=Response, openapi_extra=FORMAT)
def landing(request: Request, service: ServiceDep, caller: Reader, park_id: ParkId) -> Response:
    """Where to begin: give this address to QGIS (Layer, Add WFS / OGC API Features)."""
    known_parameters(request)
    name, assessment = _latest(service, caller, park_id)
    root = _root(request, park_id)
    content = {
        "title": name,
        "description": f"{name}：最新评估的图层 / layers of the latest assessment ({assessment.id})",
        "links": [
            _link(root, "self"),
            _link(f"{root}/api", "service-desc", _OPENAPI),
            _link(f"{root}/conformance", "conformance"),
            _link(f"{root}/collections", "data"),
        ],
    }
    return tagged(request, _tag(request, assessment), lambda: json_bytes(content), JSON)


@router.get("/conformance", summary="Conformance classes", response_class=Response, openapi_extra=FORMAT)
def conformance(request: Request, service: ServiceDep, caller: Reader, park_id: ParkId) -> Response:
    """List the conformance classes."""
    known_parameters(request)
    _, assessment = _latest(service, caller, park_id)
    content = {"conformsTo": [_CONFORMANCE + name for name in ("core", "oas30", "geojson")]}
    return tagged(request, _tag(request, assessment), lambda: json_bytes(content), JSON)


@router.get("/api", summary="OpenAPI document of the layers", response_class=Response, openapi_extra=FORMAT)
def api(request: Request, service: ServiceDep, caller: Reader, park_id: ParkId) -> Response:
    """Give the part of the OpenAPI document that is about the layers of one park."""
    known_parameters(request)
    name, assessment = _latest(service, caller, park_id)
    whole = request.app.openapi()
    prefix = router.prefix
    paths = {
        path.removeprefix(prefix) or "/": {method: _without_park(operation) for method, operation in methods.items()}
        for path, methods in whole["paths"].items()
        if path.startswith(prefix)
    }
    content = {
        "openapi": "3.0.3",
        "info": {"title": name, "version": __version__},
        "servers": [{"url": _root(request, park_id)}],
        "paths": paths,
        "components": {"securitySchemes": whole.get("components", {}).get("securitySchemes", {})},
    }
    return tagged(request, _tag(request, assessment), lambda: json_bytes(content), _OPENAPI)


def _without_park(operation: dict[str, Any]) -> dict[str, Any]:
    """Operation whose address begins at the park, its parameters in the form of OpenAPI 3.0."""
    kept = [each for each in operation.get("parameters", ()) if each["name"] != "park_id"]
    answers = {"200": {"description": "OK", "content": {JSON: {"schema": {"type": "object"}}}}}
    named = ("summary", "description", "operationId", "security", "tags")
    shown: dict[str, Any] = {name: operation[name] for name in named if name in operation}
    return {**shown, "parameters": kept, "responses": {**answers, "default": {"description": "problem+json"}}}


@router.get("/collections", summary="Collections", response_class=Response, openapi_extra=FORMAT)
def list_collections(request: Request, service: ServiceDep, caller: Reader, park_id: ParkId) -> Response:
    """Contours, units, targets, enterprises, with their extents."""
    known_parameters(request)
    _, assessment = _latest(service, caller, park_id)
    root = _root(request, park_id)

    def make() -> bytes:
        shown = [_described(root, each, _layer(service, caller, assessment, each)) for each in COLLECTIONS.values()]
        return json_bytes({"links": [_link(f"{root}/collections", "self")], "collections": shown})

    return tagged(request, _tag(request, assessment), make, JSON)


@router.get("/collections/{collection_id}", summary="A collection", response_class=Response, openapi_extra=FORMAT)
def get_collection(
    request: Request, service: ServiceDep, caller: Reader, park_id: ParkId, collection_id: CollectionId
) -> Response:
    """One collection and its extent."""
    known_parameters(request)
    collection = _collection(collection_id)
    _, assessment = _latest(service, caller, park_id)
    content = _described(_root(request, park_id), collection, _layer(service, caller, assessment, collection))
    return tagged(request, _tag(request, assessment), lambda: json_bytes(content), JSON)


@router.get("/collections/{collection_id}/items", summary="Features", response_class=Response, openapi_extra=ITEMS)
def list_items(
    request: Request, service: ServiceDep, caller: Reader, park_id: ParkId, collection_id: CollectionId
) -> Response:
    """Give features that meet a box, a page at a time, as GeoJSON in longitude and latitude."""
    asked = selection(request)
    collection = _collection(collection_id)
    _, assessment = _latest(service, caller, park_id)
    matched = _layer(service, caller, assessment, collection).within(asked.bbox)
    shown = matched[asked.offset : asked.offset + asked.limit]
    here = f"{_root(request, park_id)}/collections/{collection.id}"
    links = [_link(str(request.url), "self", GEOJSON), _link(here, "collection")]
    links += [_link(href, rel, GEOJSON) for rel, href in _pages(request, asked, len(matched))]
    content = {
        "type": "FeatureCollection",
        # The layers stand still from one assessment to the next.
        "timeStamp": assessment.created,
        "numberMatched": len(matched),
        "numberReturned": len(shown),
        "links": links,
        "features": shown,
    }
    return tagged(request, _tag(request, assessment), lambda: json_bytes(content), GEOJSON)


def _pages(request: Request, asked: Selection, matched: int) -> list[tuple[str, str]]:
    """Addresses of the pages behind and before this one."""
    found = []
    if asked.offset + asked.limit < matched:
        following = request.url.include_query_params(limit=asked.limit, offset=asked.offset + asked.limit)
        found.append(("next", str(following)))
    if asked.offset > 0:
        before = request.url.include_query_params(limit=asked.limit, offset=max(asked.offset - asked.limit, 0))
        found.append(("prev", str(before)))
    return found


@router.get(
    "/collections/{collection_id}/items/{feature_id:path}",
    summary="A feature",
    response_class=Response,
    openapi_extra=FORMAT,
)
def get_item(
    request: Request,
    service: ServiceDep,
    caller: Reader,
    park_id: ParkId,
    collection_id: CollectionId,
    feature_id: Annotated[str, Path(max_length=500)],
) -> Response:
    """One feature by its id, which stays the same from one assessment to the next."""
    known_parameters(request)
    collection = _collection(collection_id)
    _, assessment = _latest(service, caller, park_id)
    feature = _layer(service, caller, assessment, collection).by_id.get(feature_id)
    if feature is None:
        raise NotFound("要素", "feature")
    here = f"{_root(request, park_id)}/collections/{collection.id}"
    links = [_link(str(request.url), "self", GEOJSON), _link(here, "collection")]
    return tagged(request, _tag(request, assessment), lambda: json_bytes({**feature, "links": links}), GEOJSON)
