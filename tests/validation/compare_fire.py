"""Measured fires beside ours: jet fires, pool and trench fires, and printed view factors."""

import csv
import functools
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.fire.jet_fire import JetFire
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.fire.pool_flame import dry_air_density, flame_drag, flame_surface
from parkrisk.models.fire.radiation import cylinder_view_factor
from parkrisk.models.fire.trench_fire import TrenchFire
from tests.validation.measurements import Comparison, DataSet, Pair, measured

#: British natural gas.
_GAS = {"molar_mass": 0.0169, "heat_capacity_ratio": 1.3, "heat_of_combustion": 5.0e7, "duration": 600.0}
#: Heats of combustion. [J/kg]
_HEAT = {"LNG": 5.0e7, "diesel": 4.24e7, "gasoline": 4.37e7, "kerosene": 4.3e7, "LPG": 4.6e7, "LNG on water": 5.0e7}
_CAS = {"LNG": "74-82-8", "LNG on water": "74-82-8", "LPG": "68476-85-7", "gasoline": "86290-81-5"}
_LNG_VAPOUR = 1.76  # density at the boiling point [kg/m³]
_RATES = {"gasoline": 0.055, "kerosene": 0.039}  # of large pools [kg/(m²·s)]

Row = dict[str, str]


def _number(row: Row, name: str, default: float = math.nan) -> float:
    """Read an optional cell."""
    text = (row.get(name) or "").strip()
    return default if text in ("", "NaN") else float(text)


# --- jets -----------------------------------------------------------------------------------------------------------


def johnson(folder: Path) -> Comparison:
    """Radiometers beside horizontal natural-gas jet fires; the angle of the wind counts from the jet towards -y."""
    pairs, left_out = [], []
    for row in measured("jetfire_johnson_ng_radiometers.csv", folder):
        needed = [
            _number(row, name) for name in ("mdot_kg_s", "d_orifice_m", "T_stag_K", "u_wind_m_s", "x_m", "q_kW_m2")
        ]
        if any(math.isnan(value) for value in needed):
            left_out.append(f"{row['test']} {row['radiometer']}: a cell is empty")
            continue
        mass_flow, hole, stagnation, wind, x, observed = needed
        y, below = _number(row, "y_crosswind_m", 0.0), -_number(row, "z_rel_to_release_m", 0.0)
        to_jet = math.radians(_number(row, "wind_to_release_deg", 0.0))
        fire = JetFire(
            mass_flow=mass_flow,
            hole_diameter=hole,
            stagnation_temperature=stagnation,
            weather=Weather(wind, "D", _number(row, "T_amb_K", 288.15), relative_humidity=_number(row, "RH", 0.7)),
            release_height=max(below, 0.0),
            wind_angle=math.remainder(to_jet, 2.0 * math.pi),
            **_GAS,
        )
        flux = fire.heat_flux(math.hypot(x, y), math.atan2(y, x) + to_jet, max(-below, 0.0))
        pairs.append(Pair(row["test"], row["radiometer"], observed, float(flux) / 1e3))
    return Comparison("jetfire_johnson", "heat flux", "kW/m²", tuple(pairs), tuple(left_out))


def jet_lengths(folder: Path) -> Comparison:
    """Lengths of horizontal natural-gas jet flames."""
    pairs = []
    for row in measured("jetfire_dnvgl_ng_length.csv", folder):
        fire = JetFire(
            mass_flow=float(row["mdot_kg_s"]),
            hole_diameter=float(row["d_orifice_m"]),
            stagnation_temperature=288.15,
            weather=Weather(5.0, "D", 288.15),
            **_GAS,
        )
        pairs.append(Pair(f"{row['mdot_kg_s']} kg/s", "", float(row["flame_length_m"]), fire.length))
    return Comparison("jetfire_dnvgl_length", "flame length", "m", tuple(pairs))


# --- pools ----------------------------------------------------------------------------------------------------------


@functools.cache
def _conditions() -> dict[str, Row]:
    """Conditions of the known trials; they stand beside this file, whatever folder the measurements come from."""
    lines = (Path(__file__).parent / "pool_fire_conditions.csv").read_text(encoding="utf-8").splitlines()
    return {row["trial"]: row for row in csv.DictReader(line for line in lines if not line.startswith("#"))}


def _weather(row: Row) -> Weather:
    kelvin = float(row["air_temperature_c"]) + 273.15
    return Weather(float(row["wind_m_s"]), "D", kelvin, float(row["air_pressure_pa"]), float(row["relative_humidity"]))


def _trench(row: Row) -> TrenchFire:
    return TrenchFire(
        float(row["length_m"]),
        float(row["width_m"]),
        float(row["burning_rate_kg_m2_s"]),
        _HEAT[row["fuel"]],
        600.0,
        _weather(row),
    )


def _pool(row: Row) -> PoolFire:
    surface = flame_surface(_CAS.get(row["fuel"], ""))
    rate, heat = float(row["burning_rate_kg_m2_s"]), _HEAT[row["fuel"]]
    return PoolFire(float(row["diameter_m"]), rate, heat, 600.0, _weather(row), *surface)


def _tables(name: str, folder: Path) -> dict[str, dict[int, dict[str, float]]]:
    """Long tables of (file, row, column, value) as file, row, column: value; text and empty values are skipped."""
    out: dict[str, dict[int, dict[str, float]]] = {}
    for row in measured(name, folder):
        value = _number(row, "value")
        if not math.isnan(value):
            out.setdefault(row["file"], {}).setdefault(int(row["row"]), {})[row["column"]] = value
    return out


_BGC = "bgc_gri_lng_poolfire.csv"
_SECTORS = (("Upwind", "r-up", math.pi), ("Lateral", "r-lat", 0.5 * math.pi), ("Downwind", "r-down", 0.0))


def bgc_flux(folder: Path) -> Comparison:
    """Radiometers around LNG trench fires, by sector; their distance is the slant one from the middle of the trench."""
    pairs, left_out = [], []
    for name, rows in _tables(_BGC, folder).items():
        trial, found, _ = name.partition("_HF2")
        if not found:
            continue
        if trial not in _conditions():
            left_out.append(f"{trial}: its conditions are not known")
            continue
        conditions = _conditions()[trial]
        fire, height = _trench(conditions), float(conditions["receptor_height_m"])
        for row in rows.values():
            for sector, column, angle in _SECTORS:
                if row.get(sector, 0.0) > 0.0 and row.get(column, 0.0) > height:
                    flux = fire.heat_flux(math.sqrt(row[column] ** 2 - height**2), angle, height)
                    pairs.append(Pair(trial, f"{sector} {row[column]} m", row[sector], float(flux) / 1e3))
    return Comparison("bgc_gri_poolfire_flux", "heat flux", "kW/m²", tuple(pairs), tuple(left_out))


def _bgc_flame(name: str, quantity: str, unit: str, column: str, value: Callable[[TrenchFire], float]) -> DataSet:
    def compare(folder: Path) -> Comparison:
        pairs, left_out = [], []
        for file, rows in _tables(_BGC, folder).items():
            trial, found, rest = file.partition("_HF")
            if not found or rest:
                continue
            if trial not in _conditions():
                left_out.append(f"{trial}: its conditions are not known")
            elif 0 in rows and column in rows[0]:
                pairs.append(Pair(trial, "", rows[0][column], value(_trench(_conditions()[trial]))))
        return Comparison(name, quantity, unit, tuple(pairs), tuple(left_out))

    return DataSet(name, (_BGC,), compare)


_CERTEC = "certec_gasoline_diesel_poolfire.csv"


def _certec(folder: Path) -> Iterable[tuple[str, dict[str, float], Row | None]]:
    """Trials with a radiometer: name, first row (both rows are the same mean) and conditions."""
    for name, rows in _tables(_CERTEC, folder).items():
        match = re.fullmatch(r"(CERTEC_\d+)_D[\d.]+_rad", name)
        if match and rows:
            yield match[1], rows[min(rows)], _conditions().get(match[1])


def certec_flux(folder: Path) -> Comparison:
    """Radiometer downwind of diesel pool fires."""
    pairs, left_out = [], []
    for trial, row, conditions in _certec(folder):
        if conditions is None:
            left_out.append(f"{trial}: its conditions are not known")
        elif not conditions["receptor_distance_m"]:
            left_out.append(
                f"{trial}: where the radiometer stood is not known; at the 15 m of the source the fire would have to "
                "radiate 0.7 of its heat"
            )
        elif row.get("kW/m2", 0.0) > 0.0:
            downwind = float(conditions["wind_from_deg"]) + 180.0
            angle = math.radians(float(conditions["receptor_bearing_deg"]) - downwind)
            height = float(conditions["receptor_height_m"])
            flux = _pool(conditions).heat_flux(float(conditions["receptor_distance_m"]), angle, height)
            pairs.append(Pair(trial, "", row["kW/m2"], float(flux) / 1e3))
    return Comparison("certec_poolfire_flux", "heat flux", "kW/m²", tuple(pairs), tuple(left_out))


def certec_length(folder: Path) -> Comparison:
    """Flame lengths of diesel pool fires."""
    pairs, left_out = [], []
    for trial, row, conditions in _certec(folder):
        if conditions is None:
            left_out.append(f"{trial}: its conditions are not known")
        elif row.get("m", 0.0) > 0.0:
            pairs.append(Pair(trial, "", row["m"], _pool(conditions).length))
    return Comparison("certec_poolfire_length", "flame length", "m", tuple(pairs), tuple(left_out))


def montoir_flux(folder: Path) -> Comparison:
    """Radiometers around LNG pool fires of 35 m."""
    pairs, left_out = [], set()
    for row in measured("montoir_lng_poolfire_flux.csv", folder):
        trial = f"Montoir_{row['test']}_{row['phase']}"
        if trial not in _conditions():
            left_out.add(f"{trial}: its conditions are not known")
            continue
        conditions = _conditions()[trial]
        angle = math.radians(float(row["bearing_deg"]) - float(conditions["wind_from_deg"]) - 180.0)
        flux = _pool(conditions).heat_flux(float(row["r_m"]), angle, float(conditions["receptor_height_m"]))
        note = f"{row['bearing_deg']}° {row['r_m']} m"
        pairs.append(Pair(trial, note, float(row["q_kW_m2"]), float(flux) / 1e3))
    return Comparison("montoir_poolfire_flux", "heat flux", "kW/m²", tuple(pairs), tuple(sorted(left_out)))


def _drag(fire: PoolFire) -> float:
    return flame_drag(fire.diameter, fire.weather.wind_speed, _LNG_VAPOUR, dry_air_density(fire.weather))


def _montoir_flame(name: str, quantity: str, unit: str, column: str, value: Callable[[PoolFire], float]) -> DataSet:
    def compare(folder: Path) -> Comparison:
        pairs, left_out = [], []
        for row in measured("montoir_lng_poolfire_flame.csv", folder):
            trial = f"Montoir_{row['test']}_{row['phase']}"
            observed = _number(row, column)
            if trial not in _conditions():
                left_out.append(f"{trial}: its conditions are not known")
            elif not math.isnan(observed):
                pairs.append(Pair(trial, "", observed, value(_pool(_conditions()[trial]))))
        return Comparison(name, quantity, unit, tuple(pairs), tuple(left_out))

    return DataSet(name, ("montoir_lng_poolfire_flame.csv",), compare)


def emissive_powers(folder: Path) -> Comparison:
    """Surface emissive powers: the middle of the measured band, in a wind of 6 m/s as most of the trials had."""
    pairs, left_out = [], []
    for row in measured("poolfire_sep_raj_mudan.csv", folder):
        fuel, diameter = row["fuel"], _number(row, "D_m")
        rate = _number(row, "burn_rate", _RATES.get(fuel, math.nan))
        if fuel not in _HEAT or math.isnan(rate) or math.isnan(diameter):
            left_out.append(f"{row['test']}: no round pool of a known fuel and burning rate")
            continue
        surface = flame_surface(_CAS.get(fuel, ""))
        fire = PoolFire(diameter, rate, _HEAT[fuel], 600.0, Weather(6.0, "D", 288.15), *surface)
        middle = math.sqrt(float(row["sep_low"]) * float(row["sep_high"]))
        pairs.append(Pair(row["test"], fuel, middle, fire.emissive_power / 1e3))
    return Comparison("poolfire_emissive_power", "emissive power", "kW/m²", tuple(pairs), tuple(left_out))


# --- view factors ---------------------------------------------------------------------------------------------------


def view_factors(folder: Path) -> Comparison:
    """Printed view factors of upright cylinders, each plus 1: so a ratio of 1.001 is an error of 0.001 or less."""
    pairs = []
    for row in measured("viewfactor_vertical_cylinder.csv", folder):
        x, length = float(row["X_over_R"]), float(row["L_over_R"])
        vertical, horizontal, _ = cylinder_view_factor(x, 0.0, 1.0, length)
        for ours, column in ((vertical, "F_vertical"), (horizontal, "F_horizontal")):
            printed = _number(row, column)
            if not math.isnan(printed):
                pairs.append(Pair(f"X/R {x}", f"{column}, L/R {length}", 1.0 + printed, 1.0 + float(ours)))
    return Comparison("viewfactors", "1 + view factor", "-", tuple(pairs))


#: Distance and length over radius and tilt [deg] of the Yellow Book's tilted cylinders, and what is printed of them.
_TILTED = {
    "YB 6.6.3": (100.0 / 21.2225, 46.7725 / 21.2225, 50.8286),
    "YB 6.6.2 step 29": (14.43166, 11.18, 2.00843),
}


def tilted_view_factors(folder: Path) -> Comparison:
    """View factors of tilted cylinders in the worked examples of the Yellow Book."""
    pairs = []
    for row in measured("tno_ccps_worked_examples.csv", folder):
        if row["id"] in _TILTED and row["quantity"] in ("Fv", "Fh", "Fmax"):
            x, length, tilt = _TILTED[row["id"]]
            ours = cylinder_view_factor(x, 0.0, 1.0, length, math.radians(tilt))
            predicted = float(ours[("Fv", "Fh", "Fmax").index(row["quantity"])])
            pairs.append(Pair(row["id"], row["quantity"], float(row["printed"]), predicted))
    return Comparison("viewfactors_tilted", "view factor", "-", tuple(pairs))


def _set(name: str, table: str, compare: Callable[[Path], Comparison]) -> DataSet:
    return DataSet(name, (table,), compare)


DATA_SETS = (
    _set("jetfire_johnson", "jetfire_johnson_ng_radiometers.csv", johnson),
    _set("jetfire_dnvgl_length", "jetfire_dnvgl_ng_length.csv", jet_lengths),
    _set("bgc_gri_poolfire_flux", _BGC, bgc_flux),
    _bgc_flame("bgc_gri_poolfire_length", "flame length", "m", "L_F", lambda fire: fire.flame_length),
    _bgc_flame("bgc_gri_poolfire_tilt", "tilt", "°", "tilt", lambda fire: math.degrees(fire.tilt)),
    _bgc_flame("bgc_gri_poolfire_drag", "drag ratio", "-", "drag", lambda fire: fire.drag),
    _set("certec_poolfire_flux", _CERTEC, certec_flux),
    _set("certec_poolfire_length", _CERTEC, certec_length),
    _set("montoir_poolfire_flux", "montoir_lng_poolfire_flux.csv", montoir_flux),
    _montoir_flame("montoir_poolfire_length", "flame length", "m", "length_m", lambda fire: fire.length),
    _montoir_flame("montoir_poolfire_tilt", "tilt", "°", "tilt_deg", lambda fire: math.degrees(fire.tilt)),
    _montoir_flame("montoir_poolfire_drag", "drag ratio", "-", "drag_ratio", _drag),
    _set("poolfire_emissive_power", "poolfire_sep_raj_mudan.csv", emissive_powers),
    _set("viewfactors", "viewfactor_vertical_cylinder.csv", view_factors),
    _set("viewfactors_tilted", "tno_ccps_worked_examples.csv", tilted_view_factors),
)
