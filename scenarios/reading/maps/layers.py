"""``layers.toml``: which layer of which map file feeds which table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.objects import cell_text
from parkrisk.scenarios.reading.toml_text import toml_document

__all__ = ["BOUNDARY", "FILE", "Layer", "read_layers"]

FILE = "layers.toml"
#: What a layer feeds when it is no table but the boundary of the park.
BOUNDARY = "boundary"

#: Entries of a file; a park has a dozen.
_MOST = 1000

#: Columns that the geometry fills.
GEOMETRY = ("x", "y", "polygon", "point")

_KEYS = {
    **dict.fromkeys(("file", "layer", "table", "crs", "datum", "key", "place", "text_layer"), "text"),
    **dict.fromkeys(("columns", "set"), "section"),
    **dict.fromkeys(("scale", "text_within"), "number"),
}
_CHOICES = {"datum": tuple(choice.value for choice in schema.choices("datum")), "place": ("centroid",)}
_EXPECTED = {
    "text": ("文字", "text"),
    "section": ("{ 列名 = 值 } 的形式", "of the form { column = value }"),
    "number": ("正数", "a positive number"),
}


@dataclass(frozen=True)
class Layer:
    """One entry of ``layers.toml``.

    Parameters
    ----------
    number : int
        Its place in the file, from 1; 0 for the boundary file of ``park.toml``.
    file, layer : str
        ``layer`` is a name or a pattern with * and ?; "": the only layer of the file.
    table : str
        A table of the schema, or "boundary".
    crs, datum : str
        As declared, "" if not.
    key : str
        Column whose value joins features and rows of the CSV file.
    columns : mapping of str to str
        Column to field of the layer.
    values : mapping of str to str
        Column to the cell that is the same for all rows.
    scale : float
        Metres per unit of a drawing; 0: not declared.
    place : str
        "centroid": areas stand at their centroid; "": areas are no places.
    text_layer : str
        Name or pattern of the layers whose texts name features of a drawing; "": every layer.
    text_within : float
        How far a text may stand from what it names when it does not stand inside. [m]
    """

    number: int
    file: str
    table: str
    layer: str = ""
    crs: str = ""
    datum: str = ""
    key: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    scale: float = 0.0
    place: str = ""
    text_layer: str = ""
    text_within: float = 0.0


def _fits(value: object, form: str) -> bool:
    if form == "text":
        return isinstance(value, str) and bool(value.strip())
    if form == "section":
        return isinstance(value, Mapping)
    return isinstance(value, int | float) and not isinstance(value, bool) and 1e-6 <= value < 1e9


def _wrong(number: int, key: str, found: object, expected_zh: str, expected_en: str) -> Problem:
    return problem("layers_value", FILE, number, key, found, expected_zh=expected_zh, expected_en=expected_en)


def _form_faults(number: int, entry: Mapping[str, Any], fed: tuple[str, ...]) -> list[Problem]:
    """What is wrong with the keys of an entry and the form of their values."""
    problems = []
    for key, value in entry.items():
        if key not in _KEYS:
            near = schema.nearest(str(key), _KEYS)
            problems.append(problem("layers_key", FILE, number, str(key), key, near=near, allowed=", ".join(_KEYS)))
        elif not _fits(value, _KEYS[key]):
            problems.append(_wrong(number, key, value, *_EXPECTED[_KEYS[key]]))
        elif key in _CHOICES and value not in _CHOICES[key]:
            problems.append(_wrong(number, key, value, *[" / ".join(_CHOICES[key])] * 2))
    problems += [_wrong(number, key, "", *_EXPECTED["text"]) for key in ("file", "table") if key not in entry]
    if isinstance(entry.get("table"), str) and entry["table"] not in fed:
        problems.append(_wrong(number, "table", entry["table"], *[", ".join(fed)] * 2))
    return problems


def _column_faults(number: int, layer: Layer) -> list[Problem]:
    """What is wrong with the columns an entry fills."""
    if layer.table == BOUNDARY:
        return [
            _wrong(number, key, ", ".join(given), "空（边界没有列）", "left out: a boundary has no columns")
            for key, given in (("columns", layer.columns), ("set", layer.values))
            if given
        ]
    declared = schema.table(layer.table)
    fillable = [name for name in declared.columns if name not in GEOMETRY]
    problems = []
    for key, given in (("columns", layer.columns), ("set", layer.values)):
        for name in given:
            if name in GEOMETRY:
                problems.append(
                    _wrong(number, key, name, "由几何图形给出的列以外的列", "a column that no geometry fills")
                )
            elif name not in declared.columns:
                near = schema.nearest(name, fillable)
                problems.append(problem("unknown_column", FILE, number, key, name, near=near))
    problems += [
        _wrong(number, "set", name, "不在 columns 中的列", "a column that is not in columns")
        for name in layer.values
        if name in layer.columns
    ]
    if layer.key and layer.key not in layer.columns:
        problems.append(_wrong(number, "key", layer.key, "columns 中的一列", "one of the columns"))
    elif not layer.key and declared.columns[declared.key[0]].required:
        name = declared.key[0]
        problems.append(_wrong(number, "columns", ", ".join(layer.columns), f"含有 {name}", f"with {name}"))
    return problems


def _cells(number: int, given: Mapping[str, object], table: str) -> tuple[dict[str, str], list[Problem]]:
    """Values of ``set`` as cells."""
    columns = schema.table(table).columns if table != BOUNDARY else {}
    cells, problems = {}, []
    for name, value in given.items():
        text = cell_text(value, columns[name]) if name in columns else str(value)
        if text is None:
            problems.append(_wrong(number, "set", value, f"{name} 的一个值", f"one value of {name}"))
        cells[name] = text or ""
    return cells, problems


def _layer(number: int, entry: object, fed: tuple[str, ...]) -> tuple[Layer | None, list[Problem]]:
    if not isinstance(entry, Mapping):
        return None, [_wrong(number, "layer", entry, "[[layer]]", "[[layer]]")]
    problems = _form_faults(number, entry, fed)
    if problems:
        return None, problems
    found = dict(entry)
    columns = found.pop("columns", {})
    if not all(isinstance(value, str) and value for value in columns.values()):
        return None, [_wrong(number, "columns", columns, *_EXPECTED["section"])]
    values, problems = _cells(number, found.pop("set", {}), found["table"])
    if not found.get("key") and found["table"] != BOUNDARY:
        first = schema.table(found["table"]).key[0]
        found["key"] = first if first in columns else ""
    layer = Layer(number, columns=columns, values=values, **found)
    problems += _column_faults(number, layer)
    return (None if problems else layer), problems


def read_layers(path: Path, kind: str) -> tuple[list[Layer], list[Problem], set[str]]:
    """Read ``layers.toml``.

    Parameters
    ----------
    path : Path
    kind : str
        "park" or "project": which tables there are to feed.

    Returns
    -------
    layers : list of Layer
        Those without a fault, in the order of the file.
    problems : list of Problem
    tables : set of str
        Tables that some entry means to feed, with or without faults.
    """
    parsed, problems = toml_document(path, FILE)
    if parsed is None:
        return [], problems, set()
    fed = tuple(name for name, declared in schema.tables().items() if declared.of(kind) and "x" in declared.columns)
    fed += (BOUNDARY,) if kind == "park" else ()
    problems += [
        problem("layers_key", FILE, None, key, key, near=schema.nearest(key, ("layer",)), allowed="[[layer]]")
        for key in parsed
        if key != "layer"
    ]
    entries = parsed.get("layer", [])
    if not isinstance(entries, list) or not entries:
        return [], [*problems, _wrong(0, "layer", entries, "[[layer]]", "[[layer]]")], set()
    if len(entries) > _MOST:
        return [], [*problems, _wrong(0, "layer", len(entries), f"至多 {_MOST} 个", f"at most {_MOST}")], set()
    layers, tables = [], set()
    for number, entry in enumerate(entries, start=1):
        layer, faults = _layer(number, entry, fed)
        problems += faults
        if layer is not None:
            layers.append(layer)
        if isinstance(entry, Mapping) and entry.get("table") in fed:
            tables.add(str(entry["table"]))
    return layers, problems, tables
