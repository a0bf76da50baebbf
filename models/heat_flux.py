"""Heat flux in W/m², and the two doors that keep values in kW/m² out.

A fire that can hurt anyone gives more than full sunshine (1 kW/m²) and no flame gives more than 1 MW/m². So the
strongest value of a field fits exactly one of `checked_heat_flux` and `heat_flux_from_kw_m2`; the other one refuses it.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.bounds import bounded
from parkrisk.models.errors import OutOfRange

__all__ = ["checked_exposure", "checked_heat_flux", "heat_flux_from_kw_m2"]

Array = NDArray[np.float64]

_SUNSHINE = 1e3  # [W/m²]
_HOTTEST = 1e6  # [W/m²]


def checked_heat_flux(heat_flux: ArrayLike) -> Array:
    """Give a heat flux [W/m²] as an array, if it can be one.

    Parameters
    ----------
    heat_flux : float or array
        Incident flux of a fire. [W/m²]

    Raises
    ------
    OutOfRange
        A value is negative, NaN or above 1 MW/m²; or the strongest is above 0 and not above 1000, which is no fire
        and is how a value in kW/m² looks.

    Examples
    --------
    >>> checked_heat_flux([0.0, 37_500.0]).tolist()
    [0.0, 37500.0]
    """
    array = bounded(heat_flux, "热通量 (W/m²) ", "heat flux [W/m²]", _HOTTEST)
    strongest = float(array.max(initial=0.0))
    if 0.0 < strongest <= _SUNSHINE:
        raise OutOfRange(
            f"最大热通量仅 {strongest:g} W/m²，不强于日照：若为 kW/m²，请用 heat_flux_from_kw_m2 换算",
            f"the strongest heat flux is {strongest:g} W/m², no more than sunshine: "
            "convert values in kW/m² by heat_flux_from_kw_m2",
        )
    return array


def checked_exposure(heat_flux: ArrayLike, duration: ArrayLike) -> tuple[Array, Array]:
    """Give heat fluxes [W/m²] and durations [s] as arrays of one shape; OutOfRange as `checked_heat_flux`."""
    flux, time = np.broadcast_arrays(
        checked_heat_flux(heat_flux), bounded(duration, "时间 (s) ", "duration [s]", math.inf)
    )
    return flux, time


def heat_flux_from_kw_m2(heat_flux_kw_m2: ArrayLike) -> Array:
    """Heat flux [W/m²] from values in kW/m².

    Parameters
    ----------
    heat_flux_kw_m2 : float or array
        Incident flux of a fire. [kW/m²]

    Raises
    ------
    OutOfRange
        A value is negative, NaN or above 1000 kW/m², which is how a value in W/m² looks.

    Examples
    --------
    >>> float(heat_flux_from_kw_m2(37.5))
    37500.0
    """
    highest = _HOTTEST * 1e-3
    return 1e3 * bounded(heat_flux_kw_m2, "热通量 (kW/m²) ", "heat flux [kW/m²]", highest)
