"""Physics of releases and their effects: pure functions, SI units, sources named; no park, no risk.

The public names are imported when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parkrisk.models.atmosphere import Weather
    from parkrisk.models.history import RateHistory, rate_history
    from parkrisk.models.mixture import mixture
    from parkrisk.models.pipeline import Pipeline, pipeline_history, pipeline_release
    from parkrisk.models.pool import Pool, spill
    from parkrisk.models.pumped import loading_arm_release, pump_release
    from parkrisk.models.release import Release, Vessel, hole, instantaneous
    from parkrisk.models.relief import relief_release
    from parkrisk.models.substances import Substance, find, known

__all__ = [
    "Pipeline",
    "Pool",
    "RateHistory",
    "Release",
    "Substance",
    "Vessel",
    "Weather",
    "find",
    "hole",
    "instantaneous",
    "known",
    "loading_arm_release",
    "mixture",
    "pipeline_history",
    "pipeline_release",
    "pump_release",
    "rate_history",
    "relief_release",
    "spill",
]

_HOME = {
    "Pipeline": "parkrisk.models.pipeline",
    "Pool": "parkrisk.models.pool",
    "RateHistory": "parkrisk.models.history",
    "Release": "parkrisk.models.release",
    "Substance": "parkrisk.models.substances",
    "Vessel": "parkrisk.models.release",
    "Weather": "parkrisk.models.atmosphere",
    "find": "parkrisk.models.substances",
    "hole": "parkrisk.models.release",
    "instantaneous": "parkrisk.models.release",
    "known": "parkrisk.models.substances",
    "loading_arm_release": "parkrisk.models.pumped",
    "mixture": "parkrisk.models.mixture",
    "pipeline_history": "parkrisk.models.pipeline",
    "pipeline_release": "parkrisk.models.pipeline",
    "pump_release": "parkrisk.models.pumped",
    "rate_history": "parkrisk.models.history",
    "relief_release": "parkrisk.models.relief",
    "spill": "parkrisk.models.pool",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'parkrisk.models' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
