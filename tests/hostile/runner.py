"""Runs cases in processes of their own, and ends those that take too long."""

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.hostile.case import Case
from tests.hostile.limits import HANGS, MEMORY, allowed


class Readers:
    """A child process that reads; another takes its place when it had to be ended."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-m", "tests.hostile.child"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._child = child
        assert self._line(600.0) == {"end": "ready"}
        return child

    def _line(self, seconds: float) -> dict[str, Any]:
        assert self._child is not None
        assert self._child.stdout is not None
        if not select.select([self._child.stdout], [], [], seconds)[0]:
            self._end()
            return {"end": "hung"}
        line = self._child.stdout.readline()
        if not line:
            code = self._child.wait()
            self._end()
            return {"end": "crashed", "error": f"exit status {code}"}
        found: dict[str, Any] = json.loads(line)
        return found

    def read(self, case: Case) -> dict[str, Any]:
        """What becomes of a case."""
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            path = case.make(Path(folder))
            child = self._child or self._start()
            assert child.stdin is not None
            child.stdin.write(json.dumps({"name": case.name, "path": str(path)}).encode() + b"\n")
            child.stdin.flush()
            return self._line(HANGS)


def outcomes(cases: Iterable[Case]) -> Iterator[tuple[Case, dict[str, Any]]]:
    """Read cases one after another in one process."""
    with Readers() as readers:
        for case in cases:
            yield case, readers.read(case)


def fault(case: Case, found: dict[str, Any]) -> str:
    """What is not as it should be, "" if nothing."""
    if found["end"] not in ("refused", "read"):
        return f"{found['end']}: {found.get('error', '')} at {found.get('at', '')}"
    if found.get("seconds", 0.0) > allowed():
        return f"took {found['seconds']:.1f} s"
    if found.get("bytes", 0) > MEMORY:
        return f"took {found['bytes'] / 2**20:.0f} MiB"
    severity = "error" if case.right is None else "warning"
    codes = [each[0] for each in found["problems"] if each[1] == severity]
    missing = [code for code in case.codes if code not in codes]
    if (case.right is None) != (found["end"] == "refused"):
        return f"was {found['end']}: {codes}"
    if missing:
        return f"{missing} not among {list(dict.fromkeys(codes))}"
    if case.right is not None and not found["right"]:
        return "was read wrongly"
    return _worded(case, found["problems"])


def _worded(case: Case, problems: list[list[Any]]) -> str:
    for code, _, _, _, _, chinese, english in problems:
        if not any("一" <= letter <= "鿿" for letter in chinese) or not english:
            return f"{code}: not worded"
        if "/tmp/" in english or "site-packages" in english or "Traceback" in english:
            return f"{code}: says too much: {english}"
        if "internal" in code or "fault" in code:
            return f"{code}: no name"
    if case.where is not None:
        places = [tuple(each[2:5]) for each in problems if each[0] == case.codes[0]]
        if case.where not in places:
            return f"{case.codes[0]} at {places[:3]}, not at {case.where}"
    return ""
