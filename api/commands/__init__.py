"""Commands of ``parkrisk``, one module each; importing them registers them."""

from parkrisk.api.commands import (
    capacity,
    consequence,
    distances,
    domino,
    gate,
    grading,
    measures,
    monitoring,
    natech,
    places,
    population,
    rules,
    siting,
    trace,
    weather,
    whatif,
)

__all__ = [
    "capacity",
    "consequence",
    "distances",
    "domino",
    "gate",
    "grading",
    "measures",
    "monitoring",
    "natech",
    "places",
    "population",
    "rules",
    "siting",
    "trace",
    "weather",
    "whatif",
]
