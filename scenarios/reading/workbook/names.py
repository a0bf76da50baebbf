"""Which sheet of a workbook holds which table."""

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Mapping

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.workbook.header import LONGEST, headings
from parkrisk.scenarios.reading.workbook.sheets import Sheet

__all__ = ["table_of", "tables_in"]

#: Sheets that explain, and sheets that serve the drop-downs.
_NO_TABLES = frozenset({"说明", "选项", "explanation", "choices", "options", "lists", "readme"})
_BOUNDARY = "boundary"
#: What Excel and people add to the name of a sheet that continues or copies another.
_COPY = re.compile(r"[\s\d()（）_.\-]+|续|表|副本|copy|[一二三四五六七八九十]$", re.IGNORECASE)


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
    plain = _plain(sheet[:LONGEST])
    words = {word: name for word, name in _words().items() if name in wanted}
    held = [word for word in words if word in plain and (len(word) > 3 or not word.isascii())]
    near = max(held, key=len) if held else schema.nearest(plain, words)
    return schema.table(words[near]).label_zh if near else ""


def _headed(sheet: Sheet, wanted: set[str]) -> str:
    """Table whose headings a sheet of another name has, "" if none."""
    tables = [schema.table(name) for name in sorted(wanted) if schema.table(name).form == "rows"]
    count, name = max((headings(sheet, table), table.name) for table in tables)
    return name if count else ""


def _more(sheet: Sheet, wanted: set[str], found: Mapping[str, Sheet]) -> Problem:
    """What there is to say of a sheet that is called like no table: it may continue one, or be meant for one."""
    again = table_of(_COPY.sub("", sheet.name))
    near = "" if again in found or table_of(sheet.name) else _near(sheet.name, wanted - set(found))
    if not near and again not in found and not table_of(sheet.name):
        again = _headed(sheet, wanted)
        near = schema.table(again).label_zh if again and again not in found else ""
    if again in found:
        return problem("sheet_twice", again, found=sheet.name, first=found[again].name)
    return problem("unknown_table" if near else "unused_sheet", sheet.name, found=sheet.name, near=near)


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
    problems += [_about(sheet, _more(sheet, wanted, found)) for sheet in others]
    return found, problems


def _about(sheet: Sheet, fault: Problem) -> Problem:
    return dataclasses.replace(fault, place=sheet.name)
