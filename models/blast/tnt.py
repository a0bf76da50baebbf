"""Blast of TNT: Kingery and Bulmash on the ground, Kinney and Graham in free air."""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.blast.curve import (
    CURVES,
    KINNEY_GRAHAM,
    Curve,
    Law,
    curve_kernel,
    kinney_graham_impulse_kernel,
    kinney_graham_kernel,
    polynomial_pieces,
)
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive

__all__ = [
    "kingery_bulmash",
    "kingery_bulmash_arrival",
    "kingery_bulmash_duration",
    "kingery_bulmash_impulse",
    "kinney_graham",
    "kinney_graham_duration",
    "kinney_graham_impulse",
    "tnt_law",
    "tnt_mass",
]

Array = NDArray[np.float64]

_COEFFICIENTS = ("c0", "c1", "c2", "c3", "c4", "c5")


def tnt_mass(energy: float) -> float:
    """Mass of TNT with this explosion energy, at 4.52 MJ/kg. [kg]"""
    positive(energy=energy)
    return energy / constants("explosion")["tnt_energy"].value


def scaled_distances(distance: ArrayLike, low: float, high: float) -> Array:
    """Distances as an array, checked to lie within a curve's range."""
    values = np.asarray(distance, dtype=np.float64)
    if not bool(np.all((values >= low) & (values <= high))):
        raise OutOfRange(
            f"比例距离须在 {low:g} 至 {high:g} 之间", f"the scaled distance must lie between {low:g} and {high:g}"
        )
    return values


@functools.cache
def surface_burst(quantity: str) -> tuple[Curve, float]:
    """Curve of a quantity of `kingery_bulmash.csv`, and the farthest scaled distance it was fitted to."""
    found = [row for row in rows("kingery_bulmash") if row["quantity"] == quantity]
    ends = [float(row["high"]) for row in found]
    coefficients = [[float(row[name]) for name in _COEFFICIENTS if row[name]] for row in found]
    curve = polynomial_pieces(float(found[0]["low"]), [*ends[:-1], math.inf], coefficients)
    return curve, ends[-1]


def tnt_law(mass: float, *, free_air: bool = False, air_pressure: float = 101_325.0) -> Law:
    """Law of a charge of TNT [kg] on the ground, or in free air."""
    positive(mass=mass, air_pressure=air_pressure)
    size = math.cbrt(mass)
    curves = surface_burst("overpressure")[0], surface_burst("impulse")[0]
    if free_air:
        return Law(KINNEY_GRAHAM, size, air_pressure, size, 0.0, *curves)
    return Law(CURVES, size, 1e3, size, 0.0, *curves)


def _on_curve(scaled_distance: ArrayLike, quantity: str, unit: float) -> Array:
    curve, farthest = surface_burst(quantity)
    values = scaled_distances(scaled_distance, round(math.exp(curve.start), 6), farthest)
    return unit * np.array([curve_kernel(z, curve) for z in values.ravel()]).reshape(values.shape)


def kinney_graham(scaled_distance: ArrayLike, air_pressure: float = 101_325.0) -> Array:
    """Peak overpressure of a TNT charge bursting in free air.

    Parameters
    ----------
    scaled_distance : float or array
        r / W^(1/3), W the mass of TNT; 0.05 to 500. [m/kg^(1/3)]
    air_pressure : float
        [Pa]

    Returns
    -------
    array
        [Pa]

    Raises
    ------
    OutOfRange
        Outside that range.

    References
    ----------
    .. [1] G.F. Kinney, K.J. Graham, *Explosive shocks in air*, 2nd ed., Springer, 1985, eq. 6-2.

    Examples
    --------
    >>> round(float(kinney_graham(5.0)), -1)
    29240.0
    """
    values = scaled_distances(scaled_distance, 0.05, 500.0)
    return air_pressure * np.array([kinney_graham_kernel(z) for z in values.ravel()]).reshape(values.shape)


def kinney_graham_impulse(scaled_distance: ArrayLike) -> Array:
    """Scaled impulse of the positive phase of a TNT charge in free air, 0.1 to 500 m/kg^(1/3). [Pa·s/kg^(1/3)]

    Eq. 6-12 of the reference of `kinney_graham`; errors as there.
    """
    values = scaled_distances(scaled_distance, 0.1, 500.0)
    return np.array([kinney_graham_impulse_kernel(z) for z in values.ravel()]).reshape(values.shape)


def kinney_graham_duration(scaled_distance: ArrayLike) -> Array:
    """Scaled duration of the positive phase of a TNT charge in free air, 0.1 to 500 m/kg^(1/3). [s/kg^(1/3)]

    Eq. 6-10 of the reference of `kinney_graham`; errors as there.
    """
    z = scaled_distances(scaled_distance, 0.1, 500.0)
    bump = (1.0 + (z / 0.54) ** 10) / ((1.0 + (z / 0.02) ** 3) * (1.0 + (z / 0.74) ** 6))
    return np.asarray(0.98 * bump / np.sqrt(1.0 + (z / 6.9) ** 2))


def kingery_bulmash(scaled_distance: ArrayLike) -> Array:
    """Peak overpressure of a TNT charge bursting on the ground (hemispherical), at sea level.

    Parameters
    ----------
    scaled_distance : float or array
        r / W^(1/3), W the mass of TNT; 0.2 to 198.5. [m/kg^(1/3)]

    Returns
    -------
    array
        [Pa]

    Raises
    ------
    OutOfRange
        Outside that range.

    References
    ----------
    .. [1] M.M. Swisdak, "Simplified Kingery airblast calculations", 26th DoD Explosives Safety Seminar, 1994, Table 1.
    """
    return _on_curve(scaled_distance, "overpressure", 1e3)


def kingery_bulmash_impulse(scaled_distance: ArrayLike) -> Array:
    """Scaled incident impulse of a TNT charge bursting on the ground, 0.2 to 158.7 m/kg^(1/3). [Pa·s/kg^(1/3)]

    Errors and reference as `kingery_bulmash`.
    """
    return _on_curve(scaled_distance, "impulse", 1.0)


def kingery_bulmash_duration(scaled_distance: ArrayLike) -> Array:
    """Scaled duration of the positive phase on the ground, 0.2 to 40 m/kg^(1/3). [s/kg^(1/3)]

    Errors and reference as `kingery_bulmash`.
    """
    return _on_curve(scaled_distance, "duration", 1e-3)


def kingery_bulmash_arrival(scaled_distance: ArrayLike) -> Array:
    """Scaled time of arrival of the shock on the ground, 0.06 to 40 m/kg^(1/3). [s/kg^(1/3)]

    Errors and reference as `kingery_bulmash`.

    Examples
    --------
    Ten tonnes at 500 m, where a public implementation prints 1276 ms:

    >>> round(float(kingery_bulmash_arrival(500 / 10_000 ** (1 / 3)) * 10_000 ** (1 / 3)), 3)
    1.276
    """
    return _on_curve(scaled_distance, "arrival", 1e-3)
