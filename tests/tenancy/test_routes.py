"""Every operation × every role × own things, those of another tenant, and keys that are none."""

import re

import pytest

from parkrisk.api.service.identity.roles import MATRIX, Role
from parkrisk.api.service.routes.pages import router as pages
from tests.api.service.near import service
from tests.minimal_park import document
from tests.tenancy.operations import OPEN, OPERATIONS, PAGES
from tests.tenancy.world import ONE, TWO, QuickEngines, names_things, past, world

pytestmark = pytest.mark.slow

NAMES = sorted(OPERATIONS)
OF_THINGS = [name for name in NAMES if names_things(name, OPERATIONS[name])]
LISTS = [name for name in NAMES if name.startswith("GET") and name not in OF_THINGS]
#: Of each answer its own, not of the thing.
_OF_THE_REQUEST = ("x-request-id", "ratelimit", "content-length", "date")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with world(tmp_path_factory.mktemp("tenancy")) as running:
        yield running


def told(answer):
    """Give an answer without what belongs to the request."""
    headers = {name: value for name, value in answer.headers.items() if name not in _OF_THE_REQUEST}
    return answer.status_code, headers, re.sub(r'"request_id": "[^"]*"', "", answer.text)


def refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_every_operation_stands_in_the_table(served):
    document = served.client("GET", "/openapi.json").json()
    listed = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    assert listed == OPERATIONS.keys() | OPEN
    assert {route.path for route in pages.routes} == PAGES


@pytest.mark.parametrize("name", NAMES)
def test_a_role_may_what_the_matrix_says(served, name):
    operation = OPERATIONS[name]
    for role in Role:
        ids = dict(served.ids)
        if operation.fresh:
            ids[operation.fresh] = served.fresh(operation.fresh)
        before = served.state()
        answer = served.call(name, operation, ids, role=role)
        if operation.permission in MATRIX[role]:
            assert answer.status_code == operation.status, f"{role}: {answer.text}"
        else:
            refused(answer, 403)
        if answer.status_code == 403 or name.startswith("GET"):
            assert served.state() == before, role


@pytest.mark.parametrize("name", OF_THINGS)
def test_a_thing_of_another_tenant_is_one_that_is_not_there(served, name):
    operation = OPERATIONS[name]
    before = served.state()
    for role in Role:
        theirs = served.call(name, operation, served.ids, role=role, tenant=TWO)
        refused(theirs, 404 if operation.permission in MATRIX[role] else 403)
        assert told(theirs) == told(served.call(name, operation, served.absent(), role=role, tenant=TWO))
        if name.startswith("GET"):
            tagged = served.call(name, operation, served.ids, role=role, tenant=TWO, headers={"If-None-Match": "*"})
            assert told(tagged) == told(theirs)
    assert served.state() == before


def test_a_project_of_another_tenant_enters_no_park_of_ones_own(served):
    park = served.client("GET", "/v1/parks", tenant=TWO).json()["items"][-1]
    mixed = {**served.ids, "park_id": park["id"]}
    for name in ("POST /v1/gate-decisions", "POST /v1/sitings", "POST /v1/uncertainties"):
        before = served.state()
        answer = served.call(name, OPERATIONS[name], mixed, tenant=TWO)
        refused(answer, 404)
        absent = {**mixed, "project_id": served.absent()["project_id"]}
        assert told(answer) == told(served.call(name, OPERATIONS[name], absent, tenant=TWO))
        assert served.state() == before


@pytest.mark.parametrize("name", LISTS)
def test_no_list_shows_what_another_tenant_has(served, name):
    operation = OPERATIONS[name]
    answer = served.call(name, operation, served.ids, tenant=TWO)
    assert answer.status_code == operation.status
    shown = answer.text
    assert not [each for each in served.ids.values() if isinstance(each, str) and each in shown]
    if "{" in operation.query:
        assert answer.json()["items"] == []
        assert told(answer) == told(served.call(name, operation, served.absent(), tenant=TWO))
    assert f"admin {ONE}" not in shown


def test_a_cursor_of_another_tenant_gives_nothing_of_it(served):
    for name in ("/v1/jobs", "/v1/runs", "/v1/keys", "/v1/audit"):
        cursor = served.client("GET", f"{name}?limit=1").json()["next"]
        assert cursor is not None
        answer = served.client("GET", f"{name}?cursor={cursor}", tenant=TWO)
        assert answer.status_code == 200
        mine = {each.get("id") or each.get("jobID") or each["hash"] for each in _all(served, name, TWO)}
        assert {each.get("id") or each.get("jobID") or each["hash"] for each in answer.json()["items"]} <= mine


def _all(served, path, tenant):
    return served.client("GET", f"{path}?limit=1000", tenant=tenant).json()["items"]


@pytest.mark.parametrize("name", NAMES)
def test_no_key_a_revoked_one_and_an_expired_one_open_nothing(served, keys_of_none, name):
    before = served.state()
    answers = [
        served.call(name, OPERATIONS[name], served.ids, headers={"Authorization": sent}) for sent in keys_of_none
    ]
    for answer in answers:
        refused(answer, 401)
        assert told(answer) == told(answers[0])
        assert "Bearer" in answer.headers["www-authenticate"]
    assert served.state() == before


@pytest.fixture(scope="module")
def keys_of_none(served):
    """No key, one that was used and then revoked, an expired one, and a wrong secret under a true id."""
    revoked, expired, true = served.key(), served.key(expires=past()), served.key()
    sent = {"Authorization": f"Bearer {revoked}"}
    assert served.client("GET", "/v1/me", headers=sent).status_code == 200
    assert served.client("DELETE", f"/v1/keys/{revoked.split('_')[1]}").status_code == 200
    forged = true[:-1] + ("A" if true[-1] != "A" else "B")
    return ["", *(f"Bearer {each}" for each in (revoked, expired, forged))]


def test_an_officer_prints_a_report_and_downloads_it(tmp_path):
    body = {"park": document(), "seed": 0}
    with service(tmp_path, QuickEngines(), worker=True) as call:
        assessed = call("POST", "/v1/assessments", role="officer", json=body).json()
        place = f"/v1/assessments/{assessed['id']}/reports"
        printed = call("POST", place, role="officer", json={"formats": ["pdf"]}, headers={"Prefer": "wait=30"})
        assert printed.status_code == 200, printed.text
        (listed,) = call("GET", place, role="officer").json()["items"]
        assert call("GET", f"{place}/{listed['name']}", role="officer").content == b"%PDF-"
        refused(call("POST", place, role="reader", json={"formats": ["pdf"]}), 403)
        refused(call("GET", f"{place}/{listed['name']}", role="officer", tenant=TWO), 404)
