"""Outcomes that hang on the wind direction: how often they come about, and in which sectors."""

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import WindRose

__all__ = ["expected_frequency", "sector_chance"]

Array = NDArray[np.float64]


def sector_chance(events: Events, n_sectors: int) -> Array | None:
    """Chance that the outcome of each event comes about in each weather and wind sector.

    Parameters
    ----------
    events : Events
    n_sectors : int
        Sectors are equal and start at bin 0.

    Returns
    -------
    array, shape (n_events, n_weathers, n_sectors), or None
        Mean over the bins of the sector; None: 1 for all.

    Raises
    ------
    OutOfRange
        The bins cannot be shared by the sectors.
    """
    index = events.direction_index
    if index is None:
        return None
    n_bins = events.directions[0].size if events.directions else n_sectors
    if n_bins % n_sectors:
        raise OutOfRange(
            f"{n_bins} 个角格不能被 {n_sectors} 个风向整除",
            f"{n_bins} bins cannot be shared by {n_sectors} wind sectors",
        )
    means = np.ones((len(events.directions) + 1, n_sectors))  # the last one is that of index -1
    for number, chance in enumerate(events.directions):
        means[number] = chance.reshape(n_sectors, -1).mean(axis=1)
    return np.asarray(means[index])


def expected_frequency(events: Events, rose: WindRose) -> Array:
    """How often each event comes about, over all weathers and wind directions. [1/yr]

    Returns
    -------
    array, shape (n_events,)
        ``frequency`` of the table where nothing hangs on the direction.
    """
    frequency = events.table["frequency"].to_numpy(dtype=np.float64)
    chance = sector_chance(events, rose.n_sectors)
    if chance is None:
        return frequency
    return np.asarray(frequency * np.einsum("ews,ws->e", chance, rose.probability.sum(axis=0)))
