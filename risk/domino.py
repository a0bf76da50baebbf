"""Domino effects of a park: how often one unit's fire or explosion makes others fail, along which chains, how soon.

Every primary event is played on its own and weighted by its frequency; years are never sampled.
"""

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
from parkrisk.risk.cascades.direct import Direct, direct_escalation, escalation_chance
from parkrisk.risk.cascades.metrics import graph_metrics
from parkrisk.risk.cascades.replay import Courses, Rules
from parkrisk.risk.settings import Settings
from parkrisk.scenarios.escalation import facility_graph
from parkrisk.scenarios.expand import Events
from parkrisk.scenarios.graph import Facility
from parkrisk.scenarios.network import Floats
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

_SHOWN_CHAINS = 200  # in JSON


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
        unit_id, probability, standard_error, order, time_min, cross_enterprise; most likely first.
    chains : DataFrame
        order, units, time_min, probability, standard_error; most likely first.
    method : mapping
        As ``DominoResult.method``.
    """

    start: str
    units: pd.DataFrame
    chains: pd.DataFrame
    method: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return {
            "from": self.start,
            "units": _records(self.units),
            "chains": _records(self.chains),
            "method": dict(self.method),
        }


@dataclass(frozen=True)
class DominoResult:
    """Domino effects of a park.

    Parameters
    ----------
    pairs : DataFrame
        from_unit, to_unit, heat_load_kw_m2, overpressure_kpa (largest over events and weathers; 0: none directly),
        distance_m (shell to shell), direct_probability (exact), probability, standard_error (given a fire or an
        explosion at from_unit, in any order), order (the most frequent), time_min (median), frequency [1/yr],
        cross_enterprise. By falling frequency.
    chains : DataFrame
        order, units ("A > B > C"), time_min (median), probability (as above), frequency, standard_error [1/yr];
        the 100 most frequent of each starting unit. By falling frequency.
    units : DataFrame
        unit_id, primary_frequency (fires and explosions), secondary_frequency, standard_error [1/yr],
        expected_failures_caused (per fire or explosion), domino_out (how often it starts a cascade, exact), domino_in
        (how often it fails in one) [1/yr], out_closeness, in_closeness, betweenness.
    secondary : DataFrame
        event_id, unit_id, frequency [1/yr]: what cascades add to the events of the park.
    method : mapping
        cascade ("dynamic" or "static"), time_to_failure_mode, histories, seed, flags; error_asked (None: none),
        error_reached (relative, of the expected number of secondary failures per year), error_met.
    facility : Facility
        The graph behind it.
    courses : Courses
        What the next run may take over.
    """

    pairs: pd.DataFrame
    chains: pd.DataFrame
    units: pd.DataFrame
    secondary: pd.DataFrame
    method: Mapping[str, Any]
    facility: Facility
    courses: Courses = field(repr=False)

    @property
    def secondary_frequency(self) -> pd.Series:
        """How often each unit fails in a cascade, by unit_id. [1/yr]"""
        return self.units.set_index("unit_id")["secondary_frequency"]

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON: all pairs and units, the most frequent chains."""
        return {
            "pairs": _records(self.pairs),
            "chains": _records(self.chains.head(_SHOWN_CHAINS)),
            "units": _records(self.units),
            "method": dict(self.method),
        }

    def from_unit(self, unit_id: str) -> Cascade:
        """What follows a fire or an explosion at a unit.

        Raises
        ------
        OutOfRange
            The park has no such unit in service.
        """
        if unit_id not in set(self.units["unit_id"]):
            raise OutOfRange(f"园区没有在役设备 {unit_id}", f"the park has no unit {unit_id} in service")
        pairs = self.pairs[self.pairs["from_unit"] == unit_id].rename(columns={"to_unit": "unit_id"})
        columns = ["unit_id", "probability", "standard_error", "order", "time_min", "cross_enterprise"]
        units = pairs.sort_values(["probability", "unit_id"], ascending=[False, True], ignore_index=True)[columns]
        own = self.chains["units"].str.split(" > ").str[0] == unit_id
        chains = self.chains[own.astype(bool)].reset_index(drop=True)
        started = float(self.units.set_index("unit_id")["primary_frequency"][unit_id])
        chains["standard_error"] = chains["standard_error"] / started if started else chains["standard_error"]
        columns = ["order", "units", "time_min", "probability", "standard_error"]
        return Cascade(unit_id, units, chains[columns], self.method)


def domino(
    park: Park,
    events: Events,
    rose: WindRose,
    settings: Settings,
    seed: int = 0,
    *,
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
    earlier : DominoResult, optional
        Of another park: what it shares with this one is not computed again.

    Returns
    -------
    DominoResult
        Dynamic cascades.
    """
    rule = time_to_failure_rule(settings.time_to_failure_mode)
    facility = facility_graph(park, events, rose, rule, earlier=None if earlier is None else earlier.facility)
    with threads(settings.threads):
        return play_facility(
            facility,
            settings.domino_histories,
            seed,
            mode=settings.time_to_failure_mode,
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
    ids = facility.units["unit_id"].tolist()
    direct = direct_escalation(facility.network, static)
    chance = escalation_chance(facility.network, direct, np.arange(len(facility.sources), dtype=np.int32))
    directly = _direct_frequency(facility, direct)
    courses, error = play_to_error(
        facility,
        direct,
        chance,
        Rules(histories, seed, static),
        None if earlier is None else (earlier.courses, earlier.facility),
        Wish(math.inf if standard_error is None else standard_error, most_histories),
        float(directly["direct"].sum()),
    )
    found, chains = courses.found, courses.chains
    if static:
        found, chains = found.assign(time=np.nan), chains.assign(time=np.nan)
    found = _with_direct(found, directly)
    started = _by_unit(facility.sources["unit"], facility.sources["frequency"], len(ids))
    pairs = _pairs(facility, found, started)
    units = _units(facility, found, started, pairs, _escalations(facility, chance))
    method = {
        "cascade": "static" if static else "dynamic",
        "time_to_failure_mode": mode,
        "histories": courses.rules.histories,
        "error_asked": standard_error,
        "error_reached": error,
        "error_met": standard_error is None or error <= standard_error,
        "seed": seed,
        "flags": list(facility.flags),
    }
    return DominoResult(pairs, _chains(chains, started), units, _secondary(facility, units), method, facility, courses)


def _by_unit(unit: Any, values: Any, n_units: int) -> Floats:
    """Sum of values by unit, shape (n_units,)."""
    return np.bincount(np.asarray(unit, np.intp), np.asarray(values, float), minlength=n_units).astype(np.float64)


def _direct_frequency(facility: Facility, direct: Direct) -> pd.DataFrame:
    """Frequency of direct escalation of each pair, exact but for events with both heat and blast. [1/yr]"""
    net, n = facility.network, len(facility.units)
    every = facility.sources["frequency"].to_numpy(float)[:, None] * net.class_probability
    parts = []
    for row, start, target, chance in (
        (net.heat_row, net.heat_start, net.heat_target, direct.heat),
        (net.blast_row, net.blast_start, net.blast_target, net.blast_probability),
    ):
        origin = np.zeros(start.size - 1, np.int64)
        at, wind = np.nonzero(row >= 0)
        origin[row[at, wind]] = net.source_unit[at]
        length = np.diff(start)
        by_row = np.bincount(row[row >= 0], every[row >= 0], minlength=start.size - 1)
        often = np.repeat(by_row, length) * chance
        parts.append(pd.DataFrame({"pair": np.repeat(origin, length) * n + target, "direct": often}))
    both = pd.concat(parts, ignore_index=True)
    pair, place = np.unique(both["pair"].to_numpy(np.int64), return_inverse=True)
    total = np.bincount(place, both["direct"].to_numpy(float), minlength=pair.size)
    kept = total > 0.0
    return pd.DataFrame({"start": pair[kept] // max(n, 1), "unit": pair[kept] % max(n, 1), "direct": total[kept]})


def _escalations(facility: Facility, chance: Floats) -> Floats:
    """How often each unit starts a cascade, exactly, shape (n_units,). [1/yr]"""
    net = facility.network
    often = facility.sources["frequency"].to_numpy(float) * np.einsum("sc,sc->s", chance, net.class_probability)
    return _by_unit(net.source_unit, often, len(facility.units))


def _with_direct(found: pd.DataFrame, direct: pd.DataFrame) -> pd.DataFrame:
    """Add to the sampled failures those that a primary event alone brings about."""
    table = found.merge(direct, on=["start", "unit"], how="outer")
    table = table.fillna({"direct": 0.0, "frequency": 0.0, "standard_error": 0.0, "order": 1})
    table["frequency"] += table["direct"]
    return table.astype({"start": int, "unit": int, "order": int})


def _pairs(facility: Facility, found: pd.DataFrame, started: Floats) -> pd.DataFrame:
    units = facility.units
    start, unit = found["start"].to_numpy(int), found["unit"].to_numpy(int)
    ids, enterprise = units["unit_id"].to_numpy(object), units["enterprise_id"].to_numpy(object)
    x, y, radius = (units[name].to_numpy(float) for name in ("x", "y", "radius_m"))
    out = pd.DataFrame({"from_unit": ids[start], "to_unit": ids[unit]})
    out = out.merge(facility.edges.drop(columns="distance_m"), on=["from_unit", "to_unit"], how="left")
    out = out.fillna({"heat_load_kw_m2": 0.0, "overpressure_kpa": 0.0})
    gap = np.hypot(x[start] - x[unit], y[start] - y[unit]) - radius[start] - radius[unit]
    out["distance_m"] = np.maximum(gap, 0.0)
    columns = {"direct": "direct_probability", "frequency": "probability", "standard_error": "standard_error"}
    for name, title in columns.items():
        out[title] = found[name].to_numpy(float) / started[start]
    out["order"] = found["order"]
    out["time_min"] = found["time"] / 60.0
    out["frequency"] = found["frequency"]
    out["cross_enterprise"] = enterprise[start] != enterprise[unit]
    return out.sort_values(["frequency", "from_unit", "to_unit"], ascending=[False, True, True], ignore_index=True)


def _chains(found: pd.DataFrame, started: Floats) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "order": found["order"].astype(int),
            "units": found["units"].astype(object),
            "time_min": found["time"] / 60.0,
            "probability": found["frequency"] / started[found["start"].to_numpy(int)],
            "frequency": found["frequency"],
            "standard_error": found["standard_error"],
        }
    )
    return table.sort_values(["frequency", "units"], ascending=[False, True], ignore_index=True)


def _units(
    facility: Facility, found: pd.DataFrame, started: Floats, pairs: pd.DataFrame, escalations: Floats
) -> pd.DataFrame:
    ids = facility.units["unit_id"].tolist()
    n = len(ids)
    suffered = _by_unit(found["unit"], found["frequency"], n)
    caused = _by_unit(found["start"], found["frequency"], n)
    table = pd.DataFrame(
        {
            "unit_id": ids,
            "primary_frequency": started,
            "secondary_frequency": suffered,
            "standard_error": np.sqrt(_by_unit(found["unit"], found["standard_error"] ** 2, n)),
            "expected_failures_caused": np.divide(caused, started, out=np.zeros(n), where=started > 0.0),
            "domino_out": escalations,
            "domino_in": suffered,
        }
    )
    return table.merge(graph_metrics(ids, pairs), on="unit_id")


def _secondary(facility: Facility, units: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "event_id": facility.units["secondary"],
            "unit_id": units["unit_id"],
            "frequency": units["secondary_frequency"],
        }
    )
    return table[(table["frequency"] > 0.0) & (table["event_id"] != "")].reset_index(drop=True)
