"""Physics of releases and their effects: pure functions, SI units, sources named; no park, no risk.

The public names are imported when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parkrisk.models.atmosphere import Weather
    from parkrisk.models.pool import Pool, spill
    from parkrisk.models.release import Release, Vessel, hole, instantaneous
    from parkrisk.models.substances import Substance, find, known

__all__ = ["Pool", "Release", "Substance", "Vessel", "Weather", "find", "hole", "instantaneous", "known", "spill"]

_HOME = {
    "Pool": "parkrisk.models.pool",
    "Release": "parkrisk.models.release",
    "Substance": "parkrisk.models.substances",
    "Vessel": "parkrisk.models.release",
    "Weather": "parkrisk.models.atmosphere",
    "find": "parkrisk.models.substances",
    "hole": "parkrisk.models.release",
    "instantaneous": "parkrisk.models.release",
    "known": "parkrisk.models.substances",
    "spill": "parkrisk.models.pool",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'parkrisk.models' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
