"""``parkrisk population``: people around a park from a raster or a map layer. The engine is imported inside."""

import math
from pathlib import Path
from typing import Annotated

import typer

from parkrisk.api.cli import AsJson, Lang, app

__all__ = ["population_command"]

File = Annotated[
    Path, typer.Argument(help="Raster (GeoTIFF) or map layer with people. 人口栅格或图层", metavar="FILE", exists=True)
]
Park = Annotated[Path, typer.Option("--park", help="Park whose surroundings are meant. 园区", metavar="PARK")]
Within = Annotated[float, typer.Option("--within", help="How far around the park, km. 范围")]
Cell = Annotated[float, typer.Option("--cell", help="Side of a cell, m. 单元边长")]
Unit = Annotated[str, typer.Option("--unit", help="persons or persons_per_km2, if the file does not say. 像元单位")]
Persons = Annotated[str, typer.Option("--persons", help="Field with people of one time. 人数字段", metavar="FIELD")]
DayField = Annotated[str, typer.Option("--day-field", help="Field with people by day. 白天人数字段", metavar="FIELD")]
NightField = Annotated[
    str, typer.Option("--night-field", help="Field with people by night. 夜间人数字段", metavar="FIELD")
]
DayShare = Annotated[float, typer.Option("--day-share", help="People by day per person counted. 白天份额")]
NightShare = Annotated[float, typer.Option("--night-share", help="People by night per person counted. 夜间份额")]
Layer = Annotated[str, typer.Option("--layer", help="Layer of the map file. 图层")]
Crs = Annotated[str, typer.Option("--crs", help="EPSG code, if the file has none. 坐标系")]
Table = Annotated[
    Path | None, typer.Option("-o", "--output", dir_okay=False, writable=True, help="CSV file to write. 输出文件")
]


@app.command("population")
def population_command(
    file: File,
    park: Park,
    lang: Lang,
    within: Within = 5.0,
    cell: Cell = 100.0,
    unit: Unit = "",
    persons: Persons = "",
    day_field: DayField = "",
    night_field: NightField = "",
    day_share: DayShare = math.nan,
    night_share: NightShare = math.nan,
    layer: Layer = "",
    crs: Crs = "",
    output: Table = None,
    as_json: AsJson = False,
) -> None:
    """Table of people around a park from a raster, polygons or points. 栅格或图层转人口表."""
    from parkrisk.api.cli import _print_json
    from parkrisk.scenarios.reading.people.people import Asked, population

    asked = Asked(unit, persons, day_field, night_field, layer, crs, day_share, night_share)
    found = population(file, park, asked, within_km=within, cell_m=cell)
    if output is not None:
        found.save(output)
    if as_json:
        from parkrisk.risk.result import plain

        _print_json(
            {"population": plain(found.table), "found": found.found, "placed": found.placed, "covered": found.covered}
        )
        return
    from parkrisk.api.printed import population as tables

    tables.show(found, lang)
    if output is not None:
        tables.show_written(output, lang)
