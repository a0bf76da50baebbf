"""Small facilities for the tests of cascades."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from parkrisk.models.vulnerability.fragility import TimeToFailureRule
from parkrisk.risk.cascades.cascade import Primaries
from parkrisk.scenarios.facility.graph import Facility, facility_from_loads
from parkrisk.scenarios.facility.network import Network

CASES = Path(__file__).parents[1] / "validation" / "domino"


def case(name):
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def tanks(x, y, *, diameter=10.0, volume=1000.0, kind="atmospheric_tank", enterprise="E"):
    n = len(x)
    return pd.DataFrame(
        {
            "unit_id": [f"T{i:03d}" for i in range(n)],
            "enterprise_id": enterprise,
            "kind": kind,
            "volume_m3": volume,
            "diameter_m": diameter,
            "x": np.asarray(x, float),
            "y": np.asarray(y, float),
        }
    )


def farm(loads, *, duration=np.inf, rule=None, frequency=1e-4, volume=1000.0, kind="atmospheric_tank") -> Facility:
    """Facility on a line with the given load matrix, its diagonal apart. [kW/m²]"""
    n = len(loads)
    loads = np.reshape(loads, (n, n)) * (1.0 - np.eye(n))
    units = tanks(50.0 * np.arange(n), np.zeros(n), volume=volume, kind=kind)
    return facility_from_loads(units, loads, duration=duration, rule=rule, frequency=frequency)


def random_loads(seed, n, *, low=5.0, high=60.0, share=0.6):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, n)) < share, rng.uniform(low, high, (n, n)), 0.0) * (1.0 - np.eye(n))


def probabilities(net: Network, weight, log, histories):
    """P(unit fails | primary) and its standard error, shape (n_primaries, n_units)."""
    primary = np.repeat(np.arange(weight.size), np.diff(log.start))
    shape = (weight.size, net.unit_key.size)
    share = np.bincount(primary * shape[1] + log.unit, minlength=shape[0] * shape[1]).reshape(shape) / histories
    return weight[:, None] * share, weight[:, None] * np.sqrt(share * (1.0 - share) / histories)


def all_primaries(net: Network) -> Primaries:
    return Primaries(np.arange(net.source_unit.size, dtype=np.int32), net.unit_key[net.source_unit])


def failure_table(loads, net: Network, rule: TimeToFailureRule):
    """F[S, v] of the exact solver: chance that v fails by the summed loads of S."""
    from parkrisk.models.vulnerability.probit import probability
    from parkrisk.risk.solvers.subsets import subset_sums

    total = subset_sums(loads) * 1e3
    with np.errstate(divide="ignore"):
        log_time = net.shell - net.heat_exponent * np.log(total)
    failure = probability(rule.intercept - rule.slope * (log_time - np.log(rule.time_unit)))
    return np.where((total >= net.heat_threshold) & (total > 0.0), failure, 0.0)
