"""From sampled inputs to risk: terms reweighted, sample by sample."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from parkrisk.risk.uncertainty.groups import Group, Groups
from parkrisk.risk.uncertainty.inputs import NODE, Inputs, dirichlet, distributions
from parkrisk.risk.uncertainty.terms import Terms
from parkrisk.scenarios.ignition.event_tree import flash_fire_share
from parkrisk.scenarios.receptors import WindRose

__all__ = ["Bend", "Factors", "Model", "Sampled", "factors_of"]

Floats = NDArray[np.float64]

#: Samples that are worked on at a time; always so many, so that sums are the same for any number of samples.
_CHUNK = 256
#: Risk that counts as none where the logarithm of a ratio is taken. [1/yr]
_FLOOR = 1e-18


@dataclass(frozen=True)
class Factors:
    """What samples multiply terms by.

    Parameters
    ----------
    groups : array, shape (n, n_groups)
        On the frequency of events.
    winds : array, shape (n, n_winds)
        On the probability of weather and wind sector.
    bends : array, shape (n, n_bends)
        Standard normal deviates of inputs in which risk is not linear.
    """

    groups: Floats
    winds: Floats
    bends: Floats


@dataclass(frozen=True)
class Bend:
    """What an input does in which risk is not linear: ln of the ratio to the base, a parabola in its deviate.

    Parameters
    ----------
    name : (str, str)
        Of the input.
    slope, curve : array, shape (n_groups, n_figures)
        Figures as `Model.terms` has them.
    """

    name: tuple[str, str]
    slope: Floats
    curve: Floats


@dataclass(frozen=True)
class Sampled:
    """Risk in each sample. [1/yr]

    Parameters
    ----------
    individual, own : array, shape (n, n_points)
    curve : array, shape (n, n_classes)
        Frequency of so many deaths or more.
    expected : array, shape (n,)
    """

    individual: Floats
    own: Floats
    curve: Floats
    expected: Floats


def flat(terms: Terms, classes: int) -> Floats:
    """Terms as one array, shape (n_groups, n_winds, n_figures); F-N classes filled up with 0 to so many.

    Figures: individual risk at points, that of own units, accidents, primary events, expected deaths.
    """
    more = ((0, 0), (0, 0), (0, classes - terms.edges.size))
    parts = (np.pad(terms.accidents, more), np.pad(terms.primary, more))
    return np.concatenate([terms.individual, terms.own, *parts, terms.expected[:, :, None]], axis=2)


class Model:
    """Risk of a park as a function of its sampled inputs.

    Parameters
    ----------
    terms : Terms
    bends : tuple of Bend
    """

    def __init__(self, terms: Terms, bends: tuple[Bend, ...] = ()) -> None:
        self.edges = terms.edges
        self.n_points = terms.individual.shape[2]
        self.terms = flat(terms, terms.edges.size)
        self.bends = bends
        self._bent = [
            [k for k, bend in enumerate(bends) if bend.slope[g].any() or bend.curve[g].any()]
            for g in range(len(self.terms))
        ]

    def __call__(self, factors: Factors) -> Sampled:
        """Risk in each sample."""
        n = len(factors.groups)
        found = np.concatenate(
            [self._chunk(factors, slice(first, first + _CHUNK)) for first in range(0, n, _CHUNK)] or
            [np.zeros((0, self.terms.shape[2]))]
        )
        t, m = self.n_points, self.edges.size
        individual, own, accidents, primary, expected = np.split(found, [t, 2 * t, 2 * t + m, 2 * t + 2 * m], axis=1)
        return Sampled(individual, own, np.maximum(accidents, primary), expected[:, 0])

    def _chunk(self, factors: Factors, rows: slice) -> Floats:
        groups, winds, deviates = factors.groups[rows], factors.winds[rows], factors.bends[rows]
        total = np.zeros((len(groups), self.terms.shape[2]))
        for g, part in enumerate(self.terms):
            there = part.any(axis=1)
            figures = winds[:, there] @ part[there]
            if self._bent[g]:
                power = np.zeros_like(figures)
                for k in self._bent[g]:
                    z = deviates[:, k, None]
                    power += z * (self.bends[k].slope[g] + z * self.bends[k].curve[g])
                figures *= np.exp(power)
            figures *= groups[:, g, None]
            total += figures
        return total


def factors_of(inputs: Inputs, groups: Groups, rose: WindRose, bends: tuple[Bend, ...], u: Floats) -> Factors:
    """Factors of the samples of a design, shape (n, n_columns)."""
    known = distributions()
    by_class = {
        name: np.exp(known["failure_frequency", row.of].sigma * inputs.deviates(u, ("failure_frequency", name)))
        for (kind, name), row in zip(inputs.names, inputs.rows, strict=True)
        if kind == "failure_frequency"
    }
    ignited = _Ignition(inputs, u)
    columns = [by_class.get(group.frequency, 1.0) * ignited.factor(group) for group in groups.members]
    probability = rose.probability.sum(axis=0).ravel()
    winds = np.ones((len(u), probability.size))
    weather = inputs.columns.get(("weather", ""))
    if weather is not None:
        winds = dirichlet(u[:, weather], probability, known["weather", ""].spread)
    deviates = [np.clip(inputs.deviates(u, bend.name), -NODE, NODE) for bend in bends]
    return Factors(
        np.stack(columns, axis=1) if columns else np.zeros((len(u), 0)),
        winds,
        np.stack(deviates, axis=1) if deviates else np.zeros((len(u), 0)),
    )


class _Ignition:
    """Factors on the branches of the event tree."""

    def __init__(self, inputs: Inputs, u: Floats) -> None:
        known: Mapping[tuple[str, str], object] = inputs.columns
        rows = distributions()
        self.immediate = rows["immediate_ignition", ""].sigma * inputs.deviates(u, ("immediate_ignition", ""))
        self.delayed = np.ones(len(u))
        if ("delayed_ignition", "") in known:
            spread = rows["delayed_ignition", ""].spread
            self.delayed = 1.0 - spread * (1.0 - u[:, inputs.columns["delayed_ignition", ""].start])
        share = flash_fire_share().probability
        flash = _shifted(share, rows["flash_fire_share", ""].sigma * inputs.deviates(u, ("flash_fire_share", "")))
        self.flash = {"flash_fire": flash / share, "explosion": (1.0 - flash) / (1.0 - share), "flash_only": 1.0}

    def factor(self, group: Group) -> Floats:
        """Factor on the probability of a branch, shape (n,)."""
        p = group.immediate
        if group.branch == "fixed":
            return np.ones_like(self.delayed)
        changed = _shifted(p, self.immediate)
        if group.branch == "at_once":
            return changed / p if p > 0.0 else np.ones_like(self.delayed)
        later = (1.0 - changed) / (1.0 - p) if p < 1.0 else np.ones_like(self.delayed)
        return later if group.branch == "later" else later * self.delayed * self.flash[group.branch]


def _shifted(p: float, by: Floats) -> Floats:
    """Probability whose log odds are shifted; 0 and 1 stay."""
    return np.asarray(special.expit(special.logit(p) + by)) if 0.0 < p < 1.0 else np.full(by.shape, p)


def bend_of(name: tuple[str, str], base: Floats, low: Floats, high: Floats) -> Bend:
    """Parabola of the logarithm through the base and what was computed at deviates of -`NODE` and `NODE`.

    Parameters
    ----------
    name : (str, str)
    base, low, high : array, shape (n_groups, n_figures)
        Summed over the winds. Where the base is nothing, nothing is multiplied.
    """
    some = base > _FLOOR
    ratios = [np.where(some, np.maximum(part, _FLOOR) / np.where(some, base, 1.0), 1.0) for part in (low, high)]
    down, up = (np.log(ratio) for ratio in ratios)
    return Bend(name, (up - down) / (2.0 * NODE), (up + down) / (2.0 * NODE**2))
