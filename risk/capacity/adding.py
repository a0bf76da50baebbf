"""How many more of a unit fit at a place before a criterion of risk binds.

Individual risk of different units adds exactly, and so do the frequencies of the F-N curve: what one more unit adds,
times n, is what n of them add, but for cascades from one of them to another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.risk.assess import assess
from parkrisk.risk.capacity.placed import named, with_copies
from parkrisk.risk.capacity.stages import CRITERIA
from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.crowds.deaths import FIXED_POINT, PRIMARY
from parkrisk.risk.grading.quantities import counted_people
from parkrisk.risk.result import Assessment, plain
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.park import Park, Project

__all__ = ["MOST_TOGETHER", "Addition", "ReferenceUnits", "added_by", "reference_units"]

Floats = NDArray[np.float64]

#: Number of copies that a true assessment is asked for at most.
MOST_TOGETHER = 10

_TYPES = {"n": object, "at_most": object}


@dataclass(frozen=True)
class Addition:
    """What one or more units add to a park.

    Parameters
    ----------
    targets : DataFrame
        target_id, before, added, limit (of the sum), limit_new (of what is added) [1/yr], status: "unknown" where the
        risk with the unit is known from below only, or there is no limit; mark.
    fn : DataFrame
        N, before, added, upper [1/yr].
    people : bool
        Whether the input says where people are.
    complete : bool
        Whether all events could be computed.
    """

    targets: pd.DataFrame
    fn: pd.DataFrame
    people: bool
    complete: bool

    def criteria(self) -> pd.DataFrame:
        """How many times it fits, by criterion.

        Returns
        -------
        DataFrame
            criterion; status: "known", "unknown", "unbounded" (it adds nothing anywhere), "exceeded" (before it comes);
            n: so many fit, None where that is not known or there is no bound; at_most: more certainly do not fit, None
            where nothing is known; at: target_id or N that binds; before, added, limit there [1/yr]; mark.
        """
        targets = self.targets
        known = len(targets) > 0 and not (targets["status"] == "unknown").any() and self.complete
        zero = np.zeros(len(targets))
        columns = [targets[name].to_numpy(dtype=np.float64) for name in ("before", "added", "limit", "limit_new")]
        names = targets["target_id"].tolist()
        mark = "M" if targets.empty else weakest(targets["mark"])
        N = self.fn["N"].to_numpy(dtype=np.float64)
        before, added, upper = (self.fn[name].to_numpy(dtype=np.float64) for name in ("before", "added", "upper"))
        bound = _bound("societal_risk", [f"{each:.4g}" for each in N], before, added, upper, societal_criterion().mark)
        judged = self.people and self.complete and not self._beyond(bound["at_most"])
        rows = [
            _settled(_bound("individual_risk", names, columns[0], columns[1], columns[2], mark), known),
            _settled(_bound("individual_risk_added", names, zero, columns[1], columns[3], mark), known),
            _settled(bound, judged),
        ]
        order = ["criterion", "status", "n", "at_most", "at", "before", "added", "limit", "mark"]
        # Whole numbers and None stay what they are only in columns of objects.
        return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=_TYPES.get(name)) for name in order})

    def fits(self) -> str:
        """Whether it fits once: "yes", "no", "unknown"."""
        criteria = self.criteria()
        if any(n == 0 for n in criteria["at_most"]):
            return "no"
        return "unknown" if (criteria["status"] == "unknown").any() else "yes"

    def _beyond(self, n: int | None) -> bool:
        """Whether so many reach where the criterion lines end, so that the curve cannot be judged there."""
        line = societal_criterion()
        far = self.fn[self.fn["N"] > line.cut]
        return bool((far["before"] + far["added"] * float(n or 1) >= line.floor).any())


def _bound(criterion: str, names: list[str], before: Floats, added: Floats, limit: Floats, mark: str) -> dict[str, Any]:
    """Largest n with before + n × added ≤ limit everywhere; exact, as all three are binary fractions."""
    row: dict[str, Any] = {"criterion": criterion, "at_most": None, "at": "", "mark": mark}
    row |= {"before": np.nan, "added": np.nan, "limit": np.nan}
    for name, one, more, most in zip(names, before.tolist(), added.tolist(), limit.tolist(), strict=True):
        if not np.isfinite([one, more, most]).all() or (one <= most and more <= 0.0):
            continue
        n = (Fraction(most) - Fraction(one)) // Fraction(more) if one <= most else 0
        if row["at_most"] is None or n < row["at_most"] or (n == row["at_most"] == 0 and one > most):
            row |= {"at_most": int(n), "at": name, "before": one, "added": more, "limit": most}
    return row


def _settled(row: dict[str, Any], known: bool) -> dict[str, Any]:
    """With the status: what is known from below proves only that nothing fits."""
    most = row["at_most"]
    if most == 0:
        return {**row, "status": "exceeded" if row["before"] > row["limit"] else "known", "n": 0}
    if not known:
        return {**row, "status": "unknown", "n": None}
    return {**row, "status": "unbounded" if most is None else "known", "n": most}


def added_by(before: Assessment, after: Assessment, units: Sequence[str]) -> Addition:
    """Find what units add: the larger of their own risk and of the rise, which holds cascades they set off elsewhere.

    Parameters
    ----------
    before, after : Assessment
        Without and with the units, else the same.
    units : sequence of str
        unit_id of each.
    """
    targets = after.targets
    risk = after.individual_risk
    own = risk.by_source[:, [k for k, unit in enumerate(risk.unit_ids) if unit in units]].sum(axis=1)
    first = before.targets["individual_risk"].to_numpy(dtype=np.float64)
    added = np.maximum(own, targets["individual_risk"].to_numpy(dtype=np.float64) - first)
    table = targets[["target_id", "limit", "limit_new", "status", "mark"]].assign(before=first, added=added)
    return Addition(
        targets=table[["target_id", "before", "added", "limit", "limit_new", "status", "mark"]],
        fn=_added_curve(before, after, units),
        people=counted_people(after.park),
        complete=not (before.events.not_computed or after.events.not_computed),
    )


def _added_curve(before: Assessment, after: Assessment, units: Sequence[str]) -> pd.DataFrame:
    """Curves have the same numbers of deaths up to their ends; the sampled part of the rise may even be below 0."""
    N = max((before.fn["N"].to_numpy(), after.fn["N"].to_numpy()), key=len).astype(np.float64)
    own = np.zeros(N.size)
    if parts := [part for unit, part in after.societal.units.items() if unit in units]:
        histogram = np.sum([part.histograms[PRIMARY] for part in parts], axis=0)
        own = np.cumsum(histogram[::-1])[::-1][: N.size] / FIXED_POINT
    first, second = (np.zeros(N.size), np.zeros(N.size))
    first[: len(before.fn)], second[: len(after.fn)] = before.fn["F"], after.fn["F"]
    upper = societal_criterion().upper / N
    return pd.DataFrame({"N": N, "before": first, "added": np.maximum(own, second - first), "upper": upper})


@dataclass(frozen=True)
class ReferenceUnits:
    """How many more of a unit fit at a place.

    Parameters
    ----------
    unit : str
        The unit that is copied.
    place : (x, y)
        [m]
    status : str
        "known", "unknown" (unless one criterion forbids even one), or "unbounded": no criterion is touched.
    n : int or None
        So many fit by every criterion, taken together as one project; None where that is unknown or unbounded.
    at_most : int or None
        More certainly do not fit.
    together : int or None
        So many, all at the place, meet every criterion in a true assessment, with the cascades from one of them to the
        next; no more than `MOST_TOGETHER` are tried, and no more than ``n``. None where ``n`` is not known.
    binding, at : str
        Criterion that binds, and the target or the number of deaths where it does.
    criteria : DataFrame
        As `Addition.criteria` gives it.
    addition : Addition
        Of one unit.
    """

    unit: str
    place: tuple[float, float]
    status: str
    n: int | None
    at_most: int | None
    together: int | None
    binding: str
    at: str
    criteria: pd.DataFrame
    addition: Addition

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        names = ("unit", "place", "status", "n", "at_most", "together", "binding", "at", "criteria")
        content = {name: getattr(self, name) for name in names}
        content |= {"most_together": MOST_TOGETHER, "targets": self.addition.targets, "fn": self.addition.fn}
        converted: dict[str, Any] = plain(content)
        return converted


def reference_units(
    base: Assessment,
    unit: str,
    place: tuple[float, float] | None = None,
    *,
    source: Park | Project | None = None,
    rules: str | None = None,
    progress: Progress | None = None,
) -> ReferenceUnits:
    """Count how many more of a unit fit at a place before a criterion binds.

    Parameters
    ----------
    base : Assessment
        The park without them: ``SafetyCapacity.base`` counts what is approved.
    unit : str
        Id of a unit of the park, or of ``source``.
    place : (x, y), optional
        In the planar CRS of the park; the unit's own when left out. [m]
    source : Park or Project, optional
        Whose unit it is.
    rules : str, optional
        As ``base`` was asked for.
    progress : callable, optional

    Returns
    -------
    ReferenceUnits

    Raises
    ------
    InputProblems, OutOfRange
        As `parkrisk.risk.capacity.placed.with_copies`.

    Notes
    -----
    n is the largest for which, at every target, risk + n × added ≤ limit and n × added ≤ limit of new installations,
    and at every N, F + n × added ≤ upper line. ``added`` holds cascades between one such unit and the park; those from
    one of them to the next are counted in ``together`` only. There they are at one place, which is the most that they
    can do to one another. A limit that is reached exactly is met.
    """

    def adding(count: int) -> tuple[Park, Addition]:
        numbers = range(1, count + 1)
        park = with_copies(base.park, unit, place, numbers=numbers, source=source)
        seed = base.provenance["seed"]
        after = assess(park, settings=base.settings, rules=rules, seed=seed, previous=base, progress=progress)
        return park, added_by(base, after, [named(unit, number) for number in numbers])

    park, added = adding(1)
    criteria = added.criteria()
    units = park.tables["units"]
    x, y = units.loc[units["unit_id"] == named(unit), ["x", "y"]].to_numpy(dtype=np.float64)[0].tolist()
    status, binding = _overall(criteria)
    most = None if binding is None else binding["at_most"]
    together = None if status == "unknown" else _together(most, adding)
    return ReferenceUnits(
        unit=unit,
        place=(x, y),
        status=status,
        n=most if status == "known" else None,
        at_most=most,
        together=together,
        binding="" if binding is None else str(binding["criterion"]),
        at="" if binding is None else str(binding["at"]),
        criteria=criteria,
        addition=added,
    )


def _together(n: int | None, adding: Callable[[int], tuple[Park, Addition]]) -> int:
    """Largest number up to n, by bisection, that fits in a true assessment; one is known to fit where n is not 0."""
    most = MOST_TOGETHER if n is None else min(n, MOST_TOGETHER)
    if most <= 1 or adding(most)[1].fits() == "yes":
        return most
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if adding(middle)[1].fits() == "yes" else (low, middle)
    return low


def _overall(criteria: pd.DataFrame) -> tuple[str, dict[str, Any] | None]:
    """Status of all criteria together, and the one that allows the fewest."""
    rows: list[Any] = criteria.to_dict("records")
    bounds = [row for row in rows if row["at_most"] is not None]
    binding = min(bounds, key=lambda row: (row["at_most"], list(CRITERIA).index(row["criterion"])), default=None)
    if binding is not None and binding["at_most"] == 0:
        return "known", binding
    if any(row["status"] == "unknown" for row in rows):
        return "unknown", binding
    return ("unbounded" if binding is None else "known"), binding
