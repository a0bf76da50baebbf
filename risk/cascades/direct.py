"""Direct escalation, exactly: what the primary event alone makes fail."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.risk.cascades.history import chance_of_late_clock, time_to_failure
from parkrisk.scenarios.network import Floats, Indices, Network

__all__ = ["Direct", "direct_escalation", "escalation_chance"]


class Direct(NamedTuple):
    """Direct escalation, exactly; an ``any`` is the chance that its entry or a later one of the row comes true."""

    heat: Floats
    heat_any: Floats
    blast_any: Floats


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
def direct_escalation(net: Network, static: bool) -> Direct:
    """Chance that each row entry alone makes its unit fail.

    Parameters
    ----------
    net : Network
        Facility.
    static : bool
        True: fires never burn out.
    """
    heat = np.zeros(net.heat_load.size)
    for row in range(net.heat_start.size - 1):
        for i in range(net.heat_start[row], net.heat_start[row + 1]):
            v = net.heat_target[i]
            time = time_to_failure(net.heat_load[i], net.shell[v], net.heat_exponent[v], net.heat_threshold[v])
            if static or time <= net.heat_duration[row]:
                heat[i] = chance_of_late_clock(time, net.clock_mean[v], net.clock_deviation[v])
    return Direct(heat, _suffix(net.heat_start, heat), _suffix(net.blast_start, net.blast_probability))


@kernel
def _row_chance(start: NDArray[np.int64], row: int, any_: Floats) -> float:
    if row < 0 or start[row] == start[row + 1]:
        return 0.0
    return float(any_[start[row]])


@kernel
def escalation_chance(net: Network, direct: Direct, sources: Indices) -> Floats:
    """Chance of at least one direct escalation, shape (len(sources), n_classes)."""
    n_classes = net.class_probability.shape[1]
    out = np.zeros((sources.size, n_classes))
    for i in range(sources.size):
        for c in range(n_classes):
            heat = _row_chance(net.heat_start, net.heat_row[sources[i], c], direct.heat_any)
            blast = _row_chance(net.blast_start, net.blast_row[sources[i], c], direct.blast_any)
            out[i, c] = heat + (1.0 - heat) * blast
    return out
