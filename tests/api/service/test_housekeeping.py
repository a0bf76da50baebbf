"""Answers under idempotency keys are forgotten when they are old, and not before."""

import threading
from datetime import UTC, datetime, timedelta

from parkrisk.api.service import housekeeping
from parkrisk.api.service.store import idempotency, open_store, tenants


def test_only_old_answers_are_forgotten(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    now = datetime.now(UTC)
    with store.begin() as connection:
        tenant = tenants.ensure_tenant(connection, "park", "园区").id
        idempotency.claim_request(connection, tenant, "POST", "k", request_digest="d")
        idempotency.answer_request(connection, tenant, "POST", "k", status=201, resource="x")
    assert housekeeping.forget(store, now + timedelta(days=6)) == 0
    with store.reading() as connection:
        assert idempotency.find_request(connection, tenant, "POST", "k", request_digest="d") == (201, "x")
    assert housekeeping.forget(store, now + timedelta(days=8)) == 1
    with store.reading() as connection:
        assert idempotency.find_request(connection, tenant, "POST", "k", request_digest="other") is None
    store.close()


def test_it_looks_at_once_and_ends_with_the_service(tmp_path, monkeypatch):
    looked = threading.Event()
    monkeypatch.setattr(housekeeping, "forget", lambda *_: looked.set())
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with housekeeping.housekeeping(store):
        assert looked.wait(30.0)
    assert "housekeeping" not in {thread.name for thread in threading.enumerate()}
    store.close()
