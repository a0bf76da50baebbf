"""OpenTelemetry, when it is installed (extra ``telemetry``) and OTEL_EXPORTER_OTLP_ENDPOINT says where to send."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import structlog
from fastapi import FastAPI

_log = structlog.stdlib.get_logger(__name__)


def start_tracing(app: FastAPI) -> bool:
    """Send traces of the requests; return whether it is done."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return False
    if find_spec("opentelemetry.instrumentation") is None:
        _log.warning("OTEL_EXPORTER_OTLP_ENDPOINT is set, but parkrisk[telemetry] is not installed")
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "parkrisk"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, excluded_urls="health,ready,metrics", server_request_hook=_without_query
    )
    return True


def _without_query(span: Any, scope: Mapping[str, Any]) -> None:
    """Keep what a caller writes behind the path out of the traces, as out of the log."""
    for name in ("http.url", "http.target", "url.full", "url.query"):
        if name in (span.attributes or {}):
            span.set_attribute(name, "" if name == "url.query" else scope["path"])
