"""Prometheus metrics of one application."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

#: Of gauges, read when they are asked for: name → (what it counts, name of its label).
GAUGES: Mapping[str, tuple[str, str]] = {
    "parkrisk_jobs": ("Jobs by status", "status"),
    "parkrisk_engines": ("Computing children by state", "state"),
    "parkrisk_audit_lines": ("Lines of audit of all tenants", ""),
}


class Metrics:
    """What is counted.

    Parameters
    ----------
    read : callable
        Gives the gauges of ``GAUGES`` now: name → label → number.
    """

    def __init__(self, read: Callable[[], Mapping[str, Mapping[str, float]]]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Gauges(read))
        ProcessCollector(registry=self.registry)
        self._requests = Counter("parkrisk_requests", "Requests", ["method", "route", "status"], registry=self.registry)
        self._seconds = Histogram("parkrisk_request_seconds", "Time of requests", ["route"], registry=self.registry)
        self._job_seconds = Histogram(
            "parkrisk_job_seconds",
            "Time of jobs",
            ["process", "status"],
            buckets=(1, 3, 10, 30, 100, 300, 1000, 3000),
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def job_ended(self, process: str, status: str, seconds: float) -> None:
        """Count a job."""
        self._job_seconds.labels(process, status).observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    @contextmanager
    def listening(self, host: str, port: int) -> Iterator[int]:
        """Answer with the text to whoever asks there, while the block runs; gives the port, of which 0 takes any."""
        server, thread = start_http_server(port, addr=host, registry=self.registry)
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Gauges(Collector):
    def __init__(self, read: Callable[[], Mapping[str, Mapping[str, float]]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        for name, values in self._read().items():
            words, label = GAUGES[name]
            family = GaugeMetricFamily(name, words, labels=[label] if label else [])
            for value, number in values.items():
                family.add_metric([value] if label else [], number)
            yield family

    def describe(self) -> Iterable[Any]:
        """Nothing: the gauges are not read when they are registered."""
        return []
