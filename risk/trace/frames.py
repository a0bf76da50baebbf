"""Tables that a trace walks through: those of the result, and finer ones that are made when they are asked for."""

import dataclasses
import functools
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.risk.crowds.deaths import FIXED_POINT, PRIMARY
from parkrisk.risk.footprints.library import Integers
from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.mapping.contributions import point_sums
from parkrisk.risk.mapping.loads import Loads, of_units
from parkrisk.risk.mapping.stamping import FIXED_POINT as POINT_UNIT
from parkrisk.risk.result import Assessment

__all__ = ["Frames"]


class Frames:
    """Tables of an assessment by name, each made once."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self._known: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """A table that stands as a whole; KeyError if there is none of that name."""
        if name not in self._known:
            made = {**self._small, **self.assessment.tables()}
            made["contributions"] = self._contributions()
            self._known |= made
        return self._known[name]

    @functools.cached_property
    def _small(self) -> dict[str, pd.DataFrame]:
        found = self.assessment
        return {
            "park": pd.DataFrame({"pll": [found.pll]}),
            "grade": pd.DataFrame({"letter": [found.grade.letter], "score": [found.grade.score]}),
            "grade_items": found.grade.items,
            "hazard_terms": found.hazards.terms,
            "events": found.events.table,
            "tail": found.societal.tail,
        }

    def _contributions(self) -> pd.DataFrame:
        """What every unit adds at every target, not only the foremost ones."""
        risk = self.assessment.individual_risk
        place, unit = np.nonzero(risk.by_source > 0.0)
        targets = self.assessment.targets["target_id"].to_numpy()
        table = pd.DataFrame(
            {
                "target_id": targets[place],
                "unit_id": np.array(risk.unit_ids, dtype=object)[unit],
                "individual_risk": risk.by_source[place, unit],
                "share": risk.by_source[place, unit] / risk.points[place],
            }
        )
        table = table.sort_values(
            ["target_id", "individual_risk", "unit_id"], ascending=[True, False, True], ignore_index=True
        )
        return table.assign(rank=table.groupby("target_id").cumcount() + 1)

    def events_at(self, target_id: str, unit_id: str) -> pd.DataFrame:
        """What every event of a unit adds to the individual risk at a target: target_id, event_id, individual_risk."""
        found = self.assessment
        around = found.surroundings
        events = of_units(found.events, [unit_id])
        alone = dataclasses.replace(events, table=events.table.assign(unit_id=events.table["event_id"]))
        library = library_for(alone.outcomes, around.grid).fill()
        place = found.targets["target_id"].to_numpy() == target_id
        sums = point_sums(
            Loads(alone, around.rose, around.grid, around.reading, None), around.grid, around.points[place], library
        )
        names = tuple(sorted(sums.by_unit))
        return pd.DataFrame(
            {
                "target_id": target_id,
                "event_id": names,
                "individual_risk": sums.columns(sums.by_unit, names)[0] / POINT_UNIT,
            }
        )

    def fn_by_unit(self, N: float) -> pd.DataFrame:
        """How often primary events of each unit kill N or more: N, unit_id, frequency. [1/yr]"""
        societal = self.assessment.societal
        at = int(np.searchsorted(societal.edges, N))

        def beyond(histogram: Integers) -> Any:
            return histogram[at:].sum() / FIXED_POINT

        rows = [(N, unit, float(beyond(part.histograms[PRIMARY]))) for unit, part in societal.units.items()]
        return pd.DataFrame([row for row in rows if row[2] > 0.0], columns=["N", "unit_id", "frequency"])
