"""The flow through an opening at one moment: gas, liquid, or liquid that flashes on the way."""

import math
from typing import TYPE_CHECKING, NamedTuple

from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.release.flashing import equilibrium_rate_mass_flux
from parkrisk.models.release.isentrope import gas_flow
from parkrisk.models.release.mixture_flow import rest_enthalpy
from parkrisk.models.release.outflow import liquid_rate, require
from parkrisk.models.release.throat import Throat
from parkrisk.models.release.two_phase import flashing_flow, pipe_resistance
from parkrisk.models.substance.mixture import Mixture
from parkrisk.models.substance.saturation import saturation, stagnation

if TYPE_CHECKING:
    from parkrisk.models.substance.substances import Substance

__all__ = ["Opening", "gas_opening", "liquid_opening", "nothing_pushes", "vapour_pressure_or_zero"]

_GRAVITY = 9.80665  # m/s²
_STEP = 0.05  # K, for the slope of the vapour pressure


class Opening(NamedTuple):
    """Flow through an opening.

    Parameters
    ----------
    rate : float
        [kg/s]
    phase : str
        In the opening: "gas", "liquid" or "two_phase".
    throat : Throat
        Without discharge coefficient.
    real : bool
        Whether a gas follows an equation of state.
    flags : tuple of str
        Codes of assumptions.
    quality : float
        Share of vapour inside, where a mixture of liquid and vapour flows out. [-]
    """

    rate: float
    phase: str
    throat: Throat
    real: bool = True
    flags: tuple[str, ...] = ()
    quality: float = 0.0


def nothing_pushes() -> OutOfRange:
    """Error of a content that stays inside."""
    return OutOfRange("内部压力和液位不足以推出物料", "neither pressure nor liquid head pushes the contents out")


def vapour_pressure_or_zero(substance: "Substance", temperature: float) -> float:
    """Vapour pressure, or 0 for a liquid too cold for the data. [Pa]"""
    try:
        return substance.vapour_pressure(temperature)
    except OutOfRange:
        if temperature >= substance.boiling_point:
            raise
        return 0.0


def gas_opening(
    substance: "Substance",
    temperature: float,
    pressure: float,
    area: float,
    ambient_pressure: float,
    discharge_coefficient: float,
) -> Opening:
    """Gas through an opening.

    Parameters
    ----------
    substance : Substance
    temperature, pressure : float
        Inside. [K], [Pa]
    area : float
        [m²]
    ambient_pressure : float
        [Pa]
    discharge_coefficient : float
        [-]

    Raises
    ------
    OutOfRange
        Nothing pushes the gas out; a number is not positive and finite.
    """
    require(area=area, discharge_coefficient=discharge_coefficient, pressure=pressure)
    if pressure <= ambient_pressure:
        raise nothing_pushes()
    throat, real = gas_flow(substance, temperature, pressure, ambient_pressure)
    ideal = not real and pressure > constants("outflow")["ideal_gas_limit"].value
    flags = ("gas_ideal_isentrope",) if ideal else ()
    return Opening(discharge_coefficient * area * throat.flux, "gas", throat, real, flags)


def liquid_opening(
    substance: "Substance",
    temperature: float,
    pressure: float,
    head: float,
    diameter: float,
    path_length: float,
    ambient_pressure: float,
    discharge_coefficient: float | None = None,
) -> Opening:
    """Liquid through a hole in a wall, a short nozzle or a pipe.

    Parameters
    ----------
    substance : Substance
    temperature, pressure : float
        Of the liquid, and of the gas above it; at least the vapour pressure counts. [K], [Pa]
    head : float
        Of liquid above the opening. [m]
    diameter, path_length : float
        Of the opening; 0: a hole in the wall. [m]
    ambient_pressure : float
        [Pa]
    discharge_coefficient : float, optional
        Default 0.62; 1 for a pipe in which the liquid flashes, whose inlet and friction are counted apart.

    Returns
    -------
    Opening

    Raises
    ------
    OutOfRange, MissingProperty

    Notes
    -----
    Not superheated: Bernoulli. Superheated: without a path it leaves before it flashes, so Bernoulli too; up to 0.1 m
    the equilibrium rate model; from there on homogeneous equilibrium with friction (``two_phase``) [1]_.

    References
    ----------
    .. [1] H. K. Fauske, M. Epstein, *Source term considerations in connection with chemical accidents and vapour cloud
       modelling*, J. Loss Prev. Process Ind. 1 (1988) 75.
    """
    numbers = constants("outflow")
    density = substance.liquid_density(temperature)
    saturated = vapour_pressure_or_zero(substance, temperature)
    inside = max(pressure, saturated)
    if inside < ambient_pressure:
        raise nothing_pushes()
    pushing = inside + density * _GRAVITY * head
    if pushing <= ambient_pressure:
        raise nothing_pushes()
    area = 0.25 * math.pi * diameter**2
    flashes = saturated > ambient_pressure
    if flashes and path_length >= numbers["equilibrium_length"].value:
        coefficient = 1.0 if discharge_coefficient is None else discharge_coefficient
        resistance = pipe_resistance(path_length, diameter)
        throat = flashing_flow(substance, temperature, pushing, ambient_pressure, resistance)
        return Opening(coefficient * area * throat.flux, "two_phase", throat)
    coefficient = numbers["discharge_sharp"].value if discharge_coefficient is None else discharge_coefficient
    flux = liquid_rate(1.0, density, inside - ambient_pressure, head, 1.0)
    rate = liquid_rate(area, density, inside - ambient_pressure, head, coefficient)
    if not flashes:
        throat = Throat(flux, ambient_pressure, temperature, density, flux / density, 0.0, math.nan, False)
        return Opening(rate, "liquid", throat)
    enthalpy = _rest_enthalpy(substance, temperature, pushing)
    phase = "liquid"
    if path_length > 0.0:
        phase = "two_phase"
        flux, narrowed = (
            equilibrium_rate_mass_flux(
                temperature,
                substance.liquid_heat_capacity(temperature),
                density,
                _clapeyron(substance, temperature),
                pushing - ambient_pressure,
                path_length,
                each,
                subcooling=max(pushing - saturated, 0.0),
            )
            for each in (1.0, coefficient)
        )
        rate = area * narrowed
    outer = pushing - 0.5 * flux**2 / density
    throat = Throat(flux, outer, temperature, density, flux / density, 0.0, enthalpy, phase == "two_phase")
    return Opening(rate, phase, throat)


def _rest_enthalpy(substance: "Substance", temperature: float, pressure: float) -> float:
    """Enthalpy inside on the scale of the substance, NaN where its saturation is not known. [J/kg]"""
    if isinstance(substance, Mixture):
        return rest_enthalpy(substance, temperature, pressure)
    try:
        return stagnation(saturation(substance), temperature, pressure, 0.0)[2]
    except OutOfRange:
        return math.nan


def _clapeyron(substance: "Substance", temperature: float) -> float:
    """v_fg/h_fg = 1/(T dp/dT). [1/Pa]"""
    above, below = (substance.vapour_pressure(temperature + step) for step in (_STEP, -_STEP))
    return 2.0 * _STEP / (temperature * (above - below))
