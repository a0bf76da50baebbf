"""Delayed ignition located on the map: a cloud burns or explodes only where it meets an ignition source.

A pass over the events of a park. The cloud of a release, at its largest, is turned through all wind directions about
its source; what it covers may ignite it, and the chance of that joins the event as its ``directions``. A flash fire
takes the whole cloud. An explosion is split into distance classes: its blast is centred where the cloud is met first.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from parkrisk.models.blast.explosion import Explosion
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid
from parkrisk.scenarios.events.clouds import CLASSES, Cloud, Clouds, Release, by_place, releases_of
from parkrisk.scenarios.events.expand import DROPPED_COLUMNS, Events
from parkrisk.scenarios.ignition.event_tree import delayed_ignition, ignition_within_minute
from parkrisk.scenarios.ignition.kernels import ignition_chances
from parkrisk.scenarios.ignition.sources import IgnitionSources, ignition_sources
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import DAY, WindRose

__all__ = ["check_method", "ignite", "locate_ignition"]

Array = NDArray[np.float64]

_METHODS = ("free_field", "located")

_IMMEDIATE = ("pool_fire", "jet_fire", "fireball")
_NOT_IGNITED = ("气云在任何风向下都不覆盖点火源", "its cloud meets no ignition source in any wind direction")


class _Around(NamedTuple):
    """Pieces of ignition sources about a place: distance [m], angle in the frame [rad], source; laws of the sources."""

    radius: Array
    theta: Array
    owner: NDArray[np.int64]
    laws: Array


class _Surroundings:
    """Ignition sources about a place, as the kernels read them."""

    def __init__(self, sources: IgnitionSources, n_sectors: int) -> None:
        self._sources = sources
        self._tree = cKDTree(np.stack([sources.x, sources.y], axis=1))
        self._turn = np.pi / n_sectors  # from the mathematical angle to the frame of the rose
        self._laws = np.stack(
            [sources.measure, sources.rate[0], sources.rate[1], sources.presence, sources.density], axis=1
        )

    def __call__(self, place: tuple[float, float], reach: float) -> _Around:
        """What stands within reach of a place, by distance. [m]"""
        near = np.array(sorted(self._tree.query_ball_point(place, reach)), dtype=np.int64)
        dx, dy = self._sources.x[near] - place[0], self._sources.y[near] - place[1]
        radius = np.hypot(dx, dy)
        order = np.argsort(radius, kind="stable")
        owner, local = np.unique(self._sources.owner[near[order]], return_inverse=True)
        theta = np.arctan2(dy, dx)[order] + self._turn
        return _Around(radius[order], theta, local.astype(np.int64), np.ascontiguousarray(self._laws[owner]))


def _chances(clouds: Sequence[Cloud], classes: Sequence[int], around: _Around, day: Array, n_bins: int) -> Array:
    """Chances of some clouds of one place, shape (n_clouds, 1 + most classes, n_bins)."""
    out = np.zeros((len(clouds), 1 + max(classes, default=1), n_bins))
    if clouds and around.radius.size:
        ignition_chances(
            around.radius,
            around.theta,
            around.owner,
            around.laws,
            np.cumsum([0, *(cloud.distance.size for cloud in clouds)]),
            np.concatenate([cloud.distance for cloud in clouds]),
            np.concatenate([cloud.edge for cloud in clouds]),
            np.array([cloud.time for cloud in clouds]),
            np.array([cloud.farthest for cloud in clouds]),
            np.array(classes, dtype=np.int64),
            day,
            out,
        )
    np.minimum(out, 1.0, out=out)
    return out


class _Located:
    """Events as they are located: rows, with their outcomes and directions in each weather, in any order."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.unit_id = events.table["unit_id"].to_numpy(object)
        self.rows: list[tuple[int, str]] = []  # of the table before, and what is added to the event_id
        self.index: list[list[int]] = []
        self.direction_index: list[list[int]] = []
        self.never: list[int] = []  # rows that no source can ignite ...
        self.idle: list[int] = []  # ... and that stay, for cascades
        self._outcomes: list[Any] = list(events.outcomes)
        self._blasts = {each: i for i, each in enumerate(self._outcomes) if isinstance(each, Explosion)}
        self._directions: dict[bytes, int] = {}

    def direction(self, chance: Array) -> int:
        """Index of the chances of one outcome, shape (n_bins,)."""
        return self._directions.setdefault(chance.tobytes(), len(self._directions))

    def shifted(self, outcome: int, centre: float) -> int:
        """Index of an explosion moved to another distance."""
        blast = dataclasses.replace(self._outcomes[outcome], centre_distance=centre)
        if blast not in self._blasts:
            self._blasts[blast] = len(self._outcomes)
            self._outcomes.append(blast)
        return self._blasts[blast]

    def add(self, row: int, suffix: str, index: list[int], direction_index: list[int]) -> None:
        """Add an event."""
        self.rows.append((row, suffix))
        self.index.append(index)
        self.direction_index.append(direction_index)

    def done(self, table: pd.DataFrame, n_weathers: int) -> Events:
        """Events by event_id, numbered in that order; ``table`` holds the rows to take from."""
        rows = [row for row, _ in self.rows]
        taken = table.iloc[rows].copy()
        taken.loc[np.isin(rows, self.idle), "frequency"] = 0.0
        taken["event_id"] = taken["event_id"] + np.array([suffix for _, suffix in self.rows], dtype=object)
        order = taken["event_id"].argsort(kind="stable").to_numpy()
        index, used = _numbered(np.array(self.index, dtype=np.int32).reshape(-1, n_weathers)[order])
        turned, kept = _numbered(np.array(self.direction_index, dtype=np.int32).reshape(-1, n_weathers)[order])
        chances = [np.frombuffer(content) for content in self._directions]
        lost = table.iloc[self.never][[*DROPPED_COLUMNS[:4]]]
        lost = lost.assign(**dict(zip(DROPPED_COLUMNS[4:], ("not_ignited", *_NOT_IGNITED), strict=True)))
        dropped = pd.concat([self.events.dropped, lost], ignore_index=True) if self.never else self.events.dropped
        return Events(
            taken.iloc[order].reset_index(drop=True),
            [self._outcomes[each] for each in used],
            index,
            dropped.sort_values(list(DROPPED_COLUMNS[:3]), kind="stable", ignore_index=True),
            [chances[each] for each in kept],
            turned,
        )


def _numbered(index: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[int]]:
    """Numbers in the order of their first use, and what they were before; -1 stays."""
    used, first = np.unique(index[index >= 0], return_index=True)
    rank = used[np.argsort(first, kind="stable")]
    numbers = np.full(int(index.max(initial=0)) + 2, -1, dtype=np.int32)
    numbers[rank] = np.arange(rank.size, dtype=np.int32)
    return numbers[index], rank.tolist()


def locate_ignition(events: Events, park: Park, rose: WindRose, grid: PolarGrid) -> Events:
    """Let delayed ignition depend on the ignition sources that a cloud meets.

    Parameters
    ----------
    events : Events
        Of ``expand``: delayed ignition in the free field.
    park : Park
        Its ignition sources and people.
    rose : WindRose
        Of the events.
    grid : PolarGrid
        ``n_bins`` directions.

    Returns
    -------
    Events
        The same frequencies; ``directions`` holds the chance of ignition. ".../flash_fire" keeps its row, an explosion
        becomes ".../explosion@k", k = 1 to 6 from near to far, one row for each distance class in which it may be
        ignited. What no ignition source can meet is dropped ("not_ignited"); a unit for which that leaves no fire keeps
        its own with frequency 0, since cascades may bring it about. A park without ignition sources keeps the free
        field, flagged.

    Raises
    ------
    OutOfRange
        The bins cannot be shared by the wind sectors, or the ignition table has faults.

    Notes
    -----
    P(φ) = 1 − exp(−Σ a_j), a_j = −ln(1 − P_j) of each source j that the cloud covers (AQ/T 3046-2013 Table G.5). A
    class is a stretch of distance from the release; of class k it is exp(−A of nearer ones) − exp(−A up to k). All
    of the flammable mass explodes, at the middle of its class: an ignition source takes minutes to ignite, and by
    then the cloud has grown; on the safe side for sources close by. Toxic clouds that could burn stay toxic clouds
    (see :func:`parkrisk.scenarios.events.outcomes.branches`).
    """
    if grid.n_bins % rose.n_sectors:
        raise OutOfRange(
            f"{grid.n_bins} 个角格不能被 {rose.n_sectors} 个风向整除",
            f"{grid.n_bins} bins cannot be shared by {rose.n_sectors} wind sectors",
        )
    sources = ignition_sources(park)
    releases = releases_of(events.table)
    if sources is None or not releases:
        return _free_field(events) if releases else events
    clouds, around = Clouds(events), _Surroundings(sources, rose.n_sectors)
    day = _day_share(rose)
    located = _Located(events)
    burns = set(events.table.loc[events.table["outcome"].isin(_IMMEDIATE), "unit_id"])
    for place, some in by_place(events, releases).items():
        near = around(place, clouds.reach(some))
        _locate(located, some, clouds, near, day, grid.n_bins, burns)
    later = {row for each in releases for row in (each.flash, each.explosion)}
    for row, index in enumerate(events.outcome_index.tolist()):
        if row not in later:
            located.add(row, "", index, [-1] * len(index))
    return located.done(_located_table(events.table, sorted(later - {-1})), len(rose.weathers))


def _locate(
    located: _Located,
    releases: Sequence[Release],
    clouds: Clouds,
    around: _Around,
    day: Array,
    n_bins: int,
    burns: set[str],
) -> None:
    """Add the delayed fires and explosions of the releases at one place."""
    index = located.events.outcome_index
    met = [(each, w, cloud) for each in releases for w, cloud in enumerate(clouds(each)) if cloud is not None]
    classes = [
        cloud.n_classes if each.explosion >= 0 and index[each.explosion, w] >= 0 else 1 for each, w, cloud in met
    ]
    chances = _chances([cloud for *_, cloud in met], classes, around, day[[w for _, w, _ in met]], n_bins)
    none = located.direction(np.zeros(n_bins))
    at = 0
    for each in releases:
        found: dict[int, tuple[Cloud, int, Array]] = {}
        while at < len(met) and met[at][0] is each:
            found[met[at][1]] = met[at][2], classes[at], chances[at]
            at += 1
        _add_fire(located, each.flash, found, none, burns)
        if each.explosion >= 0:
            _add_explosion(located, each.explosion, found, none)


def _add_fire(
    located: _Located, row: int, found: dict[int, tuple[Cloud, int, Array]], none: int, burns: set[str]
) -> None:
    index = located.events.outcome_index[row].tolist()
    turned = [none] * len(index)
    for weather, (_, _, chance) in found.items():
        turned[weather] = located.direction(chance[0])
    if any(each != none for each in turned):
        located.add(row, "", index, turned)
        return
    located.never.append(row)
    if located.unit_id[row] not in burns:
        located.idle.append(row)
        located.add(row, "", index, [-1] * len(index))


def _add_explosion(located: _Located, row: int, found: dict[int, tuple[Cloud, int, Array]], none: int) -> None:
    index = located.events.outcome_index[row].tolist()
    ever = False
    for k in range(CLASSES):
        blast, turned = [-1] * len(index), [none] * len(index)
        for weather, (cloud, classes, chance) in found.items():
            if index[weather] < 0:
                continue
            if not isinstance(located.events.outcomes[index[weather]], Explosion):
                if k == 0 and chance[0].any():  # too small a cloud to explode: it burns
                    blast[weather], turned[weather] = index[weather], located.direction(chance[0])
            elif k < classes and chance[1 + k].any():
                blast[weather] = located.shifted(index[weather], (k + 0.5) / classes * cloud.farthest)
                turned[weather] = located.direction(chance[1 + k])
        if any(each >= 0 for each in blast):
            located.add(row, f"@{k + 1}", blast, turned)
            ever = True
    if not ever:
        located.never.append(row)


def _located_table(table: pd.DataFrame, later: list[int]) -> pd.DataFrame:
    """Frequencies without the chance of the free field, and where the chances come from."""
    free, own = delayed_ignition(), ignition_within_minute("person")
    out = table.copy()
    rows = out.index[later]
    out.loc[rows, "frequency"] /= free.probability
    out.loc[rows, "source"] = out.loc[rows, "source"].str.replace(free.source, own.source, regex=False)
    out.loc[rows, "flags"] = _with_flag(out.loc[rows, "flags"], "ignition_located")
    return out


def _free_field(events: Events) -> Events:
    """Give the events as they are, flagged: the park has no ignition sources."""
    table = events.table.copy()
    later = table["outcome"].isin(["flash_fire", "explosion"])
    table.loc[later, "flags"] = _with_flag(table.loc[later, "flags"], "ignition_sources_missing")
    return dataclasses.replace(events, table=table)


def _with_flag(flags: pd.Series, code: str) -> list[str]:
    return [" ".join(sorted({*text.split(), code})) for text in flags]


def _day_share(rose: WindRose) -> Array:
    """Share of the day in the hours of each weather and sector, shape (n_weathers, n_sectors)."""
    day, total = rose.probability[DAY], rose.probability.sum(axis=0)
    share: Array = np.full_like(total, 0.5)
    np.divide(day, total, out=share, where=total > 0.0)
    return share


def check_method(method: str) -> None:
    """Raise OutOfRange if a method of delayed ignition is unknown."""
    if method not in _METHODS:
        names = ", ".join(_METHODS)
        raise OutOfRange(
            f"未知的延迟点火方法 {method!r}，可用：{names}", f"unknown delayed ignition {method!r}: {names}"
        )


def ignite(events: Events, park: Park, rose: WindRose, grid: PolarGrid, method: str) -> Events:
    """Events with the delayed ignition that is asked for.

    Parameters
    ----------
    events, park, rose, grid
        As of :func:`locate_ignition`.
    method : str
        "free_field": as they are, every cloud that did not ignite at once ignites at its largest. "located".

    Raises
    ------
    OutOfRange
        The method is unknown, or as :func:`locate_ignition`.
    """
    check_method(method)
    return events if method == "free_field" else locate_ignition(events, park, rose, grid)
