"""Rows from maps and rows of a CSV file become one table: what is missing is filled, what contradicts is named."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem, shown
from parkrisk.scenarios.reading.cells import RawTable, typed
from parkrisk.scenarios.reading.coordinates import crs_of
from parkrisk.scenarios.reading.maps.features import fault
from parkrisk.scenarios.reading.maps.layers import Layer
from parkrisk.scenarios.reading.maps.rows import Row
from parkrisk.scenarios.reading.maps.systems import distance
from parkrisk.scenarios.reading.raw import Origin

__all__ = ["Joining"]

#: The map and the CSV may place the same thing this far apart. [m]
_SAME_PLACE = 5.0
#: Numbers that differ by this share agree: a circle is drawn to the centimetre.
_SAME_NUMBER = 0.005
#: Joined rows from which a shift that all have is told from mistakes of single rows.
_FEWEST = 3
#: Sizes of a common shift and what is likely behind it. [m]
_LIKELY = (
    (
        100.0,
        1500.0,
        "可能为 GCJ-02 或 BD-09 坐标；若不是，请写 datum",
        "perhaps GCJ-02 or BD-09; if it is neither, state the datum",
    ),
    (20.0, 100.0, "可能为 1954 北京或 1980 西安坐标系", "perhaps Beijing 1954 or Xian 1980"),
)


def _text(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()


@dataclass(frozen=True)
class _Pair:
    """A joined row whose place both the CSV and the map give."""

    number: int
    given: tuple[float, float]
    drawn: tuple[float, float]
    where: str
    apart: float


@dataclass
class Joining:
    """One table while layers are joined to it.

    Parameters
    ----------
    name : str
    crs : str
        EPSG code of the park's coordinates.
    """

    name: str
    crs: str
    records: list[dict[str, str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    new: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _columns: tuple[str, ...] = ()
    _owners: dict[tuple[str, str], str] = field(default_factory=dict)
    _cells: dict[tuple[int, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, crs: str, given: RawTable | None) -> "Joining":
        """Begin with the rows of the CSV file, if there is one."""
        if given is None:
            return cls(name, crs)
        records = [dict(zip(given.columns, row, strict=True)) for row in given.rows]
        return cls(name, crs, records, list(given.numbers), _columns=given.columns)

    def add(self, entry: Layer, rows: Sequence[Row]) -> int:
        """Join the rows of one layer; returns how many found their row in the CSV file."""
        by_key: dict[str, list[int]] = defaultdict(list)
        for place, record in enumerate(self.records):
            by_key[_text(record.get(entry.key, ""))].append(place)
        pairs, joined = [], 0
        for row in rows:
            if not entry.key:
                self.new.append(row)
                continue
            key = _text(row.key)
            owner = self._owners.setdefault((entry.key, key), row.where)
            known = by_key.get(key, [])
            if owner != row.where:
                self.problems.append(fault("map_key_repeated", entry, row.where, entry.key, key, first=owner))
            elif len(known) > 1 or (known and self._is_line):
                code = "map_line_twice" if self._is_line else "map_key_ambiguous"
                count = len(known)
                self.problems.append(fault(code, entry, row.where, entry.key, key, count=count))
            elif known:
                joined += 1
                pairs += self._filled(known[0], row)
            else:
                self.new.append(row)
        self.problems += self._misplaced(entry, pairs)
        return joined

    @property
    def _is_line(self) -> bool:
        return "point" in schema.table(self.name).columns

    def _filled(self, place: int, row: Row) -> list[_Pair]:
        """Fill the empty cells of a row of the CSV file; what it holds already must agree."""
        record, number = self.records[place], self.numbers[place]
        pairs = []
        given = (_number(record.get("x", "")), _number(record.get("y", "")))
        if "x" in row.cells and all(np.isfinite(given)):
            drawn = (float(row.cells["x"]), float(row.cells["y"]))
            pairs = [_Pair(number, given, drawn, row.where, distance(self.crs, given, drawn))]
        for column, cell in row.cells.items():
            there = record.get(column, "")
            if not cell.strip():
                continue
            if not there.strip():
                record[column] = cell
                self._cells[number, column] = row.where
            elif column not in ("x", "y") and not self._agree(column, there, cell):
                found = problem(
                    "map_value_differs", self.name, number, column, there, where=row.where, drawn=shown(cell)
                )
                self.problems.append(found)
        return pairs

    def _agree(self, column: str, given: str, drawn: str) -> bool:
        if _text(given) == _text(drawn):
            return True
        if column == "polygon":
            return self._same_area(given, drawn)
        both = RawTable(self.name, (column,), ((given,), (drawn,)), (1, 2))
        values = typed(both)[0][column].tolist()
        if schema.table(self.name).columns[column].is_number:
            return bool(np.isclose(values[0], values[1], rtol=_SAME_NUMBER, atol=0.0))
        return bool(values[0] == values[1])

    def _same_area(self, given: str, drawn: str) -> bool:
        shapes = shapely.from_wkt([given, drawn], on_invalid="ignore")
        if any(shape is None for shape in shapes):
            return True  # said when the table is read
        metres = 111_320.0 if crs_of(self.crs).is_geographic else 1.0
        return float(shapely.hausdorff_distance(*shapes)) * metres <= _SAME_PLACE

    def _misplaced(self, entry: Layer, pairs: Sequence[_Pair]) -> list[Problem]:
        """Rows that the map puts elsewhere than the CSV: one problem if it is one shift, else one for each."""
        if not any(pair.apart > _SAME_PLACE for pair in pairs):
            return []
        shifts = np.array([self._shift(pair) for pair in pairs])
        middle = np.median(shifts, axis=0)
        size = float(np.hypot(*middle))
        scatter = float(np.hypot(*(shifts - middle).T).max())
        if len(pairs) >= _FEWEST and scatter <= max(_SAME_PLACE, 0.05 * size):
            likely = _likely(size, entry)
            found = f"{middle[0]:+.0f} m, {middle[1]:+.0f} m"
            where = f"{entry.file}/{entry.layer}" if entry.layer else entry.file
            words = {"count": len(pairs), "size": f"{size:.0f}", "likely_zh": likely[0], "likely_en": likely[1]}
            return [fault("map_shifted", entry, where, "x", found, **words)]
        problems = []
        for pair in pairs:
            if pair.apart > _SAME_PLACE:
                likely = _likely(pair.apart, entry)
                words = {"apart": f"{pair.apart:.1f}", "drawn": _point(pair.drawn), "where": pair.where}
                words |= {"likely_zh": likely[0], "likely_en": likely[1]}
                problems.append(problem("map_place_differs", self.name, pair.number, "x", _point(pair.given), **words))
        return problems

    def _shift(self, pair: _Pair) -> tuple[float, float]:
        """From the place in the CSV to that on the map, east and north. [m]"""
        (x, y), (east, north) = pair.given, pair.drawn
        if not crs_of(self.crs).is_geographic:
            return east - x, north - y
        azimuth, _, size = crs_of(self.crs).get_geod().inv(x, y, east, north)
        return size * np.sin(np.radians(azimuth)), size * np.cos(np.radians(azimuth))

    def table(self) -> tuple[RawTable, Origin]:
        """Return the joined table, and where its cells come from; new rows stand in order of their keys."""
        used = {column for record in self.records for column in record} | {c for row in self.new for c in row.cells}
        added = tuple(column for column in schema.table(self.name).columns if column in used - set(self._columns))
        columns = self._columns + added
        rows = sorted(self.new, key=lambda row: (row.key, *_order(row)))
        first = max(self.numbers, default=0) + 1
        numbers = [*self.numbers, *range(first, first + len(rows))]
        cells = {**self._cells, **{(number, ""): row.where for number, row in enumerate(rows, start=first)}}
        records = [*self.records, *(row.cells for row in rows)]
        found = tuple(tuple(record.get(column, "") for column in columns) for record in records)
        return RawTable(self.name, columns, found, tuple(numbers)), Origin(cells)


def _order(row: Row) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Corners of a line by their number, everything else by what stands in the cells."""
    return int(row.cells.get("point", "0")), tuple(sorted(row.cells.items()))


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _point(xy: tuple[float, float]) -> str:
    return f"({xy[0]:.10g}, {xy[1]:.10g})"


def _likely(size: float, entry: Layer) -> tuple[str, str]:
    """What is likely behind a shift, in both languages; the last word is the general one."""
    for low, high, chinese, english in _LIKELY:
        if low <= size <= high and not entry.datum:
            return chinese, english
    return "请核对两者的坐标系和原点", "check the CRS and the origin of both"
