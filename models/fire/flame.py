"""A flame as kernels see it: a row of numbers, and the heat flux that it sends to any place on the ground.

One compiled function knows every shape of flame, so that footprints need no call back into Python. A fire that changes
while it burns is a stack of rows, one for each stage.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.fire.radiation import (
    frustum_side_kernel,
    frustum_view_factor_kernel,
    inside_polygon_kernel,
    prism_view_factor_kernel,
    sphere_view_factor_kernel,
    transmissivity_kernel,
    water_vapour_pressure,
)

__all__ = [
    "cylinder",
    "elliptic_cylinder",
    "flame_flux",
    "flame_flux_kernel",
    "frustum",
    "line",
    "prism",
    "seen_from",
    "signed_flux_kernel",
    "sphere",
    "stages",
]

Array = NDArray[np.float64]

_CYLINDER, _PRISM, _FRUSTUM, _LINE, _SPHERE = 0, 1, 2, 3, 4
_CORNERS = 36  # of the polygon that stands for an ellipse
# columns of a row
_KIND, _SHARE, _POWER, _VAPOUR, _TEMPERATURE, _SHAPE = 0, 1, 2, 3, 4, 5


def _row(kind: int, power: float, weather: Weather, shape: Sequence[float]) -> Array:
    vapour = weather.relative_humidity * water_vapour_pressure(weather.air_temperature)
    return np.array([[kind, 1.0, power, vapour, weather.air_temperature, *shape]], dtype=np.float64)


def cylinder(
    radius: float, lean: float, height: float, base_height: float, emissive_power: float, weather: Weather
) -> Array:
    """Cylinder with level ends, its foot around the origin, its top ``lean`` farther downwind. [m, W/m²]"""
    return _row(_CYLINDER, emissive_power, weather, (radius, lean, height, base_height))


def prism(
    corners: Array, lean: float, height: float, base_height: float, emissive_power: float, weather: Weather
) -> Array:
    """Prism over a convex polygon, shape (n, 2), whose corners run anticlockwise, leaning downwind. [m, W/m²]"""
    shape = (float(len(corners)), lean, height, base_height, 0.0, 0.0, 0.0, *corners[:, 0], *corners[:, 1])
    return _row(_PRISM, emissive_power, weather, shape)


def elliptic_cylinder(
    foot: tuple[float, float, float],
    lean: float,
    height: float,
    base_height: float,
    emissive_power: float,
    weather: Weather,
) -> Array:
    """Cylinder over an ellipse: downwind coordinate of its centre, half-axes along and across the wind. [m, W/m²]"""
    shift, along, across = foot
    angle = np.arange(_CORNERS) * (2.0 * math.pi / _CORNERS)
    corner_x, corner_y = shift + along * np.cos(angle), across * np.sin(angle)
    shape = (float(_CORNERS), lean, height, base_height, *foot, *corner_x, *corner_y)
    return _row(_PRISM, emissive_power, weather, shape)


def frustum(ends: Sequence[float], emissive_power: float, weather: Weather) -> Array:
    """Frustum with ends square to its axis: base x and z, tip x and z, base and tip radius. [m, W/m²]"""
    return _row(_FRUSTUM, emissive_power, weather, tuple(ends))


def line(axis: Array, radius: Array, weight: Array, power: float, emissive_power: float, weather: Weather) -> Array:
    """Bent tube of flame whose axis radiates a power [W], shared out to its straight pieces by weight.

    ``axis`` has shape (n + 1, 3), x downwind, z up, ``radius`` (n + 1,), ``weight`` (n,). [m] Inside the tube, and as
    an upper bound outside it, stands the emissive power [W/m²].
    """
    shape = (float(weight.size), emissive_power, *axis.T.ravel().tolist(), *radius.tolist(), *weight.tolist())
    return _row(_LINE, power, weather, shape)


def sphere(radius: float, height: float, emissive_power: float, weather: Weather) -> Array:
    """Sphere whose centre stands above the origin. [m, W/m²]"""
    return _row(_SPHERE, emissive_power, weather, (radius, height))


def stages(flames: Sequence[Array], shares: Sequence[float]) -> Array:
    """One fire in stages, each with its share of the time; its flux is the steady one of the same heat dose."""
    out = np.zeros((len(flames), max(each.shape[1] for each in flames)))
    for row, each in zip(out, flames, strict=True):
        row[: each.shape[1]] = each[0]
    out[:, _SHARE] = shares
    return out


def seen_from(flame: Array, height: float) -> Array:
    """Flame as a receptor ``height`` [m] above the ground sees it: the same flame, that much lower."""
    out = flame.copy()
    for row in out:
        kind = int(row[_KIND])
        if kind in (_CYLINDER, _PRISM):
            row[_SHAPE + 3] -= height
        elif kind == _FRUSTUM:
            row[[_SHAPE + 1, _SHAPE + 3]] -= height
        elif kind == _SPHERE:
            row[_SHAPE + 1] -= height
        else:
            first, n = _SHAPE + 2, int(row[_SHAPE]) + 1
            row[first + 2 * n : first + 3 * n] -= height
    return out


@kernel
def _polygon_distance(x: float, y: float, corner_x: Array, corner_y: Array) -> float:
    """Distance from a point outside a convex polygon to its rim."""
    least = math.inf
    before = corner_x.size - 1
    for k in range(corner_x.size):
        dx, dy = corner_x[k] - corner_x[before], corner_y[k] - corner_y[before]
        px, py = x - corner_x[before], y - corner_y[before]
        along = min(max((px * dx + py * dy) / (dx * dx + dy * dy), 0.0), 1.0)
        least = min(least, (px - along * dx) ** 2 + (py - along * dy) ** 2)
        before = k
    return math.sqrt(least)


@kernel
def _line_flux(row: Array, x: float, y: float) -> float:
    n = int(row[_SHAPE]) + 1
    at_x = _SHAPE + 2
    at_y, at_z, at_radius, at_weight = at_x + n, at_x + 2 * n, at_x + 3 * n, at_x + 4 * n
    fx, fy, fz = 0.0, 0.0, 0.0
    ax, ay, az = row[at_x] - x, row[at_y] - y, row[at_z]
    a = math.sqrt(ax * ax + ay * ay + az * az)
    for j in range(1, n):
        bx, by, bz = row[at_x + j] - x, row[at_y + j] - y, row[at_z + j]
        b = math.sqrt(bx * bx + by * by + bz * bz)
        dx, dy, dz = bx - ax, by - ay, bz - az
        reach = row[at_radius + j] + row[at_radius + j - 1]
        if min(a, b) < reach + abs(dx) + abs(dy) + abs(dz):
            share = min(max(-(ax * dx + ay * dy + az * dz) / (dx * dx + dy * dy + dz * dz), 0.0), 1.0)
            radius = row[at_radius + j - 1] + share * (row[at_radius + j] - row[at_radius + j - 1])
            cx, cy, cz = ax + share * dx, ay + share * dy, az + share * dz
            if cx * cx + cy * cy + cz * cz <= radius * radius:
                return -float(row[_SHAPE + 1])
        # mean of r / |r|³ along the piece, r from the receptor
        part = row[at_weight + j - 1] / (a * b * (a * b + ax * bx + ay * by + az * bz))
        fx += part * (b * ax + a * bx)
        fy += part * (b * ay + a * by)
        fz += part * (b * az + a * bz)
        ax, ay, az, a = bx, by, bz, b
    direct = math.sqrt(fx * fx + fy * fy + fz * fz)
    through = transmissivity_kernel(1.0 / math.sqrt(direct), row[_VAPOUR], row[_TEMPERATURE])
    share = row[_POWER] / (4.0 * math.pi) * direct / row[_SHAPE + 1]
    share *= share
    # a smooth bound: a flux of a third of the emissive power loses 0.3 %
    return float(row[_SHAPE + 1] * through * math.sqrt(share / math.sqrt(1.0 + share * share)))


@kernel
def _frustum_flux(row: Array, x: float, y: float) -> float:
    base_x, base_z, tip_x, tip_z = row[_SHAPE], row[_SHAPE + 1], row[_SHAPE + 2], row[_SHAPE + 3]
    bottom, top = row[_SHAPE + 4], row[_SHAPE + 5]
    length = math.hypot(tip_x - base_x, tip_z - base_z)
    ax, az = (tip_x - base_x) / length, (tip_z - base_z) / length
    along = ax * (x - base_x) - az * base_z  # in the flame's frame: along its axis, across it in the plane of tilt
    across = az * (x - base_x) + ax * base_z
    fx, fy, fz = frustum_view_factor_kernel(across, y, along, 0.0, 0.0, length, bottom, top)
    nearest = min(max(along, 0.0), length)
    radius = bottom + nearest / length * (top - bottom)
    path = math.sqrt(across * across + y * y + (along - nearest) ** 2) - radius
    through = transmissivity_kernel(path, row[_VAPOUR], row[_TEMPERATURE])
    return float(row[_POWER] * through * math.sqrt(fx * fx + fy * fy + fz * fz))


@kernel
def _stage_flux(row: Array, x: float, y: float) -> float:
    """Heat flux of one stage [W/m²]; negative within the flame of a jet or a dragged foot."""
    kind = int(row[_KIND])
    if kind == _LINE:
        return _line_flux(row, x, y)
    if kind == _FRUSTUM:
        return _frustum_flux(row, x, y)
    if kind == _SPHERE:
        radius, height = row[_SHAPE], row[_SHAPE + 1]
        distance = math.hypot(x, y)
        path = math.hypot(distance, height) - radius
        through = transmissivity_kernel(path, row[_VAPOUR], row[_TEMPERATURE])
        return float(row[_POWER] * through * sphere_view_factor_kernel(distance, height, radius))
    if kind == _CYLINDER:
        radius, lean, height, foot = row[_SHAPE], row[_SHAPE + 1], row[_SHAPE + 2], row[_SHAPE + 3]
        out = math.hypot(x, y) - radius
        if foot > 0.0:
            fx, fy, fz = frustum_side_kernel(x, y, -foot, lean, 0.0, height, radius, radius)
        else:
            fx, fy, fz = frustum_view_factor_kernel(x, y, -foot, lean, 0.0, height, radius, radius)
    else:
        n = int(row[_SHAPE])
        lean, height, foot = row[_SHAPE + 1], row[_SHAPE + 2], row[_SHAPE + 3]
        shift, along, across = row[_SHAPE + 4], row[_SHAPE + 5], row[_SHAPE + 6]
        first = _SHAPE + 7
        corner_x, corner_y = row[first : first + n], row[first + n : first + 2 * n]
        inside = inside_polygon_kernel(x, y, corner_x, corner_y)
        if foot == 0.0 and (inside or (along > 0.0 and ((x - shift) / along) ** 2 + (y / across) ** 2 <= 1.0)):
            return -float(row[_POWER])
        out = 0.0 if inside else _polygon_distance(x, y, corner_x, corner_y)
        fx, fy, fz = prism_view_factor_kernel(x, y, -foot, lean, height, corner_x, corner_y)
    path = math.hypot(max(out, 0.0), max(foot, 0.0))
    through = transmissivity_kernel(path, row[_VAPOUR], row[_TEMPERATURE])
    return float(row[_POWER] * through * math.sqrt(fx * fx + fy * fy + fz * fz))


@kernel
def signed_flux_kernel(flame: Array, x: float, y: float) -> float:
    """As `flame_flux_kernel`, negative where the flame itself stands, away from the foot of a round pool."""
    if flame.shape[0] == 1:
        return _stage_flux(flame[0], x, y)
    dose = 0.0
    for stage in range(flame.shape[0]):
        dose += flame[stage, _SHARE] * abs(_stage_flux(flame[stage], x, y)) ** (4.0 / 3.0)
    return float(dose**0.75)


@kernel
def flame_flux_kernel(flame: Array, x: float, y: float) -> float:
    """Heat flux [W/m²] on a surface on the ground, x downwind of the origin and y beside it, that faces the flame."""
    return abs(signed_flux_kernel(flame, x, y))


@kernel
def flame_flux(flame: Array, distance: Array, angle: Array) -> Array:
    """Heat flux [W/m²] at distances [m] and angles from the downwind axis [rad], shape (n,)."""
    out = np.empty(distance.size)
    for i in range(distance.size):
        out[i] = flame_flux_kernel(flame, distance[i] * math.cos(angle[i]), distance[i] * math.sin(angle[i]))
    return out
