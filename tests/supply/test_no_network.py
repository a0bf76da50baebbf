"""The program in a network namespace that has a loopback and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PARK = Path(__file__).resolve().parents[2] / "scenarios" / "examples" / "minimal"

#: Brings the loopback up (SIOCSIFFLAGS: up, running), then does what it is told.
START = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
"""
COMMAND = START + "from parkrisk.api.cli import main; main()"
SURROUNDINGS = (
    START
    + """
import json
found = {"interfaces": [name for _, name in socket.if_nameindex()]}
with socket.create_server(("127.0.0.1", 0)) as listening:
    socket.create_connection(listening.getsockname(), 5).close()
try:
    socket.create_connection(("192.0.2.1", 443), 5)
except OSError as fault:
    found["outside"] = type(fault).__name__ + " " + str(fault.errno)
try:
    socket.getaddrinfo("example.org", 443)
except socket.gaierror:
    found["names"] = "none"
print(json.dumps(found))
"""
)
SERVICE = (
    START
    + """
import asyncio, json
from benchmarks.service import Caller, questions, ready, served
with served(sys.argv[1], "") as (url, key, _):
    async def ask():
        caller = Caller(url, key)
        try:
            while not await ready(caller.http):
                await asyncio.sleep(0.2)
            name, body = next(iter((await questions(caller)).items()))
            page = await caller.http.get("/")
            return {"decision": json.loads(await caller.ask("POST", "/v1/gate-decisions", body)), "page": page.text}
        finally:
            await caller.http.aclose()
    print(json.dumps(asyncio.run(ask())))
"""
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def alone():
    """Run Python where there is no network."""
    apart = ["unshare", "--map-root-user", "--net"]
    if sys.platform != "linux" or shutil.which("unshare") is None:
        pytest.skip("network namespaces are a thing of Linux, and need unshare(1)")
    tried = subprocess.run([*apart, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        assert not os.environ.get("CI"), f"the check must run without a network: {tried.stderr}"
        pytest.skip(f"this machine permits no network namespace: {tried.stderr.strip()}")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def run(code, *arguments):
        command = [*apart, sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=200)

    return run


def test_nothing_but_the_loopback(alone):
    found = json.loads(alone(SURROUNDINGS).stdout)
    assert found == {"interfaces": ["lo"], "outside": "OSError 101", "names": "none"}


def test_assessment_with_its_files(alone, tmp_path):
    done = alone(COMMAND, "assess", PARK, "-o", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["provenance"]["result_digest"]
    assert (tmp_path / "park.gpkg").stat().st_size > 0
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_gate(alone):
    done = alone(COMMAND, "gate", PARK, PARK / "projects" / "no-evidence", "--json")
    assert done.returncode == 5, done.stderr
    assert json.loads(done.stdout)["verdict"] == "undecided"


def test_service(alone, tmp_path):
    done = alone(SERVICE, tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["decision"]["verdict"] in ("admit", "admit_with_conditions", "refuse", "undecided")
    assert "http" not in said["page"].replace("http://www.w3.org", "")
