"""A vessel that empties through a hole in its gas space: gas, or liquefied gas that boils as the pressure falls."""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.isentrope import TEMPERATURE, gas_flux_kernel
from parkrisk.models.release.outflow import gas_rate_kernel, require
from parkrisk.models.substance.cubic_table import CubicTable, cubic_kernel
from parkrisk.models.substance.saturation import (
    ENTHALPY_LIQUID,
    ENTHALPY_VAPOUR,
    LOG_PRESSURE,
    LOG_VOLUME_VAPOUR,
    VOLUME_LIQUID,
    temperature_kernel,
)

__all__ = [
    "adiabatic_blowdown",
    "boil_off_kernel",
    "gas_blowdown_kernel",
    "isothermal_blowdown",
    "isothermal_kernel",
]

#: Columns of a history.
TIME, RATE, MASS, PRESSURE, STATE_TEMPERATURE = range(5)


def adiabatic_blowdown(time: float, mass: float, rate: float, ratio: float) -> tuple[float, float]:
    """Mass left and rate of an ideal gas in an insulated vessel while the hole is choked.

    Parameters
    ----------
    time : float
        Since the start. [s]
    mass, rate : float
        At the start. [kg], [kg/s]
    ratio : float
        cp/cv. [-]

    Returns
    -------
    mass, rate : float
        [kg], [kg/s]. Pressure falls with mass^γ, temperature with mass^(γ−1).

    Raises
    ------
    OutOfRange

    Notes
    -----
    m = m0 (1 + (γ−1)/2 t q0/m0)^(−2/(γ−1)) and q = q0 (m/m0)^((γ+1)/2): the exact solution of dm/dt = −q for an
    isentropic content [1]_.

    References
    ----------
    .. [1] M. A. Saad, *Compressible fluid flow*, 2nd ed., Prentice Hall, 1993, section 3.8.
    """
    require(time_or_zero=time, mass=mass, rate=rate)
    if not ratio > 1.0:
        raise OutOfRange(f"比热比 {ratio} 无效", f"heat capacity ratio {ratio} is not valid")
    share = (1.0 + 0.5 * (ratio - 1.0) * time * rate / mass) ** (-2.0 / (ratio - 1.0))
    return mass * share, rate * share ** (0.5 * (ratio + 1.0))


def isothermal_blowdown(time: float, mass: float, rate: float) -> tuple[float, float]:
    """Mass left and rate of an ideal gas that its vessel keeps warm, while the hole is choked; as above.

    Notes
    -----
    m = m0 exp(−t q0/m0), the limit γ → 1 of ``adiabatic_blowdown``.
    """
    require(time_or_zero=time, mass=mass, rate=rate)
    share = math.exp(-time * rate / mass)
    return mass * share, rate * share


@kernel
def _even_out(share: float) -> float:
    """Place of a node: dense towards the end, where the rate goes to 0 as the root of the overpressure."""
    return 1.0 - (1.0 - share) * (1.0 - share)


@kernel
def gas_blowdown_kernel(
    table: CubicTable, density: float, end: float, last: float, volume: float, rate: float, nodes: int
) -> NDArray[np.float64]:
    """History of an insulated vessel of gas, down to the ambient pressure or to ``last``.

    Parameters
    ----------
    table, density
        Isentrope of the content, from ``isentrope``. [kg/m³]
    end, last : float
        ln(ρ0/ρ) at ambient pressure, and where the history ends, at most there.
    volume : float
        Of the vessel. [m³]
    rate : float
        At the start. [kg/s]
    nodes : int

    Returns
    -------
    array, shape (nodes, 5)
        Time [s], rate [kg/s], mass [kg], pressure [Pa], temperature [K].

    Notes
    -----
    The content follows the isentrope, and so does the flow, therefore the rate depends on the density inside alone and
    t = V ∫ dρ/(A G).
    """
    found = np.empty((nodes, 5))
    time = 0.0
    _, first = gas_flux_kernel(table, density, 0.0, end)
    area = rate / first
    for k in range(nodes):
        drop = last * _even_out(k / (nodes - 1))
        if k > 0:
            for sign in (-1.0, 1.0):  # two Gauss points in the even variable
                share = (k - 0.5 + sign * 0.5 / math.sqrt(3.0)) / (nodes - 1)
                inner = last * _even_out(share)
                _, between = gas_flux_kernel(table, density, inner, end)
                time += last * (1.0 - share) / (nodes - 1) * volume * density * math.exp(-inner) / (area * between)
        _, flux = gas_flux_kernel(table, density, drop, end)
        found[k, TIME] = time
        found[k, RATE] = area * flux
        found[k, MASS] = volume * density * math.exp(-drop)
        found[k, PRESSURE] = math.exp(cubic_kernel(table, drop, LOG_PRESSURE))
        found[k, STATE_TEMPERATURE] = cubic_kernel(table, drop, TEMPERATURE)
    if last == end:
        found[nodes - 1, RATE] = 0.0
    return found


@kernel
def isothermal_kernel(
    pressure: float,
    density: float,
    temperature: float,
    ratio: float,
    ambient_pressure: float,
    volume: float,
    rate: float,
    nodes: int,
) -> NDArray[np.float64]:
    """History of a vessel of gas that stays at its temperature; result as ``gas_blowdown_kernel``.

    Pressure and density fall together; ``ratio`` is cp/cv, of the flow in the hole.
    """
    found = np.empty((nodes, 5))
    area = rate / gas_rate_kernel(1.0, pressure, density, ratio, ambient_pressure, 1.0)
    end = math.log(pressure / ambient_pressure)
    time = 0.0
    for k in range(nodes):
        drop = end * _even_out(k / (nodes - 1))
        if k > 0:
            for sign in (-1.0, 1.0):
                share = (k - 0.5 + sign * 0.5 / math.sqrt(3.0)) / (nodes - 1)
                left = math.exp(-end * _even_out(share))
                flow = gas_rate_kernel(area, pressure * left, density * left, ratio, ambient_pressure, 1.0)
                time += end * (1.0 - share) / (nodes - 1) * volume * density * left / flow
        left = math.exp(-drop)
        found[k, TIME] = time
        found[k, RATE] = gas_rate_kernel(area, pressure * left, density * left, ratio, ambient_pressure, 1.0)
        found[k, MASS] = volume * density * left
        found[k, PRESSURE] = pressure * left
        found[k, STATE_TEMPERATURE] = temperature
    found[nodes - 1, RATE] = 0.0
    return found


@kernel
def _boiling_state(table: CubicTable, place: float, mass: float, volume: float) -> tuple[float, float]:
    """Mass of vapour [kg] and internal energy [J] of a vessel with liquid and vapour at a ξ."""
    liquid = cubic_kernel(table, place, VOLUME_LIQUID)
    vapour = math.exp(cubic_kernel(table, place, LOG_VOLUME_VAPOUR))
    above = (volume - mass * liquid) / (vapour - liquid)
    base = cubic_kernel(table, place, ENTHALPY_LIQUID)
    latent = cubic_kernel(table, place, ENTHALPY_VAPOUR) - base
    pressure = math.exp(cubic_kernel(table, place, LOG_PRESSURE))
    return above, mass * base + above * latent - pressure * volume


@kernel
def _mass_slope(table: CubicTable, place: float, mass: float, volume: float) -> float:
    """Slope dm/dξ of a vessel that only loses saturated vapour: dU = h_g dm. [kg]"""
    small = 1e-5
    _, after = _boiling_state(table, place + small, mass, volume)
    _, before = _boiling_state(table, place - small, mass, volume)
    by_place = (after - before) / (2.0 * small)
    more = 1e-4 * mass
    _, heavy = _boiling_state(table, place, mass + more, volume)
    _, light = _boiling_state(table, place, mass - more, volume)
    by_mass = (heavy - light) / (2.0 * more)
    return by_place / (cubic_kernel(table, place, ENTHALPY_VAPOUR) - by_mass)


@kernel
def _vapour_rate(table: CubicTable, place: float, ratio: float, ambient_pressure: float, area: float) -> float:
    pressure = math.exp(cubic_kernel(table, place, LOG_PRESSURE))
    density = math.exp(-cubic_kernel(table, place, LOG_VOLUME_VAPOUR))
    return gas_rate_kernel(area, pressure, density, ratio, ambient_pressure, 1.0)


@kernel
def boil_off_kernel(
    table: CubicTable,
    critical_temperature: float,
    start: float,
    end: float,
    mass: float,
    volume: float,
    rate: float,
    ratio: float,
    ambient_pressure: float,
    nodes: int,
) -> NDArray[np.float64]:
    """History of a vessel of liquefied gas that loses saturated vapour and cools itself; as ``gas_blowdown_kernel``.

    Parameters
    ----------
    table, critical_temperature
        Of the saturation line. [K]
    start, end : float
        ξ of the content and of the ambient pressure.
    mass, volume : float
        Of liquid and vapour, and of the vessel. [kg], [m³]
    rate : float
        At the start. [kg/s]
    ratio : float
        cp/cv of the vapour. [-]
    ambient_pressure : float
        [Pa]
    nodes : int

    Returns
    -------
    array, shape (at most nodes, 5)
        Ends at ambient pressure, or where the last liquid is gone.

    Notes
    -----
    Energy: d(m_l u_l + m_g u_g) = h_g dm at constant volume, insulated; over ξ by Runge and Kutta.
    """
    found = np.empty((nodes, 5))
    time = 0.0
    area = rate / _vapour_rate(table, start, ratio, ambient_pressure, 1.0)
    for k in range(nodes):
        place = start + (end - start) * _even_out(k / (nodes - 1))
        if k > 0:
            share = (k - 0.5) / (nodes - 1)
            before = start + (end - start) * _even_out((k - 1) / (nodes - 1))
            middle = start + (end - start) * _even_out(share)
            step = place - before
            first = _mass_slope(table, before, mass, volume)
            second = _mass_slope(table, 0.5 * (before + place), mass + 0.5 * step * first, volume)
            third = _mass_slope(table, 0.5 * (before + place), mass + 0.5 * step * second, volume)
            fourth = _mass_slope(table, place, mass + step * third, volume)
            lost = -step / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)
            mass -= lost
            time += lost / _vapour_rate(table, middle, ratio, ambient_pressure, area)
            above, _ = _boiling_state(table, place, mass, volume)
            if above >= mass:
                return found[:k]
        found[k, TIME] = time
        found[k, RATE] = _vapour_rate(table, place, ratio, ambient_pressure, area)
        found[k, MASS] = mass
        found[k, PRESSURE] = math.exp(cubic_kernel(table, place, LOG_PRESSURE))
        found[k, STATE_TEMPERATURE] = temperature_kernel(critical_temperature, place)
    if found[nodes - 1, PRESSURE] <= 1.001 * ambient_pressure:
        found[nodes - 1, RATE] = 0.0
    return found
