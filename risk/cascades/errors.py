"""How well played histories tell the number of failures per year in all, units of one history counted together."""

import numpy as np
import pandas as pd

from parkrisk.risk.cascades.chains import Played
from parkrisk.scenarios.network import Floats


def covariance_with_all(played: Played) -> Floats:
    """Covariance of each unit's frequency with that of all units together, from failures that are not direct.

    Returns
    -------
    array
        In the order of `parkrisk.risk.cascades.chains.pair_table`. Its sum is the variance of the whole. [1/yr²]
    """
    log, count = played.log, played.unit.size
    primary, kept = played.primary(), ~played.log.direct
    _, group = np.unique(played.unit[primary].astype(np.int64) * played.n_units + log.unit, return_inverse=True)
    size = int(group.max(initial=-1)) + 1
    _, history = np.unique(primary[kept] * np.int64(played.histories) + log.history[kept], return_inverse=True)
    together = np.bincount(history)[history]
    cell = group[kept].astype(np.int64) * count + primary[kept]
    found, place = np.unique(cell, return_inverse=True)
    product = np.bincount(place, together) / played.histories
    mean = np.bincount(primary[kept], minlength=count) / played.histories
    covariance = product - np.bincount(place) / played.histories * mean[found % max(count, 1)]
    scale = played.frequency[found % max(count, 1)] ** 2 / played.histories
    return np.bincount(found // max(count, 1), scale * covariance, minlength=size).astype(np.float64)


def relative_error(found: pd.DataFrame, direct: float) -> float:
    """Relative standard error of the expected number of secondary failures per year.

    Parameters
    ----------
    found : DataFrame
        frequency and covariance of every pair: failures that are not direct. [1/yr]
    direct : float
        Frequency of direct failures, which is known exactly. [1/yr]
    """
    total = direct + float(found["frequency"].sum())
    return float(np.sqrt(max(float(found["covariance"].sum()), 0.0)) / total) if total > 0.0 else 0.0
