"""The process that opens a workbook: little memory, little time, and nothing but JSON comes out of it.

Run as ``python -m parkrisk.scenarios.reading.workbook.child FILE [names]``. It imports the standard library and the
reader of workbooks, no more, so that it starts at once.
"""

import datetime as dt
import io
import json
import sys
from typing import Any

from parkrisk.scenarios.reading.workbook import guard, limits
from parkrisk.scenarios.reading.workbook.marks import number_formats, sheet_list, sheet_marks

__all__ = ["main"]

#: Exit status of a child that ran out of memory.
NO_MEMORY = 3


def _limit() -> None:
    try:
        import resource
    except ImportError:
        return  # not on Windows; the guard, the limits on cells and the time remain
    for kind, most in ((resource.RLIMIT_AS, limits.MEMORY), (resource.RLIMIT_CPU, limits.SECONDS)):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _plain(value: object) -> object:
    """JSON form of a cell that JSON has no type for."""
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return {"date": value.date().isoformat() if midnight else value.isoformat(timespec="seconds")}
    return {"date": value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)}


def _rows(sheet: Any, left: int) -> tuple[list[list[object]], int]:
    """Cells from A1, each row without the empty cells at its end, and how many characters are left."""
    rows = []
    for row in sheet.to_python(skip_empty_area=False):
        while row and row[-1] == "":
            row.pop()
        left -= sum(len(cell) for cell in row if type(cell) is str)
        if left < 0:
            raise guard.Refused("workbook_too_large", f"> {limits.CHARACTERS}", **_CHARACTERS)
        rows.append(row)
    return rows, left


_CHARACTERS: dict[str, object] = {
    "what_zh": "文字总量",
    "what_en": "text of all cells",
    "expected": f"{limits.CHARACTERS} characters",
}

_SHEETS: dict[str, object] = {"what_zh": "工作表个数", "what_en": "number of sheets", "expected": limits.SHEETS}


def _read(path: str, names_only: bool) -> dict[str, Any]:
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib would be one more import to wait for
        content = file.read(limits.FILE + 1)
    entries = guard.members(content)
    if names_only:
        needed = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        names = [entry.filename for entry in entries]
        texts = guard.inflated(content, [entry for entry in entries if entry.filename in needed])
        return {"sheets": sheet_list({**dict.fromkeys(names, b""), **texts})[0]}
    texts = guard.inflated(content, entries)
    macros = any(entry.filename.endswith("vbaProject.bin") for entry in entries)
    del content
    listed, since_1904 = sheet_list(texts)
    sheets: list[dict[str, Any]] = [*listed]
    if len(sheets) > limits.SHEETS:
        raise guard.Refused("workbook_too_large", str(len(sheets)), **_SHEETS)
    formats, left, characters = number_formats(texts), limits.CELLS, limits.CHARACTERS
    for sheet in sheets:
        sheet["marks"], used = sheet_marks(texts[sheet["member"]], sheet["name"], formats, left)
        left -= used
    packed = guard.archive(texts)
    texts.clear()
    from python_calamine import CalamineError, load_workbook

    try:
        book = load_workbook(packed)
        for sheet in sheets:
            sheet["rows"], characters = _rows(book.get_sheet_by_name(sheet["name"]), characters)
    except CalamineError as error:
        raise guard.Refused("workbook_damaged", reason=str(error)) from None
    return {"sheets": sheets, "since_1904": since_1904, "macros": macros}


def main() -> None:
    """Read the workbook of the command line and write what it holds, or why it was refused, to standard output."""
    _limit()
    try:
        answer = _read(sys.argv[1], "names" in sys.argv[2:])
    except guard.Refused as fault:
        answer = {"refused": {"code": fault.code, "found": fault.found, "words": fault.words}}
    except OSError as error:
        reason = error.strerror or type(error).__name__
        answer = {"refused": {"code": "unreadable", "found": "", "words": {"reason": reason}}}
    except MemoryError:
        sys.exit(NO_MEMORY)
    output = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogatepass")
    json.dump(answer, output, ensure_ascii=False, default=_plain, separators=(",", ":"))
    output.flush()


if __name__ == "__main__":
    main()
