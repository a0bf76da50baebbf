"""The facility graph as flat arrays: what the cascade kernels read."""

import functools
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Keys = NDArray[np.uint64]


class Network(NamedTuple):
    """Units, and the loads that sources put on them; a named tuple, since kernels take it as an argument.

    A *source* is an event that can load others: a fire or an explosion. A *row* is what one source does in one wind
    class (weather × direction): the units it loads, by ascending index, never its own. Rows that are equal are stored
    once, so ``heat_row`` and ``blast_row`` say which row holds; -1: none.

    Parameters
    ----------
    unit_key : uint64 array, shape (n_units,)
        Hash of the unit id; the key of all its draws.
    shell, heat_exponent, heat_threshold : float64 arrays, shape (n_units,)
        ln(ttf/s) = shell - heat_exponent ln(I), I in W/m²; no dose below ``heat_threshold`` [W/m²].
    clock_mean, clock_deviation : float64 arrays, shape (n_units,)
        The time until mitigation protects the unit is lognormal: mean and standard deviation of its ln, in ln(s).
    heat_start : int64 array, shape (n_heat_rows + 1,)
        Where each heat row starts in ``heat_target`` and ``heat_load``.
    heat_target, heat_load : int32 and float64 arrays, shape (n_heat,)
        Loaded unit and load. [W/m²]
    heat_duration : float64 array, shape (n_heat_rows,)
        How long the fire of a row burns. [s]
    blast_start, blast_target, blast_probability : int64, int32 and float64 arrays
        The same for blast: chance that the unit fails at once.
    heat_row, blast_row : int32 arrays, shape (n_sources, n_classes)
        Row of each source in each wind class; -1: none.
    source_unit : int32 array, shape (n_sources,)
        The unit where the source is.
    secondary_heat, secondary_blast : int32 arrays, shape (n_units,)
        Source whose rows a unit takes when it fails in a cascade; -1: none.
    class_probability : float64 array, shape (n_sources, n_classes)
        Of each wind class, given that the source comes about; each row sums to 1.
    fragment_start, fragment_target, fragment_probability : int64, int32 and float64 arrays
        Rows of fragments: chance that a source throws one that fails the unit, whatever the wind and whatever other
        sources throw.
    fragment_row : int32 array, shape (n_sources,)
        Row of each source; -1: none.
    pool : uint64 array, shape (n_sources,)
        Hash of the id of the bund in which a pool fire burns, 0: none. A bund burns once, whoever feeds it: of its
        fires that burn together only the largest load on a unit counts.
    delay, delay_fails : float64 arrays, shape (n_units,)
        Time under heat at or above the threshold that fireproofing takes before any dose is counted (0: there is
        none), and the chance that it is not there when it is needed. [s], [-]
    deluge_factor, deluge_fails : float64 arrays, shape (n_units,)
        Share of the heat that a working deluge lets through (1: there is none), and the chance that it does not work
        although its supply does.
    system : int32 array, shape (n_units,)
        Shared supply of the deluge; -1: it has its own, or there is none.
    system_key, system_fails : uint64 and float64 arrays, shape (n_systems,)
        Hash of its id, and the chance that it fails, and with it every deluge that it feeds.
    """

    unit_key: Keys
    shell: Floats
    heat_exponent: Floats
    heat_threshold: Floats
    clock_mean: Floats
    clock_deviation: Floats
    heat_start: NDArray[np.int64]
    heat_target: Indices
    heat_load: Floats
    heat_duration: Floats
    blast_start: NDArray[np.int64]
    blast_target: Indices
    blast_probability: Floats
    heat_row: Indices
    blast_row: Indices
    source_unit: Indices
    secondary_heat: Indices
    secondary_blast: Indices
    class_probability: Floats
    fragment_start: NDArray[np.int64]
    fragment_target: Indices
    fragment_probability: Floats
    fragment_row: Indices
    pool: Keys
    delay: Floats
    delay_fails: Floats
    deluge_factor: Floats
    deluge_fails: Floats
    system: Indices
    system_key: Keys
    system_fails: Floats


@functools.lru_cache(maxsize=65_536)
def id_key(text: str) -> int:
    """Give the 64-bit key of an id: the first eight bytes of its BLAKE2b hash."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def id_keys(texts: Iterable[str]) -> NDArray[np.uint64]:
    """Keys of several ids, shape (n,)."""
    return np.array([id_key(text) for text in texts], dtype=np.uint64)
