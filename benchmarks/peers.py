"""Other open programs on the same measurements, with the same inputs, in the same run."""

import importlib.util
import json
import math
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from parkrisk.models.cloud.vapour import VapourSource
from tests.validation.compare_dispersion import (
    ammonia_source,
    ammonia_weather,
    lng_arcs,
    lng_source,
    lng_trials,
    lng_weather,
)
from tests.validation.measurements import Comparison, Pair, companion, measured

#: Names a Python that has HyRAM+, which is GPL-3 and therefore runs outside.
HYRAM_PYTHON = "PARKRISK_HYRAM_PYTHON"

_GAS_CONSTANT = 8.314462618
_JET_COLUMNS = ("T_stag_K", "p_stag_barg", "T_amb_K", "d_orifice_m", "mdot_kg_s", "RH")


def _material(source: VapourSource) -> Any:
    from slabx.thermo.base import Substance

    substance, boiling = source.substance, source.temperature
    return Substance(
        name=substance.name_en,
        mw=substance.molar_mass,
        cp_vapour=substance.gas_heat_capacity(max(boiling, 200.0)),
        cp_liquid=substance.liquid_heat_capacity(boiling),
        dh_vap=substance.heat_of_vaporisation(boiling),
        T_boil=boiling,
        rho_liquid=substance.liquid_density(boiling),
    )


def _air(weather: Any) -> Any:
    from slabx.submodels.atmosphere import Atmosphere

    stability = {"stability": weather.stability}
    if weather.obukhov_length is not None:
        stability = {"inv_L": 1.0 / weather.obukhov_length}
    return Atmosphere(
        u_ref=weather.wind_speed,
        z_ref=weather.wind_height,
        T=weather.air_temperature,
        rh=100.0 * weather.relative_humidity,
        z0=weather.roughness,
        p=weather.air_pressure,
        **stability,
    )


def slab_field(source: VapourSource, weather: Any, z: float, averaging_time: float, farthest: float) -> Any:
    """Concentration on the axis [mole fraction] over the distance by slabx (SLAB), a pool or a jet."""
    from slabx.core.plume import run_dispersion
    from slabx.core.source import EvaporatingPool, HorizontalJet
    from slabx.post.concentration import concentration_field
    from slabx.thermo.base import LegacyThermo, water_backend

    material, air = _material(source), _air(weather)
    if source.diameter > 0.0:
        area = 0.25 * math.pi * source.diameter**2
        release: Any = EvaporatingPool(substance=material, rate=source.rate, area=area, duration=source.duration)
    else:
        vapour = (1.0 - source.mist) * _GAS_CONSTANT * source.temperature / (weather.air_pressure * material.mw)
        volume = vapour + source.mist / material.rho_liquid
        release = HorizontalJet(
            substance=material,
            rate=source.rate,
            area=source.rate * volume / source.velocity,
            duration=source.duration,
            liquid_fraction=source.mist,
            height=source.height,
        )
    track, _ = run_dispersion(release, air, LegacyThermo(material), water_backend(), x_max=farthest, n_puff_steps=40)
    return concentration_field(track, air, z=z, t_avg=averaging_time, t_release=source.duration)


def _at(field: Any, x: float) -> float:
    inside = field.peak > 0.0
    return float(np.exp(np.interp(math.log(x), np.log(np.maximum(field.x[inside], 1e-3)), np.log(field.peak[inside]))))


def slab_lng(folder: Path) -> Comparison:
    """Arc maxima of the trials with liquefied natural gas by slabx."""
    arcs, _ = lng_arcs(folder)
    pairs = []
    for trial in lng_trials(folder)[0]:
        at = arcs.get(trial["trial"], [])
        if not at:
            continue
        field = slab_field(lng_source(trial), lng_weather(trial), 1.0, float(trial["t_avg_s"]), 2000.0)
        pairs += [Pair(trial["trial"], f"{x:g} m", value, _at(field, x), trial["obstructed"] == "1") for x, value in at]
    return Comparison("lng_dispersion", "arc maximum", "mole fraction", tuple(pairs))


def slab_ammonia(folder: Path) -> Comparison:
    """Arc maxima of the ammonia jet by slabx, its mole fractions at the temperature of the air."""
    (trial,) = (row for row in companion("desert_tortoise_conditions.csv", folder) if row["trial"] == "4")
    source, weather = ammonia_source(trial), ammonia_weather(trial)
    pairs = []
    for row in measured("desert_tortoise4.csv", folder):
        field = slab_field(source, weather, float(row["z_m"]), float(trial["t_avg_s"]), 5000.0)
        density = source.gas_density(weather)
        pairs.append(Pair("4", f"{row['x_m']} m", float(row["obs_kg_m3"]), density * _at(field, float(row["x_m"]))))
    return Comparison("desert_tortoise", "arc maximum", "kg/m³", tuple(pairs))


def hyram_johnson(folder: Path) -> Comparison:
    """Radiometers of horizontal jet fires by HyRAM+; it takes a mass flow only for a jet that is not choked."""
    rows = measured("jetfire_johnson_ng_radiometers.csv", folder)
    tests = list(dict.fromkeys(row["test"] for row in rows))
    asked = []
    for test in tests:
        of_test = [row for row in rows if row["test"] == test]
        first = {name: float(of_test[0][name]) for name in _JET_COLUMNS}
        asked.append(
            {
                "temperature": first["T_stag_K"],
                "pressure": 101_325.0 + 1e5 * first["p_stag_barg"],
                "air_temperature": first["T_amb_K"],
                "diameter": first["d_orifice_m"],
                "mass_flow": first["mdot_kg_s"],
                "humidity": first["RH"],
                "places": [
                    [float(row[name]) for name in ("x_m", "z_rel_to_release_m", "y_crosswind_m")] for row in of_test
                ],
            }
        )
    command = [os.environ[HYRAM_PYTHON], str(Path(__file__).with_name("hyram_jets.py"))]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    pairs = []
    for test, fluxes in zip(tests, json.loads(done.stdout), strict=True):
        for row, flux in zip([row for row in rows if row["test"] == test], fluxes, strict=True):
            pairs.append(Pair(test, row["radiometer"], float(row["q_kW_m2"]), flux))
    return Comparison("jetfire_johnson", "heat flux", "kW/m²", tuple(pairs))


#: Peer, data set, files it needs, comparison.
PEERS: tuple[tuple[str, str, tuple[str, ...], Any], ...] = (
    ("slabx", "lng_dispersion", ("lng_dispersion_arcmax.csv", "lng_dispersion_conditions.csv"), slab_lng),
    ("slabx", "desert_tortoise", ("desert_tortoise4.csv",), slab_ammonia),
    ("hyram", "jetfire_johnson", ("jetfire_johnson_ng_radiometers.csv",), hyram_johnson),
)


def installed(peer: str) -> bool:
    """Whether a peer can be run here."""
    if peer == "hyram":
        return HYRAM_PYTHON in os.environ
    return importlib.util.find_spec(peer) is not None


def comparisons(folder: Path) -> Mapping[str, Comparison]:
    """Every peer that is installed on every data set that is there, as "peer data_set"."""
    return {
        f"{data_set}_by_{peer}": compare(folder)
        for peer, data_set, files, compare in PEERS
        if installed(peer) and all((folder / name).is_file() for name in files)
    }
