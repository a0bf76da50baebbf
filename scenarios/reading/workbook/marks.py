"""What stands in the XML of a workbook besides the values: formulas, merged and hidden cells, number formats."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from parkrisk.scenarios.reading.workbook import limits
from parkrisk.scenarios.reading.workbook.guard import Refused

__all__ = ["column_number", "number_formats", "sheet_list", "sheet_marks"]

_SCIENTIFIC = ("11", "48")  # built-in formats 0.00E+00 and ##0.0E+0
_PERCENT = ("9", "10")  # built-in formats 0% and 0.00%
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")

Marks = dict[str, Any]


def column_number(letters: str) -> int:
    """Number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _parser(name: str) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Refused("workbook_entities", name)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _parse(parser: expat.XMLParserType, text: bytes, name: str) -> None:
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError, KeyError, OverflowError) as error:
        raise Refused("workbook_damaged", name, reason=f"{name}: {error}") from None


def _elements(texts: Mapping[str, bytes], name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the elements of a small member with their attributes, prefixes left off."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser(name)

    def start(tag: str, attributes: dict[str, str]) -> None:
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        found.append((tag.rpartition(":")[2], plain))

    parser.StartElementHandler = start
    if name in texts:
        _parse(parser, texts[name], name)
    return iter(found)


def sheet_list(texts: Mapping[str, bytes]) -> tuple[list[dict[str, str]], bool]:
    """Name, state and member of every worksheet in order, and whether dates count from 1904."""
    targets = {}
    for tag, attributes in _elements(texts, "xl/_rels/workbook.xml.rels"):
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheets, since_1904 = [], False
    for tag, attributes in _elements(texts, "xl/workbook.xml"):
        if tag == "workbookPr":
            since_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif tag == "sheet" and targets.get(attributes.get("id", "")) in texts:
            member, state = targets[attributes["id"]], attributes.get("state", "visible")
            sheets.append({"name": attributes.get("name", ""), "state": state, "member": member})
    return sheets, since_1904


def _kind_of_format(identity: str, code: str) -> str:
    """Give "pad:3" for 000, "scientific", "scaled" for thousandths, "percent", "text:MPa" for 0.0"MPa", else ""."""
    first = code.split(";")[0]
    if re.fullmatch("0{2,}", first):
        return f"pad:{len(first)}"
    plain = _QUOTED.sub("", first)
    if identity in _SCIENTIFIC or re.search(r"[0#][Ee][+-]", plain):
        return "scientific"
    if re.search(r"[0#?],+(\.0*)?\s*$", plain):
        return "scaled"
    if identity in _PERCENT or "%" in plain:
        return "percent"
    text = "".join(quoted or escaped for quoted, escaped in _LITERAL.findall(first)).strip()
    return f"text:{text}" if text else ""


def number_formats(texts: Mapping[str, bytes]) -> dict[str, str]:
    """Index of a cell style → kind of its number format, only where the kind matters."""
    codes, found = {}, {}
    inside, index = False, 0
    for tag, attributes in _elements(texts, "xl/styles.xml"):
        if tag == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif inside and tag == "xf":
            identity = attributes.get("numFmtId", "0")
            kind = _kind_of_format(identity, codes.get(identity, ""))
            if kind:
                found[str(index)] = kind
            index += 1
    return found


class _Sheet:
    """One pass over the XML of a sheet."""

    def __init__(self, parser: expat.XMLParserType, name: str, formats: Mapping[str, str], cells_left: int) -> None:
        self.parser = parser
        self.name = name
        self.formats = formats
        self.cells_left = cells_left
        self.columns: dict[str, int] = {}
        self.row = self.column = -1
        self.last_row = self.last_column = -1
        self.formula = self.value = False
        self.error = self.text_result = False
        self.formula_text: list[str] = []
        self.value_text: list[str] = []
        self.inside = ""
        self.kind = ""
        kinds = ("empty_formulas", "linked_formulas", "errors", "formats", "merged", "hidden_rows", "hidden_columns")
        self.marks: Marks = {each: [] for each in kinds}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "v" or tag == "is":
            self.value = True
            self.inside = tag
        elif tag == "c":
            self._cell(attributes)
        elif tag == "f":
            self.formula, self.inside = True, tag
            self.parser.CharacterDataHandler = self.text
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 2)) - 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self._add("hidden_rows", self.row)
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self._add("hidden_columns", [int(attributes["min"]) - 1, int(attributes["max"]) - 1])
        elif tag == "mergeCell":
            ends = [_ADDRESS.fullmatch(part) for part in attributes.get("ref", "").split(":")]
            if len(ends) == 2 and ends[0] and ends[1]:
                corners = [[int(end[2]) - 1, column_number(end[1])] for end in ends if end]
                self._add("merged", [*corners[0], *corners[1]])

    def _cell(self, attributes: dict[str, str]) -> None:
        address = attributes.get("r")
        if address is None:
            self.column += 1
        else:
            letters = address.rstrip("0123456789")
            column = self.columns.get(letters)
            if column is None:
                if not re.fullmatch("[A-Z]{1,3}", letters):
                    raise ValueError(f"{address}: no address of a cell / 单元格地址无效")
                column = self.columns[letters] = column_number(letters)
            self.column = column
        kind = attributes.get("t", "n")
        self.error = kind == "e"
        self.text_result = kind == "str"  # a formula may well give the empty text
        if self.error:
            self.parser.CharacterDataHandler = self.text
        self.kind = self.formats.get(attributes.get("s", ""), "") if kind == "n" else ""

    def text(self, text: str) -> None:
        if self.inside == "f":
            self.formula_text.append(text)
        elif self.inside == "v":
            self.value_text.append(text)

    def end(self, tag: str) -> None:
        if tag != "c" and not tag.endswith(":c"):
            return
        if self.formula or self.value:
            if self.row > self.last_row:
                self.last_row = self.row
            if self.column > self.last_column:
                self.last_column = self.column
            if (self.last_row + 1) * (self.last_column + 1) > self.cells_left:
                size = f"{self.last_row + 1} × {self.last_column + 1}"
                raise Refused("workbook_cells", size, sheet=self.name, expected=limits.CELLS)
        if self.formula:
            self._formula()
        if self.error:
            self._add("errors", [self.row, self.column, "".join(self.value_text)[:40]])
        elif self.value and self.kind:
            self.marks["formats"].append([self.row, self.column, self.kind])
        if self.formula or self.error:
            self.parser.CharacterDataHandler = None
            self.formula_text, self.value_text = [], []
        self.formula = self.value = self.error = False
        self.inside = ""

    def _formula(self) -> None:
        written = "=" + "".join(self.formula_text)
        if not self.text_result and not "".join(self.value_text).strip():
            self._add("empty_formulas", [self.row, self.column, written[:60]])
        elif re.search(r"\[[^\[\]]+\][^\[\]]*!", written):
            self._add("linked_formulas", [self.row, self.column, written[:60]])

    def _add(self, kind: str, mark: object) -> None:
        if len(self.marks[kind]) >= limits.MARKS:
            raise Refused("workbook_marks", self.name, expected=limits.MARKS)
        self.marks[kind].append(mark)


def sheet_marks(text: bytes, name: str, formats: Mapping[str, str], cells_left: int) -> tuple[Marks, int]:
    """Return the marks of a sheet, rows and columns from 0, and how many cells its rectangle has.

    Raises
    ------
    Refused
        If the rectangle from A1 to the last cell with content has more than ``cells_left`` cells.
    """
    parser = _parser(name)
    sheet = _Sheet(parser, name, formats, cells_left)
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    _parse(parser, text, name)
    return sheet.marks, (sheet.last_row + 1) * (sheet.last_column + 1)
