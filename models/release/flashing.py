"""Liquid that flashes on its way out: homogeneous equilibrium and equilibrium rate models, flash fraction."""

import math

from parkrisk.models._jit import kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.outflow import require

__all__ = [
    "critical_pressure_ratio",
    "critical_pressure_ratio_api",
    "equilibrium_rate_mass_flux",
    "flash_fraction",
    "flashing_flux_kernel",
    "flashing_mass_flux",
    "flashing_pipe_kernel",
    "omega",
    "throat_ratio_kernel",
]

_ITERATIONS = 100
_PIPE_ITERATIONS = 40
_PIPE_STEPS = 400


def omega(
    liquid_heat_capacity: float, temperature: float, pressure: float, liquid_density: float, clapeyron: float
) -> float:
    """Leung's parameter of a saturated liquid.

    Parameters
    ----------
    liquid_heat_capacity : float
        [J/(kg·K)]
    temperature, pressure : float
        At saturation. [K], [Pa]
    liquid_density : float
        [kg/m³]
    clapeyron : float
        v_fg/h_fg = 1/(T dP/dT). [1/Pa]

    Returns
    -------
    float
        [-]

    References
    ----------
    .. [1] J. C. Leung, *A generalized correlation for one-component homogeneous equilibrium flashing choked flow*,
       AIChE Journal 32 (1986) 1743; API 520 part I, 2014, Annex C.
    """
    require(heat_capacity=liquid_heat_capacity, temperature=temperature, pressure=pressure)
    require(density=liquid_density, clapeyron=clapeyron)
    return liquid_heat_capacity * temperature * pressure * liquid_density * clapeyron**2


@kernel
def _critical_kernel(omega: float) -> float:
    low, high = 1e-12, 1.0
    for _ in range(_ITERATIONS):
        eta = 0.5 * (low + high)
        rest = 1.0 - eta
        value = eta**2 + (omega**2 - 2.0 * omega) * rest**2 + 2.0 * omega**2 * (math.log(eta) + rest)
        if value < 0.0:
            low = eta
        else:
            high = eta
    return 0.5 * (low + high)


def critical_pressure_ratio(omega: float) -> float:
    """Critical pressure ratio of homogeneous equilibrium flow, the root of Leung's equation (API 520 eq. C.3)."""
    if not 0.0 < omega < 1e6:
        raise OutOfRange(f"ω = {omega} 无效", f"omega = {omega} is not valid")
    return _critical_kernel(omega)


def critical_pressure_ratio_api(omega: float) -> float:
    """Critical pressure ratio by the fit of API 520 part I, Annex C; a check of ``critical_pressure_ratio``."""
    require(omega=omega)
    base = 1.0 + (1.0446 - 0.0093431 * math.sqrt(omega)) * omega**-0.56261
    return float(base ** (-0.70356 + 0.014685 * math.log(omega)))


@kernel
def _flux_at(eta: float, saturation: float, omega: float) -> float:
    """Mass flux over sqrt(P0 rho0) at a throat pressure ratio, for a liquid that flashes below ``saturation``."""
    if eta >= saturation:
        return math.sqrt(2.0 * (1.0 - eta))
    work = (1.0 - saturation) + omega * saturation * math.log(saturation / eta) - (omega - 1.0) * (saturation - eta)
    return math.sqrt(2.0 * work) / (omega * (saturation / eta - 1.0) + 1.0)


@kernel
def throat_ratio_kernel(pressure: float, saturation_pressure: float, omega: float, ambient_pressure: float) -> float:
    """Pressure in the throat over that inside, where the flux is largest. Arguments as ``flashing_mass_flux``."""
    saturation = min(saturation_pressure / pressure, 1.0)
    low, high = ambient_pressure / pressure, saturation
    if low >= high:
        return low
    section = 0.5 * (math.sqrt(5.0) - 1.0)
    for _ in range(_ITERATIONS):
        left, right = high - section * (high - low), low + section * (high - low)
        if _flux_at(left, saturation, omega) < _flux_at(right, saturation, omega):
            low = left
        else:
            high = right
    return 0.5 * (low + high)


@kernel
def flashing_flux_kernel(
    pressure: float, saturation_pressure: float, density: float, omega: float, ambient_pressure: float
) -> float:
    """Mass flux [kg/(m²·s)]: the largest over all throat pressures. Arguments as ``flashing_mass_flux``."""
    if pressure <= ambient_pressure:
        return 0.0
    saturation = min(saturation_pressure / pressure, 1.0)
    throat = throat_ratio_kernel(pressure, saturation_pressure, omega, ambient_pressure)
    return _flux_at(throat, saturation, omega) * math.sqrt(pressure * density)


@kernel
def _swell(eta: float, saturation: float, omega: float) -> float:
    """Volume over that of the liquid at a pressure ratio."""
    return 1.0 if eta >= saturation else omega * (saturation / eta - 1.0) + 1.0


@kernel
def _pipe_resistance_used(flux: float, throat: float, saturation: float, omega: float, outer: float) -> float:
    """Resistance that a flux over sqrt(P0 rho0) leaves to a pipe until it chokes or reaches the ambient pressure."""
    low, high = throat, 1.0
    for _ in range(_ITERATIONS):
        middle = 0.5 * (low + high)
        if _flux_at(middle, saturation, omega) < flux:
            high = middle
        else:
            low = middle
    eta = 0.5 * (low + high)
    used = 0.0
    if eta > saturation:
        used = 2.0 * (eta - saturation) / (flux * flux)
        eta = saturation
    step = (eta - outer) / _PIPE_STEPS
    for _ in range(_PIPE_STEPS):
        after = eta - step
        here, there = _swell(eta, saturation, omega), _swell(after, saturation, omega)
        piece = step * (1.0 / here + 1.0 / there) / (flux * flux) - 2.0 * math.log(there / here)
        if piece <= 0.0:
            break
        used += piece
        eta = after
    return used


@kernel
def flashing_pipe_kernel(
    pressure: float,
    saturation_pressure: float,
    density: float,
    omega: float,
    ambient_pressure: float,
    resistance: float,
) -> float:
    """Mass flux [kg/(m²·s)] of a pipe of a resistance f L/D + K behind an isentropic inlet; as ``flashing_mass_flux``.

    Leung and Grolmes 1987: f dx/D = −2 ρ dp/G² − 2 dv/v with the volume of the omega method.
    """
    highest = flashing_flux_kernel(pressure, saturation_pressure, density, omega, ambient_pressure)
    if resistance <= 0.0 or highest == 0.0:
        return highest
    saturation = min(saturation_pressure / pressure, 1.0)
    throat = throat_ratio_kernel(pressure, saturation_pressure, omega, ambient_pressure)
    outer = min(ambient_pressure / pressure, saturation)
    scale = math.sqrt(pressure * density)
    low, high = 0.0, highest / scale
    for _ in range(_PIPE_ITERATIONS):
        middle = 0.5 * (low + high)
        if _pipe_resistance_used(middle, throat, saturation, omega, outer) > resistance:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high) * scale


def flashing_mass_flux(
    pressure: float,
    saturation_pressure: float,
    liquid_density: float,
    omega: float,
    ambient_pressure: float = 101_325.0,
) -> float:
    """Mass flux of a saturated or subcooled liquid that flashes, in homogeneous equilibrium.

    Parameters
    ----------
    pressure : float
        Inside, at least the saturation pressure. [Pa]
    saturation_pressure : float
        Of the liquid at its temperature. [Pa]
    liquid_density : float
        [kg/m³]
    omega : float
        Leung's parameter at the saturation pressure. [-]
    ambient_pressure : float
        [Pa]

    Returns
    -------
    float
        For a frictionless nozzle, without discharge coefficient. [kg/(m²·s)]

    Raises
    ------
    OutOfRange

    Notes
    -----
    Leung and Grolmes [1]_: the flux is maximised over the throat pressure, which holds for low and high subcooling,
    choked and not.

    References
    ----------
    .. [1] J. C. Leung, M. A. Grolmes, *A generalized correlation for flashing choked flow of initially subcooled
       liquid*, AIChE Journal 34 (1988) 688; API 520 part I, 2014, Annex C.
    """
    require(pressure=pressure, saturation_pressure=saturation_pressure, liquid_density=liquid_density, omega=omega)
    require(ambient_pressure=ambient_pressure)
    if saturation_pressure > pressure * (1.0 + 1e-9):
        raise OutOfRange("压力低于饱和压力，容器内不是液体", "the pressure is below saturation: no liquid inside")
    return flashing_flux_kernel(pressure, saturation_pressure, liquid_density, omega, ambient_pressure)


def equilibrium_rate_mass_flux(
    temperature: float,
    liquid_heat_capacity: float,
    liquid_density: float,
    clapeyron: float,
    overpressure: float,
    path_length: float,
    discharge_coefficient: float = 0.62,
    subcooling: float = 0.0,
) -> float:
    """Mass flux of a saturated or subcooled liquid by the equilibrium rate model.

    Parameters
    ----------
    temperature, liquid_heat_capacity, liquid_density, clapeyron : float
        As in ``omega``.
    overpressure : float
        Pressure inside less ambient pressure. [Pa]
    path_length : float
        Of the flow in the opening; from 0.1 m on the flow is in equilibrium. [m]
    discharge_coefficient : float
        Of the same opening for liquid. [-]
    subcooling : float
        Pressure inside less saturation pressure. [Pa]

    Returns
    -------
    float
        Between Bernoulli's (with its discharge coefficient) at length 0 and the equilibrium rate. [kg/(m²·s)]

    Notes
    -----
    G = (h_fg/v_fg) / sqrt(N cp T), N = h_fg² / (2 ΔP ρ Cd² v_fg² T cp) + L/0.1 m below 0.1 m, N = 1 beyond [1]_.
    Of a subcooled liquid the equilibrium flux is the root of 2 ρ (P0 − Ps) + G² [1]_.

    References
    ----------
    .. [1] H. K. Fauske, M. Epstein, *Source term considerations in connection with chemical accidents and vapour cloud
       modelling*, J. Loss Prev. Process Ind. 1 (1988) 75.
    """
    require(temperature=temperature, heat_capacity=liquid_heat_capacity, density=liquid_density, clapeyron=clapeyron)
    require(overpressure=overpressure, path_length_or_zero=path_length, discharge_coefficient=discharge_coefficient)
    require(subcooling_or_zero=subcooling)
    saturated = 1.0 / (clapeyron * math.sqrt(liquid_heat_capacity * temperature))
    equilibrium = math.hypot(saturated, math.sqrt(2.0 * liquid_density * subcooling))
    bernoulli = discharge_coefficient * math.sqrt(2.0 * overpressure * liquid_density)
    longest = constants("outflow")["equilibrium_length"].value
    if path_length >= longest:
        return equilibrium
    return 1.0 / math.sqrt(1.0 / bernoulli**2 + path_length / longest / equilibrium**2)


def flash_fraction(
    temperature: float, boiling_point: float, heat_capacity: float, heat_of_vaporisation: float
) -> float:
    """Share of a liquid that turns to vapour when it expands to the pressure of its boiling point.

    Parameters
    ----------
    temperature : float
        Before. [K]
    boiling_point : float
        At the outer pressure. [K]
    heat_capacity : float
        Of the liquid, mean between the two temperatures. [J/(kg·K)]
    heat_of_vaporisation : float
        At the boiling point. [J/kg]

    Returns
    -------
    float
        0 for a liquid that is not superheated, 1 for one hot enough to evaporate wholly. [-]

    Notes
    -----
    Isenthalpic, vapour and liquid staying together: cp ΔT / h_fg [1]_. The form 1 − exp(−cp ΔT / h_fg), for a vapour
    that leaves as it forms, gives less.

    References
    ----------
    .. [1] CCPS, *Guidelines for consequence analysis of chemical releases*, AIChE, 1999, section 2.1.3.
    """
    require(temperature=temperature, boiling_point=boiling_point)
    require(heat_capacity=heat_capacity, heat_of_vaporisation=heat_of_vaporisation)
    return min(1.0, heat_capacity * max(0.0, temperature - boiling_point) / heat_of_vaporisation)
