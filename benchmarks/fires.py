"""Footprints of fires: milliseconds each, warm, on one core, beside the evaluation of the heat flux in every bin."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from benchmarks.report import machine, options, show
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.fire.heat_footprint import heat_footprint
from parkrisk.models.fire.jet_fire import JetFire
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.footprint import PolarGrid

Fire = PoolFire | JetFire | Fireball

_GRID = PolarGrid()
_number = itertools.count(1)


def _air() -> Weather:
    """A wind that no fire before had, so that nothing is remembered."""
    return Weather(5.0 + 1e-6 * next(_number), "D", 288.15)


def _jet(mass_flow: float, hole: float, direction: str) -> JetFire:
    return JetFire(mass_flow, hole, 288.15, 0.0169, 1.3, 5.0e7, 600.0, _air(), direction)


MAKERS: dict[str, Callable[[], Fire]] = {
    "smoky_pool_5_m": lambda: PoolFire(5.0, 0.055, 4.4e7, 1800.0, _air()),
    "smoky_pool_50_m": lambda: PoolFire(50.0, 0.055, 4.4e7, 1800.0, _air()),
    "lng_pool_20_m": lambda: PoolFire(20.0, 0.085, 5.0e7, 1800.0, _air(), "radiative_fraction", 0.25, 0.0),
    "tank_top_40_m": lambda: PoolFire(40.0, 0.055, 4.4e7, 1800.0, _air(), base_height=15.0),
    "jet_10_kg_s": lambda: _jet(9.6, 0.0356, "horizontal"),
    "jet_100_kg_s": lambda: _jet(100.0, 0.1, "horizontal"),
    "vertical_jet_10_kg_s": lambda: _jet(9.6, 0.0356, "vertical"),
    "fireball_10_t": lambda: Fireball(10_000.0 + next(_number), 4.63e7, 1.5e6),
}


def _full(fire: Fire) -> None:
    core = 0.5 * fire.diameter if isinstance(fire, PoolFire) else 0.0
    end = 0.0 if isinstance(fire, Fireball) else fire._end
    heat_footprint(_GRID, fire._field, fire.duration, core, end)


def _milliseconds(make: Callable[[], Fire], work: Callable[[Fire], Any], repeats: int) -> float:
    """Median of so many fires, each made anew within the time."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work(make())
        times.append(time.perf_counter() - begin)
    return 1e3 * sorted(times)[repeats // 2]


def main() -> None:
    """Run from the command line."""
    chosen = options("milliseconds per footprint of a fire").parse_args()
    on = machine()
    repeats = 20 if chosen.quick else 100
    figures: dict[str, float] = {}
    for name, make in MAKERS.items():
        for work in (lambda fire: fire.footprint(_GRID), _full):
            work(make())  # compiled or loaded
        figures[f"{name}_ms"] = _milliseconds(make, lambda fire: fire.footprint(_GRID), repeats)
        figures[f"{name}_every_bin_ms"] = _milliseconds(make, _full, max(repeats // 5, 5))
    show("fires", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
