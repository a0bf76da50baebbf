"""What one unit is: its size, content and state, as cells of the table ``units``."""

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import ndtr

from parkrisk.models.errors import MissingProperty, OutOfRange
from parkrisk.models.substance import substances
from parkrisk.scenarios.examples.surroundings import source
from parkrisk.scenarios.synthetic import recipe
from parkrisk.scenarios.synthetic.recipe import Row

__all__ = ["MAKERS", "pipeline", "refrigerated", "tank", "vessel", "vessel_size"]

_KELVIN, _AIR_KPA = 273.15, 101.325
_WARM = {"8002-05-9": 30}  # stored warm [°C]
_STORED = 20  # [°C]
_GAS_KPA = 400  # process gas [kPa gauge]
_COLD_KPA = 10

Unit = dict[str, Any]
_EMPTY: Unit = dict.fromkeys(
    ("diameter_m", "height_m", "length_m", "volume_m3", "fill_fraction", "max_fill_fraction", "pressure_kpa",
     "temperature_c", "mass_t", "hole_bore_mm", "hours_per_year", "flow_kg_s", "valve_spacing_m")
)  # fmt: skip


def _unit(kind: str, substance: Row, temperature: int, **cells: Any) -> Unit:
    apart = substance["toxic_or_lpg"] == "yes" and kind in ("pressure_vessel", "refrigerated_tank", "reactor")
    return {
        **_EMPTY,
        "kind": kind,
        "substance": substance["cas"],
        "substance_zh": substance["name_zh"],
        "substance_en": substance["name_en"],
        "temperature_c": temperature,
        "apart": apart,
        **cells,
    }


@functools.cache
def _vapour_kpa(cas: str, celsius: int) -> float:
    """Gauge vapour pressure, that of the air below if it is not known. [kPa]"""
    try:
        return substances.find(cas).vapour_pressure(celsius + _KELVIN) / 1e3 - _AIR_KPA
    except (MissingProperty, OutOfRange):
        return -_AIR_KPA


def _above_vapour(substance: Row, celsius: int, least: float) -> int:
    """Pressure that keeps a liquid liquid, a little above its vapour pressure. [kPa gauge]"""
    return max(round(least), math.ceil(1.02 * (_vapour_kpa(substance["cas"], celsius) + _AIR_KPA) - _AIR_KPA))


def _fill(rng: np.random.Generator) -> float:
    return round(recipe.number("fill_lowest") + recipe.number("fill_span") * float(rng.beta(4.0, 2.0)), 2)


@functools.cache
def _heights() -> tuple[list[float], list[float]]:
    table = source("tank_sizes.csv").astype({"diameter_m": float, "height_m": float})
    return table["diameter_m"].tolist(), table["height_m"].tolist()


def _cylinder(diameter: float, height: float) -> float:
    volume = math.pi / 4.0 * diameter**2 * height
    return round(volume, 1) if volume < 100.0 else float(round(volume))


def tank(substance: Row, family: str, level: float, rng: np.random.Generator) -> Unit:
    """Atmospheric tank whose diameter lies at a level (standard normal) of the measured distribution."""
    diameter = float(recipe.diameters(family, np.array([ndtr(level)]))[0])
    height = round(float(np.interp(diameter, *_heights())), 1)
    bore = 700 if diameter >= 60.0 else 400 if diameter >= 30.0 else 200
    sizes = {"diameter_m": diameter, "height_m": height, "volume_m3": _cylinder(diameter, height)}
    state = {"fill_fraction": _fill(rng), "max_fill_fraction": 0.9, "pressure_kpa": 0, "hole_bore_mm": bore}
    return _unit("atmospheric_tank", substance, _WARM.get(substance["cas"], _STORED), **sizes, **state)


def vessel_size(substance: Row, rng: np.random.Generator) -> Row:
    """Common size of spheres or bullets, whichever the substance is kept in."""
    found = [row for row in recipe.rows("vessel_sizes") if row["vessel"] == substance["vessel"]]
    weight = np.cumsum([float(row["weight"]) for row in found])
    return found[int(np.searchsorted(weight / weight[-1], rng.random(), side="right"))]


def vessel(substance: Row, size: Row, rng: np.random.Generator) -> Unit:
    """Sphere or bullet of a liquefied gas."""
    length = float(size["length_m"]) if size["length_m"] else None
    sizes = {"diameter_m": float(size["diameter_m"]), "height_m": length, "volume_m3": float(size["volume_m3"])}
    state = {
        "fill_fraction": min(_fill(rng), 0.85),
        "max_fill_fraction": 0.9,
        "pressure_kpa": _above_vapour(substance, _STORED, 50.0),
        "hole_bore_mm": 50 if length else 150,
    }
    return _unit("pressure_vessel", substance, _STORED, **sizes, **state)


def refrigerated(substance: Row, rng: np.random.Generator) -> Unit:
    """Tank of a gas that is liquid by cold, a little below its boiling point."""
    celsius = math.floor(substances.find(substance["cas"]).boiling_point - _KELVIN)
    diameter = float(rng.choice([30.0, 40.0, 50.0]))
    height = round(float(np.interp(diameter, *_heights())), 1)
    sizes = {"diameter_m": diameter, "height_m": height, "volume_m3": _cylinder(diameter, height)}
    state = {"fill_fraction": _fill(rng), "max_fill_fraction": 0.9, "pressure_kpa": _COLD_KPA, "hole_bore_mm": 400}
    return _unit("refrigerated_tank", substance, celsius, **sizes, **state)


def _process(kind: str, slender: float, warm: tuple[int, int]) -> Callable[[Row, np.random.Generator], Unit]:
    """Maker of process units with a height of ``slender`` diameters, at a temperature drawn from a range [°C]."""

    def make(substance: Row, rng: np.random.Generator) -> Unit:
        diameter = round(float(np.clip(2.4 * np.exp(0.35 * rng.standard_normal()), 0.8, 6.0)), 1)
        height = round(min(diameter * slender, 50.0), 1)
        liquid = substance["phase"] == "liquid"
        celsius = int(rng.integers(warm[0], warm[1] + 1)) if liquid else _STORED
        fill = round(float(rng.uniform(0.3, 0.6)), 2) if substance["phase"] != "gas" else 0
        pressure = round(float(rng.uniform(30.0, 300.0)))
        if substance["phase"] != "gas":
            pressure = _above_vapour(substance, celsius, pressure)
        else:
            pressure += _GAS_KPA if substance["cas"] != "75-44-5" else 0
            pressure = min(pressure, max(round(0.7 * _vapour_kpa(substance["cas"], celsius)), 20))
        return _unit(
            kind,
            substance,
            celsius,
            diameter_m=diameter,
            height_m=height,
            volume_m3=_cylinder(diameter, height),
            fill_fraction=fill,
            max_fill_fraction=0.7,
            pressure_kpa=pressure,
            hole_bore_mm=int(rng.choice([80, 100, 150])),
        )

    return make


def pipeline(substance: Row, length: float, rng: np.random.Generator) -> Unit:
    """Section of pipe on a rack."""
    bore = float(rng.choice([0.1, 0.15, 0.2, 0.3]))
    liquid = substance["phase"] != "gas"
    pressure = round(float(rng.uniform(300.0, 800.0)))
    return _unit(
        "pipeline",
        substance,
        _STORED,
        diameter_m=bore,
        length_m=length,
        fill_fraction=1 if liquid else 0,
        max_fill_fraction=1,
        pressure_kpa=_above_vapour(substance, _STORED, pressure) if liquid else pressure,
        hole_bore_mm=round(bore * 1e3),
        flow_kg_s=int(rng.choice([5, 10, 20])) if liquid else 2,
    )


def _loading_arm(substance: Row, rng: np.random.Generator) -> Unit:
    """Arm that fills road tankers."""
    return _unit(
        "loading_arm",
        substance,
        _STORED,
        pressure_kpa=_above_vapour(substance, _STORED, 300.0),
        mass_t=25,
        hole_bore_mm=int(rng.choice([80, 100])),
        hours_per_year=int(rng.integers(5, 30)) * 100,
        flow_kg_s=10,
    )


def _warehouse(substance: Row, rng: np.random.Generator) -> Unit:
    return _unit("warehouse", substance, _STORED, mass_t=int(rng.integers(2, 40)) * 5, height_m=8)


def _cylinder_store(substance: Row, rng: np.random.Generator) -> Unit:
    """Cylinders of a compressed gas, or drums of chlorine."""
    if substance["phase"] == "gas":
        state = {"volume_m3": 10, "fill_fraction": 0, "pressure_kpa": 15000, "mass_t": 0.12}
    else:
        drums = int(rng.integers(5, 20))
        pressure = _above_vapour(substance, _STORED, 50.0)
        state = {"volume_m3": 0.8 * drums, "fill_fraction": 0.8, "pressure_kpa": pressure, "mass_t": 0.9 * drums}
        state = {name: round(value, 2) for name, value in state.items()}
    return _unit("cylinder_store", substance, _STORED, hole_bore_mm=15, **state)


MAKERS: Mapping[str, Callable[[Row, np.random.Generator], Unit]] = {
    "process_vessel": _process("process_vessel", 2.2, (20, 60)),
    "reactor": _process("reactor", 1.8, (40, 120)),
    "column": _process("column", 10.0, (60, 120)),
    "loading_arm": _loading_arm,
    "warehouse": _warehouse,
    "cylinder_store": _cylinder_store,
}
