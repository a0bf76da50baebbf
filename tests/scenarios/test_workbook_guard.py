"""What is no workbook, or a dangerous one, is refused with one clear problem."""

import functools
import random
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from parkrisk.models.errors import Problem
from parkrisk.scenarios import problems
from parkrisk.scenarios.reading.workbook import guard, limits, marks, sheets
from parkrisk.scenarios.reading.workbook.reader import read_workbook
from tests.scenarios.workbook_bombs import BOMBS, LAUGHS, packed, sheet, write
from tests.scenarios.workbook_maker import minimal, replaced

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ILL = ("../up.xml", "/root.xml", "c:/x.xml", "a\\..\\b.xml", "inner.xlsx", "XL/Workbook.xml")


def refused(content: bytes, folder: Path) -> Problem:
    """Give the one problem of a file."""
    (fault,) = read_workbook(write(content, folder / "park.xlsx"), "park").problems
    assert fault.severity == "error"
    return fault


def code_of(content: bytes) -> str:
    """Code the guard refuses a file with, without a child."""
    with pytest.raises(guard.Refused) as caught:
        guard.inflated(content, guard.members(content))
    return caught.value.code


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(name: str, tmp_path: Path) -> None:
    bomb, codes = BOMBS[name]
    assert refused(bomb(), tmp_path).code in codes


def test_a_bomb_fits_into_a_mail() -> None:
    assert len(BOMBS["inflating"][0]()) < 0.35e6


def test_the_size_that_is_declared_is_not_believed() -> None:
    content = BOMBS["lying"][0]()
    (entry,) = [entry for entry in guard.members(content) if entry.filename == "xl/worksheets/sheet1.xml"]
    assert entry.file_size == 1000
    assert code_of(content) == "workbook_lies"


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "workbook_form", "empty"),
        (b"unit_id,x,y\nT-1,1,2\n", "workbook_form", "CSV"),
        ("设备编号,横坐标\n".encode("gbk"), "workbook_form", "CSV"),
        (_OLE + bytes(600), "workbook_form", ".xls"),
        (
            _OLE + "EncryptedPackage".encode("utf-16-le"),
            "workbook_encrypted",
            "password",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "workbook_form", "another form"),
        (b"PK\x03\x04 cut off", "workbook_damaged", "no end"),
        (packed({})[:-30], "workbook_damaged", "no end"),
    ],
)
def test_other_files_are_told_apart(content: bytes, code: str, words: str, tmp_path: Path) -> None:
    fault = refused(content, tmp_path)
    assert fault.code == code
    assert words in fault.message_en


def _zip(path: Path, **members: bytes) -> bytes:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path.read_bytes()


def test_other_archives_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    for content, word in (
        (_zip(path, xl__workbook_dot_bin=b""), ".xlsb"),
        (_zip(path, mimetype=b"", content_dot_xml=b""), ".ods"),
        (_zip(path, word__document_dot_xml=b""), "another kind"),
    ):
        with pytest.raises(guard.Refused) as caught:
            guard.members(content)
        assert word in str(caught.value.words["form_en"])


@pytest.mark.parametrize("name", _ILL)
def test_ill_names_are_refused(name: str) -> None:
    assert code_of(packed({name: b"<x/>"})) == "workbook_damaged"


def test_encrypted_members_are_refused() -> None:
    content = bytearray(packed({}))
    content[content.find(b"PK\x01\x02") + 8] |= 1
    assert code_of(bytes(content)) == "workbook_encrypted"


def test_no_member_declares_entities_whatever_its_encoding() -> None:
    for name in ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"):
        assert code_of(packed({name: LAUGHS + b"<x/>"})) == "workbook_entities"
    assert code_of(packed({"xl/styles.xml": LAUGHS.decode().encode("utf-16")})) == "workbook_entities"


def test_a_damaged_stream_is_refused() -> None:
    content = bytearray(packed({"xl/styles.xml": bytes(range(256)) * 40}))
    at = content.find(b"xl/styles.xml") + 60
    content[at : at + 8] = b"\xff" * 8
    assert code_of(bytes(content)) in ("workbook_damaged", "workbook_lies")


def test_members_of_all_sizes_come_out_as_they_went_in() -> None:
    for size in (0, 1, 100, guard._CHUNK - 1, guard._CHUNK, 3 * guard._CHUNK + 7):
        text = random.Random(size).randbytes(size // 2).hex().encode()
        assert guard.inflated(c := packed({"xl/styles.xml": text}), guard.members(c))["xl/styles.xml"] == text


def test_a_declared_size_does_no_harm_by_itself(tmp_path: Path) -> None:
    path = minimal().write(tmp_path / "park.xlsx")
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if name.startswith("xl/worksheets/")]
    for name in names:
        replaced(path, name, lambda text: text.replace(b'<dimension ref="A1', b'<dimension ref="A1:XFD1048576" x="'))
    assert problems(path) == ()


def test_a_sheet_full_of_merged_cells_is_no_table() -> None:
    merged = b"<mergeCells>" + b'<mergeCell ref="A1:B2"/>' * (limits.MARKS + 1) + b"</mergeCells>"
    with pytest.raises(guard.Refused) as caught:
        marks.sheet_marks(sheet(b"", merged), "设备", {}, limits.CELLS)
    assert caught.value.code == "workbook_marks"


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="1A"><v>1</v></c></row>',
        b'<row r="x"><c r="A1"><v>1</v></c></row>',
        b'<row r="99999999999999999999"><c r="A1"><v>1</v></c></row>',
        b"<row><c><v>1</v></row>",
    ],
)
def test_sheets_out_of_order_are_refused(rows: bytes) -> None:
    with pytest.raises(guard.Refused) as caught:
        marks.sheet_marks(sheet(rows), "设备", {}, limits.CELLS)
    assert caught.value.code in ("workbook_damaged", "workbook_cells")


def test_a_child_that_hangs_or_dies_is_one_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = packed({})
    with monkeypatch.context() as patch:
        patch.setattr(limits, "SECONDS", 0.001)
        assert refused(content, tmp_path).code == "workbook_time"
    monkeypatch.setattr(sheets, "_MODULE", "parkrisk.no_such_module")
    assert refused(content, tmp_path).code == "workbook_crash"
    assert problems(tmp_path / "nowhere.xlsx")[0].code == "unreadable"


@functools.cache
def _minimal() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return minimal().write(Path(folder) / "park.xlsx").read_bytes()


@drawn(max_examples=25)
@given(cuts=st.lists(st.tuples(st.integers(0, 60_000), st.binary(max_size=6)), max_size=5))
def test_no_change_of_bytes_breaks_the_reader(
    cuts: list[tuple[int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("mutated")
    content = _minimal()
    for at, piece in cuts:
        at %= len(content)
        content = content[:at] + piece + content[at + len(piece) :]
    found = read_workbook(write(content, folder / "park.xlsx"), "park")
    assert found.tables or any(fault.severity == "error" for fault in found.problems)
