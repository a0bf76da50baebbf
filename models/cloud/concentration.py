"""Concentration around a release: the largest that a place sees as the cloud passes."""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import checked, spread
from parkrisk.models.air.surface_layer import surface_layer
from parkrisk.models.cloud.entrainment import closure
from parkrisk.models.cloud.plume_field import field_kernel, plume_field
from parkrisk.models.cloud.plume_table import LOG_AXIS, PlumeTable, passive_table_kernel
from parkrisk.models.cloud.puff_passage import largest_values, passage
from parkrisk.models.cloud.puff_table import LOG_SHARE, PuffTable
from parkrisk.models.cloud.vapour import FARTHEST, VapourSource, disperse
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.correlations import GAS_CONSTANT

__all__ = ["largest_concentration", "passive_plume", "plume_concentration"]

Array = NDArray[np.float64]

_NODES = 160


def _in_puff(x: Array, y: Array, mole: bool, table: PuffTable) -> Array:
    if mole:
        nodes = table.nodes.copy()
        nodes[:, LOG_AXIS] += nodes[:, LOG_SHARE]
        table = table._replace(nodes=nodes)
    out = np.empty(x.size)
    largest_values(x, y, passage(table, 1.0), out)
    return out


def _check_mean(time: float) -> None:
    if not 0.0 < time < math.inf:
        raise OutOfRange(f"平均时间须为正数，现为 {time}", f"averaging time must be positive, not {time}")


def largest_concentration(
    source: VapourSource,
    weather: Weather,
    x: ArrayLike,
    y: ArrayLike,
    z: float = 1.0,
    *,
    averaging_time: float = 600.0,
    mole_fraction: bool = False,
) -> Array:
    """Largest mean concentration at places around a release, as the cloud passes.

    Parameters
    ----------
    source : VapourSource
    weather : Weather
    x, y : float or array
        Downwind of the source and off the axis. [m]
    z : float
        Height above ground. [m]
    averaging_time : float
        Of the mean; of a puff the largest momentary concentration is given. [s]
    mole_fraction : bool
        Whether to give mole fractions instead.

    Returns
    -------
    array, shape of ``x`` and ``y`` broadcast
        [kg/m³], or mole fraction; 0 upwind of the cloud and beyond 12 km.

    Raises
    ------
    OutOfRange
        An input is not finite, z is negative, the averaging time is not positive, or as ``disperse``.
    """
    xs, ys, _ = checked(x=x, y=y, z=z)
    _check_mean(averaging_time)
    cloud = disperse(source, weather)
    flat_x, flat_y = np.ascontiguousarray(xs.ravel()), np.ascontiguousarray(ys.ravel())
    if cloud.is_puff:
        return _in_puff(flat_x, flat_y, mole_fraction, cloud.puff(z)).reshape(xs.shape)
    table = cloud.plume(z, averaging_time)
    return plume_concentration(table, xs, ys, averaging_time=averaging_time, mole_fraction=mole_fraction)


@functools.lru_cache(maxsize=256)
def passive_plume(
    rate: float,
    duration: float,
    molar_mass: float,
    weather: Weather,
    *,
    height: float,
    z: float = 1.0,
    averaging_time: float = 600.0,
) -> PlumeTable:
    """Plume of a small opening near the ground whose gas has neither weight nor momentum.

    Parameters
    ----------
    rate, duration : float
        Of the release. [kg/s], [s]
    molar_mass : float
        [kg/mol]
    weather : Weather
    height : float
        Of the opening; at least three times the roughness length. [m]
    z : float
        Of the receptors. [m]
    averaging_time : float
        10 to 3600. [s]

    Returns
    -------
    PlumeTable
        For :func:`plume_concentration`.

    Raises
    ------
    OutOfRange
        An input that is not positive, or as ``surface_layer``.

    Notes
    -----
    Vertical: diffusion in the surface layer (:mod:`parkrisk.models.cloud.diffusion`). Across: Briggs' curve of the
    class.
    """
    laws = closure()
    if not (all(0.0 < value < math.inf for value in (rate, duration, molar_mass)) and 0.0 <= z < math.inf):
        raise OutOfRange(
            "流量、时间、摩尔质量须为正，高度不得为负", "rate, duration and molar mass must be positive, z not below 0"
        )
    air = surface_layer(weather)
    if not 3.0 * air.roughness <= height <= air.mixing_height:
        raise OutOfRange(
            f"源高须在 {3.0 * air.roughness:g} 至 {air.mixing_height:g} m 之间",
            f"the source must be {3.0 * air.roughness:g} to {air.mixing_height:g} m high",
        )
    curves = spread(weather.terrain, weather.stability, averaging_time)
    density = weather.air_pressure * molar_mass / (GAS_CONSTANT * weather.air_temperature)
    return passive_table_kernel(rate, duration, height, z, density, FARTHEST, _NODES, laws.along_wind, curves.y, air)


def plume_concentration(
    table: PlumeTable, x: ArrayLike, y: ArrayLike, *, averaging_time: float = 600.0, mole_fraction: bool = False
) -> Array:
    """Largest mean concentration at places around a plume, at the height of its table.

    Parameters
    ----------
    table : PlumeTable
    x, y : float or array
        Downwind of the source and off the axis. [m]
    averaging_time : float
        [s]
    mole_fraction : bool
        Whether to give mole fractions instead.

    Returns
    -------
    array, shape of ``x`` and ``y`` broadcast
        [kg/m³], or mole fraction; 0 upwind of the cloud and beyond 12 km.

    Raises
    ------
    OutOfRange
        An input is not finite, or the averaging time is not positive.
    """
    xs, ys = checked(x=x, y=y)
    _check_mean(averaging_time)
    flat_x, flat_y = np.ascontiguousarray(xs.ravel()), np.ascontiguousarray(ys.ravel())
    out = np.empty(flat_x.size)
    field_kernel(flat_x, flat_y, plume_field(table, float(averaging_time), mole_fraction), out)
    return out.reshape(xs.shape)
