"""Losses of containment that a park states itself: its table ``losses`` beside or instead of those of a set."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any

from parkrisk.scenarios.events.losses import Loss, losses

__all__ = ["MARK", "losses_of", "merged"]

_HOURS_PER_YEAR = 8760.0

#: Mark of a frequency that the park states itself.
MARK = "user"


def _loss(row: Mapping[Any, Any]) -> Loss:
    return Loss(
        loc=row["loc"],
        release=row["release"],
        hole_diameter=float(row["hole_mm"]) / 1000.0,
        frequency=float(row["frequency"]),
        source=row["source"],
        mark=MARK,
        rate=float(row["rate_kg_s"]),
        duration=60.0 * float(row["duration_min"]),
    )


def merged(
    found: Iterable[Loss], rows: Iterable[Mapping[Any, Any]], bore: float
) -> tuple[tuple[Loss, ...], tuple[tuple[Loss, str], ...]]:
    """Put the rows of one unit to the losses of a set.

    Parameters
    ----------
    found : iterable of Loss
        Of the set.
    rows : iterable of mapping
        Rows of the losses table for this unit. "add" and "replace" give a loss; "replace" and "remove" take that of
        the same name out of the set.
    bore : float
        Of the largest connection, which "full_bore" opens. [m]

    Returns
    -------
    losses : tuple of Loss
        In the order of the set, then of the rows.
    removed : tuple of (Loss, str)
        Those that "remove" took out, and the source that it names. A row that names a loss which the set does not have
        for this unit takes nothing out.
    """
    kept = {loss.loc: loss for loss in found}
    removed = []
    for row in rows:
        before = kept.get(row["loc"])
        if row["action"] == "remove":
            if before is not None:
                removed.append((before, row["source"]))
                del kept[row["loc"]]
            continue
        own = _loss(row)
        kept[own.loc] = dataclasses.replace(own, hole_diameter=bore) if own.release == "full_bore" else own
    return tuple(kept.values()), tuple(removed)


def losses_of(
    unit: Mapping[Any, Any], loss_set: str, rows: Iterable[Mapping[Any, Any]]
) -> tuple[tuple[Loss, ...], tuple[Loss, ...], tuple[tuple[Loss, str], ...]]:
    """Losses of containment of a unit: those of the set, those that hold, and those that its own rows take out.

    Parameters
    ----------
    unit : mapping
        Row of the units table; ``length_m`` is needed of a pipeline.
    loss_set : str
        As in `parkrisk.scenarios.events.losses.losses`.
    rows : iterable of mapping
        Its rows of the losses table.
    """
    bore, hours, length = (float(unit[name]) for name in ("hole_bore_mm", "hours_per_year", "length_m"))
    if math.isnan(bore) and unit["kind"] == "pipeline":
        bore = 1000.0 * float(unit["diameter_m"])
    bore = math.inf if math.isnan(bore) else bore / 1000.0
    found = losses(
        unit["kind"],
        loss_set,
        bore=bore,
        length=length,
        hours=_HOURS_PER_YEAR if math.isnan(hours) else hours,
        relief_area=1e-6 * float(unit["relief_area_mm2"]),
    )
    return (found, *merged(found, rows, bore))
