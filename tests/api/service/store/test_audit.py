"""The audit: one unbroken chain per tenant, whoever writes; whatever is done to it afterwards is found."""

import contextlib
import hashlib
import json
import sqlite3
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from parkrisk.api.service.store import audit, open_store, parks
from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.tables import metadata
from tests.api.service.store.conftest import new_tenant
from tests.api.service.store.example_rows import fill

_ENTRIES = [
    {"what": "park.created", "who": "张三", "n": 1.5},
    {"what": "gate.decided", "who": "\ud800\x00", "deep": {"b": [1, None, True], "a": {}}},
    {},
]


def _appended(store, tenant, entries):
    with store.begin() as connection:
        return [audit.append(connection, tenant, entry) for entry in entries]


def _exported(store, tenant):
    with store.reading() as connection:
        return list(audit.export(connection, tenant))


def test_the_hash_by_hand(store, tenant):
    """The rule of the module's docstring, followed with nothing but the standard library."""
    links = _appended(store, tenant, _ENTRIES)
    previous = "0" * 64
    for number, (link, line) in enumerate(zip(links, _exported(store, tenant), strict=True), start=1):
        content = json.loads(line)
        body = {"at": content["at"], "entry": _ENTRIES[number - 1], "sequence": number, "tenant": tenant}
        written = json.dumps(body, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256((previous + written).encode()).hexdigest()
        assert (content["entry"], content["hash"]) == (_ENTRIES[number - 1], previous)
        assert link == (number, previous)


def test_head_and_whole_chain(store, tenant, other):
    with store.begin() as connection:
        assert audit.head(connection, tenant) == (0, audit.START)
    links = _appended(store, tenant, _ENTRIES)
    _appended(store, other, _ENTRIES[:1])
    with store.reading() as connection:
        assert audit.head(connection, tenant) == links[-1]
        found = audit.verify(connection, tenant, hold=links[0].hash)
        assert found == (tenant, 3, links[-1].hash, None, True)
        assert not audit.verify(connection, other, hold=links[0].hash).held
    assert audit.verify_lines(_exported(store, tenant), hold=links[0].hash) == found


def test_entries_that_cannot_be_kept(store, tenant):
    with store.begin() as connection, pytest.raises(ValueError):
        audit.append(connection, tenant, {"share": float("nan")})
    with store.begin() as connection, pytest.raises(NotFound):
        audit.append(connection, "nobody", {})
    assert _exported(store, tenant) == []


def test_an_append_undone_leaves_the_chain_whole(store, tenant):
    _appended(store, tenant, _ENTRIES)
    with store.engine.connect() as connection, connection.begin() as transaction:
        audit.append(connection, tenant, {"what": "never"})
        transaction.rollback()
    _appended(store, tenant, _ENTRIES)
    with store.reading() as connection:
        assert audit.verify(connection, tenant)[1:4:2] == (6, None)


def test_eight_threads_make_one_chain(store, tenant, other):
    faults = []

    def write(number):
        try:
            for count in range(6):
                _appended(store, tenant, [{"thread": number, "count": count}])
                _appended(store, other, [{}])
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with store.reading() as connection:
        for each in (tenant, other):
            found = audit.verify(connection, each)
            assert (found.lines, found.broken) == (48, None)
    entries = [json.loads(line)["entry"] for line in _exported(store, tenant)]
    for number in range(8):  # each thread's lines in the order in which it wrote them
        assert [entry["count"] for entry in entries if entry["thread"] == number] == list(range(6))


#: A chain made without a database.
def _chain(tenant="t", count=6):
    last, lines = audit.Link(0, audit.START), []
    for number in range(count):
        line = audit._line(tenant, last, f"2026-01-0{number + 1}T00:00:00.000000Z", {"what": "x", "n": number})
        last = audit.Link(line.sequence, line.hash)
        lines.append(audit._exported(tenant, line))
    return lines


@given(data=st.data())
def test_any_change_of_one_sign_is_found(data):
    lines = _chain()
    at = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[at]) - 2))
    sign = data.draw(st.sampled_from('09afz"{},: \\é').filter(lambda each: each != lines[at][place]))
    lines[at] = lines[at][:place] + sign + lines[at][place + 1 :]
    assert audit.verify_lines(lines).broken == at + 1


@given(data=st.data())
def test_removal_reorder_and_insertion_are_found(data):
    lines = _chain()
    first, second = sorted(data.draw(st.lists(st.integers(0, 5), min_size=2, max_size=2, unique=True)))
    removed = lines[:first] + lines[first + 1 :]
    swapped = [*lines[:first], lines[second], *lines[first + 1 : second], lines[first], *lines[second + 1 :]]
    inserted = [*lines[: first + 1], _chain(count=6)[first], *lines[first + 1 :]]
    foreign = [*lines[:second], _chain("u")[second], *lines[second + 1 :]]
    assert audit.verify_lines(removed).broken == first + 1
    assert audit.verify_lines(swapped).broken == first + 1
    assert audit.verify_lines(inserted).broken == first + 2
    assert audit.verify_lines(foreign).broken == second + 1


def test_a_chain_cut_short_is_known_by_a_hash_of_what_is_gone():
    lines = _chain()
    last = json.loads(lines[-1])["hash"]
    assert audit.verify_lines(lines, hold=last)[1:] == (6, last, None, True)
    cut = audit.verify_lines(lines[:-1], hold=last)
    assert (cut.broken, cut.held) == (None, False)


@pytest.mark.parametrize("line", ["", "\n", "null\n", "[]\n", "{}\n", "[" * 100_000, '{"entry": NaN}\n', "\ufffd"])
def test_what_is_no_line_is_found(line):
    lines = _chain()
    assert audit.verify_lines([*lines[:2], line, *lines[2:]]).broken == 3
    assert audit.verify_lines([line]).broken == 1


def test_windows_line_ends_are_forgiven():
    assert audit.verify_lines(line.replace("\n", "\r\n") for line in _chain()).broken is None


_UNDONE = {
    "sqlite": "DROP TRIGGER audit_not_updated; DROP TRIGGER audit_not_deleted; DROP TRIGGER audit_not_replaced",
    "postgresql": "DROP TRIGGER audit_only_added_to ON audit",
}


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit SET entry = '{}' WHERE tenant = :t AND sequence = 2", 2),
        ("UPDATE audit SET entry = entry || ' ' WHERE tenant = :t AND sequence = 2", 2),
        ("UPDATE audit SET entry = 'NaN' WHERE tenant = :t AND sequence = 2", 2),
        ("UPDATE audit SET at = '2020' WHERE tenant = :t AND sequence = 3", 3),
        ("UPDATE audit SET hash = previous WHERE tenant = :t AND sequence = 1", 1),
        ("DELETE FROM audit WHERE tenant = :t AND sequence = 1", 1),
        ("UPDATE audit SET sequence = sequence + 10 WHERE tenant = :t AND sequence >= 2", 2),
    ],
)
def test_what_the_owner_of_the_database_does_is_found(store, tenant, change, broken):
    _appended(store, tenant, _ENTRIES)
    with store.engine.connect() as connection, connection.begin() as transaction:
        for statement in _UNDONE[store.engine.dialect.name].split(";"):
            connection.execute(text(statement))
        assert connection.execute(text(change), {"t": tenant}).rowcount > 0
        assert audit.verify(connection, tenant).broken == broken
        transaction.rollback()
    with store.reading() as connection:
        assert audit.verify(connection, tenant).broken is None


_FORBIDDEN = {
    "sqlite": ("UPDATE {} SET tenant = tenant", "DELETE FROM {}", "INSERT OR REPLACE INTO {} SELECT * FROM {}"),
    "postgresql": ("UPDATE {} SET tenant = tenant", "DELETE FROM {}", "TRUNCATE {} CASCADE"),
}


@pytest.mark.parametrize("table", ["audit", "park_versions"])
def test_the_database_itself_refuses_to_change_or_delete(store, tenant, table):
    about = {"input_digest": "", "rulebook": "", "units": 0, "source_name": "", "source_sha256": "", "problems": 0}
    with store.begin() as connection:
        park = parks.create_park(connection, tenant, "p", created_by="k")
        parks.add_version(connection, tenant, park.id, **about, created_by="k")
    _appended(store, tenant, _ENTRIES)
    before = _exported(store, tenant)
    forbidden = [each.format(table, table) for each in _FORBIDDEN[store.engine.dialect.name]]
    names = ", ".join(column.name for column in metadata.tables[table].primary_key)
    forbidden.append(
        f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT ({names}) DO UPDATE SET tenant = 'x'"
    )
    for statement in forbidden:
        with pytest.raises(DBAPIError, match=f"{table} is only added to"), store.begin() as connection:
            connection.execute(text(statement))
    assert _exported(store, tenant) == before


def test_a_replacement_is_refused_on_any_connection_to_the_file(tmp_path):
    """Without our settings, SQLite's INSERT OR REPLACE deletes without asking the trigger of deletion."""
    file = tmp_path / "store.sqlite"
    store = open_store(f"sqlite:///{file}")
    name = new_tenant(store)
    with store.begin() as connection:
        fill(connection, name, "x")
    store.close()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        for table in ("audit", "park_versions"):
            with pytest.raises(sqlite3.IntegrityError, match=f"{table} is only added to"):
                connection.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
