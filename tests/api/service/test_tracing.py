"""Traces: one for each request, by its route, without what only the caller may know."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.sdk.trace import export
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from parkrisk.api.service.observing.tracing import start_tracing


@pytest.fixture
def app():
    app = FastAPI()

    @app.get("/v1/parks/{park_id}")
    def park(park_id: str) -> str:
        return park_id

    @app.get("/v1/health")
    def health() -> str:
        return "ok"

    return app


def ask(app, *paths):
    async def go():
        headers = {"Authorization": "Bearer prk_secret"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://park", headers=headers
        ) as client:
            return [(await client.get(path)).status_code for path in paths]

    assert set(asyncio.run(go())) == {200}


def test_requests_are_traced_without_key_and_query(app, monkeypatch):
    kept = InMemorySpanExporter()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(trace_exporter, "OTLPSpanExporter", lambda: kept)
    monkeypatch.setattr(export, "BatchSpanProcessor", export.SimpleSpanProcessor)
    assert start_tracing(app)
    ask(app, "/v1/parks/p1?key=swordfish", "/v1/health")
    text = "".join(span.to_json() for span in kept.get_finished_spans())
    assert "/v1/parks/{park_id}" in text
    assert "parkrisk" in text
    assert not [word for word in ("swordfish", "prk_secret", "health") if word in text]


def test_nothing_is_traced_unless_asked_for(app, monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert not start_tracing(app)
