"""Everything that is compared with measurements or printed tables, and how far it may be off."""

import csv
from dataclasses import dataclass
from pathlib import Path

from tests.validation import (
    compare_blast,
    compare_dispersion,
    compare_fire,
    compare_people,
    compare_pool,
    compare_release,
)
from tests.validation.measurements import DataSet, Statistics

DATA_SETS: tuple[DataSet, ...] = (
    *compare_blast.DATA_SETS,
    *compare_dispersion.DATA_SETS,
    *compare_fire.DATA_SETS,
    *compare_people.DATA_SETS,
    *compare_pool.DATA_SETS,
    *compare_release.DATA_SETS,
)


@dataclass(frozen=True)
class Limit:
    """Range in which a statistic of a data set has to lie; None: no bound."""

    data_set: str
    statistic: str
    low: float | None
    high: float | None
    source: str

    def holds(self, found: Statistics) -> bool:
        """Whether the statistic lies in the range; what is not a number does not."""
        value = float(getattr(found, self.statistic))
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high) and value == value


def limits() -> tuple[Limit, ...]:
    """Read all limits, from ``limits.csv``."""
    with (Path(__file__).parent / "limits.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Limit(
                row["data_set"],
                row["statistic"],
                float(row["low"]) if row["low"] else None,
                float(row["high"]) if row["high"] else None,
                row["source"],
            )
            for row in csv.DictReader(file)
        )
