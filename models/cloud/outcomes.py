"""What a vapour cloud does to people: toxic cloud and flash fire."""

import functools
import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import check_averaging, checked
from parkrisk.models.cloud.dose import OUTDOORS, Dose, farthest_dose_kernel
from parkrisk.models.cloud.flammable import FlammableCloud, flammable_cloud
from parkrisk.models.cloud.toxic import lethality_values, ring_means, rows_kernel
from parkrisk.models.cloud.vapour import FARTHEST, VapourSource, disperse
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import Footprint, PolarGrid, from_outline
from parkrisk.models.vulnerability.people import TOXIC

__all__ = ["FlammableCloud", "FlashFire", "ToxicCloud", "VapourSource", "flammable_cloud"]

Array = NDArray[np.float64]

#: Toxic footprints end where the chance of death falls below this.
_SMALLEST = 1e-6
_MOST_AIR_CHANGES = 3600.0  # an hour


def _cloud_flags(source: VapourSource, weather: Weather, reach: float) -> tuple[str, ...]:
    far = ("dispersion_far_field",) if reach > constants("dispersion")["briggs_farthest"].value else ()
    return disperse(source, weather).flags + far


@functools.lru_cache(maxsize=64)  # those of all clouds of a large park would take hundreds of megabytes
def _dose(source: VapourSource, weather: Weather, n: float, averaging_time: float, air_change: float) -> Dose:
    receptor = constants("dispersion")["receptor_height"].value
    longest = 60.0 * TOXIC.longest_exposure_min
    return disperse(source, weather).dose(n, longest, averaging_time, receptor, air_change)


@dataclass(frozen=True, kw_only=True)
class ToxicCloud:
    """A toxic cloud that passes over people.

    Parameters
    ----------
    source : VapourSource
        What enters the air.
    weather : Weather
        Wind, stability, terrain.
    probit_a, probit_b, probit_n : float
        Pr = a + b ln(∫ C^n dt), C in mg/m³, t in min.
    averaging_time : float
        Of a plume's concentration; 600 s for toxic clouds in CPR 18E, chapter 4. [s]
    air_changes : float, optional
        Of the buildings; default: not known, the rule of AQ/T 3046 counts. [1/h]

    Raises
    ------
    OutOfRange
        Wind below 0.5 m/s, unknown class or terrain, averaging time out of range, b or n not above 0, or air changes
        not from 0 to 3600 an hour.

    Notes
    -----
    Concentration at 1 m above ground. Exposure at most 30 min.
    A release at once passes as a puff, one that lasts as a plume with smoothed ends
    (:mod:`parkrisk.models.cloud.dose`).
    Indoors a tenth of the outdoor probability (AQ/T 3046-2013, 10.2); or, where the air changes are known, that of the
    dose in the mixed air of the building while the cloud passes, for as long as it takes at each place. People stay
    inside until it has passed, two standard deviations of its end after that end, then leave.
    """

    source: VapourSource
    weather: Weather
    probit_a: float
    probit_b: float
    probit_n: float
    averaging_time: float = 600.0
    air_changes: float | None = None

    def __post_init__(self) -> None:
        if self.air_changes is not None and not 0.0 <= self.air_changes <= _MOST_AIR_CHANGES:
            raise OutOfRange(
                f"换气次数须为每小时 0–{_MOST_AIR_CHANGES:g} 次，现为 {self.air_changes}",
                f"air changes must be 0 to {_MOST_AIR_CHANGES:g} an hour, not {self.air_changes}",
            )
        if not (math.isfinite(self.probit_a) and 0.0 < self.probit_b < math.inf and 0.0 < self.probit_n < math.inf):
            raise OutOfRange("毒性概率函数系数无效", "constants of the toxic probit are not valid")
        check_averaging(self.averaging_time)
        disperse(self.source, self.weather)

    @property
    def dose(self) -> Dose:
        """Dose outdoors at 1 m above ground."""
        return _dose(self.source, self.weather, float(self.probit_n), self.averaging_time, OUTDOORS)

    @property
    def indoor_dose(self) -> Dose | None:
        """Dose indoors where the air changes are known."""
        if self.air_changes is None:
            return None
        return _dose(self.source, self.weather, float(self.probit_n), self.averaging_time, self.air_changes / 3600.0)

    def _log_dose(self, probability: float) -> float:
        """Log of the dose [mg/m³, min] that kills with a probability."""
        return (5.0 + NormalDist().inv_cdf(probability) - self.probit_a) / self.probit_b

    def distance(self, probability: float) -> float:
        """Farthest distance downwind where death outdoors has at least a probability, 0 to 1; 0 if none. [m]"""
        if not 0.0 < probability < 1.0:
            raise OutOfRange(
                f"概率须在 0 与 1 之间，现为 {probability}", f"need 0 < probability < 1, not {probability}"
            )
        return farthest_dose_kernel(self._log_dose(probability), FARTHEST, self.dose)

    @functools.cached_property
    def reach(self) -> float:
        """How far the footprint goes; 0 if it is empty. [m]"""
        return self.distance(_SMALLEST)

    def lethality(self, distance: Array, angle: Array) -> Array:
        """Probability of death at polar points [m, rad from the downwind axis], shape (3, n).

        Rows INDIVIDUAL, OUTDOOR, INDOOR; 0 below one in a million. Raises OutOfRange for a distance that is negative or
        a value that is not finite.
        """
        distance, angle = checked(distance=distance, x=angle)
        distance, angle = np.ascontiguousarray(distance.ravel()), np.ascontiguousarray(angle.ravel())
        outdoors = lethality_values(distance, angle, self.dose, *self._probit)
        if self.indoor_dose is None:
            indoors = TOXIC.indoor_factor * outdoors
        else:
            indoors = lethality_values(distance, angle, self.indoor_dose, *self._probit)
        return np.stack([outdoors, outdoors, indoors])

    @property
    def _probit(self) -> tuple[float, float, float]:
        """Constants of the probit, and the lowest ln of the dose that counts."""
        return self.probit_a, self.probit_b, self._log_dose(_SMALLEST)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source; empty if it is nowhere above one in a million."""
        reach = 1.5 * self.reach if self.dose.is_puff else max(self.reach, self.dose.plume.core)
        rings = grid.radius[grid.radius <= reach]
        count, mean = ring_means(rings, grid.bin_width, grid.n_rings, self.dose, *self._probit)
        if self.indoor_dose is None:
            lethality = np.stack([mean, mean, TOXIC.indoor_factor * mean])
        else:
            indoors = ring_means(rings, grid.bin_width, grid.n_rings, self.indoor_dose, *self._probit)
            lethality = rows_kernel(count, mean, *indoors)
        return Footprint(count, lethality, np.zeros(0), np.zeros((3, 0)))

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distance where half of those outdoors die [m]; None where the notion does not fit."""
        return {"death_m": self.distance(0.5) or None, "serious_m": None, "light_m": None, "domino_m": None}

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the caveats that apply."""
        return _cloud_flags(self.source, self.weather, self.reach)


@dataclass(frozen=True, kw_only=True)
class FlashFire:
    """A cloud that burns without blast: it kills those inside the lower flammability limit, and nobody else.

    Parameters
    ----------
    source : VapourSource
        What enters the air.
    weather : Weather
        Wind, stability, terrain.
    lfl, ufl : float
        Flammability limits. [mole fraction]
    averaging_time : float
        Of a plume's concentration; 20 s, the nearly instantaneous width of CPR 14E 4.5.3, as a flame sees it. [s]

    Raises
    ------
    OutOfRange
        As :class:`ToxicCloud`, or limits not 0 < lfl < ufl ≤ 1.

    Notes
    -----
    Lethality 1 inside the limit for all, outdoors and indoors (AQ/T 3046-2013, Table 10). Taken up to 1 m above ground,
    at the moment that :func:`~parkrisk.models.cloud.flammable.flammable_cloud` takes.
    """

    source: VapourSource
    weather: Weather
    lfl: float
    ufl: float
    averaging_time: float = 20.0

    def __post_init__(self) -> None:
        check_averaging(self.averaging_time)
        _ = self.cloud

    @functools.cached_property
    def cloud(self) -> FlammableCloud:
        """Where and how much can burn."""
        receptor = constants("dispersion")["receptor_height"].value
        return flammable_cloud(self.source, self.weather, self.lfl, self.ufl, self.averaging_time, receptor)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source; empty if the limit is nowhere reached."""
        inside = constants("dispersion")["flash_fire_lethality"].value
        return from_outline(grid, self.cloud.distance, self.cloud.edge, inside)

    def casualty_radii(self) -> dict[str, float | None]:
        """Farthest distance downwind inside the limit [m]; None where the notion does not fit."""
        return {"death_m": self.cloud.reach or None, "serious_m": None, "light_m": None, "domino_m": None}

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the caveats that apply."""
        return _cloud_flags(self.source, self.weather, self.cloud.reach)
