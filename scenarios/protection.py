"""What stands between a unit and its failure in a cascade: barriers of its own, and the emergency response."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.vulnerability.fragility import TimeToFailureRule
from parkrisk.scenarios.network import Floats, Indices

__all__ = ["Protection", "bare"]


@dataclass(frozen=True)
class Protection:
    """Barriers and mitigation clock of every unit, in the order of `parkrisk.scenarios.graph.unit_table`.

    Parameters
    ----------
    clock_mean, clock_deviation : array, shape (n_units,)
        Mean and standard deviation of the ln of the time until mitigation protects the unit. [ln s]
    delay, delay_fails, deluge_factor, deluge_fails, system : array, shape (n_units,)
    system_fails : array, shape (n_systems,)
        As in `parkrisk.scenarios.network.Network`.
    systems : tuple of str
        Ids of the shared supplies.
    flags : tuple of str
        Codes of what is unverified or assumed.
    """

    clock_mean: Floats
    clock_deviation: Floats
    delay: Floats
    delay_fails: Floats
    deluge_factor: Floats
    deluge_fails: Floats
    system: Indices
    system_fails: Floats
    systems: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def bare(n_units: int, rule: TimeToFailureRule) -> Protection:
    """No barriers, and the response that the time-to-failure rule stands for."""
    nothing: NDArray[np.float64] = np.zeros(n_units)
    return Protection(
        clock_mean=np.full(n_units, (rule.intercept - 5.0) / rule.slope + np.log(rule.time_unit)),
        clock_deviation=np.full(n_units, 1.0 / rule.slope),
        delay=nothing,
        delay_fails=nothing,
        deluge_factor=np.ones(n_units),
        deluge_fails=nothing,
        system=np.full(n_units, -1, dtype=np.int32),
        system_fails=np.zeros(0),
    )
