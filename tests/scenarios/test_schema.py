import re

import pytest

from parkrisk.scenarios import schema

TABLES = list(schema.tables().values())
COLUMNS = [(table.name, column) for table in TABLES for column in table.columns.values()]
TYPES = {"text", "id", "reference", "number", "integer", "date", "time", "choice", "substance"}


def test_every_table_of_the_design_is_declared() -> None:
    assert set(schema.tables()) == {
        *("park", "project", "enterprises", "units", "contents", "targets", "population"),
        "boundary",
        *("weather", "ignition", "barriers", "response", "answers", "indicators"),
        *("lines", "losses", "transport", "measures", "readings", "hourly"),
    }


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t}.{c.name}" for t, c in COLUMNS])
def test_a_column_is_declared_in_full(table: str, column: schema.Column) -> None:
    assert column.type in TYPES
    assert column.label_zh
    assert column.label_en
    assert column.description
    assert re.search(r"[\u4e00-\u9fff]", column.label_zh) or not column.label_zh.isascii()
    assert bool(column.choices) == (column.type == "choice")
    assert bool(column.references) == (column.type == "reference")
    if column.choices:
        assert schema.choices(column.choices)
    if column.references:
        target, _, name = column.references.partition(".")
        assert schema.table(target).columns[name].type == "id"
    if column.minimum is not None and column.maximum is not None:
        assert column.minimum < column.maximum


@pytest.mark.parametrize(("table", "column"), [c for c in COLUMNS if c[1].default])
def test_a_default_fits_its_column(table: str, column: schema.Column) -> None:
    assert not column.required
    for term in column.default.split("|"):
        if term.startswith("=park."):
            assert term.removeprefix("=park.") in schema.table("park").columns
        elif term.startswith("="):
            assert term[1:] in schema.table(table).columns
        elif column.type == "choice":
            assert term in [choice.value for choice in schema.choices(column.choices)]
        elif column.is_number:
            low = -float("inf") if column.minimum is None else column.minimum
            high = float("inf") if column.maximum is None else column.maximum
            assert low <= float(term) <= high


def test_keys_and_the_shape_of_units_stand_in_the_schema() -> None:
    for table in TABLES:
        assert set(table.key) <= set(table.columns)
    kinds = [choice.value for choice in schema.choices("unit_kind")]
    assert [row["kind"] for row in schema.rows_of("geometry")] == kinds
    for band in schema.rows_of("plausible"):
        assert band["column"] in schema.table(band["table"]).columns
        assert band["kind"] in ("", *kinds)


def test_words_for_choices_are_never_ambiguous() -> None:
    for name in {row["choices"] for row in schema.rows_of("choices")}:
        seen: dict[str, str] = {}
        for choice in schema.choices(name):
            for word in (choice.value, choice.label_zh, choice.label_en, *choice.aliases):
                assert seen.setdefault(word.casefold(), choice.value) == choice.value, (name, word)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("unit_ID", "unit_id"), ("enterprise", "enterprise_id"), ("diametre_m", "diameter_m"), ("zzzz", "")],
)
def test_nearest_name(word: str, meant: str) -> None:
    assert schema.nearest(word, schema.table("units").columns) == meant


@pytest.mark.parametrize("kind", ["park", "project"])
def test_json_schema_names_what_is_required(kind: str) -> None:
    found = schema.json_schema(kind)
    assert found["required"] == [t.name for t in TABLES if t.of(kind) == "required"]
    units = found["properties"]["units"]["items"]
    assert units["required"] == [c.name for c in schema.table("units").columns.values() if c.required]
    assert "atmospheric_tank" in units["properties"]["kind"]["enum"]
    assert units["properties"]["diameter_m"]["maximum"] == 150.0
    assert units["properties"]["diameter_m"]["type"] == ["number", "null"]
    assert ("weather" in found["properties"]) == (kind == "park")


def test_every_problem_is_worded_in_both_languages() -> None:
    for row in schema.rows_of("problems"):
        assert row["severity"] in ("error", "warning", "note")
        assert re.search(r"[\u4e00-\u9fff]", row["message_zh"]) or row["message_zh"] == "{reason_zh}"
        assert row["message_en"].isascii() or "³" in row["message_en"]
        for fields in (row["message_zh"], row["message_en"]):
            assert fields.count("{") == fields.count("}")
