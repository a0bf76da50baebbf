"""What a park's risk is made of: for each group of events, weather and wind sector what it adds to every figure.

Each term is linear in the frequency of its group and in the probability of its wind, so that a sample of these is a sum
over the terms. All sums are kept as integers, which do not depend on threads.
"""

from dataclasses import dataclass, replace

import numpy as np
from numba import get_num_threads
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.accidents import Accidents, accidents_of
from parkrisk.risk.crowds.counter import Counted, Counter, KeptDeaths
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.crowds.deaths import FIXED_POINT, death_classes
from parkrisk.risk.crowds.joint import joint_deaths
from parkrisk.risk.domino import DominoResult
from parkrisk.risk.footprints.library import (
    FootprintLibrary,
    Source,
    checked_rose,
    direction_probability,
    polar_frame,
    sources_by_unit,
)
from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.mapping.contributions import each_stamp
from parkrisk.risk.mapping.kept import PointStamp
from parkrisk.risk.mapping.loads import Alike, Loads
from parkrisk.risk.mapping.raster import most_memory
from parkrisk.risk.origins import by_origin, is_by_cascades, unit_of
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress, Scratch, share
from parkrisk.risk.societal import alone_shares
from parkrisk.risk.surroundings import Surroundings
from parkrisk.risk.uncertainty.groups import Groups
from parkrisk.risk.uncertainty.kernels import FINER, tally_groups
from parkrisk.scenarios.events.expand import Events

__all__ = ["Scene", "Terms", "checked_memory", "scene_of", "terms_of"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_APART = "\x1e"  # between the number of a group and the name of a unit


@dataclass(frozen=True)
class Terms:
    """Parts of a park's risk; the second axis is weather × wind sector. [1/yr]

    Parameters
    ----------
    individual : array, shape (n_groups, n_winds, n_points)
        What events of cascades add stands with the groups of the primary events that start them.
    own : array, shape (n_groups, n_winds, n_points)
        The part of units of a project.
    accidents, primary : array, shape (n_groups, n_winds, n_classes)
        Frequency of deaths in each class: of accidents, of primary events by themselves.
    expected : array, shape (n_groups, n_winds)
        Expected deaths.
    edges : array, shape (n_classes,)
        Least number of deaths of each class, from 1 / `FINER` up.
    frequency : array, shape (n_groups,)
        Of all events, those of cascades with the groups that start them, but for what units of a project suffer.
    """

    individual: Floats
    own: Floats
    accidents: Floats
    primary: Floats
    expected: Floats
    edges: Floats
    frequency: Floats


@dataclass(frozen=True)
class Scene:
    """Events of a park and what stands around them, as terms are made of it.

    Parameters
    ----------
    events : Events
        Those of cascades among them.
    groups : Groups
    shares : dict of str to array, shape (n_groups,)
        As `secondary_shares` gives them.
    around : Surroundings
    library : FootprintLibrary
    own : frozenset of str
        Units of a project.
    """

    events: Events
    groups: Groups
    shares: dict[str, Floats]
    around: Surroundings
    library: FootprintLibrary
    own: frozenset[str]

    def mixture(self, name: str, group: int) -> Floats:
        """Shares of groups in what one of `by_origin` does."""
        share = np.zeros(len(self.groups.members))
        if not is_by_cascades(name):
            share[group] = 1.0
            return share
        share = self.shares.get(unit_of(name), share)
        total = share.sum()
        return share / total if total > 0.0 else share


def checked_memory(n_groups: int, result: Assessment) -> None:
    """Raise OutOfRange where the terms of a park would take more than its share of the memory of the machine."""
    rose = result.surroundings.rose
    figures = 2 * (len(result.surroundings.points) + death_classes().size)  # of all and of a project, of two curves
    needed = 8.0 * (get_num_threads() + 1) * n_groups * rose.probability[0].size * figures
    if needed > (most := most_memory()):
        size = f"{n_groups} × {len(rose.weathers)} × {rose.n_sectors}"
        raise OutOfRange(
            f"不确定性分析（事件组 × 气象类别 × 风向 = {size}）需要 {needed / 1e9:.1f} GB 内存，"
            f"本机只允许 {most / 1e9:.1f} GB；请减少气象类别、风向或线程数",
            f"uncertainty of {size} groups of events × weather classes × wind sectors needs {needed / 1e9:.1f} GB of "
            f"memory, this machine allows {most / 1e9:.1f} GB; use fewer weather classes, sectors or threads",
        )


def scene_of(result: Assessment, groups: Groups, shares: dict[str, Floats], own: frozenset[str]) -> Scene:
    """Scene of an assessment."""
    library = library_for(result.events.outcomes, result.settings.grid)
    return Scene(result.events, groups, shares, result.surroundings, library, own)


def terms_of(
    scene: Scene,
    *,
    cascades: DominoResult | None = None,
    known: Assessment | None = None,
    progress: Progress | None = None,
) -> Terms:
    """Terms of a park.

    Parameters
    ----------
    scene : Scene
    cascades : DominoResult, optional
        With it accidents are followed through their histories; without it every event is one by itself.
    known : Assessment, optional
        Whose histories are known.
    progress : callable, optional
    """
    rose = scene.around.rose
    accidents = None
    if cascades is not None:
        accidents = accidents_of(cascades.facility, cascades.escalation, cascades.courses, len(rose.weathers))
    individual, own = _individual(scene, progress)
    counter, expected = _societal(scene, accidents, progress)
    histograms = counter.total()
    if accidents is not None:
        histograms[0] += _histories(scene, accidents, counter, known)
    n_groups, n_winds = expected.shape
    masses = histograms.reshape(2, n_groups, n_winds, counter.edges.size)
    used = int(np.flatnonzero(masses.any(axis=(0, 1, 2))).max(initial=-1)) + 1
    return Terms(
        individual,
        own,
        masses[0, :, :, :used] / FIXED_POINT,
        masses[1, :, :, :used] / FIXED_POINT,
        expected,
        counter.edges[:used] / FINER,
        _frequency(scene),
    )


def _frequency(scene: Scene) -> Floats:
    """How often events of each group come about, without what the units of a project suffer from those of others.

    So that a group is bent by the same measure without the project and with it.
    """
    total = np.zeros(len(scene.groups.members))
    table = by_origin(scene.events).table
    columns = (table["unit_id"].tolist(), scene.groups.of_event.tolist(), table["frequency"].tolist())
    for name, group, frequency in zip(*columns, strict=True):
        if not (is_by_cascades(name) and unit_of(name) in scene.own):
            total += frequency * scene.mixture(name, group)
    return total


def _individual(scene: Scene, progress: Progress | None) -> tuple[Floats, Floats]:
    """Individual risk at points, of all units and of those of a project."""
    around, groups = scene.around, scene.groups
    parted = by_origin(scene.events)
    names = [f"{group}{_APART}{unit}" for group, unit in zip(groups.of_event, parted.table["unit_id"], strict=True)]
    apart = replace(parted, table=parted.table.assign(unit_id=names))
    loads = Loads(apart, around.rose, around.grid, around.reading, None)
    shape = (2, len(groups.members), loads.n_weathers, loads.n_sectors, len(around.points))
    scratch: Scratch[Integers] = Scratch(lambda: np.zeros(shape, dtype=np.int64))

    def take(alike: Alike, stamps: list[PointStamp]) -> None:
        sums = scratch()
        for label, scale, stamp in zip(alike.units, alike.scales, stamps, strict=True):
            group, name = label.split(_APART)
            mixture = scene.mixture(name, int(group))
            mine = unit_of(name) in scene.own
            for place in np.flatnonzero(mixture):
                for _, weather, values in stamp:
                    parts = (values.T * (scale * mixture[place] * FIXED_POINT)).astype(np.int64)
                    sums[0, place, weather] += parts
                    if mine:
                        sums[1, place, weather] += parts

    each_stamp(loads, around.grid, around.points, scene.library, take, progress)
    total = sum(scratch.pieces, np.zeros(shape, dtype=np.int64)) / FIXED_POINT
    flat = total.reshape(2, shape[1], shape[2] * shape[3], shape[4])
    return flat[0], flat[1]


class _GroupCounter(Counter):
    """Counts deaths by group, weather and sector instead of by event."""

    group: Integers
    shape: tuple[int, ...]
    sums: Scratch[Integers]

    def divide(self, groups: Groups, shape: tuple[int, int, int]) -> None:
        """Say which groups there are, and how many groups, weathers and sectors."""
        self.group = groups.of_event
        self.shape = (2, *shape, self.edges.size)
        self.sums = Scratch(lambda: np.zeros(self.shape, dtype=np.int64))
        self.expected = np.zeros((self.group.size, *shape[1:]))

    def total(self) -> Integers:
        """Sum over threads. [2^-60/yr]"""
        return sum(self.sums.pieces, np.zeros(self.shape, dtype=np.int64))

    def _tally(self, source: Source, outcomes: tuple[int, ...], found: Floats) -> Counted:
        place = np.full(len(self.library.outcomes) + 1, -1, dtype=np.int64)
        place[list(outcomes)] = np.arange(len(outcomes))
        expected = np.zeros((source.rows.size, *self.shape[2:4]))
        tally_groups(
            found,
            place[self.outcome_index[source.rows]],
            self.chance_index[source.rows],
            self.frequency[source.rows],
            self.probability,
            self.chances,
            self.alone[source.rows],
            self.primary[source.rows],
            self.group[source.rows],
            self.edges,
            self.guide,
            self.sums(),
            expected,
        )
        self.expected[source.rows] = expected
        return Counted(np.zeros((3, 0), dtype=np.int64), np.zeros((0, 0)))


def _societal(scene: Scene, accidents: Accidents | None, progress: Progress | None) -> tuple[_GroupCounter, Floats]:
    """Deaths by group and wind, and expected deaths."""
    around, groups = scene.around, scene.groups
    rose, grid, events = around.rose, around.grid, by_origin(scene.events)
    checked_rose(rose, grid, events)
    counter = _GroupCounter(
        events,
        direction_probability(rose, grid),
        polar_frame(grid, rose.n_sectors),
        grid,
        Crowd(around.people),
        scene.library,
        alone_shares(events, rose, accidents),
        KeptDeaths(),
    )
    counter.divide(groups, (len(groups.members), len(rose.weathers), rose.n_sectors))
    batches = counter.batches(source for _, sources in sources_by_unit(events) for source in sources)
    share(batches, counter.count, "societal", progress)
    n_groups, n_winds = len(groups.members), len(rose.weathers) * rose.n_sectors
    expected = np.zeros((n_groups, n_winds))
    names = events.table["unit_id"].tolist()
    for name, group, values in zip(names, groups.of_event.tolist(), counter.expected, strict=True):
        if is_by_cascades(name):
            expected += np.multiply.outer(scene.mixture(name, group), values.ravel())
        else:
            expected[group] += values.ravel()
    return counter, expected


def _histories(scene: Scene, accidents: Accidents, counter: _GroupCounter, known: Assessment | None) -> Integers:
    """Deaths in the histories of cascades, by group of their primary events."""
    around = scene.around
    joint = joint_deaths(
        accidents,
        by_origin(scene.events),
        around.rose,
        around.grid,
        counter.crowd,
        scene.library,
        None if known is None else known.societal.histories,
    )
    ids = {name: row for row, name in enumerate(scene.events.table["event_id"].tolist())}
    group = scene.groups.of_event[[ids[name] for name in accidents.events]][accidents.event]
    classes = np.searchsorted(counter.edges, joint.deaths * (FINER * (1.0 + 1e-9)), side="right") - 1
    sums = np.zeros(counter.shape[1:], dtype=np.int64)
    weather, sector = np.divmod(accidents.wind.astype(np.int64), around.rose.n_sectors)
    for period in range(2):
        some = classes[:, period] >= 0
        weights = np.rint(joint.weights[some, period] * FIXED_POINT).astype(np.int64)
        np.add.at(sums, (group[some], weather[some], sector[some], classes[some, period]), weights)
    return sums
