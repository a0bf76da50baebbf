"""Vapour cloud explosion: overpressure around the middle of the cloud, and its footprint."""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.blast import (
    MULTI_ENERGY_CLASSES,
    baker_strehlow_tang_curve,
    curve_kernel,
    deflagration_kernel,
    kingery_bulmash_kernel,
    kinney_graham_kernel,
    multi_energy_kernel,
)
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import Disc, Footprint, PolarGrid
from parkrisk.models.heat_footprint import domino_threshold, positive, receptors
from parkrisk.models.vulnerability import BLAST

__all__ = ["METHODS", "Explosion", "default_share", "tnt_mass"]

Array = NDArray[np.float64]

#: Blast methods; the position is the code the kernel knows.
METHODS = ("tnt", "tnt_free_air", "multi_energy", "baker_strehlow_tang", "deflagration")


_FASTEST_DEFLAGRATION = 500.0 / 340.0  # highest flame speed of the source over its speed of sound


def tnt_mass(energy: float) -> float:
    """Mass of TNT with this explosion energy, at 4.52 MJ/kg. [kg]"""
    positive(energy=energy)
    return energy / constants("explosion")["tnt_energy"].value


def default_share(method: str) -> float:
    """Share of the flammable mass whose energy drives the blast, where nothing better is known.

    Raises
    ------
    OutOfRange
        Unknown method.
    """
    if method not in METHODS:
        raise OutOfRange(f"未知爆炸模型 {method!r}", f"unknown blast method {method!r}")
    name = "tnt" if method == "tnt_free_air" else method
    return constants("explosion")[f"{name}_share"].value


@kernel
def overpressure_kernel(
    distance: float,
    method: int,
    scale: float,
    strength: float,
    air_pressure: float,
    log_distance: Array,
    log_overpressure: Array,
) -> float:
    """Overpressure [Pa] at a distance from the centre [m]; ``method`` is a position in METHODS.

    ``scale`` [m] divides the distance; the two arrays are the curve of the method that has one.
    """
    scaled = distance / scale
    if method == 0:
        return kingery_bulmash_kernel(scaled)
    if method == 1:
        return air_pressure * kinney_graham_kernel(scaled)
    if method == 2:
        return air_pressure * multi_energy_kernel(scaled, strength)
    if method == 3:
        return air_pressure * curve_kernel(scaled, log_distance, log_overpressure)
    return air_pressure * deflagration_kernel(scaled, strength)


@kernel
def _overpressures(
    distance: Array,
    angle: Array,
    centre: float,
    method: int,
    scale: float,
    strength: float,
    air_pressure: float,
    log_distance: Array,
    log_overpressure: Array,
) -> Array:
    out = np.empty(distance.size)
    for i in range(distance.size):
        x, y = distance[i] * math.cos(angle[i]) - centre, distance[i] * math.sin(angle[i])
        apart = math.hypot(x, y)
        out[i] = overpressure_kernel(apart, method, scale, strength, air_pressure, log_distance, log_overpressure)
    return out


def _circles(grid: PolarGrid, centre: float, circles: tuple[Disc, ...]) -> Footprint:
    """Footprint of circles of constant lethality that add up, around a point downwind; bin means are exact."""
    discs = [disc for disc in circles if disc[0] > 0.0]
    radii = np.array([disc[0] for disc in discs])[:, None]
    values = np.array([disc[1] for disc in discs]).reshape(-1, 3).T
    if centre == 0.0:
        nothing = np.zeros(grid.n_rings, dtype=np.int32)
        return Footprint(nothing, np.zeros((3, 0)), radii[:, 0], np.ascontiguousarray(values))
    # the part of each ring inside a circle, by the law of cosines, counted in bins from the axis
    cosine = (grid.radius**2 + centre**2 - radii**2) / (2.0 * grid.radius * centre)
    covered = np.arccos(np.clip(cosine, -1.0, 1.0)) / grid.bin_width
    count = np.minimum(np.ceil(covered.max(axis=0, initial=0.0)), grid.n_bins // 2).astype(np.int32)
    ring = np.repeat(np.arange(grid.n_rings), count)
    number = np.arange(ring.size) - np.repeat(np.cumsum(count) - count, count)
    lethality = values @ np.clip(covered[:, ring] - number, 0.0, 1.0)
    return Footprint(count, np.minimum(lethality, 1.0), np.zeros(0), np.zeros((3, 0)))


@dataclass(frozen=True)
class Explosion:
    """A flammable cloud that explodes.

    Parameters
    ----------
    mass : float
        Of fuel within the flammable limits. [kg]
    heat_of_combustion : float
        [J/kg]
    share : float
        Of the mass, whose energy drives the blast: the TNT yield, or what lies in the congested part. See
        `default_share`.
    method : str
        "tnt": TNT equivalent bursting on the ground (Kingery & Bulmash). "tnt_free_air": in free air (Kinney & Graham).
        "multi_energy": TNO, see ``source_class``. "baker_strehlow_tang" and "deflagration" (Russian official method):
        see ``flame_mach``.
    centre_distance : float
        Of the cloud's middle, downwind of the source. [m]
    source_class : float
        Strength of a multi-energy explosion: 1, 4, 5 or 6, the classes with a published fit.
    flame_mach : float
        Flame speed over the speed of sound, up to 5.2 ("deflagration": up to 500 m/s); see ``models.blast.flame_mach``.
    air_pressure : float
        [Pa]

    Raises
    ------
    OutOfRange
        A value that no explosion has, an unknown method, or a class without a published fit.

    Notes
    -----
    Near the centre, closer than the method's range, its end value (plateau) holds; lethality is certain there or the
    method never reaches 0.03 MPa. TNT overstates the near and understates the far field of a gas explosion.

    References
    ----------
    .. [1] A.C. van den Berg, "The multi-energy method", J Hazard Mater 12 (1985) 1-10; decay fits: F. Diaz Alonso et
       al., "Characteristic overpressure-impulse-distance curves for vapour cloud explosions using the TNO Multi-Energy
       model", J Hazard Mater A137 (2006) 734-741.
    .. [2] M.J. Tang, Q.A. Baker, "A new set of blast curves from vapor cloud explosion", Process Saf Prog 18 (1999)
       235-240.
    """

    mass: float
    heat_of_combustion: float
    share: float
    method: str = "tnt"
    centre_distance: float = 0.0
    source_class: float = 6.0
    flame_mach: float = 0.5
    air_pressure: float = 101_325.0

    def __post_init__(self) -> None:
        positive(
            mass=self.mass,
            heat_of_combustion=self.heat_of_combustion,
            share=self.share,
            flame_mach=self.flame_mach,
            air_pressure=self.air_pressure,
        )
        default_share(self.method)
        if not (
            self.mass <= 1e8
            and 1e6 <= self.heat_of_combustion <= 2e8
            and self.share <= 1.0
            and 0.0 <= self.centre_distance <= 1e5
            and self.flame_mach <= 5.2
        ):
            raise OutOfRange(
                "爆炸参数不合理（质量 ≤ 1e8 kg，燃烧热 1 至 200 MJ/kg，份额 ≤ 1，中心距离 0 至 100 km，马赫数 ≤ 5.2）",
                "impossible explosion (mass <= 1e8 kg, heat of combustion 1 to 200 MJ/kg, share <= 1, "
                "centre 0 to 100 km away, flame Mach number <= 5.2)",
            )
        if self.method == "deflagration" and self.flame_mach > _FASTEST_DEFLAGRATION:
            raise OutOfRange(
                f"爆燃公式的火焰速度上限为 500 m/s，现马赫数为 {self.flame_mach:g}",
                f"the deflagration fit ends at a flame speed of 500 m/s; the Mach number is {self.flame_mach:g}",
            )
        if self.method == "multi_energy" and self.source_class not in MULTI_ENERGY_CLASSES:
            raise OutOfRange(
                f"多能法强度等级 {self.source_class:g} 无公开拟合，可用：1、4、5、6",
                f"no published fit for multi-energy class {self.source_class:g}; use 1, 4, 5 or 6",
            )

    @property
    def energy(self) -> float:
        """That drives the blast. [J]"""
        return self.share * self.mass * self.heat_of_combustion

    @functools.cached_property
    def _curve(self) -> tuple[int, float, float, float, Array, Array]:
        """Arguments of `overpressure_kernel` after the distance."""
        code = METHODS.index(self.method)
        if code <= 1:
            scale = math.cbrt(tnt_mass(self.energy))
        elif self.method == "baker_strehlow_tang":
            scale = math.cbrt(2.0 * self.energy / self.air_pressure)  # the ground reflects the other half
        else:
            scale = math.cbrt(self.energy / self.air_pressure)
        strength = self.source_class if self.method == "multi_energy" else self.flame_mach
        curve = baker_strehlow_tang_curve(self.flame_mach)
        return code, scale, float(strength), self.air_pressure, *curve

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        return {
            "tnt": ("tnt_share",),
            "tnt_free_air": ("tnt_share",),
            "multi_energy": ("congested_share", "multi_energy_class"),
            "baker_strehlow_tang": ("congested_share", "flame_speed"),
            "deflagration": ("flame_speed",),
        }[self.method]

    def overpressure(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Peak side-on overpressure on the ground. [Pa]

        Parameters
        ----------
        distance : float or array
            From the source of the release. [m]
        angle : float or array
            From the downwind axis. [rad]

        Raises
        ------
        OutOfRange
            A distance is negative or not finite.
        """
        r, a = receptors(distance, angle)
        return _overpressures(r.ravel(), a.ravel(), self.centre_distance, *self._curve).reshape(r.shape)

    def radius(self, overpressure: float) -> float:
        """Distance from the cloud's middle within which the overpressure is at least this; 0: nowhere. [m]"""
        positive(overpressure=overpressure)
        low, high = 0.0, 1e5
        if overpressure_kernel(0.0, *self._curve) < overpressure:
            return 0.0
        if overpressure_kernel(high, *self._curve) >= overpressure:
            raise OutOfRange(f"影响距离超过 {high:g} m", f"the effect reaches beyond {high:g} m")
        while high - low > 1e-9 * high:
            middle = 0.5 * (low + high)
            reached = overpressure_kernel(middle, *self._curve) >= overpressure
            low, high = (middle, high) if reached else (low, middle)
        return low

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source of the release: two circles about the cloud's middle."""
        rest = 1.0 - BLAST.indoor_fraction
        certain, indoor = self.radius(BLAST.certain_death), self.radius(BLAST.indoor_threshold)
        circles = ((certain, (1.0, 1.0, rest)), (indoor, (0.0, 0.0, BLAST.indoor_fraction)))
        return _circles(grid, self.centre_distance, circles)

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances [m] of death (0.03 MPa), deaths indoors (0.01 MPa), broken glass (3 kPa), escalation."""
        table = constants("vulnerability")
        levels = {
            "death_m": BLAST.certain_death,
            "serious_m": table["serious_overpressure"].value,
            "light_m": table["light_overpressure"].value,
            "domino_m": domino_threshold("blast"),
        }
        found = {name: self.radius(level) for name, level in levels.items()}
        return {name: self.centre_distance + r if r > 0.0 else None for name, r in found.items()}
