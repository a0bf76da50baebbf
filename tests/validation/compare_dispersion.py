"""Measured dispersion beside our clouds: arc maxima of field trials."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.concentration import largest_concentration, passive_plume, plume_concentration
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.release.expansion import expanded_liquid
from parkrisk.models.release.two_phase import flashing_flow
from parkrisk.models.substance.substances import find
from tests.validation.measurements import Comparison, DataSet, Pair, companion, measured

#: Pools of liquefied natural gas on water boil at this rate; T.K. Fannelop, US 49 CFR 193 practice. [kg/(m²·s)]
BOILING_ON_WATER = 0.167
#: Arc maxima below this are within the noise of the sensors. [mole fraction]
SENSOR_FLOOR = 0.003
LFL_METHANE = 0.05

LNG_FILES = ("lng_dispersion_arcmax.csv", "lng_dispersion_conditions.csv")


def prairie_grass(folder: Path) -> Comparison:
    """Ten-minute arc maxima of sulphur dioxide from a near-ground source, taken as a tracer."""
    pairs = []
    for row in measured("prairie_grass_arcmax.csv", folder):
        weather = Weather(
            float(row["u_2m_m_s"]),
            row["stability"],
            relative_humidity=0.3,
            roughness=float(row["z0_m"]),
            wind_height=2.0,
        )
        table = passive_plume(
            float(row["Q_SO2_kg_s"]),
            600.0,
            find("sulfur dioxide").molar_mass,
            weather,
            height=float(row["h_release_m"]),
            z=float(row["z_sensor_m"]),
        )
        predicted = plume_concentration(table, float(row["x_m"]), 0.0)
        pairs.append(Pair(row["run"], f"{row['x_m']} m", float(row["c_arcmax_kg_m3"]), float(predicted)))
    return Comparison("prairie_grass", "arc maximum", "kg/m³", tuple(pairs))


def lng_weather(trial: Mapping[str, str]) -> Weather:
    """Weather of a spill of liquefied natural gas."""
    return Weather(
        float(trial["u_ref_m_s"]),
        trial["stability"],
        air_temperature=float(trial["T_amb_K"]),
        relative_humidity=float(trial["rh_pct"]) / 100.0,
        roughness=float(trial["z0_m"]),
        wind_height=float(trial["z_ref_m"]),
    )


def lng_source(trial: Mapping[str, str]) -> VapourSource:
    """Pool of a spill of liquefied natural gas on water."""
    rate, duration = float(trial["rate_kg_s"]), float(trial["duration_s"])
    methane = find("methane")
    return VapourSource(
        substance=methane,
        mass=rate * duration,
        duration=duration,
        temperature=methane.boiling_temperature(101_325.0),
        diameter=math.sqrt(4.0 * rate / (math.pi * BOILING_ON_WATER)),
    )


def lng_trials(folder: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Conditions of the trials that count, and which do not."""
    rows = measured("lng_dispersion_conditions.csv", folder)
    unverified = [f"{row['trial']}: conditions are unverified" for row in rows if row["confidence"] == "M"]
    return [row for row in rows if row["confidence"] != "M"], unverified


def lng_arcs(folder: Path) -> tuple[dict[str, list[tuple[float, float]]], list[str]]:
    """Arc maxima per trial, distance [m] and mole fraction, and which do not count."""
    arcs: dict[str, list[tuple[float, float]]] = {}
    left_out = []
    for row in measured("lng_dispersion_arcmax.csv", folder):
        value = float(row["c_pct"]) / 100.0
        if value < SENSOR_FLOOR:
            left_out.append(f"{row['trial']} {row['x_m']} m: {row['c_pct']} % is below the sensor floor of 0.3 %")
        else:
            arcs.setdefault(row["trial"], []).append((float(row["x_m"]), value))
    return arcs, left_out


def lng_dispersion(folder: Path) -> Comparison:
    """Arc maxima at 1 m of methane from pools of liquefied natural gas."""
    trials, unverified = lng_trials(folder)
    arcs, below = lng_arcs(folder)
    pairs = []
    for trial in trials:
        at = arcs.get(trial["trial"], [])
        if not at:
            continue
        predicted = largest_concentration(
            lng_source(trial),
            lng_weather(trial),
            [x for x, _ in at],
            0.0,
            averaging_time=float(trial["t_avg_s"]),
            mole_fraction=True,
        )
        for (x, value), found in zip(at, predicted, strict=True):
            pairs.append(Pair(trial["trial"], f"{x:g} m", value, float(found), trial["obstructed"] == "1"))
    known = {trial["trial"] for trial in trials}
    missing = [f"{name}: no conditions" for name in sorted(set(arcs) - known) if not _named(name, unverified)]
    return Comparison("lng_dispersion", "arc maximum", "mole fraction", tuple(pairs), (*unverified, *missing, *below))


def _named(name: str, notes: list[str]) -> bool:
    return any(note.startswith(f"{name}:") for note in notes)


def distance_to(level: float, distance: list[float], value: list[float]) -> float:
    """Farthest distance at which values fall through a level, straight in the logarithms; NaN where they do not."""
    for near, far, high, low in zip(distance[-2::-1], distance[:0:-1], value[-2::-1], value[:0:-1], strict=True):
        if high >= level > low > 0.0:
            share = math.log(high / level) / math.log(high / low)
            return near * (far / near) ** share
    return math.nan


def lng_lfl_distance(folder: Path) -> Comparison:
    """Distance to the lower flammability limit, between arcs."""
    trials, unverified = lng_trials(folder)
    arcs, _ = lng_arcs(folder)
    pairs, left_out = [], list(unverified)
    for trial in trials:
        at = sorted(arcs.get(trial["trial"], []))
        observed = distance_to(LFL_METHANE, [x for x, _ in at], [value for _, value in at])
        if math.isnan(observed):
            left_out.append(f"{trial['trial']}: no arcs on both sides of 5 %")
            continue
        distance = np.geomspace(10.0, 5000.0, 800)
        predicted = largest_concentration(
            lng_source(trial),
            lng_weather(trial),
            distance,
            0.0,
            averaging_time=float(trial["t_avg_s"]),
            mole_fraction=True,
        )
        found = distance_to(LFL_METHANE, distance.tolist(), predicted.tolist())
        pairs.append(Pair(trial["trial"], "5 %", observed, found, trial["obstructed"] == "1"))
    return Comparison("lng_lfl_distance", "distance to 5 %", "m", tuple(pairs), tuple(left_out))


def ammonia_weather(trial: Mapping[str, str]) -> Weather:
    """Weather of an ammonia jet."""
    return Weather(
        float(trial["u_m_s"]),
        trial["stability"],
        air_temperature=float(trial["T_amb_K"]),
        air_pressure=1000.0 * float(trial["p_amb_kpa"]),
        relative_humidity=float(trial["rh_pct"]) / 100.0,
        roughness=float(trial["z0_m"]),
        wind_height=float(trial["z_ref_m"]),
        obukhov_length=1.0 / float(trial["inverse_L_per_m"]),
    )


def ammonia_source(trial: Mapping[str, str]) -> VapourSource:
    """Jet of an ammonia trial: flow of the measured rate out of the nozzle, expanded to the pressure of the air."""
    ammonia, outside = find("ammonia"), 1000.0 * float(trial["p_amb_kpa"])
    boiling = ammonia.boiling_temperature(outside)
    mist = float(trial["liquid_fraction"])
    latent = ammonia.heat_of_vaporisation(boiling)
    inside = boiling + (1.0 - mist) * latent / ammonia.liquid_heat_capacity(boiling)
    rate = float(trial["rate_kg_s"])
    flux = rate / (0.25 * math.pi * float(trial["exit_diameter_m"]) ** 2)
    pressure = brentq(
        lambda each: flashing_flow(ammonia, inside, each, outside).flux - flux,
        1.001 * ammonia.vapour_pressure(inside),
        5e6,
    )
    jet = expanded_liquid(ammonia, flashing_flow(ammonia, inside, pressure, outside), outside)
    return VapourSource(
        substance=ammonia,
        mass=rate * float(trial["duration_s"]),
        duration=float(trial["duration_s"]),
        temperature=jet.temperature,
        mist=jet.liquid_fraction,
        velocity=jet.velocity,
        height=float(trial["height_m"]),
    )


def desert_tortoise(folder: Path) -> Comparison:
    """Arc maxima at 1 m of a flashing ammonia jet."""
    (trial,) = [row for row in companion("desert_tortoise_conditions.csv", folder) if row["trial"] == "4"]
    pairs = []
    for row in measured("desert_tortoise4.csv", folder):
        predicted = largest_concentration(
            ammonia_source(trial),
            ammonia_weather(trial),
            float(row["x_m"]),
            0.0,
            float(row["z_m"]),
            averaging_time=float(trial["t_avg_s"]),
        )
        pairs.append(Pair("4", f"{row['x_m']} m", float(row["obs_kg_m3"]), float(predicted)))
    return Comparison("desert_tortoise", "arc maximum", "kg/m³", tuple(pairs))


DATA_SETS = (
    DataSet("lng_dispersion", LNG_FILES, lng_dispersion, ("lng_dispersion_wind_temp_profiles.csv",)),
    DataSet("lng_lfl_distance", LNG_FILES, lng_lfl_distance),
    DataSet("desert_tortoise", ("desert_tortoise4.csv",), desert_tortoise, ("desert_tortoise_conditions.csv",)),
    DataSet("prairie_grass", ("prairie_grass_arcmax.csv",), prairie_grass),
)
