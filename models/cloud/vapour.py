"""What enters the air, and the cloud it makes in one weather."""

import functools
import math
from dataclasses import dataclass

from parkrisk.models.air.atmosphere import Weather, check_weather
from parkrisk.models.air.spread import spread
from parkrisk.models.air.surface_layer import surface_layer, wind_kernel
from parkrisk.models.cloud.dose import OUTDOORS, Dose, plume_dose, puff_dose
from parkrisk.models.cloud.entrainment import GRAVITY, closure
from parkrisk.models.cloud.march import Feed, Track, march_kernel
from parkrisk.models.cloud.mixing import excess_enthalpy, material, source_density
from parkrisk.models.cloud.plume_slice import Setting, slice_kernel
from parkrisk.models.cloud.plume_table import PlumeTable, plume_table_kernel
from parkrisk.models.cloud.puff_table import PuffTable, puff_table_kernel
from parkrisk.models.cloud.starts import blanket_kernel, jet_start_kernel, pool_start_kernel, puff_start_kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.substance.correlations import GAS_CONSTANT
from parkrisk.models.substance.substances import Substance

__all__ = ["Cloud", "VapourSource", "disperse"]

#: A cloud is followed to this distance [m] or mole fraction.
FARTHEST = 12_000.0
THINNEST = 1e-7
_TOLERANCE = 1e-3
_PLUME_NODES = 120


@dataclass(frozen=True, kw_only=True)
class VapourSource:
    """Vapour and mist that enter the air.

    Parameters
    ----------
    substance : Substance
    mass : float
        Airborne in all. [kg]
    duration : float
        Over which it enters the air at a constant rate; 0: all at once. [s]
    temperature : float
        Of the vapour where it enters the air, at the pressure of the air. [K]
    mist : float
        Liquid share of the airborne mass, at its boiling point. [-]
    diameter : float
        Of an evaporating pool; 0: not a pool. [m]
    velocity : float
        Of a jet, after expansion to the pressure of the air; 0: not a jet. [m/s]
    height : float
        Of a jet or an opening above ground. [m]
    inclination : float
        Of a jet, from level (0) to straight up (π/2); it points downwind. [rad]

    Raises
    ------
    OutOfRange
        A value is not finite or negative, the mass or temperature is 0, or a pool has a velocity or a height.
    """

    substance: Substance
    mass: float
    duration: float
    temperature: float
    mist: float = 0.0
    diameter: float = 0.0
    velocity: float = 0.0
    height: float = 0.0
    inclination: float = 0.0

    def __post_init__(self) -> None:
        for name in ("mass", "duration", "temperature", "mist", "diameter", "velocity", "height", "inclination"):
            value = getattr(self, name)
            lowest_is_zero = name not in ("mass", "temperature")
            if not (0.0 < value < math.inf or (lowest_is_zero and value == 0.0)):
                raise OutOfRange(f"气云源项 {name} = {value} 无效", f"vapour source: {name} = {value} is not valid")
        if self.mist > 1.0 or self.inclination > 0.5 * math.pi:
            raise OutOfRange(
                f"液雾份额须不超过 1，仰角不超过 90°，现为 {self.mist}、{math.degrees(self.inclination)}°",
                f"mist must be at most 1 and inclination 90°, not {self.mist}, {math.degrees(self.inclination)}°",
            )
        if self.diameter > 0.0 and (self.velocity > 0.0 or self.height > 0.0):
            raise OutOfRange("液池没有喷射速度和高度", "a pool has neither velocity nor height")

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
        return weather.air_pressure * self.substance.molar_mass / (GAS_CONSTANT * weather.air_temperature)


@dataclass(frozen=True)
class Cloud:
    """A cloud on its way, until it is thin or far.

    Parameters
    ----------
    source : VapourSource
    weather : Weather
    setting : Setting
        Of the integral model.
    track : Track
        Accepted steps.
    is_puff : bool
        Whether the track is one disc over time; otherwise it is slices of a steady plume along the wind.
    scale : float
        Size of the source, from which the nodes of a plume's tables spread. [m]
    core : float
        Nearer than this to the source a plume is the same all round. [m]
    flags : tuple of str
        Codes of caveats.
    """

    source: VapourSource
    weather: Weather
    setting: Setting
    track: Track
    is_puff: bool
    scale: float
    core: float
    flags: tuple[str, ...]

    def window(self, averaging_time: float) -> float:
        """Time over which the wind's meander shows, no longer than the release, no shorter than the core's. [s]"""
        shortest = self.setting.laws.core_averaging
        return max(shortest, min(averaging_time, self.source.duration))

    def plume(self, z: float, averaging_time: float) -> PlumeTable:
        """Table of a plume at a height [m], averaged over a time [s]."""
        window = self.window(averaging_time)
        return plume_table_kernel(
            self.track, z, window, self.source.duration, self.core, self.scale, self.core, _PLUME_NODES, self.setting
        )

    def puff(self, z: float) -> PuffTable:
        """Table of a puff at a height [m]."""
        return puff_table_kernel(self.track, z, self.setting)

    def dose(self, n: float, window: float, averaging_time: float, z: float, air_change: float = OUTDOORS) -> Dose:
        """Dose at a height [m], for an exponent and a longest exposure [s]; a plume is averaged over a time [s].

        ``air_change`` is that of the building that people are in until the cloud has passed; infinite: outdoors. [1/s]
        """
        if self.is_puff:
            return puff_dose(self.puff(z), n, window, air_change)
        return plume_dose(self.plume(z, averaging_time), n, window, air_change)


def _setting(source: VapourSource, weather: Weather, origin: float) -> Setting:
    laws = closure()
    curves = spread(weather.terrain, weather.stability, laws.core_averaging)
    return Setting(
        material(source.substance, source.temperature, weather.air_temperature, weather.air_pressure),
        surface_layer(weather),
        laws,
        curves.y,
        curves.z,
        weather.stability in ("A", "B", "C", "D"),
        origin,
    )


def _is_dense(source: VapourSource, weather: Weather, setting: Setting) -> bool:
    """Whether a source that lasts spreads by its own weight: (g0 q0/(u³ D))^(1/3) ≥ 0.15.

    Criterion of R.E. Britter and J. McQuaid, HSE contract research report 17/1988; u at 10 m, D that of the pool, or
    (q0/u)^(1/2) where that is larger.
    """
    air = setting.air
    density = source_density(source.temperature, source.mist, setting.substance, air.pressure)
    reduced_gravity = GRAVITY * (density - air.density) / air.density
    if reduced_gravity <= 0.0:
        return False
    wind, flow = weather.wind_speed, source.rate / density
    size = max(source.diameter, math.sqrt(flow / wind))
    number = (reduced_gravity * flow / (wind**3 * size)) ** (1.0 / 3.0)
    return bool(number >= constants("dispersion")["dense_continuous"].value)


@functools.lru_cache(maxsize=2048)
def disperse(source: VapourSource, weather: Weather) -> Cloud:
    """Follow what enters the air.

    Parameters
    ----------
    source : VapourSource
    weather : Weather
        Wind at 10 m, at least 0.5 m/s.

    Returns
    -------
    Cloud
        Everything at once: a puff. A pool: a plume, or in calm air, where the vapour spreads faster than the wind
        carries it off or the release ends too soon for a plume, a puff fed for a while. Anything else: a jet, that of
        an opening without velocity as fast as the wind.

    Raises
    ------
    OutOfRange
        Wind below 0.5 m/s, unknown class or terrain, a weather that cannot be, or a cloud that cannot be followed.
    MissingProperty
        A property of the substance is not known.
    """
    check_weather(weather)
    lowest = constants("dispersion")["lowest_wind"].value
    if weather.wind_speed < lowest:
        raise OutOfRange(f"风速须不低于 {lowest:g} m/s", f"wind speed must be at least {lowest:g} m/s")
    if source.is_instantaneous:
        return _burst(source, weather)
    return _pool(source, weather) if source.diameter > 0.0 else _jet(source, weather)


def _rough(setting: Setting, *, dense: bool) -> tuple[str, ...]:
    """Flag of a heavy cloud on ground rougher than the measurements behind the model."""
    limit = constants("dispersion")["dense_roughest"].value
    return ("dense_gas_rough_ground",) if dense and setting.air.roughness > limit else ()


def _enthalpy(source: VapourSource, setting: Setting) -> float:
    return excess_enthalpy(source.temperature, source.mist, setting.substance, setting.air.temperature)


def _complete(track: Track) -> Track:
    if not track.complete:
        raise OutOfRange("气云方程求解未达终点", "the equations of the cloud could not be solved to the end")
    return track


def _burst(source: VapourSource, weather: Weather) -> Cloud:
    setting = _setting(source, weather, 0.0)
    air = 0.02 * source.mass  # pure two-phase material has no unique temperature
    start = puff_start_kernel(source.mass, air, _enthalpy(source, setting), source.temperature, setting)
    first = 0.05 * start[4] / max(weather.wind_speed, 1.0)
    track = march_kernel(start, 0.0, True, True, Feed(0.0, 0.0, 0.0), first, FARTHEST, THINNEST, _TOLERANCE, setting)
    return Cloud(source, weather, setting, _complete(track), True, 0.0, 0.0, _rough(setting, dense=True))


def _jet(source: VapourSource, weather: Weather) -> Cloud:
    setting = _setting(source, weather, 0.0)
    velocity = source.velocity if source.velocity > 0.0 else wind_kernel(source.height, setting.air)
    start, grounded = jet_start_kernel(
        source.rate,
        velocity,
        source.height,
        source.inclination,
        _enthalpy(source, setting),
        source.temperature,
        setting,
    )
    first = 0.5 * start[4]
    track = march_kernel(
        start, 0.0, grounded, False, Feed(0.0, 0.0, 0.0), first, FARTHEST, THINNEST, _TOLERANCE, setting
    )
    flags = _rough(setting, dense=_is_dense(source, weather, setting))
    return Cloud(source, weather, setting, _complete(track), False, max(first, 0.2), 0.0, flags)


def _pool(source: VapourSource, weather: Weather) -> Cloud:
    setting = _setting(source, weather, 0.0)
    enthalpy = _enthalpy(source, setting)
    half_side = 0.25 * math.sqrt(math.pi) * source.diameter
    density = source_density(source.temperature, source.mist, setting.substance, setting.air.pressure)
    blanket, calm = blanket_kernel(source.rate, half_side, source.duration, density, setting)
    dense = _is_dense(source, weather, setting)
    if not dense:
        blanket, calm = half_side, False
    if not calm:
        downwind = setting._replace(origin=-blanket)
        start, way, feed = pool_start_kernel(source.rate, blanket, enthalpy, source.temperature, downwind)
        track = march_kernel(start, way, True, False, feed, 0.01 * blanket, FARTHEST, THINNEST, _TOLERANCE, downwind)
        if _lasts(track, blanket, half_side, source.duration, downwind):
            flags = _rough(setting, dense=dense)
            return Cloud(source, weather, downwind, _complete(track), False, 0.2 * blanket, blanket, flags)
    return _fed_puff(source, weather, setting, half_side, enthalpy, calm, dense)


def _lasts(track: Track, blanket: float, half_side: float, duration: float, setting: Setting) -> bool:
    """Whether a release goes on longer than its cloud is wide, near the source."""
    for i in range(track.way.size):
        if track.way[i] >= max(blanket, 3.0 * half_side):
            cloud = slice_kernel(track.state[i], track.temperature[i], True, setting)
            return bool(0.5 * cloud.speed * duration > cloud.half_width)
    return True


def _fed_puff(
    source: VapourSource, weather: Weather, setting: Setting, half_side: float, enthalpy: float, calm: bool, dense: bool
) -> Cloud:
    first = min(0.02 * half_side / max(weather.wind_speed, 1.0), 0.02 * source.duration)
    start, _, _ = pool_start_kernel(source.rate, half_side, enthalpy, source.temperature, setting)
    # the first slice of a plume, taken as what has gathered over the source after a short time
    share = first * source.rate / start[1]
    start[:4] *= share
    start[9] = 0.0
    feed = Feed(source.rate, enthalpy, source.duration)
    track = march_kernel(start, first, True, True, feed, first, FARTHEST, THINNEST, _TOLERANCE, setting)
    flags = (*(("calm_vapour_blanket",) if calm else ()), *_rough(setting, dense=dense))
    return Cloud(source, weather, setting, _complete(track), True, 0.0, 0.0, flags)
