"""``parkrisk audit`` and ``parkrisk keys``: what they print, what they keep, their exit codes."""

import json
import sqlite3
from contextlib import closing

import pytest

from parkrisk.api.commands.keys import RoleName
from parkrisk.api.service.identity.keys import parse, verify
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.store import keys, open_store


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def made(run, database):
    """Two keys, as printed."""
    printed = []
    for role in ("admin", "reader"):
        code, out, err = run(
            "keys", "create", "--role", role, "--name", "张三", "--database", database, "--json", "--days", 2
        )
        assert (code, err) == (0, "")
        printed.append(json.loads(out))
    return printed


def test_a_key_is_printed_once_and_only_its_hash_kept(run, database, made, tmp_path):
    key_id, secret = parse(made[0]["key"])
    store = open_store(database)
    with store.reading() as connection:
        kept = keys.get_key(connection, "local", key_id)
    store.close()
    assert verify(secret, kept.secret_hash)
    assert (kept.role, kept.name, kept.created_by) == ("admin", "张三", "parkrisk keys")
    assert kept.expires > kept.created
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection:
        assert secret not in "\n".join(connection.iterdump())
    for as_json in ([], ["--json"]):
        code, out, _ = run("keys", "list", "--database", database, "--lang", "zh", *as_json)
        assert code == 0
        assert key_id in out
        assert secret not in out
        assert kept.secret_hash not in out


def test_the_key_alone_goes_to_standard_output(run, database):
    code, out, err = run("keys", "create", "--role", "reader", "--name", "n", "--database", database, "--lang", "en")
    assert code == 0
    assert parse(out.strip())
    assert err == "keep it now: it is not shown again\n"


def test_the_roles_are_those_of_the_service():
    assert [each.value for each in RoleName] == [each.value for each in Role]


def test_revoking(run, database, made):
    key_id = made[0]["id"]
    for _ in range(2):
        code, out, _ = run("keys", "revoke", key_id, "--database", database, "--json")
        assert code == 0
        assert json.loads(out)["revoked"]
    assert run("keys", "revoke", "none", "--database", database)[0] == 2
    assert run("keys", "revoke", key_id, "--database", database, "--tenant", "other")[0] == 2
    _, out, _ = run("audit", "export", "--database", database)
    done = [json.loads(line)["entry"]["what"] for line in out.splitlines()]
    assert done == ["key.created", "key.created", "key.revoked"]


def test_a_whole_audit_and_a_changed_one(run, database, made, tmp_path):
    file = tmp_path / "audit.jsonl"
    assert run("audit", "export", "--database", database, "-o", file)[0] == 0
    code, out, _ = run("audit", "verify", "--database", database, "--json")
    found = json.loads(out)
    (chain,) = found["chains"]
    assert (code, found["whole"], chain["lines"], chain["tenant"]) == (0, True, 2, "local")
    code, out, _ = run("audit", "verify", file, "--hold", chain["head"], "--lang", "en")
    assert (code, out) == (0, f"tenant local: whole, 2 lines, head {chain['head']}\n")
    for where in ([file], ["--database", database]):
        code, out, _ = run("audit", "verify", *where, "--hold", "0" * 64, "--lang", "zh")
        assert code == 3
        assert "没有所要求的哈希值" in out
    file.write_text(file.read_text().replace('"key_role":"reader"', '"key_role":"admin"'))
    code, out, _ = run("audit", "verify", file, "--lang", "zh")
    assert (code, out) == (3, "租户 local：第 2 行起不可信\n")
    assert json.loads(run("audit", "verify", file, "--json")[1])["chains"][0]["broken"] == 2


@pytest.mark.parametrize("name", ["audit.jsonl", "none"])
def test_files_that_are_no_audit(run, tmp_path, name):
    (tmp_path / "audit.jsonl").write_bytes(b"\xff\xfe\x00nothing\n")
    code, _, _ = run("audit", "verify", tmp_path / name)
    assert code == {"audit.jsonl": 3, "none": 2}[name]


@pytest.mark.parametrize(
    "command", [["audit", "verify"], ["audit", "export"], ["keys", "list"], ["keys", "revoke", "x"]], ids=" ".join
)
def test_only_making_a_key_makes_a_database(run, database, tmp_path, command):
    code, out, err = run(*command, "--database", database)
    assert (code, out) == (2, "")
    assert "没有此数据库" in err
    assert not any(tmp_path.iterdir())


def test_the_database_of_the_service_is_the_default(run, database, made, monkeypatch):
    monkeypatch.setenv("PARKRISK_DATABASE_URL", database)
    assert run("audit", "verify")[0] == 0
    code, _, err = run("audit", "export", "--tenant", "nobody")
    assert (code, "没有此租户" in err) == (2, True)
    assert run("audit", "verify", "--database", "mysql://u:secret@h/d")[0] == 2


def test_warmup_says_how_long_it_took(run):
    code, out, err = run("warmup", "--lang", "en")
    assert (code, err) == (0, "")
    assert out.startswith("ready after ")
