"""Individual risk of a park of toy plumes: time, error against brute force, and how much faster than the plain loop.

Everything is measured in one run on the same machine. The plain loop is timed on a sample of cells and extrapolated.
Ratios are of processor time, so that other work on the machine does not move them; ``seconds`` is by the clock, with
footprints given.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np

from benchmarks.report import machine, options, show
from parkrisk.models._jit import threads
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.individual import IndividualRisk, Raster, individual_risk
from parkrisk.risk.library import FootprintLibrary
from parkrisk.scenarios.expand import Events
from parkrisk.scenarios.receptors import WindRose
from tests.risk.oracle import PLUME, Toy, arrays, individual_at, individual_plain, toy_events

GRID = PolarGrid()
#: Wind speed [m/s] and whether stable, per weather class.
WEATHERS = ((1.5, 1.0), (3.0, 1.0), (2.0, 0.0), (4.0, 0.0), (6.0, 0.0), (9.0, 0.0))
SECTORS = 16
NO_POINTS = np.zeros((0, 2))
#: Wind directions of the plain loop.
DIRECTIONS = 360


def park(n_sources: int, n_types: int, n_events: int = 15, seed: int = 0) -> Events:
    """Sources on a square of 3 km, each of one of a few types, each type with its own releases."""
    rng = np.random.default_rng(seed)
    rates = 10.0 ** rng.uniform(3.0, 5.5, (n_types, n_events))
    frequencies = 10.0 ** rng.uniform(-7.0, -5.0, (n_types, n_events))
    rows = []
    for source in range(n_sources):
        x, y = rng.uniform(-1500.0, 1500.0, 2)
        kind = source % n_types
        for event in range(n_events):
            outcomes = [Toy(PLUME, float(rates[kind, event]), speed, stable) for speed, stable in WEATHERS]
            name = f"u{source:04d}"
            rows.append((f"{name}-{event:02d}", name, "A", x, y, "toxic", float(frequencies[kind, event]), outcomes))
    return toy_events(rows, len(WEATHERS))


def rose(seed: int = 0) -> WindRose:
    """Uneven, with jumps between neighbouring sectors."""
    probability = np.random.default_rng(seed).random((2, len(WEATHERS), SECTORS)) ** 2
    return WindRose(weathers=(), probability=probability / probability.sum())


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


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; gives the figures."""
    n_sources, n_types, side = 300, 6 if quick else 30, 1000
    events, wind = park(n_sources, n_types), rose()
    raster = Raster(-2500.0, -2500.0, 5000.0 / (side - 1), side, side)
    events.outcomes[0].footprint(GRID)  # compiled before the clock starts
    small = park(2, 1, 1)
    individual_risk(small, wind, GRID, Raster(0.0, 0.0, 50.0, 9, 9), np.zeros((1, 2)))
    library_seconds, library_processor, library = timed(lambda: FootprintLibrary(events.outcomes, GRID).fill(), 1)
    seconds, processor, result = timed(
        lambda: individual_risk(events, wind, GRID, raster, NO_POINTS, library=library), 1 if quick else 3
    )
    with threads(1):
        single_seconds, _, single = timed(
            lambda: individual_risk(events, wind, GRID, raster, NO_POINTS, library=library), 1
        )
    inputs = arrays(events, wind)
    individual_plain(0.0, 0.0, *(inputs[0][:1], inputs[1][:1], inputs[2][:1], inputs[3]), 8)
    cells = sampled(result, events, 4 if quick else 16, seed=2)[0]
    _, plain_processor, _ = timed(
        lambda: on_threads(lambda x, y: individual_plain(x, y, *inputs, DIRECTIONS), cells), 1
    )
    brute_processor = plain_processor / len(cells) * side * side
    park_errors = errors(result, events, wind, 40 if quick else 400)
    one = toy_events([("e", "u", "A", 3.3, -7.1, "toxic", 1e-5, [None, Toy(PLUME, 1e5, 3.0, 1.0)])], len(WEATHERS[:2]))
    one_wind = WindRose(weathers=(), probability=wind.probability[:, :2] / wind.probability[:, :2].sum())
    one_errors = errors(
        individual_risk(one, one_wind, GRID, raster, NO_POINTS), one, one_wind, 2000 if quick else 20_000
    )
    return {
        "seconds": seconds,
        "ratio_to_brute_force": brute_processor / processor,
        "max_relative_error": float(park_errors.max()),
        "seconds_one_thread": single_seconds,
        "seconds_library": library_seconds,
        "processor_seconds": processor,
        "ratio_with_library": brute_processor / (processor + library_processor),
        "brute_force_processor_seconds_extrapolated": brute_processor,
        "brute_force_cells_timed": len(cells),
        "brute_force_directions": DIRECTIONS,
        "cells_compared": len(park_errors),
        "median_relative_error": float(np.median(park_errors)),
        "max_relative_error_single_event": float(one_errors.max()),
        "cells_compared_single_event": len(one_errors),
        "equal_for_any_threads": bool(np.array_equal(result.values, single.values)),
        "sources": n_sources,
        "source_types": n_types,
        "events": len(events.table),
        "weathers": len(WEATHERS),
        "sectors": SECTORS,
        "cells": side * side,
        "footprints": len(events.outcomes),
        "library_mb": library.used / 1e6,
    }


def main() -> None:
    """Run from the command line."""
    chosen = options("individual risk: time, error, ratio to the plain loop").parse_args()
    on = machine()
    show("individual", run(quick=chosen.quick), as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
