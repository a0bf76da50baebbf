"""The corpus sent to a running server: a problem with the same code, never a fault; the server stays as it was."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import psutil
import pytest

from tests.hostile.corpus import CASES
from tests.hostile.sent import requests, wrong

#: What the server may have grown by when all is over: buffers that the allocator keeps. [bytes]
GROWTH = 256 * 2**20


@contextlib.contextmanager
def serving(folder):
    """A server in a process of its own: address, headers, process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "tests.hostile.server", str(folder)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        said = json.loads(child.stdout.readline())
        yield said["url"], {"Authorization": f"Bearer {said['key']}"}, psutil.Process(child.pid)
    finally:
        child.communicate(timeout=60)


def exchanged(http, cases):
    """Send cases; gives what is wrong of each, and how many requests there were."""
    faults, count = {}, 0
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            for where, sent, codes in requests(case, case.make(Path(folder))) if not case.local else ():
                sent["headers"] = {**http.headers, **sent.get("headers", {})}
                fault = wrong(case, http.post(where, **sent), codes)
                count += 1
                if fault:
                    faults[f"{case.name} → {where}"] = fault
    return faults, count


@pytest.mark.slow
def test_every_case_is_a_problem_and_the_server_stays_healthy(tmp_path):
    with serving(tmp_path) as (url, headers, process), httpx.Client(base_url=url, headers=headers, timeout=60) as http:
        kept = http.post("/v1/parks", json={"example": "minimal"})
        assert kept.status_code == 201
        before = process.memory_info().rss
        faults, count = exchanged(http, CASES.values())
        assert faults == {}
        assert count > 200
        assert http.get("/v1/health").status_code in (200, 404)
        again = http.post("/v1/parks", json={"example": "minimal"})
        assert again.json()["digest"] == kept.json()["digest"]
        assert process.memory_info().rss - before < GROWTH
