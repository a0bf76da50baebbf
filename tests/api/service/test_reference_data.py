"""Rulebooks, substances and the schema over HTTP, against the files they come from."""

import csv
import json

import pytest
from typer.testing import CliRunner

from parkrisk.api import commands  # noqa: F401 - registers the commands
from parkrisk.api.cli import app
from parkrisk.models.constants import rows
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.rules.facts import shipped_evidence
from parkrisk.scenarios import read, read_project, schema
from tests.api.service.routed import Routed
from tests.minimal_park import FOLDER


@pytest.fixture(scope="module")
def get(tmp_path_factory):
    """Read below /v1."""
    routed = Routed(tmp_path_factory.mktemp("store"))
    yield lambda path, **more: routed.client.get(f"/v1{path}", **more)
    routed.store.close()


def test_rulebooks_are_those_of_the_command(get):
    printed = CliRunner().invoke(app, ["rules", "show", "hazchem-law-2025", "--date", "2026-11-01", "--json"])
    found = get("/rulebooks/hazchem-law-2025?date=2026-11-01").json()
    assert json.loads(printed.stdout)["rules"] == found["rules"]
    listed = get("/rulebooks?date=2026-11-01").json()
    assert found["rulebook"] in listed["items"]
    assert {"sets", "checklists", "date"} < set(listed)
    assert get("/rulebooks?date=1999-01-01").json()["items"][0]["in_force"] == 0


@pytest.mark.parametrize("path", ["/rulebooks?set=/etc/passwd", "/rulebooks/x?set=../a.toml", "/schema?rules=a.csv"])
def test_files_of_the_machine_are_no_rule_sets(get, path):
    answer = get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "passwd" not in answer.text


def test_unknown_rulebooks_are_not_found(get):
    assert get("/rulebooks/nobody").status_code == 404
    assert get("/rulebooks?date=yesterday").status_code == 422


@pytest.mark.parametrize(
    ("words", "cas"),
    [("7664-41-7", "7664-41-7"), ("液氨", "7664-41-7"), ("Chlorine", "7782-50-5"), ("甲醇", "67-56-1")],
)
def test_substances_are_found_by_number_and_by_name_in_both_languages(get, words, cas):
    assert get("/substances", params={"q": words}).json()["items"][0]["cas"] == cas
    assert get(f"/substances/{words}").json()["cas"] == cas


def test_substances_give_every_value_of_the_table_with_source_and_mark(get):
    found = get("/substances/7664-41-7").json()
    given = {(each["property"], each["source"], each["mark"]) for each in (*found["properties"], *found["texts"])}
    expected = {
        (row["property"], row["source"], row["mark"])
        for row in rows("substance_properties")
        if row["cas"] == "7664-41-7"
    }
    assert given == expected
    assert {each["mark"] for each in found["properties"]} <= {"V", "1", "M"}
    assert found["critical_quantities"][0]["quantity_t"] == 10.0
    assert (found["toxic_probit"]["a"], found["toxic_probit"]["mark"]) == (-15.6, "V")


def test_borrowed_values_are_marked_unverified(get):
    cas = get("/substances", params={"q": "汽油"}).json()["items"][0]["cas"]
    found = get(f"/substances/{cas}").json()
    borrowed = [each for each in found["properties"] if each["source"].startswith("surrogate")]
    assert borrowed
    assert {each["mark"] for each in borrowed} == {"M"}


def test_every_substance_can_be_read(get):
    every = get("/substances?limit=1000").json()["items"]
    assert len(every) == len(rows("substances"))
    for each in every[::20]:
        assert get(f"/substances/{each['cas']}").json()["name_zh"] == each["name_zh"]


def test_a_word_for_nothing_comes_with_a_hint(get):
    answer = get("/substances", params={"q": "7664-41-8"}).json()
    assert answer["items"] == []
    assert "氨" in answer["hint_zh"]
    assert get("/substances/7664-41-8").status_code == 404


def test_the_schema_names_every_column_of_the_files(get):
    found = {table["name"]: table for table in get("/schema").json()["tables"]}
    for name in ("units", "project", "indicators", "answers"):
        with (schema.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            expected = list(csv.DictReader(file))
        columns = found[name]["columns"]
        assert [each["name"] for each in columns] == [row["column"] for row in expected]
        for column, row in zip(columns, expected, strict=True):
            assert (column["unit"], column["label_zh"], column["label_en"]) == (
                row["unit"],
                row["label_zh"],
                row["label_en"],
            )
            assert (column["choices"] is not None) == bool(row["choices"])
    for kind in ("park", "project"):
        assert get(f"/schema/{kind}").json() == schema.json_schema(kind)
    assert get("/schema/nothing").status_code == 422


@pytest.mark.slow
def test_the_schema_lists_the_evidence_that_a_gate_without_any_misses(get):
    """A form made of it asks for everything that a decision on a bare project says is missing."""
    park = read(FOLDER)
    decision = gate(park, read_project(FOLDER / "projects" / "no-evidence"), cures=False)
    content = get("/schema", params={"rules": park.rulebook, "date": park.date.isoformat()}).json()
    asked = {(each["what"], each["name"]) for scope in content["evidence"].values() for each in scope}
    names = {name for _, name in asked}
    of_the_whole = [each["item"] for each in decision.missing if "[" not in each["item"]]  # not of one installation
    missing = {item.partition(".")[2] for item in of_the_whole}
    missing &= {item for _, item in shipped_evidence()}
    assert len(missing) > 20
    assert missing <= names
    assert all(each["label_zh"] and each["rules"] for each in content["evidence"]["project"])
    assert content["date"] == park.date.isoformat()


def test_unchanged_data_are_not_sent_again(get):
    for path in ("/rulebooks", "/substances/7664-41-7", "/schema", "/schema/park"):
        tag = get(path).headers["etag"]
        assert get(path, headers={"If-None-Match": tag}).status_code == 304
