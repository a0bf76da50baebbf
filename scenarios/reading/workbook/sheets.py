"""The sheets of a workbook, as the child process gives them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.workbook import limits
from parkrisk.scenarios.reading.workbook.child import NO_MEMORY

__all__ = ["Sheet", "Workbook", "letters_of", "read_sheets", "sheet_names"]

_MODULE = "parkrisk.scenarios.reading.workbook.child"
_ABORTED, _OUT_OF_TIME = -6, -24  # SIGABRT: the reader could not get memory; SIGXCPU


@dataclass(frozen=True)
class Sheet:
    """One worksheet.

    Parameters
    ----------
    name : str
    hidden : bool
    rows : list of list
        Cells from A1 on; float, str, bool, ``{"date": text}``, or "" for an empty cell. Rows may differ in length.
    marks : mapping
        What ``marks.sheet_marks`` found.
    """

    name: str
    hidden: bool
    rows: list[list[Any]]
    marks: Mapping[str, Any]


@dataclass(frozen=True)
class Workbook:
    """All sheets in order, and what is said of the workbook as a whole."""

    sheets: tuple[Sheet, ...]
    since_1904: bool
    macros: bool


def letters_of(column: int) -> str:
    """Letters of a column that is counted from 0."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _ended(code: int) -> tuple[str, str]:
    """What the exit status of a child means, and the limit it met."""
    if code in (NO_MEMORY, _ABORTED):
        return "workbook_memory", f"{limits.MEMORY // 2**20} MiB"
    return ("workbook_time", str(limits.SECONDS)) if code == _OUT_OF_TIME else ("workbook_crash", "")


def _asked(path: Path, kind: str, *more: str) -> dict[str, Any] | Problem:
    """Run the child on a file; what it found, or the one problem of the file."""
    if not path.is_file():
        return problem("unreadable", kind, found=path.name, reason="no such file / 没有此文件")
    # The child finds this package where the parent did, and nothing in the folder it happens to be started in.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", _MODULE, str(path.resolve()), *more]
    try:
        done = subprocess.run(command, capture_output=True, env=environment, timeout=limits.SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return problem("workbook_time", kind, found=path.name, expected=limits.SECONDS)
    except OSError as error:
        return problem("workbook_crash", kind, found=error.strerror or type(error).__name__)
    if done.returncode != 0:
        code, expected = _ended(done.returncode)
        return problem(code, kind, found=f"{path.name}: {done.returncode}", expected=expected)
    found: dict[str, Any] = json.loads(done.stdout.decode("utf-8", errors="replace"))
    if "refused" in found:
        refused = found["refused"]
        return problem(refused["code"], kind, found=refused["found"] or path.name, **refused["words"])
    return found


def read_sheets(path: Path, kind: str) -> Workbook | Problem:
    """Read every sheet of a workbook in a child process; a problem of the table ``kind`` if it cannot be read."""
    found = _asked(path, kind)
    if isinstance(found, Problem):
        return found
    sheets = (Sheet(s["name"], s["state"] != "visible", s["rows"], s["marks"]) for s in found["sheets"])
    return Workbook(tuple(sheets), found["since_1904"], found["macros"])


def sheet_names(path: Path) -> tuple[str, ...]:
    """Names of the worksheets; none if the file cannot be read."""
    found = _asked(path, "park", "names")
    return () if isinstance(found, Problem) else tuple(sheet["name"] for sheet in found["sheets"])
