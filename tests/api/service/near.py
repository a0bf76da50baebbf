"""The service in this process, computing here, too: the tasks of an engine without its children."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import Connection

from parkrisk.api.service.app import create_app
from parkrisk.api.service.compute.child import Options
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.tasks import TASKS
from parkrisk.api.service.identity.keys import new_key
from parkrisk.api.service.settings import Settings
from parkrisk.api.service.store.keys import create_key
from parkrisk.api.service.store.tenants import ensure_tenant

ROLES = ("reader", "officer", "assessor", "approver", "admin")


class NearEngines:
    """Works off tasks one after another in this process, and notes which; ``before`` is called first each time."""

    def __init__(self) -> None:
        self._desk = Desk(Options(memory_mb=100_000, threads=1, cache=4), lambda *_: None)
        self._lock = threading.Lock()
        self.tasks: list[str] = []
        self.before = lambda _task, _arguments: None

    def run(self, task: str, arguments: Mapping[str, Any], **_limits: Any) -> Outcome:
        """Compute; arguments are plain JSON, as for a child."""
        self.before(task, arguments)
        with self._lock:
            self.tasks.append(task)
            return TASKS[task](json.loads(json.dumps(arguments)), self._desk)

    def counts(self) -> Mapping[str, int]:
        """Of the metrics."""
        return {}

    def ready(self, _seconds: float = 0.0) -> bool:
        """Always."""
        return True


class Client:
    """Asks the service with the key of a tenant and role, from any thread."""

    def __init__(self, http: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._http, self._loop = http, loop
        self.keys: dict[tuple[str, str], str] = {}

    def __call__(self, method: str, path: str, *, role: str = "admin", tenant: str = "one", **more: Any) -> Any:
        """Give the answer of one request."""
        headers = {"Authorization": f"Bearer {self.keys[tenant, role]}", **more.pop("headers", {})}
        asked = self._http.request(method, path, headers=headers, **more)
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(120.0)


@contextlib.contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@contextlib.contextmanager
def service(folder: Path, engines: Any, *, worker: bool = False, **settings: Any) -> Iterator[Client]:
    """Serve from a new store, with a key of every role for the tenants "one" and "two"."""
    url = f"sqlite:///{folder / 'store.sqlite'}"
    chosen = Settings(database_url=SecretStr(url), rate_by_key="100000/second", **settings)
    app = create_app(chosen, worker=worker, engines=engines)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    with _loop() as loop:
        opened = app.router.lifespan_context(app)
        asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(60.0)
        client = Client(httpx.AsyncClient(transport=transport, base_url="http://park"), loop)
        with app.state.service.store.begin() as connection:
            for tenant in ("one", "two"):
                ensure_tenant(connection, tenant, tenant)
                client.keys |= {(tenant, role): _key(connection, tenant, role) for role in ROLES}
        try:
            yield client
        finally:
            asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(60.0)


def _key(connection: Connection, tenant: str, role: str) -> str:
    key = new_key()
    more = {"role": role, "name": f"{role} {tenant}", "created_by": "test", "expires": None}
    create_key(connection, tenant, key.id, secret_hash=key.secret_hash, **more)
    return key.text
