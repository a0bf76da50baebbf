"""Sheets of a workbook: locked headers in two languages, comments, drop-downs and limits; data cells stay open."""

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from parkrisk.scenarios import schema
from parkrisk.scenarios.writing.plain import number_of
from parkrisk.scenarios.writing.words import example_words, explained, label, limits_words, unit_of

__all__ = ["CHOICES", "FIRST_ROW", "GUIDE", "LONGEST_CELL", "MOST_ROWS", "Book", "Remark"]

#: A row that is shown and not read: what column A says, its style, cells by column.
Remark = tuple[str, str, Mapping[str, str]]

#: Sheets that are no tables: the explanation, the lists behind the drop-downs.
GUIDE, CHOICES = "说明", "选项"
#: First row of data below the three rows of the header, from 0.
FIRST_ROW = 3
#: What a cell and a sheet of Excel hold.
LONGEST_CELL, MOST_ROWS = 32_767, 1_048_576 - FIRST_ROW
#: Rows that get drop-downs and limits, columns left open beside the table: more would only take time.
_LIMITED_ROWS, _OPEN_COLUMNS = 50_000, 99
#: Columns that one list takes on the sheet of lists: value, two labels, a gap.
_WIDTH_OF_LIST = 4

_CREATED = dt.datetime(2000, 1, 1)
_BLUE, _PALE, _GREY, _EXAMPLE = "#1F4E79", "#DDEBF7", "#F2F2F2", "#FFF8E1"
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
_ALLOWED = dict.fromkeys(
    (
        *("format_cells", "format_columns", "format_rows", "insert_rows", "sort", "autofilter"),
        *("select_locked_cells", "select_unlocked_cells"),
    ),
    True,
)


def _formats(book: Any) -> dict[str, Any]:
    head = {**_FONT, "border": 1, "border_color": "#FFFFFF", "text_wrap": True, "align": "center"}
    required, optional = {"bg_color": _BLUE, "font_color": "#FFFFFF"}, {"bg_color": _PALE, "font_color": _BLUE}
    code = {"font_name": "Consolas", "font_size": 9, "text_wrap": False}
    declared: dict[str, dict[str, Any]] = {
        "number": {**_FONT, "locked": False},
        "text": {**_FONT, "locked": False, "num_format": "@"},
        "remark": {**_FONT, "locked": False, "num_format": "@", "font_color": "#7F7F7F", "bg_color": _GREY},
        "hint": {
            **_FONT,
            "font_size": 9,
            "italic": True,
            "font_color": "#7F7F7F",
            "bg_color": _GREY,
            "text_wrap": True,
        },
        "example_number": {**_FONT, "locked": False, "font_color": "#8A6D3B", "bg_color": _EXAMPLE},
        "example_text": {**_FONT, "locked": False, "num_format": "@", "font_color": "#8A6D3B", "bg_color": _EXAMPLE},
        "entry_number": {**_FONT, "locked": False, "align": "left", "border": 1, "border_color": "#9DC3E6"},
        "entry_text": {**_FONT, "locked": False, "num_format": "@", "border": 1, "border_color": "#9DC3E6"},
        "title": {**_FONT, "font_size": 18, "bold": True, "font_color": _BLUE},
        "heading": {**_FONT, "font_size": 12, "bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE},
        "paragraph": {**_FONT, "text_wrap": True, "valign": "top"},
        "plain": {**_FONT, "text_wrap": True, "border": 1, "border_color": "#D9D9D9"},
    }
    for name, colours in (("required", required), ("optional", optional)):
        declared[name] = {**head, **colours, "bold": True}
        declared[f"{name}_second"] = {**head, **colours, "font_size": 9}
        declared[f"{name}_code"] = {**head, **colours, **code}
    return {name: book.add_format(found) for name, found in declared.items()}


class Book:
    """A workbook being written; closed by ``with``.

    Parameters
    ----------
    path : Path
    kind : str
        "park" or "project".
    lang : str
        "zh" or "en": names of sheets and of what the drop-downs offer.
    """

    def __init__(self, path: Path, kind: str, lang: str) -> None:
        import xlsxwriter  # heavy; only workbooks need it

        self.kind, self.lang = kind, lang
        self.book = xlsxwriter.Workbook(
            path,
            {
                "in_memory": True,
                **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
            },
        )
        self.book.set_properties({"created": _CREATED, "author": "parkrisk"})
        self.formats = _formats(self.book)
        self.tables = [table for table in schema.tables().values() if table.of(kind)]
        used = (column.choices for table in self.tables for column in table.columns.values() if column.choices)
        self.lists = {name: _WIDTH_OF_LIST * turn for turn, name in enumerate(dict.fromkeys(used))}

    def __enter__(self) -> "Book":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.book.close()

    def sheet(self, name: str, colour: str = "") -> Any:
        """Add a sheet whose header cells are locked; without a password, so that anyone may open it up."""
        sheet = self.book.add_worksheet(name)
        sheet.protect("", _ALLOWED)
        sheet.set_comments_author("parkrisk")
        sheet.set_default_row(18)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.fit_to_pages(1, 0)
        if colour:
            sheet.set_tab_color(colour)
        return sheet

    def name_of(self, table: schema.Table) -> str:
        """Name of the sheet of a table."""
        return table.label_zh if self.lang == "zh" else table.label_en

    def write(self, sheet: Any, row: int, place: int, cell: str, column: schema.Column, style: str = "") -> None:
        """Write one cell: a number where it stays the same number, text otherwise, nothing where it is empty."""
        value = number_of(cell) if column.is_number else None
        if value is not None and float(f"{value:.16g}") == value:
            sheet.write_number(row, place, value, self.formats[style + "number"])
        elif cell.strip():
            sheet.write_string(row, place, cell, self.formats[style + "text"])
        elif style:
            sheet.write_blank(row, place, None, self.formats[style + ("number" if column.is_number else "text")])

    def limit(self, sheet: Any, rows: tuple[int, int], place: int, column: schema.Column) -> None:
        """Let Excel offer the choices of a column, or refuse numbers that the reader would refuse."""
        first, last = rows
        if column.type == "choice":
            message = f"{column.label_zh}：请从列表中选择\n{column.label_en}: choose from the list"
            rule: dict[str, Any] = {"validate": "list", "source": self._offered(column.choices)}
            # The reader takes values and both labels, so that Excel only asks.
            rule |= {"error_type": "warning", "error_message": message}
            sheet.data_validation(first, place, last, place, rule)
        elif column.is_number:
            low, high = column.minimum, column.maximum
            rule = {"validate": "integer" if column.type == "integer" else "decimal"}
            low, high = (-1e15 if low is None else low), (1e15 if high is None else high)
            rule |= {"criteria": "between", "minimum": low, "maximum": high, "error_message": limits_words(column)}
            sheet.data_validation(first, place, last, place, rule)

    def header(self, sheet: Any, table: schema.Table, widths: Mapping[str, int]) -> None:
        """Three locked rows: Chinese labels with units, English labels, names; with comments, and limits below."""
        sheet.set_row(0, 34)
        sheet.set_row(1, 30)
        sheet.set_column(0, 0, 8, self.formats["remark"])
        for row, (word, style) in enumerate((("备注", ""), ("Remark", "_second"), ("#", "_code"))):
            sheet.write_string(row, 0, word, self.formats[f"optional{style}"])
        for place, column in enumerate(table.columns.values(), start=1):
            need = "required" if column.required else "optional"
            cells = self.formats["number" if column.is_number else "text"]
            sheet.set_column(place, place, widths[column.name], cells)
            sheet.write_string(0, place, label(column, "zh"), self.formats[need])
            sheet.write_string(1, place, column.label_en, self.formats[f"{need}_second"])
            sheet.write_string(2, place, column.name, self.formats[f"{need}_code"])
            self.comment(sheet, 0, place, table, column)
            self.limit(sheet, (FIRST_ROW, _LIMITED_ROWS), place, column)
        sheet.set_column(len(table.columns) + 1, _OPEN_COLUMNS, None, self.formats["number"])
        sheet.freeze_panes(FIRST_ROW, 1 + (1 if table.key else 0))

    def comment(self, sheet: Any, row: int, place: int, table: schema.Table, column: schema.Column) -> None:
        """Attach what there is to know about a column."""
        text = explained(table, column, self.lang)
        lines = sum(1 + len(line) // 58 for line in text.split("\n"))
        options = {"width": 330, "height": 17 * lines + 12, "font_name": "Microsoft YaHei", "font_size": 9}
        sheet.write_comment(row, place, text, options)

    def section(self, cells: Mapping[str, str], examples: Mapping[str, str]) -> None:
        """Sheet of the park or the project itself: one row per entry."""
        table = schema.table(self.kind)
        sheet = self.sheet(self.name_of(table), _BLUE)
        value = "值" if self.lang == "zh" else "value"
        words = ("name", "中文", "English", value, "单位 unit", "说明 explanation")
        for place, (word, width) in enumerate(zip(words, (22, 18, 26, 34, 10, 90), strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, word, self.formats["required"])
        sheet.set_row(0, 24)
        # The corners of the boundary have their own sheet; there is no file to name.
        entries = [column for column in table.columns.values() if column.name != "boundary"]
        for row, column in enumerate(entries, start=1):
            need = "required" if column.required else "optional"
            for place, word in enumerate((column.name, column.label_zh, column.label_en)):
                style = f"{need}_code" if place == 0 else need if place == 1 else f"{need}_second"
                sheet.write_string(row, place, word, self.formats[style])
            self.write(sheet, row, 3, cells.get(column.name, ""), column, "entry_")
            sheet.write_string(row, 4, unit_of(column), self.formats["hint"])
            example = example_words(table, column, examples.get(column.name, ""), self.lang)
            said = f"{column.description}" + (f"　示例 example: {example}" if example else "")
            sheet.write_string(row, 5, said, self.formats["hint"])
            if len(said) > 95:
                sheet.set_row(row, 30)
            self.comment(sheet, row, 3, table, column)
            self.limit(sheet, (row, row), 3, column)
        sheet.freeze_panes(1, 1)

    def _offered(self, name: str) -> str:
        letters = _letters(self.lists[name] + (1 if self.lang == "zh" else 2))
        return f"={CHOICES}!${letters}$2:${letters}${len(schema.choices(name)) + 1}"

    def choices(self) -> None:
        """Sheet of the lists behind the drop-downs: of each list value, Chinese and English label side by side."""
        sheet = self.sheet(CHOICES, "#7F7F7F")
        for name, place in self.lists.items():
            for step, width in enumerate((22, 28, 34, 3)):
                sheet.set_column(place + step, place + step, width)
            sheet.write_string(0, place, name, self.formats["required_code"])
            sheet.write_string(0, place + 1, "中文", self.formats["required"])
            sheet.write_string(0, place + 2, "English", self.formats["required"])
            for row, choice in enumerate(schema.choices(name), start=1):
                for step, word in enumerate((choice.value, choice.label_zh, choice.label_en)):
                    sheet.write_string(row, place + step, word, self.formats["plain"])
        sheet.freeze_panes(1, 0)

    def table(self, table: schema.Table, remarks: Sequence[Remark]) -> Any:
        """Sheet of a table with its header, and below it rows of remarks: what column A says, style, cells."""
        sheet = self.sheet(self.name_of(table), _BLUE if table.of(self.kind) == "required" else "#9DC3E6")
        self.header(sheet, table, {name: _width(column) for name, column in table.columns.items()})
        for row, (word, style, cells) in enumerate(remarks, start=FIRST_ROW):
            sheet.write_string(row, 0, word, self.formats["remark"])
            for place, column in enumerate(table.columns.values(), start=1):
                if style == "hint":
                    sheet.write_string(row, place, cells.get(column.name, ""), self.formats["hint"])
                else:
                    self.write(sheet, row, place, cells.get(column.name, ""), column, style)
            if style == "hint":
                sheet.set_row(row, 26)
        return sheet

    def guide(self) -> None:
        """Sheet that explains how to fill the workbook, in both languages side by side."""
        sheet = self.sheet(GUIDE, "#70AD47")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 3)
        sheet.set_column(1, 1, 62)
        sheet.set_column(2, 2, 72)
        first, second = ("zh", "en") if self.lang == "zh" else ("en", "zh")
        for row, said in enumerate(schema.rows_of("guide")):
            for place, lang in ((1, first), (2, second)):
                sheet.write_string(row, place, said[lang], self.formats[said["style"]])
            lines = 1 + int(max(_breadth(said[first]) / 62, _breadth(said[second]) / 72))
            sheet.set_row(row, {"title": 34, "heading": 22}.get(said["style"], 16 * lines + 4))


def _width(column: schema.Column) -> int:
    chinese = len(column.label_zh) + len(label(column, "zh"))
    longest = 36 if column.name in ("note", "polygon", "document") else 24
    return min(max(10, chinese, len(column.name) + 3), longest)


def _breadth(text: str) -> int:
    """Places that a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _letters(place: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(place))
