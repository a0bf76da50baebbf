"""Clouds that may ignite later: whose they are, where they start, what they cover at their largest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.cloud.outcomes import FlashFire
from parkrisk.models.errors import ParkRiskError
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.events.releases import LONGEST_RELEASE

__all__ = ["CLASSES", "Cloud", "Clouds", "Release", "by_place", "cloud_of", "releases_of"]

Array = NDArray[np.float64]

#: Distance classes of explosions, and how narrow they may be. [m]
CLASSES = 6
NARROWEST = 20.0
_TURN = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 65)


@dataclass(frozen=True)
class Cloud:
    """A cloud that may be met.

    Parameters
    ----------
    distance, edge : array, shape (n,)
        Outline at its largest: half-width over the distance downwind. [m]
    farthest : float
        No point of it is farther from the release. [m]
    time : float
        How long what it covers is exposed to it. [s]
    """

    distance: Array
    edge: Array
    farthest: float
    time: float

    @property
    def n_classes(self) -> int:
        """Distance classes of its explosion."""
        return int(min(max(math.ceil(self.farthest / NARROWEST), 1), CLASSES))


def cloud_of(outcome: Any) -> Cloud:
    """Cloud behind a delayed fire.

    A release exposes what its cloud covers for as long as it lasts, a sudden one while the cloud passes at the speed of
    the wind. A cloud that does not leave its pool stands over it for the longest time that counts.
    """
    flash = getattr(outcome, "flash", outcome)
    if not isinstance(flash, FlashFire):
        half = 0.5 * float(outcome.diameter)
        return Cloud(half * np.sin(_TURN), half * np.cos(_TURN), half, LONGEST_RELEASE)
    cloud, lasts = flash.cloud, flash.source.duration
    time = lasts if lasts > 0.0 else (cloud.reach - cloud.start) / flash.weather.wind_speed
    farthest = float(np.hypot(cloud.distance, cloud.edge).max(initial=0.0))
    return Cloud(cloud.distance, cloud.edge, farthest, time)


@dataclass(frozen=True)
class Release:
    """Rows of the delayed fire and the explosion (-1: none) of one loss of containment."""

    flash: int
    explosion: int


def releases_of(table: pd.DataFrame) -> list[Release]:
    """Releases whose clouds may ignite later, by event_id."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for row, (event_id, outcome) in enumerate(zip(table["event_id"], table["outcome"], strict=True)):
        if outcome in ("flash_fire", "explosion"):
            head, _, place = event_id.rpartition(f"/{outcome}")
            rows.setdefault((head, place), {})[outcome] = row
    lost = sorted("".join(release) for release, found in rows.items() if "flash_fire" not in found)
    if lost:
        raise ParkRiskError(
            f"爆炸事件缺少同源闪火事件：{lost}", f"explosions without the flash fire of their cloud: {lost}"
        )
    return [Release(rows[key]["flash_fire"], rows[key].get("explosion", -1)) for key in sorted(rows)]


class Clouds:
    """Clouds of the outcomes of a park, each looked at once."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._known: dict[int, Cloud] = {}

    def __call__(self, release: Release) -> list[Cloud | None]:
        """Cloud of a release in each weather."""
        return [self._of(index) for index in self._events.outcome_index[release.flash].tolist()]

    def _of(self, index: int) -> Cloud | None:
        if index >= 0 and index not in self._known:
            self._known[index] = cloud_of(self._events.outcomes[index])
        return self._known.get(index)

    def reach(self, releases: Sequence[Release]) -> float:
        """How far any of their clouds reaches. [m]"""
        return max((cloud.farthest for each in releases for cloud in self(each) if cloud is not None), default=0.0)


def by_place(events: Events, releases: Sequence[Release]) -> dict[tuple[float, float], list[Release]]:
    """Releases by where they start: x, y. [m]"""
    places: dict[tuple[float, float], list[Release]] = {}
    x, y = (events.table[name].to_numpy(float) for name in ("x", "y"))
    for each in releases:
        places.setdefault((float(x[each.flash]), float(y[each.flash])), []).append(each)
    return places
