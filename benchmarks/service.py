"""What the service answers under load: one server process on this machine, asked over the loopback.

The minimal park is stored with its projects. Callers at once repeat gate questions whose answers were had one by one
before; each answer must be the same to the byte, but for its place in the audit, and every place is given once. The
health of the service is asked all the time beside them; ``gate_cpu_ms`` is
processor time of the server for one answer. After that the questions are new ones: the same park with
another seed each. The chain of the audit is checked at the end.

``mixed_up`` counts answers that are not those of their question, ``lost`` requests without an answer of status 200.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import numpy as np
import psutil

from benchmarks.report import machine, options, show

_GATE = "/v1/gate-decisions"
_AUDIT = re.compile(rb'"audit":\{"sequence":(\d+),"head":"([0-9a-f]{64})"\}')
#: Longest time that the server may take to start, and to answer. [s]
_START, _ANSWER = 300.0, 120.0
_PAUSE = 0.05


@contextlib.contextmanager
def served(folder: str, database: str) -> Iterator[tuple[str, str, psutil.Process]]:
    """Run ``parkrisk serve``; gives its address, the key of its administrator and its process."""
    url = database or f"sqlite:///{folder}/store.sqlite"
    rates = {"PARKRISK_RATE_BY_KEY": "1000000/second", "PARKRISK_RATE_BY_ADDRESS": "1000000/second"}
    environment = {**os.environ, "PARKRISK_DATABASE_URL": url, **rates}
    environment |= {"PARKRISK_LOG_LEVEL": "warning"}
    command = [sys.executable, "-c", "from parkrisk.api.cli import main; main()", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            said = ""
            while "http://" not in said:
                line = server.stderr.readline() if server.stderr else ""
                if not line:
                    raise RuntimeError(said)
                said += line
            address, key = re.findall(r"http://[^/\s]+", said)[0], re.findall(r"prk_\S+", said)[0]
            yield address, key, psutil.Process(server.pid)
        finally:
            server.terminate()


class Caller:
    """One who asks, over connections of its own."""

    def __init__(self, url: str, key: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=_ANSWER)
        self.seconds: list[float] = []
        self.lost = 0

    async def ask(self, method: str, path: str, body: Any = None) -> bytes | None:
        """Give the answer and note its time; None: there was none."""
        start = time.perf_counter()
        try:
            answer = await self.http.request(method, path, json=body)
        except httpx.HTTPError:
            self.lost += 1
            return None
        self.seconds.append(time.perf_counter() - start)
        if answer.status_code not in (200, 201):
            self.lost += 1
            return None
        return answer.content


async def ready(http: httpx.AsyncClient) -> bool:
    """Whether the service can work by now: its engines start after it does."""
    return (await http.get("/v1/ready")).status_code == 200


class Answers:
    """What must come back, and what did."""

    def __init__(self) -> None:
        self.right: dict[str, bytes] = {}
        self.places: set[tuple[int, bytes]] = set()
        self.count = self.mixed_up = 0

    def note(self, name: str, answer: bytes | None) -> None:
        """Compare an answer with the first one to its question."""
        if answer is None:
            return
        found = _AUDIT.search(answer)
        place = (int(found[1]), found[2]) if found else (0, b"")
        plain = _AUDIT.sub(b"", answer)
        self.count += 1
        self.mixed_up += found is None or place in self.places or plain != self.right.setdefault(name, plain)
        self.places.add(place)


async def questions(caller: Caller) -> dict[str, Any]:
    """Store the park and its projects, and put the questions."""

    async def kept(kind: str, example: str) -> Any:
        answer = await caller.ask("POST", f"/v1/{kind}", {"example": example})
        if answer is None:
            raise RuntimeError(f"{example} cannot be stored")
        return json.loads(answer)["id"]

    park = {"park_id": await kept("parks", "minimal"), "version": 1}
    projects = [await kept("projects", f"minimal/{name}") for name in ("diesel-tank", "no-evidence")]
    return {
        f"{project} {seed}": {"park": park, "project": {"project_id": project}, "seed": seed, "search": False}
        for project, seed in itertools.product(projects, (0, 1))
    }


@contextlib.asynccontextmanager
async def watched(health: Caller) -> AsyncIterator[None]:
    """Ask for the health all the time."""

    async def watch() -> None:
        while True:
            await health.ask("GET", "/v1/health")
            await asyncio.sleep(_PAUSE)

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def load(url: str, key: str, server: psutil.Process, callers: int, seconds: float) -> dict[str, Any]:
    """Ask, and measure."""
    first, health, crowd = Caller(url, key), Caller(url, key), [Caller(url, key) for _ in range(callers)]
    while not await ready(first.http):
        await asyncio.sleep(1.0)
    asked, answers = await questions(first), Answers()
    for name, body in asked.items():
        answers.note(name, await first.ask("POST", _GATE, body))
    first.seconds.clear()

    async def repeat(caller: Caller, names: Iterator[str], until: float) -> None:
        while time.perf_counter() < until:
            name = next(names)
            answers.note(name, await caller.ask("POST", _GATE, asked[name]))

    names, before = itertools.cycle(asked), answers.count
    worked, start = _cpu(server), time.perf_counter()
    async with watched(health):
        await asyncio.gather(*(repeat(caller, names, start + seconds) for caller in crowd))
    spent = time.perf_counter() - start
    repeated, worked = answers.count - before, _cpu(server) - worked

    any_body = next(iter(asked.values()))
    for seed in range(100, 100 + max(3, int(seconds / 4))):
        answers.note(str(seed), await first.ask("POST", _GATE, {**any_body, "seed": seed}))
    chain = await first.http.get("/v1/audit?format=lines")
    for caller in (first, health, *crowd):
        await caller.http.aclose()
    gate = np.array([each for caller in crowd for each in caller.seconds]) * 1e3
    return {
        "gate_per_second": repeated / spent,
        "gate_p50_ms": float(np.percentile(gate, 50)),
        "gate_p95_ms": float(np.percentile(gate, 95)),
        "gate_p99_ms": float(np.percentile(gate, 99)),
        "gate_cpu_ms": worked / max(1, repeated) * 1e3,
        "health_p95_ms": float(np.percentile(np.array(health.seconds) * 1e3, 95)),
        "uncached_gate_ms": float(np.median(np.array(first.seconds) * 1e3)),
        "answers": repeated,
        "callers": callers,
        "mixed_up": answers.mixed_up,
        "lost": sum(caller.lost for caller in (first, health, *crowd)),
        "audit_whole": whole(chain.text, answers),
    }


def _cpu(server: psutil.Process) -> float:
    """Processor time of the server without its children. [s]"""
    spent = server.cpu_times()
    return float(spent.user + spent.system)


def whole(chain: str, answers: Answers) -> bool:
    """Whether the audit is one chain in which every place that an answer named stands."""
    from parkrisk.api.service.store.audit import verify_lines

    lines = chain.splitlines()
    found = {(line["sequence"], line["hash"].encode()) for line in map(json.loads, lines)}
    return verify_lines(lines).broken is None and answers.places <= found


def _options() -> argparse.ArgumentParser:
    parser = options(__doc__ or "")
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database; else an SQLite file")
    parser.add_argument("--callers", type=int, default=20, help="who ask at once")
    return parser


def main() -> None:
    """Measure and print."""
    asked = _options().parse_args()
    on = machine()
    with tempfile.TemporaryDirectory() as folder, served(folder, asked.database) as (url, key, server):
        figures = asyncio.run(load(url, key, server, asked.callers, 8.0 if asked.quick else 30.0))
    show("service", figures, as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
