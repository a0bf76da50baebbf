"""Stored results read back: every format by another library, pages, validators, and a problem for each bad request."""

import csv
import io
import json

import pyarrow.parquet as pq
import pytest
import shapely

from parkrisk.risk.files import write_table
from tests import minimal_park
from tests.api.service.near import NearEngines, service
from tests.minimal_park import document

ASSESSMENTS, DECISIONS = "/v1/assessments", "/v1/gate-decisions"


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    with service(tmp_path_factory.mktemp("store"), NearEngines()) as client:
        yield client


@pytest.fixture(scope="module")
def path(call):
    return f"{ASSESSMENTS}/{call('POST', ASSESSMENTS, json={'park': document()}).json()['id']}"


def test_every_table_is_listed_with_labels_and_equals_that_of_the_python_face(call, path, tmp_path):
    expected = minimal_park.assessment().tables()
    listed = {each["name"]: each for each in call("GET", f"{path}/tables").json()["items"]}
    assert set(listed) == set(expected)
    for name, table in expected.items():
        assert [each["name"] for each in listed[name]["columns"]] == list(table.columns)
        assert listed[name]["rows"] == len(table)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in listed[name]["label_zh"])
        parquet = call("GET", f"{path}/tables/{name}?format=parquet")
        read = pq.read_table(io.BytesIO(parquet.content))
        assert (read.num_rows, read.column_names) == (len(table), list(table.columns))
        written = write_table(tmp_path / "table.csv", table).read_bytes().decode("utf-8-sig")
        answer = call("GET", f"{path}/tables/{name}?format=csv")
        assert answer.headers["content-type"].startswith("text/csv")
        assert f"{name}.csv" in answer.headers["content-disposition"]
        rows, same = (list(csv.reader(io.StringIO(text))) for text in (answer.content.decode("utf-8-sig"), written))
        assert rows == same
    targets = call("GET", f"{path}/tables/targets").json()
    assert {each["name"]: each["unit"] for each in targets["schema"]["columns"]}["x"] == "m"
    assert [each["individual_risk"] for each in targets["items"]] == expected["targets"]["individual_risk"].tolist()


def test_parts_of_a_result(call, path):
    whole = call("GET", f"{path}/result").json()
    some = call("GET", f"{path}/result?only=targets,grade,pll")
    assert some.json() == {name: whole[name] for name in ("id", "grade", "targets", "pll")}
    again = call("GET", f"{path}/result?only=pll", headers={"If-None-Match": some.headers["etag"]})
    assert again.json() == {"id": whole["id"], "pll": whole["pll"]}


def test_pages_follow_each_other(call, path):
    whole = call("GET", f"{path}/tables/fn?limit=1000").json()["items"]
    assert len(whole) == len(minimal_park.assessment().fn)
    seen, address = [], f"{path}/tables/fn?limit=100"
    while address:
        answer = call("GET", address)
        seen += answer.json()["items"]
        following = answer.json()["next"]
        assert (following is None) == ("link" not in answer.headers)
        address = following and f"{path}/tables/fn?limit=100&cursor={following}"
        assert address is None or f"cursor={following}" in answer.headers["link"]
    assert seen == whole


def test_places_are_shapes(call, path):
    for address in ("tables/enterprises?format=geojson", "layers/hazard_units", "contours"):
        answer = call("GET", f"{path}/{address}")
        assert answer.headers["content-type"] == "application/geo+json"
        shapes = [shapely.geometry.shape(each["geometry"]) for each in answer.json()["features"] if each["geometry"]]
        assert shapes
        assert all(shape.is_valid and -180.0 <= shape.centroid.x <= 180.0 for shape in shapes)
    assert answer.json()["features"][0]["properties"]["individual_risk_per_year"] == 1e-4


def test_what_has_not_changed_is_not_sent_again(call, path):
    addresses = ["", "/result", "/tables", "/tables/fn", "/tables/fn?format=csv", "/contours", "/layers/facility"]
    tags = set()
    for address in addresses:
        first = call("GET", path + address)
        tag = first.headers["etag"]
        tags.add(tag)
        for known in (tag, f'"other", W/{tag}', "*"):
            again = call("GET", path + address, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert call("GET", path + address, headers={"If-None-Match": '"other"'}).content == first.content
    assert len(tags) == len(addresses)


def test_risk_at_a_place_is_that_of_the_target_there(call, path):
    target = call("GET", f"{path}/tables/targets").json()["items"][0]
    answer = call("GET", f"{path}/risk-at?x={target['risk_x']}&y={target['risk_y']}")
    assert answer.json()["places"][0]["individual_risk"] == target["individual_risk"]


@pytest.mark.parametrize(
    ("method", "address", "body", "status"),
    [
        ("GET", "{}/tables/nothing", None, 404),
        ("GET", "{}/tables/..%2Fresult", None, 404),
        ("GET", "{}/tables/fn?format=xml", None, 422),
        ("GET", "{}/tables/fn?format=geojson", None, 422),
        ("GET", "{}/result?only=nothing", None, 422),
        ("GET", "{}/result?only=pll,", None, 422),
        ("GET", "{}/tables/fn?limit=0", None, 422),
        ("GET", "{}/tables/fn?cursor=99999", None, 422),
        ("GET", "{}/tables/fn?cursor=-1", None, 422),
        ("GET", "{}/layers/nothing", None, 422),
        ("GET", "{}/contours?level=-1", None, 422),
        ("GET", "{}/contours?level=nan", None, 422),
        ("GET", "{}/risk-at?x=1", None, 422),
        ("GET", "{}/risk-at?x=1&y=inf", None, 422),
        ("GET", "{}/risk-at?x=1&y=2&lon=3&lat=4", None, 422),
        ("GET", "{}/trace?table=fn", None, 422),
        ("GET", "{}/cascade", None, 422),
        ("GET", "{}/reports/zh/report.pdf", None, 404),
        ("GET", "{}/figures/map.svg", None, 404),
        ("POST", "{}/reports", {"formats": ["exe"]}, 422),
        ("POST", "{}/reports", {"formats": []}, 422),
        ("GET", "/v1/assessments/nothing", None, 404),
        ("GET", "/v1/assessments?cursor=x", None, 422),
        ("GET", "/v1/gate-decisions/nothing", None, 404),
        ("GET", "/v1/gate-decisions/nothing/reports", None, 404),
        ("POST", "/v1/gate-decisions/nothing/reports", {}, 404),
        ("GET", "/v1/runs/nothing", None, 404),
        ("GET", "/v1/runs/nothing/files/a", None, 404),
        ("GET", "/v1/jobs/nothing", None, 404),
        ("DELETE", "/v1/jobs/nothing", None, 404),
        ("POST", "/v1/jobs/nothing/retry", None, 404),
        ("GET", "/v1/jobs?status=lost", None, 422),
        ("POST", "/v1/assessments", {"park": {"park_id": "nothing"}}, 404),
        ("POST", "/v1/assessments", {"park": {"park_id": "nothing", "version": 0}}, 422),
        ("POST", "/v1/assessments", {"park": {"park_id": "\x00"}}, 422),
        ("POST", "/v1/gate-decisions", {"park": {}, "project": {"project_id": "nothing"}}, 422),
        ("POST", "/v1/whatifs", {"park": {}, "scenario": []}, 422),
        ("POST", "/v1/cascades", {"park": {}, "units": []}, 422),
        ("POST", "/v1/sitings", {"park": {}, "project": {}, "cells": 0}, 422),
    ],
)
def test_a_bad_request_is_a_problem(call, path, method, address, body, status):
    answer = call(method, address.format(path), json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = json.loads(answer.content)
    assert found["status"] == status
    assert found["title"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in found["title_zh"])
