"""Made-up tank farms of any size for the benchmarks of cascades."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.scenarios.facility.graph import Facility, assemble, unit_table
from parkrisk.scenarios.facility.loads import Rows, no_rows

_PITCH = 70.0
_FLAME = 60_000.0  # emissive power, the most that a unit can receive [W/m²]


class Fires(NamedTuple):
    """Share of the heat of a fire that is radiated, and the least load that counts. [-], [W/m²]"""

    radiated: float
    least: float


#: 18 loads a unit; CALM: 1.3 units burn at the end, STORMY: 40 %. What is radiated there is more than there is: soot
#: and wind, which make real fires spread, are not in the point source.
CALM, STORMY = Fires(0.13, 700.0), Fires(1.3, 3300.0)


def tank_farm(n: int, fires: Fires = CALM, seed: int = 0) -> Facility:
    """Tanks on a map, each fire loading its neighbours by a point source through clear air; O(n) memory and time."""
    rng = np.random.default_rng(seed)
    side = math.ceil(math.sqrt(n))
    place = _PITCH * np.stack([np.arange(n) % side, np.arange(n) // side], axis=1) + rng.uniform(-15.0, 15.0, (n, 2))
    diameter = rng.uniform(15.0, 45.0, n)
    power = fires.radiated * 0.055 * 44e6 * np.pi / 4.0 * diameter**2
    reach = np.sqrt(power / (4.0 * np.pi * fires.least)) + 0.5 * diameter.max()
    near = cKDTree(place).query_ball_point(place, reach, return_sorted=True)
    source = np.repeat(np.arange(n), [len(each) for each in near])
    target = np.concatenate(near).astype(np.int32)
    gap = np.hypot(*(place[source] - place[target]).T) - 0.5 * diameter[target]
    load = np.minimum(power[source] / (4.0 * np.pi * np.maximum(gap, 1.0) ** 2), _FLAME)
    kept = (load >= fires.least) & (source != target)
    units = unit_table(
        pd.DataFrame(
            {
                "unit_id": [f"T{i:05d}" for i in range(n)],
                "enterprise_id": "E",
                "kind": "atmospheric_tank",
                "x": place[:, 0],
                "y": place[:, 1],
                "diameter_m": diameter,
                "volume_m3": np.pi / 4.0 * diameter**2 * 12.0,
            }
        )
    )
    units["secondary"] = units["unit_id"]
    own = np.arange(n, dtype=np.int32)
    start = np.searchsorted(source[kept], np.arange(n + 1)).astype(np.int64)
    heat = Rows(
        own[:, None], start, target[kept], load[kept], rng.uniform(3600.0, 20_000.0, n), np.zeros(kept.sum(), np.bool_)
    )
    sources = pd.DataFrame({"event_id": units["unit_id"], "unit": own, "frequency": 1e-4})
    secondary = (own, np.full(n, -1, np.int32))
    return assemble(units, sources, heat, no_rows(n, 1), secondary, np.ones(1), time_to_failure_rule())
