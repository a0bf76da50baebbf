"""The mistakes of real input, planted one per row, each with what the reader must say of it."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from parkrisk.scenarios.synthetic import recipe

__all__ = ["Planted", "plant", "recode"]

_NAMED = 0.3  # share of the substances given by name instead of CAS number, half in Chinese; no mistake
_PRESSURISED = ("pressure_vessel", "process_vessel", "reactor", "column", "pipeline")
_CYLINDERS = ("atmospheric_tank", "process_vessel", "reactor", "column")
_GBK_TABLE = "targets"
_LEAST_VAPOUR = 120.0  # vessels of a lower pressure could hold a gas below its boiling point [kPa]
_LEAST_MASS = 60.0  # from here on the number of kilograms is beyond the tonnes of any warehouse [t]
_LARGEST_VOLUME = 400.0  # up to here the number of litres is one of cubic metres that a tank could have [m³]
_DIGIT = 20_000.0  # what a mistaken digit moves a unit by [m]
_TOO_MANY = "醛酐酯"  # makes a name that no substance has

Row = dict[str, Any]
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Planted:
    """One mistake that was planted.

    Parameters
    ----------
    table : str
    row : int or None
        Data row from 1; None: the whole table.
    column : str
    kind : str
        As in ``data/dirt.csv``; "gbk" for the encoding of a file.
    code : str
        Of the problem by which the reader names it.
    """

    table: str
    row: int | None
    column: str
    kind: str
    code: str


def plant(document: Mapping[str, Any], rng: np.random.Generator) -> tuple[dict[str, Any], tuple[Planted, ...]]:
    """Return the park with mistakes, at most one in a row, and the list of them."""
    spoiled = copy.deepcopy(dict(document))
    _give_names(spoiled["units"], rng)
    planted = [Planted(_GBK_TABLE, None, "", "gbk", "encoding_gbk")]
    used: dict[str, set[int]] = {}
    for mistake in recipe.rows("dirt"):
        table, kind = mistake["table"], mistake["kind"]
        rows, taken = spoiled[table], used.setdefault(table, set())
        can, spoil = _MISTAKES[kind]
        able = [place for place, row in enumerate(rows) if place not in taken and can(row, spoiled)]
        number = min(max(1, round(float(mistake["percent"]) / 100.0 * len(able))), len(able))
        for chosen in sorted(rng.permutation(len(able))[:number].tolist()):
            place = able[chosen]
            spoil(rows, place, spoiled)
            taken.add(place)
            planted.append(Planted(table, place + 1, mistake["column"], kind, mistake["code"]))
    return spoiled, tuple(sorted(planted, key=lambda each: (each.table, each.row or 0, each.column)))


def recode(folder: Path) -> None:
    """Write one table of a park folder in GBK, as Excel under Chinese Windows does."""
    path = folder / f"{_GBK_TABLE}.csv"
    path.write_bytes(path.read_bytes().decode("utf-8-sig").encode("gb18030"))


def _give_names(units: list[Row], rng: np.random.Generator) -> None:
    names = {row["cas"]: (row["name_zh"], row["name_en"]) for row in recipe.rows("substances")}
    for unit, draw in zip(units, rng.random(len(units)), strict=True):
        if draw < _NAMED:
            unit["substance"] = names[unit["substance"]][int(draw < _NAMED / 2.0)]


def _without_pressure(rows: list[Row], place: int, _: Document) -> None:
    del rows[place]["pressure_kpa"]


def _to_mpa(rows: list[Row], place: int, _: Document) -> None:
    rows[place]["pressure_kpa"] = round(rows[place]["pressure_kpa"] / 1e3, 3)


def _to_kg(rows: list[Row], place: int, _: Document) -> None:
    rows[place]["mass_t"] *= 1000


def _to_litres(rows: list[Row], place: int, _: Document) -> None:
    rows[place]["volume_m3"] *= 1000


def _repeated(rows: list[Row], place: int, _: Document) -> None:
    rows[place]["unit_id"] = rows[place - 1]["unit_id"]


def _stands_alone(unit: Row, document: Document) -> bool:
    """Whether nothing refers to a unit, so that its id can go without another problem."""
    named = {row["unit_id"] for row in document["barriers"]}
    return unit["unit_id"] not in named and "line_id" not in unit and unit is not document["units"][0]


def _outside(rows: list[Row], place: int, _: Document) -> None:
    rows[place]["x"] = round(rows[place]["x"] + _DIGIT, 1)


def _misspelt(rows: list[Row], place: int, _: Document) -> None:
    rows[place]["substance"] += _TOO_MANY


def _degrees(rows: list[Row], place: int, document: Document) -> None:
    row = rows[place]
    to_degrees = pyproj.Transformer.from_crs(document["park"]["crs"], "EPSG:4490", always_xy=True)
    row["x"], row["y"] = (round(each, 6) for each in to_degrees.transform(row["x"], row["y"]))


def _swapped(rows: list[Row], place: int, _: Document) -> None:
    rows[place]["x"], rows[place]["y"] = rows[place]["y"], rows[place]["x"]


def _any(_row: Row, _document: Document) -> bool:
    return True


#: Kind of mistake → which rows can have it, and what it does to one.
_MISTAKES: Mapping[str, tuple[Callable[[Row, Document], bool], Callable[[list[Row], int, Document], None]]] = {
    "missing_pressure": (lambda unit, _: unit["kind"] in _PRESSURISED, _without_pressure),
    "pressure_in_mpa": (
        lambda unit, _: unit["kind"] == "pressure_vessel" and unit["pressure_kpa"] >= _LEAST_VAPOUR,
        _to_mpa,
    ),
    "mass_in_kg": (lambda unit, _: unit["kind"] == "warehouse" and unit["mass_t"] >= _LEAST_MASS, _to_kg),
    "volume_in_litres": (
        lambda unit, _: unit["kind"] in _CYLINDERS and unit["volume_m3"] <= _LARGEST_VOLUME,
        _to_litres,
    ),
    "duplicate_id": (_stands_alone, _repeated),
    "outside_boundary": (lambda unit, _: "line_id" not in unit, _outside),
    "unknown_substance": (_any, _misspelt),
    "degrees": (_any, _degrees),
    "swapped": (_any, _swapped),
}
