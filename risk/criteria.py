"""Criteria of GB 36894-2018: individual risk at protection targets, societal risk on the F-N plane.

The numbers stand in ``rules/gb36894_individual.csv`` and ``rules/gb36894_societal.csv`` with the mark of each; those
of mark "M" could not be checked against the standard, and every table that uses them carries the mark.
"""

import csv
import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from parkrisk.risk.rules.facts import RULES_FOLDER

ZONES = ("acceptable", "alarp", "unacceptable")


@dataclass(frozen=True)
class Limit:
    """A limit of individual risk. [1/yr]"""

    value: float
    clause: str
    mark: str


@functools.cache
def individual_limits() -> dict[tuple[str, str], Limit]:
    """Limits by target class and facility state, "existing" (in service) or "new" (new, altered, extended)."""
    with (RULES_FOLDER / "gb36894_individual.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["target_class"], row["facility_state"]): Limit(
                float(row["limit"]), f"GB 36894-2018 {row['clause']}", row["mark"]
            )
            for row in csv.DictReader(file)
        }


def judge_targets(targets: pd.DataFrame, individual_risk: ArrayLike) -> pd.DataFrame:
    """Individual risk at protection targets beside the limits.

    Parameters
    ----------
    targets : DataFrame
        ``class`` and, where given, ``facility_state`` ("existing" or "new"; anything else counts as existing).
    individual_risk : array, shape (n_targets,)
        Total individual risk at each target. [1/yr]

    Returns
    -------
    DataFrame, index of ``targets``
        individual_risk, limit (of the facility state), limit_new [1/yr], ratio (risk / limit), margin (limit - risk)
        [1/yr], status (pass where risk ≤ limit, fail, unknown where the class has no limit or the risk is not a
        number), clause, mark.
    """
    risk = np.asarray(individual_risk, dtype=np.float64)
    limits = individual_limits()
    classes = [str(name) for name in targets["class"]]
    states = ["existing"] * len(classes)
    if "facility_state" in targets.columns:
        states = ["new" if state == "new" else "existing" for state in targets["facility_state"]]
    chosen = [limits.get((name, state)) for name, state in zip(classes, states, strict=True)]
    new = [limits.get((name, "new")) for name in classes]
    limit = np.array([np.nan if each is None else each.value for each in chosen], dtype=np.float64)
    decided = np.isfinite(limit) & np.isfinite(risk)
    status = np.where(decided, np.where(risk <= limit, "pass", "fail"), "unknown")
    return pd.DataFrame(
        {
            "individual_risk": risk,
            "limit": limit,
            "limit_new": np.array([np.nan if each is None else each.value for each in new], dtype=np.float64),
            "ratio": risk / limit,
            "margin": limit - risk,
            "status": status.astype(object),
            "clause": ["" if each is None else each.clause for each in chosen],
            "mark": ["M" if each is None else each.mark for each in chosen],
        },
        index=targets.index,
    )


@dataclass(frozen=True)
class SocietalCriterion:
    """Lines F = upper/N and F = lower/N, drawn up to N = cut; points beyond it rarer than floor are not judged.

    ``upper`` and ``lower`` are the frequencies at N = 1. [1/yr]
    """

    upper: float
    lower: float
    cut: float
    floor: float
    mark: str


@functools.cache
def societal_criterion() -> SocietalCriterion:
    """Criterion lines of societal risk."""
    with (RULES_FOLDER / "gb36894_societal.csv").open(encoding="utf-8", newline="") as file:
        value = {row["item"]: float(row["value"]) for row in csv.DictReader(file)}
    # The slope and the end of the lines are unverified, so whatever they decide is.
    return SocietalCriterion(value["upper_at_1"], value["lower_at_1"], value["cut"], value["floor"], "M")


def zone(N: float, F: float) -> str:
    """Zone of a point of the F-N curve.

    Parameters
    ----------
    N : float
        Deaths, 1 or more.
    F : float
        Frequency of N or more deaths. [1/yr]

    Returns
    -------
    str
        "acceptable" up to the lower line, "alarp" (as low as reasonably practicable) up to the upper line,
        "unacceptable" above it. Beyond the end of the lines: "unacceptable" above the upper line drawn on, which both
        readings of the end refuse; "beyond" below it, where they differ; "acceptable" below the floor.
    """
    return str(zones_of(np.array([N]), np.array([F]))[0])


def zones_of(N: NDArray[np.float64], F: NDArray[np.float64]) -> NDArray[np.object_]:
    """`zone` of many points, which are broadcast."""
    criterion = societal_criterion()
    within = np.where(criterion.lower / N < F, "alarp", "acceptable")
    after = np.where(criterion.floor > F, "acceptable", "beyond")
    inside: NDArray[np.object_] = np.where(criterion.cut < N, after, within).astype(object)
    return np.where(criterion.upper / N < F, "unacceptable", inside).astype(object)


def judge_fn(fn: pd.DataFrame) -> pd.DataFrame:
    """F-N curve with the criterion lines and the zone of each point.

    Parameters
    ----------
    fn : DataFrame
        N (deaths, 1 or more), F (frequency of N or more deaths) [1/yr]; further columns are kept.

    Returns
    -------
    DataFrame
        The same with upper, lower [1/yr], zone of (N, F).
    """
    criterion = societal_criterion()
    N: NDArray[np.float64] = fn["N"].to_numpy(dtype=np.float64)
    F: NDArray[np.float64] = fn["F"].to_numpy(dtype=np.float64)
    return fn.assign(
        upper=criterion.upper / N,
        lower=criterion.lower / N,
        zone=zones_of(N, F),
    )


def possible_zones(zones: Iterable[str]) -> tuple[str, ...]:
    """Zone of a whole curve, the worst of its points; every zone it may be in where points are not judged.

    A point beyond the end of the lines is unacceptable if the lines end there and at worst in the middle zone if they
    are drawn on. Any other name than a zone's is a point of which nothing is known.
    """
    seen = set(zones)
    worst = max((ZONES.index(name) for name in seen if name in ZONES), default=0)
    return ZONES[worst:] if seen - set(ZONES) else (ZONES[worst],)
