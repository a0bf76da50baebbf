"""From played histories to numbers: who failed, in which generation, how many at once, in which enterprise."""

import numpy as np

from parkrisk.risk.domino_tables.played import Columns, Members, Played

#: Percentiles of the time to failure that are kept.
SHARES = (0.1, 0.5, 0.9)


def _found(number: Members, size: int) -> tuple[Members, Members]:
    """Different ones of numbers below ``size``, ascending, and the place of each among them."""
    there = np.bincount(number, minlength=size) > 0
    return np.nonzero(there)[0], (np.cumsum(there) - 1)[number]


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
    unit, group = _found(log.unit, n_units)
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
    log = played.log
    orders = np.nonzero(np.bincount(log.order))[0]
    place = np.zeros(int(log.order.max(initial=0)) + 1, np.int64)
    place[orders] = np.arange(orders.size)
    further = played.means(np.where(log.direct, -1, 0), 1 if orders.size else 0)
    means = np.concatenate([played.means(place[log.order], orders.size), further])
    numbers = np.append(orders, np.zeros(len(further), np.int64))
    return {
        "start": np.full(numbers.size, played.start),
        "order": numbers,
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
    reached, group = _found(enterprise[played.log.unit], int(enterprise.max(initial=-1)) + 1)
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
