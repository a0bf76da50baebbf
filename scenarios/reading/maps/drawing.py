"""Drawings in: the DXF files of layout plans, with their blocks, attributes and texts."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import shapely
import shapely.affinity

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import listed, problem
from parkrisk.scenarios.reading.maps.features import MOST_FEATURES, Content, Feature, MapFault, cell, marks, matches
from parkrisk.scenarios.reading.maps.labels import Label, labelled
from parkrisk.scenarios.reading.maps.layers import Layer

__all__ = ["Drawing"]

_LARGEST_FILE = 128 * 2**20
#: Farthest that a straight piece may lie from the arc it stands for. [m]
_TOLERANCE = 0.05
#: The same as a share of the size: an arc as large as the world would have more pieces than memory holds.
_SHARE = 1e-6
#: Blocks in blocks in blocks: deeper is a loop or a mistake.
_DEEPEST = 16
#: Blocks within blocks and repetitions in rows and columns: a few lines of a file can ask for billions.
_MOST_EXPANDED = 10_000
_OUTLINES = frozenset({"LWPOLYLINE", "POLYLINE", "LINE", "ARC", "ELLIPSE", "SPLINE"})
_TEXTS = frozenset({"TEXT", "MTEXT"})
#: Fields of every feature of a drawing; attributes of blocks add to them.
_FIELDS = ("text", "layer", "block", "diameter")
_METRES = 6  # of $INSUNITS


@dataclass(frozen=True)
class _Placed:
    """An entity in the coordinates of the drawing, and the layer it belongs to."""

    layer: str
    entity: Any


def _encoding(path: Path) -> str | None:
    """GBK for a drawing whose header claims a western code page while its names are Chinese; None: as it says."""
    from ezdxf.filemanagement import dxf_file_info

    content = path.read_bytes()
    if content.startswith(b"AutoCAD Binary DXF") or content.isascii():
        return None
    if str(dxf_file_info(path).encoding).casefold() != "cp1252":
        return None
    try:
        content.decode("gbk")
    except UnicodeDecodeError:
        return None
    return "gbk"


class Drawing:
    """A DXF file: the entities of its model space, those in blocks among them.

    Parameters
    ----------
    path : Path

    Raises
    ------
    MapFault
        If it is none, is too large, or ezdxf is not installed.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._warnings: list[Problem] = []
        if path.stat().st_size > _LARGEST_FILE:
            raise MapFault("map_unreadable", path.name, reason=f"> {_LARGEST_FILE // 2**20} MiB")
        self._document = self._opened(path)
        self._hidden: Counter[str] = Counter()
        self._skipped: Counter[tuple[str, str]] = Counter()
        self._entities: list[_Placed] = []
        self._texts: list[_Placed] = []
        self._seen = self._expanded = 0
        for placed in self._walk(self._document.modelspace(), "", ()):
            kind = placed.entity.dxftype()
            if kind in _TEXTS:
                self._texts.append(placed)
            elif kind in _OUTLINES or kind in ("POINT", "CIRCLE", "INSERT"):
                self._entities.append(placed)
            else:
                self._skipped[placed.layer, kind] += 1
        self.layers = tuple(dict.fromkeys(placed.layer for placed in self._entities))
        self.hidden = tuple(self._hidden)

    def _opened(self, path: Path) -> Any:
        try:
            from ezdxf import filemanagement, recover
            from ezdxf.lldxf.const import DXFError
        except ImportError:
            raise MapFault("map_needs_package", "ezdxf") from None
        try:
            encoding = _encoding(path)
            if encoding:
                self._warnings.append(problem("encoding_gbk", path.name, found="GBK"))
            return filemanagement.readfile(path, encoding=encoding)
        except DXFError:
            pass  # damaged, or no drawing
        except Exception as error:  # whatever a parser says of a file that is none
            raise _unreadable(path, error) from None
        try:
            document, auditor = recover.readfile(path)
        except Exception as error:
            raise _unreadable(path, error) from None
        if auditor.errors:
            # Recovery makes 5001.0 of a coordinate that reads 5001oo.0; what it had to mend cannot be trusted.
            raise MapFault("map_damaged", auditor.errors[0].message, count=len(auditor.errors))
        self._warnings.append(problem("map_repaired", path.name, None, "", path.name))
        return document

    def _is_hidden(self, layer: str) -> bool:
        if layer not in self._document.layers:
            return False
        found = self._document.layers.get(layer)
        return bool(found.is_off() or found.is_frozen())

    def _walk(self, entities: Iterable[Any], around: str, blocks: tuple[str, ...]) -> Iterator[_Placed]:
        """Yield what can be seen, with what stands in blocks on layers of its own.

        ``blocks`` are those around; one that holds itself is not walked into again. What lies in a block on the layer
        of the block itself is the picture of one thing and not walked into either.
        """
        for entity in entities:
            self._seen += 1
            if self._seen > MOST_FEATURES:
                raise MapFault("map_too_large", f"> {MOST_FEATURES}", largest=MOST_FEATURES)
            held = _properties(entity)
            layer = str(held.get("layer", "0"))
            layer = around if layer == "0" and around else layer
            if self._is_hidden(layer) or held.get("invisible", 0):
                self._hidden[layer] += 1
            elif entity.dxftype() != "INSERT":
                yield _Placed(layer, entity)
            else:
                several = entity.multi_insert() if entity.mcount > 1 else (entity,)
                block = str(entity.dxf.name)
                for one in several:
                    self._expanded += entity.mcount > 1 or bool(blocks)
                    if self._expanded > _MOST_EXPANDED:
                        raise MapFault("map_too_large", f"> {_MOST_EXPANDED}", largest=_MOST_EXPANDED)
                    yield _Placed(layer, one)
                    if len(blocks) < _DEEPEST and block not in blocks:
                        inside = self._walk(one.virtual_entities(), layer, (*blocks, block))
                        yield from (placed for placed in inside if placed.layer != layer)

    def read(self, layers: Sequence[str], entry: Layer) -> Content:
        """Give some layers, in metres.

        Raises
        ------
        MapFault
            If nothing says what the unit of the drawing is.
        """
        unit = int(self._document.header.get("$INSUNITS", 0))
        if not entry.scale and unit != _METRES:
            from ezdxf import units

            raise MapFault("map_scale_missing", units.unit_name(unit) if unit else "-", "scale")
        scale = entry.scale or 1.0
        features = []
        skipped: Counter[str] = Counter()
        for (layer, kind), count in self._skipped.items():
            if not entry.layer or matches(layer, entry.layer):
                skipped[kind] += count
        numbers: Counter[str] = Counter()
        for placed in self._entities:
            if placed.layer not in layers:
                continue
            numbers[placed.layer] += 1
            shape, diameter = _shape(placed.entity, _TOLERANCE / scale)
            if shape is None:
                skipped[placed.entity.dxftype()] += 1
                continue
            shape = shapely.affinity.scale(shape, scale, scale, origin=(0, 0)) if scale != 1.0 else shape
            fields = {
                **_attributes(placed.entity),
                **dict.fromkeys(_FIELDS, ""),
                "layer": placed.layer,
                "block": _block(placed.entity),
                "diameter": cell(diameter * scale) if diameter else "",
            }
            features.append(Feature(numbers[placed.layer], placed.layer, shape, fields))
        names = tuple(dict.fromkeys((*_FIELDS, *(name for feature in features for name in feature.fields))))
        if "text" in entry.columns.values():
            features = self._with_texts(features, entry, scale)
        return Content(
            tuple(features), names, "", "", marks((*names, *layers)), (*self._warnings, *self._left_out(skipped, entry))
        )

    def _with_texts(self, features: list[Feature], entry: Layer, scale: float) -> list[Feature]:
        labels = [
            Label(x * scale, y * scale, " ".join(placed.entity.plain_text().split()))
            for placed in self._texts
            for x, y in (_anchor(placed.entity),)
            if not entry.text_layer or matches(placed.layer, entry.text_layer)
        ]
        texts = labelled(features, labels, entry.text_within)
        return [
            replace(feature, fields={**feature.fields, "text": text})
            for feature, text in zip(features, texts, strict=True)
        ]

    def _left_out(self, skipped: Counter[str], entry: Layer) -> Iterator[Problem]:
        """Yield what is in the drawing and was not read."""
        hidden = {
            layer: count for layer, count in self._hidden.items() if not entry.layer or matches(layer, entry.layer)
        }
        if hidden:
            yield problem("map_layer_hidden", entry.table, None, "", listed(sorted(hidden)), count=sum(hidden.values()))
        if skipped:
            yield problem("map_skipped", entry.table, None, "", listed(sorted(skipped)), count=skipped.total())


def _unreadable(path: Path, error: Exception) -> MapFault:
    reason = str(error).replace(str(path), path.name)  # the folder is nobody's business
    return MapFault("map_unreadable", path.name, reason=reason or f"DXF: {type(error).__name__}")


def _properties(entity: Any) -> Any:
    """Where an entity has its layer; what ezdxf does not know, such as TCH_WALL, has it in its tags."""
    return entity.dxf if entity.dxf.is_supported("layer") else getattr(entity, "graphic_properties", dict)()


def _block(entity: Any) -> str:
    return str(entity.dxf.name) if entity.dxftype() == "INSERT" else ""


def _attributes(entity: Any) -> dict[str, str]:
    if entity.dxftype() != "INSERT":
        return {}
    return {str(attribute.dxf.tag): cell(attribute.dxf.text) for attribute in entity.attribs}


def _flat(point: Any) -> tuple[float, float]:
    return float(point.x), float(point.y)


def _anchor(text: Any) -> tuple[float, float]:
    """Where a text stands, in world coordinates."""
    if text.dxftype() == "MTEXT":
        return _flat(text.dxf.insert)
    _, first, _ = text.get_placement()
    return _flat(text.ocs().to_wcs(first))


def _circle(entity: Any) -> tuple[Any, float]:
    return shapely.Point(_flat(entity.ocs().to_wcs(entity.dxf.center))), 2.0 * float(entity.dxf.radius)


def _shape(entity: Any, tolerance: float) -> tuple[Any, float]:
    """Shape of an entity and, of a circle or a block with one circle in it, the diameter (else 0).

    The shape is None for what has none.
    """
    from ezdxf import path
    from ezdxf.lldxf.const import DXFError

    kind = entity.dxftype()
    if kind == "POINT":
        return shapely.Point(_flat(entity.dxf.location)), 0.0
    if kind == "CIRCLE":
        return _circle(entity)
    if kind == "INSERT":
        circles = [each for each in entity.virtual_entities() if each.dxftype() == "CIRCLE"]
        if len(circles) == 1:
            return _circle(circles[0])
        return shapely.Point(_flat(entity.ocs().to_wcs(entity.dxf.insert))), 0.0
    try:
        made = path.make_path(entity)
        flat = [_flat(point) for point in made.control_vertices()]
        size = max((max(axis) - min(axis) for axis in zip(*flat, strict=True)), default=0.0)
        corners = [_flat(point) for point in made.flattening(max(tolerance, _SHARE * size))]
    except (TypeError, ValueError, ArithmeticError, DXFError):
        return None, 0.0  # meshes, splines without control points
    corners = [corner for corner, _ in itertools.groupby(corners)]
    return (shapely.LineString(corners), 0.0) if len(corners) > 1 else (None, 0.0)
