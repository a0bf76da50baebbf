"""Explosion of condensed matter: explosives, ammonium nitrate, organic peroxides, by their TNT equivalents."""

import functools
from dataclasses import dataclass

from parkrisk.models.blast.curve import Law
from parkrisk.models.blast.outcome import Blast
from parkrisk.models.blast.tnt import tnt_law
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive

__all__ = ["CondensedExplosion", "Equivalence", "tnt_equivalence"]


@dataclass(frozen=True)
class Equivalence:
    """Mass of TNT that makes the same blast as one kilogram.

    Parameters
    ----------
    value, low, high : float
        The one to use, and the range of what is published. [kg/kg]
    source, mark : str
        "V" verified, "1" one source, "M" unverified.
    """

    value: float
    low: float
    high: float
    source: str
    mark: str


def tnt_equivalence(material: str) -> Equivalence:
    """TNT equivalence of a material, of the part of it that explodes.

    Parameters
    ----------
    material : str
        Name or CAS number as in ``models/data/tnt_equivalents.csv``: "TNT", "ammonium nitrate", "organic peroxide, type
        B" ...

    Raises
    ------
    OutOfRange
        The material is not listed.

    Examples
    --------
    >>> tnt_equivalence("118-96-7").value
    1.0
    """
    for row in rows("tnt_equivalents"):
        if material and material in (row["material"], row["cas"]):
            return Equivalence(float(row["value"]), float(row["low"]), float(row["high"]), row["source"], row["mark"])
    raise OutOfRange(f"TNT 当量表中没有 {material!r}", f"no TNT equivalence for {material!r}")


@dataclass(frozen=True)
class CondensedExplosion(Blast):
    """Solid or liquid that explodes on the ground.

    Parameters
    ----------
    mass : float
        [kg]
    equivalence : float
        Mass of TNT for one of it, up to 2; see `tnt_equivalence`. [kg/kg]
    efficiency : float
        Share of the mass that takes part. [-]
    verified : bool
        False: the equivalence is unverified.
    centre_distance : float
        From the source of the outcome, downwind. [m]

    Raises
    ------
    OutOfRange
        A value that no charge has.

    Notes
    -----
    The hemispherical burst of Kingery & Bulmash at sea level; no walls, no earth cover, no fragments of a casing.
    """

    mass: float
    equivalence: float
    efficiency: float = 1.0
    verified: bool = True
    centre_distance: float = 0.0

    def __post_init__(self) -> None:
        positive(mass=self.mass, equivalence=self.equivalence, efficiency=self.efficiency)
        if not (
            self.mass <= 1e8 and self.equivalence <= 2.0 and self.efficiency <= 1.0 and 0 <= self.centre_distance <= 1e5
        ):
            raise OutOfRange(
                "凝聚相爆炸参数不合理（质量 ≤ 1e8 kg，TNT 当量 ≤ 2，参与份额 ≤ 1，距离 0 至 100 km）",
                "impossible charge (mass <= 1e8 kg, TNT equivalence <= 2, efficiency <= 1, 0 to 100 km away)",
            )

    @classmethod
    def of(cls, material: str, mass: float, efficiency: float = 1.0) -> "CondensedExplosion":
        """Explosion of a listed material, with its errors; ``mass`` [kg]."""
        found = tnt_equivalence(material)
        return cls(mass, found.value, efficiency, found.mark != "M")

    @property
    def tnt_mass(self) -> float:
        """Equivalent mass of TNT. [kg]"""
        return self.mass * self.equivalence * self.efficiency

    @functools.cached_property
    def _law(self) -> Law:
        return tnt_law(self.tnt_mass)

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        return () if self.verified else ("unverified:tnt_equivalence",)
