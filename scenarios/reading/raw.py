"""What was found in the files or the JSON object of a park: text tables, the boundary, and problems."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import RawTable

__all__ = ["CellPlaces", "Origin", "Place", "RawInput", "absent"]


@dataclass(frozen=True)
class Place:
    """Where the cells of a table stand in a workbook, whose tables number their rows as the sheet does.

    Parameters
    ----------
    sheet : str
    letters : mapping of str to str
        Column name to the letters of its column; "" is the whole row.
    """

    sheet: str
    letters: Mapping[str, str]

    def of(self, row: int | None, column: str) -> str:
        """Address such as 设备!F12; of a whole column or sheet as much of it as there is."""
        letters = self.letters.get(column, "")
        number = "" if row is None else str(row)
        return f"{self.sheet}!{letters}{number}" if letters or number else self.sheet


@dataclass(frozen=True)
class CellPlaces:
    """Where the entries of the park or project stand in a workbook, which lists them one below the other.

    Parameters
    ----------
    sheet : str
    cells : mapping of str to str
        Column name to its whole address, such as 园区!D5.
    """

    sheet: str
    cells: Mapping[str, str]

    def of(self, _row: int | None, column: str) -> str:
        """Address of an entry; that of the sheet if it has none."""
        return self.cells.get(column, self.sheet)

    def also(self, column: str, address: str) -> "CellPlaces":
        """Return the same with one more entry."""
        return CellPlaces(self.sheet, {**self.cells, column: address})


@dataclass(frozen=True)
class Origin:
    """Where the cells of a table that come from map files were drawn.

    Parameters
    ----------
    features : mapping of (int, str) to str
        Row and column to the address of a feature, such as plan.dxf/储罐#12; column "" is the whole row.
    """

    features: Mapping[tuple[int, str], str]

    def of(self, row: int | None, column: str) -> str:
        """Address of the feature, "" for a cell that comes from no map."""
        if row is None:
            return ""
        return self.features.get((row, column)) or self.features.get((row, ""), "")


@dataclass(frozen=True)
class RawInput:
    """Text tables by name, the boundary as parsed GeoJSON, problems, and where cells stand if not in a CSV file."""

    kind: str
    tables: Mapping[str, RawTable]
    boundary: object
    problems: tuple[Problem, ...]
    places: Mapping[str, Place | CellPlaces | Origin] = field(default_factory=dict)


def absent(kind: str, given: Mapping[str, RawTable], tried: set[str]) -> list[Problem]:
    """Tables that should be there and are not, or have no rows."""
    problems = []
    for name, declared in schema.tables().items():
        need = declared.of(kind)
        file = f"{kind}.toml" if declared.form == "section" else f"{name}.csv"
        if name not in given:
            if need == "required" and name not in tried:
                problems.append(problem("missing_table", name, file=file))
            elif need == "expected" and name not in tried:
                problems.append(problem("table_not_given", name))
        elif need == "required" and not given[name].rows and declared.form == "rows":
            problems.append(problem("empty_table", name))
    return problems
