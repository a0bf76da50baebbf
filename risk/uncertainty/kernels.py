"""Inner loops of societal risk by groups of events: plain arrays in, arrays filled.

Classes of deaths are those of `parkrisk.risk.crowds.deaths` for deaths × `FINER`, so that they begin below 1.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.crowds.deaths import FIXED_POINT, classify

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Classes of deaths begin at one over this number.
FINER = 100.0
_PER_DECADE = 100.0
_THREE = math.log10(3.0)


@kernel
def tally_groups(
    deaths: Floats,
    outcome: Integers,
    chance: Integers,
    frequency: Floats,
    probability: Floats,
    chances: Floats,
    alone: Floats,
    primary: Flags,
    group: Integers,
    edges: Floats,
    guide: Integers,
    histograms: Integers,
    expected: Floats,
) -> None:
    """Sort the deaths of every event of a source by group, weather and wind sector.

    Parameters
    ----------
    deaths, outcome, chance, frequency, probability, chances, alone, primary, edges, guide
        As in `parkrisk.risk.crowds.deaths.tally`.
    group : int64 array, shape (n_events,)
    histograms : int64 array, shape (2, n_groups, n_weathers, n_sectors, n_classes)
        Added to, rows: shares by themselves, primary events. [2^-60/yr]
    expected : array, shape (n_events, n_weathers, n_sectors)
        Set: expected deaths of each event. [1/yr]
    """
    n_bins = deaths.shape[2]
    classes = np.empty(deaths.shape, dtype=np.int32)
    for e in range(deaths.shape[0]):
        for period in range(2):
            classify(deaths[e, period] * FINER, edges, guide, classes[e, period])
    per_sector = n_bins // alone.shape[2]
    for event in range(frequency.size):
        g = group[event]
        for weather in range(outcome.shape[1]):
            e = outcome[event, weather]
            if e < 0:
                continue
            given = chances[chance[event, weather]]
            for period in range(2):
                for b in range(n_bins):
                    weight = frequency[event] * (probability[period, weather, b] * given[b])
                    if weight <= 0.0:
                        continue
                    sector = b // per_sector
                    expected[event, weather, sector] += weight * deaths[e, period, b]
                    c = classes[e, period, b]
                    if c < 0:
                        continue
                    share = weight * alone[event, weather, sector]
                    histograms[0, g, weather, sector, c] += int(np.rint(share * FIXED_POINT))
                    if primary[event]:
                        histograms[1, g, weather, sector, c] += int(np.rint(weight * FIXED_POINT))


@kernel
def add_moved(masses: Floats, place: Floats, moved: Floats, total: Floats) -> None:
    """Add frequencies to classes of deaths, moved along.

    Parameters
    ----------
    masses : array, shape (n, n_from)
        [1/yr]
    place : array, shape (n_from,)
        log10 of the numbers of deaths × `FINER`.
    moved : array, shape (n, n_from)
        ln of the ratio by which they change.
    total : array, shape (n, n_classes)
        Added to. What falls below the first class is lost, what goes beyond the last stays in it.
    """
    last = total.shape[1] - 1
    for i in range(masses.shape[0]):
        for c in range(place.size):
            where = place[c] + moved[i, c] / math.log(10.0) + 1e-9
            if where < 0.0 or masses[i, c] == 0.0:
                continue
            decade = math.floor(where)
            at = math.floor(where * _PER_DECADE) + decade
            at += 1 if where - decade >= _THREE else 0  # 3, 30, 300, ... are classes of their own
            total[i, min(at, last)] += masses[i, c]
