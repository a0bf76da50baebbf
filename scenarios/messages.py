"""Input problems in both languages: every code, severity and wording stands in ``schema/problems.csv``."""

import functools
import reprlib
from collections.abc import Iterable, Mapping

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema

__all__ = ["MOST", "listed", "problem", "shown"]

#: Problems of one kind that are named one by one: more say nothing new, and a file may hold millions.
MOST = 200

_LONGEST = 80
_NAMED = 5  # ids of many


class _Brief(reprlib.Repr):
    """Writes the beginnings of values that may be nested deep or hold numbers of thousands of digits."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxdict = self.maxstring = self.maxother = _LONGEST

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 (the name is that of the library)
        """Write an integer, of a giant only its size."""
        return repr(x) if abs(x) < 10**_LONGEST else f"10^{int(x.bit_length() * 0.30103)}"


_BRIEF = _Brief()


@functools.cache
def _wordings() -> Mapping[str, Mapping[str, str]]:
    return {row["code"]: row for row in schema.rows_of("problems")}


def shown(value: object) -> str:
    """``value`` as a message shows it: numbers to six digits, long text cut."""
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e5 else f"{value:.10g}"
    long = isinstance(value, list | tuple | dict | int)
    text = " ".join((_BRIEF.repr(value) if long else str(value)[: 10 * _LONGEST]).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def listed(names: Iterable[str]) -> str:
    """Some ids as a message shows them: the first few, and how many there are."""
    every = list(names)
    return ", ".join(every[:_NAMED]) + (f" … ({len(every)})" if len(every) > _NAMED else "")


def problem(
    code: str, table: str, row: int | None = None, column: str = "", found: object = "", **words: object
) -> Problem:
    """Return one problem in both languages.

    Parameters
    ----------
    code : str
        Row of ``schema/problems.csv``.
    table, row, column, found
        Where it is and what stands there; see ``Problem``.
    **words
        Whatever else the wording names. ``near`` becomes the "did you mean" of the message.
    """
    wording = _wordings()[code]
    declared = schema.tables().get(table)
    labels = declared.columns.get(column) if declared else None
    near = str(words.pop("near", ""))
    text = shown(found)
    values: dict[str, object] = {
        "table": table,
        "table_zh": declared.label_zh if declared else table,
        "column": column,
        "label_zh": labels.label_zh if labels else column,
        "label_en": labels.label_en if labels else column,
        "nearest_zh": f"，是否为“{near}”？" if near else "",
        "nearest_en": f"; did you mean '{near}'?" if near else "",
        "hint_zh": "",
        "hint_en": "",
        **{name: shown(word) if isinstance(word, float) else word for name, word in words.items()},
        "found": text,
    }
    return Problem(
        table=table,
        row=row,
        column=column,
        code=code,
        found=text,
        message_zh=wording["message_zh"].format_map(values),
        message_en=wording["message_en"].format_map(values),
        severity=wording["severity"],
    )
