"""Folders of parks: copies of the smallest shipped one, each its own by its fills."""

import re
import shutil
from pathlib import Path

from tests.minimal_park import FOLDER

DIRT = ("T-101", "no-such-substance")


def make_park(folder: Path, name: str, fill: float = 0.8, *, bad: bool = False) -> Path:
    """Write a park; a bad one has two errors."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("projects"))
    toml = folder / "park.toml"
    toml.write_text(re.sub(r'name = ".*?"', f'name = "{name}"', toml.read_text("utf-8"), count=1), "utf-8")
    refill(folder, fill)
    if bad:
        units = folder / "units.csv"
        header, *rows = units.read_text("utf-8").splitlines()
        place = header.split(",").index("substance")
        for row in (0, 1):
            cells = rows[row].split(",")
            cells[place] = DIRT[1]
            rows[row] = ",".join(cells)
        units.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return folder


def refill(folder: Path, fill: float) -> None:
    """Fill every unit that has a fill to so much."""
    units = folder / "units.csv"
    header, *rows = units.read_text("utf-8").splitlines()
    place = header.split(",").index("fill_fraction")
    changed = []
    for row in rows:
        cells = row.split(",")
        cells[place] = f"{fill}" if cells[place] else ""
        changed.append(",".join(cells))
    units.write_text("\n".join([header, *changed]) + "\n", "utf-8")
