"""Styles of map layers in the form that QGIS keeps inside a GeoPackage (table ``layer_styles``, QML)."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

__all__ = ["Category", "Style", "store_styles"]

_SYMBOLS = {"point": "marker", "line": "line", "polygon": "fill"}
_CLASSES = {"point": "SimpleMarker", "line": "SimpleLine", "polygon": "SimpleFill"}

_TABLE = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
    description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""


@dataclass(frozen=True)
class Category:
    """How features with one value look. Colours are #rrggbb; ``marker`` is a shape of QGIS for points."""

    value: str
    label: str
    fill: str
    outline: str = "#333333"
    marker: str = "circle"
    opacity: float = 1.0


@dataclass(frozen=True)
class Style:
    """How a layer looks.

    Parameters
    ----------
    shape : str
        "point", "line" or "polygon".
    field : str
        Field that chooses the category; "": all features look as the one category says.
    categories : sequence of Category
    size : float
        Diameter of points, width of lines and outlines. [mm]
    size_by : str
        Expression of QGIS for that size instead; "": the size holds. [mm]
    metres : bool
        ``size`` and ``size_by`` are metres on the ground.
    label : str
        Field that is written beside each feature; "": none.
    dashed : bool
        Lines and outlines are dashed.
    """

    shape: str
    field: str
    categories: Sequence[Category]
    size: float = 0.4
    size_by: str = ""
    metres: bool = False
    label: str = ""
    dashed: bool = False


def _colour(text: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(text[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _options(parent: Element, values: Mapping[str, str]) -> None:
    options = SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        SubElement(options, "Option", name=name, type="QString", value=value)
    for name, value in values.items():  # QGIS before 3.26 reads these
        SubElement(parent, "prop", k=name, v=value)


def _layer_values(style: Style, each: Category) -> dict[str, str]:
    unit = "MapUnit" if style.metres else "MM"
    dashes = "dash" if style.dashed else "solid"
    if style.shape == "line":
        values = {"line_color": _colour(each.fill, each.opacity), "line_width": str(style.size)}
        return {**values, "line_width_unit": unit, "line_style": dashes}
    values = {"outline_color": _colour(each.outline), "outline_width": "0.2", "outline_style": "solid"}
    if style.shape == "point":
        fill = {"color": _colour(each.fill, each.opacity), "name": each.marker, "size": str(style.size)}
        return {**values, **fill, "size_unit": unit}
    fill = {"color": _colour(each.fill, each.opacity), "style": "solid" if each.opacity > 0.0 else "no"}
    return {**values, **fill, "outline_width": str(style.size), "outline_style": dashes}


def _symbol(parent: Element, name: str, style: Style, each: Category) -> None:
    kind = _SYMBOLS[style.shape]
    symbol = SubElement(parent, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    attributes = {"class": _CLASSES[style.shape], "enabled": "1", "locked": "0", "pass": "0"}
    layer = SubElement(symbol, "layer", attributes)
    _options(layer, _layer_values(style, each))
    if style.size_by:
        defined = SubElement(SubElement(layer, "data_defined_properties"), "Option", type="Map")
        SubElement(defined, "Option", name="name", type="QString", value="")
        properties = SubElement(defined, "Option", name="properties", type="Map")
        target = "outlineWidth" if style.shape == "line" else "size"
        size = SubElement(properties, "Option", name=target, type="Map")
        SubElement(size, "Option", name="active", type="bool", value="true")
        SubElement(size, "Option", name="expression", type="QString", value=style.size_by)
        SubElement(size, "Option", name="type", type="int", value="3")
        SubElement(defined, "Option", name="type", type="QString", value="collection")


def _label(root: Element, style: Style) -> None:
    labeling = SubElement(root, "labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    text = SubElement(
        settings,
        "text-style",
        fieldName=style.label,
        isExpression="0",
        fontSize="8",
        fontSizeUnit="Point",
        textColor="30,30,30,255",
    )
    SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,220"
    )
    placement = "6" if style.shape == "point" else "4"  # beside it, else level across it
    SubElement(settings, "placement", placement=placement, dist="1", distUnits="MM")
    SubElement(settings, "rendering", obstacle="1", drawLabels="1")


def qml(style: Style) -> str:
    """Return the style as QML, the XML in which QGIS keeps the look of a layer."""
    sections = "Symbology|Labeling" if style.label else "Symbology"
    root = Element("qgis", version="3.22.0", styleCategories=sections, labelsEnabled="1" if style.label else "0")
    if style.field:
        renderer = SubElement(
            root, "renderer-v2", type="categorizedSymbol", attr=style.field, symbollevels="0", enableorderby="0"
        )
        categories = SubElement(renderer, "categories")
        for number, each in enumerate(style.categories):
            SubElement(
                categories,
                "category",
                symbol=str(number),
                value=each.value,
                type="string",
                label=each.label,
                render="true",
            )
    else:
        renderer = SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0")
    symbols = SubElement(renderer, "symbols")
    for number, each in enumerate(style.categories):
        _symbol(symbols, str(number), style, each)
    if style.label:
        _label(root, style)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode")


def store_styles(path: str | Path, styles: Mapping[str, Style], stamp: str) -> None:
    """Keep the style of each layer in a GeoPackage as the one that QGIS opens it with.

    Parameters
    ----------
    path : path
        GeoPackage with these layers.
    styles : mapping of str to Style
    stamp : str
        Time that the table names, as 2026-05-01T00:00:00Z.
    """
    with sqlite3.connect(path) as book:
        book.execute(_TABLE)
        for name, style in styles.items():
            book.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
                " VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '', ?)",
                (name, name, qml(style), stamp),
            )
        book.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (stamp,),
        )
    book.close()
