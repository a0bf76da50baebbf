"""Fragments of a vessel that bursts: how many, how fast, and how likely one hits a target."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.blast.flight import Flights, check_flight, flights, hits_kernel, share_between_kernel
from parkrisk.models.blast.vessel_burst import VesselBurst
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import positive

__all__ = [
    "Fragments",
    "bleve_ranges",
    "number_distribution",
    "plate_fragments",
    "shell_speed",
    "vessel_fragments",
]

Array = NDArray[np.float64]

_SHAPES = {"sphere": 0.6, "cylinder": 0.5}  # share of the content's mass that moves with the shell, exact


def shell_speed(energy: float, shell_mass: float, content_mass: float, shape: str = "cylinder") -> float:
    """Speed of a shell that breaks up evenly and takes this energy together with its content. [m/s]

    Parameters
    ----------
    energy : float
        Kinetic energy of shell and content, a share of what the burst sets free; see ``fragments.csv``. [J]
    shell_mass, content_mass : float
        [kg]
    shape : str
        "cylinder" or "sphere".

    Raises
    ------
    OutOfRange
        A value is not positive (``content_mass`` may be 0) or the shape is unknown.

    Notes
    -----
    v = sqrt(2 E / (M + k C)), k 1/2 and 3/5: the speed of the content grows evenly from the middle (Gurney). With 0.6
    of the energy this is the formula of Moore, 1.092 sqrt(E G / M). No fragment outruns 2 a / (γ - 1) of its gas.

    References
    ----------
    .. [1] R.W. Gurney, *The initial velocities of fragments from bombs, shells and grenades*, BRL 405, 1943.

    Examples
    --------
    >>> round(shell_speed(1e6, 200.0, 0.0))
    100
    """
    positive(energy=energy, shell_mass=shell_mass)
    if shape not in _SHAPES or not 0.0 <= content_mass < math.inf:
        raise OutOfRange(f"未知形状 {shape!r} 或内容物质量为负", f"unknown shape {shape!r} or negative content")
    return math.sqrt(2.0 * energy / (shell_mass + _SHAPES[shape] * content_mass))


def number_distribution(mean: float, most: int = 9) -> Array:
    """Probabilities of 1, 2, ... fragments: the least assuming distribution with this mean, shape (most,).

    Parameters
    ----------
    mean : float
        Above 1, below (most + 1) / 2.
    most : int

    Raises
    ------
    OutOfRange
        Outside that range.

    Notes
    -----
    A discrete exponential; [1]_ finds it for bursts of horizontal cylinders, on 1 to 9.

    References
    ----------
    .. [1] D. Sun et al., "Parametric approach of the domino effect for structural fragments", J Loss Prev Process Ind
       25 (2012) 114-126.
    """
    if not (most >= 2 and 1.0 < mean < 0.5 * (most + 1)):
        raise OutOfRange(
            f"碎片平均数须在 1 至 {0.5 * (most + 1):g} 之间", f"the mean must lie between 1 and {0.5 * (most + 1):g}"
        )
    count = np.arange(1, most + 1)
    low, high = 0.0, 1.0
    for _ in range(100):
        ratio = 0.5 * (low + high)
        weight = ratio ** (count - 1)
        low, high = (ratio, high) if (weight @ count) / weight.sum() < mean else (low, ratio)
    return np.asarray(weight / weight.sum())


def bleve_ranges(liquid_mass: float) -> tuple[tuple[float, float], ...]:
    """Shares of fragments and how far they come in fires under pressurised liquid, unverified (mark M).

    Pairs of share and distance [m], in multiples of the fireball's radius 3 m^(1/3); ``liquid_mass`` [kg]. No outcome
    uses it.
    """
    positive(liquid_mass=liquid_mass)
    table = constants("fragments")
    radius = table["birk_fireball_factor"].value * math.cbrt(liquid_mass)
    return tuple((table[f"birk_share_{i}"].value, radius * table[f"birk_radii_{i}"].value) for i in (1, 2))


@dataclass(frozen=True)
class Fragments:
    """Fragments of equal mass, thrown in all directions.

    Parameters
    ----------
    number : float
        Mean number. [-]
    mass : float
        Of one. [kg]
    speed : float
        At the start, 0.1 to 3000. [m/s]
    drag_area : float
        Drag coefficient times mean area. [m²]
    thickness : float
        Of a square plate of steel, which decides how broad it is; 0: a point. [m]
    isotropic : bool
        As of `flights`.
    air_density : float
        [kg/m³]
    verified : bool
        False: number or share of energy are unverified.

    Raises
    ------
    OutOfRange
        A value that no fragment has.
    """

    number: float
    mass: float
    speed: float
    drag_area: float
    thickness: float = 0.0
    isotropic: bool = True
    air_density: float = 1.225
    verified: bool = False

    def __post_init__(self) -> None:
        positive(number=self.number, mass=self.mass, speed=self.speed, air_density=self.air_density)
        sizes = 0.0 <= self.drag_area < math.inf and 0.0 <= self.thickness < math.inf
        if not (self.number <= 1e6 and sizes and self.air_density <= 2.0):
            raise OutOfRange(
                "碎片数须不大于 1e6，阻力面积和厚度不为负，空气密度不大于 2 kg/m³",
                "at most 1e6 fragments, no negative drag area or thickness, air density at most 2 kg/m3",
            )
        check_flight(self.speed, self.drag)

    @property
    def drag(self) -> float:
        """ρ C A / (2 m). [1/m]"""
        return 0.5 * self.air_density * self.drag_area / self.mass

    @property
    def breadth(self) -> float:
        """Side of the plate. [m]"""
        volume = self.mass / constants("fragments")["steel_density"].value
        return math.sqrt(volume / self.thickness) if self.thickness > 0.0 else 0.0

    @property
    def _flights(self) -> Flights:
        return flights(self.speed, self.drag, isotropic=self.isotropic)

    @property
    def reach(self) -> float:
        """Farthest distance. [m]"""
        return float(self._flights.distance.max())

    @property
    def impact_energy(self) -> float:
        """Highest kinetic energy with which one comes down. [J]"""
        return 0.5 * self.mass * float(self._flights.speed.max()) ** 2

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of caveats."""
        return () if self.verified else ("unverified:fragments",)

    def landing_share(self, inner: float, outer: float) -> float:
        """Share that comes down between two distances. [-]"""
        if not 0.0 <= inner <= outer:
            raise OutOfRange("须满足 0 ≤ 内距离 ≤ 外距离", "need 0 <= inner <= outer distance")
        return float(share_between_kernel(float(inner), float(outer), self._flights, 0.0))

    def impact_probability(
        self,
        distance: ArrayLike,
        width: ArrayLike,
        height: ArrayLike,
        depth: ArrayLike,
        least_speed: ArrayLike = 0.0,
    ) -> Array:
        """Probability that at least one fragment hits a target.

        Parameters
        ----------
        distance : float or array
            From the vessel to the middle of the target. [m]
        width, height, depth : float or array
            Of the target, across the way, up, and along it. [m]
        least_speed : float or array
            Slower hits do not count. [m/s]

        Returns
        -------
        array, shape of all of them together

        Raises
        ------
        OutOfRange
            A distance or a least speed is negative or not finite, or a size is not positive.

        Notes
        -----
        A target is a box on the ground, its front square to the way: a fragment hits it that is no higher than the box
        at its front, comes down on it, or would come down in its shadow. The ways up and down are taken as parabolas
        through the apex, with the slopes at start and end; without drag that is exact. Fragments fly independently,
        all azimuths are alike. Their number is taken at its mean, which overstates the probability of at least one
        hit a little.
        """
        places, speeds = np.asarray(distance, dtype=np.float64), np.asarray(least_speed, dtype=np.float64)
        sizes = [np.asarray(size, dtype=np.float64) for size in (width, height, depth)]
        for values in (places, speeds):
            if not bool(np.all((values >= 0.0) & np.isfinite(values))):
                raise OutOfRange("距离和速度须为非负有限数", "distances and speeds must be finite, not negative")
        for size in sizes:
            if not bool(np.all((size > 0.0) & np.isfinite(size))):
                raise OutOfRange("目标尺寸须为正的有限数", "the sizes of a target must be positive and finite")
        spread = np.broadcast_arrays(places, *sizes, speeds)
        away, across, up, along, least = (np.ascontiguousarray(values).ravel() for values in spread)
        found = hits_kernel(away, across, up, along, least, float(self.number), self._flights)
        return found.reshape(spread[0].shape)


def plate_fragments(
    energy: float,
    shell_mass: float,
    thickness: float,
    *,
    content_mass: float = 0.0,
    number: float | None = None,
    kinetic_share: float | None = None,
    shape: str = "cylinder",
) -> Fragments:
    """Fragments of a steel shell that breaks into tumbling plates of equal mass.

    Parameters
    ----------
    energy : float
        That the burst sets free; see `models.burst_energy`. [J]
    shell_mass, content_mass : float
        [kg]
    thickness : float
        Of the shell. [m]
    number, kinetic_share : float, optional
        Default as in ``fragments.csv``, unverified.
    shape : str
        As of `shell_speed`, whose errors it raises.

    Notes
    -----
    A tumbling thin plate shows on average half of one face (Cauchy).
    """
    table = constants("fragments")
    positive(thickness=thickness)
    share = table["kinetic_share"].value if kinetic_share is None else kinetic_share
    count = table["mean_number"].value if number is None else number
    positive(kinetic_share=share, number=count)
    if not share <= 1.0:
        raise OutOfRange("动能份额须不大于 1", "the kinetic share must not exceed 1")
    mass = shell_mass / count
    area = mass / (table["steel_density"].value * thickness)
    return Fragments(
        number=count,
        mass=mass,
        speed=shell_speed(share * energy, shell_mass, content_mass, shape),
        drag_area=table["plate_drag"].value * 0.5 * area,
        thickness=thickness,
        verified=number is not None and kinetic_share is not None,
    )


def vessel_fragments(burst: VesselBurst, volume: float, diameter: float, content_mass: float) -> Fragments:
    """Fragments of a steel vessel whose wall is as thick as the pressure at which it bursts asks for.

    Parameters
    ----------
    burst : VesselBurst
        Its energy, its pressure and the pressure of the air count.
    volume : float
        Of the whole vessel, positive. [m³]
    diameter : float
        Of the shell; what no sphere of the volume has, or 0: that of the sphere. [m]
    content_mass : float
        [kg]

    Raises
    ------
    OutOfRange
        As `plate_fragments`; the speed is below 0.1 m/s.

    Notes
    -----
    t = p d / (4 S) of a sphere, p d / (2 S) of a cylinder with flat ends, S the allowable stress, but never less than
    thin shells have. Stress and least thickness are unverified, as number and share of energy are.
    """
    table = constants("fragments")
    sphere = math.cbrt(6.0 * volume / math.pi)
    long = 0.0 < diameter < sphere
    across = diameter if long else sphere
    area = 4.0 * volume / across + 0.5 * math.pi * across**2 if long else math.pi * across**2
    tension = (burst.burst_pressure - burst.air_pressure) * across / (2.0 if long else 4.0)
    thickness = max(tension / table["design_stress"].value, table["least_shell"].value)
    return plate_fragments(
        burst.energy,
        area * thickness * table["steel_density"].value,
        thickness,
        content_mass=content_mass,
        shape="cylinder" if long else "sphere",
    )
