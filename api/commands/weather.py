"""``parkrisk weather``: joint table of weather from hourly data. The engine is imported inside the command."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Lang, app

__all__ = ["weather_command"]

File = Annotated[
    Path, typer.Argument(help="Hourly weather: EPW, or CSV. 逐时气象文件", metavar="FILE", exists=True, dir_okay=False)
]
Sectors = Annotated[int, typer.Option("--sectors", help="Wind sectors: 4, 8, 12, 16 or 36. 风向扇区数")]
Speeds = Annotated[
    str, typer.Option("--speeds", help="Bounds of the speed classes (m/s), with commas. 风速分级界限", metavar="LIST")
]
Method = Annotated[str, typer.Option("--method", help="turner, gbt3840 or srdt. 稳定度方法")]
Terrain = Annotated[str, typer.Option("--terrain", help="rural or urban: wind profile. 地表类型")]
Height = Annotated[float, typer.Option("--height", help="Height of the anemometer, m. 风速仪高度")]
Latitude = Annotated[float, typer.Option("--lat", help="Latitude in degrees, if the file has none. 纬度")]
Longitude = Annotated[float, typer.Option("--lon", help="Longitude in degrees, if the file has none. 经度")]
Offset = Annotated[
    float, typer.Option("--utc-offset", help="Local time minus UTC in hours, if the file has none. 时区")
]
Name = Annotated[str, typer.Option("--station", help="Name of the station. 气象站名称")]
Missing = Annotated[
    list[str] | None, typer.Option("--missing", help="Number that stands for a missing value; repeatable. 缺测代码")
]
Calm = Annotated[float | None, typer.Option("--calm", help="Slower is calm, m/s. 静风界限")]
Classes = Annotated[
    str,
    typer.Option(
        "--classes",
        help="all: every pair of speed and stability; six: gathered, quicker, may lower risk. 天气等级",
        metavar="six|all",
    ),
]
Table = Annotated[
    Path | None, typer.Option("-o", "--output", dir_okay=False, writable=True, help="CSV file to write. 输出文件")
]


def _bounds(text: str) -> tuple[float, ...]:
    from parkrisk.models.errors import OutOfRange

    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        raise OutOfRange(f"风速分级“{text}”应如 2,3,5,8", f"speed classes '{text}' should be like 2,3,5,8") from None


def _codes(missing: list[str] | None) -> tuple[str, ...]:
    from parkrisk.models.errors import OutOfRange

    for code in missing or []:
        try:
            float(code)
        except ValueError:
            raise OutOfRange(
                f"缺测代码“{code}”应为数字", f"the code '{code}' of missing values should be a number"
            ) from None
    return tuple(missing or ())


def _six(classes: str) -> bool:
    from parkrisk.models.errors import OutOfRange

    if classes not in ("six", "all"):
        raise OutOfRange(f"--classes 应为 six 或 all，不是“{classes}”", f"--classes is six or all, not '{classes}'")
    return classes == "six"


@app.command("weather")
def weather_command(
    file: File,
    lang: Lang,
    sectors: Sectors = 16,
    speeds: Speeds = "2,3,5,8",
    method: Method = "turner",
    terrain: Terrain = "rural",
    height: Height = 10.0,
    lat: Latitude = math.nan,
    lon: Longitude = math.nan,
    utc_offset: Offset = math.nan,
    station: Name = "",
    missing: Missing = None,
    calm: Calm = None,
    classes: Classes = "all",
    output: Table = None,
    as_json: AsJson = False,
) -> None:
    """Joint table of wind direction, speed and stability from hourly weather. 逐时气象转联合频率表."""
    from parkrisk.api.cli import _print_json
    from parkrisk.scenarios.reading.weather.classes import gathered
    from parkrisk.scenarios.reading.weather.hours import Station
    from parkrisk.scenarios.reading.weather.joint import joint_weather, read_hours

    bounds = _bounds(speeds)
    hours = read_hours(file, Station(station, lat, lon, utc_offset, height), _codes(missing))
    found = joint_weather(hours, method=method, sectors=sectors, speeds=bounds, terrain=terrain, calm=calm)
    if _six(classes):
        found = gathered(found)
    if output is not None:
        found.save(output)
    if as_json:
        _print_json(_document(found))
        return
    from parkrisk.api.printed import terminal
    from parkrisk.api.printed import weather as tables

    tables.show(found, lang)
    terminal.show_problems(found.problems, lang)
    if output is not None:
        tables.show_written(output, lang)


def _document(found: Any) -> dict[str, Any]:
    from parkrisk.risk.result import plain

    return {
        "weather": plain(found.table),
        "hours": found.hours,
        "statement": [{"zh": chinese, "en": english} for chinese, english in found.statement],
        "weather_source": {"zh": found.weather_source[0], "en": found.weather_source[1]},
        "problems": [problem.__dict__ for problem in found.problems],
    }
