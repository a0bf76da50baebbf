"""Zones of one event: where how many die, and where concentration, heat or overpressure reach a level, over time."""

import functools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.affinity import affine_transform

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.cloud_history import CloudHistory
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.constants import constants, rows
from parkrisk.models.errors import MissingProperty
from parkrisk.models.footprint import INDIVIDUAL, INDOOR
from parkrisk.models.substance.substances import Property, Substance
from parkrisk.risk.one_event.lethality_map import LethalityMap
from parkrisk.risk.one_event.polar_areas import Area, nested, outlined, polar_areas, united, valid
from parkrisk.scenarios.facility.loads import load_of, reach

__all__ = ["Frame", "Level", "Vapour", "Zone", "levels", "sound_speed", "zones", "zones_geojson"]

Floats = NDArray[np.float64]

#: Moments at which a cloud is drawn unless others are asked for. [s]
MOMENTS = (60.0, 300.0, 600.0, 1800.0, 3600.0)

_FLAMMABLE_AVERAGING = 20.0  # as a flame sees a plume [s], see FlashFire
_TOXIC_AVERAGING = 600.0  # see ToxicCloud [s]
_HEAT_RINGS, _HEAT_ANGLES = 160, 181
_CIRCLE = 64  # pieces of a quarter of a circle


@dataclass(frozen=True)
class Level:
    """What bounds a zone.

    Parameters
    ----------
    kind : str
        lethality_outdoors, lethality_indoors, concentration, flammable, heat or overpressure.
    name : str
        Unique.
    value : float
        In ``unit``.
    unit : str
        "-", "ppm", "mg/m3", "LFL", "W/m2" or "Pa".
    label_zh, label_en, source, mark : str
    """

    kind: str
    name: str
    value: float
    unit: str
    label_zh: str
    label_en: str
    source: str
    mark: str


@dataclass(frozen=True)
class Zone:
    """An area where a level is reached.

    Parameters
    ----------
    level : Level
    shape : Polygon or MultiPolygon
        In the park's CRS; empty where the level is not reached.
    time : float
        Moment that is shown; NaN: all the time together. [s]
    begin, end : float
        When the level first and last holds anywhere in it, since the event began; NaN: not known. [s]
    """

    level: Level
    shape: Area
    time: float = math.nan
    begin: float = math.nan
    end: float = math.nan


@dataclass(frozen=True)
class Frame:
    """From the wind along x, the source at the origin, to the park's coordinates.

    Parameters
    ----------
    x, y : float
        The source. [m]
    blows_to : float
        Mathematical angle of the wind, from east anticlockwise. [rad]
    """

    x: float
    y: float
    blows_to: float

    def place(self, shape: Area) -> Area:
        """Turn and move a shape."""
        c, s = math.cos(self.blows_to), math.sin(self.blows_to)
        return valid(affine_transform(shape, [c, -s, s, c, self.x, self.y]))

    def along_across(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Distance downwind and to the left of the axis. [m]"""
        dx, dy = x - self.x, y - self.y
        c, s = math.cos(self.blows_to), math.sin(self.blows_to)
        return c * dx + s * dy, c * dy - s * dx

    def polar(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Distance from the source [m] and angle from the downwind axis [rad]."""
        along, across = self.along_across(x, y)
        return np.hypot(along, across), np.arctan2(across, along)


@functools.cache
def levels() -> tuple[Level, ...]:
    """Levels of zones as shipped, from the innermost out in each kind; a concentration has no value yet (NaN)."""
    return tuple(
        Level(**{**row, "value": float(row["value"] or math.nan)})  # type: ignore[arg-type]
        for row in rows("zone_levels")
    )


def _of(kind: str) -> list[Level]:
    return [level for level in levels() if level.kind == kind]


def _known(substance: Substance, name: str) -> Property | None:
    try:
        return substance.property(name)
    except MissingProperty:
        return None


class Vapour:
    """A cloud that has not ignited: its histories and the levels that matter of its substance.

    Parameters
    ----------
    source : VapourSource
    weather : Weather
    """

    def __init__(self, source: VapourSource, weather: Weather) -> None:
        self.source, self.weather = source, weather
        self.lfl = _known(source.substance, "lfl")
        self.flammable = [] if self.lfl is None else _of("flammable")
        self.guidelines = self._guidelines()

    def _guidelines(self) -> list[Level]:
        found = []
        for level in _of("concentration"):
            known = _known(self.source.substance, level.name)
            if known is not None:
                unit = "ppm" if known.unit == "ppm" else "mg/m3"
                found.append(replace(level, value=known.value, unit=unit, source=known.source, mark=known.mark))
        return found

    @functools.cached_property
    def burning(self) -> CloudHistory:
        """Mole fraction at the ground as a flame sees it."""
        return CloudHistory.of(self.source, self.weather, 0.0, averaging_time=_FLAMMABLE_AVERAGING, mole_fraction=True)

    @functools.cached_property
    def breathed(self) -> CloudHistory:
        """Mole fraction at the height of people."""
        height = constants("dispersion")["receptor_height"].value
        return CloudHistory.of(self.source, self.weather, height, averaging_time=_TOXIC_AVERAGING, mole_fraction=True)

    def fraction(self, level: Level) -> float:
        """Mole fraction of a level."""
        if level.unit == "LFL":
            assert self.lfl is not None
            return level.value * self.lfl.value
        if level.unit == "ppm":
            return 1e-6 * level.value
        return 1e-6 * level.value / self.source.gas_density(self.weather)

    def history(self, level: Level) -> CloudHistory:
        """The history that a level is to be looked up in."""
        return self.burning if level.kind == "flammable" else self.breathed

    def zones(self, moments: Sequence[float] = ()) -> list[Zone]:
        """Zones of all levels: all the time together, then at each moment; the wind blows along x."""
        found = []
        families = self._families()
        for group in (self.flammable, *families):
            # over time, the best family of guidelines is enough
            for moment in (math.nan, *(() if group in families[1:] else moments)):
                shapes = [self._area(level, moment) for level in group]
                for level, shape in zip(group, nested(shapes), strict=True):
                    if math.isnan(moment):
                        found.append(Zone(level, shape, moment, *self._span(level)))
                    elif not shape.is_empty:
                        found.append(Zone(level, shape, moment, moment, moment))
        return found

    def _families(self) -> list[list[Level]]:
        families: dict[str, list[Level]] = {}
        for level in self.guidelines:
            families.setdefault(level.name[:3], []).append(level)
        return [sorted(family, key=lambda level: -self.fraction(level)) for family in families.values()]

    def _area(self, level: Level, moment: float) -> Area:
        time = None if math.isnan(moment) else moment
        return united(outlined(*each) for each in self.history(level).outlines(self.fraction(level), time))

    def _span(self, level: Level) -> tuple[float, float]:
        """When a level first and last holds on the axis."""
        fraction, history = self.fraction(level), self.history(level)
        outlines = history.outlines(fraction)
        if not outlines:
            return math.nan, math.nan
        along = np.concatenate([outline.distance for outline in outlines])
        passing = history.passing(along, np.zeros(along.size), fraction)
        if np.isnan(passing.first).all():
            return math.nan, math.nan
        return float(np.nanmin(passing.first)), float(np.nanmax(passing.last))


def zones(
    outcome: Any,
    lethality: LethalityMap,
    vapour: Vapour | None,
    blast: Any | None,
    frame: Frame,
    sound: float,
    moments: Sequence[float] = MOMENTS,
) -> tuple[Zone, ...]:
    """Every zone of an outcome.

    Parameters
    ----------
    outcome : Outcome
    lethality : LethalityMap
        Of the outcome.
    vapour : Vapour or None
        The cloud that it comes from or is, or that follows it.
    blast : Outcome or None
        With an overpressure: the outcome itself, or the burst before it.
    frame : Frame
    sound : float
        Speed of sound, at which a blast is taken to come. [m/s]
    moments : sequence of float
        At which the cloud is shown too. [s]

    Returns
    -------
    tuple of Zone
        In the park's CRS, from the innermost out in each kind; those that are not reached have an empty shape.
    """
    found = [*_lethal(outcome, lethality), *_hot(outcome), *_blown(blast, sound)]
    if vapour is not None:
        found += vapour.zones(moments)
    return tuple(replace(zone, shape=frame.place(zone.shape)) for zone in found)


def _lethal(outcome: Any, lethality: LethalityMap) -> list[Zone]:
    found = []
    end = float(getattr(outcome, "duration", math.nan))
    for kind, row in (("lethality_outdoors", INDIVIDUAL), ("lethality_indoors", INDOOR)):
        group = _of(kind)
        shapes = lethality.areas([level.value for level in group], row)
        found += [Zone(level, shape, begin=0.0, end=end) for level, shape in zip(group, shapes, strict=True)]
    return found


def _hot(outcome: Any) -> list[Zone]:
    if not hasattr(outcome, "heat_flux"):
        return []
    group = _of("heat")
    least = group[-1].value
    farthest = max(reach(outcome, least, "heat_flux"), 5.0)
    radius = np.geomspace(farthest / 500.0, farthest, _HEAT_RINGS)
    angle = np.linspace(-math.pi, math.pi, _HEAT_ANGLES)
    places = np.meshgrid(radius, angle, indexing="ij")
    flux = load_of(outcome, places[0].ravel(), places[1].ravel(), "heat_flux").reshape(places[0].shape)
    lowest = 0.1 * least
    shapes = polar_areas(radius, angle, np.log(np.maximum(flux, lowest)), [math.log(level.value) for level in group])
    # inside the flame nobody asks for the flux
    solid = nested(
        shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(shape)]) for shape in shapes
    )
    return [
        Zone(level, shape, begin=0.0, end=float(outcome.duration)) for level, shape in zip(group, solid, strict=True)
    ]


def _blown(blast: Any | None, sound: float) -> list[Zone]:
    if blast is None:
        return []
    found = []
    for level in _of("overpressure"):
        radius = blast.radius(level.value)
        shape = shapely.Point(blast.centre_distance, 0.0).buffer(radius, _CIRCLE) if radius else shapely.MultiPolygon()
        found.append(Zone(level, shape, begin=0.0, end=radius / sound if radius else math.nan))
    return found


def sound_speed(temperature: float) -> float:
    """Speed of sound in dry air [m/s] at a temperature [K]; a shock is faster."""
    return math.sqrt(1.4 * 287.05 * temperature)


def zones_geojson(found: Sequence[Zone], properties: Sequence[dict[str, Any]], crs: str) -> dict[str, Any]:
    """Zones with their properties as a GeoJSON collection in WGS 84 longitude and latitude (RFC 7946)."""
    to_wgs84 = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def project(points: Any) -> Any:
        return np.column_stack(to_wgs84.transform(points[:, 0], points[:, 1]))

    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": json.loads(shapely.to_geojson(shapely.orient_polygons(shapely.transform(zone.shape, project)))),
        }
        for zone, row in zip(found, properties, strict=True)
        if not zone.shape.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}
