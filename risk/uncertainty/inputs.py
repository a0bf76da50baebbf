"""What is uncertain of a park: its sampled inputs, their distributions, and the design that samples them."""

import csv
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from parkrisk.models.errors import OutOfRange

__all__ = ["NODE", "Distribution", "Inputs", "checked_design", "design", "distributions", "spread_of_loss"]

Floats = NDArray[np.float64]

#: Standard normal deviate of the 95th percentile, by which spreads are stated.
NINETY_FIVE = float(special.ndtri(0.95))
#: Inputs in which risk is not linear are sampled up to this deviate on either side, where the park is computed anew.
NODE = 2.0
#: Least and most samples: the first is the least of which a 95 % band says anything.
_LEAST, _MOST = 64, 1 << 16
_SMALL = ("small_hole", "hole", "leak", "spill_500_l")
_MEDIUM = ("medium_hole", "spill_5_m3", "relief")


@dataclass(frozen=True)
class Distribution:
    """One row of ``distributions.csv``."""

    input: str
    of: str
    distribution: str
    spread: float
    label_zh: str
    label_en: str
    meaning_zh: str
    meaning_en: str
    source: str
    mark: str

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return float(np.log(self.spread) / NINETY_FIVE)


@functools.cache
def distributions() -> Mapping[tuple[str, str], Distribution]:
    """Distributions by input and what of it."""
    with (Path(__file__).parent / "distributions.csv").open(encoding="utf-8", newline="") as file:
        rows: list[Any] = list(csv.DictReader(file))
    return {(row["input"], row["of"]): Distribution(**{**row, "spread": float(row["spread"])}) for row in rows}


def spread_of_loss(loc: str) -> str:
    """Which distribution of failure frequencies holds for a loss of containment: small, medium or large."""
    return "small" if loc in _SMALL else "medium" if loc in _MEDIUM else "large"


@dataclass(frozen=True)
class Inputs:
    """Sampled inputs of a park, each with one or more columns of the design.

    Parameters
    ----------
    names : tuple of (str, str)
        Input and what of it: ("failure_frequency", "pressure_vessel/rupture"), ("toxic_probit", CAS number), ...
    rows : tuple of Distribution
    sizes : tuple of int
        Columns of each.
    """

    names: tuple[tuple[str, str], ...]
    rows: tuple[Distribution, ...]
    sizes: tuple[int, ...]

    @functools.cached_property
    def columns(self) -> dict[tuple[str, str], slice]:
        """Columns of the design that belong to each input."""
        ends = np.cumsum(self.sizes).tolist()
        return {name: slice(end - size, end) for name, size, end in zip(self.names, self.sizes, ends, strict=True)}

    @property
    def n_columns(self) -> int:
        """Columns of the design."""
        return sum(self.sizes)

    @property
    def groups(self) -> dict[str, list[int]]:
        """Columns of all that is sampled of each input, in the order of the inputs."""
        found: dict[str, list[int]] = {}
        for (name, _), columns in self.columns.items():
            found.setdefault(name, []).extend(range(columns.start, columns.stop))
        return found

    @classmethod
    def of(
        cls,
        frequency_classes: Sequence[str],
        toxic: Sequence[str],
        n_winds: int,
        others: Sequence[str],
        wanted: Sequence[str] | None = None,
    ) -> "Inputs":
        """Inputs of a park.

        Parameters
        ----------
        frequency_classes : sequence of str
            Kind of unit and loss, with a slash.
        toxic : sequence of str
            CAS numbers.
        n_winds : int
            Weather classes × wind sectors.
        others : sequence of str
            Inputs without parts that the park has.
        wanted : sequence of str, optional
            Only these inputs.
        """
        known = distributions()
        listed: list[tuple[tuple[str, str], Distribution, int]] = [
            (("failure_frequency", name), known["failure_frequency", spread_of_loss(name.split("/")[1])], 1)
            for name in frequency_classes
        ]
        listed += [(("toxic_probit", cas), known["toxic_probit", ""], 1) for cas in toxic]
        listed += [((name, ""), known[name, ""], n_winds if name == "weather" else 1) for name in others]
        if wanted is not None:
            names = {name for name, _ in known}
            if strange := sorted(set(wanted) - names):
                raise OutOfRange(
                    f"未知的不确定性输入 {', '.join(strange)}，可用：{', '.join(sorted(names))}",
                    f"unknown uncertain inputs {', '.join(strange)}; known: {', '.join(sorted(names))}",
                )
            listed = [each for each in listed if each[0][0] in wanted]
        return cls(*(tuple(column) for column in zip(*listed, strict=True))) if listed else cls((), (), ())

    def deviates(self, u: Floats, name: tuple[str, str]) -> Floats:
        """Standard normal deviates of an input with one column, 0 where it is not sampled; shape (n,)."""
        columns = self.columns.get(name)
        if columns is None:
            return np.zeros(len(u))
        return np.asarray(special.ndtri(u[:, columns.start]))


def checked_design(samples: int, seed: int) -> None:
    """Raise OutOfRange unless samples are a power of two within reason and the seed is not below 0."""
    if not (_LEAST <= samples <= _MOST and samples & (samples - 1) == 0):
        raise OutOfRange(
            f"样本数须为 {_LEAST} 至 {_MOST} 之间的 2 的幂，现为 {samples}",
            f"samples must be a power of two from {_LEAST} to {_MOST}, not {samples}",
        )
    if seed < 0:
        raise OutOfRange(f"随机种子不得小于 0，现为 {seed}", f"the seed must not be below 0, is {seed}")


def design(columns: int, samples: int, seed: int) -> Floats:
    """Scrambled Sobol points within the open unit cube, shape (samples, columns); the same for the same seed."""
    if columns == 0:
        return np.zeros((samples, 0))
    from scipy.stats import qmc  # loads for long, and those who only read results need it not

    points = qmc.Sobol(columns, scramble=True, rng=np.random.default_rng(seed)).random(samples)
    return np.asarray(np.clip(points, 2.0**-40, 1.0 - 2.0**-40), dtype=np.float64)


def dirichlet(u: Floats, probability: Floats, observations: float) -> Floats:
    """Factors on probabilities that sum to 1 with it again, Dirichlet distributed about them.

    Parameters
    ----------
    u : array, shape (n, k)
    probability : array, shape (k,)
        0 stays 0.
    observations : float
        How many independent ones stand behind them.

    Returns
    -------
    array, shape (n, k)
        Mean 1 where the probability is above 0.
    """
    factors = np.ones(u.shape)
    some = probability > 0.0
    from scipy import stats

    gamma = stats.gamma.ppf(u[:, some], observations * probability[some])
    share = gamma / gamma.sum(axis=1, keepdims=True)
    factors[:, some] = share * (probability[some].sum() / probability[some])
    return np.asarray(factors)
