"""Classes of production-safety accidents by their deaths, serious injuries and direct loss."""

import csv
import functools

from parkrisk.risk.rules.facts import RULES_FOLDER, Fact, Facts, one_of, unknown
from parkrisk.risk.rules.judge import weakest

#: Indicators of the worst accident of the park, with their units.
ACCIDENT_INDICATORS = {
    "accident_deaths": ("deaths_from", "1"),
    "accident_serious_injuries": ("serious_injuries_from", "1"),
    "accident_loss": ("loss_from_10000_cny", "10000 CNY"),
}


@functools.cache
def accident_classes() -> tuple[dict[str, str], ...]:
    """Rows of the classes, from the least to the worst; the worst bound that is reached decides."""
    with (RULES_FOLDER / "accident_classes.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def accident_class(facts: Facts) -> Fact:
    """Class of the worst accident on record, as far as its figures tell.

    A figure that is not given may only make the class worse: one figure at a bound decides that the accident is at
    least of that class, and all three are needed to say that it is of no worse one. Without any figure, or with one
    below zero, nothing is known.
    """
    figures = {name: facts.indicator(name, unit) for name, (_, unit) in ACCIDENT_INDICATORS.items()}
    values = {name: fact.value for name, fact in figures.items() if isinstance(fact.value, float)}
    if not values or min(values.values()) < 0.0:
        return unknown(*(f"indicators.{name}" for name in ACCIDENT_INDICATORS))
    classes = accident_classes()
    reached = max(
        number
        for number, row in enumerate(classes)
        if any(value >= float(row[ACCIDENT_INDICATORS[name][0]]) for name, value in values.items())
    )
    missing = [f"indicators.{name}" for name in ACCIDENT_INDICATORS if name not in values]
    possible = classes[reached:] if missing else classes[reached : reached + 1]
    return one_of(
        [row["class"] for row in possible],
        origin="computed: State Council Order 493 art. 3",
        missing=missing,
        mark=weakest(row["mark"] for row in possible),
    )


__all__ = ["ACCIDENT_INDICATORS", "accident_class", "accident_classes"]
