"""From units to events: loss of containment, ignition, outcome, with frequencies and where they come from."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.blast.condensed import CondensedExplosion
from parkrisk.models.blast.explosion import Explosion
from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.release.hole import Release, Vessel, hole, instantaneous
from parkrisk.models.substance.substances import find
from parkrisk.scenarios.contents import vessel
from parkrisk.scenarios.losses import Loss, check_loss_set, isolation_time, losses
from parkrisk.scenarios.outcomes import (
    LONGEST_RELEASE,
    Branch,
    branches,
    burning_store,
    ten_minutes,
    toxicity_unknown,
)
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

_HOURS_PER_YEAR = 8760.0
_REFERENCE_HOLE = 0.1  # [m]
#: Kinds whose content runs through a line before it is outside: a superheated liquid flashes in equilibrium on the way.
_LINES = frozenset({"pipeline", "loading_arm"})
_LINE_LENGTH = 1.0  # [m]

EVENT_COLUMNS = (
    "event_id",
    "unit_id",
    "enterprise_id",
    "x",
    "y",
    "loc",
    "outcome",
    "cas",
    "frequency",
    "origin",
    "release_rate",
    "released_mass",
    "duration",
    "source",
    "mark",
    "flags",
)
DROPPED_COLUMNS = ("unit_id", "loc", "outcome", "frequency", "reason", "message_zh", "message_en")


class Outcome(Protocol):
    """What every outcome of ``parkrisk.models`` offers to risk integration; it is hashable and equal by content."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the caveats that apply."""

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source."""

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances of death, serious and light injury and escalation. [m]"""


@dataclass(frozen=True)
class Events:
    """Everything that can happen in a park, one row of ``table`` each.

    Parameters
    ----------
    table : DataFrame
        event_id, unit_id, enterprise_id, x, y [m], loc, outcome, cas, frequency [1/yr], origin ("primary", "domino"),
        release_rate [kg/s], released_mass [kg], duration [s], source, mark, flags. Sorted by event_id; index 0..n-1.
        ``frequency`` holds everything but the weather: loss of containment × ignition × outcome split.
    outcomes : sequence of Outcome
        Distinct outcomes; an outcome that does not depend on the weather stands once.
    outcome_index : int32 array, shape (n_events, n_weathers)
        Which outcome the event has in each weather class; -1: none.
    dropped : DataFrame
        What is left out, and why: unit_id, loc, outcome, frequency, reason ("cut_off", "no_effect", "no_losses",
        "not_computed", "not_ignited"), message_zh, message_en.
    directions : sequence of float64 arrays, each of shape (n_bins,)
        Distinct probabilities, given the event, its weather and the direction the wind blows to, that the outcome comes
        about. Bin b covers the angles b·w to (b+1)·w, w = 2π/n_bins, from the edge of sector 0 of the wind rose
        (half a sector clockwise of east), anticlockwise.
    direction_index : int32 array, shape (n_events, n_weathers), or None
        Which of them holds for the event in each weather class; -1, or None for all: 1 in every direction.
    """

    table: pd.DataFrame
    outcomes: Sequence[Outcome]
    outcome_index: NDArray[np.int32]
    dropped: pd.DataFrame
    directions: Sequence[NDArray[np.float64]] = ()
    direction_index: NDArray[np.int32] | None = None

    @property
    def not_computed(self) -> tuple[str, ...]:
        """Units of which some event could not be computed: the risk of the park is then only known from below."""
        rows = self.dropped[self.dropped["reason"] == "not_computed"]
        return tuple(sorted(set(rows["unit_id"])))


class _Collector:
    """Events as they are found."""

    def __init__(self, cut_off: float) -> None:
        self.cut_off = cut_off
        self.rows: list[dict[str, Any]] = []
        self.index: list[list[int]] = []
        self.outcomes: dict[Any, int] = {}
        self.dropped: list[dict[str, Any]] = []

    def drop(self, unit: Mapping[Any, Any], loss: Loss | None, outcome: str, reason: str, zh: str, en: str) -> None:
        loc, frequency = ("", math.nan) if loss is None else (loss.loc, loss.frequency)
        values = (unit["unit_id"], loc, outcome, frequency, reason, zh, en)
        self.dropped.append(dict(zip(DROPPED_COLUMNS, values, strict=True)))

    def add(self, unit: Mapping[Any, Any], loss: Loss, release: Release | None, branch: Branch) -> None:
        if all(outcome is None for outcome in branch.per_weather):
            self.drop(unit, loss, branch.outcome, "no_effect", "各气象下均无影响区", "no effect in any weather")
            return
        self.index.append(
            [-1 if each is None else self.outcomes.setdefault(each, len(self.outcomes)) for each in branch.per_weather]
        )
        caveats = [flag for each in branch.per_weather if each is not None for flag in each.flags]
        self.rows.append(
            {
                "event_id": f"{unit['unit_id']}/{loss.loc}/{branch.outcome}",
                "unit_id": unit["unit_id"],
                "enterprise_id": unit["enterprise_id"],
                "x": float(unit["x"]),
                "y": float(unit["y"]),
                "loc": loss.loc,
                "outcome": branch.outcome,
                "cas": unit["substance"],
                "frequency": loss.frequency * branch.probability,
                "origin": "primary",
                "release_rate": math.nan if release is None or release.is_instantaneous else release.rate,
                "released_mass": math.nan if release is None else release.mass,
                "duration": math.nan if release is None else release.duration,
                "source": f"{loss.source}; {branch.source}",
                "mark": max(loss.mark, branch.mark, key="V1M".index),
                "flags": " ".join(sorted({*branch.flags, *caveats})),
            }
        )

    def events(self, n_weathers: int) -> Events:
        table = pd.DataFrame(self.rows, columns=list(EVENT_COLUMNS))
        order = table["event_id"].argsort(kind="stable").to_numpy()
        index = np.array(self.index, dtype=np.int32).reshape(len(self.rows), n_weathers)[order]
        outcomes = list(self.outcomes)
        # Number the outcomes in the order of the sorted events, so that the order of units leaves no trace.
        used, first = np.unique(index[index >= 0], return_index=True)
        rank = used[np.argsort(first, kind="stable")]
        renumbered = np.full(len(outcomes) + 1, -1, dtype=np.int32)
        renumbered[rank] = np.arange(rank.size, dtype=np.int32)
        dropped = pd.DataFrame(self.dropped, columns=list(DROPPED_COLUMNS))
        return Events(
            table.iloc[order].reset_index(drop=True),
            [outcomes[each] for each in rank.tolist()],
            renumbered[index],
            dropped.sort_values(list(DROPPED_COLUMNS[:3]), kind="stable", ignore_index=True),
        )


def expand(park: Park, rose: WindRose, *, loss_set: str = "aqt3046", cut_off: float = 1e-8) -> Events:
    """Find every event of a park.

    Parameters
    ----------
    park : Park
        Units out of service have no events.
    rose : WindRose
        Its weathers are the columns of ``Events.outcome_index``.
    loss_set : str
        As in :func:`parkrisk.scenarios.losses.losses`.
    cut_off : float
        Rarer losses of containment are dropped and listed (1e-8 per year: AQ/T 3046-2013 8.2.4). [1/yr]

    Returns
    -------
    Events

    Raises
    ------
    OutOfRange
        The loss set is unknown.
    """
    check_loss_set(loss_set)
    collector = _Collector(cut_off)
    air_pressure = 1000.0 * float(park.info["air_pressure_kpa"])
    for unit in park.tables["units"].to_dict("records"):
        if unit["in_service"] == "no":
            continue
        try:
            found = _losses(unit, loss_set)
        except OutOfRange as error:
            collector.drop(unit, None, "", "not_computed", error.message_zh, error.message_en)
            continue
        if not found:
            collector.drop(unit, None, "", "no_losses", "场景集无此类设备", f"no losses for {unit['kind']} in the set")
        for loss in found:
            _expand_loss(collector, unit, loss, rose, air_pressure)
    return collector.events(len(rose.weathers))


def _losses(unit: Mapping[Any, Any], loss_set: str) -> tuple[Loss, ...]:
    bore, hours, length = (float(unit[name]) for name in ("hole_bore_mm", "hours_per_year", "length_m"))
    return losses(
        unit["kind"],
        loss_set,
        bore=math.inf if math.isnan(bore) else bore / 1000.0,
        length=length,
        hours=_HOURS_PER_YEAR if math.isnan(hours) else hours,
    )


def _expand_loss(
    collector: _Collector, unit: Mapping[Any, Any], loss: Loss, rose: WindRose, air_pressure: float
) -> None:
    if loss.frequency < collector.cut_off:
        low = f"{loss.frequency:.1e} < {collector.cut_off:.0e}"
        collector.drop(unit, loss, "", "cut_off", f"频率 {low} /年", f"frequency {low} per year")
        return
    substance = find(unit["substance"])
    if loss.release != "detonation" and not (substance.is_flammable or substance.is_toxic):
        collector.drop(unit, loss, "", "no_effect", "该介质不燃、无毒", "the substance neither burns nor poisons")
        return
    if toxicity_unknown(substance):
        zh = f"{substance.name_zh}有急性毒性，但没有毒性概率函数"
        en = f"{substance.name_en} is acutely toxic and has no toxic probit"
        collector.drop(unit, loss, "toxic_cloud", "not_computed", zh, en)
    try:
        contained = vessel(unit, air_pressure)
        release, found = _follow(unit, loss, contained, rose, air_pressure)
    except (OutOfRange, MissingProperty) as error:
        collector.drop(unit, loss, "", "not_computed", error.message_zh, error.message_en)
        return
    for branch in found:
        collector.add(unit, loss, release, branch)


def _follow(
    unit: Mapping[Any, Any], loss: Loss, contained: Vessel, rose: WindRose, air_pressure: float
) -> tuple[Release | None, tuple[Branch, ...]]:
    bund = float(unit["bund_area_m2"])
    bund_area = math.inf if math.isnan(bund) else bund
    if loss.release == "detonation":
        return None, (_detonation(contained, len(rose.weathers), air_pressure),)
    if loss.release == "fire":
        return None, burning_store(contained, rose.weathers, bund)
    release, diameter = _release(unit, loss, contained, air_pressure)
    return release, branches(contained, release, diameter, rose.weathers, bund_area)


def _release(unit: Mapping[Any, Any], loss: Loss, contained: Vessel, air_pressure: float) -> tuple[Release, float]:
    """Release of a loss, and the hole that stands for it (NaN: everything at once)."""
    if loss.release == "instantaneous":
        return instantaneous(contained, air_pressure), math.nan
    if loss.release == "ten_minutes":
        slow = ten_minutes(instantaneous(contained, air_pressure))
        reference = hole(contained, _REFERENCE_HOLE, ambient_pressure=air_pressure)
        return slow, _REFERENCE_HOLE * math.sqrt(slow.rate / reference.rate)
    diameter = loss.hole_diameter
    if not math.isfinite(diameter):
        raise OutOfRange(
            f"设备 {unit['unit_id']} 缺少最大接管内径 hole_bore_mm", f"unit {unit['unit_id']} needs its hole_bore_mm"
        )
    shut = isolation_time(unit["detection_class"], unit["isolation_class"], diameter)
    limit = min(shut, LONGEST_RELEASE)
    way = _LINE_LENGTH if unit["kind"] in _LINES else 0.0
    release = hole(contained, diameter, path_length=way, isolation_time=limit, ambient_pressure=air_pressure)
    return release, diameter


def _detonation(contained: Vessel, n_weathers: int, air_pressure: float) -> Branch:
    substance = contained.substance
    try:
        charge = CondensedExplosion.of(substance.cas, contained.mass)
    except OutOfRange:
        blast = Explosion(
            mass=contained.mass,
            heat_of_combustion=substance.heat_of_combustion,
            share=1.0,
            method="tnt",
            air_pressure=air_pressure,
        )
        flags = ("unverified:detonation_energy",)
        return Branch("detonation", 1.0, (blast,) * n_weathers, "mass detonation", "M", flags)
    return Branch("detonation", 1.0, (charge,) * n_weathers, "mass detonation, TNT equivalence", "1", ())


def with_secondary(events: Events, secondary: pd.DataFrame) -> Events:
    """Events with what cascades add to them.

    Parameters
    ----------
    events : Events
        Primary events.
    secondary : DataFrame
        event_id, frequency [1/yr]: how often a cascade brings that event about.

    Returns
    -------
    Events
        The primary events, and below them the secondary ones with origin "domino"; they hang on no direction, since a
        cascade ignites what it sets free.
    """
    added = secondary[secondary["frequency"] > 0.0].set_index("event_id")["frequency"]
    rows = np.nonzero(events.table["event_id"].isin(set(added.index)).to_numpy())[0]
    extra = events.table.iloc[rows].copy()
    extra["frequency"] = extra["event_id"].map(added).astype(float)
    extra["event_id"] = extra["event_id"] + "/domino"
    extra["origin"] = "domino"
    index = events.direction_index
    return dataclasses.replace(
        events,
        table=pd.concat([events.table, extra], ignore_index=True),
        outcome_index=np.concatenate([events.outcome_index, events.outcome_index[rows]]),
        direction_index=None if index is None else np.concatenate([index, np.full_like(index[rows], -1)]),
    )


def flag_counts(events: Events) -> dict[str, int]:
    """How many events carry each caveat."""
    counts: dict[str, int] = {}
    for flags in _split(events.table["flags"]):
        for flag in flags:
            counts[flag] = counts.get(flag, 0) + 1
    return counts


def _split(column: Iterable[str]) -> Iterable[list[str]]:
    return (text.split() for text in column)
