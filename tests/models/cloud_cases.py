"""Clouds that several test files use: settings made by hand, and sources of a few substances."""

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import Curve
from parkrisk.models.air.surface_layer import SurfaceLayer
from parkrisk.models.cloud.entrainment import closure
from parkrisk.models.cloud.mixing import MOLAR_MASS_AIR, Material
from parkrisk.models.cloud.plume_slice import Setting
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.substance.substances import find

D5, F15, B3 = Weather(5.0, "D"), Weather(1.5, "F"), Weather(3.0, "B")
PRESSURE = 101_325.0
CHLORINE_PROBIT = {"probit_a": -6.35, "probit_b": 0.5, "probit_n": 2.75}


def dry_air(friction_velocity=0.3, roughness=0.01, temperature=288.15, mixing_height=1e5, inverse_obukhov=0.0):
    density = PRESSURE * MOLAR_MASS_AIR / (8.314462618 * temperature)
    return SurfaceLayer(
        friction_velocity, roughness, inverse_obukhov, mixing_height, temperature, PRESSURE, density, 0.0
    )


def gas(molar_mass, heat_capacity=1006.0, source_temperature=288.15):
    """Gas that does not condense."""
    return Material(molar_mass, heat_capacity, heat_capacity, 20.0, 1e6, 1e3, source_temperature)


def setting(substance, air, across=(0.0, 0.0, 0.0), up=(0.0, 0.0, 0.0), capped=False, origin=0.0, **laws):
    """Setting without the growth of passive plumes, unless asked for."""
    return Setting(substance, air, closure()._replace(**laws), Curve(*across), Curve(*up), capped, origin)


def boiling(name):
    return find(name).boiling_temperature(PRESSURE)


def pool(name, rate, duration, diameter, temperature=None):
    at = boiling(name) if temperature is None else temperature
    return VapourSource(
        substance=find(name), mass=rate * duration, duration=duration, temperature=at, diameter=diameter
    )


def jet(name, rate, duration=1800.0, velocity=40.0, height=1.0, mist=0.8, inclination=0.0, temperature=None):
    at = boiling(name) if temperature is None else temperature
    return VapourSource(
        substance=find(name),
        mass=rate * duration,
        duration=duration,
        temperature=at,
        mist=mist,
        velocity=velocity,
        height=height,
        inclination=inclination,
    )


def burst(name, mass, mist=0.8, temperature=None):
    at = boiling(name) if temperature is None else temperature
    return VapourSource(substance=find(name), mass=mass, duration=0.0, temperature=at, mist=mist)
