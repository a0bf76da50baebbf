"""Who asks over HTTP, who hears the webhooks, and what the Python face answers to the same questions."""

import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from parkrisk.api.examples import example_park
from parkrisk.api.service.store.canonical import digest_of
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.whatif import whatif
from parkrisk.scenarios import read, read_project
from parkrisk.scenarios.changing.scenario_files import scenario_of
from parkrisk.scenarios.reading.objects import as_object
from parkrisk.scenarios.reading.sources import read_source

_PARK = example_park("minimal")
_PROJECT = _PARK / "projects" / "diesel-tank"
_SCENARIO = {"name": "remove", "remove": ["V-201"]}

#: Each seed is asked for all of them.
PROCESSES = ("assessments", "gate-decisions", "whatifs")
#: Those of which webhooks tell.
TOLD = PROCESSES[:2]


@dataclass(frozen=True)
class Asked:
    """One question, by its route and seed."""

    route: str
    seed: int


def expected(asked: set[Asked]) -> dict[Asked, str]:
    """Give the digests of the answers, computed here and undisturbed."""
    park, project = read(_PARK), read_project(_PROJECT)
    digests: dict[Asked, str] = {}
    for seed in sorted({each.seed for each in asked}):
        before = assess(park, seed=seed)
        digests[Asked("assessments", seed)] = before.to_dict()["provenance"]["result_digest"]
        if (one := Asked("gate-decisions", seed)) in asked:
            decision = gate(park, project, seed=seed, before=before, cures=False)
            digests[one] = decision.to_dict()["provenance"]["result_digest"]
        if (one := Asked("whatifs", seed)) in asked:
            scenario = scenario_of(_SCENARIO, "whatif")
            digests[one] = digest_of(whatif(before, scenario.apply(park), scenario.name).to_dict())
    return digests


@dataclass
class Caller:
    """Asks in a thread of its own while less than ``waiting`` jobs are open, and repeats what got no answer.

    Parameters
    ----------
    address, key : str
    hook : str
        Address that webhooks are sent to.
    busy : callable
        How many jobs are open.
    waiting : int
    """

    address: str
    key: str
    hook: str
    busy: Callable[[], int]
    waiting: int
    accepted: dict[str, Asked] = field(default_factory=dict)
    cut: int = 0
    changed: int = 0
    fault: BaseException | None = None

    def __post_init__(self) -> None:
        self.in_flight = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def close(self) -> None:
        """End, once the question under way has its answer."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with httpx.Client(base_url=self.address, auth=("key", self.key), timeout=60.0) as client:
                self._ask_all(client)
        except BaseException as fault:
            self.fault = fault
            raise

    def _ask_all(self, client: httpx.Client) -> None:
        project = as_object(read_source(_PROJECT, "project"))
        park_id = self._post(client, "parks", {"example": "minimal"}, 201)["id"]
        project_id = self._post(client, "projects", project, 201)["id"]
        self._post(client, "webhooks", {"url": self.hook, "events": ["assessment.succeeded", "gate.decided"]}, 201)
        more: dict[str, dict[str, Any]] = {
            "gate-decisions": {"project": {"project_id": project_id}, "search": False},
            "whatifs": {"scenario": _SCENARIO},
        }
        chance = random.Random(0)
        for asked in _questions():
            while self.busy() >= self.waiting and not self._ended.is_set():
                time.sleep(0.05)
            if self._ended.is_set():
                return
            content = {"park": {"park_id": park_id, "version": 1}, "seed": asked.seed, **more.get(asked.route, {})}
            key = uuid.uuid4().hex
            job = self._post(client, asked.route, content, 202, key)["jobID"]
            self.accepted[job] = asked
            if chance.random() < 0.3:
                self.changed += self._post(client, asked.route, content, 202, key)["jobID"] != job

    def _post(
        self, client: httpx.Client, route: str, content: dict[str, Any], wanted: int, key: str | None = None
    ) -> dict[str, Any]:
        """Ask until there is an answer, under one key."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex, "Prefer": "respond-async"}
        while True:
            try:
                self.in_flight.set()
                response = client.post(f"/v1/{route}", json=content, headers=headers)
            except httpx.ConnectError:
                time.sleep(0.1)
                continue
            except httpx.TransportError:
                self.cut += 1
                continue
            finally:
                self.in_flight.clear()
            if response.status_code == wanted:
                answer: dict[str, Any] = response.json()
                return answer
            if response.status_code != 503:
                raise RuntimeError(response.text)
            time.sleep(0.1)


def _questions() -> Iterator[Asked]:
    seed = 0
    while True:
        seed += 1
        for route in PROCESSES:
            yield Asked(route, seed)


class Receiver:
    """Hears the webhooks: which deliveries came, how often, and what each was about."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.about: dict[str, str] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.times[self.headers["webhook-id"]] += 1
                receiver.about[self.headers["webhook-id"]] = content["data"].get("id", "")
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_each: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def heard(self) -> Counter[str]:
        """Count the different deliveries about each thing."""
        return Counter(self.about.copy().values())

    def close(self) -> None:
        """Hear no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
