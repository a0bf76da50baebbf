"""Rules of the four-colour current level, as data; all of them are this engine's own and unofficial."""

import csv
import functools
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from parkrisk.models.errors import RuleError
from parkrisk.risk.rules.facts import RULES_FOLDER

__all__ = ["COLOURS", "MEASURES", "LevelRule", "levels"]

#: Colours, the worst first: Chinese and English label.
COLOURS: Mapping[str, tuple[str, str]] = {
    "red": ("红", "red"),
    "orange": ("橙", "orange"),
    "yellow": ("黄", "yellow"),
    "unknown": ("未知", "unknown"),
    "blue": ("蓝", "blue"),
}
#: What rules may name: of an enterprise; ``reading_age`` is that of one reading.
MEASURES = (
    "gas_alarms",
    "gas_alarms_level_2",
    "barriers_out",
    "barriers_out_major_1_2",
    "work_permits",
    "work_permits_major_1_2",
    "overfilled",
    "risk_ratio",
    "reading_age",
)
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, ">": operator.gt}


@dataclass(frozen=True)
class LevelRule:
    """One rule: a colour where a measure reaches a value. Titles are in Chinese and English."""

    rule_id: str
    colour: str
    measure: str
    comparison: str
    value: float
    unit: str
    title_zh: str
    title_en: str
    source: str
    mark: str

    def fires(self, value: float) -> bool:
        """Whether a value reaches that of the rule."""
        return _COMPARISONS[self.comparison](value, self.value)


@functools.cache
def levels(path: Path = RULES_FOLDER / "monitoring_levels.csv") -> tuple[LevelRule, ...]:
    """Read the rules.

    Raises
    ------
    RuleError
        A column, colour, measure, comparison or number is wrong, an id stands twice, or no row says how old a reading
        may be.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows, header = list(reader), set(reader.fieldnames or ())
    if header != set(LevelRule.__dataclass_fields__):
        wrong = ", ".join(sorted(header ^ set(LevelRule.__dataclass_fields__)))
        raise RuleError(f"{path.name}：列不对：{wrong}", f"{path.name}: wrong columns: {wrong}")
    faults = [f"{row['rule_id']}: {fault}" for row in rows if (fault := _fault(row))]
    ids = [row["rule_id"] for row in rows]
    faults += [f"{each}: rule_id × {ids.count(each)}" for each in sorted(set(ids)) if ids.count(each) > 1]
    if sum(row["measure"] == "reading_age" for row in rows) != 1:
        faults.append("reading_age × 1")
    if faults:
        listed = "; ".join(faults)
        raise RuleError(f"{path.name}：{listed}", f"{path.name}: {listed}")
    texts = [name for name in LevelRule.__dataclass_fields__ if name != "value"]
    return tuple(LevelRule(value=float(row["value"]), **{name: row[name] for name in texts}) for row in rows)


def _fault(row: Mapping[str, str]) -> str:
    """What is wrong with a row; "" if nothing."""
    allowed = {"colour": tuple(COLOURS), "measure": MEASURES, "comparison": tuple(_COMPARISONS)}
    for column, values in allowed.items():
        if row[column] not in values:
            return f"{column} = {row[column]} ({', '.join(values)})"
    if (row["measure"] == "reading_age") != (row["colour"] == "unknown"):
        return f"{row['measure']}: colour = {row['colour']}"
    try:
        value = float(row["value"])
    except ValueError:
        value = math.nan
    return "" if math.isfinite(value) else f"value = {row['value']}"
