"""No function of the store sees, changes or deletes what another tenant has."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from parkrisk.api.service import store as package
from parkrisk.api.service.store import audit
from parkrisk.api.service.store.errors import StoreError
from parkrisk.api.service.store.tables import metadata
from tests.api.service.store.conftest import new_tenant
from tests.api.service.store.example_rows import OF_ALL, fill, rows

#: Modules that hold no rows of a tenant: what opens the database, and what is for the operator.
_NOT_OF_TENANTS = {"canonical", "database", "errors", "migrate", "migrations", "rows", "status", "tables"} | OF_ALL
_MODULES = [
    importlib.import_module(f"{package.__name__}.{found.name}")
    for found in pkgutil.iter_modules(package.__path__)
    if found.name not in _NOT_OF_TENANTS
]
_PUBLIC = [
    function
    for module in _MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]
_FOR_ALL = [function for function in _PUBLIC if function.__name__.startswith(("all_", "any_"))]
#: Reads lines, not the database.
_WITHOUT_DATABASE = {"verify_lines"}
_OF_ONE = [each for each in _PUBLIC if each not in _FOR_ALL and each.__name__ not in _WITHOUT_DATABASE]

#: What an argument is when it names nothing that is stored.
_PLAIN = {
    "again": None, "answer": 500, "arguments_digest": "args", "attempts": 1, "content": b"mine", "created_by": "me",
    "cursor": None, "delivered": False, "entry": {"what": "tried"}, "error": {"code": "x"}, "event": "job",
    "events": ["job"], "expires": None, "grade_bounds": None, "grade_letter": "A", "hold": None, "input_digest": "in",
    "limit": 100, "media_type": "text/plain", "message": "mine", "only": None, "payload": {}, "prefix": "",
    "problems": 0, "process": "whatif", "project_digest": "q", "resource": "mine", "result_digest": "out",
    "role": "reader", "rulebook": "cn-2026", "rules": None, "secret": "mine", "secret_hash": "mine", "seed": 0,
    "settings": {}, "share": 0.5, "since": "2000", "source_name": "mine", "source_sha256": "mine", "stage": "risk",
    "status": "failed", "summary": {}, "to_kind": "run", "to_id": "r0", "units": 1, "unless_since": "9999",
    "url": "https://example.org", "verdict": "admit",
}  # fmt: skip


def test_the_functions_are_found():
    assert len(_OF_ONE) > 50
    assert {each.__name__ for each in _OF_ONE} >= {"create_park", "append", "put_artifact", "announce", "claim_request"}


def test_every_table_of_a_tenant_says_whose_the_row_is():
    for table in metadata.sorted_tables:
        if table.name not in OF_ALL:
            assert not table.c.tenant.nullable
            for key in table.foreign_key_constraints:
                assert "tenant" in key.column_keys, f"{table.name}: a reference that may leave the tenant"


@pytest.mark.parametrize("function", _OF_ONE, ids=lambda each: each.__name__)
def test_no_function_can_be_called_without_a_tenant(function):
    first, second, *_ = inspect.signature(function).parameters.values()
    assert (first.name, second.name) == ("connection", "tenant")
    assert second.annotation is str
    assert second.default is inspect.Parameter.empty
    assert second.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    with pytest.raises(TypeError):
        function(None)


@pytest.mark.parametrize("function", _FOR_ALL, ids=lambda each: each.__name__)
def test_what_is_for_all_tenants_takes_none(function):
    assert "tenant" not in inspect.signature(function).parameters


def _arguments(function, named):
    """Arguments of a call: what is named, and something plain for the rest."""
    values = {**_PLAIN, **named}
    return {
        name: 201 if name == "status" and parameter.annotation is int else values[name]
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in ("connection", "tenant")
    }


def _called(connection, function, tenant, named):
    """What the call gives, or the refusal; a refused call leaves nothing."""
    try:
        with connection.begin_nested():
            found = function(connection, tenant, **_arguments(function, named))
            return list(found) if isinstance(found, Iterator) else found
    except (StoreError, IntegrityError) as refused:
        return type(refused)


@pytest.fixture(scope="module", params=[True, False], ids=["finished", "unfinished"])
def two(request, store):
    """Two tenants with rows in every table, and what names the rows."""
    mine, theirs = new_tenant(store), new_tenant(store)
    with store.begin() as connection:
        own = fill(connection, mine, "MINE", finished=request.param)
        foreign = fill(connection, theirs, "THEIRS", finished=request.param)
        audit.append(connection, theirs, {"what": "the longer chain"})
    return (mine, own), (theirs, foreign)


def test_every_function_serves_the_owner(store, two):
    """The calls of the test below are ones that work: on one's own rows none is refused for want of the row."""
    _, (theirs, named) = two
    makes = {"create_key": {"key_id": "a-new-one"}}
    for function in _OF_ONE:
        with store.engine.connect() as connection:
            transaction = connection.begin()
            found = _called(connection, function, theirs, {**named, **makes.get(function.__name__, {})})
            assert not isinstance(found, type), (function.__name__, found)
            transaction.rollback()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_another_tenant_reaches_nothing(store, two, data):
    """Every function in any order, with names of the other's rows or one's own."""
    (mine, own), (theirs, foreign) = two
    order = data.draw(st.permutations(_OF_ONE))
    choices = data.draw(st.lists(st.sets(st.sampled_from(sorted(own))), min_size=len(order), max_size=len(order)))
    with store.engine.connect() as connection:
        transaction = connection.begin()
        before = rows(connection, theirs)
        secret = ["THEIRS", *(line["hash"] for line in before["audit"])]

        def secret_in(value):
            return any(each in str(value) for each in secret)

        for function, mine_here in zip(order, choices, strict=True):
            named = {**foreign, **{name: own[name] for name in mine_here}}
            seen = repr(_called(connection, function, mine, named))
            for name in filter(secret_in, foreign.values()):
                seen = seen.replace(name, "")  # what was asked may be said again
            assert not secret_in(seen), function.__name__
        assert rows(connection, theirs) == before
        transaction.rollback()


def test_every_function_alone_with_the_names_of_another(store, two):
    (mine, _), (theirs, foreign) = two
    with store.engine.connect() as connection:
        transaction = connection.begin()
        before = rows(connection, theirs)
        for function in _OF_ONE:
            _called(connection, function, mine, foreign)
        assert rows(connection, theirs) == before
        transaction.rollback()
