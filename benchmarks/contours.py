"""Contours of a park's risk map: from a raster to nested valid polygons, beside other ways, all in one run.

The lines alone are what drawing a map takes; they are no areas. Rings put together one by one and united is how
polygons are usually made from them. Runs of cells in each row united is what turning a raster into polygons gives:
areas with the steps of the cells.
"""

import itertools
from typing import Any

import contourpy
import numpy as np
import shapely

from benchmarks.individual import GRID, NO_POINTS, WEATHERS, rose, timed
from benchmarks.report import machine, options, show
from parkrisk.risk.individual import IndividualRisk, Raster, individual_risk
from parkrisk.risk.mapping.contours import CONTOUR_LEVELS, FLOOR, contours
from tests.risk.oracle import DISC, PLUME, Toy, toy_events

SIDE = 1000


def lines_only(raster: Raster, values: np.ndarray) -> list[Any]:
    """Draw contour lines, as for a picture."""
    generator = contourpy.contour_generator(raster.x, raster.y, np.log10(np.maximum(values, FLOOR)))
    return [generator.lines(np.log10(level)) for level in CONTOUR_LEVELS]


def ring_by_ring(raster: Raster, values: np.ndarray) -> list[shapely.Geometry]:
    """Make each polygon from its rings, mend it, and unite them all."""
    generator = contourpy.contour_generator(
        raster.x, raster.y, np.log10(np.maximum(values, FLOOR)), fill_type=contourpy.FillType.OuterOffset
    )
    areas = []
    for level in CONTOUR_LEVELS:
        parts = []
        for points, offsets in zip(*generator.filled(np.log10(level), np.inf), strict=True):
            rings = [points[first:last] for first, last in itertools.pairwise(offsets)]
            parts.append(shapely.make_valid(shapely.Polygon(rings[0], rings[1:])))
        areas.append(shapely.union_all(parts))
    return areas


def runs_of_cells(raster: Raster, values: np.ndarray) -> list[shapely.Geometry]:
    """Unite the cells at or above a level, run by run along each row."""
    half = 0.5 * raster.cell
    areas = []
    for level in CONTOUR_LEVELS:
        inside = np.pad(values >= level, ((0, 0), (1, 1)))
        change = np.diff(inside.astype(np.int8), axis=1)
        (rows, first), (_, end) = np.nonzero(change == 1), np.nonzero(change == -1)
        left, right = raster.x0 + first * raster.cell - half, raster.x0 + end * raster.cell - half
        below = raster.y0 + rows * raster.cell - half
        areas.append(shapely.union_all(shapely.box(left, below, right, below + raster.cell)))
    return areas


def risk_map() -> IndividualRisk:
    """Risk of 300 sources of toy plumes and discs on a million cells: smooth far away, stepped near by."""
    rng = np.random.default_rng(0)
    rows = []
    for source in range(300):
        x, y = rng.uniform(-3500.0, 3500.0, 2)
        kind = source % 6
        plumes = [Toy(PLUME, 10.0 ** (3.0 + 0.4 * kind), speed, stable) for speed, stable in WEATHERS]
        ball = Toy(DISC, float(rng.uniform(20.0, 300.0)), 1.0)
        name = f"u{source:03d}"
        rows.append((f"{name}-1", name, "A", x, y, "toxic", 10.0 ** rng.uniform(-6.0, -4.0), plumes))
        rows.append((f"{name}-2", name, "A", x, y, "fire", 10.0 ** rng.uniform(-6.5, -3.5), [ball] * len(WEATHERS)))
    raster = Raster(-4000.0, -4000.0, 8000.0 / (SIDE - 1), SIDE, SIDE)
    return individual_risk(toy_events(rows, len(WEATHERS)), rose(), GRID, raster, NO_POINTS)


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; gives the figures."""
    result = risk_map()
    raster, values = result.raster, result.values
    repeats = 2 if quick else 7
    seconds, processor, areas = timed(lambda: contours(raster, values, CONTOUR_LEVELS), repeats)
    _, lines, _ = timed(lambda: lines_only(raster, values), repeats)
    _, rings, united = timed(lambda: ring_by_ring(raster, values), 1 if quick else 3)
    _, cells, stepped = timed(lambda: runs_of_cells(raster, values), 1)
    shapes = list(areas.values())
    area = np.array([shape.area for shape in shapes])
    known = area > 0.0
    return {
        "seconds": seconds,
        "processor_seconds": processor,
        "cells": values.size,
        "levels": len(shapes),
        "polygons": int(sum(shapely.get_num_geometries(shape) for shape in shapes)),
        "points": int(sum(shapely.get_num_coordinates(shape) for shape in shapes)),
        "valid": all(shape.is_valid for shape in shapes),
        "nested": all(inner.difference(outer).is_empty for inner, outer in itertools.pairwise(shapes)),
        "ratio_lines_only": lines / processor,
        "ratio_ring_by_ring": rings / processor,
        "ratio_runs_of_cells": cells / processor,
        "area_difference_ring_by_ring": float(np.abs(shapely.area(united)[known] / area[known] - 1.0).max()),
        "area_difference_runs_of_cells": float(np.abs(shapely.area(stepped)[known] / area[known] - 1.0).max()),
    }


def main() -> None:
    """Run from the command line."""
    chosen = options("contours of individual risk as polygons: time, beside other ways").parse_args()
    on = machine()
    show("contours", run(quick=chosen.quick), as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
