"""Individual risk of a park of toy plumes: time, error against brute force, and how much faster than the plain loop.

Everything is measured in one run on the same machine. The plain loop is timed on a sample of cells and extrapolated.
Ratios are of processor time, so that other work on the machine does not move them; ``seconds`` is by the clock, with
footprints given. Where an entry ends with ``processor_seconds`` it is the time of all threads together.
"""

import cProfile
import dataclasses
import math
import resource
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
from scipy.special import erfc

from benchmarks.report import machine, options, show
from parkrisk.models._jit import threads
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.individual import IndividualRisk, Raster, individual_risk, risk_sums
from parkrisk.risk.mapping.contributions import ranked
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import WindRose
from tests.risk.oracle import PLUME, Toy, arrays, individual_at, individual_plain, toy_events

GRID = PolarGrid()
#: Wind speed [m/s] and whether stable, per weather class.
WEATHERS = ((1.5, 1.0), (3.0, 1.0), (2.0, 0.0), (4.0, 0.0), (6.0, 0.0), (9.0, 0.0))
SECTORS = 16
NO_POINTS = np.zeros((0, 2))
#: Wind directions of the plain loop.
DIRECTIONS = 360


def park(n_sources: int, n_types: int, n_events: int = 15, n_weathers: int = 6, seed: int = 0) -> Events:
    """Sources on a square of 3 km, each of one of a few types, each type with its own releases."""
    rng = np.random.default_rng(seed)
    rates = 10.0 ** rng.uniform(3.0, 5.5, (n_types, n_events))
    frequencies = 10.0 ** rng.uniform(-7.0, -5.0, (n_types, n_events))
    speeds = [(speed * (1.0 + w // 6 / 10.0), stable) for w in range(n_weathers) for speed, stable in [WEATHERS[w % 6]]]
    rows = []
    for source in range(n_sources):
        x, y = rng.uniform(-1500.0, 1500.0, 2)
        kind = source % n_types
        for event in range(n_events):
            outcomes = [Toy(PLUME, float(rates[kind, event]), speed, stable) for speed, stable in speeds]
            name = f"u{source:04d}"
            rows.append((f"{name}-{event:02d}", name, "A", x, y, "toxic", float(frequencies[kind, event]), outcomes))
    return toy_events(rows, n_weathers)


def rose(n_weathers: int = 6, seed: int = 0) -> WindRose:
    """Uneven, with jumps between neighbouring sectors."""
    probability = np.random.default_rng(seed).random((2, n_weathers, SECTORS)) ** 2
    return WindRose(weathers=(), probability=probability / probability.sum())


def square(side: int) -> Raster:
    """Raster over 5 km by 5 km."""
    return Raster(-2500.0, -2500.0, 5000.0 / (side - 1), side, side)


def timed(work: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """Best time of several runs by the clock, best processor time of all threads, and the last result."""
    clock = processor = np.inf
    for _ in range(repeats):
        start, before = time.perf_counter(), time.process_time()
        result = work()
        clock = min(clock, time.perf_counter() - start)
        processor = min(processor, time.process_time() - before)
    return float(clock), float(processor), result


def on_threads(work: Callable[[float, float], float], cells: Iterable[tuple[float, float]]) -> np.ndarray:
    """A function of one place at many places, on the same number of threads as everything else."""
    with ThreadPoolExecutor(numba.get_num_threads()) as pool:
        return np.array(list(pool.map(lambda cell: work(*cell), cells)))


def sampled(result: IndividualRisk, events: Events, n_cells: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Cells with a risk of 1e-9 or more, not within the first ring of a source: places, and the values there."""
    rng = np.random.default_rng(seed)
    raster = result.raster
    rows, columns = np.nonzero(result.values >= 1e-9)
    chosen = rng.permutation(rows.size)[: 2 * n_cells]
    places = np.stack([raster.x[columns[chosen]], raster.y[rows[chosen]]], axis=1)
    sources = events.table[["x", "y"]].drop_duplicates().to_numpy()
    nearest = np.hypot(*(places[:, None, :] - sources[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    kept = chosen[nearest > GRID.r_min][:n_cells]
    places = places[nearest > GRID.r_min][:n_cells]
    return places, result.values[rows[kept], columns[kept]]


def errors(result: IndividualRisk, events: Events, wind: WindRose, n_cells: int) -> np.ndarray:
    """Relative differences to the integration over pieces of sectors, at sampled cells."""
    inputs = arrays(events, wind)
    places, values = sampled(result, events, n_cells)
    want = on_threads(lambda x, y: individual_at(x, y, *inputs, 100), places)
    known = want >= 1e-9
    return np.abs(values[known] / want[known] - 1.0)


def work(events: Events, wind: WindRose, side: int, library: FootprintLibrary) -> Callable[[], IndividualRisk]:
    """Give a raster to be timed."""
    return lambda: individual_risk(events, wind, GRID, square(side), NO_POINTS, library=library)


def against_oracle(result: IndividualRisk, events: Events, wind: WindRose, *, quick: bool) -> dict[str, Any]:
    """Errors of a park and of one event, at sampled cells of 1e-9 per year or more."""
    park_errors = errors(result, events, wind, 20 if quick else 400)
    one = toy_events([("e", "u", "A", 3.3, -7.1, "toxic", 1e-5, [None, Toy(PLUME, 1e5, 3.0, 1.0)])], 2)
    one_wind = rose(2)
    found = individual_risk(one, one_wind, GRID, result.raster, NO_POINTS)
    one_errors = errors(found, one, one_wind, 2000 if quick else 50_000)
    return {
        "max_relative_error": float(park_errors.max()),
        "median_relative_error": float(np.median(park_errors)),
        "cells_compared": len(park_errors),
        "max_relative_error_single_event": float(one_errors.max()),
        "median_relative_error_single_event": float(np.median(one_errors)),
        "cells_compared_single_event": len(one_errors),
    }


def plain_loop(result: IndividualRisk, events: Events, wind: WindRose, n_cells: int) -> float:
    """Processor time of the compiled plain loop over the whole raster, extrapolated from some cells. [s]"""
    inputs = arrays(events, wind)
    individual_plain(0.0, 0.0, *(inputs[0][:1], inputs[1][:1], inputs[2][:1], inputs[3]), 8)
    cells = sampled(result, events, n_cells, seed=2)[0]
    _, processor, _ = timed(lambda: on_threads(lambda x, y: individual_plain(x, y, *inputs, DIRECTIONS), cells), 1)
    return processor / len(cells) * result.values.size


def numpy_raster(raster: Raster, events: Events, wind: WindRose) -> np.ndarray:
    """Give the raster as one would first write it: whole arrays, one event, weather and direction after another."""
    place, frequency, cases, density = arrays(events, wind)
    total = np.zeros((raster.ny, raster.nx))
    width = 2.0 * np.pi / DIRECTIONS
    phi = (np.arange(DIRECTIONS) + 0.5) * width
    sector = np.floor(phi / (2.0 * np.pi / SECTORS) + 0.5).astype(int) % SECTORS
    for event, weather in np.ndindex(cases.shape[:2]):
        _, rate, speed, stable = cases[event, weather]
        dx, dy = raster.x - place[event, 0], (raster.y - place[event, 1])[:, None]
        for angle, probability in zip(phi, density[weather, sector] * width, strict=True):
            x = np.maximum(dx * math.cos(angle) + dy * math.sin(angle), 1e-9)
            y = dy * math.cos(angle) - dx * math.sin(angle)
            wide, high = 0.08 * x / np.sqrt(1.0 + 1e-4 * x), 0.06 * x / np.sqrt(1.0 + 1.5e-3 * x)
            if stable:
                wide, high = 0.04 * x / np.sqrt(1.0 + 1e-4 * x), 0.016 * x / (1.0 + 3e-4 * x)
            log_dose = np.log(rate / (np.pi * speed * wide * high)) - 0.5 * (y / wide) ** 2
            lethality = np.where(x > 1e-9, 0.5 * erfc(-1.3 * log_dose / math.sqrt(2.0)), 0.0)
            total += frequency[event] * probability * lethality
    return total


def small_case() -> dict[str, Any]:
    """One small raster by three routes: plain numpy, the compiled plain loop, the engine."""
    events, wind, raster = park(2, 2, 2, 2), rose(2), square(101)
    inputs = arrays(events, wind)
    _, by_numpy, numpy_values = timed(lambda: numpy_raster(raster, events, wind), 1)
    cells = [(x, y) for y in raster.y for x in raster.x]
    _, by_loop, loop = timed(lambda: on_threads(lambda x, y: individual_plain(x, y, *inputs, DIRECTIONS), cells), 1)
    library = FootprintLibrary(events.outcomes, GRID).fill()
    _, by_engine, _ = timed(lambda: individual_risk(events, wind, GRID, raster, NO_POINTS, library=library), 3)
    _, with_footprints, _ = timed(lambda: individual_risk(events, wind, GRID, raster, NO_POINTS), 3)
    loop = loop.reshape(numpy_values.shape)
    known = loop >= 1e-9
    return {
        "small_numpy_processor_seconds": by_numpy,
        "small_plain_loop_processor_seconds": by_loop,
        "small_engine_processor_seconds": by_engine,
        "small_engine_with_footprints_processor_seconds": with_footprints,
        "small_ratio_to_numpy": by_numpy / by_engine,
        "numpy_ns_per_evaluation": 1e9 * by_numpy / (np.count_nonzero(inputs[2][:, :, 0]) * loop.size * DIRECTIONS),
        "small_numpy_and_loop_differ_by": float(np.abs(numpy_values / loop - 1.0)[known].max()),
    }


def moved_unit(events: Events, wind: WindRose, side: int, library: FootprintLibrary) -> dict[str, Any]:
    """Move one unit: raster and 300 points, against the whole park anew."""
    points = np.random.default_rng(5).uniform(-2500.0, 2500.0, (300, 2))
    mine = (events.table["unit_id"] == "u0007").to_numpy()
    table = events.table.assign(x=events.table["x"] + 123.4 * mine, y=events.table["y"] - 77.7 * mine)
    moved = dataclasses.replace(events, table=table)
    raster = square(side)

    def sums(of: Events, units: list[str] | None = None) -> Any:
        return risk_sums(of, wind, GRID, raster, points, units=units, library=library)

    before = sums(events)

    def move() -> IndividualRisk:
        after = before.minus(sums(events, ["u0007"])).plus(sums(moved, ["u0007"]))
        return IndividualRisk.of(after, raster, rose="piecewise_constant")

    seconds, processor, after = timed(move, 5)
    anew = IndividualRisk.of(sums(moved), raster, rose="piecewise_constant")
    parts = ("values", "points", "by_source", "by_kind", "by_weather", "by_sector")
    return {
        "move_seconds": seconds,
        "move_processor_seconds": processor,
        "move_equal": all(np.array_equal(getattr(after, part), getattr(anew, part)) for part in parts),
    }


def at_points(
    events: Events, wind: WindRose, library: FootprintLibrary, n_points: int, n_compared: int
) -> dict[str, Any]:
    """Risk at points with every division, and all sources ranked."""
    points = np.random.default_rng(3).uniform(-2500.0, 2500.0, (n_points, 2))
    one_cell = Raster(0.0, 0.0, 50.0, 1, 1)

    def run() -> Any:
        risk = individual_risk(events, wind, GRID, one_cell, points, library=library)
        return risk, ranked(risk.by_source)

    seconds, processor, (risk, _) = timed(run, 3)
    inputs = arrays(events, wind)
    want = on_threads(lambda x, y: individual_at(x, y, *inputs, 100), points[:n_compared])
    return {
        "points": n_points,
        "points_seconds": seconds,
        "points_processor_seconds": processor,
        "points_max_relative_error": float(np.abs(risk.points[:n_compared] / want - 1.0)[want >= 1e-9].max()),
    }


#: Stages by the files and functions that do them.
_STAGES = {
    "field": ("kernels.py", "loads.py"),
    "stamp": ("stamping.py:stamp", "pyramid.py"),
    "levels_to_raster": ("stamping.py:refine", "stamping.py:fill_discs", "pyramid.py:raster_values"),
}


def stages(make: Callable[[], Any]) -> dict[str, float]:
    """Share of the time of one thread that each stage takes."""
    profile = cProfile.Profile()
    with threads(1):
        profile.runcall(make)
    profile.create_stats()
    spent = dict.fromkeys([*_STAGES, "rest"], 0.0)
    for (file, _, name), row in profile.stats.items():
        short = file.rsplit("/", 1)[-1]
        exact = [stage for stage, keys in _STAGES.items() if f"{short}:{name}" in keys]
        whole = [stage for stage, keys in _STAGES.items() if short in keys]
        spent[(exact or whole or ["rest"])[0]] += row[2]
    total = sum(spent.values())
    return {f"share_{stage}": seconds / total for stage, seconds in spent.items()}


def growth() -> dict[str, Any]:
    """Processor time of smaller and larger parks than the base, one thing changed at a time, library given."""
    figures: dict[str, Any] = {}
    cases = {
        "sources": [((n, 10, 5, 6), 1000) for n in (100, 300, 900)],
        "events": [((100, 10, n, 6), 1000) for n in (5, 15, 45)],
        "weathers": [((100, 10, 5, n), 1000) for n in (3, 6, 12)],
        "cells": [((100, 10, 5, 6), n) for n in (500, 1000, 2000)],
    }
    for name, sizes in cases.items():
        times = []
        for shape, side in sizes:
            events, wind = park(*shape), rose(shape[3])
            library = FootprintLibrary(events.outcomes, GRID).fill()
            times.append(timed(work(events, wind, side, library), 2)[1])
        counts = [
            (*shape, side * side)[{"sources": 0, "events": 2, "weathers": 3, "cells": 4}[name]] for shape, side in sizes
        ]
        figures[f"growth_{name}"] = {count: round(seconds, 3) for count, seconds in zip(counts, times, strict=True)}
        figures[f"growth_exponent_{name}"] = float(np.polyfit(np.log(counts), np.log(times), 1)[0])
    return figures


def larger(wind: WindRose, library: FootprintLibrary, n_types: int) -> dict[str, Any]:
    """3,000 sources of the same types, on a million and on 16 million cells."""
    figures: dict[str, Any] = {}
    many = park(3000, n_types)
    for side in (1000, 4000):
        seconds, processor, _ = timed(work(many, wind, side, FootprintLibrary(many.outcomes, GRID, earlier=library)), 1)
        figures[f"seconds_3000_sources_{side * side // 1_000_000}m_cells"] = seconds
        figures[f"processor_seconds_3000_sources_{side * side // 1_000_000}m_cells"] = processor
    return figures


def peak_memory() -> float:
    """Largest memory that the process has held. [GiB]"""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**30 if sys.platform == "darwin" else peak / 2**20


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; gives the figures."""
    n_sources, n_types, side = 300, 6 if quick else 30, 1000
    events, wind = park(n_sources, n_types), rose()
    events.outcomes[0].footprint(GRID)  # compiled before the clock starts
    individual_risk(park(2, 1, 1), wind, GRID, Raster(0.0, 0.0, 50.0, 9, 9), np.zeros((1, 2)))
    library_seconds, library_processor, library = timed(lambda: FootprintLibrary(events.outcomes, GRID).fill(), 1)
    base = work(events, wind, side, library)
    seconds, processor, result = timed(base, 2 if quick else 5)
    with threads(1):
        single_seconds, _, single = timed(base, 1)
    brute_processor = plain_loop(result, events, wind, 4 if quick else 12)
    small, evaluations = small_case(), float(events.outcome_index.size) * side * side * DIRECTIONS
    figures = {
        "seconds": seconds,
        "ratio_to_brute_force": brute_processor / processor,
        **against_oracle(result, events, wind, quick=quick),
        "processor_seconds": processor,
        "seconds_one_thread": single_seconds,
        "seconds_library": library_seconds,
        "ratio_with_library": brute_processor / (processor + library_processor),
        "brute_force_processor_seconds_extrapolated": brute_processor,
        "brute_force_directions": DIRECTIONS,
        "equal_for_any_threads": bool(np.array_equal(result.values, single.values)),
        **stages(base),
        **moved_unit(events, wind, side, library),
        **at_points(events, wind, library, *((2000, 10) if quick else (10_000, 200))),
        **small,
        "ratio_to_numpy_extrapolated": 1e-9 * small["numpy_ns_per_evaluation"] * evaluations / processor,
        "peak_memory_base_gib": peak_memory(),
    }
    if not quick:
        figures |= {**larger(wind, library, n_types), **growth(), "peak_memory_gib": peak_memory()}
    return figures | {
        "sources": n_sources,
        "source_types": n_types,
        "events": len(events.table),
        "weathers": len(WEATHERS),
        "sectors": SECTORS,
        "cells": side * side,
        "footprints": len(events.outcomes),
        "library_hits": 1.0 - len(events.outcomes) / int((events.outcome_index >= 0).sum()),
        "library_mb": library.used / 1e6,
    }


def main() -> None:
    """Run from the command line."""
    chosen = options("individual risk: time, error, ratio to the plain loop").parse_args()
    on = machine()
    show("individual", run(quick=chosen.quick), as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
