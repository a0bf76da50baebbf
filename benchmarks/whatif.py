"""What a change of a park costs: the shipped park with one unit refilled, moved, removed, and a park of toy plumes.

Each change is assessed from the assessment before and, in the same process, in full; both must agree to the last bit.
``cpu`` is processor time of all threads. The toy park moves one unit: individual risk on its raster and the F-N curve.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import individual as toys
from benchmarks.report import machine, options, show
from parkrisk.api.examples import example_park
from parkrisk.risk.assess import assess
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.increment import changed_units
from parkrisk.risk.individual import Raster, risk_sums
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios import read
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import People

#: A tank among many of its kind, a tank of a farm whose cascades reach far, and a sphere of propane.
TANK, FARM_TANK, SPHERE = "osm-1171225513", "osm-583945636", "lpg-s1"


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and the result."""
    start, before = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - start, time.process_time() - before, result


def changes(park: Park) -> dict[str, dict[str, Any]]:
    """Give one change of each kind of the larger park."""
    places = park.tables["units"].set_index("unit_id")[["x", "y"]]

    def moved(unit: str) -> dict[str, tuple[float, float]]:
        return {unit: (places.loc[unit, "x"] + 5.0, places.loc[unit, "y"] + 5.0)}

    x, y = places.mean()
    return {
        "refill": {"edit": {"units": {TANK: {"fill_fraction": 0.31}}}},
        "move_tank": {"move": moved(TANK)},
        "move_sphere": {"move": moved(SPHERE)},
        "remove_tank": {"remove": [FARM_TANK]},
        "housing": {"add": {"population": [{"x": x, "y": y + 1500.0, "day": 200.0, "night": 500.0}]}},
    }


def shipped(*, quick: bool) -> dict[str, Any]:
    """Measure changes of the example park."""
    park = read(example_park("minimal" if quick else "zhoushan"))
    small = {"refill": {"edit": {"units": {"T-101": {"fill_fraction": 0.31}}}}, "remove": {"remove": ["T-102"]}}
    cases = small if quick else changes(park)
    base = assess(park)
    figures: dict[str, Any] = {}
    for name, asked in cases.items():
        seconds_of_change, _, changed = timed(lambda asked=asked: change(park, **asked))
        assess(changed, previous=base)  # the footprints of the change are computed here
        seconds, cpu, again = timed(lambda changed=changed: assess(changed, previous=base))
        full_seconds, full_cpu, full = timed(lambda changed=changed: assess(changed))
        stages = {stage: round(spent, 3) for stage, spent in again.timings.items()}
        figures |= {
            f"{name}_seconds_change": seconds_of_change,
            f"{name}_seconds": seconds,
            f"{name}_seconds_full": full_seconds,
            f"{name}_cpu_ratio": full_cpu / cpu,
            f"{name}_equal": again.provenance["result_digest"] == full.provenance["result_digest"],
            f"{name}_units_changed": len(changed_units(base.events, again.events)),
            f"{name}_stages": " ".join(f"{stage} {spent / seconds:.0%}" for stage, spent in stages.items()),
        }
    return figures


def synthetic(*, quick: bool) -> dict[str, Any]:
    """Move one of 300 units: raster, points and F-N curve."""
    side = 300 if quick else 1000
    cell = 8000.0 / side
    raster = Raster(-4000.0 + cell / 2, -4000.0 + cell / 2, cell, side, side)
    rng = np.random.default_rng(5)
    points = rng.uniform(-3000.0, 3000.0, (27, 2))
    count = 2_000 if quick else 50_000
    day = rng.uniform(1.0, 20.0, count)
    people = People(
        *rng.uniform(-4000.0, 4000.0, (2, count)),
        day,
        day,
        np.full(count, 0.9),
        np.full(count, 0.9),
        np.full(count, ""),
    )
    before, wind, grid = toys.park(300, 30), toys.rose(), toys.GRID
    table = before.table.copy()
    unit = str(table["unit_id"].iloc[0])
    own = table["unit_id"] == unit
    table.loc[own, "x"] += 5.0
    after = Events(table, before.outcomes, before.outcome_index, before.dropped)
    library = FootprintLibrary(before.outcomes, grid).fill()
    place = (wind, grid, raster, points)
    risk = risk_sums(before, *place, library=library)
    crowd = societal_risk(before, wind, grid, people, library=library)

    def again() -> tuple[Any, Any]:
        gone, come = (risk_sums(each, *place, units=[unit], library=library) for each in (before, after))
        known = {name: part for name, part in crowd.units.items() if name != unit}
        return risk.minus(gone).plus(come), societal_risk(after, wind, grid, people, library=library, known=known)

    def whole() -> tuple[Any, Any]:
        return risk_sums(after, *place, library=library), societal_risk(after, wind, grid, people, library=library)

    again()
    seconds, cpu, (sums, curve) = timed(again)
    full_seconds, full_cpu, (all_sums, all_curve) = timed(whole)
    equal = all(np.array_equal(one, other) for one, other in zip(sums.levels, all_sums.levels, strict=True))
    return {
        "synthetic_move_seconds": seconds,
        "synthetic_move_seconds_full": full_seconds,
        "synthetic_move_cpu_ratio": full_cpu / cpu,
        "synthetic_move_equal": equal and curve.fn.equals(all_curve.fn),
    }


def main() -> None:
    """Measure and print."""
    asked = options(__doc__ or "").parse_args()
    on = machine()
    figures = synthetic(quick=asked.quick) | shipped(quick=asked.quick)
    show("whatif", figures, as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
