"""Tables of a report from tables of results: labels, formats, names in place of numbers, what is not known said so."""

import functools
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from parkrisk.api.printed.consequence import word
from parkrisk.api.printed.terminal import STATUS_NAMES
from parkrisk.api.report.content import Block, Cell, Paragraph, Table
from parkrisk.api.report.material import Material, amount, limit_value, per_year, percent

__all__ = ["Columns", "named", "tabulated"]

#: Column → (Chinese label, English label, format), see `tabulated`.
Columns = Mapping[str, tuple[str, str, str]]

_MEANINGS = {"pass": "good", "fail": "bad", "unknown": "unknown", "not_applicable": "muted"}
_ANSWERS = {
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "unknown": ("未知", "unknown"),
    "True": ("是", "yes"),
    "False": ("否", "no"),
}
_NAMED = {
    "unit": (("units", "unit_id"), ("transport", "transport_id")),
    "enterprise": (("enterprises", "enterprise_id"),),
    "target": (("targets", "target_id"),),
}


def tabulated(
    frame: pd.DataFrame,
    columns: Columns,
    material: Material,
    caption: str,
    *,
    limit: int | None = None,
    annex: str = "",
    note: str = "",
    widths: tuple[float, ...] = (),
    wide: bool = False,
) -> tuple[Block, ...]:
    """Table of the first rows of a frame; one sentence in its place where the frame has none.

    Parameters
    ----------
    frame : DataFrame
    columns : mapping
        Column → (Chinese label, English label, format). A format is one of Python for numbers (",.1f"), "" for text,
        or "per_year", "limit" (a round one), "amount" (a mass), "percent", "status" (pass, fail,
        unknown, not_applicable), "answer" (yes, no, unknown), "mark"
        (V, 1, M), "word" (losses and outcomes), "unit", "enterprise", "target" (names of these ids), "choice:NAME"
        (label of a list of the schema). A cell without a value is printed as unknown; where the format ends in "?" the
        value does not apply, and a dash stands there.
    material : Material
    caption : str
        In the language of the report.
    limit : int, optional
        Rows at most.
    annex : str
        File that has every row, named where rows are left out; "": there is none.
    note : str
        Printed below.
    widths : tuple of float
        Relative widths of the columns.
    wide : bool
        Across a landscape page.

    Returns
    -------
    tuple of Block
        The table, or the sentence that there is nothing to list.
    """
    if frame.empty:
        return (Paragraph(material.say(f"{caption}：无可列内容。", f"{caption}: nothing to list."), small=True),)
    shown = frame if limit is None else frame.head(limit)
    if len(shown) < len(frame):
        note += _rest(len(shown), len(frame) - len(shown), annex, material)
    cells = [[_cell(value, form, material) for value in shown[name].tolist()] for name, (_, _, form) in columns.items()]
    return (
        Table(
            caption=caption,
            header=tuple(material.say(chinese, english) for chinese, english, _ in columns.values()),
            rows=tuple(zip(*cells, strict=True)),
            align="".join(_align(form) for _, _, form in columns.values()),
            widths=widths,
            note=note.strip(),
            wide=wide,
        ),
    )


def _rest(shown: int, left_out: int, annex: str, material: Material) -> str:
    """Where the rows are that are not shown."""
    where = material.say(*((f"见附表 {annex}", f"stand in the annex {annex}") if annex else ("从略", "are left out")))
    return material.say(
        f"表列 {shown} 行，其余 {left_out} 行{where}。", f" {shown} rows are shown; the other {left_out} {where}."
    )


def named(material: Material, what: str, key: str) -> str:
    """Name of a unit (or transport), an enterprise or a target, ``what`` being one of these words.

    With its id where several share the name, and in English, where the name may be Chinese; the id alone where the name
    is the same. Words in the language for no enterprise.
    """
    if not key:
        return material.say("（不属于企业）", "(no enterprise)")
    names, shared = _names_of(material.result.park, what)
    name = names.get(key, key)
    if name == key or (material.lang == "zh" and name not in shared):
        return name
    return material.say(f"{name}（{key}）", f"{name} ({key})")


@functools.lru_cache(maxsize=8)
def _names_of(park: Any, what: str) -> tuple[Mapping[str, str], frozenset[str]]:
    """Name of each id, and the names that several share."""
    tables = [(park.tables[table], key) for table, key in _NAMED[what]]
    names = {key: name for frame, column in tables for key, name in zip(frame[column], frame["name"], strict=True)}
    return names, frozenset(name for name, count in Counter(names.values()).items() if count > 1)


def _align(form: str) -> str:
    """Numbers to the right, short verdicts in the middle, text to the left."""
    kind = form.removesuffix("?")
    if kind in ("status", "answer", "mark"):
        return "c"
    return "l" if kind in ("", "enterprise", "target", "unit", "word") or kind.startswith("choice:") else "r"


def _cell(value: Any, form: str, material: Material) -> str | Cell:
    """One cell; its format says how, and what an empty one means."""
    kind = form.removesuffix("?")
    if value is None or value == "" or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return Cell("–", "muted") if form.endswith("?") else Cell(material.say("未知", "unknown"), "unknown")
    if kind in _WORDS:
        return _WORDS[kind](value, material)
    if kind.startswith("choice:"):
        return material.label(kind.removeprefix("choice:"), str(value))
    if not kind:
        return str(value)
    if value == math.inf:
        return "∞"
    return format(int(value) if kind.endswith("d") else value, kind)  # a whole number beside empty cells is a float


def _status(value: Any, material: Material) -> Cell:
    return Cell(material.say(*STATUS_NAMES[value][:2]), _MEANINGS[value])


def _answer(value: Any, material: Material) -> str | Cell:
    text = material.say(*_ANSWERS.get(str(value), (str(value), str(value))))
    return Cell(text, "unknown") if value == "unknown" else text


def _mark(value: Any, material: Material) -> str | Cell:
    return Cell(material.say("M 未核实", "M unverified"), "unknown") if value == "M" else str(value)


_WORDS: Mapping[str, Callable[[Any, Material], str | Cell]] = {
    "per_year": lambda value, _: per_year(float(value)),
    "limit": lambda value, _: limit_value(float(value)),
    "amount": lambda value, _: amount(float(value)),
    "percent": lambda value, _: percent(float(value)),
    "status": _status,
    "answer": _answer,
    "mark": _mark,
    "word": lambda value, material: word(str(value), material.lang),
    "unit": lambda value, material: named(material, "unit", str(value)),
    "enterprise": lambda value, material: named(material, "enterprise", str(value)),
    "target": lambda value, material: named(material, "target", str(value)),
}
