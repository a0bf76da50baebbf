"""Questions and answers over HTTP: those of the Python face, once for the same question, each asking in the audit."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from parkrisk.api.service.processes import MEDIA_TYPES
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.entry.gate import gate
from parkrisk.scenarios import read_project
from parkrisk.scenarios.reading.sources import document as folder_document
from tests import minimal_park
from tests.api.service.near import NearEngines, service
from tests.minimal_park import PROJECTS, document

ASSESSMENTS, DECISIONS = "/v1/assessments", "/v1/gate-decisions"


@pytest.fixture(scope="module")
def engines():
    return NearEngines()


@pytest.fixture
def call(tmp_path, engines):
    engines.tasks.clear()
    engines.before = lambda *_: None
    with service(tmp_path, engines) as client:
        yield client


def asked_project(name="diesel-tank", **more):
    return {"park": document(), "project": folder_document(PROJECTS / name, "project"), "search": False, **more}


def lines(call):
    found = call("GET", "/v1/audit?limit=1000")
    assert found.status_code == 200, found.text
    return [
        json.loads(each["entry"]) if isinstance(each["entry"], str) else each["entry"] for each in found.json()["items"]
    ][::-1]


def problem(answer, status, code=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content = answer.json()
    assert code in (None, content["code"])
    return content


def test_an_assessment_is_that_of_the_python_face_and_computed_once(call, engines):
    first = call("POST", ASSESSMENTS, json={"park": document()})
    content = first.json()
    name = content.pop("id")
    assert content == minimal_park.assessment().to_dict()
    again = call("POST", ASSESSMENTS, json={"seed": 0, "rules": "cn-2026", "park": document()})
    assert again.content == first.content
    assert engines.tasks.count("assess") == 1
    digest = content["provenance"]["result_digest"]
    assert [(each["process"], each["id"], each["outcome"]["result_digest"]) for each in lines(call)] == [
        ("assessment", name, digest),
        ("assessment", name, digest),
    ]
    assert lines(call)[0]["who"] == "admin one"
    assert lines(call)[1]["outcome"]["stored"] is True


def test_another_tenant_computes_its_own_and_sees_no_other(call, engines):
    mine = call("POST", ASSESSMENTS, json={"park": document()}).json()["id"]
    for path in ("", "/result", "/tables", "/tables/targets", "/contours", "/layers/enterprises", "/reports"):
        problem(call("GET", f"{ASSESSMENTS}/{mine}{path}", tenant="two"), 404)
    assert call("GET", ASSESSMENTS, tenant="two").json() == {"items": [], "next": None}
    assert call("POST", ASSESSMENTS, tenant="two", json={"park": document()}).json()["id"] != mine
    assert engines.tasks.count("assess") == 2


@pytest.mark.parametrize("name", ["diesel-tank", "no-evidence"])
def test_a_decision_is_that_of_the_python_face(call, name):
    answer = call("POST", DECISIONS, role="approver", json=asked_project(name, search=True))
    content = answer.json()
    added = {key: content.pop(key) for key in ("id", "standing", "audit")}
    expected = gate(minimal_park.park(), read_project(PROJECTS / name), before=minimal_park.assessment())
    assert content == expected.to_dict()
    assert added["standing"] == "decision"
    head = call("GET", "/v1/audit/head").json()
    assert added["audit"] == {"sequence": head["sequence"], "head": head["hash"]}


def test_a_trial_is_no_decision_and_a_decision_takes_its_outcome_over(call, engines):
    trial = call("POST", DECISIONS, role="officer", json=asked_project()).json()
    decided = call("POST", DECISIONS, role="approver", json=asked_project()).json()
    assert (trial["standing"], decided["standing"]) == ("trial", "decision")
    assert trial["id"] != decided["id"]
    assert trial["provenance"] == decided["provenance"]
    assert engines.tasks.count("gate") == 1
    assert [each["outcome"]["verdict"] for each in lines(call)] == [trial["verdict"]] * 2
    kept = call("GET", f"{DECISIONS}/{decided['id']}/result").json()
    assert kept["verdict"] == decided["verdict"]
    problem(call("POST", DECISIONS, role="reader", json=asked_project()), 403)


def test_trial_and_decision_are_both_told_as_what_they_are(call, monkeypatch):
    told = []
    for module in ("owners", "processes"):
        monkeypatch.setattr(
            f"parkrisk.api.service.{module}.tell_concluded",
            lambda _connection, _tenant, process, name, said: told.append((process, name, said["standing"])),
        )
    trial = call("POST", DECISIONS, role="officer", json=asked_project()).json()["id"]
    decided = call("POST", DECISIONS, role="approver", json=asked_project()).json()["id"]
    for role in ("officer", "approver"):
        call("POST", DECISIONS, role=role, json=asked_project())
    assert told == [("gate-decision", trial, "trial"), ("gate-decision", decided, "decision")]


def test_callers_at_the_same_moment_share_one_computation(call, engines):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: call("POST", DECISIONS, json=asked_project()), range(8)))
    assert {each.status_code for each in answers} == {200}
    assert len({each.json()["id"] for each in answers}) == 1
    assert len({each.json()["audit"]["sequence"] for each in answers}) == 8
    assert engines.tasks.count("gate") == 1


def test_a_failed_gate_has_no_verdict(call, engines):
    answer = call("POST", DECISIONS, json={"park": document(), "project": {"project": {}, "units": [{}]}})
    assert len(problem(answer, 422, "park.invalid_input")["problems"]) > 3

    def fails(task, _arguments):
        if task == "gate":
            raise OutOfRange("超出范围", "out of range")

    engines.before = fails
    problem(call("POST", DECISIONS, json=asked_project()), 422, "models.out_of_range")
    assert lines(call)[-1]["outcome"] == {"failed": "models.out_of_range"}
    assert call("GET", DECISIONS).json()["items"] == []


def test_a_key_repeats_its_answer(call, engines):
    headers = {"Idempotency-Key": "k1"}
    first = call("POST", DECISIONS, json=asked_project(), headers=headers)
    count = len(lines(call))
    again = call("POST", DECISIONS, json=asked_project(), headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(lines(call)) == count
    other = call("POST", DECISIONS, json=asked_project() | {"seed": 1}, headers=headers)
    problem(other, 422, "store.idempotency_key_reused")
    assert engines.tasks.count("gate") == 1
    assert call("POST", DECISIONS, tenant="two", json=asked_project("no-evidence"), headers=headers).status_code == 200


def test_a_key_in_use_is_a_conflict_and_free_after_a_failure(call, engines):
    seen = []

    def meanwhile(task, _arguments):
        if task == "assess" and not seen:
            seen.append(call("POST", ASSESSMENTS, json={"park": document()}, headers={"Idempotency-Key": "k"}))
            raise OutOfRange("超出范围", "out of range")

    engines.before = meanwhile
    headers = {"Idempotency-Key": "k"}
    problem(call("POST", ASSESSMENTS, json={"park": document()}, headers=headers), 422)
    problem(seen[0], 409, "http.idempotency_key_in_progress")
    assert call("POST", ASSESSMENTS, json={"park": document()}, headers=headers).status_code == 200


def test_what_if_is_compared_and_its_files_are_kept(call):
    body = {"park": document(), "scenario": {"name": "gone", "remove": ["T-102"]}}
    answer = call("POST", "/v1/whatifs", json=body)
    assert answer.status_code == 200, answer.text
    figures = {each["figure"]: each for each in answer.json()["figures"]}
    assert figures["pll"]["before"] == minimal_park.assessment().pll
    run = call("GET", f"/v1/runs/{answer.json()['id']}").json()
    assert "contours_after.geojson" in {each["name"] for each in run["files"]}
    kept = call("GET", f"/v1/runs/{run['id']}/files/contours_after.geojson")
    assert kept.headers["content-type"] == "application/geo+json"
    assert call("GET", f"/v1/runs/{run['id']}/result").content == answer.content


def test_a_park_beyond_the_limits_is_refused_with_figure_and_limit(tmp_path, engines):
    with service(tmp_path, engines, engine_memory_mb=512) as call:
        found = problem(call("POST", ASSESSMENTS, json={"park": document()}), 422, "http.beyond_limits")
    assert "512 MiB" in found["title"]
    assert "units" in found["title"]


def test_asynchronous_asking_accepts_a_job_and_answers_once(tmp_path, engines):
    with service(tmp_path, engines, worker=True) as call:
        accepted = call("POST", ASSESSMENTS, json={"park": document()}, headers={"Prefer": "respond-async"})
        assert accepted.status_code == 202
        info = accepted.json()
        assert (info["processID"], info["type"]) == ("assessment", "process")
        assert accepted.headers["location"] == f"/v1/jobs/{info['jobID']}"
        waited = call("POST", ASSESSMENTS, json={"park": document()}, headers={"Prefer": "wait=30"})
        assert waited.status_code == 200
        content = waited.json()
        assert content.pop("id") == info["owner_id"]
        assert content == minimal_park.assessment().to_dict()
        job = call("GET", accepted.headers["location"]).json()
        assert (job["status"], job["progress"]) == ("successful", 100)
        seen = call("GET", f"/v1/jobs/{info['jobID']}/results")
        assert (seen.status_code, seen.headers["location"]) == (303, f"/v1/assessments/{info['owner_id']}/result")
        problem(call("DELETE", f"/v1/jobs/{info['jobID']}"), 409)
        problem(call("POST", f"/v1/jobs/{info['jobID']}/retry"), 409)
        problem(call("GET", f"/v1/jobs/{info['jobID']}", tenant="two"), 404)
        report = call(
            "POST",
            f"/v1/assessments/{info['owner_id']}/reports",
            json={"formats": ["xlsx"]},
            headers={"Prefer": "wait=30"},
        )
        assert report.status_code == 200, report.text
        files = call("GET", f"/v1/assessments/{info['owner_id']}/reports").json()["items"]
        assert [(each["name"], each["media_type"]) for each in files] == [("zh/tables.xlsx", MEDIA_TYPES[".xlsx"])]
        assert call("GET", f"/v1/assessments/{info['owner_id']}/reports/zh/tables.xlsx").content[:2] == b"PK"


def test_an_accepted_job_can_be_dismissed_and_tried_again(call):
    accepted = call("POST", ASSESSMENTS, json={"park": document()}, headers={"Prefer": "respond-async"}).json()
    same = call("POST", ASSESSMENTS, json={"park": document()}, headers={"Prefer": "respond-async"}).json()
    assert same["jobID"] == accepted["jobID"]
    path = f"/v1/jobs/{accepted['jobID']}"
    assert call("DELETE", path).json()["status"] == "dismissed"
    assert call("GET", f"{ASSESSMENTS}/{accepted['owner_id']}").json()["status"] == "dismissed"
    problem(call("GET", f"{path}/results"), 409)
    problem(call("DELETE", path), 409)
    problem(call("GET", f"{ASSESSMENTS}/{accepted['owner_id']}/result"), 404)
    assert call("POST", f"{path}/retry").json()["status"] == "accepted"
