"""Small pieces of work whose speed is kept from release to release, and one that has nothing to do with the program.

Each function prepares its work and gives it. Inputs never change: where one must, it gets another name, for its
times are not those of before.
"""

import functools
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Work = Callable[[], Any]


def reference() -> Work:
    """Sorting, exponentials, a plain loop: how fast the machine is. No products: their threads spin while they wait."""
    numbers = np.random.default_rng(0).random(400_000)

    def work() -> float:
        total = float(np.sort(numbers)[0] + np.exp(-numbers).sum())
        for i in range(150_000):
            total += i % 7
        return total

    return work


@functools.cache
def _minimal() -> Any:
    from parkrisk.risk.assess import assess
    from parkrisk.scenarios import read

    return assess(read(_folder()))


def _folder() -> Path:
    from parkrisk.api.examples import example_park

    return Path(example_park("minimal"))


def reader() -> Work:
    """Read and check the minimal park."""
    from parkrisk.scenarios import read

    return lambda: read(_folder())


def assess_minimal() -> Work:
    """Assess the minimal park, its footprints known."""
    from parkrisk.risk.assess import assess

    park = _minimal().park
    return lambda: assess(park)


def whatif_minimal() -> Work:
    """Assess the minimal park without one unit, from the assessment before."""
    from parkrisk.risk.assess import assess
    from parkrisk.scenarios.changing.changes import change

    before = _minimal()
    changed = change(before.park, remove=["T-102"])
    return lambda: assess(changed, previous=before)


def gate_minimal() -> Work:
    """Decide on a project in the minimal park."""
    from parkrisk.risk.entry.gate import gate
    from parkrisk.scenarios import read_project

    before, project = _minimal(), read_project(_folder() / "projects" / "diesel-tank")
    return lambda: gate(before.park, project, before=before, cures=False)


def report_minimal() -> Work:
    """Write all files of the assessment of the minimal park, without printing the report."""
    from parkrisk.api.progress import progress_bar
    from parkrisk.api.written.run import write_run

    result = _minimal()

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder, progress_bar(True) as progress:
            write_run(result, Path(folder), "en", formats=(), progress=progress)

    return work


def individual_kernel() -> Work:
    """Individual risk of 100 sources on 250,000 cells, footprints given."""
    from benchmarks.individual import GRID, park, rose, work
    from parkrisk.risk.footprints.library import FootprintLibrary

    events = park(100, 10)
    return work(events, rose(), 500, FootprintLibrary(events.outcomes, GRID).fill())


def correlation() -> Work:
    """Societal risk of 60 sources among 10,000 populated cells, footprints given."""
    from benchmarks.societal import EVENTS_PER_SOURCE, GRID, owned, park, people_around, rose
    from parkrisk.risk.footprints.library import FootprintLibrary
    from parkrisk.risk.societal import societal_risk

    events, people = owned(park(60, 6, EVENTS_PER_SOURCE)), people_around(10_000)
    library = FootprintLibrary(events.outcomes, GRID).fill()
    return lambda: societal_risk(events, rose(), GRID, people, library=library)


def domino_kernel() -> Work:
    """Dynamic cascades of a farm of 200 tanks, 500 histories of each."""
    from benchmarks.farms import CALM, tank_farm
    from parkrisk.risk.cascades.cascade import Primaries, cascades

    net = tank_farm(200, CALM).network
    primaries = Primaries(np.arange(200, dtype=np.int32), net.unit_key)
    return lambda: cascades(net, primaries, 500, 0, opened=False)


def cloud() -> Work:
    """Footprint of one toxic cloud of a boiling pool, each a little larger than the one before."""
    from benchmarks.clouds import GRID, PROBIT, WEATHERS, pool
    from parkrisk.models.cloud.outcomes import ToxicCloud

    numbers = iter(range(1_000_000))
    return lambda: ToxicCloud(source=pool(next(numbers)), weather=WEATHERS[2], **PROBIT).footprint(GRID)


WORKLOADS: Mapping[str, Callable[[], Work]] = {
    each.__name__: each
    for each in (
        reader,
        cloud,
        individual_kernel,
        correlation,
        domino_kernel,
        assess_minimal,
        whatif_minimal,
        gate_minimal,
        report_minimal,
    )
}
