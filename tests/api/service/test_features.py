"""OGC API Features: every link leads somewhere, every page adds up, and GDAL reads what the assessment wrote."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from urllib.parse import quote

import pytest
import shapely
import uvicorn
from fastapi import Request

from parkrisk.api.service import documents
from parkrisk.api.service.identity.caller import Caller, caller_of
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.layers import COLLECTIONS
from parkrisk.api.service.refusals import Unauthenticated
from parkrisk.api.service.store import artifacts, assessments, parks
from tests.api.service.routed import Routed

CHANCE = random.Random(7)


def _feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _point():
    return {"type": "Point", "coordinates": [CHANCE.uniform(122.0, 122.1), CHANCE.uniform(30.0, 30.1)]}


def _square(size):
    return {
        "type": "MultiPolygon",
        "coordinates": [[[[122, 30], [122 + size, 30], [122 + size, 30 + size], [122, 30 + size], [122, 30]]]],
    }


LAYERS = {
    "contours": [
        _feature(_square(1e-9 / level), individual_risk_per_year=level, area_m2=1.0, closed=level > 3e-7)
        for level in (1e-5, 3e-6, 1e-6, 3e-7, 1e-7)
    ],
    "units": [
        *(_feature(_point(), unit_id=f"T-{n:03}", kind="atmospheric_tank", name=f"储罐{n}") for n in range(23)),
        _feature(_point(), unit_id="装置/2 #1", kind="reactor", name="斜杠"),
    ],
    "targets": [
        _feature(_point(), target_id="school-1", individual_risk=1.25e-7, limit=3e-6, status="pass"),
        _feature(_square(0.01), target_id="village-1", individual_risk=None, limit=None, status="unknown"),
    ],
    "enterprises": [
        _feature(_square(0.02), enterprise_id="e1", name="甲", colour_worst="red"),
        _feature(None, enterprise_id="e2", name="乙", colour_worst=""),
    ],
}


def _assessed(routed, park_id, version, name):
    with routed.store.begin() as connection:
        found, _ = assessments.claim_assessment(
            connection,
            routed.tenant,
            request_digest=name,
            park_id=park_id,
            version=version,
            rules=None,
            seed=0,
            settings={},
            created_by="tester",
        )
        for layer, features in LAYERS.items():
            content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
            where = (connection, routed.tenant, "assessment", found.id, f"{layer}.geojson")
            artifacts.put_artifact(*where, content, media_type="application/geo+json")
        result = {"result_digest": name, "grade_letter": "C", "grade_bounds": ["B", "C"], "summary": {}}
        assessments.finish_assessment(connection, routed.tenant, found.id, **result)
    return found.id


def _park(routed):
    with routed.store.begin() as connection:
        park = parks.create_park(connection, routed.tenant, "测试园区", created_by="tester")
        about = {"input_digest": "d", "rulebook": "cn-2026", "units": 1, "source_name": "", "source_sha256": "s"}
        parks.add_version(connection, routed.tenant, park.id, **about, problems=0, created_by="tester")
        documents.keep(connection, routed.tenant, park.id, 1, {"document.json": b"{}"})
    return park.id


@pytest.fixture(scope="module")
def routed(tmp_path_factory):
    """A service with one park that was assessed."""
    found = Routed(tmp_path_factory.mktemp("store"))
    found.park = _park(found)
    _assessed(found, found.park, 1, "first")
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def get(routed):
    """Read below the landing page."""
    return lambda path="", **more: routed.client.get(f"/v1/parks/{routed.park}/ogc{path}", **more)


def _ids(answer):
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_every_link_leads_somewhere(routed, get):
    waiting, seen = [str(get().request.url)], {}
    while waiting:
        href = waiting.pop()
        if href in seen:
            continue
        answer = routed.client.get(href)
        assert answer.status_code == 200, href
        seen[href] = answer
        content = answer.json()
        links = [
            *content.get("links", ()),
            *(each for part in content.get("collections", ()) for each in part["links"]),
        ]
        waiting += [each["href"] for each in links]
        for each in links:
            known = seen.get(each["href"])
            if known is not None:
                assert known.headers["content-type"] == each["type"]
    rels = {each["rel"] for each in get().json()["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= rels
    assert len(seen) >= 4 + 2 * len(COLLECTIONS)


def test_the_classes_of_the_order_are_declared(get):
    names = {each.rsplit("/", 1)[1] for each in get("/conformance").json()["conformsTo"]}
    assert names == {"core", "geojson", "oas30"}


def test_the_openapi_document_describes_what_is_answered(get):
    answer = get("/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    content = answer.json()
    assert content["openapi"].startswith("3.0")
    assert set(content["paths"]) == {
        "/",
        "/api",
        "/conformance",
        "/collections",
        "/collections/{collection_id}",
        "/collections/{collection_id}/items",
        "/collections/{collection_id}/items/{feature_id}",
    }
    items = content["paths"]["/collections/{collection_id}/items"]["get"]["parameters"]
    assert {each["name"] for each in items} == {"collection_id", "f", "bbox", "limit", "offset", "datetime"}


@pytest.mark.parametrize("name", LAYERS)
def test_extents_hold_every_feature_and_no_more(get, name):
    shown = get(f"/collections/{name}").json()
    assert shown == next(each for each in get("/collections").json()["collections"] if each["id"] == name)
    (box,) = shown["extent"]["spatial"]["bbox"]
    corners = [
        corner
        for feature in LAYERS[name]
        if feature["geometry"]
        for corner in shapely.get_coordinates(shapely.from_geojson(json.dumps(feature["geometry"]))).tolist()
    ]
    xs, ys = zip(*corners, strict=True)
    assert box == [min(xs), min(ys), max(xs), max(ys)]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_add_up_to_the_layer(routed, get, name, limit):
    found, answer = [], get(f"/collections/{name}/items?limit={limit}")
    while True:
        content = answer.json()
        assert answer.headers["content-type"] == "application/geo+json"
        assert content["numberMatched"] == len(LAYERS[name])
        assert content["numberReturned"] == len(content["features"]) <= limit
        assert content["timeStamp"].endswith("Z")
        found += content["features"]
        following = [each["href"] for each in content["links"] if each["rel"] == "next"]
        if not following:
            break
        answer = routed.client.get(following[0])
    assert [{**each, "id": None} for each in found] == [{**each, "id": None} for each in LAYERS[name]]
    assert len({each["id"] for each in found}) == len(found)


@pytest.mark.parametrize("name", LAYERS)
def test_a_feature_is_found_by_its_id(get, name):
    for feature in get(f"/collections/{name}/items").json()["features"]:
        found = get(f"/collections/{name}/items/{quote(feature['id'], safe='')}").json()
        assert {**feature, "links": found["links"]} == found
    assert get(f"/collections/{name}/items/nobody").status_code == 404


def test_ids_stay_from_one_assessment_to_the_next(routed, get):
    routed.as_new_tenant()
    routed.park = _park(routed)
    assert get().status_code == 404
    first = _assessed(routed, routed.park, 1, "first")
    before = {name: _ids(get(f"/collections/{name}/items")) for name in LAYERS}
    tag = get("/collections/units/items").headers["etag"]
    assert get("/collections/units/items", headers={"If-None-Match": tag}).status_code == 304
    second = _assessed(routed, routed.park, 1, "second")
    assert first != second
    assert {name: _ids(get(f"/collections/{name}/items")) for name in LAYERS} == before
    assert get("/collections/units/items", headers={"If-None-Match": tag}).status_code == 200
    assert before["contours"] == ["1e-05", "3e-06", "1e-06", "3e-07", "1e-07"]


def test_a_box_gives_what_lies_in_it(get):
    chance = random.Random(3)
    places = {each["properties"]["unit_id"]: each["geometry"]["coordinates"] for each in LAYERS["units"]}
    hits = 0
    for _ in range(40):
        west, east = sorted(chance.uniform(121.99, 122.11) for _ in range(2))
        south, north = sorted(chance.uniform(29.99, 30.11) for _ in range(2))
        expected = [name for name, (x, y) in places.items() if west <= x <= east and south <= y <= north]
        assert _ids(get(f"/collections/units/items?bbox={west},{south},{east},{north}")) == expected
        hits += len(expected)
    assert hits > 40
    x, y = places["T-000"]
    assert _ids(get(f"/collections/units/items?bbox={x},{y},{x},{y}")) == ["T-000"]
    # Polygons that reach into a box with none of their corners, and features without a place.
    assert _ids(get("/collections/enterprises/items?bbox=122.005,30.005,122.006,30.006")) == ["e1"]
    assert _ids(get("/collections/enterprises/items?bbox=0,0,1,1")) == []


@pytest.mark.parametrize(
    "query",
    [
        *(
            "bbox=",
            "bbox=1,2,3",
            "bbox=1,2,3,4,5",
            "bbox=1,2,3,4,5,6",
            "bbox=a,b,c,d",
            "bbox=nan,0,1,1",
            "bbox=0,0,inf,1",
        ),
        *("bbox=10,0,-10,1", "bbox=0,1,1,0", "bbox=0;0;1;1", "bbox=1e999,0,1,1"),
        *("limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "limit=٣", "offset=-1", "offset=1e3", "offset="),
        *("datetime=yesterday", "datetime=", "datetime=/", "datetime=2026-13", "f=html", "f=", "foo=1", "Bbox=0,0,1,1"),
        *("limit=1&limit=2", "bbox-crs=EPSG:4326", "limit=99999999999999999999999"),
    ],
)
def test_bad_and_unknown_parameters_are_a_problem(get, query):
    answer = get(f"/collections/units/items?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "title_zh" in answer.json()


@pytest.mark.parametrize(
    "path", ["", "/conformance", "/api", "/collections", "/collections/units", "/collections/units/items/T-000"]
)
def test_unknown_parameters_are_a_problem_everywhere(get, path):
    assert get(f"{path}?foo=1").status_code == 400
    assert get(f"{path}?f=json").status_code == 200


def test_what_the_standard_asks_to_be_let_through(get):
    everything = _ids(get("/collections/units/items"))
    for query in ("limit=1000000", "datetime=2026-01-01", "datetime=../2026-01-01T00:00:00Z", "offset=0", "f=json"):
        assert _ids(get(f"/collections/units/items?{query}")) == everything
    assert _ids(get("/collections/units/items?offset=999999999999")) == []
    assert get("/collections/nothing").status_code == get("/collections/nothing/items").status_code == 404


@pytest.fixture(scope="module")
def live(routed):
    """Address of the service on a port of this machine; it answers those alone who send the key."""
    tenant = routed.tenant

    def known(request: Request):
        if request.headers.get("authorization") not in ("Bearer secret", "Basic a2V5OnNlY3JldA=="):
            raise Unauthenticated
        return Caller(tenant, "gdal", Role.READER, "k")

    routed.app.dependency_overrides[caller_of] = known
    server = uvicorn.Server(uvicorn.Config(routed.app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1/parks/{routed.park}/ogc"
    server.should_exit = True
    thread.join()


# GDAL keeps Python's lock while it waits for an answer, so it needs a process of its own.
GDAL = """
import json, sys, pyogrio.raw, shapely
address, box = sys.argv[1], json.loads(sys.argv[2])
found = {}
for name, _ in pyogrio.list_layers(address):
    meta, _, wkb, fields = pyogrio.raw.read(address, layer=name)
    columns = {key: values.tolist() for key, values in zip(meta["fields"], fields)}
    shapes = [None if each is None else json.loads(shapely.to_geojson(shapely.from_wkb(each))) for each in wkb]
    found[name] = {"crs": meta["crs"], "columns": columns, "shapes": shapes}
found["boxed"] = len(pyogrio.raw.read(address, layer="units", bbox=tuple(box))[2])
print(json.dumps(found))
"""


def _gdal(live, box=(0, 0, 1, 1), **settings):
    command = [sys.executable, "-c", GDAL, f"OAPIF:{live}", json.dumps(box)]
    return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60)


def test_gdal_reads_what_the_assessment_wrote(live):
    x, y = LAYERS["units"][0]["geometry"]["coordinates"]
    box = (x - 1e-9, y - 1e-9, x + 1e-9, y + 1e-9)
    done = _gdal(live, box, GDAL_HTTP_AUTH="BEARER", GDAL_HTTP_BEARER="secret")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("boxed") == 1
    assert set(found) == set(LAYERS)
    for name, features in LAYERS.items():
        assert found[name]["crs"] in ("OGC:CRS84", "EPSG:4326")
        for column in features[0]["properties"]:
            values = [None if value != value else value for value in found[name]["columns"][column]]
            assert values == [feature["properties"][column] for feature in features]
        for shape, feature in zip(found[name]["shapes"], features, strict=True):
            assert shape == feature["geometry"]


def test_gdal_logs_in_with_the_key_as_password(live):
    assert set(json.loads(_gdal(live, GDAL_HTTP_AUTH="BASIC", GDAL_HTTP_USERPWD="key:secret").stdout)) > set(LAYERS)
    assert "401" in _gdal(live).stderr
