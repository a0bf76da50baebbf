"""From sampled inputs to risk: terms reweighted, sample by sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.interpolate import PchipInterpolator

from parkrisk.risk.crowds.deaths import PER_DECADE, death_classes
from parkrisk.risk.uncertainty.groups import Group, Groups
from parkrisk.risk.uncertainty.inputs import NODE, Inputs, dirichlet, distributions
from parkrisk.risk.uncertainty.kernels import FINER, add_moved
from parkrisk.risk.uncertainty.terms import Terms
from parkrisk.scenarios.ignition.event_tree import flash_fire_share
from parkrisk.scenarios.receptors import WindRose

__all__ = ["FLOOR", "Bend", "Factors", "Model", "Sampled", "bend_of", "factors_of", "figures_of"]

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
    nodes : tuple of float
        Deviates at which risk was computed, from -`NODE` to `NODE`.
    points : array, shape (4, len(nodes) - 1, len(groups), n_figures)
        Monotone cubics between the nodes: shifts of the figures.
    deaths : array, shape (4, len(nodes) - 1, len(groups), n_classes)
        The same of ln of the number of deaths.
    """

    name: tuple[str, str]
    groups: tuple[int, ...]
    nodes: tuple[float, ...]
    points: Floats
    deaths: Floats


def _cubic(coefficients: Floats, nodes: tuple[float, ...], z: Floats) -> Floats:
    """Value of cubics, shape (4, len(nodes) - 1, n_columns), at deviates, shape (n,)."""
    found = np.empty((z.size, coefficients.shape[2]))
    piece = np.searchsorted(nodes[1:-1], z, side="right")
    for at, node in enumerate(nodes[:-1]):
        some = piece == at
        s, c = z[some, None] - node, coefficients[:, at]
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


def figures_of(terms: Terms) -> Floats:
    """Individual risk at points, that of own units, and expected deaths, shape (n_groups, n_winds, n_figures)."""
    return np.concatenate([terms.individual, terms.own, terms.expected[:, :, None]], axis=2)


@dataclass(frozen=True)
class _Part:
    """Terms of one group: winds, figures and classes in which there is something; bends and the group's place there."""

    frequency: float
    winds: Integers
    columns: Integers
    points: Floats
    classes: Integers
    masses: Floats
    bends: tuple[tuple[int, int], ...]


class Model:
    """Risk of a park as a function of its sampled inputs.

    Parameters
    ----------
    terms : Terms
    bends : tuple of Bend
    step : int
        So many classes of deaths are taken for one, the least deadly of them: coarser curves in less time.

    Notes
    -----
    Terms are linear in the factors of groups and winds. A bend shifts a figure of a group: of individual risk the
    probit of risk / frequency, which is the probability that an event of the group kills there; of expected deaths the
    logarithm. Numbers of deaths are multiplied, class by class. Shifts of several inputs add.
    """

    def __init__(self, terms: Terms, bends: tuple[Bend, ...] = (), step: int = 1) -> None:
        self.terms, self.bends = terms, bends
        self.n_points = terms.individual.shape[2]
        self.places = np.log10(terms.edges * FINER)
        finest = int(np.searchsorted(death_classes(), FINER))
        room = terms.edges.size + (2 * PER_DECADE if bends else 0)
        #: Classes that are summed, and which of them is the first of at least one death.
        self.n_classes, self.first = min(max(room, finest + 1), death_classes().size), finest
        self.edges = death_classes()[: self.n_classes - finest]
        figures, masses = figures_of(terms), np.stack([terms.accidents, terms.primary])
        kept = np.arange(terms.edges.size)
        if step > 1 and kept.size:
            kept = np.unique(np.append(kept[::step], kept[finest : finest + 1]))
            masses = np.add.reduceat(masses, kept, axis=3)
        self._parts = [self._part(g, figures[g], masses[:, g], kept) for g in range(len(figures))]

    def _part(self, g: int, figures: Floats, masses: Floats, kept: Integers) -> _Part:
        mine = tuple((k, bend.groups.index(g)) for k, bend in enumerate(self.bends) if g in bend.groups)
        something = figures.any(axis=0)
        for k, place in mine:
            something |= self.bends[k].points[:, :, place].any(axis=(0, 1))
        columns, classes = np.flatnonzero(something), np.flatnonzero(masses.any(axis=(0, 1)))
        winds = np.flatnonzero(figures.any(axis=1) | masses.any(axis=(0, 2)))
        chosen = np.ascontiguousarray(figures[np.ix_(winds, columns)])
        both = np.ascontiguousarray(masses[:, winds][:, :, classes])
        return _Part(float(self.terms.frequency[g]), winds, columns, chosen, kept[classes], both, mine)

    def __call__(self, factors: Factors) -> Sampled:
        """Risk in each sample."""
        n, t = len(factors.groups), self.n_points
        figures, curves = np.zeros((n, 2 * t + 1)), np.zeros((2, n, self.n_classes))
        for first in range(0, n, _CHUNK):
            rows = slice(first, first + _CHUNK)
            some = Factors(factors.groups[rows], factors.winds[rows], factors.bends[rows])
            for g, part in enumerate(self._parts):
                winds = some.winds[:, part.winds] * some.groups[:, g, None]
                self._add_figures(part, some, winds, g, figures[rows])
                self._add_masses(part, some, winds, curves[:, rows])
        at_least = np.cumsum(curves[:, :, ::-1], axis=2)[:, :, ::-1][:, :, self.first :]
        return Sampled(figures[:, :t], figures[:, t : 2 * t], at_least.max(axis=0), figures[:, -1])

    def _add_figures(self, part: _Part, factors: Factors, winds: Floats, g: int, total: Floats) -> None:
        figures = winds @ part.points
        if part.bends and part.columns.size:
            shift = np.zeros_like(figures)
            for k, place in part.bends:
                bend = self.bends[k]
                shift += _cubic(bend.points[:, :, place][:, :, part.columns], bend.nodes, factors.bends[:, k])
            deaths = part.columns == total.shape[1] - 1
            figures[:, deaths] *= np.exp(shift[:, deaths])
            often = part.frequency * factors.groups[:, g, None]
            figures[:, ~deaths] = shifted(figures[:, ~deaths], often, shift[:, ~deaths])
        total[:, part.columns] += figures

    def _add_masses(self, part: _Part, factors: Factors, winds: Floats, totals: Floats) -> None:
        if not part.bends:
            for masses, total in zip(part.masses, totals, strict=True):
                total[:, part.classes] += winds @ masses
            return
        moved = np.zeros((len(winds), part.classes.size))
        for k, place in part.bends:
            bend = self.bends[k]
            moved += _cubic(bend.deaths[:, :, place][:, :, part.classes], bend.nodes, factors.bends[:, k])
        for masses, total in zip(part.masses, totals, strict=True):
            add_moved(winds @ masses, self.places[part.classes], moved, total)


def shifted(figures: Floats, frequency: Floats, by: Floats) -> Floats:
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


def bend_of(name: tuple[str, str], groups: Sequence[int], computed: Mapping[float, Terms], classes: int) -> Bend:
    """Interpolate between what was computed at some deviates.

    Parameters
    ----------
    name : (str, str)
    groups : sequence of int
        Those that the input may change.
    computed : mapping of float to Terms
        With the same groups, by deviate, in their order; 0 among them is the base.
    classes : int
        Of deaths, at least those of the base.
    """
    nodes, every, base = tuple(computed), list(computed.values()), computed[0.0]
    often = base.frequency
    chosen = [g for g in groups if often[g] > 0.0 and any(_differ(each, base, g) for each in every)]
    figures = np.stack([figures_of(each).sum(axis=1)[chosen] for each in every])
    probability = np.clip(figures[..., :-1] / often[chosen, None], FLOOR, 1.0 - FLOOR)
    logarithm = np.log(np.maximum(figures[..., -1:], FLOOR * often[chosen, None]))
    measured = np.concatenate([special.ndtri(probability), logarithm], axis=2)
    moves = np.stack([[_moves(base, each, g, classes) for g in chosen] for each in every])
    points = PchipInterpolator(nodes, measured - measured[nodes.index(0.0)], axis=0)
    deaths = PchipInterpolator(nodes, moves.reshape(len(nodes), len(chosen), classes), axis=0)
    return Bend(name, tuple(chosen), nodes, np.asarray(points.c), np.asarray(deaths.c))


def _differ(one: Terms, other: Terms, g: int) -> bool:
    same = one.edges.size == other.edges.size and np.array_equal(one.primary[g], other.primary[g])
    return not (same and np.array_equal(one.individual[g], other.individual[g]))


def _moves(base: Terms, other: Terms, g: int, classes: int) -> Floats:
    """By how much ln of the deaths of each class of a group changes: equally frequent numbers stand for one another.

    Classes in which the base has nothing move as the next ones that have something.
    """
    mass, changed = base.primary[g].sum(axis=0), other.primary[g].sum(axis=0)
    there = np.flatnonzero(mass > 0.0)
    if not there.size or other is base:
        return np.zeros(classes)
    rarer = np.cumsum(mass[::-1])[::-1] - 0.5 * mass
    some = np.flatnonzero(changed > 0.0)
    # From the rarest, most deadly class down; what has become rarer than all falls below the first class.
    levels = (np.cumsum(changed[::-1])[::-1] - 0.5 * changed)[some][::-1]
    numbers = np.log(other.edges[some])[::-1]
    below = np.log(0.5 / FINER)
    found = np.interp(rarer[there], levels, numbers, right=below) if some.size else np.full(there.size, below)
    return np.asarray(np.interp(np.arange(classes), there, found - np.log(base.edges[there])))
