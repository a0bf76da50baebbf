"""Webhooks: signature, at least once, growing waits, an end to it, and what a caller may see and ask."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from parkrisk.api.service import webhooks as sending
from parkrisk.api.service.errors import install_error_handlers
from parkrisk.api.service.identity.caller import Caller, caller_of
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.outbound import Outbound
from parkrisk.api.service.routes import webhooks as routes
from parkrisk.api.service.settings import Settings
from parkrisk.api.service.store import audit, webhooks
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.tables import deliveries, now
from parkrisk.api.service.store.tenants import ensure_tenant
from parkrisk.api.service.webhooks import DELAYS, Event, Webhooks, new_secret, tell
from tests.api.service.store.databases import KINDS, empty

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class Receiver:
    """A receiver on the loopback that answers with the statuses it is given, the last of them for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses or (204,))
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.arrived, self.answering = threading.Event(), threading.Event()
        self.answering.set()
        self.port = 0

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def outbound(self, resolver: Any = None) -> Outbound:
        more = {"resolver": resolver} if resolver else {}
        return Outbound(plain_http=True, ports=frozenset({self.port}), networks=LOOPBACK, **more)

    @contextmanager
    def listening(self) -> Iterator["Receiver"]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.arrived.set()
                receiver.answering.wait(30)
                statuses = receiver.statuses
                self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 100

        server = Server(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with empty(request.param, tmp_path) as url:
        opened = open_store(url)
        with opened.begin() as connection:
            ensure_tenant(connection, "one", "One")
            ensure_tenant(connection, "two", "Two")
        yield opened
        opened.close()


def hooked(store: Store, url: str, events: Sequence[str] = tuple(Event), tenant: str = "one") -> webhooks.Webhook:
    with store.begin() as connection:
        return webhooks.create_webhook(
            connection, tenant, url=url, secret=new_secret(), events=events, created_by="test"
        )


def told(store: Store, event: Event = Event.gate_decided, tenant: str = "one", **data: Any) -> int:
    with store.begin() as connection:
        return tell(connection, tenant, event, data)


def all_deliveries(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(select(deliveries).order_by(deliveries.c.created, deliveries.c.id)))


def make_due(store: Store) -> None:
    """Let the time of the next attempt come."""
    with store.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.status == "pending").values(due=now()))


def active(store: Store, webhook_id: str) -> bool:
    with store.reading() as connection:
        return webhooks.get_webhook(connection, "one", webhook_id).active


def test_a_receiver_can_verify_what_it_gets(store: Store) -> None:
    with Receiver().listening() as receiver:
        hook = hooked(store, receiver.url())
        told(store, id="d1", verdict="refuse", note="准入")
        assert Webhooks(store, receiver.outbound()).send_due() == 1
    ((headers, body),) = receiver.seen
    content = Verifier(hook.secret).verify(body, headers)
    assert content["type"] == "gate.decided"
    assert content["data"] == {"id": "d1", "verdict": "refuse", "note": "准入"}
    assert headers["webhook-id"] == all_deliveries(store)[0].id
    # By hand, from the specification: HMAC-SHA256 of "id.timestamp.body" under the decoded secret.
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    by_hand = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{by_hand}"
    for wrong, altered in ((new_secret(), body), (hook.secret, body.replace(b"refuse", b"admit"))):
        with pytest.raises(WebhookVerificationError):
            Verifier(wrong).verify(altered, headers)
    assert all_deliveries(store)[0].status == "delivered"


def test_only_who_asked_is_told(store: Store) -> None:
    hooked(store, "https://a.example/", ["gate.decided"])
    hooked(store, "https://b.example/", ["job.failed"])
    hooked(store, "https://c.example/", tenant="two")
    assert told(store, Event.gate_decided) == 1
    assert told(store, Event.assessment_failed) == 0
    assert {each.tenant for each in all_deliveries(store)} == {"one"}


def test_what_is_rolled_back_is_not_told(store: Store) -> None:
    hooked(store, "https://a.example/")
    with suppress(RuntimeError), store.begin() as connection:
        assert tell(connection, "one", Event.job_failed, {"id": "j1"}) == 1
        raise RuntimeError
    assert all_deliveries(store) == []


def test_waits_grow_to_an_end(store: Store) -> None:
    """Ten attempts under one id; then the delivery has failed and the webhook is told nothing more."""
    with Receiver(500).listening() as receiver:
        hook = hooked(store, receiver.url())
        told(store)
        sender = Webhooks(store, receiver.outbound())
        waits = []
        while sender.send_due():
            (row,) = all_deliveries(store)
            assert row.answer == 500
            assert sender.send_due() == 0  # not before its time
            if row.due:
                waits.append((datetime.fromisoformat(row.due) - datetime.fromisoformat(row.updated)).total_seconds())
                assert active(store, hook.id)
            make_due(store)
    assert len(receiver.seen) == 10
    assert len({headers["webhook-id"] for headers, _ in receiver.seen}) == 1
    assert len(waits) == len(DELAYS)
    for wait, delay in zip(waits, DELAYS, strict=True):
        assert delay - 1 <= wait <= 1.2 * delay + 1
    assert 3 * 86400 < sum(DELAYS) < 4 * 86400
    assert row.status == "failed"
    assert not active(store, hook.id)
    assert told(store) == 0


def test_one_success_in_between_keeps_it_active(store: Store) -> None:
    with Receiver(*[500] * len(DELAYS), 204, 500).listening() as receiver:
        hook = hooked(store, receiver.url())
        told(store, id="a")
        sender = Webhooks(store, receiver.outbound())
        for _ in DELAYS:
            make_due(store)
            assert sender.send_due() == 1
        told(store, id="b")
        assert sender.send_due() == 1  # b arrives
        make_due(store)
        assert sender.send_due() == 1  # the last attempt of a fails
    assert [row.status for row in all_deliveries(store)] == ["failed", "delivered"]
    assert active(store, hook.id)


def test_gone_is_final(store: Store) -> None:
    with Receiver(410).listening() as receiver:
        hook = hooked(store, receiver.url())
        told(store, id="a")
        sender = Webhooks(store, receiver.outbound())
        assert sender.send_due() == 1
        assert not active(store, hook.id)
    assert [(row.status, row.answer) for row in all_deliveries(store)] == [("failed", 410)]


def test_a_webhook_that_is_not_active_is_not_called(store: Store) -> None:
    with Receiver().listening() as receiver:
        hook = hooked(store, receiver.url())
        told(store)
        with store.begin() as connection:
            webhooks.deactivate_webhook(connection, "one", hook.id)
        assert Webhooks(store, receiver.outbound()).send_due() == 1
    assert receiver.seen == []
    assert [(row.status, row.message) for row in all_deliveries(store)] == [("failed", "inactive")]


def test_the_address_is_checked_again_when_it_is_called(store: Store) -> None:
    answers = [("93.184.216.34",), ("127.0.0.1",)]

    def rebinding(_host: str, _port: int) -> tuple[str, ...]:
        return answers.pop(0)

    with Receiver().listening() as receiver:
        outbound = Outbound(plain_http=True, ports=frozenset({receiver.port}), resolver=rebinding)
        url = f"http://moving.example:{receiver.port}/"
        outbound.checked(url)  # as when it was made
        hooked(store, url)
        told(store)
        assert Webhooks(store, outbound).send_due() == 1
    assert receiver.seen == []
    ((row),) = all_deliveries(store)
    assert (row.status, row.answer, row.message) == ("pending", None, "webhook.address_refused")


def test_a_redirect_is_a_failure(store: Store) -> None:
    with Receiver(302).listening() as receiver:
        hooked(store, receiver.url())
        told(store)
        Webhooks(store, receiver.outbound()).send_due()
    assert [(row.status, row.answer) for row in all_deliveries(store)] == [("pending", 302)]


def test_several_senders_send_each_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    take = sending.all_take_due
    monkeypatch.setattr(sending, "all_take_due", lambda *given, **more: take(*given, **more, limit=2))
    with Receiver().listening() as receiver:
        hooked(store, receiver.url())
        for number in range(12):
            told(store, id=str(number))
        senders = [Webhooks(store, receiver.outbound()) for _ in range(3)]
        counted: list[int] = []

        def all_of_it(sender: Webhooks) -> None:
            while sent := sender.send_due():
                counted.append(sent)

        threads = [threading.Thread(target=all_of_it, args=(sender,)) for sender in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(counted) == 12
    assert sorted(int(json.loads(body)["data"]["id"]) for _, body in receiver.seen) == list(range(12))


def test_the_loop_outlives_a_database_that_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_PAUSE", 0.01)
    real, failures = sending.all_take_due, [OperationalError("", {}, Exception("away"))] * 2

    def away_at_first(*arguments: Any, **more: Any) -> Any:
        if failures:
            raise failures.pop()
        return real(*arguments, **more)

    monkeypatch.setattr(sending, "all_take_due", away_at_first)
    with Receiver().listening() as receiver:
        hooked(store, receiver.url())
        told(store)
        loop = Webhooks(store, receiver.outbound())
        loop.start()
        assert receiver.arrived.wait(20)
        loop.close()
    assert [row.status for row in all_deliveries(store)] == ["delivered"]


KILLED = """
import sys, ipaddress
from parkrisk.api.service.outbound import Outbound
from parkrisk.api.service.store.database import open_store
from parkrisk.api.service.webhooks import Webhooks
network = ipaddress.ip_network("127.0.0.0/8")
outbound = Outbound(plain_http=True, ports=frozenset({int(sys.argv[2])}), networks=(network,))
Webhooks(open_store(sys.argv[1]), outbound).send_due()
"""


@pytest.mark.slow
def test_a_killed_sender_loses_nothing(store: Store) -> None:
    """Killed while the receiver, which has it already, has not answered: sent again later, under the same id."""
    with Receiver().listening() as receiver:
        receiver.answering.clear()
        hook = hooked(store, receiver.url())
        told(store, id="d1")
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, store.engine.url.render_as_string(hide_password=False), str(receiver.port)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        try:
            assert receiver.arrived.wait(30)
        finally:
            child.kill()
            child.wait()
            receiver.answering.set()
        assert [row.status for row in all_deliveries(store)] == ["pending"]
        sender = Webhooks(store, receiver.outbound())
        assert sender.send_due() == 0  # still taken by the dead one
        make_due(store)
        assert sender.send_due() == 1
    ids = [Verifier(hook.secret).verify(body, headers)["data"]["id"] for headers, body in receiver.seen]
    assert ids == ["d1", "d1"]
    assert len({headers["webhook-id"] for headers, _ in receiver.seen}) == 1
    assert [row.status for row in all_deliveries(store)] == ["delivered"]


# ---- routes ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def caller() -> dict[str, Caller]:
    return {"now": Caller("one", "admin", Role.ADMIN, "k1")}


class Client:
    """Asks the routes without a network."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self.transport, self.runner = httpx.ASGITransport(app=app, raise_app_exceptions=False), runner

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://park") as client:
                return await client.request(method, path, **arguments)

        return self.runner.run(ask())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, **arguments: Any) -> httpx.Response:
        return self.request("POST", path, **arguments)

    def delete(self, path: str) -> httpx.Response:
        return self.request("DELETE", path)


@pytest.fixture
def client(store: Store, caller: dict[str, Caller]) -> Iterator[Client]:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(routes.router)
    settings = Settings(webhook_plain_http=True, webhook_ports=(8080, 443), webhook_networks=LOOPBACK)
    app.state.service = SimpleNamespace(store=store, settings=settings)
    app.dependency_overrides[caller_of] = lambda: caller["now"]
    with asyncio.Runner() as runner:
        yield Client(app, runner)


def test_the_secret_is_shown_once(client: Client, store: Store) -> None:
    made = client.post("/v1/webhooks", json={"url": "http://127.0.0.1:8080/x", "events": ["gate.decided"]})
    assert made.status_code == 201, made.text
    assert len(base64.b64decode(made.json()["secret"].removeprefix("whsec_"))) == 32
    hook = made.json()["id"]
    listed = client.get("/v1/webhooks").json()
    assert [each["id"] for each in listed["items"]] == [hook]
    (delivery,) = client.get(f"/v1/webhooks/{hook}/deliveries").json()["items"]
    assert (delivery["event"], delivery["status"], delivery["payload"]["type"]) == ("ping", "pending", "ping")
    assert client.post(f"/v1/webhooks/{hook}/ping").json() == {"deliveries": 1}
    assert "whsec_" not in json.dumps(listed) + client.get(f"/v1/webhooks/{hook}/deliveries").text
    assert client.delete(f"/v1/webhooks/{hook}").status_code == 204
    assert client.delete(f"/v1/webhooks/{hook}").status_code == 404
    assert client.get("/v1/webhooks").json() == {"items": [], "next": None}
    with store.reading() as connection:
        lines = [json.loads(line.entry)["did"] for line in audit.list_audit(connection, "one").items]
        assert lines == ["webhook.delete", "webhook.create"]
        assert "whsec_" not in "".join(audit.export(connection, "one"))


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://169.254.169.254/latest", "events": ["ping"]},
        {"url": "https://10.0.0.1/", "events": ["ping"]},
        {"url": "http://127.0.0.1:22/", "events": ["ping"]},
        {"url": "x", "events": ["ping"]},
        {"url": "http://127.0.0.1:8080/\x00", "events": ["ping"]},
        {"url": "http://127.0.0.1:8080/" + "x" * 3000, "events": ["ping"]},
        {"url": "http://127.0.0.1:8080/", "events": []},
        {"url": "http://127.0.0.1:8080/", "events": ["park.deleted"]},
        {"url": "http://127.0.0.1:8080/"},
        {"url": "http://127.0.0.1:8080/", "events": ["ping"], "secret": "mine"},
        [],
    ],
)
def test_bad_webhooks_are_refused(client: Client, body: Any) -> None:
    answer = client.post("/v1/webhooks", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/v1/webhooks").json()["items"] == []


def test_another_tenant_sees_nothing(client: Client, caller: dict[str, Caller]) -> None:
    hook = client.post("/v1/webhooks", json={"url": "http://127.0.0.1:8080/", "events": ["ping"]}).json()["id"]
    caller["now"] = Caller("two", "admin", Role.ADMIN, "k2")
    assert client.get("/v1/webhooks").json()["items"] == []
    missing = client.get("/v1/webhooks/w0/deliveries")
    for method, path in (("GET", "/deliveries"), ("POST", "/ping"), ("DELETE", "")):
        answer = client.request(method, f"/v1/webhooks/{hook}{path}")
        assert (answer.status_code, answer.json()) == (missing.status_code, missing.json())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins(client: Client, caller: dict[str, Caller], role: Role) -> None:
    caller["now"] = Caller("one", "someone", role, "k1")
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", "/w"), ("GET", "/w/deliveries"), ("POST", "/w/ping")):
        body = {"url": "http://127.0.0.1:8080/", "events": ["ping"]} if method == "POST" else None
        assert client.request(method, f"/v1/webhooks{path}", json=body).status_code == 403


def test_pages(client: Client) -> None:
    for number in range(3):
        client.post("/v1/webhooks", json={"url": f"http://127.0.0.1:8080/{number}", "events": ["ping"]})
    first = client.get("/v1/webhooks?limit=2")
    second = client.get(first.links["next"]["url"])
    assert second.status_code == 200, second.text
    urls = [each["url"][-1] for page in (first, second) for each in page.json()["items"]]
    assert sorted(urls) == ["0", "1", "2"]
    assert second.json()["next"] is None


def test_outcomes_are_told(store: Store) -> None:
    hooked(store, "https://a.example/")
    with store.begin() as connection:
        sending.tell_concluded(connection, "one", "assessment", "a1", {"grade": "C"})
        sending.tell_concluded(connection, "one", "gate-decision", "d1", {"verdict": "refuse"})
        sending.tell_concluded(connection, "one", "whatif", "r1", {})
        sending.tell_failed(connection, "one", "assessment", "a2", "compute.lost")
        sending.tell_failed(connection, "one", "siting", "r2", "compute.too_slow")
    told_of = sorted((row.event, row.payload["data"]["id"]) for row in all_deliveries(store))
    assert told_of == [
        ("assessment.failed", "a2"),
        ("assessment.succeeded", "a1"),
        ("gate.decided", "d1"),
        ("job.failed", "a2"),
        ("job.failed", "r2"),
    ]
    (decided,) = [row.payload for row in all_deliveries(store) if row.event == "gate.decided"]
    assert decided["data"] == {"id": "d1", "verdict": "refuse", "links": {"self": "/v1/gate-decisions/d1"}}
