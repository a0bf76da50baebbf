"""What a flow is at its narrowest or last section, and after its expansion to ambient pressure."""

from typing import NamedTuple

__all__ = ["Expansion", "Throat"]


class Throat(NamedTuple):
    """The narrowest or last section of a flow.

    Parameters
    ----------
    flux : float
        [kg/(m²·s)]
    pressure, temperature : float
        There. [Pa], [K]
    density : float
        Of the mixture there. [kg/m³]
    velocity : float
        [m/s]
    quality : float
        Share of vapour in the mass. [-]
    enthalpy : float
        Total enthalpy (at rest), on the scale of the substance; NaN: not known. [J/kg]
    choked : bool
        Whether the pressure there stands above the ambient one.
    """

    flux: float
    pressure: float
    temperature: float
    density: float
    velocity: float
    quality: float
    enthalpy: float
    choked: bool


class Expansion(NamedTuple):
    """State of all that leaves, at ambient pressure.

    Parameters
    ----------
    velocity, temperature : float
        [m/s], [K]
    liquid_fraction : float
        Of the mass, before any rain-out. [-]
    liquid_density, vapour_density : float
        [kg/m³]
    """

    velocity: float
    temperature: float
    liquid_fraction: float
    liquid_density: float
    vapour_density: float
