"""What enters the air, and the passive cloud it makes in one weather."""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

from parkrisk.models._jit import kernel
from parkrisk.models.atmosphere import Weather, air_density
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.spread import Curve, Spread, curve_kernel, spread, transport_wind

__all__ = ["PassiveCloud", "VapourSource", "along_kernel", "axis_kernel", "passive_cloud"]

_GAS_CONSTANT = 8.314462618  # [J/(mol K)]
_GRAVITY = 9.80665  # [m/s²]
_NEAREST = 1e-3  # a virtual source stands at least this far upwind, so that no spread is 0 [m]
_FARTHEST = 1e6  # [m]
_BISECTIONS = 100


class PassiveCloud(NamedTuple):
    """A plume or a puff as kernels take it.

    ``strength`` is rate/wind [kg/m] for a plume and mass [kg] for a puff. The spread at distance x is that of
    x + ``upwind_x`` (``upwind_y``, ``upwind_z``) from a point source. Within ``core`` [m] of the source the cloud
    is the same all round. ``duration`` is 0 for a puff.
    """

    strength: float
    wind: float
    duration: float
    height: float
    upwind_x: float
    upwind_y: float
    upwind_z: float
    core: float
    spread: Spread


@dataclass(frozen=True, kw_only=True)
class VapourSource:
    """Vapour (and mist) that enters the air.

    Parameters
    ----------
    mass : float
        Airborne in all. [kg]
    duration : float
        Over which it enters the air; 0: all at once. [s]
    molar_mass : float
        [kg/mol]
    height : float
        Of the source above ground. [m]
    diameter : float
        Of a pool or an opening; 0: a point. [m]
    density : float, optional
        Of the undiluted vapour where it enters the air, for example cold or with mist; ideal gas at air temperature
        if not given. [kg/m³]

    Raises
    ------
    OutOfRange
        A value is not finite, negative, or the mass, molar mass or density is 0.
    """

    mass: float
    duration: float
    molar_mass: float
    height: float = 0.0
    diameter: float = 0.0
    density: float | None = None

    def __post_init__(self) -> None:
        for name in ("mass", "duration", "molar_mass", "height", "diameter", "density"):
            value = getattr(self, name)
            lowest_is_zero = name in ("duration", "height", "diameter")
            if value is not None and not (0.0 < value < math.inf or (lowest_is_zero and value == 0.0)):
                raise OutOfRange(f"气云源项 {name} = {value} 无效", f"vapour source: {name} = {value} is not valid")

    @property
    def is_instantaneous(self) -> bool:
        """Whether all enters the air at once."""
        return self.duration == 0.0

    @property
    def rate(self) -> float:
        """Mean rate; only for a release that lasts. [kg/s]"""
        return self.mass / self.duration

    def gas_density(self, weather: Weather) -> float:
        """Density of the pure gas at air temperature and pressure. [kg/m³]"""
        return weather.air_pressure * self.molar_mass / (_GAS_CONSTANT * weather.air_temperature)

    def is_dense(self, weather: Weather) -> bool:
        """Whether the cloud spreads by its own weight at first.

        Notes
        -----
        Criterion of [1]_: (g0 q0/(u³ D))^(1/3) ≥ 0.15 with D = (q0/u)^(1/2) for a release that lasts,
        (g0 V0)^(1/2)/(u D) ≥ 0.20 with D = V0^(1/3) for one at once; g0 = g (ρ0-ρa)/ρa, u at 10 m.

        References
        ----------
        .. [1] R.E. Britter, J. McQuaid, *Workbook on the dispersion of dense gases*, HSE contract research report
           17/1988.
        """
        numbers = constants("dispersion")
        air = air_density(weather)
        density = self.gas_density(weather) if self.density is None else self.density
        reduced_gravity = _GRAVITY * (density - air) / air
        if reduced_gravity <= 0.0:
            return False
        wind = weather.wind_speed
        if self.is_instantaneous:
            volume = self.mass / density
            number = math.sqrt(reduced_gravity * volume) / (wind * volume ** (1.0 / 3.0))
            return bool(number >= numbers["dense_instantaneous"].value)
        flow = self.rate / density
        number = (reduced_gravity * flow / (wind**3 * math.sqrt(flow / wind))) ** (1.0 / 3.0)
        return bool(number >= numbers["dense_continuous"].value)


@kernel
def along_kernel(length: float, sigma_x: float) -> float:
    """Factor of the along-wind spread on the highest concentration over time.

    For a plume, ``length`` [m] = wind × duration: the share of the steady plume. For a puff, ``length`` 0: 1/(√2π σx).
    """
    if length == 0.0:
        return 1.0 / (math.sqrt(2.0 * math.pi) * sigma_x)
    return math.erf(length / (2.0 * math.sqrt(2.0) * sigma_x))


@kernel
def _source_peak(strength: float, height: float, length: float, across: float, up: float, curves: Spread) -> float:
    """Highest concentration [kg/m³] at the source for virtual distances ``across`` (x and y) and ``up`` (z) [m]."""
    sigma_z = curve_kernel(up, curves.z)
    square = (height / sigma_z) ** 2
    image = max(2.0 * math.exp(-0.5 * square), 1.0 + math.exp(-2.0 * square))
    flat = strength / (2.0 * math.pi * curve_kernel(across, curves.y) * sigma_z)
    return flat * image * along_kernel(length, curve_kernel(across, curves.x))


@kernel
def _distance_of_width(sigma: float, curve: Curve) -> float:
    """Distance [m] after which a curve has reached ``sigma`` [m]."""
    low, high = math.log(_NEAREST), math.log(_FARTHEST)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if curve_kernel(math.exp(middle), curve) < sigma:
            low = middle
        else:
            high = middle
    return math.exp(high)


@kernel
def _virtual_distance(
    strength: float, height: float, length: float, density: float, fixed: float, curves: Spread
) -> float:
    """Virtual distance [m] of all axes (of z alone where ``fixed`` > 0) that starts the cloud as pure vapour."""
    low, high = math.log(_NEAREST), math.log(_FARTHEST)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        distance = math.exp(middle)
        across = fixed if fixed > 0.0 else distance
        if _source_peak(strength, height, length, across, distance, curves) > density:
            low = middle
        else:
            high = middle
    return math.exp(high)


@functools.lru_cache(maxsize=4096)
def passive_cloud(source: VapourSource, weather: Weather, averaging_time: float) -> PassiveCloud:
    """Set up the plume or puff of a source in one weather.

    Parameters
    ----------
    source : VapourSource
        What enters the air.
    weather : Weather
        Wind, stability, terrain.
    averaging_time : float
        Of the concentration; shorter releases are averaged over their own duration, but at least 20 s. [s]

    Returns
    -------
    PassiveCloud

    Raises
    ------
    OutOfRange
        Wind below 0.5 m/s, unknown class or terrain, averaging time out of range.

    Notes
    -----
    A puff has the spread of a plume averaged over 20 s, and along the wind 0.13 x.
    The cloud starts from virtual sources upwind: across with the standard deviation of a uniform disc, D/4, and
    wide enough that its highest concentration is that of the pure vapour. So no concentration exceeds the pure vapour
    and the mass flux stays whole, without cutting anything off.
    All over a pool the concentration is that at its downwind rim; the hemisphere of vapour released at once is pure.
    Otherwise there is nothing upwind.
    """
    wind = transport_wind(weather, source.height)
    density = source.gas_density(weather)
    puff = source.is_instantaneous
    # a cloud that passes faster than the averaging time is as narrow as its own duration makes it
    passing = max(source.duration, constants("dispersion")["averaging_flammable"].value)
    curves = spread(weather.terrain, weather.stability, averaging_time)
    if passing < averaging_time:
        curves = spread(weather.terrain, weather.stability, passing)
    height = float(source.height)
    strength = float(source.mass) if puff else source.rate / wind
    core = 0.5 * source.diameter
    if puff:
        core = max(core, (1.5 * source.mass / (math.pi * density)) ** (1.0 / 3.0))
    length = wind * source.duration
    common = _virtual_distance(strength, height, length, density, 0.0, curves)
    disc = _distance_of_width(0.25 * source.diameter, curves.y)
    across, up = common, common
    if disc > common:
        across, up = disc, _virtual_distance(strength, height, length, density, disc, curves)
    return PassiveCloud(strength, wind, float(source.duration), height, across, across, up, core, curves)


@kernel
def axis_kernel(distance: float, z: float, cloud: PassiveCloud) -> float:
    """Highest concentration [kg/m³] over time on the axis at a distance [m], at z [m]."""
    sigma_y = curve_kernel(distance + cloud.upwind_y, cloud.spread.y)
    sigma_z = curve_kernel(distance + cloud.upwind_z, cloud.spread.z)
    square = sigma_z * sigma_z
    up = math.exp(-0.5 * (z - cloud.height) ** 2 / square) * (1.0 + math.exp(-2.0 * z * cloud.height / square))
    along = along_kernel(cloud.wind * cloud.duration, curve_kernel(distance + cloud.upwind_x, cloud.spread.x))
    return cloud.strength / (2.0 * math.pi * sigma_y * sigma_z) * up * along
