"""Parks of any size and one density: copies of the smallest shipped park side by side, people included."""

import math
from typing import Any

import numpy as np

from parkrisk.api.examples import example_park
from parkrisk.scenarios.park import Park, build
from parkrisk.scenarios.reading.objects import read_json
from parkrisk.scenarios.reading.sources import document

UNITS = 5  # of the park that is copied
_PITCH = (2_000.0, 2_500.0)  # [m], people of a copy stand nearer to its units than to those of the next
_COPIED = ("enterprises", "units", "contents", "targets", "population", "ignition", "barriers", "response")


def _copy(row: dict[str, Any], at: int, side: int, fill: float) -> dict[str, Any]:
    moved = {name: f"{value}-{at}" if name.endswith("_id") else value for name, value in row.items()}
    if "x" in moved:
        moved["x"] += _PITCH[0] * (at % side)
        moved["y"] += _PITCH[1] * (at // side)
    if "fill_fraction" in moved:  # no two copies share their footprints
        moved["fill_fraction"] *= fill
    return moved


def park_of_copies(n: int, seed: int = 0) -> Park:
    """Park of about n units; every copy has its vessels filled to a height of its own."""
    copies = max(1, round(n / UNITS))
    side = math.ceil(math.sqrt(copies))
    fill = np.random.default_rng(seed).uniform(0.6, 1.0, copies)
    found = document(example_park("minimal"))
    found["park"].pop("boundary", None)
    found["answers"] = [row for row in found["answers"] if not row.get("enterprise_id")]
    for name in _COPIED:
        found[name] = [_copy(row, at, side, float(fill[at])) for at in range(copies) for row in found[name]]
    park = build(read_json(found, "park"))
    assert isinstance(park, Park)
    return park
