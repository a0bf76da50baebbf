"""Burst of a pressure vessel: the blast of its gas or of the liquid that flashes."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.blast.burst_energy import brode_energy, content_energy
from parkrisk.models.blast.curve import CURVES, Law, curve_kernel, interpolated
from parkrisk.models.blast.outcome import Blast
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive
from parkrisk.models.substance.substances import Substance

__all__ = ["VesselBurst", "burst_radius", "gas_burst", "liquid_burst", "surface_overpressure"]

Array = NDArray[np.float64]

_AIR = 1.4  # heat capacity ratio of air


def burst_radius(pressure_ratio: float, heat_capacity_ratio: float = _AIR) -> float:
    """Radius of a sphere of gas over (E/p0)^(1/3), with E after `brode_energy`. [-]"""
    return math.cbrt(3.0 * (heat_capacity_ratio - 1.0) / (4.0 * math.pi * (pressure_ratio - 1.0)))


@kernel
def _surface_kernel(pressure_ratio: float, heat_capacity_ratio: float, sound_speed_ratio: float) -> float:
    low, high = 1.0, pressure_ratio
    for _ in range(100):
        shock = 0.5 * (low + high)
        root = math.sqrt(2.0 * _AIR * (2.0 * _AIR + (_AIR + 1.0) * (shock - 1.0)))
        left = 1.0 - (heat_capacity_ratio - 1.0) / sound_speed_ratio * (shock - 1.0) / root
        if left > 0.0 and shock * left ** (-2.0 * heat_capacity_ratio / (heat_capacity_ratio - 1.0)) < pressure_ratio:
            low = shock
        else:
            high = shock
    return 0.5 * (low + high) - 1.0


def surface_overpressure(
    pressure_ratio: float, heat_capacity_ratio: float = _AIR, sound_speed_ratio: float = 1.0
) -> float:
    """Overpressure of the shock as it leaves the vessel, over the air pressure.

    Parameters
    ----------
    pressure_ratio : float
        Of the gas over the air, above 1, up to 1e5. [-]
    heat_capacity_ratio, sound_speed_ratio : float
        Of the gas, 1.05 to 1.7; of the gas over the air, 0.1 to 100. [-]

    Raises
    ------
    OutOfRange
        Outside these ranges.

    Notes
    -----
    The exact solution of the shock tube; the sphere's surface is flat at first [1]_.

    References
    ----------
    .. [1] W.E. Baker et al., *Explosion hazards and evaluation*, Elsevier, 1983, chapter 2; TNO Yellow
       Book CPR 14E, 7.5.2.
    """
    if not (1.0 < pressure_ratio <= 1e5 and 1.05 <= heat_capacity_ratio <= 1.7 and 0.1 <= sound_speed_ratio <= 100.0):
        raise OutOfRange(
            "压力比须在 1 至 1e5，比热比 1.05 至 1.7，声速比 0.1 至 100",
            "pressure ratio 1 to 1e5, heat capacity ratio 1.05 to 1.7, sound speed ratio 0.1 to 100",
        )
    return _surface_kernel(pressure_ratio, heat_capacity_ratio, sound_speed_ratio)


@functools.cache
def _family() -> tuple[Array, Array, Array, Array]:
    """Logarithms of the pressure ratios, of the scaled distances, and of overpressures and impulses, by ratio."""
    table = rows("vessel_burst")
    ratios = sorted({float(row["pressure_ratio"]) for row in table})
    distance = np.log(np.geomspace(0.05, 10.0, 93))
    overpressures, impulses = [], []
    for ratio in ratios:
        points = [row for row in table if float(row["pressure_ratio"]) == ratio]
        there = np.log([float(row["scaled_distance"]) for row in points])
        # within the vessel the values at its surface stand in
        overpressures.append(np.interp(distance, there, np.log([float(row["scaled_overpressure"]) for row in points])))
        impulse = np.interp(distance, there, np.log([float(row["scaled_impulse"]) for row in points]))
        # next to the vessel the first phase is cut short by the gas that overshoots: the highest farther out stands in
        impulses.append(np.maximum.accumulate(impulse[::-1])[::-1])
    return np.log(ratios), distance, np.array(overpressures), np.array(impulses)


@kernel
def _mixed(log_ratio: float, ratios: Array, values: Array) -> Array:
    """Values of the sphere with this pressure ratio, on the family's distances."""
    upper = 1
    while upper < ratios.size - 1 and ratios[upper] < log_ratio:
        upper += 1
    share = (log_ratio - ratios[upper - 1]) / (ratios[upper] - ratios[upper - 1])
    share = min(max(share, 0.0), 1.0)
    mixed: Array = (1.0 - share) * values[upper - 1] + share * values[upper]
    return mixed


@kernel
def _through(log_radius: float, log_overpressure: float, ratios: Array, distance: Array, overpressures: Array) -> float:
    """Logarithm of the pressure ratio of the curve that passes through the surface of a vessel, within the family."""
    low, high = float(ratios[0]), float(ratios[-1])
    for _ in range(40):
        middle = 0.5 * (low + high)
        if np.interp(log_radius, distance, _mixed(middle, ratios, overpressures)) < log_overpressure:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@dataclass(frozen=True)
class VesselBurst(Blast):
    """A vessel that bursts.

    Parameters
    ----------
    energy : float
        That drives the blast; see `models.burst_energy`. [J]
    volume : float
        Of the vessel. [m³]
    burst_pressure : float
        Absolute, of the gas or vapour in it; at least 1.1 times that of the air. [Pa]
    heat_capacity_ratio : float
        Of that gas, 1.05 to 1.7. [-]
    sound_speed_ratio : float
        In that gas over that in air, 0.1 to 100. [-]
    reflection : float
        Times the energy: 2 on or near the ground, 1 high above it.
    centre_distance : float
        Of the vessel from the source of the outcome, downwind. [m]
    air_pressure : float
        [Pa]
    flashing : bool
        The energy is mostly that of a flashing liquid.

    Raises
    ------
    OutOfRange
        A value that no vessel has.

    Notes
    -----
    The shock at the vessel's surface follows from pressure, heat capacities and sound speed; outward the curve of the
    bursting sphere that passes through that point is followed, scaled by the energy [1]_. The curves are solutions of
    the Euler equations (`models.spherical_blast`) for pressure ratios of 2 to 500; beyond them the last one stands in.
    Of a flashing liquid they take the whole energy at once, which errs on the safe side; the shell takes none.
    Long vessels are treated as spheres: at their sides the blast is stronger, at their ends weaker.

    References
    ----------
    .. [1] W.E. Baker et al., *Explosion hazards and evaluation*, Elsevier, 1983, chapter 2; TNO Yellow
       Book CPR 14E, 7.5.2.
    """

    energy: float
    volume: float
    burst_pressure: float
    heat_capacity_ratio: float = _AIR
    sound_speed_ratio: float = 1.0
    reflection: float = 2.0
    centre_distance: float = 0.0
    air_pressure: float = 101_325.0
    flashing: bool = False

    def __post_init__(self) -> None:
        positive(
            energy=self.energy,
            volume=self.volume,
            burst_pressure=self.burst_pressure,
            air_pressure=self.air_pressure,
            reflection=self.reflection,
        )
        surface_overpressure(self.burst_pressure / self.air_pressure, self.heat_capacity_ratio, self.sound_speed_ratio)
        if not (
            self.burst_pressure >= 1.1 * self.air_pressure
            and self.volume <= 1e6
            and self.energy <= 1e15
            and 1.0 <= self.reflection <= 2.0
            and 0.0 <= self.centre_distance <= 1e5
        ):
            raise OutOfRange(
                "容器爆裂参数不合理（压力 ≥ 1.1 倍大气压，容积 ≤ 1e6 m³，能量 ≤ 1e15 J，反射 1 至 2，距离 ≤ 100 km）",
                "impossible burst (pressure >= 1.1 times that of the air, volume <= 1e6 m3, energy <= 1e15 J, "
                "reflection 1 to 2, 0 to 100 km away)",
            )

    @functools.cached_property
    def _law(self) -> Law:
        scale = math.cbrt(self.reflection * self.energy / self.air_pressure)
        radius = math.cbrt(3.0 * self.reflection * self.volume / (4.0 * math.pi))
        ratio = self.burst_pressure / self.air_pressure
        surface = surface_overpressure(ratio, self.heat_capacity_ratio, self.sound_speed_ratio)
        ratios, distance, overpressures, impulses = _family()
        chosen = _through(math.log(radius / scale), math.log(surface), ratios, distance, overpressures)
        overpressure, impulse = _mixed(chosen, ratios, overpressures), _mixed(chosen, ratios, impulses)
        unit = self.air_pressure * scale / constants("explosion")["sound_speed"].value
        curves = (interpolated(distance, np.minimum(overpressure, math.log(surface))), interpolated(distance, impulse))
        return Law(CURVES, scale, self.air_pressure, unit, 0.0, *curves)

    @property
    def surface_overpressure(self) -> float:
        """At the vessel. [Pa]"""
        return self.air_pressure * curve_kernel(0.0, self._law.overpressure)

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        outside = not 2.0 <= self.burst_pressure / self.air_pressure <= 500.0
        found = {"burst_of_flashing_liquid": self.flashing, "burst_pressure_range": outside}
        return tuple(code for code, holds in found.items() if holds)


def gas_burst(
    pressure: float,
    volume: float,
    *,
    molar_mass: float,
    temperature: float,
    heat_capacity_ratio: float = _AIR,
    reflection: float = 2.0,
    air_pressure: float = 101_325.0,
) -> VesselBurst:
    """Burst of a vessel of ideal gas, with the energy after `brode_energy`.

    Parameters
    ----------
    pressure, volume, temperature : float
        As it bursts; absolute pressure. [Pa], [m³], [K]
    molar_mass : float
        [kg/mol]
    heat_capacity_ratio : float
        1.05 to 1.7. [-]
    reflection, air_pressure
        As of `VesselBurst`, whose errors it raises.

    Examples
    --------
    Ten cubic metres of air at 11 bar on the ground:

    >>> burst = gas_burst(1.1e6, 10.0, molar_mass=0.029, temperature=288.0, air_pressure=1e5)
    >>> round(burst.energy / 1e6, 6)
    25.0
    """
    positive(molar_mass=molar_mass, temperature=temperature)
    sound = math.sqrt(heat_capacity_ratio * 8.314462618 * temperature / molar_mass)
    return VesselBurst(
        energy=brode_energy(pressure, volume, heat_capacity_ratio, air_pressure),
        volume=volume,
        burst_pressure=pressure,
        heat_capacity_ratio=heat_capacity_ratio,
        sound_speed_ratio=sound / constants("explosion")["sound_speed"].value,
        reflection=reflection,
        air_pressure=air_pressure,
    )


def liquid_burst(
    substance: Substance,
    volume: float,
    fill: float,
    temperature: float,
    *,
    path: str = "isentropic",
    reflection: float = 2.0,
    air_pressure: float = 101_325.0,
) -> VesselBurst:
    """Burst of a vessel of saturated liquid (BLEVE).

    Parameters
    ----------
    substance : Substance
    volume, fill, temperature, path
        As of `burst_energy.content_energy`; ``fill`` is the liquid's share of the volume.
    reflection, air_pressure
        As of `VesselBurst`, whose errors it raises.
    """
    ratio = min(max(substance.heat_capacity_ratio(temperature), 1.05), 1.7)
    sound = math.sqrt(ratio * 8.314462618 * temperature / substance.molar_mass)
    return VesselBurst(
        energy=content_energy(substance, volume, fill, temperature, path, air_pressure),
        volume=volume,
        burst_pressure=substance.vapour_pressure(temperature),
        heat_capacity_ratio=ratio,
        sound_speed_ratio=sound / constants("explosion")["sound_speed"].value,
        reflection=reflection,
        air_pressure=air_pressure,
        flashing=fill > 0.0,
    )
