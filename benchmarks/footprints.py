"""Every footprint of a made-up park: 300 different units, 4 losses of containment each, 6 weathers.

Timed by the clock with all threads, from vessel to footprint, warm: kernels compiled, nothing kept from before.
"""

import math
import time
from typing import Any

import numpy as np

from benchmarks.report import machine, options, show
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud import vapour
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid
from parkrisk.models.release.hole import Vessel, hole, instantaneous
from parkrisk.models.substance.substances import find
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.sharing import share
from parkrisk.scenarios.events.outcomes import Branch, branches

GRID = PolarGrid()
#: Classes of AQ/T 3046-2013 Table 9.
WEATHERS = tuple(Weather(u, c) for u, c in ((3.0, "B"), (1.5, "D"), (5.0, "D"), (9.0, "D"), (4.0, "E"), (1.5, "F")))
HOLES = (0.005, 0.025, 0.1)  # [m]; and everything at once

#: Substance, phase, share of the units: as in section 8 of the usual mix of a chemical park.
CONTENTS = (
    ("gasoline", "atmospheric", 0.18),
    ("benzene", "atmospheric", 0.12),
    ("methanol", "atmospheric", 0.12),
    ("acrylonitrile", "atmospheric", 0.06),
    ("styrene", "atmospheric", 0.06),
    ("acetone", "atmospheric", 0.06),
    ("propane", "liquefied", 0.10),
    ("propylene", "liquefied", 0.06),
    ("ammonia", "liquefied", 0.08),
    ("chlorine", "liquefied", 0.06),
    ("hydrogen", "gas", 0.05),
    ("hydrogen sulfide", "liquefied", 0.02),
    ("ethylene oxide", "liquefied", 0.03),
)


def vessels(count: int, seed: int = 0) -> list[tuple[Vessel, float]]:
    """Different vessels and their bund areas [m²]."""
    rng = np.random.default_rng(seed)
    weights = np.array([share for _, _, share in CONTENTS])
    found = []
    for kind in rng.choice(len(CONTENTS), size=count, p=weights / weights.sum()):
        name, phase, _ = CONTENTS[kind]
        substance, temperature = find(name), float(rng.uniform(278.0, 308.0))
        if phase == "atmospheric":
            diameter = float(rng.uniform(8.0, 40.0))
            section, head = 0.25 * math.pi * diameter**2, float(rng.uniform(4.0, 14.0))
            mass = substance.liquid_density(temperature) * section * head
            found.append(
                (Vessel(substance, temperature, 101_325.0, mass, head, section, "liquid"), float(3.0 * section))
            )
        elif phase == "liquefied":
            volume = float(rng.uniform(20.0, 2000.0))
            mass = 0.8 * volume * substance.liquid_density(temperature)
            head = float(rng.uniform(1.0, 8.0))
            pressure = substance.vapour_pressure(temperature)
            found.append((Vessel(substance, temperature, pressure, mass, head, 0.0, "liquid"), float(volume)))
        else:
            pressure = float(rng.uniform(5e5, 5e6))
            mass = float(rng.uniform(5.0, 60.0)) * substance.gas_density(temperature, pressure)
            found.append((Vessel(substance, temperature, pressure, mass, 0.0, 0.0, "gas"), math.inf))
    return found


def events(vessel: Vessel, bund_area: float) -> list[Branch]:
    """Branches of the event trees of all losses of a vessel."""
    found: list[Branch] = []
    for diameter in HOLES:
        try:
            release = hole(vessel, diameter, isolation_time=1800.0)
        except OutOfRange:
            continue
        found += branches(vessel, release, diameter, WEATHERS, bund_area)
    return found + list(branches(vessel, instantaneous(vessel), math.nan, WEATHERS, bund_area))


def run(count: int) -> dict[str, Any]:
    """Measure; gives the figures."""
    units = vessels(count)
    start = time.perf_counter()
    found = share(units, lambda unit: events(*unit), "events")
    expanded = time.perf_counter() - start
    outcomes = list(
        dict.fromkeys(
            outcome for unit in found for branch in unit for outcome in branch.per_weather if outcome is not None
        )
    )
    library = FootprintLibrary(outcomes, GRID, budget=1 << 34).fill()
    seconds = time.perf_counter() - start
    kinds = [type(outcome).__name__ for outcome in outcomes]
    return {
        "seconds": seconds,
        "seconds_events": expanded,
        "seconds_footprints": seconds - expanded,
        "units": count,
        "losses": len(HOLES) + 1,
        "weathers": len(WEATHERS),
        "footprints": len(outcomes),
        "milliseconds_per_footprint": 1e3 * seconds / len(outcomes),
        "library_mb": library.used / 1e6,
        **{f"footprints_{kind}": kinds.count(kind) for kind in sorted(set(kinds))},
    }


def main() -> None:
    """Run from the command line."""
    chosen = options("every footprint of a made-up park").parse_args()
    on = machine()
    run(12)  # compiles
    vapour.disperse.cache_clear()
    show("footprints", run(60 if chosen.quick else 300), as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
