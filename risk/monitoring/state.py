"""The state of a park at one time: a colour for every enterprise, and the risk with what is read now.

The static assessment stays as it is; nothing of the state enters it, its grade or its digest.
"""

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from parkrisk.risk.assess import assess
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.grading.quantities import counted_people
from parkrisk.risk.monitoring.levels import COLOURS, LevelRule, levels
from parkrisk.risk.result import Assessment, park_summary, plain
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.changing.readings import MEASURED, park_now
from parkrisk.scenarios.facility.graph import unit_table

__all__ = ["NOTE", "MonitoringState", "monitoring_state"]

NOTE = {
    "mark": "M",
    "zh": "当前颜色按本引擎自拟的临时规则（monitoring_levels.csv）给出，非官方，与静态等级分开。",
    "en": "Current colours follow this engine's own provisional rules (monitoring_levels.csv); they are unofficial and "
    "apart from the static grade.",
}
#: Levels of major hazards whose safeguards and special work weigh more.
_WEIGHTY = (1, 2)
#: How far the area that is drawn for an enterprise reaches beyond its units. [m]
_AROUND = 30.0


@dataclass(frozen=True)
class MonitoringState:
    """The state of a park at one time, beside its static assessment.

    Parameters
    ----------
    at : datetime
        Local time.
    enterprises : DataFrame
        One row per enterprise with units in service: enterprise_id, name, colour, at_least ("yes": something unknown
        might make it worse), rules (ids of those that fired), reason_zh, reason_en, units (concerned), unread (units
        that need a reading and have none in force), pll_static, pll_now [1/yr], risk_ratio, risk_known
        ("no": from below).
    findings : DataFrame
        One row per enterprise and rule: enterprise_id, rule_id, colour, measure, value, comparison, limit, fired
        ("yes", "no", "unknown"), mark.
    units : DataFrame
        One row per unit in service: unit_id, enterprise_id, time of the newest reading, age_min, state ("fresh",
        "stale", "none"), needed ("yes", "no"); values in force: fill_fraction, temperature_c, pressure_kpa, gas_alarm,
        barrier_out, work_permit.
    targets : DataFrame
        target_id, name, static, now [1/yr], ratio, limit, status_static, status_now.
    static, now : Assessment
        The static one as it was given; the one of the park in which the readings hold.
    """

    at: dt.datetime
    enterprises: pd.DataFrame
    findings: pd.DataFrame
    units: pd.DataFrame
    targets: pd.DataFrame
    static: Assessment = field(repr=False)
    now: Assessment = field(repr=False)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {name: getattr(self, name) for name in ("enterprises", "findings", "units", "targets")}

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        digests = {name: getattr(self, name).provenance["result_digest"] for name in ("static", "now")}
        content = {
            "park": park_summary(self.static.park),
            "at": self.at.isoformat(),
            "note": NOTE,
            **self.tables(),
            "pll": {"static": self.static.pll, "now": self.now.pll},
            "provenance": {"version": self.static.provenance["version"], "result_digests": digests},
        }
        content["units"] = self.units.assign(time=pd.Series(_texts(self.units["time"]), dtype=object))
        converted: dict[str, Any] = plain(content)
        return converted

    def geojson(self) -> dict[str, Any]:
        """Enterprises by colour in WGS 84: the hull round the units of each, drawn 30 m wider."""
        to_degrees = pyproj.Transformer.from_crs(self.static.park.crs, "EPSG:4326", always_xy=True)
        units = self.static.park.tables["units"]
        features = []
        for row in self.enterprises.to_dict("records"):
            own = units.loc[units["enterprise_id"] == row["enterprise_id"], ["x", "y"]].to_numpy(dtype=np.float64)
            area = shapely.MultiPoint(own).convex_hull.buffer(_AROUND)
            shown = shapely.transform(area, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])))
            geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(shown)))
            features.append({"type": "Feature", "properties": plain(row), "geometry": geometry})
        return {"type": "FeatureCollection", "at": self.at.isoformat(), "features": features}

    def save(self, folder: str | Path) -> Path:
        """Write ``state.json``, ``state.geojson`` and ``state_*.csv``; files of the same names are replaced."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, content in (("state.json", self.to_dict()), ("state.geojson", self.geojson())):
            write_json(target / name, content)
        for name, table in self.tables().items():
            path = target / f"state_{name}.csv"
            write_table(path, table)
        return target


def monitoring_state(
    static: Assessment,
    readings: pd.DataFrame,
    at: dt.datetime,
    *,
    rules: str | None = None,
    level_rules: Sequence[LevelRule] | None = None,
    progress: Progress | None = None,
) -> MonitoringState:
    """Find the colour of every enterprise at one time, and the risk with what is read then.

    Parameters
    ----------
    static : Assessment
    readings : DataFrame
        As `parkrisk.scenarios.changing.readings.read_readings` gives them.
    at : datetime
        Time of the state, local, without a zone; the engine has no clock of its own.
    rules : str, optional
        As ``static`` was asked for.
    level_rules : sequence of LevelRule, optional
        Those that ship when left out.
    progress : callable, optional

    Returns
    -------
    MonitoringState

    Raises
    ------
    InputProblems
        As `parkrisk.scenarios.changing.readings.park_now`.

    Notes
    -----
    Of each source of a unit the newest reading counts, unless it is older than the rules allow. Every unit of a major
    hazard, or of what may be one, needs a reading; so does one that had readings; and an enterprise without such units
    needs one at least. Without them it is not blue: unknown, or, where a rule fires, that colour at least.
    """
    chosen = levels() if level_rules is None else tuple(level_rules)
    (age,) = (rule for rule in chosen if rule.measure == "reading_age")
    newest = readings.sort_values("time", kind="stable").drop_duplicates(["unit_id", "source"], keep="last")
    minutes = (pd.Timestamp(at) - newest["time"]).dt.total_seconds() / 60.0
    fresh = newest[~np.array([age.fires(each) for each in minutes], dtype=np.bool_)]
    park = park_now(static.park, fresh)
    now = static
    if park is not static.park:
        seed = static.provenance["seed"]
        now = assess(park, settings=static.settings, rules=rules, seed=seed, previous=static, progress=progress)
    units = _units(static, newest, fresh, at)
    findings, enterprises = _judged(static, now, units, fresh, chosen)
    return MonitoringState(at, enterprises, findings, units, _targets(static, now), static, now)


def _texts(times: "pd.Series[Any]") -> list[str | None]:
    return [None if pd.isna(time) else pd.Timestamp(time).isoformat() for time in times]


def _levels_of(static: Assessment) -> dict[str, tuple[str, Any]]:
    """Hazard unit → whether it is a major hazard ("yes", "no", "unknown"), and its level."""
    table = static.hazards.units
    return dict(zip(table["hazard_unit_id"], zip(table["major_hazard"], table["level"], strict=True), strict=True))


def _units(static: Assessment, newest: pd.DataFrame, fresh: pd.DataFrame, at: dt.datetime) -> pd.DataFrame:
    """Every unit in service with what is read of it."""
    units = static.park.tables["units"]
    served = units["unit_id"].isin(set(unit_table(units)["unit_id"]))
    columns = ["unit_id", "enterprise_id", "hazard_unit_id", "max_fill_fraction"]
    table = units.loc[served, columns].reset_index(drop=True)
    hazards = _levels_of(static)
    major = table["hazard_unit_id"].map(lambda name: hazards.get(name, ("unknown", None))[0] != "no")
    level = table["hazard_unit_id"].map(lambda name: hazards.get(name, ("unknown", None))[1])
    table["time"] = newest.groupby("unit_id")["time"].max().reindex(table["unit_id"]).to_numpy()
    table["age_min"] = (pd.Timestamp(at) - table["time"]).dt.total_seconds() / 60.0
    # A source that fell silent is not made up for by another one of the unit.
    silent = set(newest.loc[~newest.index.isin(fresh.index), "unit_id"])
    state = np.where(table["time"].isna(), "none", np.where(table["unit_id"].isin(silent), "stale", "fresh"))
    table["state"] = state.astype(object)
    table["needed"] = np.where(major | (table["state"] == "stale"), "yes", "no").astype(object)
    # A level that is not known may be the first.
    table["weighty"] = major & (level.isin(_WEIGHTY) | level.isna())
    rows = fresh.sort_values("time", kind="stable").groupby("unit_id")
    for column in MEASURED:
        table[column] = rows[column].last().reindex(table["unit_id"]).to_numpy()
    table["gas_alarm"] = rows["gas_alarm"].max().reindex(table["unit_id"]).to_numpy()
    table["overfilled"] = table["fill_fraction"] > table["max_fill_fraction"]
    for column in ("barrier_out", "work_permit"):
        told = {unit: ";".join(sorted(set(values) - {""})) for unit, values in rows[column]}
        table[column] = pd.Series([told.get(unit, "") for unit in table["unit_id"]], dtype=object)
    return table.drop(columns=["hazard_unit_id", "max_fill_fraction"])


def _judged(
    static: Assessment, now: Assessment, units: pd.DataFrame, fresh: pd.DataFrame, rules: Sequence[LevelRule]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Findings by enterprise and rule, and the colour of every enterprise."""
    names = static.park.tables["enterprises"].set_index("enterprise_id")["name"].to_dict()
    findings: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for enterprise, own in units.groupby("enterprise_id", sort=True):
        readings = fresh[fresh["unit_id"].isin(own["unit_id"])]
        values, concerned = _measures(own, readings)
        risk = _risk(static, now, str(enterprise), own)
        values["risk_ratio"], known = risk["risk_ratio"], risk["risk_known"] == "yes"
        told = [(rule, finding_of(rule, values[rule.measure], known)) for rule in rules if rule.measure in values]
        findings += [{"enterprise_id": enterprise, **finding} for _, finding in told]
        fired = [rule for rule, finding in told if finding["fired"] == "yes"]
        unread = own.loc[(own["needed"] == "yes") & (own["state"] != "fresh"), "unit_id"].tolist()
        if readings.empty and not unread:
            unread = own["unit_id"].tolist()
        rows.append(
            {
                "enterprise_id": enterprise,
                "name": names[enterprise],
                **colour_of(fired, unread, known),
                "units": ";".join(sorted({unit for rule in fired for unit in concerned.get(rule.measure, ())})),
                "unread": ";".join(unread),
                **risk,
            }
        )
    return pd.DataFrame(findings), pd.DataFrame(rows)


def finding_of(rule: LevelRule, value: float, known: bool) -> dict[str, Any]:
    """Whether a rule fires; a risk that is known from below may be higher."""
    fired = "yes" if rule.fires(value) else "no"
    if rule.measure == "risk_ratio" and not known and fired == "no":
        fired = "unknown"
    names = ("rule_id", "colour", "measure", "comparison", "mark")
    return {**{name: getattr(rule, name) for name in names}, "value": value, "limit": rule.value, "fired": fired}


def _measures(own: pd.DataFrame, readings: pd.DataFrame) -> tuple[dict[str, float], dict[str, set[str]]]:
    """Measures of an enterprise, but for its risk, and the units that each of them is about."""
    weighty = set(own.loc[own["weighty"], "unit_id"])
    major = readings["unit_id"].isin(weighty)
    out, permit = readings["barrier_out"] != "", readings["work_permit"] != ""
    chosen = {
        "gas_alarms": readings["gas_alarm"] >= 1.0,
        "gas_alarms_level_2": readings["gas_alarm"] >= 2.0,
        "barriers_out": out,
        "barriers_out_major_1_2": out & major,
        "work_permits": permit,
        "work_permits_major_1_2": permit & major,
    }
    values = {name: float(rows.sum()) for name, rows in chosen.items()}
    concerned = {name: set(readings.loc[rows, "unit_id"]) for name, rows in chosen.items()}
    full = set(own.loc[own["overfilled"], "unit_id"])
    return {**values, "overfilled": float(len(full))}, {**concerned, "overfilled": full}


def _risk(static: Assessment, now: Assessment, enterprise: str, own: pd.DataFrame) -> dict[str, Any]:
    """Expected fatalities by the sources of an enterprise, and whether the ratio is known or from below only."""
    before, after = (float(each.societal.pll_by_enterprise.get(enterprise, 0.0)) for each in (static, now))
    ratio = after / before if before > 0.0 else (math.inf if after > 0.0 else 1.0)
    units = set(own["unit_id"])
    lost = {*static.events.not_computed, *now.events.not_computed} & units
    relief = own["barrier_out"].str.contains("relief_valve", regex=False).any()
    known = "no" if lost or relief or not counted_people(static.park) else "yes"
    return {"pll_static": before, "pll_now": after, "risk_ratio": ratio, "risk_known": known}


def colour_of(fired: Sequence[LevelRule], unread: Sequence[str], known: bool) -> dict[str, Any]:
    """Colour with its reasons: the worst that fired; unknown where something is missing; blue."""
    complete = known and not unread
    worst = min((rule.colour for rule in fired), key=list(COLOURS).index, default="blue" if complete else "unknown")
    zh, en = [rule.title_zh for rule in fired], [rule.title_en for rule in fired]
    if unread:
        zh.append(f"{len(unread)} 台设备没有有效读数")
        en.append(f"{len(unread)} units without a reading in force")
    if not known:
        zh.append("部分后果或安全阀停用的影响未能计算，或人口未全部填报，风险只知下限")
        en.append(
            "some events, or the loss of a relief valve, could not be computed, or people are not all given: "
            "risk is known from below"
        )
    return {
        "colour": worst,
        "at_least": "yes" if fired and not complete else "no",
        "rules": ";".join(rule.rule_id for rule in fired),
        "reason_zh": "；".join(zh) or "未触发任何规则",
        "reason_en": "; ".join(en) or "no rule fired",
    }


def _targets(static: Assessment, now: Assessment) -> pd.DataFrame:
    """Individual risk at the targets, static and now, side by side."""
    table = static.targets[["target_id", "name"]].copy()
    table["static"], table["now"] = static.targets["individual_risk"], now.targets["individual_risk"]
    table["ratio"] = table["now"] / table["static"].where(table["static"] > 0.0)
    table["limit"] = static.targets["limit"]
    table["status_static"], table["status_now"] = static.targets["status"], now.targets["status"]
    return table
