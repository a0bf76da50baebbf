"""Clouds: processor time of one release with its footprints and field, of a tracer's plume, and of slabx beside it."""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers import installed, slab_field
from benchmarks.report import machine, options, show
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.concentration import largest_concentration, passive_plume, plume_concentration
from parkrisk.models.cloud.outcomes import FlashFire, ToxicCloud
from parkrisk.models.cloud.plume_field import field_kernel, plume_field
from parkrisk.models.cloud.vapour import VapourSource, disperse
from parkrisk.models.footprint import PolarGrid
from parkrisk.models.substance.substances import find

WEATHERS = (Weather(1.5, "F"), Weather(3.0, "B"), Weather(5.0, "D"), Weather(9.0, "D"))
GRID = PolarGrid()
PROBIT = {"probit_a": -6.35, "probit_b": 0.5, "probit_n": 2.75}
LIMITS = {"lfl": 0.021, "ufl": 0.095}
#: Receptors of a field: rings of 360.
RINGS = 20
TRACERS = 1_000_000


def pool(number: int) -> VapourSource:
    """Pool of boiling propane; each number a little larger, so that nothing is looked up."""
    propane, rate = find("propane"), 10.0 + 1e-3 * number
    boiling = propane.boiling_temperature(101_325.0)
    return VapourSource(
        substance=propane, mass=1200.0 * rate, duration=1200.0, temperature=boiling, diameter=math.sqrt(12.0 * rate)
    )


def jet(number: int) -> VapourSource:
    """Flashing jet of propane."""
    propane, rate = find("propane"), 10.0 + 1e-3 * number
    boiling = propane.boiling_temperature(101_325.0)
    return VapourSource(
        substance=propane,
        mass=1200.0 * rate,
        duration=1200.0,
        temperature=boiling,
        mist=0.6,
        velocity=80.0,
        height=1.0,
    )


def burst(number: int) -> VapourSource:
    """Vessel of propane that fails."""
    propane = find("propane")
    boiling = propane.boiling_temperature(101_325.0)
    return VapourSource(substance=propane, mass=10e3 + number, duration=0.0, temperature=boiling, mist=0.4)


def microseconds(work: Callable[[int], Any], repeats: int) -> float:
    """Processor time of one call; the first is not counted."""
    work(0)
    start = time.process_time()
    for number in range(1, repeats + 1):
        work(number)
    return (time.process_time() - start) / repeats * 1e6


def field() -> tuple[np.ndarray, np.ndarray]:
    """Places all round a source, 10 m to 10 km."""
    radius, angle = np.geomspace(10.0, 10e3, RINGS)[:, None], np.linspace(0.0, 2.0 * math.pi, 360, endpoint=False)
    return (radius * np.cos(angle)).ravel(), (radius * np.sin(angle)).ravel()


def releases(make: Callable[[int], VapourSource], repeats: int) -> dict[str, float]:
    """Median over the weathers of the time for each step, without those before it."""
    x, y = field()

    def toxic(number: int, weather: Weather) -> ToxicCloud:
        return ToxicCloud(source=make(number), weather=weather, **PROBIT)

    def each(work: Callable[[int, Weather], Any]) -> float:
        return float(
            np.median([microseconds(lambda number, w=weather: work(number, w), repeats) for weather in WEATHERS])
        )

    disperse.cache_clear()
    cloud = each(lambda number, weather: disperse(make(number), weather))
    known = each(lambda number, weather: toxic(number, weather).footprint(GRID))
    fire = each(lambda number, weather: FlashFire(source=make(number), weather=weather, **LIMITS).footprint(GRID))
    with_field = each(lambda number, weather: largest_concentration(make(10_000 + number), weather, x, y))
    return {
        "disperse, µs": cloud,
        f"disperse and field of {x.size}, µs": with_field,
        "toxic footprint of a known cloud, µs": known,
        "flash fire footprint of a known cloud, µs": fire,
    }


def beside_slab(make: Callable[[int], VapourSource], repeats: int) -> float:
    """Time of slabx for the concentration along the axis, over ours with the field of all receptors."""
    x, y = field()
    weather = Weather(5.0, "D", roughness=0.01)
    ours = microseconds(lambda number: largest_concentration(make(20_000 + number), weather, x, y), repeats)
    theirs = microseconds(lambda number: slab_field(make(number), weather, 1.0, 600.0, 5000.0), 3)
    return theirs / ours


def tracer(repeats: int) -> dict[str, float]:
    """Nanoseconds for each receptor of a passive plume, and by Briggs' curves with numpy."""
    draw = np.random.default_rng(0)
    x, y = draw.uniform(10.0, 10e3, TRACERS), draw.normal(0.0, 300.0, TRACERS)
    table = passive_plume(1.0, 1800.0, 0.064, Weather(5.0, "D"), height=2.0)
    out = np.empty(TRACERS)
    laid_out = plume_field(table, 600.0, False)

    def gaussian(_: int) -> np.ndarray:
        across, up = 0.08 * x / np.sqrt(1.0 + 1e-4 * x), 0.06 * x / np.sqrt(1.0 + 1.5e-3 * x)
        vertical = np.exp(-0.5 * (1.0 / up) ** 2) + np.exp(-0.5 * (3.0 / up) ** 2)
        return np.exp(-0.5 * (y / across) ** 2) * vertical / (2.0 * math.pi * 5.0 * across * up)

    scale = 1e3 / TRACERS
    return {
        "passive plume, ns a receptor": scale * microseconds(lambda _: field_kernel(x, y, laid_out, out), repeats),
        "checked and set up, ns a receptor": scale * microseconds(lambda _: plume_concentration(table, x, y), repeats),
        "Gaussian by numpy, ns a receptor": scale * microseconds(gaussian, repeats),
    }


def main() -> None:
    """Run from the command line."""
    chosen = options("clouds: time per release").parse_args()
    on, figures = machine(), {}
    repeats = 40 if chosen.quick else 400
    for make in (pool, jet, burst):
        figures |= {f"{make.__name__}: {name}": value for name, value in releases(make, repeats).items()}
    if installed("slabx"):
        for make in (pool, jet):
            figures[f"{make.__name__}: slabx over ours with the field"] = beside_slab(make, repeats)
    figures |= tracer(3 if chosen.quick else 20)
    show("clouds", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
