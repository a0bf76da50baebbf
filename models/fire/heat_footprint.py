"""From the heat flux around a fire to lethality on a polar grid and to casualty radii."""

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.flame import flame_flux
from parkrisk.models.fire.heat_rings import (
    LethalityTable,
    certain_death_radius,
    lethality_rings,
    radial_lethality_rings,
)
from parkrisk.models.fire.ring_series import COSINES
from parkrisk.models.footprint import Disc, Footprint, PolarGrid, from_lethality
from parkrisk.models.vulnerability.people import HEAT, HeatRule, heat_lethality_kernel, lethal_heat_flux

Array = NDArray[np.float64]
HeatField = Callable[[Array, Array], Array]

_NEGLIGIBLE = 1e-6  # lethality of an individual below which nothing is stored
_TABLE_STEP = 0.005  # of the logarithm of the flux in a table of lethalities
_ANGLES = np.linspace(0.0, math.pi, 25)
_DISTANCES = np.geomspace(0.5, 2e4, 800)  # tried for the casualty radii [m]
_STEP = float(_DISTANCES[1] / _DISTANCES[0])


@kernel
def _lethalities(heat_flux: Array, duration: float, rule: HeatRule) -> Array:
    out = np.empty((3, heat_flux.size))
    for i in range(heat_flux.size):
        out[0, i], out[1, i], out[2, i] = heat_lethality_kernel(heat_flux[i], duration, rule)
    return out


def positive(**values: float) -> None:
    """Raise OutOfRange unless every value is a positive finite number."""
    for name, value in values.items():
        if not 0.0 < value < math.inf:
            raise OutOfRange(f"{name} 须为正数，现为 {value}", f"{name} must be positive, is {value}")


def check_weather(weather: Weather) -> None:
    """Raise OutOfRange unless the air is such as stands over a plant."""
    if not (
        0.0 <= weather.wind_speed <= 100.0
        and 233.0 <= weather.air_temperature <= 333.0
        and 5e4 <= weather.air_pressure <= 1.2e5
        and 0.0 <= weather.relative_humidity <= 1.0
    ):
        raise OutOfRange(
            f"气象参数不合理（风速 0 至 100 m/s，233 至 333 K，50 至 120 kPa，相对湿度 0 至 1）：{weather}",
            f"impossible weather (wind 0 to 100 m/s, 233 to 333 K, 50 to 120 kPa, humidity 0 to 1): {weather}",
        )


def receptors(distance: ArrayLike, angle: ArrayLike) -> tuple[Array, Array]:
    """Distances and angles as checked arrays of one shape."""
    r, a = np.broadcast_arrays(np.asarray(distance, dtype=np.float64), np.asarray(angle, dtype=np.float64))
    if not bool(np.all(r >= 0.0) and np.all(np.isfinite(r)) and np.all(np.isfinite(a))):
        raise OutOfRange("距离须为非负有限数，角度须为有限数", "distances must be finite, not negative")
    return r, a


def farthest(weaker: Callable[[float], bool], start: float, highest: float = 1e5) -> float:
    """Distance beyond which ``weaker`` holds, at least ``start``, within 1e-4 of itself. [m]

    ``weaker`` is to stay true once it is true.

    Raises
    ------
    OutOfRange
        The effect reaches beyond ``highest``.
    """
    if weaker(start):
        return start
    low, high = start, 2.0 * start
    while not weaker(high):
        low, high = high, 2.0 * high
        if high > highest:
            raise OutOfRange(f"影响距离超过 {highest:g} m", f"the effect reaches beyond {highest:g} m")
    while high - low > 1e-4 * high:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if weaker(middle) else (middle, high)
    return high


def _reach(field: HeatField, start: float, level: float) -> float:
    """Distance beyond which the flux is below ``level`` in every direction. [m]"""
    return farthest(lambda r: bool(np.all(field(np.full(_ANGLES.size, r), _ANGLES) < level)), start)


def _edge(field: HeatField, level: float, distance: Array) -> Array:
    """Half-angle beyond which the flux is below ``level``, at each distance: 0 nowhere, π all round. [rad]"""
    flux = field(np.repeat(distance, _ANGLES.size), np.tile(_ANGLES, distance.size)).reshape(-1, _ANGLES.size)
    above = flux >= level
    last = np.where(above.any(axis=1), _ANGLES.size - 1 - np.argmax(above[:, ::-1], axis=1), -1)
    # a direction between two tried ones may be the only strong one, so one step more is kept on either side
    low = _ANGLES[np.maximum(last, 0)]
    high = _ANGLES[np.minimum(last + 1, _ANGLES.size - 1)]
    for _ in range(8):
        middle = 0.5 * (low + high)
        strong = field(distance, middle) >= level
        low, high = np.where(strong, middle, low), np.where(strong, high, middle)
    return np.asarray(high)


def _core(field: HeatField, duration: float, core: float) -> tuple[Array, tuple[Disc, ...]]:
    """Least lethality along the rim of the core, which stands inside it on the rings, and what it lacks to 1."""
    if not core > 0.0:
        return np.ones(3), ()
    flux = field(np.full(_ANGLES.size, core * (1.0 + 1e-6)), _ANGLES)
    rim = _lethalities(flux, duration, HEAT).min(axis=1)
    rest = 1.0 - rim
    return rim, ((core, (float(rest[0]), float(rest[1]), float(rest[2]))),) if rest.any() else ()


def heat_footprint(
    grid: PolarGrid, field: HeatField, duration: float, core: float, flame_end: float = 0.0
) -> Footprint:
    """Footprint of a fire.

    Parameters
    ----------
    grid : PolarGrid
        Rings and bins.
    field : callable
        Heat flux [W/m²] at distances [m] and angles from the downwind axis [rad].
    duration : float
        Of the fire. [s]
    core : float
        Radius around the source that the flame covers whole: everyone there dies. 0: none. [m]
    flame_end : float
        How far the flame reaches along the ground; beyond, the flux falls with distance in every direction. [m]

    Notes
    -----
    The core is stored as a disc. It adds what the least lethality along its rim lacks to 1, and that least value
    stands inside it on the rings, so that the rings stay continuous where the fire is symmetric.
    """
    level = min(lethal_heat_flux(_NEGLIGIBLE, duration), HEAT.certain_death)
    reach = _reach(field, max(core * (1.0 + 1e-9), flame_end, grid.r_min), level)
    rim, discs = _core(field, duration, core)

    def lethality(distance: Array, angle: Array) -> Array:
        outside = distance > core
        values = np.empty((3, distance.size))
        values[:] = rim[:, None]
        values[:, outside] = _lethalities(field(distance[outside], angle[outside]), duration, HEAT)
        return values

    def edge(distance: Array) -> Array:
        # a core with nothing on its rim leaves the rings inside it empty
        limit = np.full(distance.size, math.pi if rim.any() else 0.0)
        limit[distance > core] = _edge(field, level, distance[distance > core])
        return limit

    return from_lethality(grid, lethality, reach, edge=edge, discs=discs)


@functools.lru_cache(maxsize=256)
def _lethality_table(duration: float) -> LethalityTable:
    death = math.log(HEAT.certain_death)
    first = min(math.log(lethal_heat_flux(_NEGLIGIBLE, duration)), death - 2.0 * _TABLE_STEP)
    n = math.ceil((death - first) / _TABLE_STEP) + 1
    flux = np.exp(np.linspace(first, death, n))
    flux[-1] = np.nextafter(HEAT.certain_death, 0.0)
    return LethalityTable(first, (death - first) / (n - 1), _lethalities(flux, duration, HEAT), death)


@functools.lru_cache(maxsize=8)
def _edges(n_bins: int) -> Array:
    """Cosines of the angles of the bins' edges, from the axis to behind."""
    return np.cos(np.linspace(0.0, math.pi, n_bins // 2 + 1))


def flame_footprint(grid: PolarGrid, flame: Array, duration: float, core: float, flame_end: float = 0.0) -> Footprint:
    """Footprint of a flame that weakens away from the downwind axis.

    Parameters
    ----------
    grid : PolarGrid
        Rings and bins.
    flame : array
        Of ``parkrisk.models.fire.flame``.
    duration : float
        Of the fire. [s]
    core, flame_end : float
        As for `heat_footprint`. [m]

    Notes
    -----
    What `heat_footprint` gives, within 1e-3 in every bin, at a fraction of its cost (see ``heat_rings``).
    """
    rim, discs = _core(lambda r, a: flame_flux(flame, r, a), duration, core)
    count, lethality = lethality_rings(
        flame, grid.radius, _edges(grid.n_bins), core, rim, flame_end, _lethality_table(duration), COSINES
    )
    return _stored(count, lethality, discs)


def radial_flame_footprint(grid: PolarGrid, flame: Array, duration: float) -> Footprint:
    """Footprint of a flame that is the same all round and weaker with distance; arguments as `flame_footprint`.

    The circle of certain death is a disc; it adds what the lethality at its rim lacks to 1, and the rings hold that
    lethality inside it, so that they are continuous.
    """
    table = _lethality_table(duration)
    certain = certain_death_radius(flame, HEAT.certain_death)
    rest = 1.0 - table.values[:, -1]
    discs = ((certain, (float(rest[0]), float(rest[1]), float(rest[2]))),) if certain > 0.0 else ()
    count, lethality = radial_lethality_rings(flame, grid.radius, grid.n_bins // 2, certain, table)
    return _stored(count, lethality, discs)


def _stored(count: NDArray[np.int32], lethality: Array, discs: tuple[Disc, ...]) -> Footprint:
    return Footprint(
        count=count,
        lethality=lethality,
        disc_radius=np.array([disc[0] for disc in discs], dtype=np.float64),
        disc_lethality=np.array([disc[1] for disc in discs], dtype=np.float64).reshape(-1, 3).T.copy(),
    )


@functools.lru_cache(maxsize=1024)
def casualty_heat_flux(duration: float) -> tuple[float, float, float]:
    """Heat fluxes that kill, burn seriously (second degree) and lightly (first degree) half of the exposed. [W/m²]"""
    table = constants("vulnerability")
    exposure = min(duration, HEAT.longest_exposure)
    burns = [
        math.exp(0.75 * ((5.0 - table[f"{degree}_degree_burn_intercept"].value) / table["burn_slope"].value))
        / exposure**0.75
        for degree in ("second", "first")
    ]
    return lethal_heat_flux(0.5, duration), burns[0], burns[1]


@functools.cache
def domino_threshold(vector: str) -> float:
    """Lowest escalation threshold of any equipment class. [W/m² or Pa]"""
    return min(float(row["value"]) for row in rows("escalation_thresholds") if row["vector"] == vector)


def casualty_radii(
    field: HeatField, duration: float, core: float = 0.0, vector: str = "heat"
) -> dict[str, float | None]:
    """Downwind distances of the casualty-radius table. [m]

    Parameters
    ----------
    field : callable
        Heat flux [W/m²] at distances [m] and angles from the downwind axis [rad].
    duration : float
        Of the fire. [s]
    core : float
        No distance is below this end of the flame; 0: a flux that is reached nowhere gives None. [m]
    vector : str
        "heat" or "fireball": which escalation threshold counts for ``domino_m``.
    """
    death, serious, light = casualty_heat_flux(duration)
    distance = _DISTANCES[np.searchsorted(_DISTANCES, core, side="right") :]
    flux = field(distance, np.zeros(distance.size))
    return {
        "death_m": _last_distance(field, distance, flux, death, core),
        "serious_m": _last_distance(field, distance, flux, serious, core),
        "light_m": _last_distance(field, distance, flux, light, core),
        "domino_m": _last_distance(field, distance, flux, domino_threshold(vector), core),
    }


def _last_distance(field: HeatField, distance: Array, flux: Array, level: float, core: float) -> float | None:
    """Largest of the distances downwind with at least this flux, to 1e-3 of itself. [m]"""
    strong = np.flatnonzero(flux >= level)
    if strong.size == 0:
        return core if core > 0.0 else None
    low = float(distance[strong[-1]])
    refined = np.linspace(low, low * _STEP, 21)
    return float(refined[np.flatnonzero(field(refined, np.zeros(21)) >= level)[-1]])
