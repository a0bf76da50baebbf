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

from tests.hostile.corpus import FAMILIES, PARTS
from tests.hostile.limits import HANGS, allowed
from tests.hostile.sent import requests, wrong

#: What the server may have grown by when all is over: buffers that the allocator keeps. [bytes]
GROWTH = 256 * 2**20


@contextlib.contextmanager
def serving(folder):
    """A server in a process of its own: a client of it, and the process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "tests.hostile.server", str(folder)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        said = json.loads(child.stdout.readline())
        headers = {"Authorization": f"Bearer {said['key']}"}
        with httpx.Client(base_url=said["url"], headers=headers, timeout=HANGS) as http:
            yield http, psutil.Process(child.pid)
    finally:
        child.communicate(timeout=HANGS)


def exchanged(http, process, cases):
    """Send cases; gives what is wrong of each."""
    faults = {}
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            for where, sent, codes in requests(case, case.make(Path(folder))) if not case.local else ():
                sent["headers"] = {**http.headers, **sent.get("headers", {})}
                start = sum(process.cpu_times())
                fault = wrong(case, http.post(where, **sent), codes)
                seconds = sum(process.cpu_times()) - start
                if fault or seconds > allowed():
                    faults[f"{case.name} → {where}"] = fault or f"took {seconds:.1f} s"
    return faults


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A client, the process of the server, a park that it keeps, and its memory after that."""
    with serving(tmp_path_factory.mktemp("hostile")) as (http, process):
        kept = http.post("/v1/parks", json={"example": "minimal"})
        assert kept.status_code == 201
        yield http, process, kept.json()["digest"], process.memory_info().rss


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_every_case_is_a_problem_and_the_server_stays_healthy(server, part):
    http, process, digest, before = server
    assert exchanged(http, process, (case for name in PARTS[part] for case in FAMILIES[name])) == {}
    assert http.get("/v1/rulebooks").status_code == 200
    assert http.post("/v1/parks", json={"example": "minimal"}).json()["digest"] == digest
    assert process.memory_info().rss - before < GROWTH
