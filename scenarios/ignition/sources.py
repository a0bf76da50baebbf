"""What may ignite a cloud, and where it stands: the ignition table of a park, and its people."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.ignition.event_tree import ignition_within_minute
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import People, people

__all__ = ["IgnitionSources", "ignition_sources"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: A line is met piece by piece; a piece is at most this long. [m]
PIECE = 10.0
_POWER_LINE = 100.0  # what the probability of a power line is for [m]
_MINUTE = 60.0


@dataclass(frozen=True)
class IgnitionSources:
    """Ignition sources as arrays: a point is one piece, a line many of equal length.

    Parameters
    ----------
    x, y : float64 array, shape (n_pieces,)
        [m]
    owner : int64 array, shape (n_pieces,)
        Source of each piece.
    measure : float64 array, shape (n_sources,)
        What a piece adds to the extent E of its source inside a cloud: 1 of a point, hundreds of metres of a power
        line, metres of a road or railway.
    rate : float64 array, shape (2, n_sources)
        ω by day and by night; infinite where ignition is certain. [1/s, of a power line per 100 m]
    presence : float64 array, shape (n_sources,)
        Share of the time the source is there.
    density : float64 array, shape (n_sources,)
        Vehicles per metre; 0: no traffic. [1/m]

    Notes
    -----
    Within the time t a source ignites with the probability presence × (1 − exp(−ωEt)); traffic, d = density × E, with
    presence × d (1 − exp(−ωt)) for d ≤ 1 and presence × (1 − exp(−dωt)) beyond (AQ/T 3046-2013 Table G.5, note 1).
    """

    x: Floats
    y: Floats
    owner: Integers
    measure: Floats
    rate: Floats
    presence: Floats
    density: Floats

    def digest(self, pieces: Integers) -> str:
        """SHA-256 of some pieces, whatever their order."""
        owner = self.owner[pieces]
        values = [self.x[pieces], self.y[pieces], self.measure[owner], self.presence[owner], self.density[owner]]
        content = np.stack([*values, self.rate[0, owner], self.rate[1, owner]], axis=1)
        order = np.lexsort((owner, *content.T))
        _, first, place = np.unique(owner[order], return_index=True, return_inverse=True)
        found = hashlib.sha256(content[order].astype("<f8").tobytes())
        found.update(np.argsort(np.argsort(first))[place].astype("<i8").tobytes())
        return found.hexdigest()


def ignition_sources(park: Park) -> IgnitionSources | None:
    """Ignition sources of a park; None where its ignition table is empty, since then nobody has looked for them.

    Everybody in the park and around it counts as well: residents and workers, by day and by night.

    Raises
    ------
    OutOfRange
        Lines without an azimuth, or traffic on a point; all at once.
    """
    table = park.tables["ignition"]
    if table.empty:
        return None
    _check(table)
    rows = table.to_dict("records")
    length = table["length_m"].fillna(0.0).to_numpy(float)
    pieces = np.maximum(np.ceil(length / PIECE), 1.0).astype(np.int64)
    owner = np.repeat(np.arange(len(table)), pieces)
    place = np.concatenate([(np.arange(n) + 0.5) / n - 0.5 for n in pieces]) * length[owner]
    azimuth = np.radians(table["azimuth_deg"].fillna(0.0).to_numpy(float))[owner]
    laws = np.array([_law(row, float(long), int(n)) for row, long, n in zip(rows, length, pieces, strict=True)])
    measure, rate, presence, density = laws.T
    crowd = people(park)
    there = np.flatnonzero((crowd.day > 0.0) | (crowd.night > 0.0))
    one, none = np.ones(there.size), np.zeros(there.size)
    return IgnitionSources(
        np.concatenate([table["x"].to_numpy(float)[owner] + place * np.sin(azimuth), crowd.x[there]]),
        np.concatenate([table["y"].to_numpy(float)[owner] + place * np.cos(azimuth), crowd.y[there]]),
        np.concatenate([owner, len(table) + np.arange(there.size)]),
        np.concatenate([measure, one]),
        np.concatenate([[rate, rate], _crowd_rate(crowd, there)], axis=1),
        np.concatenate([presence, one]),
        np.concatenate([density, none]),
    )


def _crowd_rate(crowd: People, there: NDArray[np.intp]) -> Floats:
    return _rate(ignition_within_minute("person").probability) * np.stack([crowd.day[there], crowd.night[there]])


def _rate(within_minute: float) -> float:
    return -math.log1p(-within_minute) / _MINUTE if within_minute < 1.0 else math.inf


def _law(row: Mapping[Any, Any], length: float, pieces: int) -> tuple[float, float, float, float]:
    """Measure, rate, presence and density of one row; a source that moves along its line is traffic."""
    kind, given, presence = str(row["kind"]), float(row["probability_1min"]), float(row["presence"])
    rate = _rate(ignition_within_minute(kind).probability if math.isnan(given) else given)
    if length == 0.0:
        return 1.0, rate, presence, 0.0
    if kind == "power_line":
        return length / pieces / _POWER_LINE, rate, presence, 0.0
    vehicles = float(row["vehicles_per_km"])
    if math.isnan(vehicles):
        return length / pieces, rate, 1.0, presence / length
    return length / pieces, rate, presence, vehicles / 1000.0


def _check(table: pd.DataFrame) -> None:
    line = table["length_m"] > 0.0
    lost = table.loc[line & table["azimuth_deg"].isna(), "source_id"].tolist()
    still = table.loc[~line & table["vehicles_per_km"].notna(), "source_id"].tolist()
    if lost or still:
        zh = [f"线源缺少走向 azimuth_deg：{'、'.join(lost)}"] * bool(lost)
        zh += [f"每公里车辆数只用于有 length_m 的线源：{'、'.join(still)}"] * bool(still)
        en = [f"lines need their azimuth_deg: {', '.join(lost)}"] * bool(lost)
        en += [f"vehicles_per_km is for lines with a length_m only: {', '.join(still)}"] * bool(still)
        raise OutOfRange("点火源表：" + "；".join(zh), "ignition table: " + "; ".join(en))
