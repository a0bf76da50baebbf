"""The HTTP interface: the same answers as the command, and for every bad request a problem, never a fault."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.models.errors import InputProblems, MissingProperty, OutOfRange, ParkRiskError, Problem
from parkrisk.scenarios import problems
from parkrisk.scenarios.reading.sources import document as folder_document
from tests.api.service.near import NearEngines, service
from tests.minimal_park import PROJECTS, document, row

ASSESSMENTS, DECISIONS = "/v1/assessments", "/v1/gate-decisions"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def engines():
    return NearEngines()


@pytest.fixture(scope="module")
def call(tmp_path_factory, engines):
    """Ask the service without a network: method, path, httpx arguments."""
    with service(tmp_path_factory.mktemp("store"), engines) as client:
        yield client


def refuse(text):
    raise AssertionError(f"{text} in JSON")


def strict(response):
    """Content as JSON in UTF-8 without NaN."""
    return json.loads(response.content.decode("utf-8"), parse_constant=refuse)


def problem(response, status):
    """Content of a problem answer (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = strict(response)
    assert set(found) >= {"type", "title", "title_zh", "status", "code"}
    assert found["status"] == status
    assert found["type"] == f"urn:parkrisk:problem:{found['code']}"
    assert found["title"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in found["title_zh"])
    return found


def test_a_bad_park_lists_every_problem(call):
    bad = document()
    row(bad["units"], unit_id="V-201")["substance"] = "74-98-7"
    row(bad["units"], unit_id="R-301")["pressure_kpa"] = "a lot"
    bad["targets"][0]["class"] = "general class 9"
    bad["weather"][0]["stability"] = "G"
    bad["unit"] = []
    del bad["park"]["date"], bad["enterprises"]
    found = problem(call("POST", ASSESSMENTS, json={"park": bad}), 422)
    assert found["code"] == "park.invalid_input"
    assert found["problems"] == [each.__dict__ for each in problems(bad, "park")]
    places = {(each["table"], each["column"]) for each in found["problems"]}
    assert places >= {
        ("units", "substance"),
        ("units", "pressure_kpa"),
        ("targets", "class"),
        ("weather", "stability"),
        ("unit", ""),
        ("park", "date"),
        ("enterprises", ""),
    }


def test_a_bad_project_lists_every_problem(call):
    answer = call("POST", DECISIONS, json={"park": document(), "project": {"project": {}, "units": [{}]}})
    found = problem(answer, 422)
    assert len(found["problems"]) > 3
    clash = folder_document(PROJECTS / "diesel-tank", "project")
    clash["units"][0]["enterprise_id"] = "nobody"
    problem(call("POST", DECISIONS, json={"park": document(), "project": clash}), 422)


SPOILT = {
    "nothing": b"",
    "half": b'{"park": {"park": {',
    "no JSON": b"park",
    "no text": b"\xff\xfe\x00",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no park": b"{}",
    "park is null": b'{"park": null}',
    "park is a list": b'{"park": []}',
    "park is NaN": b'{"park": NaN}',
    "empty park": b'{"park": {}}',
    "name is NaN": b'{"park": {"park": {"name": NaN}}}',
    "infinite": b'{"park": {"units": [{"x": 1e999, "y": -Infinity}]}}',
    "long number": b'{"park": {"units": [{"x": ' + b"9" * 6000 + b"}]}}",
    "half a pair": b'{"park": {"park": {"name": "\\ud800"}}}',
    "half a pair as table": b'{"park": {"\\udfff": []}}',
    "half a pair as key": b'{"\\ud800": 1, "park": {}}',
    "half a pair as rules": b'{"rules": "\\ud800", "park": {}}',
    "a zero character": b'{"park": {"park": {"name": "\\u0000"}}}',
    "table of tables": b'{"park": {"units": [[{}], {"unit_id": {"a": [1]}}, 1, null, "x"]}}',
    "deep": b"[" * 100_000,
    "deep and closed": b'{"park": {"park": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}}",
    "unknown field": b'{"park": {}, "sede": 1}',
    "seed below 0": b'{"park": {}, "seed": -1}',
    "seed too large": b'{"park": {}, "seed": 9223372036854775808}',
    "seed as text": b'{"park": {}, "seed": "1"}',
    "seed is true": b'{"park": {}, "seed": true}',
    "seed is NaN": b'{"park": {}, "seed": NaN}',
    "seed is a half": b'{"park": {}, "seed": 0.5}',
    "rules are a number": b'{"park": {}, "rules": 1}',
}


@pytest.mark.parametrize("path", [ASSESSMENTS, DECISIONS])
@pytest.mark.parametrize("body", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_body_is_a_problem(call, path, body):
    answer = call("POST", path, content=body, headers=JSON)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_half_a_pair_in_a_sound_park(call):
    for place, name in ((lambda park: park["park"], "name"), (lambda park: park["units"][0], "unit_id")):
        bad = document()
        place(bad)[name] = "\ud800"
        body = json.dumps({"park": bad}).encode()
        assert problem(call("POST", ASSESSMENTS, content=body, headers=JSON), 400)["code"] == "http.not_json"


def test_where_a_request_is_wrong(call):
    found = problem(call("POST", DECISIONS, json={"park": {}, "seed": -1, "more": 0}), 422)
    assert found["code"] == "http.invalid_request"
    assert {error["where"] for error in found["errors"]} == {"body.seed", "body.project", "body.more"}


def test_rules_are_known_by_name_only(call, tmp_path):
    """No caller may have a file of the server read."""
    secret = tmp_path / "secret.toml"
    secret.write_text('[password]\nvalue = "swordfish"\n', encoding="utf-8")
    for name in ("no-such-rules", str(secret), "../../pyproject.toml", ""):
        by_request = document()
        in_park = document()
        in_park["park"]["rulebook"] = name
        for body in ({"park": by_request, "rules": name}, {"park": in_park}):
            answer = call("POST", ASSESSMENTS, json=body)
            if name == "":
                assert answer.status_code == 200  # nothing said: the default
                continue
            found = problem(answer, 422)
            assert found["code"] == "rules.invalid"
            assert "password" not in answer.text
            assert "cn-2026" in found["title"]


def test_a_boundary_by_name_is_refused(call):
    bad = document()
    bad["park"]["boundary"] = "/etc/passwd"
    found = problem(call("POST", ASSESSMENTS, json={"park": bad}), 422)
    assert [each["code"] for each in found["problems"]] == ["boundary_unreadable"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputProblems([Problem("units", 1, "x", "code", "found\ud800", "中", "E")]), 422),
        (OutOfRange("超出范围", "out of range"), 422),
        (MissingProperty("缺少物性", "no density"), 422),
        (ParkRiskError("错误", "fault"), 500),
    ],
)
def test_every_error_has_its_status(call, engines, error, status):
    def fails(*_arguments, **_more):
        raise error

    engines.before = fails
    try:
        found = problem(call("POST", ASSESSMENTS, json={"park": {}}), status)
    finally:
        engines.before = lambda *_: None
    assert found["code"] == error.code


cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just({}) | st.just([1])


@pytest.mark.slow
@hypothesis_settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_cell_of_any_table_may_hold_anything(call, data):
    """Whatever stands in one cell, the answer is an assessment or a problem."""
    bad = document()
    name = data.draw(st.sampled_from(sorted(bad)))
    line = bad[name] if name == "park" else data.draw(st.sampled_from(bad[name]))
    column = data.draw(st.sampled_from(sorted(line)))
    line[column] = data.draw(cells)
    answer = call("POST", ASSESSMENTS, content=json.dumps({"park": bad}).encode(), headers=JSON)
    if answer.status_code == 200:
        strict(answer)
    else:
        problem(answer, 422)
