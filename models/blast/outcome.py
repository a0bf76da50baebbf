"""What every blast does around its source: overpressure, impulse, and deaths in circles."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.blast.curve import FARTHEST, Law, impulse_kernel, overpressure_kernel, radius_kernel
from parkrisk.models.constants import constants
from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.heat_footprint import domino_threshold, positive, receptors
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.models.vulnerability.people import BLAST

__all__ = ["Blast"]

Array = NDArray[np.float64]
Counts = NDArray[np.int32]


@kernel
def _fields(distance: Array, angle: Array, centre: float, law: Law, impulse: bool) -> Array:
    """Overpressure [Pa] or impulse [Pa·s] at receptors around a source, of a blast ``centre`` [m] downwind of it."""
    out = np.empty(distance.size)
    for i in range(distance.size):
        apart = distance[i]
        if centre > 0.0:
            x, y = distance[i] * math.cos(angle[i]) - centre, distance[i] * math.sin(angle[i])
            apart = math.hypot(x, y)
        out[i] = impulse_kernel(apart, law) if impulse else overpressure_kernel(apart, law)
    return out


@kernel
def _radii(levels: Array, law: Law) -> Array:
    out = np.empty(levels.size)
    for i in range(levels.size):
        out[i] = radius_kernel(levels[i], law)
    return out


@kernel
def _circles(
    ring: Array, bin_width: float, n_bins: int, centre: float, radius: Array, value: Array
) -> tuple[Counts, Array]:
    """Stored bins on each ring, and bin means, of circles around a point downwind whose lethalities add up."""
    count = np.zeros(ring.size, dtype=np.int32)
    covered = np.empty((radius.size, ring.size))
    for i in range(ring.size):
        most = 0.0
        for k in range(radius.size):
            # the part of the ring inside the circle, by the law of cosines, counted in bins from the axis
            cosine = (ring[i] ** 2 + centre**2 - radius[k] ** 2) / (2.0 * ring[i] * centre)
            covered[k, i] = math.acos(min(max(cosine, -1.0), 1.0)) / bin_width
            most = max(most, covered[k, i])
        count[i] = min(math.ceil(most), n_bins // 2)
    lethality = np.zeros((3, np.sum(count)))
    for row in range(3):
        at = 0
        for i in range(ring.size):
            for k in range(radius.size):
                if value[row, k] == 0.0:
                    continue
                whole = min(int(covered[k, i]), count[i])
                for number in range(at, at + whole):
                    lethality[row, number] += value[row, k]
                if whole < count[i]:
                    lethality[row, at + whole] += value[row, k] * (covered[k, i] - whole)
            at += count[i]
    return count, lethality


class Blast:
    """Fields, circles and casualty radii of an outcome that has a law and a centre."""

    centre_distance: float

    @property
    def _law(self) -> Law:
        raise NotImplementedError

    def _field(self, distance: ArrayLike, angle: ArrayLike, *, impulse: bool) -> Array:
        r, a = receptors(distance, angle)
        values = _fields(np.ravel(r), np.ravel(a), self.centre_distance, self._law, impulse)
        return values.reshape(r.shape)

    def overpressure(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Peak side-on overpressure on the ground. [Pa]

        Parameters
        ----------
        distance : float or array
            From the source of the outcome. [m]
        angle : float or array
            From the downwind axis. [rad]

        Raises
        ------
        OutOfRange
            A distance is negative or not finite.
        """
        return self._field(distance, angle, impulse=False)

    def impulse(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Side-on impulse of the positive phase [Pa·s]; parameters and errors as `overpressure`."""
        return self._field(distance, angle, impulse=True)

    def pulse_duration(self, distance: ArrayLike, angle: ArrayLike) -> Array:
        """Duration of the triangular pulse with this overpressure and impulse, 2 i/p [s]; else as `overpressure`.

        The positive phase itself lasts as long or longer: its pressure falls faster at first.
        """
        return 2.0 * self.impulse(distance, angle) / self.overpressure(distance, angle)

    def overpressure_field(self, grid: PolarGrid) -> Array:
        """Peak overpressure on a polar grid around the source, at the middle of each bin. [Pa]

        Shape (n_rings, n_bins / 2): bins from the downwind axis to the upwind axis, the same on both sides.
        """
        angle = (np.arange(grid.n_bins // 2) + 0.5) * grid.bin_width
        if self.centre_distance == 0.0:
            return np.repeat(self.overpressure(grid.radius, 0.0)[:, np.newaxis], angle.size, axis=1)
        return self.overpressure(grid.radius[:, np.newaxis], angle)

    def radii(self, overpressures: ArrayLike) -> Array:
        """Distances from the middle of the blast beyond which the overpressure is lower; 0: nowhere as high. [m]

        Parameters
        ----------
        overpressures : float or array
            [Pa]

        Raises
        ------
        OutOfRange
            An overpressure is not positive, or is reached beyond 100 km.
        """
        levels = np.asarray(overpressures, dtype=np.float64)
        if not bool(np.all(levels > 0.0) and np.all(np.isfinite(levels))):
            raise OutOfRange("超压须为正数", "overpressures must be positive")
        found = _radii(levels.ravel(), self._law)
        if np.isinf(found).any():
            raise OutOfRange(f"影响距离超过 {FARTHEST:g} m", f"the effect reaches beyond {FARTHEST:g} m")
        return found.reshape(levels.shape)

    def radius(self, overpressure: float) -> float:
        """As `radii`, of one overpressure [Pa]. [m]"""
        positive(overpressure=overpressure)
        return float(self.radii(overpressure))

    def footprint(self, grid: PolarGrid) -> Footprint:
        """Probability of death around the source: two circles about the middle of the blast."""
        rest = 1.0 - BLAST.indoor_fraction
        radius = self.radii(np.array([BLAST.certain_death, BLAST.indoor_threshold]))
        value = np.array([[1.0, 0.0], [1.0, 0.0], [rest, BLAST.indoor_fraction]])
        there = radius > 0.0
        radius, value = radius[there], np.ascontiguousarray(value[:, there])
        if self.centre_distance == 0.0:
            return Footprint(np.zeros(grid.n_rings, dtype=np.int32), np.zeros((3, 0)), radius, value)
        count, lethality = _circles(grid.radius, grid.bin_width, grid.n_bins, self.centre_distance, radius, value)
        return Footprint(count, lethality, np.zeros(0), np.zeros((3, 0)))

    def casualty_radii(self) -> dict[str, float | None]:
        """Downwind distances [m] of death (0.03 MPa), deaths indoors (0.01 MPa), broken glass (3 kPa), escalation."""
        table = constants("vulnerability")
        levels = {
            "death_m": BLAST.certain_death,
            "serious_m": table["serious_overpressure"].value,
            "light_m": table["light_overpressure"].value,
            "domino_m": domino_threshold("blast"),
        }
        found = self.radii(np.array(list(levels.values())))
        return {
            name: self.centre_distance + float(r) if r > 0.0 else None for name, r in zip(levels, found, strict=True)
        }
