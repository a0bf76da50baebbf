"""Pytest plugin: writes the seconds and the outcome of every test, one JSON line each, to the file `DURATIONS` names.

With `TEST_SECONDS`, a test that takes more processor time ends there, as failed: many do where kernels run as plain
Python.
"""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest


class _TooLong(Exception):
    """A test has had its time."""


def _stop(_signal: int, frame: Any) -> None:
    # Coverage holds a lock while it switches files; an error there would leave it locked.
    if "coverage" in frame.f_code.co_filename:
        signal.setitimer(signal.ITIMER_PROF, 0.01)
        return
    raise _TooLong


class _Limited:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def _limited(self) -> Iterator[None]:
        before = signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, self.seconds)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
            signal.signal(signal.SIGPROF, before)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self) -> Iterator[None]:
        return (yield from self._limited())

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self) -> Iterator[None]:
        return (yield from self._limited())


class _Written:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        running = coverage.Coverage.current()
        if running is not None:
            running.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self.failed.add(report.nodeid)
        if report.when == "teardown":
            line = {
                "test": report.nodeid,
                "seconds": self.seconds[report.nodeid],
                "ok": report.nodeid not in self.failed,
            }
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Written(Path(os.environ["DURATIONS"])))
    if "TEST_SECONDS" in os.environ:
        config.pluginmanager.register(_Limited(float(os.environ["TEST_SECONDS"])))
