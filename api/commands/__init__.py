"""Commands of ``parkrisk``, one module each; importing them registers them."""

from parkrisk.api.commands import (
    capacity,
    comparison,
    consequence,
    distances,
    domino,
    gate,
    grading,
    measures,
    monitoring,
    natech,
    places,
    report,
    rules,
    siting,
    trace,
    whatif,
)

__all__ = [
    "capacity",
    "comparison",
    "consequence",
    "distances",
    "domino",
    "gate",
    "grading",
    "measures",
    "monitoring",
    "natech",
    "places",
    "report",
    "rules",
    "siting",
    "trace",
    "whatif",
]
