"""Collecting every problem of a rule file: where, which field, what stands there, what would be right."""

from collections.abc import Iterable, Mapping
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios.schema import nearest


class Checker:
    """Collects the problems of one file.

    Parameters
    ----------
    file : str
        Name for messages: a file, or a file with its sheet.
    found : list of Problem, optional
        Where to add to.

    ``row`` is the row of a spreadsheet that is being read, None in a TOML file.
    """

    def __init__(self, file: str, found: list[Problem] | None = None) -> None:
        self.file = file
        self.found = [] if found is None else found
        self.row: int | None = None

    def add(self, place: str, field: str, found: object, message_zh: str, message_en: str) -> None:
        """Note one problem: at which rule, in which field, what stands there."""
        column = f"{place}.{field}" if self.row is None else field.removeprefix("test.")
        self.found.append(Problem(self.file, self.row, column, "rules.invalid", str(found), message_zh, message_en))

    def unknown(self, place: str, field: str, word: str, words: Iterable[str], zh: str, en: str) -> None:
        """Note a name that does not exist, with the one that was probably meant."""
        near = nearest(word, words)
        self.add(
            place,
            field,
            word,
            f"没有名为 {word} 的{zh}" + (f"；是否指 {near}？" if near else ""),
            f"no {en} is called {word}" + (f"; is {near} meant?" if near else ""),
        )

    def keys(self, place: str, table: Mapping[str, Any], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        """Note missing and unknown keys, and keys that should be text and are not."""
        for key in required:
            if table.get(key) in (None, ""):
                self.add(place, key, "", f"缺少 {key}", f"{key} is missing")
        for key in table:
            if key not in required and key not in optional:
                self.unknown(place, key, key, (*required, *optional), "字段", "field")

    def texts(self, place: str, table: Mapping[str, Any], names: Iterable[str]) -> None:
        """Note fields that are given and no text."""
        for key in names:
            if not isinstance(table.get(key, ""), str):
                self.add(place, key, table[key], "应为文字（加引号）", "should be text, in quotation marks")

    def choice(self, place: str, field: str, value: object, choices: tuple[str, ...]) -> None:
        """Note a value that is none of the choices."""
        if value not in choices:
            self.add(
                place,
                field,
                "" if value is None else value,
                f"应为 {'、'.join(choices)} 之一",
                f"should be one of {', '.join(map(str, choices))}",
            )
