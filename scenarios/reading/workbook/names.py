"""Which sheet of a workbook holds which table."""

import dataclasses
import functools
import unicodedata
from collections.abc import Mapping

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.workbook.sheets import Sheet

__all__ = ["table_of", "tables_in"]

#: Sheets that explain, and sheets that serve the drop-downs.
_NO_TABLES = frozenset({"说明", "选项", "explanation", "choices", "options", "lists", "readme"})
_BOUNDARY = "boundary"


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


@functools.cache
def _words() -> Mapping[str, str]:
    """Plain word → table: the name of each, its Chinese and its English label."""
    found: dict[str, str] = {}
    for name, declared in schema.tables().items():
        for word in (name, declared.label_zh, declared.label_en):
            found.setdefault(_plain(word), name)
    return found


def table_of(sheet: str) -> str:
    """Table that a sheet is named for, "" if none."""
    return _words().get(_plain(sheet), "")


def _near(sheet: str, wanted: set[str]) -> str:
    """Give the label of the table that the name of a sheet was probably meant for, "" if none comes near."""
    plain = _plain(sheet)
    words = {word: name for word, name in _words().items() if name in wanted}
    held = [word for word in words if word in plain and (len(word) > 3 or not word.isascii())]
    near = max(held, key=len) if held else schema.nearest(plain, words)
    return schema.table(words[near]).label_zh if near else ""


def tables_in(sheets: tuple[Sheet, ...], kind: str) -> tuple[dict[str, Sheet], list[Problem]]:
    """Table → sheet of the tables that an input of this kind has; and what there is to say about the other sheets."""
    wanted = {name for name, declared in schema.tables().items() if declared.of(kind)}
    if kind == "park":
        wanted.add(_BOUNDARY)
    found: dict[str, Sheet] = {}
    others, problems = [], []
    for sheet in sheets:
        name = table_of(sheet.name)
        if name in found:
            problems.append(_about(sheet, problem("sheet_twice", name, found=sheet.name, first=found[name].name)))
        elif name in wanted:
            found[name] = sheet
        elif _plain(sheet.name) not in _NO_TABLES and not sheet.name.startswith("_") and any(sheet.rows):
            others.append(sheet)
    for sheet in others:
        near = "" if table_of(sheet.name) else _near(sheet.name, wanted - set(found))
        code = "unknown_table" if near else "unused_sheet"
        problems.append(_about(sheet, problem(code, sheet.name, found=sheet.name, near=near)))
    return found, problems


def _about(sheet: Sheet, fault: Problem) -> Problem:
    return dataclasses.replace(fault, place=sheet.name)
