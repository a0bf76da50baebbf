"""A stored park that was really assessed: its layers, readings and reports equal the Python face."""

import io
import json

import pandas as pd
import pyproj
import pytest

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.processes import MEDIA_TYPES, media_type
from parkrisk.risk.places import risk_at
from parkrisk.risk.result import plain
from parkrisk.risk.siting.siting import siting
from parkrisk.risk.uncertainty.uncertainty import uncertainty
from parkrisk.risk.whatif import whatif
from parkrisk.scenarios import change, read_project
from parkrisk.scenarios.reading.sources import document as folder_document
from tests import minimal_park
from tests.api.service.near import NearEngines, service
from tests.minimal_park import PROJECTS, document

pytestmark = pytest.mark.slow

ASSESSMENTS = "/v1/assessments"
REASK = {"Prefer": "wait=60"}


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    with service(tmp_path_factory.mktemp("store"), NearEngines(), worker=True, wait_seconds=60) as client:
        yield client


@pytest.fixture(scope="module")
def park(call):
    return call("POST", "/v1/parks", json={"example": "minimal"}).json()["id"]


@pytest.fixture(scope="module")
def path(call, park):
    return f"{ASSESSMENTS}/{call('POST', ASSESSMENTS, json={'park': {'park_id': park}}).json()['id']}"


@pytest.mark.parametrize(
    ("layer", "key", "table_of", "columns"),
    [
        ("units", "unit_id", lambda result: result.park.tables["units"], ("kind", "substance", "mass_t")),
        ("targets", "target_id", lambda result: result.targets, ("individual_risk", "persons")),
        ("enterprises", "enterprise_id", lambda result: result.tables()["enterprises"], ("colour", "score_low")),
    ],
)
def test_collections_hold_the_rows_of_the_tables(call, park, path, layer, key, table_of, columns):
    assert path
    rows = {str(each[key]): each for each in plain(table_of(minimal_park.assessment()))}
    features = call("GET", f"/v1/parks/{park}/ogc/collections/{layer}/items").json()["features"]
    assert {each["id"] for each in features} == set(rows)
    for feature in features:
        assert {name: feature["properties"][name] for name in columns} == {
            name: rows[feature["id"]][name] for name in columns
        }


def test_contours_have_the_areas_of_the_python_face(call, park, path):
    expected = {level for level, area in minimal_park.assessment().contours().items() if not area.is_empty}
    features = call("GET", f"/v1/parks/{park}/ogc/collections/contours/items").json()["features"]
    assert {each["id"] for each in features} == {f"{level:g}" for level in expected}
    other = call("GET", f"{path}/contours?level=2e-6&level=5e-7").json()["features"]
    for feature in [*features, *other]:
        level = feature["properties"]["individual_risk_per_year"]
        area = minimal_park.assessment().contours([level])[level].area
        assert feature["properties"]["area_m2"] == pytest.approx(area, abs=0.1)
    assert [each["properties"]["individual_risk_per_year"] for each in other] == [2e-6, 5e-7]


def test_readings_equal_those_of_the_python_face(call, path):
    result = minimal_park.assessment()
    x, y = result.targets[["x", "y"]].iloc[0]
    planar = call("GET", f"{path}/risk-at?x={x}&y={y}").json()
    assert planar == plain(risk_at(result, [(x, y)]).to_dict())
    lon, lat = pyproj.Transformer.from_crs(result.park.crs, "EPSG:4326", always_xy=True).transform(x, y)
    degrees = call("GET", f"{path}/risk-at?lon={lon}&lat={lat}").json()
    assert degrees["places"][0]["individual_risk"] == pytest.approx(planar["places"][0]["individual_risk"], rel=1e-6)
    traced = call("GET", f"{path}/trace?table=targets&key=village&column=individual_risk").json()
    assert traced == plain(result.trace("targets", "village", "individual_risk").to_dict())
    played = call("GET", f"{path}/cascade?unit=T-101").json()
    assert played.pop("edges")
    assert played == plain(result.domino.from_unit("T-101").to_dict())


def test_what_if_of_a_stored_park_equals_the_python_face(call, park):
    result, stored = minimal_park.assessment(), {"park": {"park_id": park}}
    asked = call("POST", "/v1/whatifs", json={**stored, "scenario": {"name": "n", "remove": ["T-101"]}}).json()
    assert asked.pop("id")
    assert asked == plain(whatif(result, change(result.park, remove=["T-101"]), "n").to_dict())


def test_siting_in_a_stored_park_equals_the_python_face(call, park):
    stored = {"park": {"park_id": park}}
    project = folder_document(PROJECTS / "diesel-tank", "project")
    sited = call("POST", "/v1/sitings", json={**stored, "project": project, "cells": 5}, headers=REASK).json()
    assert sited.pop("id")
    expected = siting(minimal_park.park(), read_project(PROJECTS / "diesel-tank"), cells=5)
    assert sited == plain(expected.to_dict())


def test_uncertainty_of_a_stored_park_equals_the_python_face(call, park):
    body = {"park": {"park_id": park}, "samples": 64, "inputs": ["weather", "failure_frequency"]}
    asked = call("POST", "/v1/uncertainties", json=body, headers=REASK).json()
    run = asked.pop("id")
    expected = uncertainty(minimal_park.park(), samples=64, inputs=["weather", "failure_frequency"])
    assert asked == plain(expected.to_dict())
    table = call("GET", f"/v1/runs/{run}/files/uncertainty_samples.parquet").content
    assert pd.read_parquet(io.BytesIO(table))["pll"].tolist() == expected.samples["pll"].tolist()
    for wrong in ({"samples": 100}, {"inputs": []}):
        assert call("POST", "/v1/uncertainties", json=body | wrong).status_code == 422
    unknown = call("POST", "/v1/uncertainties", json=body | {"inputs": ["moon"]})
    assert unknown.status_code == 422
    assert "moon" in unknown.text


def test_the_same_document_in_another_park_is_answered_for_that_park(call, park, path):
    inline = call("POST", ASSESSMENTS, json={"park": document()}).json()
    second = call("POST", "/v1/parks", json={"example": "minimal"}).json()["id"]
    answer = call("POST", ASSESSMENTS, json={"park": {"park_id": second}}).json()
    assert answer["provenance"]["result_digest"] == inline["provenance"]["result_digest"]
    (listed,) = call("GET", f"{ASSESSMENTS}?park_id={second}").json()["items"]
    assert (listed["id"], listed["park_id"], listed["version"]) == (answer["id"], second, 1)
    assert call("GET", f"/v1/parks/{second}/ogc").status_code == 200
    (first,) = call("GET", f"{ASSESSMENTS}?park_id={park}").json()["items"]
    assert path.endswith(first["id"])


def test_a_version_taken_back_is_the_latest_again(call):
    made = call("POST", "/v1/parks", json={"example": "minimal"}).json()["id"]
    fewer = document()
    fewer["units"] = [each for each in fewer["units"] if each["unit_id"] != "T-102"]
    units = []
    for content in (None, fewer, document()):
        if content is not None:
            assert call("POST", f"/v1/parks/{made}/versions", json=content).status_code == 201
        assert call("POST", ASSESSMENTS, json={"park": {"park_id": made}}).status_code == 200
        units.append(len(call("GET", f"/v1/parks/{made}/ogc/collections/units/items").json()["features"]))
    assert units == [units[1] + 1, units[1], units[1] + 1]


def test_reports_are_of_the_kinds_asked_for(call, path):
    for formats in (["svg"], ["xlsx", "gpkg"]):
        answer = call("POST", f"{path}/reports", json={"formats": formats, "lang": "en"}, headers=REASK)
        assert answer.status_code == 200, answer.text
        assert {name.rpartition(".")[2] for name in answer.json()["files"]} == set(formats)
    listed = call("GET", f"{path}/figures?lang=en").json()["items"]
    assert len(listed) > 10
    assert {each["media_type"] for each in listed} == {MEDIA_TYPES[".svg"]}
    for each in call("GET", f"{path}/reports").json()["items"]:
        found = call("GET", f"{path}/reports/{each['name']}")
        assert (found.headers["content-type"], len(found.content)) == (media_type(each["name"]), each["size"])
        assert each["name"].rpartition("/")[2] in found.headers["content-disposition"]
    assert call("GET", f"{path}/figures/{listed[0]['name']}?lang=en").content.startswith(b"<?xml")


def test_another_program_does_not_speak_of_a_stored_result(call, path, monkeypatch):
    """A program of today that computes otherwise neither reads out nor prints what another has stored."""
    inside = Desk.assessed
    expected = []

    def otherwise(desk, arguments):
        expected.append(arguments.get("result_digest"))
        found = arguments.get("result_digest")
        return inside(desk, {**arguments, "result_digest": found and found[::-1]})

    stored = call("GET", f"{path}/result").content
    monkeypatch.setattr(Desk, "assessed", otherwise)
    answer = call("GET", f"{path}/risk-at?x=1&y=2")
    assert (answer.status_code, answer.json()["code"]) == (409, "compute.result_changed")
    job = call("POST", f"{path}/reports", json={"formats": ["gpkg"], "lang": "zh"}, headers=REASK).json()
    assert job["status"] == "failed"
    assert set(expected) == {json.loads(stored)["provenance"]["result_digest"]}
    assert call("GET", f"{path}/result").content == stored


def test_changed_rules_are_another_question_and_the_decision_stays(call, park, monkeypatch):
    asked = {"park": {"park_id": park}, "project": folder_document(PROJECTS / "diesel-tank", "project")}
    first = call("POST", "/v1/gate-decisions", role="approver", json=asked).json()
    stored = call("GET", f"/v1/gate-decisions/{first['id']}/result").content
    for name, value in (("rules_digest", lambda _rules: "0" * 64), ("__version__", "99.0")):
        with monkeypatch.context() as patch:
            patch.setattr(f"parkrisk.api.service.questions.{name}", value)
            other = call("POST", "/v1/gate-decisions", role="approver", json=asked).json()
        assert other["id"] != first["id"]
    assert call("GET", f"/v1/gate-decisions/{first['id']}/result").content == stored
    assert call("POST", "/v1/gate-decisions", role="approver", json=asked).json()["id"] == first["id"]


def test_unknown_evidence_is_no_admission_and_the_audit_says_what_stood(call, park):
    asked = {"park": {"park_id": park}, "project": folder_document(PROJECTS / "no-evidence", "project")}
    headers = {"Idempotency-Key": "evidence"}
    trial = call("POST", "/v1/gate-decisions", role="officer", json=asked, headers=headers).json()
    refused = call("POST", "/v1/gate-decisions", role="approver", json=asked, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "store.idempotency_key_reused")
    decided = call("POST", "/v1/gate-decisions", role="approver", json=asked).json()
    assert trial["verdict"] == decided["verdict"] != "admit"
    entries = [each["entry"] for each in call("GET", "/v1/audit?limit=2").json()["items"]]
    assert [(each["id"], each["outcome"]["standing"], each["outcome"]["verdict"]) for each in entries] == [
        (decided["id"], "decision", decided["verdict"]),
        (trial["id"], "trial", trial["verdict"]),
    ]
