"""A service with two tenants: "one" has a thing of every kind, "two" has a park of its own."""

import contextlib
import hashlib
import itertools
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.identity.keys import new_key
from parkrisk.api.service.store.artifacts import put_artifact
from parkrisk.api.service.store.database import Store, open_store
from parkrisk.api.service.store.jobs import finish_job
from parkrisk.api.service.store.keys import create_key
from parkrisk.api.service.store.status import Status
from parkrisk.api.service.store.tables import metadata, time_text
from tests.api.service.near import Client, NearEngines, service
from tests.tenancy.operations import Operation

ONE, TWO = "one", "two"


class QuickEngines(NearEngines):
    """Computes assessments; a decision and a report are made up, as only the way to them is tested."""

    def run(self, task: str, arguments: Any, **limits: Any) -> Outcome:
        if task == "gate":
            made_up = {"verdict": "undecided", "project": {}, "explanation_zh": "", "explanation_en": ""}
            return Outcome({**made_up, "conditions": [], "missing": [], "provenance": {"result_digest": "0" * 64}})
        if task == "report":
            return Outcome({}, {"report.pdf": b"%PDF-"})
        return super().run(task, arguments, **limits)


class World:
    """The running service, and the ids of what tenant "one" has."""

    def __init__(self, client: Client, store: Store) -> None:
        self.client, self.store = client, store
        self._seeds = itertools.count(1)
        self.ids = self._filled()
        self.post(TWO, "/v1/parks", 201, {"example": "minimal"})

    def post(self, tenant: str, path: str, status: int, body: Any, **headers: str) -> dict[str, Any]:
        """Make a thing as an administrator."""
        answer = self.client("POST", path, tenant=tenant, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def _filled(self) -> dict[str, Any]:
        park = self.post(ONE, "/v1/parks", 201, {"example": "minimal"})
        ids = {"park_id": park["id"], "version": 1}
        ids["project_id"] = self.post(ONE, "/v1/projects", 201, {"example": "minimal/diesel-tank"})["id"]
        named = {"park": {"park_id": park["id"], "version": 1}}
        ids["assessment_id"] = self.post(ONE, "/v1/assessments", 200, named)["id"]
        entry = {**named, "project": {"project_id": ids["project_id"]}, "search": False}
        ids["decision_id"] = self.post(ONE, "/v1/gate-decisions", 200, entry)["id"]
        ids["run_id"] = self.post(ONE, "/v1/cascades", 200, {**named, "units": ["T-101"]})["id"]
        asked = {"park": named["park"], "units": ["T-102"]}
        ids["job_id"] = self.post(ONE, "/v1/cascades", 202, asked, Prefer="respond-async")["jobID"]
        with self.store.begin() as connection:
            finish_job(connection, ONE, ids["job_id"], Status.successful)
            for owner, name in (
                ("assessment", "reports/zh/report.pdf"),
                ("assessment", "reports/zh/figures/fn.svg"),
                ("decision", "reports/zh/report.pdf"),
                ("run", "played.geojson"),
            ):
                put_artifact(connection, ONE, owner, ids[f"{owner}_id"], name, b"{}", media_type="text/plain")
        self.ids = ids
        for name in ("dismissed_id", "webhook_id", "key_id"):
            ids[name] = self.fresh(name)
        return ids

    def fresh(self, name: str) -> str:
        """Make a thing of tenant "one" that a call will use up."""
        if name == "key_id":
            return str(self.post(ONE, "/v1/keys", 201, {"name": "gone soon", "role": "reader"})["id"])
        if name == "webhook_id":
            hook = {"url": "https://93.184.216.34/told", "events": ["job.failed"]}
            return str(self.post(ONE, "/v1/webhooks", 201, hook)["id"])
        park = {"park_id": self.ids["park_id"], "version": 1}
        asked = {"park": park, "units": ["T-101"], "seed": next(self._seeds)}
        job = str(self.post(ONE, "/v1/cascades", 202, asked, Prefer="respond-async")["jobID"])
        if name == "dismissed_id":
            assert self.client("DELETE", f"/v1/jobs/{job}").status_code == 200
        return job

    def absent(self) -> dict[str, Any]:
        """Ids of the same form that nobody has; versions and names that exist stay."""
        return {
            name: value if name == "version" else value[0] + uuid.uuid4().hex[: len(value) - 1]
            for name, value in self.ids.items()
        }

    def call(
        self,
        name: str,
        operation: Operation,
        ids: dict[str, Any],
        *,
        role: str = "admin",
        tenant: str = ONE,
        **more: Any,
    ) -> httpx.Response:
        """Call an operation with ids for its path, query and body."""
        method, path = name.split(" ")
        values = {**ids, **operation.values}
        if operation.fresh == "dismissed_id":
            values["job_id"] = ids["dismissed_id"]
        url = path.format(**values) + operation.query.format(**ids)
        body = operation.body(ids)
        headers = {**operation.headers, **more.pop("headers", {})}
        sent = more if body is None else {"json": body, **more}
        answer: httpx.Response = self.client(method, url, role=role, tenant=tenant, headers=headers, **sent)
        return answer

    def state(self) -> str:
        """Digest of every row of the store, but for the last uses of keys."""
        hashed = hashlib.sha256()
        with self.store.reading() as connection:
            for table in metadata.sorted_tables:
                columns = [column for column in table.columns if column.name != "last_used"]
                for row in connection.execute(select(*columns).order_by(*table.primary_key)):
                    hashed.update(repr((table.name, tuple(row))).encode())
        return hashed.hexdigest()

    def key(self, **more: Any) -> str:
        """Make a key of an administrator of "one" in the store."""
        made = new_key()
        values = {"role": "admin", "name": "k", "created_by": "test", "expires": None, **more}
        with self.store.begin() as connection:
            create_key(connection, ONE, made.id, secret_hash=made.secret_hash, **values)
        return made.text


def names_things(name: str, operation: Operation) -> bool:
    """Whether an operation names a thing of a tenant in its path or body."""
    in_path = set(re.findall(r"{(\w+)}", name)) - operation.values.keys()
    seen: set[str] = set()

    class Noting(dict[str, Any]):
        def __missing__(self, key: str) -> str:
            seen.add(key)
            return key

    operation.body(Noting())
    return bool(in_path or seen)


def past() -> str:
    """A moment ago, as the store keeps it."""
    return time_text(datetime.now(UTC) - timedelta(seconds=1))


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """Serve it; jobs are accepted and not worked off."""
    with service(folder, QuickEngines(), rate_by_address="100000/second") as client:
        store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
        try:
            yield World(client, store)
        finally:
            store.close()
