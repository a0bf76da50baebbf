"""Blast waves from first principles: the Euler equations of a bursting sphere of gas, or of a ball of gas that burns.

The numerical counterpart of the blast curves: slow, but free of digitised figures. Everything is scaled: lengths by
(E/p0)^(1/3) with the energy E of the whole sphere, pressures by p0, speeds by the sound speed a0 of the air.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange

__all__ = ["BlastWave", "bursting_sphere", "spherical_flame"]

Array = NDArray[np.float64]

_AIR = 1.4  # heat capacity ratio of air
_COURANT = 0.4
_ROWS = 5  # mass, momentum, energy, charge, burnt charge; all per volume


@dataclass(frozen=True)
class BlastWave:
    """What passes at each distance; arrays of one shape (n,).

    Parameters
    ----------
    distance : array
        r (p0/E)^(1/3). [-]
    overpressure : array
        Highest, over p0. [-]
    impulse, duration : array
        Of the first positive phase: i a0 / (p0^(2/3) E^(1/3)) and t a0 (p0/E)^(1/3). [-]
    arrival : array
        When the overpressure first exceeds half of its peak: as the duration. [-]
    """

    distance: Array
    overpressure: Array
    impulse: Array
    duration: Array
    arrival: Array


@kernel
def _limited(left: float, right: float) -> float:
    """Slope of van Leer between two differences."""
    product = left * right
    return 2.0 * product / (left + right) if product > 0.0 else 0.0


@kernel
def _primitive(state: Array, extra: float, count: int, out: Array) -> None:
    """Density, speed, pressure, share of charge, share burnt; ``extra`` is what 1/(γ-1) gains by burning."""
    for i in range(count):
        rho = state[0, i]
        u = state[1, i] / rho
        burnt = state[4, i] / rho
        out[0, i], out[1, i] = rho, u
        out[2, i] = max((state[2, i] - 0.5 * rho * u * u) / (1.0 / (_AIR - 1.0) + burnt * extra), 1e-9)
        out[3, i], out[4, i] = state[3, i] / rho, burnt


@kernel
def _flux(left: Array, right: Array, extra: float, out: Array) -> None:
    """Numerical flux between two states after Harten, Lax, van Leer, with the contact wave."""
    inner = 1.0 / (_AIR - 1.0)
    gamma_left = 1.0 + 1.0 / (inner + left[4] * extra)
    gamma_right = 1.0 + 1.0 / (inner + right[4] * extra)
    sound_left = math.sqrt(gamma_left * left[2] / left[0])
    sound_right = math.sqrt(gamma_right * right[2] / right[0])
    slow = min(left[1] - sound_left, right[1] - sound_right)
    fast = max(left[1] + sound_left, right[1] + sound_right)
    mass_left, mass_right = left[0] * (slow - left[1]), right[0] * (fast - right[1])
    contact = (right[2] - left[2] + left[1] * mass_left - right[1] * mass_right) / (mass_left - mass_right)
    upwind, wave, gamma = (left, slow, gamma_left) if contact >= 0.0 else (right, fast, gamma_right)
    rho, u, p = upwind[0], upwind[1], upwind[2]
    energy = p / (gamma - 1.0) + 0.5 * rho * u * u
    out[0], out[1], out[2] = rho * u, rho * u * u + p, (energy + p) * u
    if slow < 0.0 < fast:
        squeezed = rho * (wave - u) / (wave - contact)
        lifted = squeezed * (energy / rho + (contact - u) * (contact + p / (rho * (wave - u))))
        out[0] += wave * (squeezed - rho)
        out[1] += wave * (squeezed * contact - rho * u)
        out[2] += wave * (lifted - energy)
    out[3], out[4] = out[0] * upwind[3], out[0] * upwind[4]


@kernel
def _advance(state: Array, step: float, dr: float, extra: float, count: int, prim: Array, rate: Array) -> None:
    """Rate of change of the first ``count`` cells, second order in space, into ``rate``."""
    _primitive(state, extra, count + 2, prim)
    left, right, flux = np.empty(_ROWS), np.empty(_ROWS), np.zeros(_ROWS)
    before, area_before = np.zeros(_ROWS), 0.0
    before[1] = prim[2, 0]
    for i in range(count):
        for k in range(_ROWS):
            inner = prim[k, i - 1] if i > 0 else (-prim[k, 0] if k == 1 else prim[k, 0])
            here, ahead, beyond = prim[k, i], prim[k, i + 1], prim[k, min(i + 2, count + 1)]
            left[k] = here + 0.5 * _limited(here - inner, ahead - here)
            right[k] = ahead - 0.5 * _limited(ahead - here, beyond - ahead)
        _flux(left, right, extra, flux)
        r = (i + 1) * dr
        area = r * r
        volume = (r**3 - (r - dr) ** 3) / 3.0
        for k in range(_ROWS):
            rate[k, i] = step * (area_before * before[k] - area * flux[k]) / volume
            before[k] = flux[k]
        rate[1, i] += step * prim[2, i] * (area - area_before) / volume
        area_before = area


@kernel
def _burn(state: Array, flame: float, dr: float, heat: float, count: int) -> None:
    """Burn the charge that the flame front has covered."""
    for i in range(min(count, int(flame / dr) + 1)):
        covered = min(max(flame / dr - i, 0.0), 1.0) * state[3, i]
        if covered > state[4, i]:
            state[2, i] += heat * (covered - state[4, i])
            state[4, i] = covered


@kernel
def _march(
    state: Array, dr: float, extra: float, flame_speed: float, heat: float, gauge: NDArray[np.int64], end: float
) -> tuple[Array, Array]:
    """Run until ``end``; times of the steps, and the overpressure at the gauge cells after each step."""
    cells = state.shape[1]
    prim, first, rate = np.empty((_ROWS, cells)), np.empty((_ROWS, cells)), np.zeros((_ROWS, cells))
    times, history = np.zeros(1024), np.zeros((1024, gauge.size))
    # Cells are followed up to the fourth beyond the last that is not still air: what leaves it is received.
    time, count, steps = 0.0, 4, 0
    while count < cells - 4 and (abs(state[2, count - 4] * (_AIR - 1.0) - 1.0) > 1e-9 or state[3, count - 4] > 0.0):
        count += 1
    while time < end:
        _primitive(state, extra, count, prim)
        fastest = flame_speed
        for i in range(count):
            gamma = 1.0 + 1.0 / (1.0 / (_AIR - 1.0) + prim[4, i] * extra)
            fastest = max(fastest, abs(prim[1, i]) + math.sqrt(gamma * prim[2, i] / prim[0, i]))
        step = _COURANT * dr / fastest
        first[:, : count + 4] = state[:, : count + 4]
        for stage in range(2):
            _advance(state, step, dr, extra, count, prim, rate)
            for k in range(_ROWS):
                for i in range(count):
                    new = state[k, i] + rate[k, i]
                    state[k, i] = new if stage == 0 else 0.5 * (first[k, i] + new)
        time += step
        if flame_speed > 0.0:
            _burn(state, flame_speed * time, dr, heat, count)
        while count < cells - 4 and abs(state[2, count - 4] * (_AIR - 1.0) - 1.0) > 1e-9:
            count += 1
        if steps == times.size:
            times = np.concatenate((times, np.zeros(steps)))
            history = np.concatenate((history, np.zeros((steps, gauge.size))))
        times[steps] = time
        for j in range(gauge.size):
            i = gauge[j]
            internal = state[2, i] - 0.5 * state[1, i] ** 2 / state[0, i]
            history[steps, j] = internal / (1.0 / (_AIR - 1.0) + state[4, i] / state[0, i] * extra) - 1.0
        steps += 1
    return times[:steps], history[:steps]


def _passage(time: Array, over: Array) -> tuple[float, float, float, float]:
    """Peak, impulse, duration and arrival of the first positive phase of one history; nan where it does not end."""
    top = int(np.argmax(over))
    peak = float(over[top])
    middle = int(np.argmax(over >= 0.5 * peak))
    after = np.flatnonzero(over[top:] < 0.0)
    if after.size == 0:
        return math.nan, math.nan, math.nan, math.nan
    last = top + int(after[0])
    arrival = float(time[middle])
    impulse = float(np.trapezoid(np.maximum(over[:last], 0.0), time[:last]))
    return peak, impulse, float(time[last]) - arrival, arrival


def _wave(state: Array, dr: float, extra: float, speed: float, heat: float, distance: Array, end: float) -> BlastWave:
    gauge = np.unique(np.round(distance / dr - 0.5).astype(np.int64))
    time, history = _march(state, dr, extra, speed, heat, gauge, end)
    sound = math.sqrt(_AIR)
    found = np.array([_passage(time, history[:, j]) for j in range(gauge.size)])
    kept = np.isfinite(found[:, 0])
    peak, impulse, duration, arrival = found[kept].T
    return BlastWave(((gauge + 0.5) * dr)[kept], peak, impulse * sound, duration * sound, arrival * sound)


def _checked(distance: ArrayLike, cell: float, radius: float) -> Array:
    values = np.unique(np.asarray(distance, dtype=np.float64))
    if not bool(np.all((values > 0.0) & (values <= 50.0))) or values.size == 0:
        raise OutOfRange("比例距离须在 0 至 50 之间", "the scaled distances must lie between 0 and 50")
    if not 0.0 < cell <= 0.25 * radius:
        raise OutOfRange(
            f"网格须为正且不大于源半径 {radius:g} 的四分之一",
            f"the cell must be positive, a quarter of the source's radius {radius:g} at most",
        )
    return values


def _still_air(distance: Array, radius: float, cell: float) -> tuple[Array, Array]:
    """State of air at rest on a grid that reaches beyond all distances, and the share of each cell in the source."""
    cells = int((float(distance[-1]) + 1.5) / cell)
    edge = np.arange(cells + 1) * cell
    state = np.zeros((_ROWS, cells))
    state[0], state[2] = 1.0, 1.0 / (_AIR - 1.0)
    return state, np.clip((radius**3 - edge[:-1] ** 3) / (edge[1:] ** 3 - edge[:-1] ** 3), 0.0, 1.0)


def bursting_sphere(
    pressure_ratio: float,
    distance: ArrayLike,
    *,
    sound_speed_ratio: float = 1.0,
    heat_capacity_ratio: float = _AIR,
    cell: float = 2e-3,
) -> BlastWave:
    """Blast of a sphere of ideal gas that is let go at once, without a shell.

    Parameters
    ----------
    pressure_ratio : float
        Of the gas over the air, 1.1 to 1e5. [-]
    distance : array
        r (p0/E)^(1/3), with the energy E = (p1 - p0) V / (γ - 1). [-]
    sound_speed_ratio : float
        Of the gas over the air, 0.1 to 100. [-]
    heat_capacity_ratio : float
        Of the gas, 1.05 to 1.7. [-]
    cell : float
        Width of a cell. [-]

    Returns
    -------
    BlastWave
        At the middles of the cells that hold the distances, without those where the positive phase does not end.

    Raises
    ------
    OutOfRange
        Outside these ranges, or cells that do not resolve the sphere.

    Notes
    -----
    The Euler equations in spherical symmetry, in finite volumes (limiter of van Leer, HLLC flux, two stages in time).
    Peaks of shocks are clipped, impulses are not: at 0.002 the peak is some 8 % low far out, and three cell widths tell
    how far (`benchmarks.vessel_burst_curves`). The problem is that of [1]_.

    References
    ----------
    .. [1] W.E. Baker et al., *Explosion hazards and evaluation*, Elsevier, 1983, chapter 2.
    """
    if not (1.1 <= pressure_ratio <= 1e5 and 0.1 <= sound_speed_ratio <= 100.0 and 1.05 <= heat_capacity_ratio <= 1.7):
        raise OutOfRange(
            "压力比须在 1.1 至 1e5，声速比 0.1 至 100，比热比 1.05 至 1.7",
            "pressure ratio 1.1 to 1e5, sound speed ratio 0.1 to 100, heat capacity ratio 1.05 to 1.7",
        )
    radius = _radius((pressure_ratio - 1.0) / (heat_capacity_ratio - 1.0))
    values = _checked(distance, cell, radius)
    state, inside = _still_air(values, radius, cell)
    density = heat_capacity_ratio * pressure_ratio / (_AIR * sound_speed_ratio**2)
    state[0] += inside * (density - 1.0)
    state[2] += inside * (pressure_ratio / (heat_capacity_ratio - 1.0) - 1.0 / (_AIR - 1.0))
    state[3] = state[4] = inside * density
    extra = 1.0 / (heat_capacity_ratio - 1.0) - 1.0 / (_AIR - 1.0)
    end = (float(values[-1]) + 1.2) / math.sqrt(_AIR)
    return _wave(state, cell, extra, 0.0, 0.0, values, end)


def spherical_flame(
    flame_mach: float,
    distance: ArrayLike,
    *,
    energy_density: float | None = None,
    burnt_ratio: float = 1.25,
    cell: float = 2e-3,
) -> BlastWave:
    """Blast of a ball of gas through which a flame runs outward at constant speed.

    Parameters
    ----------
    flame_mach : float
        Speed of the flame front past a fixed point over the sound speed of the air, 0.1 to 5.2. [-]
    distance : array
        r (p0/E)^(1/3), with the heat E of the whole ball. [-]
    energy_density : float, optional
        Heat per volume of the unburnt gas over p0; default 3.5 MJ/m³ at 101325 Pa. [-]
    burnt_ratio : float
        Heat capacity ratio of what is burnt, 1.1 to 1.4; 1.25 expands a stoichiometric mixture 7.6 times. [-]
    cell : float
        Width of a cell. [-]

    Returns, Raises
        As `bursting_sphere`.

    Notes
    -----
    The problem behind the curves of the multi-energy method [1]_ and of Baker, Strehlow and Tang [2]_. On the ground
    the hemisphere's energy is half of E, so that distances scaled by it are 2^(1/3) times as large.

    References
    ----------
    .. [1] A.C. van den Berg, "The multi-energy method", J Hazard Mater 12 (1985) 1-10.
    .. [2] M.J. Tang, Q.A. Baker, "A new set of blast curves from vapor cloud explosion", Process Saf Prog 18 (1999)
       235-240.
    """
    heat = (
        constants("explosion")["cloud_energy_density"].value / 101_325.0 if energy_density is None else energy_density
    )
    if not (0.1 <= flame_mach <= 5.2 and 1.1 <= burnt_ratio <= _AIR and 1.0 <= heat <= 1000.0):
        raise OutOfRange(
            "火焰马赫数须在 0.1 至 5.2，燃后比热比 1.1 至 1.4，能量密度与气压之比 1 至 1000",
            "flame Mach number 0.1 to 5.2, burnt heat capacity ratio 1.1 to 1.4, heat per volume over p0 1 to 1000",
        )
    radius = _radius(heat)
    values = _checked(distance, cell, radius)
    state, charge = _still_air(values, radius, cell)
    state[3] = charge
    extra = 1.0 / (burnt_ratio - 1.0) - 1.0 / (_AIR - 1.0)
    speed = flame_mach * math.sqrt(_AIR)
    end = (float(values[-1]) + 1.5) / math.sqrt(_AIR) + 2.5 * radius / speed
    return _wave(state, cell, extra, speed, heat, values, end)


def _radius(energy_density: float) -> float:
    """Scaled radius of a sphere whose energy is 1."""
    return math.cbrt(3.0 / (4.0 * math.pi * energy_density))
