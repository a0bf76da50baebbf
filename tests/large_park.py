"""The shipped large park, assessed once: coarsely, for tests of what does not hang on the resolution."""

import dataclasses
import functools

from parkrisk.api.examples import example_park
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.assess import assess
from parkrisk.risk.result import Assessment
from parkrisk.scenarios import read
from tests.minimal_park import COARSE

_COARSER = dataclasses.replace(
    COARSE, grid=PolarGrid(n_rings=32, n_bins=64, r_min=5.0), cell_m=500.0, domino_histories=5
)


@functools.cache
def coarse() -> Assessment:
    """Assess with the coarse settings."""
    return assess(read(example_park("zhoushan")), settings=_COARSER)
