"""Where the map of a park lies, how fine it is, and whether the machine can hold it."""

import os
from pathlib import Path

import numba
import numpy as np
import shapely

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.footprints.library import Floats
from parkrisk.risk.individual import Raster
from parkrisk.risk.mapping.reach import Reach
from parkrisk.risk.settings import Settings
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["most_memory", "raster_of"]

_CELL_WIDTHS = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0)  # [m]
_AUTOMATIC_CELLS = 500_000
#: To so many cells a map may grow, on whatever machine: the same park has the same map everywhere.
_GROWN_CELLS = 10_000_000
#: A map may take this share of the memory of the machine.
_MEMORY_SHARE = 0.5


def raster_of(park: Park, settings: Settings, reach: Reach | None = None) -> Raster:
    """Raster over units, sources and targets, its cells at multiples of their width.

    Parameters
    ----------
    park : Park
    settings : Settings
        ``margin_m`` lies around them at least.
    reach : Reach, optional
        Knows the sources; with it the raster grows until the outermost contour of the settings closes, up to ten
        million cells.

    Raises
    ------
    OutOfRange
        The raster is larger than memory allows.
    """
    units = shapely.points(park.tables["units"][["x", "y"]].to_numpy(dtype=np.float64))
    sources = shapely.points(np.zeros((0, 2)) if reach is None else reach.place)  # of lines and roads too
    bounds = shapely.total_bounds(np.concatenate([units, sources, shapes_of(park.tables["targets"])]))
    low, high = bounds[:2] - settings.margin_m, bounds[2:] + settings.margin_m
    raster = _laid(low, high, settings)
    if reach is not None and settings.contour_levels:
        grown = _laid(*reach.grown(low, high, min(settings.contour_levels)), settings)
        if grown.nx * grown.ny <= _GROWN_CELLS:
            raster = grown
    if _memory(raster) > most_memory():
        needed, most = _memory(raster) / 1e9, most_memory() / 1e9
        raise OutOfRange(
            f"{raster.nx} × {raster.ny} 的栅格需要 {needed:.1f} GB 内存，本机只允许 {most:.1f} GB；"
            "请加大单元（cell_m）或减小边距（margin_m）",
            f"a raster of {raster.nx} × {raster.ny} cells needs {needed:.1f} GB of memory, this machine allows "
            f"{most:.1f} GB; make cell_m larger or margin_m smaller",
        )
    return raster


def _laid(low: Floats, high: Floats, settings: Settings) -> Raster:
    """Raster over a box, in cells of the width that is set, else of the finest that are not too many."""
    widths = [settings.cell_m] if settings.cell_m is not None else _CELL_WIDTHS
    for cell in widths:
        first, last = np.floor(low / cell), np.ceil(high / cell)
        nx, ny = (last - first + 1.0).astype(int)
        if nx * ny <= _AUTOMATIC_CELLS:
            break
    return Raster(float(first[0] * cell), float(first[1] * cell), cell, int(nx), int(ny))


def _memory(raster: Raster) -> float:
    """What the sums on a raster take. [B]"""
    # For each thread and for their total: integers on all levels of the pyramid (4/3) and of the discs; then values.
    return raster.nx * raster.ny * 8.0 * ((numba.get_num_threads() + 1) * (4.0 / 3.0 + 1.0) + 4.0)


def most_memory() -> float:
    """What one piece of work may take of the memory of the machine. [B]"""
    known = [np.inf]
    if hasattr(os, "sysconf"):
        known.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    limit = Path("/sys/fs/cgroup/memory.max")  # of a container
    if limit.is_file() and limit.read_text().strip().isdecimal():
        known.append(int(limit.read_text()))
    return _MEMORY_SHARE * min(known)
