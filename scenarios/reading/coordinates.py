"""Coordinate reference systems: from what the input declares to planar metres, once, and never by guessing."""

import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem

__all__ = [
    "MISPLACED",
    "SHIFTED_DATUMS",
    "Placing",
    "check_distortion",
    "crs_of",
    "datum_words",
    "distortion",
    "epsg_code",
    "fitting_crs",
    "gauss_krueger",
    "placing",
    "same_datum",
    "same_system",
]

Array = NDArray[np.float64]

#: Problems that leave it open where anything is.
MISPLACED = frozenset(
    {
        *("coordinates_swapped", "degrees_in_metres", "metres_in_degrees"),
        *("zone_number", "zone_number_missing", "zone_differs", "zone_swapped", "crs_distorts"),
    }
)

#: Datums of map services in China, shifted by a formula that is not public.
SHIFTED_DATUMS = ("GCJ-02", "BD-09")

#: Digits behind the point that stand for a micrometre.
_DECIMALS, _DECIMALS_DEGREES = 6, 11
#: Degrees beyond the area of use of a CRS within which a point still counts as inside it.
_MARGIN = 3.0
#: Two coordinate systems that put a point this near are one. [m], [deg]
_SAME_PLACE, _SAME_PLACE_DEGREES = 0.1, 1e-6
#: Lengths may be off by this share before a CRS is refused; a 3-degree Gauss-Krüger zone stays below 4e-4.
_LARGEST_DISTORTION = 0.005


@functools.cache
def crs_of(code: str) -> Any:
    """Return the pyproj CRS of an EPSG code, None if there is none."""
    import pyproj  # heavy; only reading a park needs it

    if not re.fullmatch(r"EPSG:\d{3,7}", code):
        return None
    try:
        return pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError:
        return None


def epsg_code(text: str) -> str:
    """Return "EPSG:4549" for however the code was written."""
    plain = text.strip().upper().replace(" ", "")
    return f"EPSG:{plain}" if plain.isdigit() else plain


def _is_planar(crs: Any) -> bool:
    return bool(crs.is_projected) and all(axis.unit_name == "metre" for axis in crs.axis_info)


@functools.cache
def _transformer(source: str, target: str) -> Any:
    import pyproj

    return pyproj.Transformer.from_crs(crs_of(source), crs_of(target), always_xy=True)


@functools.cache
def _to_degrees(code: str) -> Any:
    import pyproj

    crs = crs_of(code)
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def fitting_crs(longitude: float) -> str:
    """EPSG code of the CGCS2000 3-degree Gauss-Krüger zone of a longitude [deg], by central meridian.

    EPSG 4534 to 4554 have the central meridians 75 to 135 degrees east, three degrees apart.
    """
    zone = round((longitude - 75.0) / 3.0)
    return f"EPSG:{4534 + min(max(zone, 0), 20)}"


def gauss_krueger(numbered: bool) -> tuple[str, ...]:
    """EPSG codes of every CGCS2000 Gauss-Krüger zone, 3-degree zones first.

    ``numbered``: those whose eastings begin with the zone number; see ``fitting_crs`` and ``numbered_zone_crs``.
    EPSG 4502 to 4512 are the 6-degree zones without number.
    """
    codes = (*range(4513, 4534), *range(4491, 4502)) if numbered else (*range(4534, 4555), *range(4502, 4513))
    return tuple(f"EPSG:{code}" for code in codes)


#: Datums that agree with each other to a metre or better in China.
_MODERN = frozenset({"World Geodetic System 1984", "World Geodetic System 1984 ensemble", "China 2000"})
#: Largest error of a conversion between datums that is still taken. [m]
_LARGEST_DATUM_ERROR = 1.0


def same_datum(source: Any, target: Any) -> bool:
    """Whether coordinates can be converted between two pyproj CRSs without knowing local parameters.

    Beijing 1954 and Xian 1980 lie tens of metres to more than a hundred from CGCS2000, by parameters that are not
    public.
    """
    import pyproj

    names = {crs.geodetic_crs.datum.name for crs in (source, target)}
    if len(names) == 1 or names <= _MODERN:
        return True
    try:
        found = pyproj.Transformer.from_crs(source.geodetic_crs, target.geodetic_crs, allow_ballpark=False)
    except pyproj.exceptions.ProjError:
        return False
    return bool(0.0 <= found.accuracy <= _LARGEST_DATUM_ERROR)


def datum_words(source: str, target: str) -> dict[str, str]:
    """Words for the problem of two EPSG codes whose datums differ."""
    own, park = (crs_of(code).geodetic_crs.datum.name for code in (source, target))
    return {"own": own, "park": park, "crs": target}


def same_system(one: Any, other: Any, x: float, y: float) -> bool:
    """Whether two pyproj CRSs are of one datum and kind and put a point of the first into the same place."""
    import pyproj

    if one.is_geographic != other.is_geographic or not same_datum(one, other):
        return False
    there = pyproj.Transformer.from_crs(one, other, always_xy=True).transform(x, y)
    return math.dist(there, (x, y)) <= (_SAME_PLACE_DEGREES if one.is_geographic else _SAME_PLACE)


def numbered_zone_crs(zone: int) -> str:
    """EPSG code of the CGCS2000 Gauss-Krüger zone whose number stands before the easting; "" if there is none.

    6-degree zones 13 to 23 are EPSG 4491 to 4501, 3-degree zones 25 to 45 are EPSG 4513 to 4533.
    """
    if 13 <= zone <= 23:
        return f"EPSG:{4491 + zone - 13}"
    return f"EPSG:{4513 + zone - 25}" if 25 <= zone <= 45 else ""


def _false_easting(code: str) -> float:
    operation = crs_of(code).coordinate_operation
    found = [parameter.value for parameter in operation.params if parameter.name == "False easting"]
    return float(found[0]) if found else 0.0


def distortion(code: str, x: float, y: float) -> float:
    """Largest relative error of lengths of a planar CRS at a point, 0 for true lengths."""
    import pyproj

    longitude, latitude = _to_degrees(code).transform(x, y)
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        return 0.0
    factors = pyproj.Proj(crs_of(code)).get_factors(longitude, latitude)
    return max(abs(factors.meridional_scale - 1.0), abs(factors.parallel_scale - 1.0))


def _inside(code: str, longitude: Array, latitude: Array) -> NDArray[np.bool_]:
    """Whether points in degrees lie in the area the CRS is made for, with a margin."""
    area = crs_of(code).area_of_use
    if area is None:
        return np.ones(len(longitude), dtype=bool)
    east = area.east if area.east >= area.west else area.east + 360.0
    inside: NDArray[np.bool_] = (
        (longitude >= area.west - _MARGIN)
        & (longitude <= east + _MARGIN)
        & (latitude >= area.south - _MARGIN)
        & (latitude <= area.north + _MARGIN)
    )
    return inside


@dataclass(frozen=True)
class Placing:
    """How coordinates of the input become planar metres.

    Parameters
    ----------
    source : str
        EPSG code the input is given in.
    crs : str
        EPSG code of the planar CRS of the calculation.
    """

    source: str
    crs: str

    @property
    def in_degrees(self) -> bool:
        """Whether the input is longitude and latitude."""
        return bool(crs_of(self.source).is_geographic)

    def planar(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Points of the source CRS in ``crs``, planar metres; to a micrometre where they are transformed.

        Rounding makes equal places equal numbers, whatever version of the projection library computed them.
        """
        if self.source == self.crs:
            return x, y
        east, north = _transformer(self.source, self.crs).transform(x, y)
        digits = _DECIMALS_DEGREES if crs_of(self.crs).is_geographic else _DECIMALS
        return np.round(east, digits) + 0.0, np.round(north, digits) + 0.0

    def _in_area(self, x: Array, y: Array) -> NDArray[np.bool_]:
        if self.in_degrees:
            return (np.abs(x) <= 180.0) & (np.abs(y) <= 90.0) & _inside(self.crs, x, y)
        longitude, latitude = _to_degrees(self.source).transform(x, y)
        return _inside(self.source, np.asarray(longitude), np.asarray(latitude))

    def check(self, table: str, frame: pd.DataFrame) -> Iterator[Problem]:
        """Yield what is wrong with the x and y of one table: swapped, in degrees, in metres, far away."""
        points = np.column_stack((frame["x"].to_numpy(), frame["y"].to_numpy()))
        known = ~np.isnan(points).any(axis=1)
        yield from self.check_points(table, points[known], "x", frame.index.to_numpy()[known])

    def check_points(
        self, table: str, points: Array, column: str, rows: NDArray[np.int64] | None = None
    ) -> Iterator[Problem]:
        """Yield the same for points, shape (n, 2); ``rows`` are their row numbers, 0 or None: none."""
        x, y = points[:, 0], points[:, 1]
        lost = ~self._in_area(x, y)
        if not lost.any():
            return
        # The first explanation that holds is the one that is said.
        for code, holds in self._explanations(x, y):
            for place in np.flatnonzero(lost & holds):
                found = f"({x[place]:.10g}, {y[place]:.10g})"
                row = int(rows[place]) or None if rows is not None else None
                zone = int((y if code == "zone_swapped" else x)[place] // 1e6)
                words = {"crs": self.source, "zone": zone, "suggestion": numbered_zone_crs(zone)}
                yield problem(code, table, row, column, found, **words)
            lost &= ~holds
        far = np.flatnonzero(lost)
        if len(far):
            found = f"({x[far[0]]:.10g}, {y[far[0]]:.10g})"
            yield problem("outside_area", table, None, column, found, count=len(far), crs=self.crs)

    def _explanations(self, x: Array, y: Array) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Yield what could be wrong with points far outside the CRS, and with which of them it could."""
        if self.in_degrees:
            yield "coordinates_swapped", self._in_area(y, x)
            yield "metres_in_degrees", (np.abs(x) > 180.0) | (np.abs(y) > 90.0)
            return
        yield "degrees_in_metres", _inside(self.source, x, y) | _inside(self.source, y, x)
        yield "coordinates_swapped", self._in_area(y, x)
        prefix = _false_easting(self.source) // 1e6 * 1e6
        yield "zone_differs", (x >= 13e6) & (prefix > 0.0) & self._in_area(x % 1e6 + prefix, y)
        yield "zone_number", (x >= 13e6) & self._in_area(x % 1e6, y)
        yield "zone_swapped", (y >= 13e6) & self._in_area(y % 1e6 + prefix, x)
        yield "zone_number_missing", (x < 1e6) & (prefix > 0.0) & self._in_area(x + prefix, y)


def placing(crs: str, planar_crs: str, table: str, longitude: float = math.nan) -> tuple[Placing | None, list[Problem]]:
    """Return how to place coordinates declared in ``crs``, or the problems of the declaration.

    Parameters
    ----------
    crs, planar_crs : str
        As the input gives them; ``planar_crs`` "" if it gives none.
    table : str
        "park" or "project", for the problems.
    longitude : float
        Of some point of the input when it is in degrees, to suggest a CRS; NaN: unknown. [deg]
    """
    source = epsg_code(crs)
    declared = crs_of(source)
    if declared is None:
        return None, [problem("crs_unknown", table, 1, "crs", crs)]
    if not declared.is_geographic and not _is_planar(declared):
        return None, [problem("crs_not_planar", table, 1, "crs", crs)]
    if not planar_crs:
        if not declared.is_geographic:
            return Placing(source, source), []
        suggestion = fitting_crs(longitude) if math.isfinite(longitude) else "EPSG:4549"
        return None, [problem("planar_crs_missing", table, 1, "planar_crs", suggestion=suggestion)]
    target = epsg_code(planar_crs)
    if crs_of(target) is None:
        return None, [problem("crs_unknown", table, 1, "planar_crs", planar_crs)]
    if not _is_planar(crs_of(target)):
        return None, [problem("crs_not_planar", table, 1, "planar_crs", planar_crs)]
    if not same_datum(declared, crs_of(target)):
        return None, [problem("datum_differs", table, 1, "crs", crs, **datum_words(source, target))]
    return Placing(source, target), []


def check_distortion(crs: str, x: Array, y: Array, table: str) -> Iterator[Problem]:
    """Yield a problem if lengths in the planar CRS are not true where the points lie."""
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return
    centre = float(np.median(x[known])), float(np.median(y[known]))
    longitude, latitude = _to_degrees(crs).transform(*centre)
    if not _inside(crs, np.array([longitude]), np.array([latitude]))[0]:
        return  # a local origin; named as outside_area already
    size = distortion(crs, *centre)
    if size > _LARGEST_DISTORTION:
        words = {"distortion": f"{size:.2%}", "suggestion": fitting_crs(longitude)}
        yield problem("crs_distorts", table, 1, "crs", crs, **words)
