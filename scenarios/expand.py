"""From units to events: loss of containment, ignition, outcome, with frequencies and where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.footprint import Footprint, PolarGrid


class Outcome(Protocol):
    """What every outcome of ``parkrisk.models`` offers to risk integration; it is hashable and equal by content."""

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source."""


@dataclass(frozen=True)
class Events:
    """Everything that can happen in a park, one row of ``table`` each.

    Parameters
    ----------
    table : DataFrame
        event_id, unit_id, enterprise_id, x, y [m], loc, outcome, cas, frequency [1/yr], origin ("primary", "domino"),
        source, mark. Sorted by event_id; index 0..n-1.
        ``frequency`` holds everything but the weather: loss of containment × ignition × outcome split.
    outcomes : sequence of Outcome
        Distinct outcomes; an outcome that does not depend on the weather stands once.
    outcome_index : int32 array, shape (n_events, n_weathers)
        Which outcome the event has in each weather class; -1: none.
    dropped : DataFrame
        What the cut-offs left out: unit_id, loc, outcome, frequency, reason.
    """

    table: pd.DataFrame
    outcomes: Sequence[Outcome]
    outcome_index: NDArray[np.int32]
    dropped: pd.DataFrame
