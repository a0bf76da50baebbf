"""Commands of ``parkrisk``, one module each; importing them registers them."""

from parkrisk.api.commands import (
    capacity,
    consequence,
    convert,
    distances,
    domino,
    gate,
    grading,
    measures,
    monitoring,
    natech,
    places,
    rules,
    siting,
    template,
    trace,
    whatif,
)

__all__ = [
    "capacity",
    "consequence",
    "convert",
    "distances",
    "domino",
    "gate",
    "grading",
    "measures",
    "monitoring",
    "natech",
    "places",
    "rules",
    "siting",
    "template",
    "trace",
    "whatif",
]
