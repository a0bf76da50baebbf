"""Numbers of deaths sorted into fixed classes, their frequencies summed as integers.

Integer sums do not depend on their order: the curve is the same for any threads and any order of events, and what a
unit adds can be taken out again without a trace.
"""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shorts = NDArray[np.int32]
Flags = NDArray[np.bool_]

#: Histograms of `tally`.
EVERY, PRIMARY, ALONE = 0, 1, 2

#: One per year in integers.
FIXED_POINT = float(2**60)
#: Decades of deaths that are told apart, from 1 up, and classes in each.
DECADES = 7
PER_DECADE = 100

#: Numbers whose first bits agree (exponent and 6 more) lie in at most a few classes.
_SHIFT = 46
_FIRST = 1023 << 6
#: A number of deaths that misses a class by rounding only counts as reaching it.
_ROUNDING = 1e-9
#: Deaths below this share of the most in any direction are rounding of the waves. [-]
_NOISE = 2.0**-48


def death_classes() -> Floats:
    """Lower edges of the classes of deaths: 100 per decade, and 3, 30, 300, ... where criteria have their corners."""
    exponents = np.arange(DECADES * PER_DECADE) / PER_DECADE
    regular = 10.0**exponents
    regular[::PER_DECADE] = [float(10**decade) for decade in range(DECADES)]
    return np.sort(np.concatenate([regular, [3.0 * 10**decade for decade in range(DECADES)]]))


def class_guide(edges: Floats) -> Integers:
    """Lowest class that numbers with the same first bits may be in, from 1 to the last class."""
    octaves = int(np.ceil(np.log2(edges[-1])))
    bits = (np.arange(64 * octaves + 1, dtype=np.int64) + _FIRST) << _SHIFT
    guide: Integers = np.searchsorted(edges, bits.view(np.float64), side="right") - 1
    return guide.astype(np.int64)


@kernel
def settle(deaths: Floats, always: Floats) -> None:
    """Clear numbers of deaths of the rounding of their waves, and add those in every direction.

    Parameters
    ----------
    deaths : array, shape (n_outcomes, 2, n_bins)
        Changed.
    always : array, shape (n_outcomes, 2)
        Deaths to add in every direction (discs).
    """
    for e in range(deaths.shape[0]):
        for period in range(2):
            row = deaths[e, period]
            noise = _NOISE * np.max(row)
            for b in range(row.size):
                row[b] = always[e, period] + (row[b] if row[b] > noise else 0.0)


@kernel
def classify(deaths: Floats, edges: Floats, guide: Integers, classes: Shorts) -> None:
    """Class of every number of deaths; -1: below the first."""
    for b in range(deaths.size):
        reached = np.float64(deaths[b] * (1.0 + _ROUNDING))
        if reached < edges[0]:
            classes[b] = -1
            continue
        found = guide[min(int(reached.view(np.int64) >> _SHIFT) - _FIRST, guide.size - 1)]
        while found + 1 < edges.size and edges[found + 1] <= reached:
            found += 1
        classes[b] = found


@kernel
def tally(
    deaths: Floats,
    outcome: Integers,
    chance: Integers,
    frequency: Floats,
    probability: Floats,
    chances: Floats,
    alone: Floats,
    primary: Flags,
    edges: Floats,
    guide: Integers,
    thresholds: Integers,
    histograms: Integers,
    figures: Floats,
) -> None:
    """Sort the deaths of every event, weather, period and direction of a source into histograms.

    Parameters
    ----------
    deaths : array, shape (n_outcomes, 2, n_bins)
        By period and direction.
    outcome, chance : int64 array, shape (n_events, n_weathers)
        Rows of ``deaths`` and of ``chances``; -1: no outcome.
    frequency : array, shape (n_events,)
        [1/yr]
    probability : array, shape (2, n_weathers, n_bins)
        Of period, weather and direction.
    chances : array, shape (n_chances, n_bins)
        Probability of an outcome, given event, weather and direction.
    alone : array, shape (n_events, n_weathers, n_sectors)
        Share of each event that is an accident by itself; sectors divide the bins evenly.
    primary : bool array, shape (n_events,)
        Whether no cascade brought it about.
    edges, guide : arrays
        From `death_classes` and `class_guide`.
    thresholds : int64 array, shape (n_thresholds,)
        Classes.
    histograms : int64 array, shape (3, n_edges)
        Added to, rows EVERY, PRIMARY and ALONE: all events, primary ones, shares by themselves. Entry j is ``edges[j]``
        deaths or more, less than ``edges[j + 1]``. [2^-60/yr]
    figures : array, shape (n_events, 2 + n_thresholds)
        Set: expected deaths [1/yr], largest number of deaths, frequency of reaching each threshold [1/yr].

    Notes
    -----
    A number of deaths that misses an edge by rounding only (1e-9) counts as reaching it.
    """
    n_bins = deaths.shape[2]
    classes = np.empty(deaths.shape, dtype=np.int32)
    for e in range(deaths.shape[0]):
        for period in range(2):
            classify(deaths[e, period], edges, guide, classes[e, period])
    own = np.empty((2, edges.size), dtype=np.int64)
    per_sector = n_bins // alone.shape[2]
    for event in range(frequency.size):
        own[:] = 0
        expected, most = 0.0, 0.0
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
                    number = deaths[e, period, b]
                    share = weight * alone[event, weather, b // per_sector]
                    expected += weight * number
                    most = max(most, number)
                    if classes[e, period, b] >= 0:
                        own[0, classes[e, period, b]] += int(np.rint(weight * FIXED_POINT))
                        own[1, classes[e, period, b]] += int(np.rint(share * FIXED_POINT))
        figures[event, 0] = expected
        figures[event, 1] = most
        histograms[EVERY] += own[0]
        if primary[event]:
            histograms[PRIMARY] += own[0]
        histograms[ALONE] += own[1]
        for t in range(thresholds.size):
            figures[event, 2 + t] = np.sum(own[0, thresholds[t] :]) / FIXED_POINT


@kernel
def add_numbers(
    numbers: Floats,
    weights: Floats,
    group: Integers,
    edges: Floats,
    guide: Integers,
    histogram: Integers,
    by_group: Floats,
) -> None:
    """Sort numbers of deaths into a histogram, and into one for each of their groups.

    Parameters
    ----------
    numbers, weights : array, shape (n, 2)
        Deaths by day and by night, and their frequencies. [1/yr]
    group : int64 array, shape (n,)
    edges, guide : arrays
        From `death_classes` and `class_guide`.
    histogram : int64 array, shape (n_edges,)
        Added to. [2^-60/yr]
    by_group : array, shape (n_groups, n_edges)
        Added to. [1/yr]
    """
    classes = np.empty(2, dtype=np.int32)
    for i in range(group.size):
        classify(numbers[i], edges, guide, classes)
        for period in range(2):
            if classes[period] >= 0:
                histogram[classes[period]] += int(np.rint(weights[i, period] * FIXED_POINT))
                by_group[group[i], classes[period]] += weights[i, period]
