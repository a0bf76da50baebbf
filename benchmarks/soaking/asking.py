"""Who asks a service all kinds of things, for a tenant of its own."""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from benchmarks.service import ready
from parkrisk.api.examples import example_park
from parkrisk.scenarios.reading.objects import as_object
from parkrisk.scenarios.reading.sources import read_source

#: How often each kind of question is asked, of all. A dismissed job costs its engine, which must live for minutes.
SHARES = {
    "read": 300,
    "repeated_gate": 200,
    "layer": 100,
    "features": 100,
    "wrong": 100,
    "upload": 60,
    "new_gate": 40,
    "what_if": 40,
    "job": 50,
    "cancelled_job": 4,
}
#: More than there are connections to the database.
_CROWD = 40
_ANSWER = 120.0
_LATER = {"Prefer": "respond-async"}
_READ = ("/v1/health", "/v1/me", "/v1/parks", "/v1/projects", "/v1/jobs", "/v1/assessments", "/v1/gate-decisions")
_LAYERS = ("layers/units", "contours", "tables/targets", "result")
#: Requests that must be refused, each with the status.
_WRONG: tuple[tuple[str, str, dict[str, Any], int], ...] = (
    ("POST", "/v1/gate-decisions", {"content": b'{"park": NaN', "headers": {"Content-Type": "application/json"}}, 422),
    ("POST", "/v1/parks", {"files": {"file": ("park.zip", b"PK\x03\x04 broken")}}, 422),
    ("POST", "/v1/assessments", {"json": {"park": {"park_id": "nowhere", "version": 1}}}, 404),
    ("GET", "/v1/parks/no-such-park/ogc/collections", {}, 404),
    ("GET", "/v1/me", {"headers": {"Authorization": "Bearer prk_wrong"}}, 401),
)


class Tenant:
    """One who asks.

    Parameters
    ----------
    url, key : str
    seed : int
        Of the order of questions.
    seeds : iterator
        Numbers that no question had before; they make questions new.
    """

    def __init__(self, url: str, key: str, seed: int, seeds: "itertools.count[int]") -> None:
        self.http = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=_ANSWER)
        self._chance, self._seeds = random.Random(seed), seeds
        self.seconds: dict[str, list[float]] = {kind: [] for kind in SHARES}
        self.errors: Counter[str] = Counter()

    async def prepare(self) -> None:
        """Keep a park and a project, and assess the park."""
        while not await ready(self.http):
            await asyncio.sleep(0.5)
        self._document = as_object(read_source(example_park("minimal"), "park"))
        park = (await self.http.post("/v1/parks", json={"example": "minimal"})).raise_for_status().json()
        project = (await self.http.post("/v1/projects", json={"example": "minimal/diesel-tank"})).raise_for_status()
        self._park = {"park": {"park_id": park["id"], "version": 1}}
        self._entry = {**self._park, "project": {"project_id": project.json()["id"]}, "search": False}
        await self._wanted("POST", "/v1/assessments", 200, json=self._park)
        listed = (await self.http.get("/v1/assessments")).raise_for_status().json()
        self._assessment = f"/v1/assessments/{next(iter(listed.values()))[0]['id']}"
        self._layers = f"/v1/parks/{park['id']}/ogc/collections/units/items"

    async def crowd(self) -> None:
        """Ask much at once, so that every connection to the database is open from the beginning on."""
        await asyncio.gather(*(self._layer() for _ in range(_CROWD)), *(self._repeated_gate() for _ in range(_CROWD)))

    async def ask_until(self, end: float, pause: float) -> None:
        """Ask one thing after the other, with pauses."""
        while time.monotonic() < end:
            kind = self._chance.choices(list(SHARES), list(SHARES.values()))[0]
            ask: Callable[[], Awaitable[None]] = getattr(self, f"_{kind}")
            start = time.perf_counter()
            try:
                await ask()
                self.seconds[kind].append(time.perf_counter() - start)
            except httpx.HTTPError as fault:
                self.errors[f"{kind}: {type(fault).__name__}"] += 1
            except UnwantedError as fault:
                self.errors[f"{kind}: {fault}"] += 1
            await asyncio.sleep(self._chance.uniform(0.0, 2.0 * pause))

    async def _wanted(self, method: str, path: str, status: int, **more: Any) -> httpx.Response:
        answer = await self.http.request(method, path, **more)
        if answer.status_code != status:
            raise UnwantedError(f"{answer.status_code} to {method} {path.split('?')[0]}, not {status}")
        return answer

    async def _read(self) -> None:
        await self._wanted("GET", self._chance.choice(_READ), 200)

    async def _layer(self) -> None:
        await self._wanted("GET", f"{self._assessment}/{self._chance.choice(_LAYERS)}", 200)

    async def _features(self) -> None:
        await self._wanted("GET", self._layers, 200)

    async def _repeated_gate(self) -> None:
        await self._wanted("POST", "/v1/gate-decisions", 200, json=self._entry)

    async def _new_gate(self) -> None:
        await self._wanted("POST", "/v1/gate-decisions", 200, json={**self._entry, "seed": next(self._seeds)})

    async def _what_if(self) -> None:
        scenario = {"scenario": {"remove": ["T-102"]}, "seed": next(self._seeds)}
        await self._wanted("POST", "/v1/whatifs", 200, json={**self._park, **scenario})

    async def _upload(self) -> None:
        renamed = {**self._document, "park": {**self._document["park"], "name": f"park {next(self._seeds)}"}}
        await self._wanted("POST", "/v1/parks", 201, json=renamed)

    async def _job(self) -> str:
        asked = {**self._park, "seed": next(self._seeds)}
        answer = await self._wanted("POST", "/v1/assessments", 202, json=asked, headers=_LATER)
        job: str = answer.json()["jobID"]
        await self._wanted("GET", f"/v1/jobs/{job}", 200)
        return job

    async def _cancelled_job(self) -> None:
        await self._wanted("DELETE", f"/v1/jobs/{await self._job()}", 200)

    async def _wrong(self) -> None:
        method, path, more, status = self._chance.choice(_WRONG)
        await self._wanted(method, path, status, **more)


class UnwantedError(Exception):
    """Another status than the one that the question must have."""
