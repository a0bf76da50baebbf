"""Cascades from the fires that a common cause lights: several at once, with lost fire water and a late response."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.cascade import Sets, cascades_together
from parkrisk.risk.natech.initial_sets import InitialSets, draw_sets, histories_without_water, set_keys
from parkrisk.risk.societal import SocietalRisk
from parkrisk.scenarios.events.directions import expected_frequency
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats, Network
from parkrisk.scenarios.natural.common_cause import CommonCause
from parkrisk.scenarios.receptors import WindRose

__all__ = ["CommonCascades", "cascades_of_cause", "secondary_deaths", "suffered"]

_NEVER = 1e6  # response that comes so many times later does not come


class CommonCascades(NamedTuple):
    """What follows the fires of a common cause, over all its levels.

    Parameters
    ----------
    frequency, standard_error : array, shape (n_units,)
        How often each unit fails in a cascade. [1/yr]
    sizes : array, shape (most + 1,)
        Frequency of exactly k units on fire in all, of those lit by the cause and those that follow; the last entry
        stands for all above. [1/yr]
    escalates : float
        How often at least one unit follows. [1/yr]
    """

    frequency: Floats
    standard_error: Floats
    sizes: Floats
    escalates: float


def _after(net: Network, factor: float, *, dry: bool) -> Network:
    """Network as the cause leaves it: the response ``factor`` times as slow; without fire water none, and no deluge."""
    late = net._replace(clock_mean=net.clock_mean + math.log(factor))
    if not dry:
        return late
    return late._replace(clock_mean=net.clock_mean + math.log(_NEVER), deluge_fails=np.ones_like(net.deluge_fails))


def _played(net: Network, sets: Sets, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Set and unit of every failure that follows."""
    if sets.key.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int32)
    wind = net.class_probability[sets.source[sets.start[:-1]]]
    log = cascades_together(net, sets, 1, seed, wind)
    return np.repeat(np.arange(sets.key.size), np.diff(log.start)), log.unit


def _chosen(sets: Sets, which: NDArray[np.intp]) -> Sets:
    """Take some of the sets, in their order."""
    size = np.diff(sets.start)[which]
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    taken = np.arange(start[-1]) + np.repeat(sets.start[which] - start[:-1], size)
    return Sets(start, sets.source[taken], sets.key[which])


def cascades_of_cause(
    net: Network, cause: CommonCause, burning: Floats, histories: int, seed: int, most: int
) -> CommonCascades:
    """Play the cascades of a common cause.

    Parameters
    ----------
    net : Network
        Units in the order of the cause.
    cause : CommonCause
    burning : array, shape (n_levels, n_units)
        Chance that each unit burns, given the level.
    histories : int
        Of each level.
    seed : int
        Same seed, same result, whatever the number of threads.
    most : int
        Larger numbers of units on fire are put together.

    Notes
    -----
    A unit that burns has the fire it would have in a cascade. One that has lost its content without burning still
    stands, as far as the cascade goes: a fire beside it may light what it has lost. In a history in which fire water is
    lost no deluge works and nobody comes to protect a unit; in all others the response takes ``response_factor`` times
    as long.

    Raises
    ------
    OutOfRange
        The network has other units than the cause.
    """
    n = net.unit_key.size
    if burning.shape != (cause.frequency.size, n):
        raise OutOfRange("设备与联络网不符", "the units of the cause are not those of the network")
    source = np.where(net.secondary_heat >= 0, net.secondary_heat, net.secondary_blast)
    carried = np.where(source >= 0, burning, 0.0)  # the others burn but load nobody
    drawn = draw_sets(cause.keys, net.unit_key, carried, histories, seed)
    size = np.diff(drawn.start)
    kept = np.nonzero(size > 0)[0]
    level = kept // histories
    keys = set_keys(cause.keys[level], kept % histories)
    sets = Sets(np.concatenate([drawn.start[kept], drawn.start[-1:]]), source[drawn.unit].astype(np.int32), keys)
    dry = histories_without_water(keys, cause.water_fails[level], seed)
    parts = []
    for without, played in ((False, np.nonzero(~dry)[0]), (True, np.nonzero(dry)[0])):
        number, unit = _played(_after(net, cause.response_factor, dry=without), _chosen(sets, played), seed)
        parts.append((played[number], unit))
    number, unit = (np.concatenate(each) for each in zip(*parts, strict=True))
    return _summed(cause, drawn, histories, (level, size[kept], number, unit.astype(np.int64)), most)


def _summed(
    cause: CommonCause,
    drawn: InitialSets,
    histories: int,
    played: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    most: int,
) -> CommonCascades:
    """Sum over levels; every history of a level weighs the same. Counts are whole numbers."""
    level, size, number, unit = played
    n_levels, n = cause.failure.shape
    weight = cause.frequency * drawn.weight
    share = np.bincount(level[number] * n + unit, minlength=n_levels * n).reshape(n_levels, n) / histories
    variance = np.einsum("l,lu->u", weight**2 / histories, share * (1.0 - share))
    followed = np.bincount(number, minlength=level.size)
    total = np.minimum(size + followed, most)
    sizes = np.bincount(level * (most + 1) + total, minlength=n_levels * (most + 1)).reshape(n_levels, most + 1)
    some = np.bincount(level[followed > 0], minlength=n_levels)
    return CommonCascades(
        np.einsum("l,lu->u", weight, share),
        np.sqrt(variance),
        np.einsum("l,lk->k", weight, sizes / histories),
        float(np.einsum("l,l->", weight, some / histories)),
    )


def secondary_deaths(facility: Facility, events: Events, rose: WindRose, societal: SocietalRisk) -> Floats:
    """Mean deaths of the event that each unit suffers in a cascade, shape (n_units,); NaN: none is known."""
    often = pd.Series(expected_frequency(events, rose), index=events.table["event_id"])
    pll = societal.tail.set_index("event_id")["pll"].reindex(often.index).fillna(0.0)
    deaths = pll / often.where(often > 0.0)
    return deaths[~deaths.index.duplicated()].reindex(facility.units["secondary"]).to_numpy(np.float64)


def suffered(facility: Facility, played: Iterable[CommonCascades], deaths: Floats | None) -> pd.DataFrame:
    """How often each unit fails in cascades of all causes: unit_id, cascade_frequency, cascade_error, cascade_pll."""
    every = list(played)
    frequency = np.sum([each.frequency for each in every], axis=0)
    variance = np.sum([each.standard_error**2 for each in every], axis=0)
    return pd.DataFrame(
        {
            "unit_id": facility.units["unit_id"],
            "cascade_frequency": frequency,
            "cascade_error": np.sqrt(variance),
            # Nobody dies of what does not happen, even where it is not known how many would.
            "cascade_pll": np.nan if deaths is None else np.where(frequency > 0.0, frequency * deaths, 0.0),
        }
    )
