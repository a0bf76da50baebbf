"""From units to events: loss of containment, ignition, outcome, with frequencies and where they come from."""

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.release.hole import Release, Vessel
from parkrisk.models.substance.substances import find
from parkrisk.scenarios.events.bursts import burst_of, may_burst
from parkrisk.scenarios.events.contents import vessel
from parkrisk.scenarios.events.losses import Loss, check_loss_set, loss_names
from parkrisk.scenarios.events.outcomes import Branch, bare_burst, branches, toxicity_unknown
from parkrisk.scenarios.events.own_losses import MARK, losses_of
from parkrisk.scenarios.events.releases import opened
from parkrisk.scenarios.events.stores import burning_store, detonation
from parkrisk.scenarios.events.stretches import Place, lines_of, stretches
from parkrisk.scenarios.events.transport import as_unit, first_ignition, transport_losses
from parkrisk.scenarios.ignition import event_tree as ignition
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

#: Marks of frequencies and probabilities, the weakest last.
_MARKS = ("V", "1", MARK, "M")

#: Why something is not among the events.
DROP_REASONS = {
    "cut_off": ("频率低于截断值而舍去的泄漏场景", "losses of containment below the frequency cut-off"),
    "no_effect": ("在任何气象下都没有可计算影响的事件", "events without a computable effect in any weather"),
    "not_ignited": (
        "气云在任何风向下都不覆盖点火源的事件",
        "events whose cloud meets no ignition source in any wind direction",
    ),
    "no_losses": ("场景集没有泄漏场景的设备", "units for which the set has no losses of containment"),
    "not_applicable": (
        "场景集中不适用于该设备的泄漏场景（孔不小于管径，或没有泄放装置）",
        "losses of the set that do not apply to the unit: holes as wide as its bore, devices it does not have",
    ),
    "removed": ("园区自有数据去除的泄漏场景", "losses taken out by the park's own rows"),
    "not_computed": ("未能计算的泄漏场景：风险只知下限", "losses that could not be computed: risk known from below"),
}

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
        What is left out, and why: unit_id, loc, outcome, frequency, reason (one of ``DROP_REASONS``), message_zh,
        message_en.
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

    def drop(self, unit: Mapping[Any, Any], loss: Loss | str, outcome: str, reason: str, zh: str, en: str) -> None:
        """Note what is left out: a loss, or one that is known by name only ("": all of the unit)."""
        loc, frequency = (loss, math.nan) if isinstance(loss, str) else (loss.loc, loss.frequency)
        values = (unit["unit_id"], loc, outcome, frequency, reason, zh, en)
        self.dropped.append(dict(zip(DROPPED_COLUMNS, values, strict=True)))

    def add(
        self,
        unit: Mapping[Any, Any],
        loss: Loss,
        release: Release | None,
        branch: Branch,
        places: Sequence[Place],
    ) -> None:
        """Take in a branch, once for each of its places."""
        if all(outcome is None for outcome in branch.per_weather):
            self.drop(unit, loss, branch.outcome, "no_effect", "各气象下均无影响区", "no effect in any weather")
            return
        index = [
            -1 if each is None else self.outcomes.setdefault(each, len(self.outcomes)) for each in branch.per_weather
        ]
        caveats = {flag for each in set(branch.per_weather) if each is not None for flag in each.flags}
        if loss.mark == MARK:
            caveats.add("user_loss")
        if len(places) > 1:
            caveats.add("line_in_stretches")
        shared = {
            "unit_id": unit["unit_id"],
            "enterprise_id": unit["enterprise_id"],
            "loc": loss.loc,
            "outcome": branch.outcome,
            "cas": unit["substance"],
            "origin": "primary",
            "release_rate": math.nan if release is None or release.is_instantaneous else release.rate,
            "released_mass": math.nan if release is None else release.mass,
            "duration": math.nan if release is None else release.duration,
            "source": f"{loss.source}; {branch.source}",
            "mark": max(loss.mark, branch.mark, key=_MARKS.index),
            "flags": " ".join(sorted({*branch.flags, *caveats})),
        }
        for place in places:
            self.index.append(index)
            self.rows.append(
                {
                    "event_id": f"{unit['unit_id']}/{loss.loc}/{branch.outcome}{place.mark}",
                    "x": float(place.x),
                    "y": float(place.y),
                    "frequency": loss.frequency * branch.probability * place.share,
                    **shared,
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
        As in :func:`parkrisk.scenarios.events.losses.losses`; rows of the park's table ``losses`` add to it or
        override it.
    cut_off : float
        Rarer losses of containment are dropped and listed (1e-8 per year: AQ/T 3046-2013 8.2.4); that of a line is the
        loss along all of it. [1/yr]

    Returns
    -------
    Events
        Those of a unit with a line, and of transport, stand at the middle of each stretch of it, which has its share
        of the frequency. Transport has its own ids for units and belongs to no enterprise.

    Raises
    ------
    OutOfRange
        The loss set is unknown.
    """
    check_loss_set(loss_set)
    collector = _Collector(cut_off)
    air_pressure = 1000.0 * float(park.info["air_pressure_kpa"])
    lines = lines_of(park.tables["lines"])
    own = {str(unit_id): rows.to_dict("records") for unit_id, rows in park.tables["losses"].groupby("unit_id")}
    for unit in park.tables["units"].to_dict("records"):
        if unit["in_service"] == "no":
            continue
        if unit["line_id"] and math.isnan(unit["length_m"]):
            unit["length_m"] = float(lines[unit["line_id"]].length)
        try:
            found = _losses(collector, unit, loss_set, own.get(unit["unit_id"], ()))
            places = stretches(lines[unit["line_id"]]) if unit["line_id"] else (Place(unit["x"], unit["y"], 1.0, ""),)
        except OutOfRange as error:
            collector.drop(unit, "", "", "not_computed", error.message_zh, error.message_en)
            continue
        if not found:
            known = loss_names(unit["kind"], loss_set) or own.get(unit["unit_id"])
            reason = "no_losses" if known else "not_computed"
            collector.drop(unit, "", "", reason, "场景集无此类设备", f"no losses for {unit['kind']} in the set")
        for loss in found:
            _expand_loss(collector, unit, loss, rose, air_pressure, places)
    columns = park.tables["units"].columns.tolist()
    for row in park.tables["transport"].to_dict("records"):
        line, vehicle = lines[row["line_id"]], as_unit(row, columns)
        for loss in transport_losses(row, float(line.length)):
            first = first_ignition(row, loss.release == "instantaneous")
            _expand_loss(collector, vehicle, loss, rose, air_pressure, stretches(line), first)
    return collector.events(len(rose.weathers))


def _losses(
    collector: _Collector, unit: Mapping[Any, Any], loss_set: str, own: Sequence[Mapping[Any, Any]]
) -> tuple[Loss, ...]:
    """Losses of a unit by the set and by the park's own rows; what either leaves out is listed."""
    found, kept, removed = losses_of(unit, loss_set, own)
    for loc in sorted(loss_names(unit["kind"], loss_set) - {loss.loc for loss in found}):
        zh, en = "孔不小于管径，或没有该泄放装置", "as wide as the bore, or no such device"
        collector.drop(unit, loc, "", "not_applicable", zh, en)
    for loss, source in removed:
        collector.drop(
            unit, loss, "", "removed", f"园区数据去除：{source}", f"taken out by the park's own row: {source}"
        )
    return kept


def _expand_loss(
    collector: _Collector,
    unit: Mapping[Any, Any],
    loss: Loss,
    rose: WindRose,
    air_pressure: float,
    places: Sequence[Place],
    first: ignition.Branch | None = None,
) -> None:
    if loss.frequency < collector.cut_off:
        low = f"{loss.frequency:.1e} < {collector.cut_off:.0e}"
        collector.drop(unit, loss, "", "cut_off", f"频率 {low} /年", f"frequency {low} per year")
        return
    substance = find(unit["substance"])
    harmless = not (substance.is_flammable or substance.is_toxic)
    if toxicity_unknown(substance):
        zh = f"{substance.name_zh}有急性毒性，但没有毒性概率函数"
        en = f"{substance.name_en} is acutely toxic and has no toxic probit"
        collector.drop(unit, loss, "toxic_cloud", "not_computed", zh, en)
    try:
        if harmless and not _harms_by_itself(unit, loss, air_pressure):
            collector.drop(unit, loss, "", "no_effect", "该介质不燃、无毒", "the substance neither burns nor poisons")
            return
        contained = vessel(unit, air_pressure)
        release, found = _follow(unit, loss, contained, rose, air_pressure, harmless, first)
    except (OutOfRange, MissingProperty) as error:
        collector.drop(unit, loss, "", "not_computed", error.message_zh, error.message_en)
        return
    if not found:
        collector.drop(unit, loss, "", "no_effect", "该介质不燃、无毒", "the substance neither burns nor poisons")
    for branch in found:
        collector.add(unit, loss, release, branch, places)


def _harms_by_itself(unit: Mapping[Any, Any], loss: Loss, air_pressure: float) -> bool:
    """Whether a loss harms though its substance neither burns nor poisons."""
    return loss.release == "detonation" or (loss.release == "instantaneous" and may_burst(unit, air_pressure))


def _follow(
    unit: Mapping[Any, Any],
    loss: Loss,
    contained: Vessel,
    rose: WindRose,
    air_pressure: float,
    harmless: bool,
    first: ignition.Branch | None,
) -> tuple[Release | None, tuple[Branch, ...]]:
    bund, height = float(unit["bund_area_m2"]), float(unit["bund_height_m"])
    if loss.release == "detonation":
        return None, (detonation(contained, len(rose.weathers), air_pressure),)
    if loss.release == "fire":
        return None, burning_store(contained, rose.weathers, bund)
    if not math.isnan(loss.volume):
        spilt = loss.volume * contained.substance.liquid_density(contained.temperature)
        contained = dataclasses.replace(contained, mass=min(contained.mass, spilt))
    burst = burst_of(unit, contained, air_pressure) if loss.release == "instantaneous" else None
    if harmless:
        return None, () if burst is None else (bare_burst(burst, len(rose.weathers)),)
    out = opened(unit, loss, contained, air_pressure)
    found = branches(
        contained,
        out.release,
        out.diameter,
        rose.weathers,
        math.inf if math.isnan(bund) else bund,
        bund_height=math.inf if math.isnan(height) else height,
        burst=burst,
        first=first,
    )
    return out.release, tuple(dataclasses.replace(each, flags=(*each.flags, *out.flags)) for each in found)


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
    return dict(Counter(flag for flags in events.table["flags"] for flag in flags.split()))
