"""A running service on both databases: two tenants, one key for each role of each."""

import asyncio
import contextlib

import httpx
import pytest

from parkrisk.api.service.app import create_app
from parkrisk.api.service.compute import Engines
from parkrisk.api.service.identity.keys import new_key
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.settings import Settings
from parkrisk.api.service.store import keys, tenants
from tests.api.service.store.databases import KINDS, empty

#: The tenant that asks, and another one.
MINE, THEIRS = "north", "south"


class NoEngines(Engines):
    """Stands where nothing is computed."""

    def __init__(self):
        pass

    def counts(self):
        return {"busy": 0, "free": 1, "starting": 0}

    def ready(self, seconds=0.0):
        return True


class Served:
    """A running service: call it with method and path."""

    def __init__(self, app, runner):
        self.app = app
        self._runner = runner
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.keys = {}

    @property
    def service(self):
        """Parts of the service."""
        return self.app.state.service

    def __call__(self, method, path, *, role=Role.ADMIN, tenant=MINE, key=None, headers=None, **more):
        """Ask with the key of a role and tenant, or another key; ``role=None``: without any."""
        text = key or (self.keys[tenant, Role(role)] if role is not None else None)
        sent = {"Authorization": f"Bearer {text}"} if text else {}
        return self._runner.run(self._ask(method, path, headers={**sent, **(headers or {})}, **more))

    async def _ask(self, method, path, **more):
        async with httpx.AsyncClient(transport=self._transport, base_url="http://park") as http:
            return await http.request(method, path, **more)

    def add_key(self, role, tenant=MINE, **more):
        """Make a key in the store; gives its text."""
        made = new_key()
        with self.service.store.begin() as connection:
            keys.create_key(
                connection,
                tenant,
                made.id,
                **{
                    "role": role,
                    "name": f"{role} of {tenant}",
                    "secret_hash": made.secret_hash,
                    "expires": None,
                    "created_by": "tests",
                    **more,
                },
            )
        return made.text


@contextlib.contextmanager
def serving(settings, *, engines=None, worker=False):
    """Run a service with its tenants and keys."""
    app = create_app(settings, worker=worker, engines=engines or NoEngines())
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        try:
            served = Served(app, runner)
            with served.service.store.begin() as connection:
                for tenant in (MINE, THEIRS):
                    tenants.ensure_tenant(connection, tenant, tenant)
            for tenant in (MINE, THEIRS):
                for role in Role:
                    served.keys[tenant, role] = served.add_key(role, tenant)
            yield served
        finally:
            runner.run(lifespan.__aexit__(None, None, None))


@pytest.fixture(params=KINDS)
def database(request, tmp_path):
    """URL of an empty database."""
    with empty(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engines():
    """Engines of the service; a test that computes brings others."""
    return NoEngines()


@pytest.fixture
def call(database, engines):
    """A running service on each database."""
    with serving(Settings(database_url=database), engines=engines) as served:
        yield served


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    """A running service on SQLite, shared by the tests of a module that change nothing."""
    with empty("sqlite", tmp_path_factory.mktemp("frame")) as url, serving(Settings(database_url=url)) as served:
        yield served
