"""What stands between a unit and its failure in a cascade: barriers of its own, and the emergency response.

A *deluge* keeps off a share of the heat, unless it fails; deluges with one water supply fail together when that does.
*Fireproofing* puts off all harm by heat for a while. Relief valves do nothing here: what bursts a vessel in a fire is
mostly the wall above the liquid, which gets hot and weak whatever the pressure, and the correlation of the time to
failure stands for vessels as they are built. Isolation valves and bunds act where losses of containment are found.

The *mitigation clock* of a unit is the time until somebody cools it for good. Its default is the one that the probit of
the time to failure stands for (median 10 min). Stations set it only beside that default: a first crew on the scene does
not cool a tank at once, so the clock is the response that the station states, and the way from it, and a time to set
up. That time is what the default clock leaves after the published first response of a fire service, so a station like
that, next door, gives the default.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import TimeToFailureRule, time_to_failure_rule
from parkrisk.scenarios.facility.network import Floats, Indices
from parkrisk.scenarios.park import Park

__all__ = [
    "FIRE_FIGHTERS",
    "Protection",
    "approach_speed",
    "bare",
    "deluge_fails",
    "first_response_mean",
    "protection_of",
]

#: Kinds of stations whose crews cool units.
FIRE_FIGHTERS = ("fire_station", "enterprise_brigade", "rescue_team")

_MINUTE = 60.0
_ROUNDING = 1e-9  # two clocks nearer than this are the same


@dataclass(frozen=True)
class Protection:
    """Barriers and mitigation clock of every unit, in the order of `parkrisk.scenarios.facility.graph.unit_table`.

    Parameters
    ----------
    clock_mean, clock_deviation : array, shape (n_units,)
        Mean and standard deviation of the ln of the time until mitigation protects the unit. [ln s]
    delay, delay_fails, deluge_factor, deluge_fails, system : array, shape (n_units,)
    system_fails : array, shape (n_systems,)
        As in `parkrisk.scenarios.facility.network.Network`.
    systems : tuple of str
        Ids of the shared supplies.
    counts : mapping of str to int
        Codes of what is credited, assumed or unverified (rows of ``models/data/flags.csv``), and how many units,
        barriers or stations each holds for.

    Raises
    ------
    OutOfRange
        The arrays are not equally long, or hold what cannot be: a probability or share outside 0..1, a negative time,
        a supply that is not there.
    """

    clock_mean: Floats
    clock_deviation: Floats
    delay: Floats
    delay_fails: Floats
    deluge_factor: Floats
    deluge_fails: Floats
    system: Indices
    system_fails: Floats
    systems: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what kernels could not live with."""
        n = self.clock_mean.shape
        ends = {"clock_mean": (-np.inf, np.inf), "clock_deviation": (0.0, np.inf), "delay": (0.0, np.inf)}
        for name in ("clock_mean", "clock_deviation", "delay", "delay_fails", "deluge_factor", "deluge_fails"):
            self._check(name, n, *ends.get(name, (0.0, 1.0)))
        self._check("system", n, -1, len(self.systems) - 1)
        self._check("system_fails", (len(self.systems),), 0.0, 1.0)

    def _check(self, name: str, shape: tuple[int, ...], low: float, high: float) -> None:
        values = getattr(self, name)
        if values.shape != shape:
            raise OutOfRange(f"{name} 应有 {shape[0]} 个值", f"{name} should hold {shape[0]} values")
        if not bool(np.all(np.isfinite(values) & (values >= low) & (values <= high))):
            raise OutOfRange(f"{name} 须在 {low:g} 与 {high:g} 之间", f"{name} must lie between {low:g} and {high:g}")

    @property
    def flags(self) -> tuple[str, ...]:
        """The codes, sorted."""
        return tuple(sorted(self.counts))


def bare(n_units: int, rule: TimeToFailureRule) -> Protection:
    """No barriers, and the response that the time-to-failure rule stands for."""
    nothing: NDArray[np.float64] = np.zeros(n_units)
    return Protection(
        clock_mean=np.full(n_units, (rule.intercept - 5.0) / rule.slope + np.log(rule.time_unit)),
        clock_deviation=np.full(n_units, 1.0 / rule.slope),
        delay=nothing,
        delay_fails=nothing,
        deluge_factor=np.ones(n_units),
        deluge_fails=nothing,
        system=np.full(n_units, -1, dtype=np.int32),
        system_fails=np.zeros(0),
    )


def protection_of(park: Park, units: pd.DataFrame, rule: TimeToFailureRule) -> Protection:
    """Find what protects the units of a park.

    Parameters
    ----------
    park : Park
        Tables ``barriers`` and ``response``.
    units : DataFrame
        As `parkrisk.scenarios.facility.graph.unit_table` gives them.
    rule : TimeToFailureRule
        Stations set clocks only if it is the default one; any other brings response times of its own, or is a reading
        kept for comparison.

    Returns
    -------
    Protection

    Notes
    -----
    A deluge does not work with the chance 1 - (1 - PFD) × effectiveness. The clock of a unit is lognormal, with the
    mean m + d/v + M and the variance s² + S²: m and s of its station, d the straight distance from it, v how fast the
    fire service gets ahead along it, M and S of the time to set up. The station with the smallest mean counts. Where a
    station states no s, the clock has the shape of the default, only longer or shorter: what is missing never makes a
    clock faster. The way is counted in full, also where a stated response holds part of it (on the safe side).

    References
    ----------
    .. [1] ``models/data/protection.csv``: every number with its source.
    """
    plain = bare(len(units), rule)
    counts: dict[str, int] = {}
    barriers = _barriers_of(park, units)
    if len(barriers):
        plain = _with_deluge(plain, barriers[barriers["kind"] == "deluge"], counts)
        plain = _with_fireproofing(plain, barriers[barriers["kind"] == "fireproofing"], counts)
        kinds = barriers["kind"].value_counts()
        _count(counts, "barrier_relief_valve", int(kinds.get("relief_valve", 0)))
        _count(counts, "barrier_in_events", int(kinds.get("isolation_valve", 0) + kinds.get("bund", 0)))
    return _with_stations(plain, park.tables.get("response"), units, rule, counts)


def _count(counts: dict[str, int], code: str, number: int) -> None:
    if number:
        counts[code] = number


def _replaced(protection: Protection, **values: object) -> Protection:
    return Protection(**{**vars(protection), **values})


def _barriers_of(park: Park, units: pd.DataFrame) -> pd.DataFrame:
    """Barriers of the units; the index is the place of the unit."""
    table = park.tables.get("barriers")
    if table is None or table.empty:
        return pd.DataFrame()
    at = pd.Index(units["unit_id"]).get_indexer(pd.Index(table["unit_id"].astype(str)))
    found: pd.DataFrame = table.set_axis(at)[at >= 0]
    return found


def deluge_fails(pfd: ArrayLike) -> Floats:
    """Chance that a deluge does not keep heat off although its supply works; ``pfd`` is that on demand."""
    return 1.0 - (1.0 - np.asarray(pfd, dtype=np.float64)) * constants("protection")["deluge_effectiveness"].value


def _with_deluge(plain: Protection, rows: pd.DataFrame, counts: dict[str, int]) -> Protection:
    known, at = constants("protection"), rows.index.to_numpy()
    factor, fails, system = plain.deluge_factor.copy(), plain.deluge_fails.copy(), plain.system.copy()
    factor[at] = 1.0 - rows["rating"].fillna(known["deluge_share"].value).to_numpy(float)
    fails[at] = deluge_fails(rows["pfd"].fillna(known["deluge_pfd"].value).to_numpy(float))
    fed = rows[rows["system"] != ""]
    supply = fed.groupby("system")["system_pfd"].max()  # the same wherever it is stated; groups are sorted
    system[fed.index.to_numpy()] = supply.index.get_indexer(pd.Index(fed["system"]))
    _count(counts, "barrier_deluge", len(rows))
    _count(counts, "unverified:fire_water_pfd", int(supply.isna().sum()))
    return _replaced(
        plain,
        deluge_factor=factor,
        deluge_fails=fails,
        system=system,
        system_fails=supply.fillna(known["fire_water_pfd"].value).to_numpy(float),
        systems=tuple(supply.index.astype(str)),
    )


def _with_fireproofing(plain: Protection, rows: pd.DataFrame, counts: dict[str, int]) -> Protection:
    known, at = constants("protection"), rows.index.to_numpy()
    delay, fails = plain.delay.copy(), plain.delay_fails.copy()
    delay[at] = (rows["rating"] * _MINUTE).fillna(known["fireproofing_time"].value).to_numpy(float)
    fails[at] = rows["pfd"].fillna(known["fireproofing_pfd"].value).to_numpy(float)
    _count(counts, "barrier_fireproofing", len(rows))
    _count(counts, "unverified:fireproofing_pfd", int(rows["pfd"].isna().sum()))
    return _replaced(plain, delay=delay, delay_fails=fails)


class _Spread(NamedTuple):
    """Mean [s] and variance [s²] of a lognormal time."""

    mean: float
    variance: float

    @classmethod
    def of(cls, log_mean: float, log_deviation: float) -> "_Spread":
        mean = float(np.exp(log_mean + 0.5 * log_deviation**2))
        return cls(mean, float(mean**2 * np.expm1(log_deviation**2)))


@functools.cache
def _first_response() -> _Spread:
    known = constants("protection")
    log_mean = known["first_response_log_mean"].value + float(np.log(_MINUTE))
    return _Spread.of(log_mean, known["first_response_log_deviation"].value)


def first_response_mean() -> float:
    """Mean of the published first response of a fire service, from the alarm to its first action. [s]"""
    return _first_response().mean


@functools.cache
def approach_speed() -> float:
    """How fast the fire service gets ahead along the straight line to a place. [m/s]"""
    known = constants("protection")
    farthest = float(np.sqrt(0.5 * known["station_area"].value)) * 1e3
    return farthest / known["station_travel_time"].value


def _with_stations(
    plain: Protection,
    response: pd.DataFrame | None,
    units: pd.DataFrame,
    rule: TimeToFailureRule,
    counts: dict[str, int],
) -> Protection:
    """Set the clocks by the quickest station, where there is one and the rule leaves them open."""
    rows = pd.DataFrame({"kind": []}) if response is None else response
    fighters = rows[rows["kind"].isin(FIRE_FIGHTERS)]
    used = rule == time_to_failure_rule() and len(fighters) > 0 and len(units) > 0
    if not used:
        other = rule != time_to_failure_rule()
        _count(counts, "response_by_rule" if other else "response_left_out", len(rows))
        _count(counts, "response_default", 0 if other else len(units))
        return _replaced(plain, counts=counts)
    fighters = fighters.sort_values("station_id", ignore_index=True)
    default = _Spread.of(float(plain.clock_mean[0]), float(plain.clock_deviation[0]))
    mean, variance = _clocks(fighters, units, default)
    best = np.argmin(mean, axis=1)[:, None]
    mean, variance = (np.take_along_axis(each, best, axis=1)[:, 0] for each in (mean, variance))
    spread = np.log1p(variance / mean**2)
    _count(counts, "response_left_out", len(rows) - len(fighters))
    _count(counts, "response_published", int(fighters["mean_min"].isna().sum()))
    _count(counts, "response_stations", len(units))
    clock = np.log(mean) - 0.5 * spread
    sooner = (mean < default.mean * (1.0 - _ROUNDING)) | (clock < plain.clock_mean - _ROUNDING)
    _count(counts, "response_faster", int(sooner.sum()))
    _count(counts, "unverified:response_set_up", len(units))
    return _replaced(plain, clock_mean=clock, clock_deviation=np.sqrt(spread), counts=counts)


def _clocks(stations: pd.DataFrame, units: pd.DataFrame, default: _Spread) -> tuple[Floats, Floats]:
    """Mean [s] and variance [s²] of the time until each station protects each unit, shape (n_units, n_stations)."""
    first = _first_response()
    stated, deviation = (stations[name].to_numpy(float) * _MINUTE for name in ("mean_min", "sd_min"))
    x, y = (units[name].to_numpy(float)[:, None] - stations[name].to_numpy(float) for name in ("x", "y"))
    response = np.where(np.isnan(stated), first.mean, stated)
    mean: Floats = response + np.hypot(x, y) / approach_speed() + (default.mean - first.mean)
    known = ~(np.isnan(stated) | np.isnan(deviation))
    variance: Floats = np.where(
        known, deviation**2 + (default.variance - first.variance), default.variance * (mean / default.mean) ** 2
    )
    return mean, variance
