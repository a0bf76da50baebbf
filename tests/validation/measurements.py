"""Published measurements beside predictions: reading the tables, and the statistics that tell how well they agree."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: The tables that ship. Other measurements in tables of the same names and columns can be read from another folder.
DATA = Path(__file__).parent / "data"

Array = NDArray[np.float64]


def measured(name: str, folder: Path = DATA) -> list[dict[str, str]]:
    """Read the rows of a table as text; lines that begin with # say where it comes from."""
    lines = (folder / name).read_text(encoding="utf-8-sig").splitlines()
    return list(csv.DictReader(line for line in lines if line and not line.startswith("#")))


def companion(name: str, folder: Path) -> list[dict[str, str]]:
    """Read the rows of a table from a folder, or of the one that ships where the folder has none."""
    return measured(name, folder if (folder / name).is_file() else DATA)


@dataclass(frozen=True)
class Pair:
    """One measurement and its prediction, in the same unit.

    ``group`` is the trial, since points of one trial are not independent; ``note`` tells the point (arc, instrument).
    ``obstructed`` marks trials with obstacles that no model here represents.
    """

    group: str
    note: str
    observed: float
    predicted: float
    obstructed: bool = False


@dataclass(frozen=True)
class Comparison:
    """Everything compared for one data set and quantity.

    ``left_out`` says which rows do not count, and why.
    """

    name: str
    quantity: str
    unit: str
    pairs: tuple[Pair, ...]
    left_out: tuple[str, ...] = ()

    def selected(self, *, obstructed: bool = False) -> tuple[Pair, ...]:
        """Pairs of the trials without obstacles, or of those with them."""
        return tuple(pair for pair in self.pairs if pair.obstructed == obstructed)


@dataclass(frozen=True)
class DataSet:
    """One thing that can be compared: the tables it takes, and how.

    ``compare`` reads the tables from a folder, where trials other than those that ship may stand, and predicts them.
    ``companions`` are further tables that it reads, or that go with these: those that ship, where the folder has none.
    """

    name: str
    files: tuple[str, ...]
    compare: Callable[[Path], Comparison]
    companions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statistics:
    """How predictions agree with measurements.

    Notes
    -----
    MG = exp(mean ln(Co/Cp)), VG = exp(mean ln²(Co/Cp)), FAC2 the share within a factor of 2, FB = 2 (Co - Cp)/(Co + Cp)
    of the means, NMSE = mean (Co - Cp)²/(mean Co mean Cp); MG above 1 and FB above 0 mean that predictions are low.
    ``worst`` is the largest factor between the two.

    References
    ----------
    .. [1] J.C. Chang, S.R. Hanna, "Air quality model performance evaluation", Meteorology and Atmospheric Physics 87
       (2004) 167-196.
    """

    n: int
    groups: int
    mg: float
    vg: float
    fac2: float
    fb: float
    nmse: float
    worst: float


def statistics(pairs: Sequence[Pair]) -> Statistics:
    """Statistics of some pairs; a prediction of 0 makes MG, VG and the worst factor infinite, it is never left out."""
    if not pairs:
        return Statistics(0, 0, *[float("nan")] * 6)
    observed = np.array([pair.observed for pair in pairs])
    predicted = np.array([pair.predicted for pair in pairs])
    if not (np.isfinite(predicted).all() and (observed > 0.0).all() and (predicted >= 0.0).all()):
        raise ValueError("measurements must be above 0 and predictions finite, not below 0")
    mean_observed, mean_predicted = observed.mean(), predicted.mean()
    with np.errstate(divide="ignore"):
        logarithm = np.log(observed / predicted)
        nmse = ((observed - predicted) ** 2).mean() / (mean_observed * mean_predicted)
    return Statistics(
        n=len(pairs),
        groups=len({pair.group for pair in pairs}),
        mg=float(np.exp(logarithm.mean())),
        vg=float(np.exp((logarithm**2).mean())),
        fac2=float(((predicted >= 0.5 * observed) & (predicted <= 2.0 * observed)).mean()),
        fb=float(2.0 * (mean_observed - mean_predicted) / (mean_observed + mean_predicted)),
        nmse=float(nmse),
        worst=float(np.exp(np.abs(logarithm).max())),
    )
