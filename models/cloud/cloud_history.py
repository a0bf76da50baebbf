"""A cloud on its way: what a place breathes at a time, how far a concentration reaches then, when it comes and goes.

A release that lasts passes as its steady plume times ½[erf(k τ) - erf(k (τ - duration))], τ the time since the cloud
would arrive without spread along the wind, k = 1/(√2 passage): the same pulse that doses are integrated over
(:mod:`parkrisk.models.cloud.dose`). A puff is what its table says, straight between the nodes.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.air.spread import check_averaging, checked
from parkrisk.models.cloud.history_kernels import (
    ellipses_kernel,
    moments_kernel,
    plume_passing_kernel,
    plume_values_kernel,
    plume_widths_kernel,
    puff_passing_kernel,
    puff_values_kernel,
    swept_kernel,
)
from parkrisk.models.cloud.plume_table import LOG_AXIS, LOG_SHARE, PlumeTable
from parkrisk.models.cloud.puff_table import PuffTable
from parkrisk.models.cloud.vapour import VapourSource, disperse
from parkrisk.models.errors import OutOfRange

__all__ = ["CloudHistory", "Outline", "Passing"]

Array = NDArray[np.float64]

_SCAN = 400  # places along the wind at which a plume is searched for where a concentration begins and ends
_NODES = 121  # of an outline
_BISECTIONS = 50


class Outline(NamedTuple):
    """Part of the ground, the same on both sides of the axis: half-width ``edge`` over ``distance`` downwind [m]."""

    distance: Array
    edge: Array


class Passing(NamedTuple):
    """When a concentration passes places, each of shape (n,); NaN where it is not reached.

    ``first`` and ``last`` time above it, time ``at`` which the concentration is ``largest``. [s], [s], [s], as asked
    """

    first: Array
    at: Array
    last: Array
    largest: Array


def _between(low: float, high: float, scale: float, origin: float) -> Array:
    """Places between two distances, crowded at both ends, where outlines are round, and towards the origin."""
    first, last = (math.log1p((end - origin) / scale) for end in (low, high))
    share = 0.5 * (1.0 - np.cos(np.linspace(0.0, math.pi, _NODES)))
    return np.asarray(origin + scale * np.expm1(first + share * (last - first)))


@dataclass(frozen=True)
class CloudHistory:
    """A cloud at one height above ground, over time.

    Parameters
    ----------
    plume : PlumeTable or None
        Of a release that lasts.
    puff : PuffTable or None
        Of one at once, or that spreads faster than the wind carries it off.
    """

    plume: PlumeTable | None
    puff: PuffTable | None

    @classmethod
    def of(
        cls,
        source: VapourSource,
        weather: Weather,
        z: float = 1.0,
        *,
        averaging_time: float = 600.0,
        mole_fraction: bool = False,
    ) -> "CloudHistory":
        """Follow a release.

        Parameters
        ----------
        source : VapourSource
        weather : Weather
        z : float
            Height above ground. [m]
        averaging_time : float
            Over which slow swings of the wind widen a plume, no longer than the release. [s]
        mole_fraction : bool
            Whether concentrations are mole fractions, else kg/m³.

        Raises
        ------
        OutOfRange
            z is negative, the averaging time not 10 to 3600 s, or as :func:`~parkrisk.models.cloud.vapour.disperse`.
        """
        check_averaging(averaging_time)
        if not 0.0 <= z < math.inf:
            raise OutOfRange(f"高度不得为负：{z}", f"height must not be negative: {z}")
        cloud = disperse(source, weather)
        table: PlumeTable | PuffTable = cloud.puff(z) if cloud.is_puff else cloud.plume(z, averaging_time)
        if mole_fraction:
            table.nodes[:, LOG_AXIS] += table.nodes[:, LOG_SHARE]
        return cls(None, table) if isinstance(table, PuffTable) else cls(table, None)

    def at(self, x: ArrayLike, y: ArrayLike, time: ArrayLike) -> Array:
        """Concentration at places and times.

        Parameters
        ----------
        x, y : float or array
            Downwind of the source and off the axis. [m]
        time : float or array
            Since the release began. [s]

        Returns
        -------
        array, shape of all three broadcast
            [kg/m³], or mole fraction.

        Raises
        ------
        OutOfRange
            An input is not finite.
        """
        xs, ys, times = checked(x=x, y=y, time=time)
        flat_x, flat_y, flat_time = (np.ascontiguousarray(values.ravel()) for values in (xs, ys, times))
        out = np.empty(xs.size)
        if self.plume is not None:
            plume_values_kernel(flat_x, flat_y, flat_time, self.plume, out)
        elif self.puff is not None:
            puff_values_kernel(flat_x, flat_y, flat_time, self.puff, out)
        return out.reshape(xs.shape)

    def outlines(self, level: float, time: float | None = None) -> tuple[Outline, ...]:
        """Where a concentration is exceeded.

        Parameters
        ----------
        level : float
            [kg/m³], or mole fraction.
        time : float, optional
            Since the release began [s]; without it, wherever the concentration is exceeded at any time.

        Returns
        -------
        tuple of Outline
            Empty where it is nowhere exceeded.

        Raises
        ------
        OutOfRange
            The level is not positive, or the time negative.
        """
        if not (0.0 < level < math.inf and (time is None or 0.0 <= time < math.inf)):
            raise OutOfRange(
                f"浓度须为正、时间不得为负：{level}, {time}", f"need a positive level and a time: {level}, {time}"
            )
        if self.plume is not None:
            return self._plume_outlines(self.plume, level, math.inf if time is None else time)
        assert self.puff is not None
        moments = moments_kernel(self.puff) if time is None else np.array([time])
        ellipses = ellipses_kernel(moments, level, self.puff)
        ellipses = np.ascontiguousarray(ellipses[:, ellipses[1] > 0.0])
        if not ellipses.size:
            return ()
        low, high = float((ellipses[0] - ellipses[1]).min()), float((ellipses[0] + ellipses[1]).max())
        x = _between(low, high, max(0.5 * (high - low), 1.0) if time is not None else max(-low, 1.0), low)
        edge = np.empty(x.size)
        swept_kernel(x, ellipses, edge)
        edge[[0, -1]] = 0.0
        return (Outline(x, edge),)

    @staticmethod
    def _plume_outlines(table: PlumeTable, level: float, time: float) -> tuple[Outline, ...]:
        def widths(x: Array) -> Array:
            out = np.empty(x.size)
            plume_widths_kernel(x, time, level, table, out)
            return out

        steps = np.linspace(0.0, math.log1p((table.farthest - table.origin) / table.scale), _SCAN)
        x = np.minimum(table.origin + table.scale * np.expm1(steps), table.farthest)
        inside = np.concatenate(([False], widths(x) > 0.0, [False]))
        begins, ends = (np.flatnonzero(np.diff(inside.astype(int)) == sign) for sign in (1, -1))

        def limit(within: int, beyond: int) -> float:
            """Where the half-width falls to 0 between two places."""
            if not 0 <= beyond < x.size:
                return float(x[within])
            near, far = float(x[within]), float(x[beyond])
            for _ in range(_BISECTIONS):
                middle = 0.5 * (near + far)
                near, far = (middle, far) if widths(np.array([middle]))[0] > 0.0 else (near, middle)
            return near

        found = []
        for first, last in zip(begins.tolist(), (ends - 1).tolist(), strict=True):
            places = _between(limit(first, first - 1), limit(last, last + 1), table.scale, table.origin)
            if places[-1] > places[0]:
                found.append(Outline(places, widths(places)))
        return tuple(found)

    def passing(self, x: ArrayLike, y: ArrayLike, level: float) -> Passing:
        """When a concentration passes places, and the largest there.

        Parameters
        ----------
        x, y : float or array
            Downwind of the source and off the axis. [m]
        level : float
            [kg/m³], or mole fraction.

        Returns
        -------
        Passing
            Arrays of the shape of ``x`` and ``y`` broadcast.

        Raises
        ------
        OutOfRange
            An input is not finite, or the level not positive.
        """
        xs, ys = checked(x=x, y=y)
        if not 0.0 < level < math.inf:
            raise OutOfRange(f"浓度须为正：{level}", f"the level must be positive: {level}")
        flat_x, flat_y = np.ascontiguousarray(xs.ravel()), np.ascontiguousarray(ys.ravel())
        out = np.empty((4, xs.size))
        if self.plume is not None:
            plume_passing_kernel(flat_x, flat_y, level, self.plume, out)
        elif self.puff is not None:
            puff_passing_kernel(flat_x, flat_y, moments_kernel(self.puff), level, self.puff, out)
        return Passing(*(row.reshape(xs.shape) for row in out))
