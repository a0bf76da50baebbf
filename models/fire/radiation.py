"""Heat radiation from a solid flame: view factors, and what the air lets through.

A flame is a frustum with parallel circular ends, upright, tilted or lying; the receptor stands anywhere outside. The
vector view factor is a closed form for every position: the outline of the visible surface consists of two straight
lines and two arcs, and the contour integral over each is elementary.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.errors import OutOfRange

Array = NDArray[np.float64]
Vector = tuple[float, float, float]

_TWO_PI = 2.0 * math.pi


@kernel
def _circle(x: float, y: float, z: float, radius: float) -> Vector:
    """Integral of r × dr / r² once round a level circle; (x, y, z) is its centre seen from the receptor."""
    level = math.hypot(x, y)
    near = (level - radius) ** 2 + z * z  # least and largest r² on the circle
    far = (level + radius) ** 2 + z * z
    one = _TWO_PI / math.sqrt(near * far)
    b = 0.5 * (far - near)
    a = 0.5 * (near + far)
    cosine = (a * one - _TWO_PI) / b if b > 1e-5 * a else math.pi * b / (a * a)
    u, v = (-x / level, -y / level) if level > 0.0 else (1.0, 0.0)
    return -radius * z * cosine * u, -radius * z * cosine * v, radius * (radius * one - level * cosine)


@kernel
def _arc(
    x: float, y: float, z: float, radius: float, e0: float, f0: float, e1: float, f1: float, width: float
) -> Vector:
    """Integral of r × dr / r² along an arc of a level circle, from its radius vector (e0, f0) to (e1, f1).

    (x, y, z) is the centre seen from the receptor, ``width`` the angle of the arc, less than a full turn.
    """
    level = math.sqrt(x * x + y * y)
    u, v = (-x / level, -y / level) if level > 0.0 else (1.0, 0.0)  # towards the receptor: angles count from here
    near = (level - radius) ** 2 + z * z  # least and largest r² on the circle
    far = (level + radius) ** 2 + z * z
    a = 0.5 * (near + far)
    b = 0.5 * (far - near)
    c0, s0, c1, s1 = e0 * u + f0 * v, u * f0 - v * e0, e1 * u + f1 * v, u * f1 - v * e1
    k = math.sqrt(far / near)
    # difference of atan(k tan(angle / 2)) at both ends; negative where the arc crosses the far side
    sweep = math.atan2(k * (s1 * (1.0 + c0) - s0 * (1.0 + c1)), (1.0 + c0) * (1.0 + c1) + k * k * s0 * s1)
    if sweep < 0.0:
        sweep += math.pi
    one = 2.0 * sweep / math.sqrt(near * far)
    if b > 1e-5 * a:
        cosine = (a * one - width) / b
        sine = math.log((a - b * c1) / (a - b * c0)) / b
    else:  # the centre is above or below the receptor: first order in b / a
        cosine = (s1 - s0 + 0.5 * b / a * (width + s1 * c1 - s0 * c0)) / a
        sine = (c0 - c1 + 0.5 * b / a * (s1 * s1 - s0 * s0)) / a
    along, across = -radius * z * cosine, -radius * z * sine
    return along * u - across * v, along * v + across * u, radius * (radius * one - level * cosine)


@kernel
def _edge(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float) -> Vector:
    """Integral of r × dr / r² along the straight line between two points seen from the receptor."""
    x, y, z = y0 * z1 - z0 * y1, z0 * x1 - x0 * z1, x0 * y1 - y0 * x1
    size = math.sqrt(x * x + y * y + z * z)
    if size == 0.0:
        return 0.0, 0.0, 0.0
    share = math.atan2(size, x0 * x1 + y0 * y1 + z0 * z1) / size
    return x * share, y * share, z * share


@kernel
def frustum_side_kernel(
    x: float, y: float, z: float, lean_x: float, lean_y: float, height: float, bottom: float, top: float
) -> Vector:
    """Vector view factor from a point to the side of a flame, its ends left out; arguments as below."""
    share = z / height
    reach = bottom + share * (top - bottom)  # radius of the (continued) cone at the height of the point
    ax, ay = x - share * lean_x, y - share * lean_y
    distance = math.sqrt(ax * ax + ay * ay)
    if not distance > reach:
        return 0.0, 0.0, 0.0
    rx, ry, rz = lean_x - x, lean_y - y, height - z
    if distance <= -reach:  # all of the side is visible
        x0, y0, z0 = _circle(-x, -y, -z, bottom)
        x1, y1, z1 = _circle(rx, ry, rz, top)
        return (x1 - x0) / _TWO_PI, (y1 - y0) / _TWO_PI, (z1 - z0) / _TWO_PI
    c = reach / distance
    s = math.sqrt(1.0 - c * c)
    width = 2.0 * math.acos(c)
    u, v = ax / distance, ay / distance
    e0, f0, e1, f1 = u * c + v * s, v * c - u * s, u * c - v * s, v * c + u * s
    x0, y0, z0 = _arc(-x, -y, -z, bottom, e0, f0, e1, f1, width)
    x1, y1, z1 = _arc(rx, ry, rz, top, e0, f0, e1, f1, width)
    x2, y2, z2 = _edge(bottom * e1 - x, bottom * f1 - y, -z, rx + top * e1, ry + top * f1, rz)
    x3, y3, z3 = _edge(bottom * e0 - x, bottom * f0 - y, -z, rx + top * e0, ry + top * f0, rz)
    return (
        (x1 - x0 + x3 - x2) / _TWO_PI,
        (y1 - y0 + y3 - y2) / _TWO_PI,
        (z1 - z0 + z3 - z2) / _TWO_PI,
    )


@kernel
def frustum_view_factor_kernel(
    x: float, y: float, z: float, lean_x: float, lean_y: float, height: float, bottom: float, top: float
) -> Vector:
    """Vector view factor from a point to a flame; its size is the largest view factor of any orientation there.

    The flame's lower end is a level circle of radius ``bottom`` around the origin, its upper end one of radius ``top``
    around (lean_x, lean_y, height); the point stands at (x, y, z). The component along a unit vector n is the view
    factor of a surface facing n, if that surface sees the whole flame. Inside the flame: (0, 0, 1).
    """
    if 0.0 <= z <= height:
        share = z / height
        if math.hypot(x - share * lean_x, y - share * lean_y) <= bottom + share * (top - bottom):
            return 0.0, 0.0, 1.0
    fx, fy, fz = frustum_side_kernel(x, y, z, lean_x, lean_y, height, bottom, top)
    if z < 0.0 and bottom > 0.0:
        x0, y0, z0 = _circle(-x, -y, -z, bottom)
        return fx + x0 / _TWO_PI, fy + y0 / _TWO_PI, fz + z0 / _TWO_PI
    if z > height and top > 0.0:
        x0, y0, z0 = _circle(lean_x - x, lean_y - y, height - z, top)
        return fx - x0 / _TWO_PI, fy - y0 / _TWO_PI, fz - z0 / _TWO_PI
    return fx, fy, fz


@kernel
def inside_polygon_kernel(x: float, y: float, corner_x: Array, corner_y: Array) -> bool:
    """Whether a point lies in a convex polygon (or on its rim) whose corners run anticlockwise."""
    before = corner_x.size - 1
    for k in range(corner_x.size):
        dx, dy = corner_x[k] - corner_x[before], corner_y[k] - corner_y[before]
        if (x - corner_x[before]) * dy - (y - corner_y[before]) * dx > 0.0:
            return False
        before = k
    return True


@kernel
def prism_view_factor_kernel(
    x: float, y: float, z: float, lean: float, height: float, corner_x: Array, corner_y: Array
) -> Vector:
    """Vector view factor from a point to a leaning prism; as `frustum_view_factor_kernel`, without its lower end.

    The base is a convex polygon at height 0 whose corners run anticlockwise; the top is the same polygon moved by
    (lean, 0, height).
    """
    share = z / height
    if 0.0 <= z <= height and inside_polygon_kernel(x - share * lean, y, corner_x, corner_y):
        return 0.0, 0.0, 1.0
    fx, fy, fz = 0.0, 0.0, 0.0
    n = corner_x.size
    for k in range(n):
        after = k + 1 if k + 1 < n else 0
        dx, dy = corner_x[after] - corner_x[k], corner_y[after] - corner_y[k]
        if not (x - corner_x[k]) * dy - (y - corner_y[k]) * dx - share * lean * dy > 0.0:
            continue  # this side faces away from the point
        x0, y0, x1, y1 = corner_x[k] - x, corner_y[k] - y, corner_x[after] - x, corner_y[after] - y
        ax, ay, az = _edge(x0, y0, -z, x1, y1, -z)
        bx, by, bz = _edge(x1, y1, -z, x1 + lean, y1, height - z)
        cx, cy, cz = _edge(x1 + lean, y1, height - z, x0 + lean, y0, height - z)
        ex, ey, ez = _edge(x0 + lean, y0, height - z, x0, y0, -z)
        fx, fy, fz = fx - ax - bx - cx - ex, fy - ay - by - cy - ey, fz - az - bz - cz - ez
    if z > height:
        for k in range(n):
            after = k + 1 if k + 1 < n else 0
            x0, y0, x1, y1 = corner_x[k] - x, corner_y[k] - y, corner_x[after] - x, corner_y[after] - y
            ax, ay, az = _edge(x0 + lean, y0, height - z, x1 + lean, y1, height - z)
            fx, fy, fz = fx - ax, fy - ay, fz - az
    return fx / _TWO_PI, fy / _TWO_PI, fz / _TWO_PI


@kernel
def transmissivity_kernel(path: float, vapour_pressure: float, temperature: float) -> float:
    """Share of the radiation left after ``path`` [m] of air; see `transmissivity`."""
    if not path > 0.0:
        return 1.0
    carbon_dioxide = math.log10(273.0 * path / temperature)
    # 133.322 Pa = 1 mmHg; below the vertex of the parabola the water term would fall again as the air gets drier
    content = vapour_pressure / 133.322 * path * 288.651 / temperature
    water = max(math.log10(content), -0.01171 / (2.0 * 0.02368)) if content > 0.0 else -0.01171 / (2.0 * 0.02368)
    value = 1.006 - (0.01171 + 0.02368 * water) * water - (0.03188 - 0.001164 * carbon_dioxide) * carbon_dioxide
    return max(0.0, min(1.0, value))


@kernel
def _cylinder_view_factors(distance: Array, bearing: Array, radius: float, length: float, tilt: float) -> Array:
    out = np.empty((3, distance.size))
    lean, height = length * math.sin(tilt), length * math.cos(tilt)
    for i in range(distance.size):
        c, s = math.cos(bearing[i]), math.sin(bearing[i])
        fx, fy, fz = frustum_view_factor_kernel(
            distance[i] * c, distance[i] * s, 0.0, lean, 0.0, height, radius, radius
        )
        out[0, i] = -(fx * c + fy * s)
        out[1, i] = fz
        out[2, i] = math.sqrt(fx * fx + fy * fy + fz * fz)
    return out


def water_vapour_pressure(temperature: float) -> float:
    """Saturation pressure of water vapour over water. [Pa]

    Parameters
    ----------
    temperature : float
        Of the air. [K]

    Raises
    ------
    OutOfRange
        Outside 233 to 333 K.

    Notes
    -----
    Buck's form of the Magnus formula, within 0.2 % there.

    References
    ----------
    .. [1] A.L. Buck, "New equations for computing vapor pressure and enhancement factor", J Appl Meteorol 20 (1981)
       1527-1532.

    Examples
    --------
    >>> round(water_vapour_pressure(293.15))
    2338
    """
    if not 233.0 <= temperature <= 333.0:
        raise OutOfRange(
            f"气温 {temperature} K 超出 233 至 333 K", f"air temperature {temperature} K outside 233 to 333 K"
        )
    celsius = temperature - 273.15
    return 611.21 * math.exp((18.678 - celsius / 234.5) * celsius / (257.14 + celsius))


def transmissivity(path: ArrayLike, temperature: float, relative_humidity: float) -> Array:
    """Share of a flame's radiation that reaches the receptor through the air.

    Parameters
    ----------
    path : float or array
        Way through the air, from the flame's surface to the receptor. [m]
    temperature : float
        Of the air. [K]
    relative_humidity : float
        0 to 1.

    Returns
    -------
    array, same shape as ``path``
        0 to 1; the fit exceeds 1 on ways shorter than about half a metre and is held at 1 there, and its water term is
        held at its highest value for air drier than the fit's vertex.

    Raises
    ------
    OutOfRange
        A path is negative or NaN; humidity outside 0 to 1; temperature outside 233 to 333 K.

    Notes
    -----
    τ = 1.006 - 0.01171 lg X_H - 0.02368 lg² X_H - 0.03188 lg X_C + 0.001164 lg² X_C, with X_H = RH L p 288.651 / T
    (p the saturation pressure in mmHg) and X_C = 273 L / T; for a flame of 1500 K.

    References
    ----------
    .. [1] F.D. Wayne, "An economical formula for calculating atmospheric infrared transmissivities", J Loss Prev 4
       (1991) 86-92.
    """
    if not 0.0 <= relative_humidity <= 1.0:
        raise OutOfRange("相对湿度须在 0 至 1 之间", "relative humidity must lie between 0 and 1")
    length = np.asarray(path, dtype=np.float64)
    if not bool(np.all(length >= 0.0)):
        raise OutOfRange("路径长度须为非负数", "a path must not be negative")
    pressure = relative_humidity * water_vapour_pressure(temperature)
    values = [transmissivity_kernel(float(one), pressure, temperature) for one in length.ravel()]
    return np.array(values).reshape(length.shape)


def cylinder_view_factor(
    distance: ArrayLike, bearing: ArrayLike, radius: float, length: float, tilt: float = 0.0
) -> tuple[Array, Array, Array]:
    """View factors of a (tilted) cylindrical flame from the level of its base.

    Parameters
    ----------
    distance : float or array
        From the centre of the base. [m]
    bearing : float or array
        From the direction the flame leans to. [rad]
    radius, length : float
        Of the base, and along the flame's axis; both ends are level. [m]
    tilt : float
        Of the axis from the vertical. [rad]

    Returns
    -------
    vertical, horizontal, largest : arrays
        For a surface facing the base's centre, one facing up, and the one that receives most.

    Raises
    ------
    OutOfRange
        Radius or length not positive, tilt outside 0 to 90°, a distance negative or NaN.

    Notes
    -----
    Exact for every bearing, also under an overhanging flame, by the contour integral of the visible surface [1]_; in
    the plane of tilt it equals the closed form of Mudan [2]_. Inside the base all energy comes from above: (0, 1, 1).

    References
    ----------
    .. [1] E.M. Sparrow, "A new and simpler formulation for radiative angle factors", J Heat Transfer 85 (1963) 81-88.
    .. [2] K.S. Mudan, "Geometric view factors for thermal radiation hazard assessment", Fire Safety J 12 (1987) 89-96.

    Examples
    --------
    >>> vertical, horizontal, largest = cylinder_view_factor(1.1, 0.0, 1.0, 0.5)
    >>> round(float(vertical), 2), round(float(horizontal), 2)
    (0.45, 0.33)
    """
    if not (radius > 0.0 and length > 0.0 and 0.0 <= tilt < 0.5 * math.pi):
        raise OutOfRange("火焰半径与长度须为正，倾角须在 0 至 90° 之间", "need radius, length > 0 and 0 <= tilt < 90°")
    r, angle = np.broadcast_arrays(np.asarray(distance, dtype=np.float64), np.asarray(bearing, dtype=np.float64))
    if not bool(np.all(r >= 0.0) and np.all(np.isfinite(angle))):
        raise OutOfRange("距离须为非负数", "a distance must not be negative")
    out = _cylinder_view_factors(r.ravel(), angle.ravel(), radius, length, tilt)
    return out[0].reshape(r.shape), out[1].reshape(r.shape), out[2].reshape(r.shape)


@kernel
def sphere_view_factor_kernel(distance: float, height: float, radius: float) -> float:
    """Largest view factor of a sphere whose centre is ``height`` above a point ``distance`` away; 1 inside it."""
    squared = distance * distance + height * height
    return 1.0 if squared <= radius * radius else radius * radius / squared


def sphere_view_factor(distance: ArrayLike, height: float, radius: float) -> tuple[Array, Array, Array]:
    """View factors of a spherical flame: vertical, horizontal and largest.

    Parameters
    ----------
    distance : float or array
        Along the ground from below its centre. [m]
    height, radius : float
        Of its centre above the receptor, and its own. [m]

    Raises
    ------
    OutOfRange
        A distance is negative or NaN, or radius or height not positive, or a point lies inside the sphere.

    Notes
    -----
    R² x / (x² + H²)^1.5, R² H / (x² + H²)^1.5 and R² / (x² + H²): exact where the surface sees the whole sphere.

    References
    ----------
    .. [1] CPR 14E, *Methods for the calculation of physical effects* (Yellow Book), 3rd ed., 2005, appendix 6.1.
    """
    r = np.asarray(distance, dtype=np.float64)
    squared = r * r + height * height
    if not (radius > 0.0 and height > 0.0 and bool(np.all(r >= 0.0)) and bool(np.all(squared >= radius * radius))):
        raise OutOfRange("球形火焰：须在火球之外，半径与高度为正", "need a point outside the sphere")
    return (radius**2 * r / squared**1.5, radius**2 * height / squared**1.5, radius**2 / squared)
