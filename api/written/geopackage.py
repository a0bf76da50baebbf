"""``park.gpkg``: the park and its results as map layers, each with the style that QGIS opens it with."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
import pyproj
import shapely
from numpy.typing import NDArray

from parkrisk.api.drawn.assessment import level_colours
from parkrisk.api.drawn.grading import COLOURS, LEVELS
from parkrisk.api.drawn.map import KIND_COLOURS, OTHER_KIND_COLOUR
from parkrisk.api.drawn.page import power
from parkrisk.api.written.qgis import Category, Style, store_styles
from parkrisk.risk.files import cells_shown
from parkrisk.risk.grading.places import enterprise_areas, hazard_unit_areas
from parkrisk.risk.mapping.contours import open_levels
from parkrisk.risk.result import Assessment
from parkrisk.scenarios.reading.areas import shapes_of
from parkrisk.scenarios.schema import choices

__all__ = ["Layer", "array_of", "colour_of", "write_geopackage", "write_layers"]

#: Escalations that the map shows, the most frequent first.
_PAIRS = 500
_STATUS = {"pass": "#0072b2", "fail": "#d55e00", "unknown": "#999999"}
_STATUS_WORDS = {"pass": ("符合", "pass"), "fail": ("不符合", "fail"), "unknown": ("未知", "unknown")}
_STATUS_MARKERS = {"pass": "circle", "fail": "triangle", "unknown": "diamond"}
_COLOUR_WORDS = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝", "": "未分级"}

#: Geometries and their rows, which agree in order.
Layer = tuple[NDArray[np.object_], pd.DataFrame, Style]


def write_geopackage(result: Assessment, path: str | Path, lang: str = "zh") -> Path:
    """Write boundary, contours, enterprises, hazard units, units, targets, people, lines and escalations as layers.

    All in the planar CRS of the park. Open the file in QGIS and add the layers: each comes with its style.

    Parameters
    ----------
    result : Assessment
    path : path
        A file that is there is replaced.
    lang : str
        "zh" or "en": labels of the legends.

    Returns
    -------
    Path
    """
    return write_layers(Path(path), _layers(result, lang), result.park.crs, result.park.date)


def write_layers(target: Path, every: Mapping[str, Layer], crs: str, day: dt.date) -> Path:
    """Write layers that have rows with their styles; a file that is there is replaced, and bears the date ``day``."""
    target.unlink(missing_ok=True)
    stamp = f"{day.isoformat()}T00:00:00.000Z"
    layers = {name: layer for name, layer in every.items() if len(layer[1])}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})  # else the file holds the time of the run
    try:
        for name, (shapes, table, style) in layers.items():
            _write(target, name, shapes, table, style, crs)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    store_styles(target, {name: style for name, (_, _, style) in layers.items()}, stamp)
    return target


def _write(path: Path, name: str, shapes: NDArray[np.object_], table: pd.DataFrame, style: Style, crs: str) -> None:
    columns = [cells_shown(table[column]) for column in table]
    values = [
        column.to_numpy(dtype=object) if column.dtype.kind not in "ifb" else column.to_numpy() for column in columns
    ]
    kinds = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}
    same = {shape.geom_type for shape in shapes}
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=values,
        fields=np.array([str(column) for column in table.columns], dtype=object),
        layer=name,
        driver="GPKG",
        geometry_type=kinds[style.shape]
        if same <= {kinds[style.shape].removeprefix("Multi"), kinds[style.shape]}
        else "Unknown",
        promote_to_multi=style.shape != "point",
        crs=pyproj.CRS.from_user_input(crs).to_wkt(),
        append=path.exists(),
        dataset_options={"VERSION": "1.2"},  # QGIS of some years ago warns of later ones
        layer_options={"SPATIAL_INDEX": "YES", "FID": "fid", "GEOMETRY_NAME": "geom"},
    )


def _layers(result: Assessment, lang: str) -> dict[str, Layer]:
    park = result.park
    found: dict[str, Layer] = {}
    if park.boundary is not None:
        outline = Style("polygon", "", (Category("", "", "#ffffff", "#000000", opacity=0.0),), size=0.7, dashed=True)
        found["boundary"] = (array_of([park.boundary]), pd.DataFrame({"name": [park.name]}), outline)
    found["contours"] = _contours(result)
    found["enterprises"] = _enterprises(result, lang)
    found["hazard_units"] = _hazard_units(result, lang)
    found["population"] = _population(result)
    found["lines"] = _lines(result)
    found["domino_pairs"] = _pairs(result)
    found["units"] = _units(result, lang)
    found["target_areas"] = _target_areas(result, lang)
    found["targets"] = _targets(result, lang)
    return found


def array_of(shapes: Any) -> NDArray[np.object_]:
    """Geometries as an array of objects."""
    every = list(shapes)
    found = np.empty(len(every), dtype=object)
    found[:] = every
    return found


def colour_of(colour: Any) -> str:
    """Red, green and blue from 0 to 1 as #rrggbb."""
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in colour[:3])


def _contours(result: Assessment) -> Layer:
    areas = {level: area for level, area in sorted(result.contours().items()) if not area.is_empty}
    cut = open_levels(result.individual_risk.values, areas)
    colours = {level: colour_of(colour) for level, colour in level_colours(result.settings.contour_levels).items()}
    words = [power(level) for level in areas]
    style = Style(
        "polygon",
        "level",
        [
            Category(word, f"≥ {word} /a", colours[level], "#5d4037", opacity=0.55)
            for level, word in zip(areas, words, strict=True)
        ],
        size=0.3,
    )
    table = {"level": words, "individual_risk_per_year": list(areas), "closed": [level not in cut for level in areas]}
    return array_of(areas.values()), pd.DataFrame(table), style


def _enterprises(result: Assessment, lang: str) -> Layer:
    areas = enterprise_areas(result.park)
    table = result.enterprises.table
    shown = table[table["enterprise_id"].isin(list(areas))]
    style = Style(
        "polygon",
        "colour_worst",
        [
            Category(name, _COLOUR_WORDS[name] if lang == "zh" else name or "not graded", colour, opacity=0.35)
            for name, colour in COLOURS.items()
        ],
        label="name",
    )
    return (
        array_of(areas[name] for name in shown["enterprise_id"]),
        shown.assign(colour_worst=shown["colour_worst"].fillna("")),
        style,
    )


def _hazard_units(result: Assessment, lang: str) -> Layer:
    areas = hazard_unit_areas(result.park, result.hazards)
    table = result.hazards.units
    shown = table[table["hazard_unit_id"].isin(list(areas))]
    worst = [str(int(level)) if pd.notna(level) else "" for level in shown["level_worst"]]
    words = "级重大危险源" if lang == "zh" else "major hazard, level"
    categories = [
        Category(str(level), f"{level} {words}" if lang == "zh" else f"{words} {level}", colours[0], opacity=0.6)
        for level, colours in LEVELS.items()
    ]
    none = Category(
        "", "非重大危险源或未定" if lang == "zh" else "no major hazard, or not known", "#ffffff", opacity=0.0
    )
    return (
        array_of(areas[name] for name in shown["hazard_unit_id"]),
        shown.assign(level_worst=worst),
        Style("polygon", "level_worst", [*categories, none], size=0.3),
    )


def _units(result: Assessment, lang: str) -> Layer:
    given = result.park.tables["units"]
    found = given[["unit_id", "x", "y", "diameter_m", "status", "in_service"]].merge(
        result.sources.drop(columns=["kind"]).merge(given[["unit_id", "kind"]], on="unit_id"), on="unit_id", how="left"
    )
    labels = {each.value: each for each in choices("unit_kind")}
    kinds = sorted(set(given["kind"]))
    style = Style(
        "point",
        "kind",
        [
            Category(
                kind,
                labels[kind].label_zh if lang == "zh" else labels[kind].label_en,
                KIND_COLOURS.get(kind, OTHER_KIND_COLOUR),
            )
            for kind in kinds
        ],
        size=12.0,
        size_by='max(coalesce("diameter_m", 12), 8)',
        metres=True,
    )
    found["kind"] = found["unit_id"].map(given.set_index("unit_id")["kind"])
    return shapely.points(found["x"].to_numpy(), found["y"].to_numpy()), found.drop(columns=["x", "y"]), style


def _by_status(lang: str, opacity: float = 1.0) -> list[Category]:
    return [
        Category(name, _STATUS_WORDS[name][lang != "zh"], colour, marker=_STATUS_MARKERS[name], opacity=opacity)
        for name, colour in _STATUS.items()
    ]


def _target_areas(result: Assessment, lang: str) -> Layer:
    given = result.park.tables["targets"]
    found = given[["target_id"]].merge(result.targets, on="target_id", how="left")
    shapes = shapes_of(given)
    areas = np.array([shape.geom_type != "Point" for shape in shapes], dtype=bool)
    return shapes[areas], found[areas], Style("polygon", "status", _by_status(lang, 0.4))


def _targets(result: Assessment, lang: str) -> Layer:
    given = result.park.tables["targets"]
    found = given[["target_id"]].merge(result.targets, on="target_id", how="left")
    places = np.array([shape if shape.geom_type == "Point" else shape.point_on_surface() for shape in shapes_of(given)])
    return array_of(places), found, Style("point", "status", _by_status(lang), size=4.0, label="name")


def _population(result: Assessment) -> Layer:
    cells = result.park.tables["population"]
    style = Style(
        "point",
        "",
        (Category("", "", "#56b4e9", "#1b4f72", opacity=0.6),),
        size=1.0,
        size_by='0.6 + 0.6 * log10(1 + max("day", "night"))',
    )
    return shapely.points(cells["x"].to_numpy(), cells["y"].to_numpy()), cells.drop(columns=["x", "y"]), style


def _lines(result: Assessment) -> Layer:
    corners = result.park.tables["lines"].sort_values(["line_id", "point"])
    names, shapes = [], []
    for name, group in corners.groupby("line_id", sort=True):
        names.append(name)
        shapes.append(shapely.LineString(group[["x", "y"]].to_numpy()))
    style = Style("line", "", (Category("", "", "#6d4c41"),), size=0.6)
    return array_of(shapes), pd.DataFrame({"line_id": names}), style


def _pairs(result: Assessment) -> Layer:
    places = result.park.tables["units"].set_index("unit_id")[["x", "y"]]
    pairs = result.domino.pairs
    known = pairs[pairs["from_unit"].isin(places.index) & pairs["to_unit"].isin(places.index)]
    shown = known.sort_values(["frequency", "from_unit", "to_unit"], ascending=[False, True, True]).head(_PAIRS)
    ends = np.stack([places.loc[shown[end]].to_numpy() for end in ("from_unit", "to_unit")], axis=1)
    style = Style(
        "line",
        "",
        (Category("", "", "#d55e00", opacity=0.7),),
        size=0.3,
        size_by='0.2 + 1.5 * sqrt("frequency" / maximum("frequency"))',
    )
    return array_of(shapely.linestrings(ends)) if len(shown) else array_of([]), shown, style
