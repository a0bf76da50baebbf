"""Direct escalation, exactly: what the primary event alone makes fail."""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from parkrisk.models._jit import kernel, parallel_kernel
from parkrisk.risk.cascades.one_unit import heat_failure
from parkrisk.scenarios.facility.network import Floats, Indices, Network

__all__ = ["Direct", "direct_escalation", "direct_pairs", "envelope", "escalation_chance", "heat_chances"]


class Direct(NamedTuple):
    """Direct escalation, exactly.

    ``heat`` is the chance that each entry of heat alone fails its unit if no barrier works; barriers only lower it.
    An ``any`` is the chance that its entry or a later one of the row comes true, ``heat_any`` without barriers, too.
    ``heat_up`` and ``heat_down`` have barriers: the chance while the shared supply of the unit's deluge works, and
    while it does not.
    """

    heat: Floats
    heat_up: Floats
    heat_down: Floats
    heat_any: Floats
    blast_any: Floats
    fragment_any: Floats


@kernel
def _suffix(start: NDArray[np.int64], probability: Floats) -> Floats:
    """Chance that any of an entry and those after it in its row comes true."""
    out = np.empty(probability.size)
    for row in range(start.size - 1):
        chance = 0.0
        for i in range(start[row + 1] - 1, start[row] - 1, -1):
            chance = probability[i] + (1.0 - probability[i]) * chance
            out[i] = chance
    return out


@kernel
def entry_chance(net: Network, i: int, duration: float, factor: float, kept: float) -> float:
    """Chance that an entry of heat alone fails its unit, whose deluge lets through so much and fireproofing keeps."""
    v = net.heat_target[i]
    chance: float = heat_failure(
        factor * net.heat_load[i],
        duration,
        kept,
        net.shell[v],
        net.heat_exponent[v],
        net.heat_threshold[v],
        net.clock_mean[v],
        net.clock_deviation[v],
    )
    return chance


@kernel
def _proofed(net: Network, i: int, duration: float, factor: float, bare: float) -> float:
    """Chance of an entry over the states of the unit's fireproofing; ``bare``: without any."""
    v = net.heat_target[i]
    if net.delay[v] == 0.0 or bare == 0.0:
        return bare
    fails = float(net.delay_fails[v])
    return fails * bare + (1.0 - fails) * entry_chance(net, i, duration, factor, net.delay[v])


@parallel_kernel
def direct_escalation(net: Network, static: bool) -> Direct:
    """Chance that each row entry alone makes its unit fail.

    Parameters
    ----------
    net : Network
        Facility.
    static : bool
        True: fires never burn out.
    """
    n = net.heat_load.size
    bare, up, down = np.zeros(n), np.zeros(n), np.zeros(n)
    for row in prange(net.heat_start.size - 1):
        duration = np.inf if static else net.heat_duration[row]
        for i in range(net.heat_start[row], net.heat_start[row + 1]):
            v = net.heat_target[i]
            bare[i] = entry_chance(net, i, duration, 1.0, 0.0)
            up[i] = down[i] = _proofed(net, i, duration, 1.0, bare[i])
            if net.deluge_factor[v] < 1.0 and bare[i] > 0.0:
                fails = net.deluge_fails[v]
                wet = entry_chance(net, i, duration, net.deluge_factor[v], 0.0)
                up[i] = fails * down[i] + (1.0 - fails) * _proofed(net, i, duration, net.deluge_factor[v], wet)
    return Direct(
        bare,
        up,
        down,
        _suffix(net.heat_start, bare),
        _suffix(net.blast_start, net.blast_probability),
        _suffix(net.fragment_start, net.fragment_probability),
    )


@kernel
def _row_chance(start: NDArray[np.int64], row: int, any_: Floats) -> float:
    if row < 0 or start[row] == start[row + 1]:
        return 0.0
    return float(any_[start[row]])


@kernel
def _at_once(net: Network, direct: Direct, source: int, wind: int) -> float:
    """Chance of a direct escalation by blast or fragments."""
    blast = _row_chance(net.blast_start, net.blast_row[source, wind], direct.blast_any)
    return blast + (1.0 - blast) * _row_chance(net.fragment_start, net.fragment_row[source], direct.fragment_any)


@kernel
def envelope(net: Network, direct: Direct, sources: Indices) -> Floats:
    """Chance of at least one direct escalation if no barrier works, shape (len(sources), n_classes)."""
    n_classes = net.class_probability.shape[1]
    out = np.zeros((sources.size, n_classes))
    for i in range(sources.size):
        for c in range(n_classes):
            heat = _row_chance(net.heat_start, net.heat_row[sources[i], c], direct.heat_any)
            out[i, c] = heat + (1.0 - heat) * _at_once(net, direct, sources[i], c)
    return out


@kernel
def _heat_chance(net: Network, direct: Direct, row: int, up: Floats, down: Floats) -> float:
    """Chance of any heat escalation of a row; units that share a supply hang together through its state."""
    if row < 0:
        return 0.0
    spared = 1.0
    for i in range(net.heat_start[row], net.heat_start[row + 1]):
        system = net.system[net.heat_target[i]]
        if system < 0:
            spared *= 1.0 - direct.heat_up[i]
        else:
            up[system] *= 1.0 - direct.heat_up[i]
            down[system] *= 1.0 - direct.heat_down[i]
    for i in range(net.heat_start[row], net.heat_start[row + 1]):
        system = net.system[net.heat_target[i]]
        if system >= 0:
            fails = net.system_fails[system]
            spared *= fails * down[system] + (1.0 - fails) * up[system]
            up[system] = down[system] = 1.0
    return 1.0 - spared


@kernel
def escalation_chance(net: Network, direct: Direct, sources: Indices) -> Floats:
    """Chance of at least one direct escalation, barriers counted, shape (len(sources), n_classes)."""
    n_classes = net.class_probability.shape[1]
    out = np.zeros((sources.size, n_classes))
    up, down = np.ones(net.system_fails.size), np.ones(net.system_fails.size)
    last, chance = -1, 0.0
    for i in range(sources.size):
        for c in range(n_classes):
            row = net.heat_row[sources[i], c]
            if row != last:
                last, chance = row, _heat_chance(net, direct, row, up, down)
            out[i, c] = chance + (1.0 - chance) * _at_once(net, direct, sources[i], c)
    return out


@kernel
def _heat_fails(net: Network, direct: Direct, i: int) -> float:
    """Chance that an entry of heat alone fails its unit, barriers counted."""
    system = net.system[net.heat_target[i]]
    fails = float(net.system_fails[system]) if system >= 0 else 0.0
    return float(fails * direct.heat_down[i] + (1.0 - fails) * direct.heat_up[i])


@kernel
def _spare_heated(net: Network, direct: Direct, row: int, spared: Floats) -> None:
    if row >= 0:
        for i in range(net.heat_start[row], net.heat_start[row + 1]):
            spared[net.heat_target[i]] *= 1.0 - _heat_fails(net, direct, i)


@kernel
def _spare(start: NDArray[np.int64], target: Indices, chance: Floats, row: int, spared: Floats) -> None:
    if row >= 0:
        for i in range(start[row], start[row + 1]):
            spared[target[i]] *= 1.0 - chance[i]


@kernel
def _collect(
    start: NDArray[np.int64], target: Indices, row: int, weight: float, spared: Floats, often: Floats, touched: Indices
) -> int:
    """Add what the units of a row suffer, count those seen for the first time, and put ``spared`` back."""
    new = 0
    if row >= 0:
        for i in range(start[row], start[row + 1]):
            v = target[i]
            if spared[v] < 1.0:
                if often[v] == 0.0:
                    touched[new] = v
                    new += 1
                often[v] += weight * (1.0 - spared[v])
                spared[v] = 1.0
    return new


@kernel
def _from_unit(
    net: Network, direct: Direct, sources: Indices, frequency: Floats, spared: Floats, often: Floats
) -> tuple[Indices, Floats]:
    """How often the sources of one unit fail others directly; ``spared`` is 1 and ``often`` 0 before and after."""
    touched, count = np.empty(often.size, np.int32), 0
    for s in sources:
        for c in range(net.class_probability.shape[1]):
            weight = frequency[s] * net.class_probability[s, c]
            hot, blown, hit = net.heat_row[s, c], net.blast_row[s, c], net.fragment_row[s]
            if weight == 0.0:
                continue
            _spare_heated(net, direct, hot, spared)
            _spare(net.blast_start, net.blast_target, net.blast_probability, blown, spared)
            _spare(net.fragment_start, net.fragment_target, net.fragment_probability, hit, spared)
            count += _collect(net.heat_start, net.heat_target, hot, weight, spared, often, touched[count:])
            count += _collect(net.blast_start, net.blast_target, blown, weight, spared, often, touched[count:])
            count += _collect(net.fragment_start, net.fragment_target, hit, weight, spared, often, touched[count:])
    found = np.sort(touched[:count])
    values = often[found].copy()
    often[found] = 0.0
    return found, values


@kernel
def heat_chances(net: Network, direct: Direct) -> Floats:
    """Chance that each entry of heat alone fails its unit, barriers counted; one for each of ``net.heat_load``."""
    out = np.empty(net.heat_load.size)
    for i in range(out.size):
        out[i] = _heat_fails(net, direct, i)
    return out


def direct_pairs(
    net: Network, direct: Direct, frequency: Floats, sources: Indices | None = None
) -> tuple[NDArray[np.int64], Indices, Floats]:
    """How often the events of each unit fail each other unit directly, exactly.

    Parameters
    ----------
    net : Network
    direct : Direct
    frequency : array, shape (n_sources,)
        Of each source. [1/yr]
    sources : int32 array, optional
        Only these, all of a unit or none.

    Returns
    -------
    start, target, often : int64, int64 and float64 arrays
        Every pair: unit of the events, unit that fails, both ascending; ``often`` [1/yr].
    """
    n = net.unit_key.size
    spared, often = np.ones(n), np.zeros(n)
    chosen = np.arange(net.source_unit.size, dtype=np.int32) if sources is None else sources
    order = chosen[np.argsort(net.source_unit[chosen], kind="stable")]
    units, first = np.unique(net.source_unit[order], return_index=True)
    found = [
        _from_unit(net, direct, sources, frequency, spared, often)
        for sources in np.split(order, first[1:])
        if units.size
    ]
    start = np.repeat(units.astype(np.int64), [target.size for target, _ in found])
    return (
        start,
        np.concatenate([np.zeros(0, np.int64), *(target for target, _ in found)]),
        np.concatenate([np.zeros(0), *(values for _, values in found)]),
    )
