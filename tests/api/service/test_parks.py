"""Parks, versions and projects over HTTP: nothing faulty is kept, nothing kept is changed, nothing is foreign."""

import copy
import json

import pytest

from parkrisk.api.service.store import audit
from parkrisk.scenarios import park_from_json, problems, read
from parkrisk.scenarios.reading.sources import document
from parkrisk.scenarios.writing.convert import convert
from tests.api.service.hostile_files import HOSTILE, LIARS, zipped
from tests.api.service.routed import Routed
from tests.minimal_park import FOLDER


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A service."""
    found = Routed(tmp_path_factory.mktemp("store"))
    yield found
    found.store.close()


@pytest.fixture
def routed(running):
    """The service, asked by a tenant that has nothing."""
    running.as_new_tenant()
    return running


@pytest.fixture(scope="module")
def park():
    """The smallest park as a document."""
    return document(FOLDER)


def _lines(routed):
    with routed.store.reading() as connection:
        assert audit.verify(connection, routed.tenant).broken is None
        return [json.loads(line.entry) for line in audit.list_audit(connection, routed.tenant).items]


def _kept(routed):
    return routed.client.get("/v1/parks").json()["items"]


def test_a_park_is_kept_as_it_was_sent(routed, park):
    made = routed.client.post("/v1/parks", json=park)
    assert made.status_code == 201
    about = made.json()
    assert (about["version"], about["name"], about["digest"]) == (1, park["park"]["name"], read(FOLDER).digest())
    assert {each["severity"] for each in about["problems"]} <= {"warning", "note"}
    base = made.headers["location"]
    kept = routed.client.get(f"{base}/document").json()
    assert park_from_json(kept).digest() == read(FOLDER).digest()
    assert routed.client.get(f"{base}/problems").json()["problems"] == about["problems"]
    assert about["problem_count"] == len(about["problems"]) == len(problems(FOLDER))
    assert routed.client.get(base).json()["digest"] == about["digest"]
    (line,) = _lines(routed)
    assert (line["process"], line["id"], line["outcome"]["digest"]) == ("park", about["id"], about["digest"])


@pytest.mark.parametrize("suffix", ["xlsx", "gpkg", "zip", "example"])
def test_every_form_gives_the_same_park(routed, park, suffix, tmp_path):
    digest = routed.client.post("/v1/parks", json=park).json()["digest"]
    if suffix == "example":
        answer = routed.client.post("/v1/parks", json={"example": "minimal"})
    else:
        file = tmp_path / f"park.{suffix}"
        if suffix == "zip":
            file.write_bytes(zipped())
        else:
            convert(FOLDER, file)
        answer = routed.client.post("/v1/parks", files={"file": (file.name, file.read_bytes())})
        assert answer.json()["source_name"] == file.name
    assert answer.status_code == 201
    found = park_from_json(routed.client.get(f"{answer.headers['location']}/document").json())
    assert found.digest() == answer.json()["digest"]
    if suffix in ("zip", "example"):  # a workbook says the CRS of the boundary where a folder leaves it out
        assert answer.json()["digest"] == digest


def test_faults_come_all_at_once_with_their_places_and_nothing_is_kept(routed, park):
    spoilt = copy.deepcopy(park)
    spoilt["units"][0]["kind"] = "spaceship"
    spoilt["units"][1]["x"] = float("nan")
    spoilt["weather"][0]["share"] = -5
    answer = routed.client.post("/v1/parks", content=json.dumps(spoilt), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    expected = [dict(vars(each)) for each in problems(spoilt)]
    assert answer.json()["problems"] == expected
    places = {(each["table"], each["row"], each["column"]) for each in expected if each["severity"] == "error"}
    assert {("units", 1, "kind"), ("units", 2, "x")} <= places
    assert _kept(routed) == _lines(routed) == []
    listed = routed.client.post(
        "/v1/problems", content=json.dumps(spoilt), headers={"Content-Type": "application/json"}
    )
    assert (listed.status_code, listed.json()["problems"]) == (200, expected)


# Of the names, browsers and the reader of forms let only these through as they are.
_NAMES = ("path in the name", "long name")
_FILES = [what for what, (_, _, code) in HOSTILE.items() if code != "upload_name" or what in _NAMES]


@pytest.mark.parametrize("what", [*_FILES, *LIARS])
def test_hostile_files_are_a_problem_and_reach_no_reader(routed, what):
    name, make, code = {**HOSTILE, **LIARS}[what]
    answer = routed.client.post("/v1/parks", files={"file": (name, make())})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert routed.service.engines.asked == ([] if what in HOSTILE else ["check"])
    assert [each["code"] for each in answer.json()["problems"]] == [code]
    assert _kept(routed) == []
    assert "/tmp" not in answer.text
    assert "Traceback" not in answer.text


def test_no_path_of_the_machine_is_told(routed):
    broken = zipped({"park.toml": b"[park\n", "layers.toml": b"x", "plan.gpkg": b"SQLite format 3\0broken"})
    answer = routed.client.post("/v1/parks", files={"file": ("park.zip", broken)})
    assert answer.status_code == 422
    assert "/tmp" not in answer.text
    assert "parkrisk-" not in answer.text


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"\\ud800"', "application/json", 400),
        (b'{"park": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"x", "text/plain", 415),
        (b"x", "multipart/form-data", 400),
        (
            b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--',
            "multipart/form-data; boundary=b",
            400,
        ),
        (b'{"example": "../../etc"}', "application/json", 404),
        (b'{"example": 7}', "application/json", 404),
        (b"{}", "application/json", 422),
        (b'{"park": 7}', "application/json", 422),
    ],
)
@pytest.mark.parametrize("route", ["/v1/parks", "/v1/projects", "/v1/problems"])
def test_bad_bodies_are_problems(routed, route, content, media_type, status):
    answer = routed.client.post(route, content=content, headers={"Content-Type": media_type})
    if route == "/v1/problems" and status == 422:
        status = 200
        assert any(each["severity"] == "error" for each in answer.json()["problems"])
    else:
        assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == status


def test_versions_are_added_never_changed(routed, park):
    first = routed.client.post("/v1/parks", json=park)
    base = f"/v1/parks/{first.json()['id']}"
    same = routed.client.post(f"{base}/versions", json=park)
    assert (same.status_code, same.json()["version"]) == (200, 1)
    changed = copy.deepcopy(park)
    changed["units"][0]["x"] += 1.0
    second = routed.client.post(f"{base}/versions", json=changed, headers={"If-Match": first.headers["etag"]})
    assert (second.status_code, second.json()["version"]) == (201, 2)
    late = routed.client.post(f"{base}/versions", json=park, headers={"If-Match": first.headers["etag"]})
    assert (late.status_code, late.headers["content-type"]) == (412, "application/problem+json")
    back = routed.client.post(f"{base}/versions", json=park, headers={"If-Match": second.headers["etag"]})
    assert (back.status_code, back.json()["version"], back.json()["digest"]) == (201, 3, first.json()["digest"])
    xs = [routed.client.get(f"{base}/versions/{n}/document").json()["units"][0]["x"] for n in (1, 2, 3)]
    assert xs == [park["units"][0]["x"], changed["units"][0]["x"], park["units"][0]["x"]]
    assert [each["version"] for each in routed.client.get(f"{base}/versions").json()["items"]] == [3, 2, 1]
    got = routed.client.get(base)
    assert (got.headers["etag"], got.json()["latest"]["version"]) == (back.headers["etag"], 3)
    assert [line["outcome"]["version"] for line in _lines(routed)] == [3, 2, 1]


def test_a_version_that_slips_in_during_the_check_is_not_overwritten(routed, park):
    first = routed.client.post("/v1/parks", json=park)
    base = f"/v1/parks/{first.json()['id']}/versions"
    mine, theirs = copy.deepcopy(park), copy.deepcopy(park)
    mine["units"][0]["x"] += 1.0
    theirs["units"][0]["x"] += 2.0
    run = routed.service.engines.run

    def slow(task, arguments, **limits):
        routed.service.engines.run = run
        assert routed.client.post(base, json=theirs).status_code == 201
        return run(task, arguments, **limits)

    routed.service.engines.run = slow
    answer = routed.client.post(base, json=mine, headers={"If-Match": first.headers["etag"]})
    assert answer.status_code == 412
    assert len(routed.client.get(base).json()["items"]) == 2


def test_unchanged_content_is_not_sent_again(routed, park):
    base = routed.client.post("/v1/parks", json=park).headers["location"]
    for place in (base.rsplit("/versions")[0], base, f"{base}/document", f"{base}/problems"):
        tag = routed.client.get(place).headers["etag"]
        again = routed.client.get(place, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_the_same_key_keeps_one_park(routed, park):
    headers = {"Idempotency-Key": "k-1"}
    answers = [routed.client.post("/v1/parks", json=park, headers=headers) for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    assert len(_kept(routed)) == len(_lines(routed)) == 1
    other = routed.client.post("/v1/parks", json={"example": "minimal"}, headers=headers)
    assert (other.status_code, len(_kept(routed))) == (422, 1)


def test_lists_go_page_by_page(routed, park):
    made = [routed.client.post("/v1/parks", json=park).json()["id"] for _ in range(5)]
    found, place = [], "/v1/parks?limit=2"
    while place:
        answer = routed.client.get(place)
        assert answer.status_code == 200, answer.text
        found += [each["id"] for each in answer.json()["items"]]
        place = answer.links["next"]["url"] if answer.json()["next"] else None
    assert found == made[::-1]
    assert routed.client.get("/v1/parks?cursor=forged").status_code == 422
    assert routed.client.get("/v1/parks?limit=0").status_code == 422


def test_a_project_is_kept_as_it_was_sent(routed):
    folder = FOLDER / "projects" / "diesel-tank"
    made = routed.client.post("/v1/projects", json={"example": "minimal/diesel-tank"})
    assert made.status_code == 201
    base = made.headers["location"]
    assert routed.client.get(f"{base}/document").json() == document(folder, "project")
    assert routed.client.get(base).json()["digest"] == made.json()["digest"]
    assert [each["id"] for each in routed.client.get("/v1/projects").json()["items"]] == [made.json()["id"]]
    assert [line["process"] for line in _lines(routed)] == ["project"]
    as_park = routed.client.post("/v1/projects", json={"example": "minimal"})
    assert as_park.status_code == 404


def test_nothing_is_seen_of_another_tenant(routed, park):
    made = routed.client.post("/v1/parks", json=park)
    project = routed.client.post("/v1/projects", json={"example": "minimal/diesel-tank"})
    base, of_park = made.headers["location"], made.headers["location"].rsplit("/versions")[0]
    of_project = project.headers["location"]
    routed.as_new_tenant()
    places = [of_park, f"{of_park}/versions", base, f"{base}/document", f"{base}/problems", f"{base}/map"]
    for place in [*places, of_project, f"{of_project}/document", f"{of_park}/ogc", f"{of_park}/ogc/collections"]:
        assert routed.client.get(place).status_code == 404, place
    assert routed.client.post(f"{of_park}/versions", json=park).status_code == 404
    assert _kept(routed) == _lines(routed) == []
