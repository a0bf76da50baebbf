"""Domino effects of a park: how often one unit's fire or explosion makes others fail, along which chains, how soon.

Every primary event is played on its own and weighted by its frequency; years are never sampled.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.fragility import time_to_failure_rule
from parkrisk.risk.cascades.courses import Wish, play_to_error
from parkrisk.risk.cascades.direct import direct_escalation, envelope
from parkrisk.risk.cascades.keys import keys_of
from parkrisk.risk.cascades.replay import Courses, Rules
from parkrisk.risk.domino_tables import tables
from parkrisk.risk.domino_tables.exact import FirstSteps, first_steps
from parkrisk.risk.settings import Settings
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.facility.escalation import facility_graph
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

_SHOWN = 200  # chains, and pairs across enterprises, in JSON
_TIMES = ("time_p10_min", "time_min", "time_p90_min")
_CHANCE = ("probability", "standard_error")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON; what is not known (NaN) becomes null."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


@dataclass(frozen=True)
class Cascade:
    """What follows a fire or an explosion at one unit; probabilities are conditional on that.

    Parameters
    ----------
    start : str
        The unit.
    units : DataFrame
        unit_id, probability, standard_error, order, time_p10_min, time_min, time_p90_min, cross_enterprise; most likely
        first.
    chains : DataFrame
        order, units, time_min, times_min, probability, standard_error; most likely first.
    orders : DataFrame
        order, expected_failures, share, standard_error.
    sizes : DataFrame
        failed, probability, share, standard_error.
    method : mapping
        As ``DominoResult.method``.
    """

    start: str
    units: pd.DataFrame
    chains: pd.DataFrame
    orders: pd.DataFrame
    sizes: pd.DataFrame
    method: Mapping[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables that are written, by file name without ending."""
        return {
            "cascade_units": self.units,
            "cascade_chains": self.chains,
            "cascade_orders": self.orders,
            "cascade_sizes": self.sizes,
        }

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return {
            "from": self.start,
            "units": _records(self.units),
            "chains": _records(self.chains),
            "orders": _records(self.orders),
            "sizes": _records(self.sizes),
            "method": dict(self.method),
        }


@dataclass(frozen=True)
class DominoResult:
    """Domino effects of a park.

    Parameters
    ----------
    pairs : DataFrame
        from_unit, to_unit, heat_load_kw_m2, overpressure_kpa (largest over events and weathers; 0: none directly),
        fragment_probability (that one fails the unit), engulfed (that the flame touches it; largest over events),
        distance_m (shell to shell), direct_probability (exact), probability, standard_error (given a fire or an
        explosion at from_unit, in any order), order (the most frequent), time_p10_min, time_min (median), time_p90_min,
        frequency [1/yr], cross_enterprise. By falling frequency.
    chains : DataFrame
        order, units ("A > B > C"), time_min (median of the last failure), times_min ("0 > 7.3 > 15.1", medians of all
        failures where the whole chain came about), probability (as above), frequency, standard_error [1/yr]; the 100
        most frequent of each starting unit. By falling frequency.
    units : DataFrame
        unit_id, enterprise_id, primary_frequency (fires and explosions), secondary_frequency, standard_error [1/yr],
        expected_failures_caused (per fire or explosion), expected_failures_error (its standard error), domino_out (how
        often it starts a cascade, exact), domino_in (how often it fails in one) [1/yr], rank_out (by failures that it
        causes per year), rank_in (by how often it fails in cascades), out_closeness, in_closeness, betweenness.
    orders : DataFrame
        from_unit ("": the park), order, expected_failures (of that order, per fire or explosion), share, frequency,
        standard_error [1/yr].
    sizes : DataFrame
        from_unit ("": the park), failed (units that fail in one cascade, the first not counted), probability (per fire
        or explosion), share (of cascades), frequency, standard_error [1/yr]. Fires without escalation are not counted.
    origins : DataFrame
        unit_id, enterprise_id, from_enterprise (where the cascade started), frequency, standard_error [1/yr],
        cross_enterprise.
    enterprises : DataFrame
        from_enterprise, to_enterprise, frequency (of cascades that start in one and fail a unit of the other),
        standard_error, failures (units of the other, expected) [1/yr], cross_enterprise.
    secondary : DataFrame
        event_id, unit_id, frequency [1/yr]: what cascades add to the events of the park.
    method : mapping
        cascade ("dynamic" or "static"), time_to_failure_mode, histories, seed, flags; error_asked (None: none),
        error_reached (relative, of the expected number of secondary failures per year), error_met.
    facility : Facility
        The graph behind it.
    courses : Courses
        What the next run may take over.
    escalation : array, shape (n_sources, n_classes)
        Chance of at least one direct escalation if no barrier worked, given a source of the facility and its wind
        class, exact: the histories stand for so much of each source.
    directly : FirstSteps
        Direct escalation with barriers, exact.
    """

    pairs: pd.DataFrame
    chains: pd.DataFrame
    units: pd.DataFrame
    orders: pd.DataFrame
    sizes: pd.DataFrame
    origins: pd.DataFrame
    enterprises: pd.DataFrame
    secondary: pd.DataFrame
    method: Mapping[str, Any]
    facility: Facility
    courses: Courses = field(repr=False)
    escalation: Floats = field(repr=False)
    directly: FirstSteps = field(repr=False)

    @property
    def secondary_frequency(self) -> pd.Series:
        """How often each unit fails in a cascade, by unit_id. [1/yr]"""
        return self.units.set_index("unit_id")["secondary_frequency"]

    @property
    def cross_enterprise(self) -> pd.DataFrame:
        """Pairs of units of different enterprises, with both enterprises; by falling frequency."""
        owner = self.units.set_index("unit_id")["enterprise_id"]
        pairs = self.pairs[self.pairs["cross_enterprise"]].drop(columns="cross_enterprise").reset_index(drop=True)
        pairs.insert(0, "from_enterprise", pairs["from_unit"].map(owner))
        pairs.insert(2, "to_enterprise", pairs["to_unit"].map(owner))
        return pairs

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables that are written, by file name without ending."""
        return {
            "domino_pairs": self.pairs,
            "domino_chains": self.chains,
            "domino_units": self.units,
            "domino_orders": self.orders,
            "domino_sizes": self.sizes,
            "domino_origins": self.origins,
            "domino_enterprises": self.enterprises,
            "domino_cross_enterprise": self.cross_enterprise,
        }

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON: all pairs and units, the foremost chains and pairs across enterprises, sums of the park.

        Orders and sizes of single units stand in `Cascade.to_dict`, and in the tables.
        """
        return {
            "pairs": _records(self.pairs),
            "chains": _records(self.chains.head(_SHOWN)),
            "units": _records(self.units),
            "orders": _records(self.orders[self.orders["from_unit"] == ""]),
            "sizes": _records(self.sizes[self.sizes["from_unit"] == ""]),
            "origins": _records(self.origins),
            "enterprises": _records(self.enterprises),
            "cross_enterprise": _records(self.cross_enterprise.head(_SHOWN)),
            "method": dict(self.method),
        }

    def from_unit(self, unit_id: str) -> Cascade:
        """What follows a fire or an explosion at a unit.

        Raises
        ------
        OutOfRange
            The park has no such unit in service.
        """
        check_unit(unit_id, self.units["unit_id"].tolist())
        pairs = self.pairs[self.pairs["from_unit"] == unit_id].rename(columns={"to_unit": "unit_id"})
        units = pairs.sort_values(["probability", "unit_id"], ascending=[False, True], ignore_index=True)
        own = self.chains["units"].str.split(" > ").str[0] == unit_id
        started = float(self.units.set_index("unit_id")["primary_frequency"][unit_id])

        def given(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
            """Rows of this unit, with errors of probabilities instead of frequencies."""
            error = table["standard_error"] / started if started else table["standard_error"]
            return table.assign(standard_error=error)[[*columns]].reset_index(drop=True)

        orders, sizes = (table[table["from_unit"] == unit_id] for table in (self.orders, self.sizes))
        return Cascade(
            start=unit_id,
            units=units[["unit_id", "probability", "standard_error", "order", *_TIMES, "cross_enterprise"]],
            chains=given(self.chains[own.astype(bool)], ("order", "units", "time_min", "times_min", *_CHANCE)),
            orders=given(orders, ("order", "expected_failures", "share", "standard_error")),
            sizes=given(sizes, ("failed", "probability", "share", "standard_error")),
            method=self.method,
        )


def check_unit(unit_id: str, ids: list[str]) -> None:
    """Refuse a unit that is not among ``ids``, naming those that are written like it."""
    if unit_id not in ids:
        like = ", ".join(difflib.get_close_matches(unit_id, ids, cutoff=0.4))
        raise OutOfRange(
            f"园区没有在役设备 {unit_id}" + (f"，相近的有：{like}" if like else ""),
            f"the park has no unit {unit_id} in service" + (f"; names like it: {like}" if like else ""),
        )


def domino(
    park: Park,
    events: Events,
    rose: WindRose,
    settings: Settings,
    seed: int = 0,
    *,
    static: bool = False,
    earlier: DominoResult | None = None,
) -> DominoResult:
    """Find the domino effects of a park.

    Parameters
    ----------
    park : Park
        Its units in service may fail.
    events : Events
        Fires and explosions among the primary ones start cascades.
    rose : WindRose
        Weather and direction of a cascade are drawn from it.
    settings : Settings
        ``time_to_failure_mode``, ``domino_histories``, ``domino_standard_error``, ``domino_most_histories`` and
        ``threads`` are used.
    seed : int
        Same seed, same result.
    static : bool
        True: the static critical-load cascade, an upper bound without times.
    earlier : DominoResult, optional
        Of another park: what it shares with this one is not computed again.

    Returns
    -------
    DominoResult
    """
    rule = time_to_failure_rule(settings.time_to_failure_mode)
    facility = facility_graph(park, events, rose, rule, earlier=None if earlier is None else earlier.facility)
    with threads(settings.threads):
        return play_facility(
            facility,
            settings.domino_histories,
            seed,
            mode=settings.time_to_failure_mode,
            static=static,
            earlier=earlier,
            standard_error=settings.domino_standard_error,
            most_histories=settings.domino_most_histories,
        )


def play_facility(
    facility: Facility,
    histories: int,
    seed: int = 0,
    *,
    mode: str = "response_times",
    static: bool = False,
    earlier: DominoResult | None = None,
    standard_error: float | None = None,
    most_histories: int = 100_000,
) -> DominoResult:
    """Play the cascades of a facility graph.

    Parameters
    ----------
    facility : Facility
        As `facility_graph` or `facility_from_loads` gives it.
    histories : int
        Of each primary event from which escalation is possible.
    seed : int
        Same seed, same result.
    mode : str
        Name of the reading of the time-to-failure probit with which the facility was built.
    static : bool
        True: the static critical-load cascade, an upper bound without times.
    earlier : DominoResult, optional
        Cascades of another facility; those that play the same way here are taken over.
    standard_error : float, optional
        Asked for, relative to the expected number of secondary failures per year; histories are added until it is met
        or there are ``most_histories`` of each primary event. ``method`` says which.
    most_histories : int
    """
    if histories < 1:
        raise OutOfRange(f"历史次数须为正，现为 {histories}", f"need at least one history, not {histories}")
    direct = direct_escalation(facility.network, static)
    every = np.arange(len(facility.sources), dtype=np.int32)
    escalation = envelope(facility.network, direct, every)
    keys = keys_of(facility)
    known = None if earlier is None else earlier.directly
    directly = first_steps(facility, direct, keys.starts, static=static, earlier=known)
    nothing = np.zeros(0)  # histories draw what barriers do: their chances are not read any more
    direct = direct._replace(heat_up=nothing, heat_down=nothing)
    courses, error = play_to_error(
        facility,
        direct,
        escalation,
        Rules(histories, seed, static),
        keys,
        None if earlier is None else (earlier.courses, earlier.facility),
        Wish(math.inf if standard_error is None else standard_error, most_histories),
        float(directly.pairs["direct"].sum()),
    )
    sampled = dict(courses.tables)
    if static:
        sampled["pairs"] = sampled["pairs"].assign(time_p10=np.nan, time=np.nan, time_p90=np.nan)
        sampled["chains"] = sampled["chains"].assign(time=np.nan, times="")
    started = tables.by_unit(facility.sources["unit"], facility.sources["frequency"], len(facility.units))
    found = tables.with_direct(sampled["pairs"], directly.pairs)
    pairs = tables.pair_table(facility, found, started)
    orders = sampled["orders"]
    units = tables.unit_table(facility, found, orders, pairs, started, directly.often)
    origins = tables.origin_table(facility, found)
    return DominoResult(
        pairs=pairs,
        chains=tables.chain_table(sampled["chains"], started),
        units=units,
        orders=tables.distribution_table(facility, orders[orders["order"] > 0], started, "order", "expected_failures"),
        sizes=tables.distribution_table(facility, sampled["sizes"], started, "failed", "probability"),
        origins=origins,
        enterprises=tables.enterprise_table(facility, sampled["reached"], origins),
        secondary=tables.secondary_table(facility, units),
        method={
            "cascade": "static" if static else "dynamic",
            "time_to_failure_mode": mode,
            "histories": courses.rules.histories,
            "error_asked": standard_error,
            "error_reached": error,
            "error_met": standard_error is None or error <= standard_error,
            "seed": seed,
            "flags": list(facility.flags),
        },
        facility=facility,
        courses=courses,
        escalation=escalation,
        directly=directly,
    )
