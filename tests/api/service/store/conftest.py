"""Stores on both databases. A store is shared by the tests of a worker: each test has tenants of its own."""

import uuid

import pytest

from parkrisk.api.service.store import open_store, tenants
from tests.api.service.store.databases import KINDS, empty


@pytest.fixture(params=KINDS)
def database(request, tmp_path):
    """The URL of an empty database."""
    with empty(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="session", params=KINDS)
def store(request, tmp_path_factory):
    """An open store."""
    with empty(request.param, tmp_path_factory.mktemp("store")) as url:
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture
def tenant(store):
    """A tenant that has nothing yet."""
    return new_tenant(store)


@pytest.fixture
def other(store):
    """Another one."""
    return new_tenant(store)


def new_tenant(store):
    name = f"t{uuid.uuid4().hex}"
    with store.begin() as connection:
        tenants.ensure_tenant(connection, name, "园区管委会")
    return name
