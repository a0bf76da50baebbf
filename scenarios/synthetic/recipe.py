"""The recipe of a synthetic park: every share, quantile and limit it is drawn from, out of ``data/``."""

import csv
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Row", "apportioned", "clipped_lognormal", "diameters", "joint_shares", "number", "rows"]

Floats = NDArray[np.float64]
Row = Mapping[str, str]

_DATA = Path(__file__).resolve().parent / "data"
_LEVELS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
#: Beyond the outermost measured quantiles a diameter goes on to these multiples of them.
_SMALLEST, _LARGEST = 0.7, 1.05
_FITTING_ROUNDS = 200


@functools.cache
def rows(name: str) -> tuple[Row, ...]:
    """Rows of ``data/NAME.csv``, cells as text."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@functools.cache
def number(name: str) -> float:
    """Value of one row of ``data/recipe.csv``."""
    return next(float(row["value"]) for row in rows("recipe") if row["name"] == name)


def clipped_lognormal(rng: np.random.Generator, name: str, count: int) -> Floats:
    """Lognormal numbers of which ``recipe.csv`` gives NAME_median, NAME_sigma, NAME_lowest and NAME_highest."""
    drawn = number(f"{name}_median") * np.exp(number(f"{name}_sigma") * rng.standard_normal(count))
    return np.clip(drawn, number(f"{name}_lowest"), number(f"{name}_highest"))


def diameters(family: str, levels: Floats) -> Floats:
    """Diameters of tanks at levels of 0 to 1 of the measured distribution of a family. [m]"""
    row = next(row for row in rows("tank_quantiles") if row["family"] == family)
    inner = [float(row[name]) for name in ("p05", "p25", "p50", "p75", "p95")]
    return np.round(np.interp(levels, _LEVELS, [_SMALLEST * inner[0], *inner, _LARGEST * inner[-1]]), 1)


def apportioned(shares: Sequence[float], total: int) -> list[int]:
    """Whole numbers in proportion to shares, by the largest remainders; they add up to ``total``."""
    exact = np.asarray(shares, dtype=np.float64) / sum(shares) * total
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return [int(each) for each in whole]


@functools.cache
def joint_shares() -> Floats:
    """Share of each kind (row) holding each substance (column), by iterative proportional fitting.

    Both margins of ``kinds.csv`` and ``substances.csv`` are kept where what a kind may hold allows it.
    """
    kinds, substances = rows("kinds"), rows("substances")
    allowed = np.array([[kind["kind"] in each["kinds"].split(";") for each in substances] for kind in kinds])
    of_kind = np.array([float(kind["percent"]) for kind in kinds]) / 100.0
    of_substance = np.array([float(each["percent"]) for each in substances]) / 100.0
    table = allowed.astype(np.float64)
    for _ in range(_FITTING_ROUNDS):
        table *= (of_substance / table.sum(axis=0))[None, :]
        table *= (of_kind / table.sum(axis=1))[:, None]
    return table
