"""Files of results: what a spreadsheet makes of them."""

import csv

import pandas as pd
import pytest

from parkrisk.risk.files import write_json, write_table


def cells(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_text_that_begins_like_a_formula_stays_text(tmp_path, start):
    path = write_table(
        tmp_path / "t.csv", pd.DataFrame({"name": [start + "cmd|'/c calc'!A0", "储罐"], "x": [-1.5, 2.0]})
    )
    assert cells(path)[1:] == [["'" + start + "cmd|'/c calc'!A0", "-1.5"], ["储罐", "2.0"]]


def test_a_line_break_of_any_kind_stays_in_its_cell(tmp_path):
    path = write_table(tmp_path / "t.csv", pd.DataFrame({"note": ["\ra", "b\r\nc"], "x": [1, 2]}))
    assert cells(path)[1:] == [["\na", "1"], ["b\nc", "2"]]


def test_lists_are_text_with_semicolons(tmp_path):
    table = pd.DataFrame({"missing": [("a", "=b"), ()], "n": [1, 2]})
    assert cells(write_table(tmp_path / "t.csv", table))[1:] == [["a; =b", "1"], ["", "2"]]


def test_excel_knows_the_encoding_and_numbers_lose_nothing(tmp_path):
    value = 0.1 + 0.2
    path = write_table(tmp_path / "t.csv", pd.DataFrame({"值": [value]}))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert float(cells(path)[1][0]) == value


def test_json_refuses_what_is_no_number(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "t.json", {"a": float("nan")})
