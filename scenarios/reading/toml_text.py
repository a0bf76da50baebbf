"""TOML files in: the one place where their text is parsed, whatever it holds."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.csv_files import content

__all__ = ["parsed_toml", "toml_document"]

#: Parts of one key. The parser takes time with their square; no file of the project has five.
_PARTS = 64
#: Where a key of more parts stands: at the start of a line, in brackets or within an inline table.
_LONG_KEY = re.compile(rf"(?:^[ \t]*\[{{0,2}}|[{{,])(?:[^.\n=,{{}}\[\]#]*\.){{{_PARTS}}}", re.MULTILINE)


def parsed_toml(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises
    ------
    ValueError
        It is none, or holds an integer of more than 64 bits, a key of too many parts, or tables nested too deep.
    """
    plain = text.replace("\r\n", "\n")
    found = _LONG_KEY.search(plain)
    if found is not None:
        line = plain.count("\n", 0, found.start()) + 1
        raise ValueError(f"line {line}: a key of more than {_PARTS} parts / 键的层数过多")
    try:
        document = tomllib.loads(plain)
    except RecursionError:
        raise ValueError("nested too deep / 嵌套过深") from None
    _check_integers(document)
    return document


def _check_integers(document: dict[str, Any]) -> None:
    """Raise for an integer of more than 64 bits: TOML has none, though the parser takes them."""
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError("an integer of more than 64 bits / 整数超过 64 位")


def toml_document(path: Path, table: str, gbk_around: bool = False) -> tuple[Mapping[str, Any] | None, list[Problem]]:
    """Content of a TOML file, None if it cannot be read, and what there is to say about it.

    Parameters
    ----------
    path : Path
    table : str
        What the problems are said to be of.
    gbk_around : bool
        Whether another file of the same folder is certainly GBK.
    """
    text, problems = content(path, table, gbk_around)
    if text is None:
        return None, problems
    try:
        return parsed_toml(text), problems
    except ValueError as error:
        return None, [*problems, problem("unreadable", table, found=path.name, reason=str(error))]
