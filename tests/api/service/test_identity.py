"""Who may come in, and what each may do."""

import base64
import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkrisk.api.service.identity.keys import new_key, parse, verify
from parkrisk.api.service.identity.roles import MATRIX, Permission, Role, role_named
from parkrisk.api.service.settings import Settings
from parkrisk.api.service.store.audit import verify as verify_chain
from parkrisk.api.service.store.tables import time_text
from tests.api.service.conftest import MINE, THEIRS, serving


def test_what_each_role_may_do():
    """As the agreement with the users has it, written a second time."""
    written = {
        "reader": "read",
        "officer": "read ask report",
        "assessor": "read ask write report",
        "approver": "read ask report decide",
        "admin": "read ask write report decide administer",
    }
    assert {role.value: {str(may) for may in MATRIX[role]} for role in Role} == {
        role: set(may.split()) for role, may in written.items()
    }
    assert role_named("root") is None
    assert role_named(None) is None
    assert role_named(["admin"]) is None


def test_a_key_is_its_own_only():
    one, two = new_key(), new_key()
    key_id, secret = parse(one.text)
    assert key_id == one.id
    assert verify(secret, one.secret_hash)
    assert not verify(secret, two.secret_hash)
    assert secret not in one.secret_hash
    assert one.text not in repr(one)
    assert one.secret_hash not in repr(one)


@given(st.text() | st.from_regex(r"prk_[0-9a-f]{15,17}_.{42,44}"))
def test_what_is_no_key(text):
    parts = parse(text)
    if parts is not None:
        assert f"prk_{parts[0]}_{parts[1]}" == text


def test_every_role_at_every_route_of_the_frame(call):
    needed = {
        ("GET", "/v1/me"): Permission.READ,
        ("GET", "/metrics"): Permission.READ,
        ("GET", "/v1/keys"): Permission.ADMINISTER,
        ("GET", "/v1/audit"): Permission.ADMINISTER,
        ("GET", "/v1/audit/head"): Permission.ADMINISTER,
        ("POST", "/v1/keys"): Permission.ADMINISTER,
        ("DELETE", "/v1/keys/0"): Permission.ADMINISTER,
    }
    for ((method, path), permission), role in itertools.product(needed.items(), Role):
        status = call(method, path, role=role).status_code
        assert (status == 403) == (permission not in MATRIX[role]), (method, path, role)
        assert status != 401
    for method, path in needed:
        assert call(method, path, role=None).status_code == 401


def test_me_and_the_ways_in(call):
    key = call.keys[MINE, Role.OFFICER]
    may = ["ask", "read", "report"]
    expected = {"tenant": MINE, "name": f"officer of {MINE}", "role": "officer", "permissions": may}
    assert call("GET", "/v1/me", role=Role.OFFICER).json() == expected
    basic = base64.b64encode(f"qgis:{key}".encode()).decode()
    assert call("GET", "/v1/me", role=None, headers={"Authorization": f"Basic {basic}"}).json() == expected


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer x", "Basic !", "Basic eDp5", "Digest a=b", "Bearer é", "prk_"])
def test_no_way_in(frame, sent):
    answer = frame("GET", "/v1/me", role=None, headers={"Authorization": sent.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.json()["code"] == "http.unauthenticated"


def test_one_sign_of_the_secret_is_enough_to_be_refused(frame):
    key = frame.keys[MINE, Role.ADMIN]
    wrong = key[:-5] + ("a" if key[-5] != "a" else "b") + key[-4:]
    assert frame("GET", "/v1/me", key=wrong).status_code == 401
    assert frame("GET", "/v1/me", key=key).status_code == 200


def test_a_page_shows_its_own_form(frame):
    answer = frame("GET", "/v1/me", role=None, headers={"Sec-Fetch-Dest": "empty"})
    assert "Basic" not in answer.headers["www-authenticate"]
    assert "Basic" in frame("GET", "/v1/me", role=None).headers["www-authenticate"]


def test_keys_are_made_shown_once_and_revoked(call):
    made = call("POST", "/v1/keys", json={"name": "值班室", "role": "reader"})
    assert made.status_code == 201
    key = made.json()
    assert call("GET", "/v1/me", key=key["key"]).json()["role"] == "reader"
    listed = call("GET", "/v1/keys")
    assert key["id"] in {each["id"] for each in listed.json()["items"]}
    assert parse(key["key"])[1] not in listed.text
    assert "secret" not in listed.text
    foreign = call("GET", "/v1/keys", tenant=THEIRS).json()["items"]
    assert key["id"] not in {each["id"] for each in foreign}
    assert call("DELETE", f"/v1/keys/{key['id']}", tenant=THEIRS).status_code == 404
    assert call("GET", "/v1/me", key=key["key"]).status_code == 200
    assert call("DELETE", f"/v1/keys/{key['id']}").json()["revoked"]
    assert call("DELETE", f"/v1/keys/{key['id']}").status_code == 200
    assert call("GET", "/v1/me", key=key["key"]).status_code == 401
    lines = [json.loads(line) for line in call("GET", "/v1/audit?format=lines").text.splitlines()]
    assert [line["entry"]["did"] for line in lines] == ["key.create", "key.revoke"]
    assert call("GET", "/v1/audit/head").json() == {"sequence": 2, "hash": lines[-1]["hash"]}
    assert call("GET", "/v1/audit/head", tenant=THEIRS).json()["sequence"] == 0
    with call.service.store.reading() as connection:
        assert verify_chain(connection, MINE).broken is None


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "role": "reader"},
        {"name": "a\x00", "role": "reader"},
        {"name": "a" * 201, "role": "reader"},
        {"name": "a", "role": "root"},
        {"name": "a", "role": "reader", "expires": "2001-01-01T00:00:00Z"},
        {"name": "a", "role": "reader", "expires": "2999-01-01T00:00:00"},
        {"name": "a", "role": "reader", "tenant": THEIRS},
    ],
)
def test_keys_that_are_not_made(frame, body):
    assert frame("POST", "/v1/keys", json=body).status_code == 422


def test_an_expired_key_and_one_of_no_role(call):
    soon = time_text(datetime.now(UTC) + timedelta(hours=1))
    past = time_text(datetime.now(UTC) - timedelta(seconds=1))
    assert call("GET", "/v1/me", key=call.add_key("reader", expires=soon)).status_code == 200
    assert call("GET", "/v1/me", key=call.add_key("reader", expires=past)).status_code == 401
    assert call("GET", "/v1/me", key=call.add_key("root")).status_code == 401


def test_how_often_one_may_ask(tmp_path):
    settings = Settings(data_dir=tmp_path, rate_by_key="3/hour", rate_by_address="2/hour")
    with serving(settings) as call:
        answers = [call("GET", "/v1/me", role=Role.READER) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 7200
        assert answers[-1].json()["code"] == "http.too_many_requests"
        assert call("GET", "/v1/me", role=Role.OFFICER).status_code == 200
        unknown = [call("GET", "/v1/me", role=None).status_code for _ in range(3)]
        assert unknown == [401, 401, 429]
        assert call("GET", "/v1/me", role=Role.ADMIN).status_code == 200  # a valid key is not held up by others
        assert call("GET", "/v1/health", role=None).status_code == 200
