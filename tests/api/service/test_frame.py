"""What holds for every answer: problems, headers, methods, ids, metrics, pages; whatever the route."""

import io
import json
import logging

import pytest
from sqlalchemy.exc import InternalError, OperationalError

from parkrisk.api.service.errors import STATUS_OF_CODE, problem_of, status_of
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.limits import Places, Rates
from parkrisk.api.service.observing.logs import formatter
from parkrisk.api.service.refusals import Busy, Refusal, TooManyRequests
from parkrisk.api.service.routes import pages
from parkrisk.api.service.settings import Settings
from parkrisk.models.errors import OutOfRange, ParkRiskError
from tests.api.service.conftest import serving


def problem(answer, status):
    """Content of a problem answer (RFC 9457), strict JSON."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = json.loads(answer.content.decode(), parse_constant=lambda _: pytest.fail("NaN"))
    assert found["status"] == status
    assert found["type"] == f"urn:parkrisk:problem:{found['code']}"
    assert found["title"].isascii() or "…" in found["title"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in found["title_zh"])
    assert found["request_id"] == answer.headers["x-request-id"]
    return found


@pytest.fixture
def log(caplog):
    """What the service writes, as JSON lines."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter(readable=False))
    handler.addFilter(lambda record: record.name.startswith("parkrisk"))
    logging.getLogger().addHandler(handler)
    with caplog.at_level(logging.INFO):
        yield written
    logging.getLogger().removeHandler(handler)


SPOILT = {
    "nothing": b"",
    "half": b'{"name":',
    "no text": b"\xff\xfe\x00",
    "NaN": b'{"name": NaN, "role": "reader"}',
    "infinite": b'{"name": "a", "role": "reader", "expires": 1e999}',
    "long number": b'{"name": ' + b"9" * 6000 + b"}",
    "half a pair": b'{"name": "\\ud800", "role": "reader"}',
    "half a pair as key": b'{"\\udfff": 1}',
    "deep": b"[" * 100_000,
    "deep and closed": b'{"name": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    "a list": b"[]",
}


@pytest.mark.parametrize("body", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_body_is_a_problem(frame, body):
    answer = frame("POST", "/v1/keys", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_too_large_a_body(tmp_path):
    with serving(Settings(data_dir=tmp_path, body_mb=1)) as call:

        async def pieces():
            for _ in range(5):
                yield b" " * 300_000

        headers = {"content-type": "application/json"}
        problem(call("POST", "/v1/keys", content=b" " * 1_000_001, headers=headers), 413)
        problem(call("POST", "/v1/keys", content=pieces(), headers=headers), 413)
        assert call("POST", "/v1/keys", content=b" " * 900_000, headers=headers).status_code in (400, 422)


def test_no_such_place_and_wrong_methods(frame):
    problem(frame("GET", "/v1/nothing"), 404)
    problem(frame("POST", "/v1/nothing/at/all"), 404)
    answer = frame("PUT", "/v1/keys")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert frame("PATCH", "/v1/keys/1").headers["allow"] == "DELETE, OPTIONS"
    asked = frame("OPTIONS", "/v1/keys", role=None)
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    got, head = frame("GET", "/v1/me"), frame("HEAD", "/v1/me")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.content))
    assert frame("HEAD", "/v1/me", role=None).status_code == 401


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("abc-DEF_1.2", True), ("short", False), ("a" * 65, False), ("a b c d e f", False), ("<>'-------", False)],
)
def test_the_id_of_a_request(frame, sent, kept):
    answer = frame("GET", "/v1/health", headers={"X-Request-ID": sent})
    assert (answer.headers["x-request-id"] == sent) is kept
    assert len(answer.headers["x-request-id"]) >= 8


def test_headers_of_every_answer(frame):
    own = {"script-src": "'self'", "connect-src": "'self'"}
    expected = {
        "/": {**own, "style-src": "'self'", "img-src": "'self'"},
        "/docs": {**own, "style-src": "'self' 'unsafe-inline'", "img-src": "'self' data: blob:"},
        "/v1/me": {"style-src": "'unsafe-inline'", "img-src": "data:"},
    }
    closed = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
    for path in ("/", "/docs", "/v1/health", "/v1/nothing", "/v1/me", "/metrics", "/openapi.json"):
        headers = frame("GET", path).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        shown = "/v1/me" if path in ("/v1/health", "/v1/nothing", "/metrics") else path
        assert policy == {**closed, **expected[shown if shown in expected else "/"]}
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in headers
        assert "access-control-allow-origin" not in headers
    assert frame("GET", "/v1/me").headers["cache-control"] == "no-store"
    assert "authorization" in frame("GET", "/v1/me").headers["vary"].lower()


def varies(answer):
    return {part.strip().lower() for part in answer.headers["vary"].split(",")}


def test_answers_are_compressed_for_those_who_take_it(frame, monkeypatch, tmp_path):
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "assets" / "a-1.js").write_text("let a = 1;" * 200)
    (dist / "assets" / "a-1.png").write_bytes(b"\x89PNG" * 500)
    monkeypatch.setattr(pages, "DIST", dist)
    for path in ("/openapi.json", "/assets/a-1.js", "/assets/a-1.png", "/v1/schema"):
        zipped = frame("GET", path, headers={"Accept-Encoding": "gzip"})
        plain = frame("GET", path, headers={"Accept-Encoding": "identity"})
        assert zipped.status_code == plain.status_code == 200
        assert zipped.content == plain.content  # the client unpacks
        assert zipped.headers.get("content-encoding") == (None if path.endswith("png") else "gzip")
        assert "content-encoding" not in plain.headers
        assert int(plain.headers["content-length"]) == len(plain.content)
        assert path.endswith("png") or int(zipped.headers["content-length"]) < len(plain.content) / 3
        for answer in (zipped, plain):
            assert "accept-encoding" in varies(answer)
            assert ("authorization" in varies(answer)) == path.startswith("/v1/")


def test_validators_do_not_mix_the_plain_and_the_compressed_form(frame):
    forms = {form: frame("GET", "/v1/schema", headers={"Accept-Encoding": form}) for form in ("gzip", "identity")}
    weak, strong = forms["gzip"].headers["etag"], forms["identity"].headers["etag"]
    assert strong.startswith('"')
    assert weak == f"W/{strong}"
    for form, own in (("gzip", weak), ("identity", strong)):
        for known in (weak, strong):
            again = frame("GET", "/v1/schema", headers={"Accept-Encoding": form, "If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", own)
            assert "accept-encoding" in varies(again)
    head = frame("HEAD", "/v1/schema", headers={"Accept-Encoding": "gzip"})
    for name in ("content-length", "content-encoding", "etag"):
        assert head.headers[name] == forms["gzip"].headers[name]


def test_behind_a_proxy_and_called_from_another_origin(tmp_path):
    settings = Settings(
        data_dir=tmp_path,
        behind_tls=True,
        cors_origins=("https://gis.example",),
        trusted_proxies=("127.0.0.0/8",),
        rate_by_address="1/hour",
    )
    with serving(settings) as call:
        answer = call("GET", "/v1/me", headers={"Origin": "https://gis.example"})
        assert answer.headers["access-control-allow-origin"] == "https://gis.example"
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert (
            "access-control-allow-origin" not in call("GET", "/v1/me", headers={"Origin": "https://x.example"}).headers
        )
        asked = {"Origin": "https://gis.example", "Access-Control-Request-Method": "POST"}
        assert call("OPTIONS", "/v1/keys", role=None, headers=asked).status_code == 200
        # Each client behind the proxy is counted for itself.
        for address in ("203.0.113.1", "203.0.113.2"):
            assert call("GET", "/v1/me", role=None, headers={"X-Forwarded-For": address}).status_code == 401
        assert call("GET", "/v1/me", role=None, headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 429


def test_an_untrusted_client_does_not_choose_its_address(tmp_path):
    with serving(Settings(data_dir=tmp_path, rate_by_address="1/hour")) as call:
        statuses = [
            call("GET", "/v1/me", role=None, headers={"X-Forwarded-For": f"203.0.113.{last}"}).status_code
            for last in range(2)
        ]
        assert statuses == [401, 429]


def test_a_fault_tells_nothing_and_a_lost_database_is_no_fault(frame, monkeypatch, log):
    def fails(error):
        def gauges():
            raise error

        monkeypatch.setattr(frame.service.metrics, "text", gauges)

    fails(RuntimeError("the password is swordfish"))
    answer = frame("GET", "/metrics")
    assert problem(answer, 500)["code"] == "parkrisk.fault"
    assert "swordfish" not in answer.text
    assert answer.headers["content-security-policy"]
    fails(OperationalError("SELECT secret", {}, Exception("swordfish")))
    answer = frame("GET", "/metrics")
    assert problem(answer, 503)["code"] == "store.unreachable"
    assert "SELECT" not in answer.text
    assert answer.headers["retry-after"]
    fails(InternalError("UPDATE", {}, Exception("cannot execute UPDATE in a read-only transaction")))
    assert problem(frame("GET", "/metrics"), 503)["code"] == "store.unreachable"
    assert log.getvalue().count("swordfish") >= 2
    assert "locals" not in log.getvalue()


def test_what_is_logged(frame, log):
    key = frame.keys["north", Role.OFFICER]
    frame("GET", "/v1/nothing/secret-place?park=hidden", key=key, headers={"X-Request-ID": "request-0001"})
    frame("POST", "/v1/keys", json={"name": "document-word", "role": "reader"})
    text = log.getvalue()
    for word in ("secret-place", "hidden", "document-word", key.split("_", 2)[2]):
        assert word not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["request_id"] == "request-0001"
    assert (lines[0]["route"], lines[0]["status"]) == ("none", 404)
    assert (lines[1]["tenant"], lines[1]["route"], lines[1]["method"]) == ("north", "/v1/keys", "POST")
    assert lines[0]["request_id"] != lines[1]["request_id"]


def every_kind(kind):
    yield kind
    for below in kind.__subclasses__():
        yield from every_kind(below)


def test_every_kind_of_refusal_has_its_status():
    for kind in every_kind(Refusal):
        codes = {above.code for above in kind.__mro__ if issubclass(above, Refusal)}
        assert kind is Refusal or codes & set(STATUS_OF_CODE), kind
    assert status_of(ParkRiskError("错", "wrong")) == 500

    class Narrower(OutOfRange):
        code = "models.narrower"

    assert status_of(Narrower("错", "wrong")) == 422
    assert problem_of(Narrower("错", "wrong"))["code"] == "models.narrower"


def test_places_are_given_back():
    places = Places(2)
    with places.one(), places.one(), pytest.raises(Busy), places.one():
        pass
    with pytest.raises(KeyError), places.one():
        raise KeyError
    with places.one(), places.one():
        pass


def test_an_ipv6_network_is_one_address():
    rates = Rates(Settings(rate_by_address="1/hour"))
    rates.by_address("2001:db8::1")
    rates.by_address("2001:db8:0:1::1")
    with pytest.raises(TooManyRequests):
        rates.by_address("2001:db8::ffff")


def test_the_document_of_the_interface(frame):
    found = frame("GET", "/openapi.json", role=None).json()
    assert found["openapi"].startswith("3.1")
    assert set(found["components"]["securitySchemes"]) == {"bearer", "basic"}
    assert "HTTPValidationError" not in json.dumps(found)
    open_paths = {"/v1/health", "/v1/ready"}
    for path, methods in found["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["responses"]["4XX"] == {"$ref": "#/components/responses/Problem"}
            assert operation["responses"]["5XX"] == {"$ref": "#/components/responses/Problem"}
        if path in open_paths:
            assert all("security" not in operation for operation in methods.values())
    assert found["paths"]["/v1/keys"]["post"]["security"] == [{"bearer": []}, {"basic": []}]
    answer = problem(frame("GET", "/v1/nothing"), 404)
    assert set(answer) <= set(found["components"]["schemas"]["Problem"]["properties"])
    assert set(answer) >= set(found["components"]["schemas"]["Problem"]["required"])


def test_pages_that_are_not_built(frame, monkeypatch, tmp_path):
    monkeypatch.setattr(pages, "DIST", tmp_path / "nothing")
    home = frame("GET", "/", role=None).text
    assert "make web" in home
    assert "尚未构建" in home
    docs = frame("GET", "/docs", role=None).text
    assert "/v1/keys" in docs
    for page in (home, docs):
        assert "<script" not in page
        assert "http://" not in page
        assert "https://" not in page


def test_built_pages(frame, monkeypatch, tmp_path):
    dist = tmp_path / "dist"
    for name in ("index.html", "docs/index.html", "assets/a-1.js", "mark.svg"):
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (dist / name).write_text(name)
    (tmp_path / "secret.txt").write_text("swordfish")
    monkeypatch.setattr(pages, "DIST", dist)
    assert frame("GET", "/", role=None).text == "index.html"
    assert frame("GET", "/docs", role=None).text == "docs/index.html"
    assert frame("GET", "/mark.svg", role=None).headers["content-type"].startswith("image/svg")
    script = frame("GET", "/assets/a-1.js", role=None)
    assert "immutable" in script.headers["cache-control"]
    assert frame("GET", "/", role=None).headers["cache-control"] == "no-cache"
    for place in (
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%00",
        "/assets/%ff",
        "/assets",
        "/docs/x",
    ):
        answer = frame("GET", place, role=None)
        assert problem(answer, 404)
        assert "swordfish" not in answer.text


def test_metrics(call):
    for status in (200, 200, 404):
        assert call("GET", "/v1/me" if status == 200 else "/v1/no").status_code == status
    text = call("GET", "/metrics", role=Role.READER).text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines['parkrisk_requests_total{method="GET",route="/v1/me",status="200"}'] == "2.0"
    assert lines['parkrisk_requests_total{method="GET",route="none",status="404"}'] == "1.0"
    assert lines['parkrisk_request_seconds_count{route="/v1/me"}'] == "2.0"
    assert lines['parkrisk_jobs{status="accepted"}'] == "0.0"
    assert lines['parkrisk_engines{state="free"}'] == "1.0"
    before = float(lines["parkrisk_audit_lines"])
    call("POST", "/v1/keys", json={"name": "a", "role": "reader"})
    assert f"parkrisk_audit_lines {before + 1}" in call("GET", "/metrics").text


def test_ready_only_with_a_warm_engine_and_a_current_schema(call, monkeypatch):
    assert call("GET", "/v1/ready", role=None).json()["status"] == "ready"
    monkeypatch.setattr(type(call.service.engines), "ready", lambda *_: False)
    problem(call("GET", "/v1/ready", role=None), 503)
    monkeypatch.undo()
    monkeypatch.setattr("parkrisk.api.service.routes.health.is_current", lambda _: False)
    problem(call("GET", "/v1/ready", role=None), 503)
    assert call("GET", "/v1/health", role=None).status_code == 200
