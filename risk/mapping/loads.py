"""What each source does to the people around it: whom it meets, with which wind, and which sources are alike."""

import dataclasses
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from parkrisk.models.errors import OutOfRange, ParkRiskError
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR, PolarGrid
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import Floats, FootprintLibrary, Integers, Source, checked_rose, sources_by_unit
from parkrisk.scenarios.events.expand import Events, Outcome
from parkrisk.scenarios.receptors import WindRose

#: What tells sources apart that do not do the same.
Content = tuple[bytes, ...]

#: Readings of a wind rose between its directions.
_ROSES = ("piecewise_constant", "mean_preserving_linear")

#: So many equal sources share one task. A task runs on one thread.
_ALIKE = 16


@dataclasses.dataclass(frozen=True)
class Presence:
    """How much of the time a person is at a place, and how much of that behind walls.

    Parameters
    ----------
    outdoors, indoors : tuple of float
        Share of the day, of the night; both together at most 1 in each.

    Raises
    ------
    OutOfRange
        If a share is not within 0 and 1, or a person is there longer than the day or the night is.
    """

    outdoors: tuple[float, float]
    indoors: tuple[float, float]

    def __post_init__(self) -> None:
        shares = np.array([self.outdoors, self.indoors], dtype=np.float64)
        if not (shares.shape == (2, 2) and (shares >= 0.0).all() and (shares.sum(axis=0) <= 1.0 + 1e-12).all()):
            raise OutOfRange(
                f"在场时间份额须在 0 与 1 之间，且室内外之和不超过 1：{shares.tolist()}",
                f"shares of presence must be within 0 and 1, together at most 1: {shares.tolist()}",
            )


class Exposure(NamedTuple):
    """Who is meant, and the wind that meets them.

    Parameters
    ----------
    row : int
        Row of the footprints.
    density : array, shape (n_weathers, n_arcs)
        Probability per angle that the person is there and the wind blows so, constant on equal arcs. [1/rad]
    share : array, shape (n_weathers, n_sectors)
        The same, integrated over each sector.
    """

    row: int
    density: Floats
    share: Floats


class Layer(NamedTuple):
    """Outcomes of a source that share weather and dependence on the wind direction.

    Parameters
    ----------
    kind : int
        Number of the kind of outcome; -1: any.
    weather : int
    direction : int
        Entry of ``Events.directions``; -1: none.
    weights : dict
        Share of the source's largest frequency, by number of the outcome.
    """

    kind: int
    weather: int
    direction: int
    weights: dict[int, float]


class Alike(NamedTuple):
    """Sources with the same events, but for one factor of their frequencies.

    Rows of one of them, and what tells them from others; unit, place [m] and factor [1/yr] of each.
    """

    rows: Integers
    content: Content
    units: tuple[str, ...]
    places: Floats
    scales: Floats


def check_rose(rose: str) -> None:
    """Raise OutOfRange if a reading of the wind rose is unknown."""
    if rose not in _ROSES:
        names = ", ".join(_ROSES)
        raise OutOfRange(
            f"未知的风玫瑰插值方式 {rose!r}，可用：{names}", f"unknown reading of the wind rose {rose!r}: {names}"
        )


def wind_density(probability: Floats, n_bins: int, rose: str) -> Floats:
    """Density of the wind direction, constant on equal arcs.

    Parameters
    ----------
    probability : array, shape (n_weathers, n_sectors)
    n_bins : int
        A multiple of the number of sectors.
    rose : str
        "piecewise_constant": one arc per sector. "mean_preserving_linear": straight between the centres of sectors,
        so that each sector keeps its probability; its mean over each of ``n_bins`` bins.

    Returns
    -------
    array, shape (n_weathers, n_arcs)
        [1/rad]

    Raises
    ------
    OutOfRange
        If the reading is not one of these.
    ParkRiskError
        If straight lines that keep the probability of every sector would have to go below 0.

    Notes
    -----
    A straight line through the means of sectors would change their probability by up to a third. With nodes x the
    mean of a sector is (x_{k-1} + 6 x_k + x_{k+1}) / 8; this cyclic system is solved for x.
    """
    n_sectors = probability.shape[1]
    mean = probability * (n_sectors / (2.0 * np.pi))
    check_rose(rose)
    if rose == "piecewise_constant":
        return np.ascontiguousarray(mean if n_sectors > 1 else np.repeat(mean, n_bins, axis=1))
    turn = np.arange(n_sectors)
    away = np.minimum((turn[:, None] - turn) % n_sectors, (turn - turn[:, None]) % n_sectors)
    system = (6.0 * (away == 0) + (away == 1) * (2.0 if n_sectors == 2 else 1.0)) / 8.0
    nodes = np.linalg.solve(system, mean.T).T if n_sectors > 1 else mean
    if nodes.min() < -1e-12 * nodes.max():
        weathers = np.flatnonzero(nodes.min(axis=1) < -1e-12 * nodes.max()).tolist()
        raise ParkRiskError(
            f"风玫瑰起伏太大，保持扇区概率的线性插值会出现负值（气象类别 {weathers}）；请用 piecewise_constant",
            f"the wind rose is too uneven: straight lines that keep its sectors go below 0 in weathers {weathers}; "
            "use piecewise_constant",
        )
    half_bins = np.arange(2 * n_bins + 1) * (n_sectors / (2.0 * n_bins)) - 0.5
    values = np.stack([np.interp(half_bins, turn, row, period=n_sectors) for row in np.maximum(nodes, 0.0)])
    means: Floats = (values[:, 0:-1:2] + 2.0 * values[:, 1::2] + values[:, 2::2]) / 4.0
    return means


def of_units(events: Events, unit_ids: Collection[str]) -> Events:
    """Events of some units only; outcomes keep their numbers.

    Raises
    ------
    OutOfRange
        A unit has no events.
    """
    missing = sorted(set(unit_ids) - set(events.table["unit_id"]))
    if missing:
        raise OutOfRange(f"没有这些设备的事件：{missing}", f"no events of these units: {missing}")
    kept = events.table["unit_id"].isin(set(unit_ids)).to_numpy()
    index = events.direction_index
    return dataclasses.replace(
        events,
        table=events.table[kept].reset_index(drop=True),
        outcome_index=events.outcome_index[kept],
        direction_index=None if index is None else index[kept],
    )


class Loads:
    """Events of a park as risk around sources reads them.

    Parameters
    ----------
    events : Events
    wind : WindRose
    grid : PolarGrid
    rose : str
        As in `wind_density`.
    presence : Presence or None
        None: a person who is always there, outdoors and unprotected.

    Raises
    ------
    ParkRiskError
        If events, their directions or the rose cannot be used.
    OutOfRange
        If frequencies sum to more than 4 per year.
    """

    def __init__(self, events: Events, wind: WindRose, grid: PolarGrid, rose: str, presence: Presence | None) -> None:
        probability = checked_rose(wind, grid, events)
        self.units = sources_by_unit(events)
        self.n_weathers, self.n_sectors = probability.shape[1:]
        self.n_bins = grid.n_bins
        self.frequency = events.table["frequency"].to_numpy(dtype=np.float64)
        self.share_of_largest = np.zeros_like(self.frequency)
        for _, sources in self.units:
            for source in sources:
                own = self.frequency[source.rows]
                self.share_of_largest[source.rows] = own / own.max() if own.any() else own
        self.outcomes = events.outcome_index
        self._things = events.outcomes
        self.identity = np.array([*map(id, events.outcomes), 0], dtype=np.int64)[self.outcomes]
        self.directions, self.direction = _directions(events, grid.n_bins)
        names = [str(name) for name in events.table["outcome"]]
        self.kinds = tuple(sorted(set(names)))
        number = {name: at for at, name in enumerate(self.kinds)}
        self.kind = np.array([number[name] for name in names], dtype=np.int64)
        met = {INDIVIDUAL: (1.0, 1.0)} if presence is None else {OUTDOOR: presence.outdoors, INDOOR: presence.indoors}
        self.exposures: list[Exposure] = []
        for row, (day, night) in met.items():
            share = probability.sum(axis=0) if day == night == 1.0 else day * probability[0] + night * probability[1]
            self.exposures.append(Exposure(row, wind_density(share, grid.n_bins, rose), share))

    def alike(self) -> list[Alike]:
        """Group sources that do the same, be it more or less often; in no more than so many per group."""
        groups: dict[Content, list[Source]] = {}
        for _, sources in self.units:
            for source in sources:
                groups.setdefault(self._content(source.rows), []).append(source)
        return [
            Alike(
                members[0].rows,
                content,
                tuple(source.unit_id for source in members[at : at + _ALIKE]),
                np.array([[source.x, source.y] for source in members[at : at + _ALIKE]]),
                np.array([self.frequency[source.rows].max() for source in members[at : at + _ALIKE]]),
            )
            for content, members in groups.items()
            for at in range(0, len(members), _ALIKE)
        ]

    def _content(self, rows: Integers) -> Content:
        """What a source does; no number of this object enters, so that those of two parks compare."""
        kinds = "\n".join(self.kinds[kind] for kind in self.kind[rows].tolist()).encode()
        turned = self.direction[rows]
        turns = [self.directions[turn].tobytes() for turn in turned[turned >= 0].tolist()]
        return (
            self.share_of_largest[rows].tobytes(),
            kinds,
            self.identity[rows].tobytes(),
            *([(turned >= 0).tobytes(), *turns] if turns else []),
        )

    def outcomes_of(self, rows: Integers) -> list[Outcome]:
        """Outcomes of some events, each once."""
        index = np.unique(self.outcomes[rows])
        return [self._things[number] for number in index[index >= 0].tolist()]

    def layers(self, rows: Integers, *, by_kind: bool) -> list[Layer]:
        """Outcomes of a source by weather, dependence on direction and, if asked, kind; those with none first."""
        found: dict[tuple[int, int, int], dict[int, float]] = {}
        for row in rows.tolist():
            kind = int(self.kind[row]) if by_kind else -1
            share = float(self.share_of_largest[row])
            outcomes, directions = self.outcomes[row].tolist(), self.direction[row].tolist()
            for weather, (outcome, direction) in enumerate(zip(outcomes, directions, strict=True)):
                if outcome >= 0:
                    weights = found.setdefault((kind, weather, direction), {})
                    weights[outcome] = weights.get(outcome, 0.0) + share
        ordered = sorted(found, key=lambda key: key[2] >= 0)
        return [Layer(*key, found[key]) for key in ordered]

    def density(self, layer: Layer, exposure: Exposure) -> Floats:
        """Density of the wind direction times the probability that the outcome comes about then, shape (n_arcs,)."""
        density: Floats = exposure.density[layer.weather]
        if layer.direction < 0:
            return density
        return np.repeat(density, self.n_bins // density.size) * self.directions[layer.direction]

    def share(self, layer: Layer, exposure: Exposure) -> Floats:
        """The same, integrated over each sector, shape (n_sectors,)."""
        share: Floats = exposure.share[layer.weather]
        if layer.direction >= 0:
            share = self.density(layer, exposure).reshape(self.n_sectors, -1).sum(axis=1) * (2.0 * np.pi / self.n_bins)
        return share


def add_layer(layer: Layer, row: int, library: FootprintLibrary, profile: Floats, reach: Integers) -> None:
    """Add the footprints of a layer to a profile, but for their discs, which it cannot hold."""
    for outcome, weight in layer.weights.items():
        packed = library[outcome]
        kernels.add_footprint(profile, reach, packed.start[row], packed.lead[row], packed.values[row], weight)


def discs_of(layer: Layer, row: int, library: FootprintLibrary) -> Iterator[tuple[int, float, float]]:
    """Discs of a layer: number of the outcome, radius [m], frequency × lethality [1/yr]."""
    for outcome, weight in layer.weights.items():
        packed = library[outcome]
        for radius, lethality in zip(packed.disc_radius, packed.disc_lethality[row], strict=True):
            yield outcome, float(radius), weight * float(lethality)


def _directions(events: Events, n_bins: int) -> tuple[list[Floats], Integers]:
    """Probabilities by wind direction, and which of them each event has in each weather, after checks."""
    directions = [np.ascontiguousarray(values, dtype=np.float64) for values in events.directions]
    index = np.full(events.outcome_index.shape, -1, dtype=np.int64)
    if events.direction_index is not None:
        index = np.asarray(events.direction_index, dtype=np.int64)
    known = (index >= -1) & (index < len(directions))
    if index.shape != events.outcome_index.shape or not known.all():
        raise ParkRiskError("事件的风向概率编号不符", "events point at direction probabilities that do not exist")
    if any(values.shape != (n_bins,) or not ((values >= 0.0) & (values <= 1.0 + 1e-9)).all() for values in directions):
        raise ParkRiskError(
            f"随风向的概率须为 {n_bins} 个 0 与 1 之间的数",
            f"probabilities by wind direction must be {n_bins} numbers within 0 and 1",
        )
    return directions, index
