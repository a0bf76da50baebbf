"""Equipment inside a flame: how hot it gets there and how soon an unprotected vessel fails."""

from parkrisk.models.bounds import bounded
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fragility import equipment, time_to_failure_kernel

__all__ = ["FIRES", "engulfed_time_to_failure", "engulfing_heat_flux"]

FIRES = ("pool_fire", "jet_fire")


def engulfing_heat_flux(fire: str) -> float:
    """Heat flux on a vessel inside a flame. [W/m²]

    Parameters
    ----------
    fire : str
        "pool_fire": the vessel stands in it. "jet_fire": the flame hits the vessel.

    Raises
    ------
    OutOfRange
        Neither of the two.

    References
    ----------
    .. [1] UK HSE, DIN TD5/005, *Characterisation of passive fire protection materials against jet-fire impingement*,
       2000.
    """
    if fire not in FIRES:
        raise OutOfRange(f"火灾须为 {FIRES} 之一，现为 {fire!r}", f"fire is one of {FIRES}, not {fire!r}")
    return constants("fragility")[f"engulfing_{fire}_heat_flux"].value


def engulfed_time_to_failure(fire: str, volume: float, equipment_class: str) -> float:
    """Time until an unprotected vessel fails inside a flame. [s]

    Parameters
    ----------
    fire : str
        As `engulfing_heat_flux`.
    volume : float
        Of the vessel. [m³]
    equipment_class : str
        As `fragility.equipment`.

    Raises
    ------
    OutOfRange
        Unknown fire or class; a volume outside 0 to 1e6 m³.

    Notes
    -----
    Pressure vessels: 10 min in a pool fire and 5 min under a jet fire, as observed with liquefied gas tanks of some
    tonnes [1]_, whatever the volume. The others: time to failure of their class in the flux of the flame.

    References
    ----------
    .. [1] UK HSE, DIN TD5/005, 2000.

    Examples
    --------
    >>> engulfed_time_to_failure("jet_fire", 5.0, "pressurised")
    300.0
    """
    flux = engulfing_heat_flux(fire)
    item = equipment(equipment_class)
    size = float(bounded(volume, "容积 (m³) ", "volume [m³]", 1e6))
    if equipment_class == "pressurised":
        return constants("fragility")[f"engulfing_{fire}_pressurised_ttf"].value
    return time_to_failure_kernel(flux, size, item)
