"""From played histories to numbers: who failed, in which generation, how many at once, in which enterprise."""

import numpy as np

from parkrisk.risk.domino_tables.played import Columns, Members, Played

#: Percentiles of the time to failure that are kept.
SHARES = (0.1, 0.5, 0.9)


def pair_columns(played: Played, n_units: int) -> Columns:
    """Every unit that failed.

    Returns
    -------
    mapping of str to array
        start, unit (indices), frequency, standard_error (of failures that the primary event alone would not have
        brought about, since how often it does is known exactly) [1/yr], order (the most frequent), time_p10, time,
        time_p90 (percentiles) [s].
    """
    log = played.log
    there = np.bincount(log.unit, minlength=n_units) > 0
    unit = np.nonzero(there)[0]
    group = (np.cumsum(there) - 1)[log.unit]
    further = ~log.direct
    frequency, error = played.shares(group[further], played.primary[further], unit.size)
    highest = int(log.order.max(initial=0)) + 1
    by_order = np.bincount(group * highest + log.order, played.weight, minlength=unit.size * highest)
    early, median, late = played.percentiles(np.arange(group.size), group, unit.size, SHARES)
    return {
        "start": np.full(unit.size, played.start),
        "unit": unit,
        "frequency": frequency,
        "standard_error": error,
        "order": by_order.reshape(unit.size, highest).argmax(axis=1),
        "time_p10": early,
        "time": median,
        "time_p90": late,
    }


def order_columns(played: Played) -> Columns:
    """Failures by generation: start, order, frequency, standard_error [1/yr].

    Order 0 holds all failures that the primary event alone would not have brought about.
    """
    history, primary = played.history
    log = played.log
    groups = {int(order): log.order == order for order in np.unique(log.order)}
    if groups:
        groups[0] = ~log.direct
    counts = (np.bincount(history[group], minlength=primary.size) for group in groups.values())
    means = np.array([played.mean(count) for count in counts]).reshape(-1, 2)
    return {
        "start": np.full(len(groups), played.start),
        "order": np.array(list(groups), dtype=np.int64),
        "frequency": means[:, 0],
        "standard_error": means[:, 1],
    }


def size_columns(played: Played) -> Columns:
    """How many units fail in a history: start, failed (the starting unit not counted), frequency, standard_error."""
    history, primary = played.history
    failed, group = np.unique(np.bincount(history, minlength=primary.size), return_inverse=True)
    frequency, error = played.shares(group, primary, failed.size)
    return {
        "start": np.full(failed.size, played.start),
        "failed": failed,
        "frequency": frequency,
        "standard_error": error,
    }


def reach_columns(played: Played, enterprise: Members) -> Columns:
    """How often a cascade fails at least one unit of an enterprise.

    Parameters
    ----------
    played : Played
    enterprise : int array, shape (n_units,)
        Of each unit.

    Returns
    -------
    mapping of str to array
        start, enterprise, frequency, standard_error [1/yr].
    """
    history, primary = played.history
    reached, group = np.unique(enterprise[played.log.unit], return_inverse=True)
    met = np.zeros((primary.size, reached.size), np.bool_)
    met[history, group] = True
    place, group = np.nonzero(met)
    frequency, error = played.shares(group, primary[place], reached.size)
    return {
        "start": np.full(reached.size, played.start),
        "enterprise": reached,
        "frequency": frequency,
        "standard_error": error,
    }
