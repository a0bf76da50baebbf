"""The routes of parks, features and data with a real store, and engines that compute in this process."""

import asyncio
import contextlib
import uuid
from types import SimpleNamespace

import httpx
from fastapi import FastAPI

from parkrisk.api.service.compute.child import Options
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.tasks import TASKS
from parkrisk.api.service.errors import install_error_handlers
from parkrisk.api.service.identity.caller import Caller, caller_of
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.routes import features, parks, projects, rulebooks, schema, substances
from parkrisk.api.service.store.database import open_store
from parkrisk.api.service.store.tenants import ensure_tenant


class InProcess:
    """Engines without processes."""

    def __init__(self):
        self.desk = Desk(Options(2048, 1, 1), lambda *_: None)
        self.asked = []

    def run(self, task, arguments, **_limits):
        """Do a task here."""
        self.asked.append(task)
        return TASKS[task](arguments, self.desk)


class Client:
    """Asks an application without a network."""

    def __init__(self, app):
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    def request(self, method, path, **arguments):
        """Ask, and wait for the answer."""

        async def ask():
            async with httpx.AsyncClient(transport=self._transport, base_url="http://park") as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(ask())

    def get(self, path, **arguments):
        """Read."""
        return self.request("GET", path, **arguments)

    def post(self, path, **arguments):
        """Send."""
        return self.request("POST", path, **arguments)


class Routed:
    """A service; ``role`` and ``tenant`` are those of the caller and may be set."""

    def __init__(self, folder):
        store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
        places = SimpleNamespace(one=contextlib.nullcontext)
        self.service = SimpleNamespace(
            store=store, engines=InProcess(), settings=SimpleNamespace(wait_seconds=30), places=places
        )
        self.store = store
        self.as_new_tenant()
        self.app = FastAPI()
        self.app.state.service = self.service
        install_error_handlers(self.app)
        for module in (features, parks, projects, rulebooks, schema, substances):
            self.app.include_router(module.router)
        self.app.dependency_overrides[caller_of] = lambda: Caller(self.tenant, "tester", self.role, "k1")
        self.client = Client(self.app)

    def as_new_tenant(self):
        """Go on as the administrator of a tenant that has nothing."""
        self.tenant, self.role = uuid.uuid4().hex, Role.ADMIN
        self.service.engines.asked.clear()
        with self.store.begin() as connection:
            ensure_tenant(connection, self.tenant, "")
