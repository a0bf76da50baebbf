"""Catalogue of error codes, of problems of an input, and of flags that a result carries."""

import importlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pages.marked import ROOT, code, page, plain, rows_of, table
from pages.python import modules
from parkrisk.api.service.errors import STATUS_OF_CODE
from parkrisk.models.errors import ParkRiskError


def _kinds(kind: type[ParkRiskError]) -> Iterator[type[ParkRiskError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


def kinds() -> dict[str, list[type[ParkRiskError]]]:
    """Every kind of error by its code."""
    for name in modules():
        importlib.import_module(name)
    found: dict[str, list[type[ParkRiskError]]] = defaultdict(list)
    for kind in dict.fromkeys(_kinds(ParkRiskError)):
        if kind.__module__.startswith("parkrisk"):
            found[kind.code].append(kind)
    return dict(sorted(found.items()))


def _status(kind: type[ParkRiskError]) -> str:
    return next(str(STATUS_OF_CODE[base.code]) for base in kind.__mro__ if getattr(base, "code", "") in STATUS_OF_CODE)


def pages() -> dict[str, str]:
    """One page; a code without Chinese words is a fault."""
    words = {row["code"]: row["meaning_zh"] for row in rows_of(Path(__file__).with_name("error_words.csv"))}
    rows = [
        (
            code(name), _status(found[0]), plain(words[name]),
            plain(" ".join((found[0].__doc__ or "").split("\n\n")[0].split())), "<br>".join(code(each.__qualname__) for each in found),
        )
        for name, found in kinds().items()
    ]  # fmt: skip
    problems = [
        (code(row["code"]), row["severity"], plain(row["message_zh"]), plain(row["message_en"]))
        for row in rows_of(ROOT / "scenarios" / "schema" / "problems.csv")
    ]
    flags = [
        (code(row["code"]), plain(row["text_zh"]), plain(row["text_en"]))
        for row in rows_of(ROOT / "models" / "data" / "flags.csv")
    ]
    return {
        "errors": page(
            "Error codes 错误代码",
            "Every error that the program raises on purpose is a `ParkRiskError` with a stable code and a message in Chinese and English. Over HTTP it "
            "comes as `application/problem+json` with the status below, the command line ends with exit code 2 (a fault of the program: 1).",
            table(("code", "HTTP", "含义", "meaning", "classes"), rows),
            "## Problems of an input 输入问题",
            "`park.invalid_input` lists every fault of an input at once, each with table, row, column, what was found, and one of these codes. An *error* "
            "stops the run, a *warning* goes with the result, a *note* is said by `parkrisk check` only. Words in braces are filled in.",
            table(("code", "severity", "中文", "English"), problems),
            "## Flags of a result 结果标记",
            "What a model or a data row wants said with its numbers; they stand in the assumptions of a result.",
            table(("flag", "中文", "English"), flags),
        )
    }
