"""What a vapour cloud does to people: toxic cloud and flash fire."""

import functools
import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.atmosphere import Weather
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.flammable import FlammableCloud, flammable_cloud, inside_kernel
from parkrisk.models.footprint import Footprint, PolarGrid, from_lethality
from parkrisk.models.toxic import Dose, dose, edge_values, farthest_dose_kernel, lethality_values
from parkrisk.models.vapour import PassiveCloud, VapourSource, passive_cloud
from parkrisk.models.vulnerability import TOXIC

__all__ = ["FlammableCloud", "FlashFire", "ToxicCloud", "VapourSource", "flammable_cloud"]

Array = NDArray[np.float64]

#: Toxic footprints end where the chance of death falls below this.
_SMALLEST = 1e-6
_EDGE_SAMPLES = 48
_BISECTIONS = 50


def _range_flags(reach: float) -> tuple[str, ...]:
    numbers = constants("dispersion")
    if 0.0 < reach < numbers["briggs_nearest"].value:
        return ("dispersion_near_field",)
    if reach > numbers["briggs_farthest"].value:
        return ("dispersion_far_field",)
    return ()


def _cloud_flags(source: VapourSource, weather: Weather, reach: float) -> tuple[str, ...]:
    dense = ("dense_gas_as_passive",) if source.is_dense(weather) else ()
    return dense + _range_flags(reach)


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
        Of a plume's concentration. [s]

    Raises
    ------
    OutOfRange
        Wind below 0.5 m/s, unknown class or terrain, averaging time out of range, or b or n not above 0.

    Notes
    -----
    Concentration at 1 m above ground. Exposure at most 30 min, indoors a tenth of the outdoor probability.
    A release at once passes as a puff, one that lasts as a plume with smoothed ends (:mod:`parkrisk.models.toxic`).
    """

    source: VapourSource
    weather: Weather
    probit_a: float
    probit_b: float
    probit_n: float
    averaging_time: float = 600.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.probit_a) and 0.0 < self.probit_b < math.inf and 0.0 < self.probit_n < math.inf):
            raise OutOfRange("毒性概率函数系数无效", "constants of the toxic probit are not valid")
        passive_cloud(self.source, self.weather, self.averaging_time)

    @functools.cached_property
    def _dose(self) -> Dose:
        cloud = passive_cloud(self.source, self.weather, self.averaging_time)
        receptor = constants("dispersion")["receptor_height"].value
        return dose(cloud, receptor, float(self.probit_n), 60.0 * TOXIC.longest_exposure_min)

    def _log_dose(self, probability: float) -> float:
        """Log of the dose [mg/m³, min] that kills with a probability."""
        return (5.0 + NormalDist().inv_cdf(probability) - self.probit_a) / self.probit_b

    def distance(self, probability: float) -> float:
        """Farthest distance downwind where death outdoors has at least a probability; 0 if there is none. [m]"""
        return farthest_dose_kernel(self._log_dose(probability), self._dose)

    @functools.cached_property
    def reach(self) -> float:
        """How far the footprint goes; 0 if it is empty. [m]"""
        return self.distance(_SMALLEST)

    def lethality(self, distance: Array, angle: Array) -> Array:
        """Probability of death at polar points [m, rad from the downwind axis], shape (3, n).

        Rows INDIVIDUAL, OUTDOOR, INDOOR; 0 below one in a million.
        """
        distance, angle = np.broadcast_arrays(
            np.asarray(distance, dtype=np.float64).ravel(), np.asarray(angle, dtype=np.float64).ravel()
        )
        return self._lethality(np.ascontiguousarray(distance), np.ascontiguousarray(angle))

    def _lethality(self, distance: Array, angle: Array) -> Array:
        lowest = self._log_dose(_SMALLEST)
        return lethality_values(distance, angle, self._dose, self.probit_a, self.probit_b, lowest, TOXIC.indoor_factor)

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source; empty if it is nowhere above one in a million."""
        lowest = self._log_dose(_SMALLEST)
        reach = max(self.reach, self._dose.cloud.core)
        return from_lethality(
            grid,
            self._lethality,
            reach,
            edge=lambda radius: edge_values(np.ascontiguousarray(radius), self._dose, lowest),
        )

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distance where half of those outdoors die [m]; None where the notion does not fit."""
        return {"death_m": self.distance(0.5) or None, "serious_m": None, "light_m": None, "domino_m": None}

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the caveats that apply."""
        return _cloud_flags(self.source, self.weather, self.reach)


@kernel
def _inside_polar(
    distance: float,
    angle: float,
    z: float,
    level: float,
    start: float,
    reach: float,
    travelled: float,
    cloud: PassiveCloud,
) -> bool:
    x, y = distance * math.cos(angle), distance * math.sin(angle)
    return inside_kernel(x, y, z, level, start, reach, travelled, cloud)


@kernel
def _flash_lethality(
    distance: Array,
    angle: Array,
    z: float,
    level: float,
    start: float,
    reach: float,
    travelled: float,
    cloud: PassiveCloud,
    inside: float,
) -> Array:
    out = np.zeros((3, distance.size))
    for i in range(distance.size):
        if _inside_polar(distance[i], angle[i], z, level, start, reach, travelled, cloud):
            out[:, i] = inside
    return out


@kernel
def _flash_edges(
    distance: Array, z: float, level: float, start: float, reach: float, travelled: float, cloud: PassiveCloud
) -> Array:
    """Largest half-angle [rad] of the flammable cloud on each ring."""
    out = np.zeros(distance.size)
    for i in range(distance.size):
        r = distance[i]
        if _inside_polar(r, math.pi, z, level, start, reach, travelled, cloud):
            out[i] = math.pi
            continue
        high = math.pi
        for k in range(_EDGE_SAMPLES - 1, -1, -1):
            # samples crowd towards the axis, where far clouds are narrow
            low = math.pi * (k / _EDGE_SAMPLES) ** 2
            if _inside_polar(r, low, z, level, start, reach, travelled, cloud):
                for _ in range(_BISECTIONS):
                    middle = 0.5 * (low + high)
                    if _inside_polar(r, middle, z, level, start, reach, travelled, cloud):
                        low = middle
                    else:
                        high = middle
                out[i] = low
                break
            high = low
    return out


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
        Of a plume's concentration. [s]

    Raises
    ------
    OutOfRange
        As :class:`ToxicCloud`, or limits not 0 < lfl < ufl ≤ 1.

    Notes
    -----
    Lethality 1 inside the limit for all, outdoors and indoors (AQ/T 3046-2013, Table 10). Taken up to 1 m above ground,
    at the moment that :func:`~parkrisk.models.flammable.flammable_cloud` takes.
    """

    source: VapourSource
    weather: Weather
    lfl: float
    ufl: float
    averaging_time: float = 20.0

    def __post_init__(self) -> None:
        _ = self.cloud

    @functools.cached_property
    def cloud(self) -> FlammableCloud:
        """Where and how much can burn."""
        receptor = constants("dispersion")["receptor_height"].value
        return flammable_cloud(self.source, self.weather, self.lfl, self.ufl, self.averaging_time, receptor)

    def _geometry(self) -> tuple[float, float, float, float, float, PassiveCloud]:
        """Receptor height, limiting concentration, start, reach, distance travelled and the passive cloud."""
        level = self.lfl * self.source.gas_density(self.weather)
        z = min(self.source.height, constants("dispersion")["receptor_height"].value)
        passive = passive_cloud(self.source, self.weather, self.averaging_time)
        return z, level, self.cloud.start, self.cloud.reach, self.cloud.travelled, passive

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source; empty if the limit is nowhere reached."""
        geometry = self._geometry()
        inside = constants("dispersion")["flash_fire_lethality"].value
        reach = self.cloud.reach
        if self.cloud.travelled > 0.0 and reach > 0.0:
            reach = math.hypot(reach, self.cloud.half_width)
        elif reach > 0.0:
            reach = max(reach, geometry[-1].core)
        return from_lethality(
            grid,
            lambda distance, angle: _flash_lethality(distance, angle, *geometry, inside),
            reach,
            edge=lambda radius: _flash_edges(np.ascontiguousarray(radius), *geometry),
        )

    def casualty_radii(self) -> dict[str, float | None]:
        """Farthest distance downwind inside the limit [m]; None where the notion does not fit."""
        return {"death_m": self.cloud.reach or None, "serious_m": None, "light_m": None, "domino_m": None}

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of the caveats that apply."""
        return _cloud_flags(self.source, self.weather, self.cloud.reach)
