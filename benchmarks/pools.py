"""Pools: processor time per spill, with the numbers of substance and weather at hand, and the number of steps."""

import itertools
import math
import time
from typing import Any

import numpy as np

from benchmarks.report import machine, options, show
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.pool.history import pool_history
from parkrisk.models.pool.spill import spill
from parkrisk.models.substance.substances import find

SUBSTANCES = ("benzene", "acetone", "gasoline", "diesel", "acrylonitrile", "ammonia", "chlorine", "propane", "methane")
WEATHERS = (Weather(1.5, "F"), Weather(3.0, "B"), Weather(5.0, "D"), Weather(9.0, "D"))
#: Mass [kg], rate [kg/s], area of the bund [m²].
SPILLS = {
    "at once, free": (30_000.0, 0.0, math.inf),
    "at once, bund": (30_000.0, 0.0, 400.0),
    "fed, free": (18_000.0, 10.0, math.inf),
    "fed, bund": (18_000.0, 10.0, 400.0),
}


def microseconds(mass: float, rate: float, bund: float, repeats: int) -> list[float]:
    """Processor time of one spill, for each substance in each weather; masses differ, so that nothing is looked up."""
    found = []
    for key, weather in itertools.product(SUBSTANCES, WEATHERS):
        substance = find(key)
        spill(substance, mass, 293.15, weather, rate=rate, bund_area=bund)
        start = time.process_time()
        for i in range(repeats):
            spill(substance, mass + i, 293.15, weather, rate=rate, bund_area=bund)
        found.append((time.process_time() - start) / repeats * 1e6)
    return found


def steps(mass: float, rate: float, bund: float) -> list[int]:
    """Steps of the same pools."""
    supply: dict[str, Any] = {"ends": [mass / rate], "rates": [rate]} if rate else {"at_once": mass}
    return [
        pool_history(find(key), 293.15, weather, bund_area=bund, **supply).time.size - 1
        for key, weather in itertools.product(SUBSTANCES, WEATHERS)
    ]


def main() -> None:
    """Run from the command line."""
    chosen = options("pools: time per spill").parse_args()
    on, figures = machine(), {}
    for name, case in SPILLS.items():
        took, counts = microseconds(*case, 30 if chosen.quick else 300), steps(*case)
        figures[f"{name}: median µs"] = float(np.median(took))
        figures[f"{name}: most µs"] = float(np.max(took))
        figures[f"{name}: steps, median"] = float(np.median(counts))
        figures[f"{name}: steps, most"] = max(counts)
    show("pools", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
