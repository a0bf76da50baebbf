"""Physics of releases and their effects: pure functions, SI units, sources named; no park, no risk.

The public names are imported when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parkrisk.models.air.atmosphere import Weather
    from parkrisk.models.pool.spill import Pool, spill
    from parkrisk.models.release.history import RateHistory, rate_history
    from parkrisk.models.release.hole import Release, Vessel, hole, instantaneous
    from parkrisk.models.release.pipeline import Pipeline, pipeline_history, pipeline_release
    from parkrisk.models.release.pumped import loading_arm_release, pump_release
    from parkrisk.models.release.relief import relief_release
    from parkrisk.models.substance.mixture import mixture
    from parkrisk.models.substance.substances import Substance, find, known

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
    "Pipeline": "parkrisk.models.release.pipeline",
    "Pool": "parkrisk.models.pool.spill",
    "RateHistory": "parkrisk.models.release.history",
    "Release": "parkrisk.models.release.hole",
    "Substance": "parkrisk.models.substance.substances",
    "Vessel": "parkrisk.models.release.hole",
    "Weather": "parkrisk.models.air.atmosphere",
    "find": "parkrisk.models.substance.substances",
    "hole": "parkrisk.models.release.hole",
    "instantaneous": "parkrisk.models.release.hole",
    "known": "parkrisk.models.substance.substances",
    "loading_arm_release": "parkrisk.models.release.pumped",
    "mixture": "parkrisk.models.substance.mixture",
    "pipeline_history": "parkrisk.models.release.pipeline",
    "pipeline_release": "parkrisk.models.release.pipeline",
    "pump_release": "parkrisk.models.release.pumped",
    "rate_history": "parkrisk.models.release.history",
    "relief_release": "parkrisk.models.release.relief",
    "spill": "parkrisk.models.pool.spill",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'parkrisk.models' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
