"""Passive plume near the ground: crosswind-integrated diffusion in the surface layer, solved on a grid.

Nothing is assumed about the vertical shape that the plume takes on; roughness, height and wind shear enter as they are.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.air.surface_layer import KARMAN, PRANDTL, SurfaceLayer, wind_kernel

__all__ = ["integrated_kernel"]

Array = NDArray[np.float64]

LEVELS = 90
_STARTING = 4  # implicit steps at the beginning
_BISECTIONS = 40


@kernel
def _diffusivity(z: float, air: SurfaceLayer) -> float:
    """Vertical eddy diffusivity [m²/s], 0 at the top of the boundary layer."""
    zeta = z * air.inverse_obukhov
    gradient = 1.0 + 5.0 * min(zeta, 1.0) if zeta >= 0.0 else 1.0 / math.sqrt(1.0 - 16.0 * zeta)
    return KARMAN * air.friction_velocity * z / (PRANDTL * gradient) * max(1.0 - z / air.mixing_height, 0.0)


@kernel
def _tridiagonal(lower: Array, middle: Array, upper: Array, right: Array, work: Array, out: Array) -> None:
    """Solve a tridiagonal system (Thomas)."""
    n = right.size
    work[0] = upper[0] / middle[0]
    out[0] = right[0] / middle[0]
    for i in range(1, n):
        pivot = middle[i] - lower[i] * work[i - 1]
        work[i] = upper[i] / pivot
        out[i] = (right[i] - lower[i] * out[i - 1]) / pivot
    for i in range(n - 2, -1, -1):
        out[i] -= work[i] * out[i + 1]


@kernel
def _levels(air: SurfaceLayer, thickness: Array, centre: Array, wind: Array, exchange: Array) -> float:
    """Finite volumes even in ln z from the roughness length to the mixing height; gives their ratio as a logarithm."""
    ratio = math.log(air.mixing_height / air.roughness) / LEVELS
    for i in range(LEVELS):
        low, high = air.roughness * math.exp(i * ratio), air.roughness * math.exp((i + 1) * ratio)
        thickness[i], centre[i] = high - low, math.sqrt(low * high)
        wind[i] = wind_kernel(centre[i], air)
    exchange[0], exchange[LEVELS] = 0.0, 0.0
    for i in range(1, LEVELS):
        exchange[i] = _diffusivity(air.roughness * math.exp(i * ratio), air) / (centre[i] - centre[i - 1])
    return ratio


@kernel
def _carried(c: Array, thickness: Array, wind: Array) -> float:
    total = 0.0
    for i in range(LEVELS):
        total += c[i] * thickness[i] * wind[i]
    return total


@kernel
def _begin(
    ground: float,
    flux: float,
    scale: float,
    exponent: float,
    height: float,
    centre: Array,
    thickness: Array,
    wind: Array,
    c: Array,
) -> None:
    """Profile to begin with; its depth is set so that it carries the flux.

    On the ground exp(-(z/S)^n) with the given concentration at the ground, aloft (``height`` > 0) a Gaussian about that
    height with its image, as deep as given and as strong as the flux needs.
    """
    if height > 0.0:
        for i in range(LEVELS):
            below, above = (centre[i] - height) / scale, (centre[i] + height) / scale
            c[i] = math.exp(-below * below) + math.exp(-above * above)
        strength = flux / max(_carried(c, thickness, wind), 1e-300)
        for i in range(LEVELS):
            c[i] *= strength
        return
    low, high = 0.02 * scale, 50.0 * scale
    for _ in range(_BISECTIONS):
        depth = math.sqrt(low * high)
        for i in range(LEVELS):
            c[i] = ground * math.exp(-((centre[i] / depth) ** exponent))
        if _carried(c, thickness, wind) < flux:
            low = depth
        else:
            high = depth


@kernel
def integrated_kernel(
    distance: Array,
    z: float,
    ground: float,
    flux: float,
    scale: float,
    exponent: float,
    height: float,
    air: SurfaceLayer,
) -> tuple[Array, Array]:
    """Crosswind-integrated concentration at one height, and the speed of the plume, from a profile on.

    Parameters
    ----------
    distance : array, shape (n,)
        From where the profile stands, rising from 0; one step of the solution each. [m]
    z : float
        Of the receptors. [m]
    ground, flux : float
        Crosswind-integrated concentration at the ground [kg/m²] and mass flux [kg/s] of the profile.
    scale, exponent, height : float
        Its shape exp(-(z/scale)^exponent), or a Gaussian about a height aloft. [m], [-], [m]
    air : SurfaceLayer

    Returns
    -------
    two arrays, shape (n,)
        [kg/m²], [m/s]

    Notes
    -----
    u ∂c/∂x = ∂/∂z (K ∂c/∂z), K = k u* z/(0.85 φ) (1 - z/zi) with the Businger-Dyer φ of heat: 1 + 5 z/L at most 6, or
    (1 - 16 z/L)^(-1/2). Finite volumes even in ln z from the roughness length to the mixing height; Crank and Nicolson
    after four implicit steps.
    """
    n = distance.size
    thickness, centre, wind, exchange = np.empty(LEVELS), np.empty(LEVELS), np.empty(LEVELS), np.empty(LEVELS + 1)
    ratio = _levels(air, thickness, centre, wind, exchange)
    receptor = math.log(max(z, centre[0]) / centre[0]) / ratio
    below = min(int(receptor), LEVELS - 2)
    share = min(receptor - below, 1.0)
    c, new, right, work = np.zeros(LEVELS), np.zeros(LEVELS), np.empty(LEVELS), np.empty(LEVELS)
    lower, middle, upper = np.empty(LEVELS), np.empty(LEVELS), np.empty(LEVELS)
    _begin(ground, flux, scale, exponent, height, centre, thickness, wind, c)
    concentration, speed = np.empty(n), np.empty(n)
    for k in range(n):
        step = distance[k] - distance[k - 1] if k > 0 else 0.0
        if step > 0.0:
            implicit = 1.0 if k <= _STARTING else 0.5
            for i in range(LEVELS):
                content, down, up = wind[i] * thickness[i], step * exchange[i], step * exchange[i + 1]
                change = (down * (c[i - 1] - c[i]) if i > 0 else 0.0) + (
                    up * (c[i + 1] - c[i]) if i < LEVELS - 1 else 0.0
                )
                right[i] = content * c[i] + (1.0 - implicit) * change
                lower[i], upper[i] = -implicit * down, -implicit * up
                middle[i] = content + implicit * (down + up)
            _tridiagonal(lower, middle, upper, right, work, new)
            for i in range(LEVELS):
                c[i] = max(new[i], 0.0)
        held = 0.0
        for i in range(LEVELS):
            held += c[i] * thickness[i]
        concentration[k] = c[below] + share * (c[below + 1] - c[below])
        speed[k] = _carried(c, thickness, wind) / held
    return concentration, speed
