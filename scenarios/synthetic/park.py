"""A synthetic park: seeded, of any size, with what-ifs whose direction is known."""

import csv
import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.reading.objects import read_json
from parkrisk.scenarios.synthetic import recipe, works
from parkrisk.scenarios.synthetic.dirt import Planted, plant, recode
from parkrisk.scenarios.synthetic.ground import Ground, make_ground
from parkrisk.scenarios.synthetic.groups import Group, make_groups
from parkrisk.scenarios.synthetic.people import make_people
from parkrisk.scenarios.synthetic.placing import Plot, Site, lay_out
from parkrisk.scenarios.synthetic.what_ifs import WhatIf, make_what_ifs
from parkrisk.scenarios.writing.convert import AlreadyThere
from parkrisk.scenarios.writing.folder import write_folder

__all__ = ["FEWEST_UNITS", "MOST_UNITS", "SyntheticPark", "synthetic_park"]

FEWEST_UNITS, MOST_UNITS = 10, 10_000
_DATE = "2026-11-01"
#: Streams of random numbers, one for each part: what one draws does not shift the others. New ones go to the end.
_STREAMS = ("mixing", "sizing", "layout", "ground", "people", "protection", "dirt")
_LETTERS = {
    "atmospheric_tank": "T", "pressure_vessel": "V", "refrigerated_tank": "F", "process_vessel": "D", "reactor": "R",
    "column": "C", "pipeline": "P", "loading_arm": "L", "warehouse": "W", "cylinder_store": "G",
}  # fmt: skip
_EXPECTED = ("name", "quantity", "direction", "why")
_BUNDS = ("tanks", "vessels", "cold")


@dataclass(frozen=True)
class SyntheticPark:
    """A generated park.

    Parameters
    ----------
    document : mapping
        The park as one JSON object, as `park_from_json` takes it.
    what_ifs : tuple of WhatIf
    planted : tuple of Planted
        Mistakes that were planted; none without dirt.
    """

    document: Mapping[str, Any]
    what_ifs: tuple[WhatIf, ...]
    planted: tuple[Planted, ...] = ()

    def write(self, folder: str | Path, *, force: bool = False) -> None:
        """Write the folder of the park, its what-ifs and what is expected of them; the same bytes every time.

        Parameters
        ----------
        folder : path
            Made if it is not there.
        force : bool
            Write over what stands there.

        Raises
        ------
        AlreadyThere
            If the folder holds anything.
        """
        path = Path(folder)
        if path.exists() and any(path.iterdir()) and not force:
            raise AlreadyThere(f"已有内容，未覆盖：{path}", f"is there already, not written over: {path}")
        write_folder(read_json(self.document, "park"), path)
        if self.planted:
            recode(path)
            found = [dataclasses.asdict(each) for each in self.planted]
            text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
            (path / "planted.json").write_text(text, encoding="utf-8", newline="\n")
        changes = path / "what_ifs"
        changes.mkdir(exist_ok=True)
        for each in self.what_ifs:
            (changes / f"{each.name}.toml").write_text(each.toml(), encoding="utf-8", newline="\n")
        with (changes / "expected.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["what_if", *_EXPECTED[1:]])
            writer.writerows([getattr(each, column) for column in _EXPECTED] for each in self.what_ifs)


def synthetic_park(units: int, seed: int = 0, *, dirt: bool = False) -> SyntheticPark:
    """Generate a park that looks like a real one.

    Parameters
    ----------
    units : int
        Pieces of equipment, 10 to 10,000.
    seed : int
        The same seed gives the same park, to the last byte.
    dirt : bool
        Plant the mistakes that real input has.

    Raises
    ------
    OutOfRange
        If ``units`` is outside its range, or ``seed`` negative.
    """
    if not FEWEST_UNITS <= units <= MOST_UNITS or seed < 0:
        raise OutOfRange(
            f"设备数应为 {FEWEST_UNITS} 至 {MOST_UNITS}，种子不小于 0；给出的是 {units}、{seed}",
            f"units should be {FEWEST_UNITS} to {MOST_UNITS} and the seed at least 0; found {units} and {seed}",
        )
    seeds = np.random.SeedSequence([seed, units]).spawn(len(_STREAMS))
    streams = {name: np.random.Generator(np.random.PCG64(each)) for name, each in zip(_STREAMS, seeds, strict=True)}
    site = lay_out(make_groups(units, streams["mixing"], streams["sizing"]), units, streams["layout"])
    ground = make_ground(site, streams["ground"])
    document = _document(units, seed, site, ground, streams)
    what_ifs = make_what_ifs(document, ground.boundary)
    if not dirt:
        return SyntheticPark(document, what_ifs)
    spoiled, planted = plant(document, streams["dirt"])
    return SyntheticPark(spoiled, what_ifs, planted)


def _document(
    units: int, seed: int, site: Site, ground: Ground, streams: Mapping[str, np.random.Generator]
) -> dict[str, Any]:
    plots = {f"e{number:03d}": plot for number, plot in enumerate(site.plots, start=1)}
    around = make_people(ground, streams["people"])
    equipment = _Equipment(ground)
    for key, plot in plots.items():
        equipment.add(key, plot)
    # The railway carries nothing here, see works.transport; it is an ignition source only.
    road = [
        {"line_id": "road", "point": number, "x": x, "y": y}
        for number, (x, y) in enumerate(ground.lines["road"], start=1)
    ]
    return {
        "park": _section(units, seed, ground),
        "enterprises": works.enterprises(plots, ground, around.population),
        "units": equipment.units,
        "lines": road + equipment.lines,
        "transport": works.transport(equipment.units),
        "targets": around.targets,
        "population": around.population,
        "weather": ground.weather.to_dict("records"),
        "ignition": works.ignition(site, ground, plots, equipment.units),
        "barriers": works.barriers(equipment.units, streams["protection"]),
        "response": works.response(site, ground, equipment.units),
        "answers": works.evidence("answers"),
        "indicators": works.evidence("indicators"),
    }


def _section(units: int, seed: int, ground: Ground) -> dict[str, Any]:
    station = ground.station
    return {
        "name": f"虚构园区 {units}-{seed}",
        "code": f"SYN-{units}-{seed}",
        "date": _DATE,
        "crs": station["crs"],
        "rulebook": "cn-2026",
        "recognised": "yes",
        "recognition_document": "虚构认定文件（假定）",
        "boundary": {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(ground.boundary)}],
        },
        "boundary_crs": station["crs"],
        "air_temperature_c": float(station["air_temperature_c"]),
        "air_pressure_kpa": 101.325,
        "relative_humidity": float(station["relative_humidity"]),
        "terrain": "rural",
        "weather_source": station["source_zh"] + "；云量未观测、假定为 5/10（未经核实）；归并为六类天气、十六个风向",
        "demonstration": "yes",
        "notice_zh": "本园区由程序按随机种子生成：风的统计取自真实气象站，储罐尺寸和间距按实测分布抽取，"
        "其余均为虚构，不代表任何真实园区或企业。",
        "notice_en": "Generated from a random seed: the wind statistics are those of a real station, sizes and gaps of"
        " tanks are drawn from measured distributions, all else is invented. No real park or enterprise is meant.",
        "attribution": "储罐尺寸分布 © OpenStreetMap contributors, ODbL 1.0；气象 UCI, CC BY 4.0",
    }


class _Equipment:
    """Rows of the tables ``units`` and ``lines`` as they are gathered, plot by plot."""

    def __init__(self, ground: Ground) -> None:
        self.units: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self._ground = ground

    def add(self, enterprise: str, plot: Plot) -> None:
        """Add the units of an enterprise."""
        width, depth = (plot.depth, plot.width) if plot.turned else (plot.width, plot.depth)
        x, y = plot.corner[0] + (plot.size[0] - width) / 2.0, plot.corner[1] + (plot.size[1] - depth) / 2.0
        numbers: dict[str, int] = {}

        def place(point: tuple[float, float], group: tuple[float, float]) -> tuple[float, float]:
            along, across = point[0] + group[0], point[1] + group[1]
            if plot.turned:
                along, across = across, along
            east, north = self._ground.place(x + along, y + across)
            return float(east), float(north)

        for order, (group, corner) in enumerate(zip(plot.groups, plot.places, strict=True), start=1):
            for unit in group.units:
                letter = _LETTERS[unit["kind"]]
                numbers[letter] = numbers.get(letter, 0) + 1
                unit_id = f"{enterprise}-{letter}{numbers[letter]:03d}"
                point = place((unit["x"], unit["y"]), corner)
                self.units.append(_cells(unit, unit_id, enterprise, group, order, point))
                for number, end in enumerate(unit.get("corners", ()), start=1):
                    east, north = place(end, corner)
                    self.lines.append({"line_id": unit_id, "point": number, "x": east, "y": north})


@functools.cache
def _kind_names() -> Mapping[str, str]:
    return {row["kind"]: row["name_zh"] for row in recipe.rows("kinds")}


def _cells(
    unit: Mapping[str, Any], unit_id: str, enterprise: str, group: Group, order: int, point: tuple[float, float]
) -> dict[str, Any]:
    """Cells of one row of the table ``units``."""
    bund = f"{enterprise}-B{order:02d}" if group.form in _BUNDS else None
    together = group.form in (*_BUNDS, "process")
    words = ("apart", "corners", "substance_zh", "substance_en")
    sizes = {name: value for name, value in unit.items() if name not in words and value is not None}
    return {
        **sizes,
        "unit_id": unit_id,
        "name": f"{unit['substance_zh']}{_kind_names()[unit['kind']]}{unit_id.rpartition('-')[2]}",
        "enterprise_id": enterprise,
        "x": point[0],
        "y": point[1],
        "hazard_unit_id": f"{enterprise}-H{order:02d}" if together else unit_id,
        **({"bund_id": bund, "bund_area_m2": group.bund} if bund else {}),
        **({"line_id": unit_id} if "corners" in unit else {}),
        "detection_class": "B",
        "isolation_class": "B",
        "status": "existing",
        "in_service": "yes",
    }
