"""From any cell of a result back to what it was made of."""

import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.result import Assessment
from parkrisk.risk.trace import behind
from parkrisk.risk.trace.frames import Frames
from parkrisk.risk.trace.lineage import KEYS, Lineage, Reference, lineage
from parkrisk.risk.trace.step import Step

__all__ = ["trace"]

Row = Mapping[Any, Any]


def trace(
    assessment: Assessment,
    table: str,
    key: str | float | Sequence[Any] = (),
    column: str = "",
    *,
    depth: int = 6,
    most: int = 5,
) -> Step:
    """Find where a number of a result comes from.

    Parameters
    ----------
    assessment : Assessment
    table : str
        One of its tables, or "park" or "grade", which have one row; "hazard_terms", "events", "grade_items" too.
    key : str, float or sequence
        What names the row: the value of its key column, or of several, in order, as a sequence or joined by "/".
    column : str
    depth : int
        Steps that are followed at most.
    most : int
        Parts of a sum that are shown, largest first; what the others add up to is said.

    Returns
    -------
    Step

    Raises
    ------
    OutOfRange
        No such table, row or column; the message names near ones.
    """
    walker = _Walker(assessment, most)
    frame = walker.frame(table)
    row = _row(table, frame, key)
    if column not in frame:
        raise OutOfRange(*_no("列", "column", column, [str(name) for name in frame]))
    return walker.cell(table, row, column, depth, ())


def _no(kind_zh: str, kind_en: str, name: str, names: Sequence[str]) -> tuple[str, str]:
    near = ", ".join(difflib.get_close_matches(name, names, n=5, cutoff=0.4) or list(names)[:12])
    return f"没有{kind_zh} {name!r}；相近的有：{near}", f"there is no {kind_en} {name!r}; near ones: {near}"


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _row(table: str, frame: pd.DataFrame, key: str | float | Sequence[Any]) -> Row:
    names = KEYS[table]
    parts = [key] if isinstance(key, str | float | int) else list(key)
    asked = "/".join(_shown(part) for part in parts)
    ids = ["/".join(_shown(cell) for cell in row) for row in frame[list(names)].itertuples(index=False)]
    if not names and len(frame):
        return frame.iloc[0].to_dict()
    if asked not in ids:
        raise OutOfRange(*_no("行", "row", asked, ids))
    return frame.iloc[ids.index(asked)].to_dict()


class _Walker:
    """Follows references from cell to cell."""

    def __init__(self, assessment: Assessment, most: int) -> None:
        self.assessment = assessment
        self.frames = Frames(assessment)
        self.most = most

    def frame(self, name: str) -> pd.DataFrame:
        try:
            return self.frames.table(name)
        except KeyError:
            raise OutOfRange(*_no("表", "table", name, sorted(set(KEYS) - {"events_at", "fn_by_unit"}))) from None

    def cell(self, table: str, row: Row, column: str, depth: int, path: tuple[str, ...]) -> Step:
        about = lineage().get((table, column), Lineage("", column, column, "", "", "", ()))
        name = "/".join(_shown(row[key]) for key in KEYS[table])
        place = f"{table}[{name}].{column}" if name else f"{table}.{column}"
        inputs: list[Step] = []
        others, left = 0, 0.0
        if depth > 0 and place not in path:
            for reference in about.inputs:
                steps, count, rest = self._follow(reference, table, row, depth - 1, (*path, place))
                inputs += steps
                others, left = others + count, left + rest
        value = row[column]
        return Step(
            place=place,
            label_zh=about.label_zh or column,
            label_en=about.label_en or column,
            value=_value(value),
            unit=about.unit,
            how_zh=about.how_zh,
            how_en=about.how_en,
            source=about.source or str(row.get("clause", "")),
            mark=str(row.get("mark", "") or "") if column != "mark" else "",
            inputs=tuple(inputs),
            others=others,
            others_sum=left if others else None,
        )

    def _follow(
        self, to: Reference, table: str, row: Row, depth: int, path: tuple[str, ...]
    ) -> tuple[list[Step], int, float]:
        """Steps that a reference leads to, how many more there are, and what those add up to."""
        if not to.table:
            return [self.cell(table, row, to.column, depth, path)], 0, 0.0
        if to.table.startswith("input:"):
            names = [str(row.get(mine, "")) for _, mine in to.match or ()]
            cell = behind.input_cell(self.assessment, to.table.removeprefix("input:"), "/".join(names), to.column)
            return [cell] if cell else [], 0, 0.0
        if not to.column:
            return self._behind(to.table, row, depth, path), 0, 0.0
        rows = self._rows(to, row)
        ordered = sorted(rows, key=lambda each: (-_size(each[to.column]), str(each)))
        steps = [self.cell(to.table, each, to.column, depth, path) for each in ordered[: self.most]]
        rest = [float(each[to.column]) for each in ordered[self.most :] if isinstance(each[to.column], float | int)]
        return steps, len(ordered) - len(steps), math.fsum(number for number in rest if math.isfinite(number))

    def _rows(self, to: Reference, row: Row) -> list[Row]:
        if to.table == "events_at":
            frame = self.frames.events_at(row["target_id"], row["unit_id"])
        elif to.table == "fn_by_unit":
            frame = self.frames.fn_by_unit(float(row["N"]))
        else:
            frame = self.frames.table(to.table)
            for theirs, mine in to.match or ():
                frame = frame[frame[theirs] == (mine.strip("'") if mine.startswith("'") else row[mine])]
        return [*frame.to_dict("records")]

    def _behind(self, what: str, row: Row, depth: int, path: tuple[str, ...]) -> list[Step]:
        if what == "measured_by":
            return [self._quantity(step, depth, path) for step in behind.measured(self.assessment, row["rule_id"])]
        events = self.frames.table("events")
        event = events[events["event_id"] == row["event_id"]].iloc[0].to_dict()
        if what == "outcome_of":
            model = behind.model_of(self.assessment, event)
            return [model] if model else []
        if event["origin"] == "domino":
            units = self.frames.table("domino_units")
            mine = units[units["unit_id"] == event["unit_id"]].iloc[0].to_dict()
            return [self.cell("domino_units", mine, "secondary_frequency", depth, path)]
        loss = behind.loss_of(self.assessment, event)
        return [] if loss is None else [loss, behind.conditional(event, loss)]

    def _quantity(self, step: Step, depth: int, path: tuple[str, ...]) -> Step:
        """Give what a rule measures, with the cells of results that a quantity is taken from."""
        about = lineage().get(("quantities", step.value)) if step.place.startswith("quantities") else None
        found = [self._follow(reference, "", {}, depth, path) for reference in about.inputs] if about else []
        inputs = tuple(each for steps, _, _ in found for each in steps)
        return dataclasses.replace(step, inputs=inputs, others=sum(count for _, count, _ in found))


def _size(value: Any) -> float:
    return abs(float(value)) if isinstance(value, float | int) and math.isfinite(value) else 0.0


def _value(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.item() if hasattr(value, "item") else value
