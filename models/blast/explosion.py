"""Vapour cloud explosion: overpressure around the middle of the cloud, and its footprint."""

import functools
from dataclasses import dataclass

from parkrisk.models.blast.curve import Law
from parkrisk.models.blast.flame_speed import baker_strehlow_tang_law, deflagration_law
from parkrisk.models.blast.multi_energy import multi_energy_law
from parkrisk.models.blast.outcome import Blast
from parkrisk.models.blast.tnt import tnt_law, tnt_mass
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive

__all__ = ["METHODS", "Explosion", "default_share", "tnt_mass"]

#: Blast methods.
METHODS = ("tnt", "tnt_free_air", "multi_energy", "baker_strehlow_tang", "deflagration")


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


@dataclass(frozen=True)
class Explosion(Blast):
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
        Strength of a multi-energy explosion, 1 to 10; see ``models.blast.multi_energy.source_class``.
    flame_mach : float
        Flame speed over the speed of sound, up to 5.2 ("deflagration": up to 500 m/s); see
        ``models.blast.flame_speed.flame_mach``.
    air_pressure : float
        [Pa]

    Raises
    ------
    OutOfRange
        A value that no explosion has, an unknown method or class.

    Notes
    -----
    Near the centre, closer than the method's range, its end value (plateau) holds; lethality is certain there or the
    method never reaches 0.03 MPa. TNT overstates the near and understates the far field of a gas explosion.

    References
    ----------
    .. [1] A.C. van den Berg, "The multi-energy method", J Hazard Mater 12 (1985) 1-10.
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
        _ = self._law  # refuses a strength that the method does not have

    @property
    def energy(self) -> float:
        """That drives the blast. [J]"""
        return self.share * self.mass * self.heat_of_combustion

    @functools.cached_property
    def _law(self) -> Law:
        if self.method == "multi_energy":
            return multi_energy_law(self.energy, self.source_class, self.air_pressure)
        if self.method == "baker_strehlow_tang":
            return baker_strehlow_tang_law(self.energy, self.flame_mach, self.air_pressure)
        if self.method == "deflagration":
            # the cloud lies on the ground
            return deflagration_law(2.0 * self.energy, self.flame_mach, self.air_pressure)
        free = self.method == "tnt_free_air"
        return tnt_law(tnt_mass(self.energy), free_air=free, air_pressure=self.air_pressure)

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
