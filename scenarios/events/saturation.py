"""Liquefied gases whose stated pressure is not that of their temperature: what is counted, and that it is said.

What a row means is decided in ``contents.state``; here stands what follows from it for a whole table and for edits.
"""

import contextlib
import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import pandas as pd

from parkrisk.models.constants import constants
from parkrisk.models.errors import ParkRiskError, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading import defaults

__all__ = ["UNDER_PRESSURE", "Doubt", "air_pressure", "assumed", "doubts", "follow"]

_ATMOSPHERE_KPA = 101.325

#: Kinds of equipment that is mostly under pressure: where none is given, what is assumed may be far from it.
UNDER_PRESSURE = (
    "pressure_vessel",
    "process_vessel",
    "reactor",
    "column",
    "heat_exchanger",
    "pump",
    "compressor",
    "pipeline",
    "loading_arm",
    "cylinder_store",
)

#: Source of a pressure that followed an edit of the temperature.
FOLLOWS = "vapour pressure at temperature_c, which was changed without a pressure; parkrisk rule, not from a standard"


@dataclass(frozen=True)
class Doubt:
    """A unit whose pressure says gas and whose row does not.

    Parameters
    ----------
    number : int
        Row of the table, 0: in no file.
    unit : str
    stated_kpa, vapour_kpa : float
        Gauge pressure as stated, and the vapour pressure. [kPa]
    gas_t, liquid_t : float
        Mass by either reading; NaN where a property is not known. [t]
    """

    number: int
    unit: str
    stated_kpa: float
    vapour_kpa: float
    gas_t: float
    liquid_t: float


def air_pressure(info: Mapping[str, Any]) -> float:
    """Pressure of the air of a park by its section, the standard one where that says nothing. [Pa]"""
    given = float(info.get("air_pressure_kpa") or math.nan)
    return 1e3 * (_ATMOSPHERE_KPA if math.isnan(given) else given)


def doubts(units: pd.DataFrame, air: float) -> list[Doubt]:
    """Find the units that are counted as liquid though their stated pressure [kPa(g)] would be that of a gas.

    Parameters
    ----------
    units : DataFrame
        Units table, defaults filled in.
    air : float
        Pressure of the air. [Pa]
    """
    from parkrisk.scenarios.events import contents  # heavy: only an input with units needs it

    columns = [[None if cell != cell else cell for cell in units[name].tolist()] for name in contents.STATE_OF]
    # Units that hold the same are in the same state: a farm has many of them.
    vapours: dict[tuple[Any, ...], float | None] = {}
    doubtful: dict[int, float] = {}
    for place, cells in enumerate(zip(*columns, strict=True)):
        if cells not in vapours:
            stated = dict(zip(contents.STATE_OF, cells, strict=True))
            known = stated["pressure_kpa"] is not None and stated["substance"]
            row = {name: math.nan if cell is None else cell for name, cell in stated.items()}
            vapours[cells] = _vapour(contents, row, air) if known else None
        vapour = vapours[cells]
        if vapour is not None:
            doubtful[place] = vapour
    rows = units.iloc[list(doubtful)]
    found = []
    for number, unit, vapour in zip(rows.index.tolist(), rows.to_dict("records"), doubtful.values(), strict=True):
        masses = (_mass(contents, each, air) for each in ({**unit, "fill_fraction": 0.0}, unit))
        found.append(Doubt(int(number), str(unit["unit_id"]), float(unit["pressure_kpa"]), vapour, *masses))
    return found


def _vapour(contents: Any, row: Mapping[str, Any], air: float) -> float | None:
    """Gauge vapour pressure of a unit whose stated pressure is below it. [kPa]"""
    try:
        state = contents.state(row, air)
    except ParkRiskError:
        return None  # nothing of it can be computed, and the result says so
    return (state.pressure - air) / 1e3 if state.in_doubt else None


def _mass(contents: Any, row: Mapping[Any, Any], air: float) -> float:
    try:
        return float(contents.vessel(row, air).mass) / 1e3
    except ParkRiskError:
        return math.nan


def assumed(units: pd.DataFrame, air: float, doubtful: Iterable[Doubt]) -> set[defaults.Assumption]:
    """Pressures that are counted instead of those stated, or of none, as rows of the assumptions table.

    Arguments as in `doubts`, and what it gives. Of equipment for which no pressure can be assumed nothing is computed.
    """
    from parkrisk.scenarios.events import contents  # heavy: only an input with units needs it

    found = {_listed(each.unit, each.vapour_kpa, defaults.COUNTED_LIQUID) for each in doubtful}
    for unit in units[units["pressure_kpa"].isna() & units["kind"].isin(UNDER_PRESSURE)].to_dict("records"):
        with contextlib.suppress(ParkRiskError):
            gauge = (contents.absolute_pressure(unit, air) - air) / 1e3
            found.add(_listed(unit["unit_id"], gauge, defaults.PRESSURE_NOT_GIVEN))
    return found


def _listed(unit: str, gauge_kpa: float, source: str) -> defaults.Assumption:
    table = schema.table("units")
    return defaults.listed(table, table.columns["pressure_kpa"], unit, round(gauge_kpa, 3), source)


def follow(
    before: pd.DataFrame, units: pd.DataFrame, edited: Mapping[str, Set[str]], air: float
) -> tuple[set[defaults.Assumption], list[Problem]]:
    """Let the pressure of liquefied gases follow an edited temperature, in place.

    Parameters
    ----------
    before, units : DataFrame
        Units table before and after the edit, defaults filled in.
    edited : mapping of str to set of str
        unit_id → columns that were edited.
    air : float
        [Pa]

    Returns
    -------
    set of tuple
        Rows of the assumptions table, one for each pressure that followed.
    list of Problem
        What was done; and an error for each liquid that was heated above its critical temperature, where there is no
        vapour pressure: its pressure must be given.

    Notes
    -----
    The pressure becomes the vapour pressure (or that of the air, if higher) where only the temperature was edited of a
    liquid at saturation (within the margin of `Substance.phase`, up and down) or below the new vapour pressure; and
    wherever an edit would turn a liquid into a gas without saying so by a fill of 0, another substance or kind.
    """
    assumptions, problems = set(), []
    old = {row["unit_id"]: row for row in before[before["unit_id"].isin(list(edited))].to_dict("records")}
    ids = units["unit_id"].tolist()
    for unit in sorted(old.keys() & set(ids)):
        place = ids.index(unit)
        new = units.iloc[place].to_dict()
        try:
            gauge = _followed(old[unit], new, edited[unit], air)
        except ParkRiskError:
            continue  # a property is not known: nothing of the unit can be computed, and the result says so
        if gauge is None:
            continue
        words = {"stated": f"{new['pressure_kpa']:g}", "celsius": f"{new['temperature_c']:g}"}
        if math.isnan(gauge):
            problems.append(problem("pressure_needed", "units", None, "pressure_kpa", unit, **words))
            continue
        units.loc[(units["unit_id"] == unit).to_numpy(), "pressure_kpa"] = gauge
        assumptions.add(_listed(unit, gauge, FOLLOWS))
        words["expected"] = f"{gauge:.0f}"
        problems.append(problem("pressure_follows", "units", None, "pressure_kpa", unit, **words))
    return assumptions, problems


def _followed(old: Mapping[Any, Any], new: Mapping[Any, Any], edited: Set[str], air: float) -> float | None:
    """Gauge pressure [kPa] of a unit after an edit; None: as it stands, NaN: nobody can know."""
    from parkrisk.models.substance.substances import find
    from parkrisk.scenarios.events import contents

    alike = all(old[name] == new[name] for name in ("temperature_c", "pressure_kpa"))
    if alike or math.isnan(new["pressure_kpa"]) or {"substance", "kind"} & edited or new["fill_fraction"] == 0.0:
        return None
    was = contents.state(old, air)
    if was.phase != "liquid":
        return None
    substance = find(new["substance"])
    if contents.temperature_of(new) >= substance.critical_temperature:
        return None if air + 1e3 * new["pressure_kpa"] >= substance.critical_pressure else math.nan
    now = contents.state(new, air)
    alone = "pressure_kpa" not in edited
    margin = constants("hazard_criteria")["saturation_margin"].value
    share = was.pressure / substance.vapour_pressure(contents.temperature_of(old))
    saturated = not was.in_doubt and margin <= share <= 1.0 / margin
    newly_in_doubt = now.in_doubt and not was.in_doubt
    if now.phase != "gas" and not (alone and (saturated or newly_in_doubt)):
        return None
    return round((contents.absolute_pressure({**new, "pressure_kpa": math.nan}, air) - air) / 1e3, 3)
