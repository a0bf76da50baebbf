"""From sampled inputs to risk: terms reweighted, sample by sample."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.interpolate import PchipInterpolator

from parkrisk.risk.uncertainty.groups import Group, Groups
from parkrisk.risk.uncertainty.inputs import NODE, Inputs, dirichlet, distributions
from parkrisk.risk.uncertainty.terms import Terms
from parkrisk.scenarios.ignition.event_tree import flash_fire_share
from parkrisk.scenarios.receptors import WindRose

__all__ = ["FLOOR", "Bend", "Factors", "Model", "Sampled", "bend_of", "factors_of", "flat"]

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

#: Samples that are worked on at a time; always so many, so that sums are the same for any number of samples.
_CHUNK = 256
#: Probability that counts as none, and as far from certainty as counts as certain, where it is bent. [-]
FLOOR = 1e-7


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
    """What an input does in which risk is not linear, by its deviate.

    Parameters
    ----------
    name : (str, str)
        Of the input.
    groups : tuple of int
        Those that it changes.
    cubic : array, shape (4, 2, len(groups), n_figures)
        Monotone cubics between what was computed at deviates of -`NODE`, 0 and `NODE`: shift of the figure, which is
        measured as `Model` says.
    """

    name: tuple[str, str]
    groups: tuple[int, ...]
    cubic: Floats

    def shift(self, place: int, columns: Integers, z: Floats) -> Floats:
        """Shift of some figures of one of its groups, shape (n, len(columns))."""
        found = np.empty((z.size, columns.size))
        for side, some in enumerate((z < 0.0, z >= 0.0)):
            s = z[some, None] + (NODE if side == 0 else 0.0)
            c = self.cubic[:, side, place][:, columns]
            found[some] = ((c[0] * s + c[1]) * s + c[2]) * s + c[3]
        return found


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
    """Terms as one array, shape (n_groups, n_winds, n_figures); so many F-N classes.

    Figures: individual risk at points, that of own units, accidents, primary events, expected deaths.
    """
    parts = [_filled(part, classes) for part in (terms.accidents, terms.primary)]
    return np.concatenate([terms.individual, terms.own, *parts, terms.expected[:, :, None]], axis=2)


def _filled(part: Floats, classes: int) -> Floats:
    return np.pad(part[:, :, :classes], ((0, 0), (0, 0), (0, max(classes - part.shape[2], 0))))


@dataclass(frozen=True)
class _Part:
    """Terms of one group: winds and figures in which there is something, and bends with the place of the group."""

    frequency: float
    winds: Integers
    columns: Integers
    terms: Floats
    bends: tuple[tuple[int, int], ...]


class Model:
    """Risk of a park as a function of its sampled inputs.

    Parameters
    ----------
    terms : array, shape (n_groups, n_winds, n_figures)
        As `flat` gives them.
    frequency : array, shape (n_groups,)
        Of all events of each group. [1/yr]
    edges : array, shape (n_classes,)
        Numbers of deaths.
    n_points : int
    bends : tuple of Bend

    Notes
    -----
    Terms are linear in the factors of groups and winds. A bend shifts a figure of a group: of expected deaths the
    logarithm, of all others the probit of figure / frequency, the probability that an event of the group kills at the
    place, or that many. Shifts of several inputs add.
    """

    def __init__(
        self, terms: Floats, frequency: Floats, edges: Floats, n_points: int, bends: tuple[Bend, ...] = ()
    ) -> None:
        self.terms, self.frequency, self.edges, self.n_points, self.bends = terms, frequency, edges, n_points, bends
        self._parts = [self._part(g) for g in range(len(terms))]

    def _part(self, g: int) -> _Part:
        mine = tuple((k, bend.groups.index(g)) for k, bend in enumerate(self.bends) if g in bend.groups)
        something = self.terms[g].any(axis=0)
        for k, place in mine:
            something |= self.bends[k].cubic[:, :, place].any(axis=(0, 1))
        columns = np.flatnonzero(something)
        winds = np.flatnonzero(self.terms[g].any(axis=1))
        chosen = np.ascontiguousarray(self.terms[g][np.ix_(winds, columns)])
        return _Part(float(self.frequency[g]), winds, columns, chosen, mine)

    def __call__(self, factors: Factors) -> Sampled:
        """Risk in each sample."""
        n = len(factors.groups)
        found = np.zeros((n, self.terms.shape[2]))
        for first in range(0, n, _CHUNK):
            rows = slice(first, first + _CHUNK)
            self._add(factors.groups[rows], factors.winds[rows], factors.bends[rows], found[rows])
        t, m = self.n_points, self.edges.size
        individual, own, accidents, primary, expected = np.split(found, [t, 2 * t, 2 * t + m, 2 * t + 2 * m], axis=1)
        curve = np.maximum(accidents, primary)
        falling = np.maximum.accumulate(curve[:, ::-1], axis=1)[:, ::-1]  # bends of different numbers may cross
        return Sampled(individual, own, falling, expected[:, 0])

    def thinned(self, step: int) -> "Model":
        """The same with every so many classes of deaths only: coarser curves, found in less time."""
        t, m = self.n_points, self.edges.size
        kept = np.arange(0, m, step)
        figures = np.concatenate([np.arange(2 * t), 2 * t + kept, 2 * t + m + kept, [2 * t + 2 * m]])
        bends = tuple(replace(bend, cubic=bend.cubic[..., figures]) for bend in self.bends)
        return Model(self.terms[:, :, figures], self.frequency, self.edges[kept], t, bends)

    def _add(self, groups: Floats, winds: Floats, deviates: Floats, total: Floats) -> None:
        """Add up the groups of some samples."""
        last = total.shape[1] - 1
        for g, part in enumerate(self._parts):
            if not part.columns.size:
                continue
            figures = winds[:, part.winds] @ part.terms
            if part.bends:
                shift = np.zeros_like(figures)
                for k, place in part.bends:
                    shift += self.bends[k].shift(place, part.columns, deviates[:, k])
                deaths = part.columns == last
                figures[:, deaths] *= np.exp(shift[:, deaths])
                figures[:, ~deaths] = shifted(figures[:, ~deaths], part.frequency, shift[:, ~deaths])
            total[:, part.columns] += figures * groups[:, g, None]


def shifted(figures: Floats, frequency: float, by: Floats) -> Floats:
    """Figures whose probits are shifted; where the shift is 0 they stay as they are."""
    before = np.clip(figures / frequency, FLOOR, 1.0 - FLOOR)
    after = special.ndtr(special.ndtri(before) + by)
    return np.asarray(np.maximum(figures + frequency * (after - before), 0.0))


def factors_of(inputs: Inputs, groups: Groups, rose: WindRose, bends: tuple[Bend, ...], u: Floats) -> Factors:
    """Factors of the samples of a design, shape (n, n_columns)."""
    known = distributions()
    by_class = {
        name: np.exp(known["failure_frequency", row.of].sigma * inputs.deviates(u, ("failure_frequency", name)))
        for (kind, name), row in zip(inputs.names, inputs.rows, strict=True)
        if kind == "failure_frequency"
    }
    ignited = _Ignition(inputs, u)
    one = np.ones(len(u))
    columns = [by_class.get(group.frequency, one) * ignited.factor(group) for group in groups.members]
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
        rows = distributions()
        self.immediate = rows["immediate_ignition", ""].sigma * inputs.deviates(u, ("immediate_ignition", ""))
        self.delayed = np.ones(len(u))
        if ("delayed_ignition", "") in inputs.columns:
            spread = rows["delayed_ignition", ""].spread
            self.delayed = 1.0 - spread * (1.0 - u[:, inputs.columns["delayed_ignition", ""].start])
        share = flash_fire_share().probability
        flash = _shifted(share, rows["flash_fire_share", ""].sigma * inputs.deviates(u, ("flash_fire_share", "")))
        self.flash: dict[str, Floats] = {
            "flash_fire": flash / share,
            "explosion": (1.0 - flash) / (1.0 - share),
            "flash_only": np.ones(len(u)),
        }

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


def bend_of(
    name: tuple[str, str], groups: Sequence[int], frequency: Floats, base: Floats, low: Floats, high: Floats
) -> Bend:
    """Interpolate between the base and what was computed at deviates of -`NODE` and `NODE`.

    Parameters
    ----------
    name : (str, str)
    groups : sequence of int
        Those that the input may change.
    frequency : array, shape (n_groups,)
    base, low, high : array, shape (n_groups, n_figures)
        Summed over the winds.
    """
    chosen = [g for g in groups if not (np.array_equal(base[g], low[g]) and np.array_equal(base[g], high[g]))]
    three, often = np.stack([low[chosen], base[chosen], high[chosen]]), frequency[chosen, None]
    probability = np.clip(three[..., :-1] / often, FLOOR, 1.0 - FLOOR)
    deaths = np.log(np.maximum(three[..., -1:], FLOOR * often))
    measured = np.concatenate([special.ndtri(probability), deaths], axis=2)
    found = PchipInterpolator([-NODE, 0.0, NODE], measured - measured[1], axis=0)
    return Bend(name, tuple(chosen), np.asarray(found.c))
