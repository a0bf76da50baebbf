"""Fragments of a vessel that bursts: how fast and how far they fly, and how likely one hits a target."""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.heat_footprint import positive

__all__ = [
    "Flights",
    "Fragments",
    "bleve_ranges",
    "flight",
    "flight_kernel",
    "flights",
    "hit_kernel",
    "number_distribution",
    "plate_fragments",
    "shell_speed",
]

Array = NDArray[np.float64]

_G = 9.80665
_ELEVATIONS = 181
_SHAPES = {"sphere": 0.6, "cylinder": 0.5}  # share of the content's mass that moves with the shell, exact


class Flights(NamedTuple):
    """Flights of one fragment at elevations from flat to upright; a named tuple, since kernels take it."""

    weight: Array  #: probability of the elevations between each two neighbours, shape (n - 1,)
    distance: Array  #: where it comes down, shape (n,). [m]
    slope: Array  #: cotangent of the angle at which it comes down, shape (n,)
    speed: Array  #: with which, shape (n,). [m/s]


@kernel
def flight_kernel(speed: float, elevation: float, drag: float) -> tuple[float, float, float]:
    """Distance [m], cotangent of the angle of descent and speed [m/s] at which a fragment comes down.

    ``drag`` is half of air density, drag coefficient and area over mass [1/m]; start and end are level.
    """
    vx, vy = speed * math.cos(elevation), speed * math.sin(elevation)
    x, y, steps = 0.0, 0.0, 0
    while steps < 100_000:
        v = math.hypot(vx, vy)
        step = 0.02 / (drag * v + _G / (v + 1e-9) + _G / (speed + 1e-9))
        # two evaluations at the middle of the step: third order in all but the last
        ax, ay = -drag * v * vx, -drag * v * vy - _G
        mx, my = vx + 0.5 * step * ax, vy + 0.5 * step * ay
        m = math.hypot(mx, my)
        bx, by = -drag * m * mx, -drag * m * my - _G
        dx, dy = step * mx, step * my
        if y + dy <= 0.0 and (my < 0.0 or steps > 0):
            share = 1.0 if dy == 0.0 else y / -dy
            x, vx, vy = x + share * dx, vx + share * step * bx, vy + share * step * by
            break
        x, y, vx, vy = x + dx, y + dy, vx + step * bx, vy + step * by
        steps += 1
    return x, vx / max(-vy, 1e-9), math.hypot(vx, vy)


@kernel
def _flights(speed: float, elevation: Array, drag: float) -> tuple[Array, Array, Array]:
    distance, slope, impact = np.empty_like(elevation), np.empty_like(elevation), np.empty_like(elevation)
    for i in range(elevation.size):
        distance[i], slope[i], impact[i] = flight_kernel(speed, elevation[i], drag)
    return distance, slope, impact


@kernel
def _between(inner: float, outer: float, table: Flights, height: float) -> float:
    """Share of the flights that come down from ``inner`` on, or would pass ``outer`` no higher than ``height``."""
    total = 0.0
    for i in range(table.weight.size):
        far = outer + height * min(0.5 * (table.slope[i] + table.slope[i + 1]), 1e6)
        low = min(table.distance[i], table.distance[i + 1])
        high = max(table.distance[i], table.distance[i + 1])
        if high > low:
            total += table.weight[i] * max(min(high, far) - max(low, inner), 0.0) / (high - low)
        elif inner <= low <= far:
            total += table.weight[i]
    return total


@kernel
def hit_kernel(distance: float, width: float, height: float, depth: float, table: Flights) -> float:
    """Probability that one fragment hits a box: its middle at ``distance``, sides across, up and along the way [m].

    A box that holds the source is hit.
    """
    if 2.0 * distance <= depth:
        return 1.0
    azimuth = math.atan(0.5 * width / distance) / math.pi
    return azimuth * _between(distance - 0.5 * depth, distance + 0.5 * depth, table, height)


@kernel
def _hits(distance: Array, width: float, height: float, depth: float, number: float, table: Flights) -> Array:
    out = np.empty(distance.size)
    for i in range(distance.size):
        once = hit_kernel(distance[i], width, height, depth, table)
        out[i] = -math.expm1(number * math.log1p(-min(once, 1.0 - 1e-16)))
    return out


def _check_flight(speed: float, drag: float) -> None:
    if not (0.1 <= speed <= 3000.0 and 0.0 <= drag <= 10.0):
        raise OutOfRange(
            f"抛射速度须在 0.1 至 3000 m/s，阻力系数 0 至 10 1/m，现为 {speed:g}、{drag:g}",
            f"launch speed 0.1 to 3000 m/s, drag 0 to 10 1/m; they are {speed:g} and {drag:g}",
        )


def flight(speed: float, elevation: float, drag: float = 0.0) -> tuple[float, float, float]:
    """Where and how a fragment comes down.

    Parameters
    ----------
    speed : float
        At the start, 0.1 to 3000. [m/s]
    elevation : float
        Of the start above the horizon, 0 to π/2. [rad]
    drag : float
        ρ C A / (2 m): air density, drag coefficient, area, mass; up to 10. [1/m]

    Returns
    -------
    distance, slope, speed : float
        [m], cotangent of the angle of descent, [m/s].

    Raises
    ------
    OutOfRange
        Outside these ranges.

    Notes
    -----
    Gravity and drag with the square of the speed, over flat ground, from the ground; no lift, no wind [1]_.

    References
    ----------
    .. [1] W.E. Baker et al., *Explosion hazards and evaluation*, Elsevier, 1983, chapter 6.

    Examples
    --------
    Without drag v²/g at 45°:

    >>> round(flight(100.0, 0.7853981634)[0], 0)
    1020.0
    """
    _check_flight(speed, drag)
    if not 0.0 <= elevation <= 0.5 * math.pi + 1e-12:
        raise OutOfRange("抛射仰角须在 0 至 π/2 之间", "the elevation must lie between 0 and π/2")
    return flight_kernel(float(speed), float(elevation), float(drag))


@functools.lru_cache(maxsize=1024)
def flights(speed: float, drag: float, *, isotropic: bool = True) -> Flights:
    """Flights at all elevations, as `hit_kernel` takes them.

    Parameters
    ----------
    speed, drag : float
        As of `flight`, with its errors.
    isotropic : bool
        True: every direction above ground alike. False: every elevation alike, which throws more of them steeply.
    """
    _check_flight(speed, drag)
    elevation = np.linspace(0.0, 0.5 * math.pi, _ELEVATIONS)
    weight = np.diff(np.sin(elevation)) if isotropic else np.full(_ELEVATIONS - 1, 1.0 / (_ELEVATIONS - 1))
    return Flights(weight, *_flights(float(speed), elevation, float(drag)))


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
    isotropic: bool = True
    air_density: float = 1.225
    verified: bool = False

    def __post_init__(self) -> None:
        positive(number=self.number, mass=self.mass, speed=self.speed, air_density=self.air_density)
        if not (self.number <= 1e6 and 0.0 <= self.drag_area < math.inf and self.air_density <= 2.0):
            raise OutOfRange(
                "碎片数须不大于 1e6，阻力面积不为负，空气密度不大于 2 kg/m³",
                "at most 1e6 fragments, no negative drag area, air density at most 2 kg/m3",
            )
        _check_flight(self.speed, self.drag)

    @property
    def drag(self) -> float:
        """ρ C A / (2 m). [1/m]"""
        return 0.5 * self.air_density * self.drag_area / self.mass

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
        return float(_between(float(inner), float(outer), self._flights, 0.0))

    def impact_probability(self, distance: ArrayLike, width: float, height: float, depth: float) -> Array:
        """Probability that at least one fragment hits a target.

        Parameters
        ----------
        distance : float or array
            From the vessel to the middle of the target. [m]
        width, height, depth : float
            Of the target, across the way, up, and along it. [m]

        Returns
        -------
        array, same shape as ``distance``

        Raises
        ------
        OutOfRange
            A distance is negative or not finite, or a size is not positive.

        Notes
        -----
        A target is a box on the ground that casts its shadow along the straight end of each flight; fragments fly
        independently. Their number is taken at its mean, which overstates the probability of at least one hit a little.
        """
        positive(width=width, height=height, depth=depth)
        values = np.asarray(distance, dtype=np.float64)
        if not bool(np.all((values >= 0.0) & np.isfinite(values))):
            raise OutOfRange("距离须为非负有限数", "distances must be finite, not negative")
        return _hits(values.ravel(), float(width), float(height), float(depth), float(self.number), self._flights).reshape(values.shape)


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
        verified=number is not None and kinetic_share is not None,
    )
