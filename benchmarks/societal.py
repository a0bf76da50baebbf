"""Societal risk of a park of toy plumes: time, error against every person counted, how much faster than the plain loop.

Everything is measured in one run on the same machine. The plain loop goes through event, weather, wind direction and
person; it is done for a few events, whose curve it gives, and extrapolated to all of them. Ratios are of processor
time, so that other work on the machine does not move them; ``seconds`` is by the clock, with footprints given.
"""

import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numba
import numpy as np

from benchmarks.individual import WEATHERS, park, rose, timed
from benchmarks.report import machine, options, show
from parkrisk.models._jit import threads
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.societal import SocietalRisk, societal_risk
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.receptors import People, WindRose
from tests.risk.crowds import crowd
from tests.risk.societal_oracle import by_shelter, exceedance, numbers_of_deaths, others, sum_of_own_risks

GRID = PolarGrid()
EVENTS_PER_SOURCE = 8
ENTERPRISES = 20


def owned(events: Events) -> Events:
    """Share the units among enterprises."""
    number = events.table["unit_id"].str[1:].astype(int) % ENTERPRISES
    return replace(events, table=events.table.assign(enterprise_id="E" + number.astype(str)))


def people_around(n_cells: int, seed: int = 1) -> People:
    """Populated cells around the park; every tenth is staff of one of the enterprises."""
    cells = crowd(n_cells, seed, reach=2500.0)
    employer = np.where(np.arange(n_cells) % 10 == 0, [f"E{i % ENTERPRISES}" for i in range(n_cells)], "")
    return People(**{**vars(cells), "enterprise_id": employer})


def one_event_each(events: Events, units: list[str]) -> Events:
    """Keep the last event of each of some units."""
    rows = np.flatnonzero(events.table["unit_id"].isin(units) & ~events.table.duplicated("unit_id", keep="last"))
    return replace(
        events, table=events.table.iloc[rows].reset_index(drop=True), outcome_index=events.outcome_index[rows]
    )


def plain_loop(events: Events, wind: WindRose, people: People) -> tuple[np.ndarray, np.ndarray]:
    """Number of deaths and frequency of every event, weather, period and direction, on all threads."""
    n_bins, n_sectors = GRID.n_bins, wind.probability.shape[2]
    towards = (np.arange(n_bins) + 0.5) / n_bins
    sector = np.floor(towards * n_sectors + 0.5).astype(int) % n_sectors
    probability = wind.probability[:, :, sector] * n_sectors / n_bins
    xy = np.stack([people.x, people.y], axis=1)

    def numbers(event: int, weather: int) -> np.ndarray:
        row = events.table.iloc[event]
        counted = others(people, row["enterprise_id"])
        case = events.outcomes[events.outcome_index[event, weather]].case
        return numbers_of_deaths(np.array([row["x"], row["y"]]), case, xy[counted], by_shelter(people, counted), n_bins)

    pairs = list(np.ndindex(events.outcome_index.shape))
    with ThreadPoolExecutor(numba.get_num_threads()) as pool:
        found = np.array(list(pool.map(lambda pair: numbers(*pair), pairs)))
    frequency = events.table["frequency"].to_numpy()
    weights = np.array([frequency[event] * probability[:, weather] for event, weather in pairs])
    return found.ravel(), weights.ravel()


def curve_errors(result: SocietalRisk, numbers: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Relative errors of F at every class edge that the plain loop reaches."""
    at = result.fn["N"].to_numpy()
    want = exceedance(numbers, frequencies, at)
    reached = want > 0.0
    return np.abs(result.fn["F"].to_numpy()[reached] / want[reached] - 1.0)


def equal(one: SocietalRisk, other: SocietalRisk) -> bool:
    """Tell whether every unit's part and the curve agree to the bit."""
    parts = zip(one.units.values(), other.units.values(), strict=True)
    return one.fn.equals(other.fn) and all(
        np.array_equal(a.histogram, b.histogram) and np.array_equal(a.figures, b.figures) for a, b in parts
    )


def peak_memory(work: Callable[[], SocietalRisk]) -> int:
    """Most memory that the arrays of a run take at once. [B]"""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; gives the figures."""
    n_sources, n_types, n_cells, n_compared = (60, 6, 10_000, 4) if quick else (300, 30, 50_000, 6)
    events, wind, people = owned(park(n_sources, n_types, EVENTS_PER_SOURCE)), rose(), people_around(n_cells)
    warm = owned(park(1, 1, 1))
    societal_risk(warm, wind, GRID, people)  # compiled before the clock starts
    library_seconds, _, library = timed(lambda: FootprintLibrary(events.outcomes, GRID).fill(), 1)

    def work(**given: Any) -> SocietalRisk:
        return societal_risk(events, wind, GRID, people, library=library, **given)

    seconds, processor, result = timed(work, 3)
    memory = peak_memory(work)
    same = []
    for count in (1, 2):
        with threads(count):
            same.append(equal(result, work()))
    known = dict(list(result.units.items())[1:])
    again_seconds, _, again = timed(lambda: work(known=known), 3)
    few = one_event_each(events, sorted(result.units)[:n_compared])
    compared = societal_risk(few, wind, GRID, people, library=library)
    numbers_of_deaths(np.zeros(2), events.outcomes[0].case, np.ones((1, 2)), np.ones((1, 4)), 4)
    _, plain_processor, (numbers, frequencies) = timed(lambda: plain_loop(few, wind, people), 1)
    brute = plain_processor * len(events.table) / len(few.table)
    errors = curve_errors(compared, numbers, frequencies)
    own_risks = sum_of_own_risks(few, wind, GRID, people)
    return {
        "seconds": seconds,
        "ratio_to_brute_force": brute / processor,
        "median_relative_error_f": float(np.median(errors)),
        "p95_relative_error_f": float(np.quantile(errors, 0.95)),
        "pll_identity_error": abs(compared.pll / own_risks - 1.0),
        "pll_error_to_brute_force": abs(compared.pll / float(numbers @ frequencies) - 1.0),
        "equal_for_1_and_2_threads": all(same),
        "equal_with_known_parts": equal(result, again),
        "seconds_one_unit_again": again_seconds,
        "processor_seconds": processor,
        "brute_force_processor_seconds_extrapolated": brute,
        "brute_force_events_timed": len(few.table),
        "seconds_library": library_seconds,
        "peak_memory_mb": memory / 1e6,
        "library_mb": library.used / 1e6,
        "numbers_of_deaths": len(events.table) * len(WEATHERS) * 2 * GRID.n_bins,
        "sources": n_sources,
        "source_types": n_types,
        "populated_cells": n_cells,
        "directions": GRID.n_bins,
        "edges_compared": len(errors),
    }


def main() -> None:
    """Run from the command line."""
    chosen = options("societal risk: time, error, ratio to the plain loop").parse_args()
    on = machine()
    show("societal", run(quick=chosen.quick), as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
