"""``parkrisk whatif``: a park before and after a change. The engine is imported inside the command."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Delayed, Lang, Output, ParkPath, Rules, Seed, Threads, app

Scenario = Annotated[
    Path | None,
    typer.Argument(
        help="Scenario file (TOML), or a folder of them. 情景文件或文件夹", metavar="[SCENARIO]", exists=True
    ),
]
Remove = Annotated[list[str] | None, typer.Option("--remove", help="Unit to take away. 拆除设备", metavar="UNIT")]
Move = Annotated[
    list[str] | None, typer.Option("--move", help="Unit and its new place, m. 移动设备", metavar="UNIT=X,Y")
]
Refill = Annotated[
    list[str] | None, typer.Option("--refill", help="Unit and its fill, 0 to 1. 改变充装系数", metavar="UNIT=FILL")
]
Substance = Annotated[
    list[str] | None,
    typer.Option("--substance", help="Unit and what it holds, CAS or name. 更换介质", metavar="UNIT=SUBSTANCE"),
]
Close = Annotated[
    list[str] | None, typer.Option("--close", help="Transport, or the line of a road. 停止运输或关闭道路", metavar="ID")
]
OutOfService = Annotated[
    list[str] | None,
    typer.Option("--out-of-service", help="Barrier or unit that does not work. 停用屏障或设备", metavar="ID"),
]
Housing = Annotated[
    list[str] | None,
    typer.Option("--housing", help="New people: place, by day, by night. 新增居民", metavar="X,Y,DAY,NIGHT"),
]
Cells = Annotated[
    list[str] | None,
    typer.Option("--set", help="Any cell of a table. 改变任一单元格", metavar="TABLE/ROW/COLUMN=VALUE"),
]
WindFrom = Annotated[float | None, typer.Option("--wind", help="Only this wind direction (from), degrees. 固定风向")]
Speed = Annotated[float | None, typer.Option("--speed", help="Only this wind speed, m/s. 固定风速")]
Stability = Annotated[str | None, typer.Option("--stability", help="Only this stability class. 固定稳定度")]
Period = Annotated[str | None, typer.Option("--period", help="Only day or night. 固定时段")]


@app.command("whatif")
def whatif_command(
    park: ParkPath,
    lang: Lang,
    scenario: Scenario = None,
    remove: Remove = None,
    move: Move = None,
    refill: Refill = None,
    substance: Substance = None,
    close: Close = None,
    out_of_service: OutOfService = None,
    housing: Housing = None,
    cells: Cells = None,
    wind: WindFrom = None,
    speed: Speed = None,
    stability: Stability = None,
    period: Period = None,
    output: Output = None,
    rules: Rules = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Compare the park before and after a change: options, a scenario file, or a folder of them. 情景对比."""
    weather = {"wind_from": wind, "wind_speed": speed, "stability": stability, "period": period}
    asked = {
        "remove": remove,
        "close": close,
        "out_of_service": out_of_service,
        "move": {unit: _numbers(place) for unit, place in _pairs(move)},
        "refill": dict(_pairs(refill)),
        "substance": dict(_pairs(substance)),
        "housing": [_people(text) for text in housing or ()],
        "set": _nested(_pairs(cells)),
        "weather": {name: value for name, value in weather.items() if value is not None},
    }
    options = {name: value for name, value in asked.items() if value}
    _run(park, scenario, options, lang, output, rules, delayed, seed, threads, as_json)


def _pairs(texts: list[str] | None) -> list[tuple[str, str]]:
    """What stands before and after the first "="; whoever reads the values says what is wrong with them."""
    return [(name, value) for name, _, value in (text.partition("=") for text in texts or ())]


def _numbers(text: str) -> list[float] | str:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        return text


def _people(text: str) -> dict[str, str]:
    return dict(zip(("x", "y", "day", "night"), text.split(","), strict=False))


def _nested(pairs: list[tuple[str, str]]) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name, value in pairs:
        table, _, rest = name.partition("/")
        row, _, column = rest.rpartition("/")
        found.setdefault(table, {}).setdefault(row, {})[column] = value
    return found


def _scenarios(scenario: Path | None, options: dict[str, Any]) -> list[Any]:
    """Scenarios of a file or a folder, or the one that the options make."""
    from parkrisk.models.errors import OutOfRange
    from parkrisk.scenarios.changing.scenario_files import read_scenario, scenario_files, scenario_of

    if (scenario is None) == (not options):
        raise OutOfRange(
            "须给出情景文件（或文件夹），或若干改变选项（如 --remove），二者取一",
            "give either a scenario file (or a folder of them) or options such as --remove",
        )
    if scenario is None:
        return [scenario_of(options, "options")]
    return [read_scenario(each) for each in scenario_files(scenario)]


def _run(
    path: Path,
    scenario: Path | None,
    options: dict[str, Any],
    lang: str,
    output: Path | None,
    rules: str | None,
    delayed: str,
    seed: int,
    threads: int | None,
    as_json: bool,
) -> None:
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import whatif as whatif_tables
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.assess import assess
    from parkrisk.risk.files import write_table
    from parkrisk.risk.result import plain
    from parkrisk.risk.settings import Settings
    from parkrisk.risk.whatif import overview, whatif
    from parkrisk.scenarios import read
    from parkrisk.scenarios.changing.scenario_files import apply_all

    scenarios = _scenarios(scenario, options)
    park = read(path)
    changed = apply_all(scenarios, park)
    several = scenario is not None and scenario.is_dir()
    documents: list[dict[str, Any]] = []
    notes: list[tuple[str, Any]] = []

    def compared(progress: Any) -> Iterator[Any]:
        settings = Settings(delayed_ignition=delayed, threads=threads)
        before = assess(park, settings=settings, rules=rules, seed=seed, progress=progress)
        for each, after in zip(scenarios, changed, strict=True):
            found = whatif(before, after, each.name, rules=rules, progress=progress)
            if output is not None:
                found.save(output / Path(each.file).stem if several else output)
            if as_json:
                documents.append(found.to_dict())
            notes.append((each.name, found.notes))
            yield found

    with progress_bar(as_json) as progress:
        if several:
            table = overview(compared(progress))
        else:
            (found,) = compared(progress)
    if several and output is not None:
        write_table(output / "overview.csv", table)
    if as_json:
        _print_json({"overview": plain(table), "scenarios": documents} if several else documents[0])
        return
    if several:
        whatif_tables.show_overview(table, lang)
        for name, doubts in notes:
            whatif_tables.show_notes(doubts, lang, name)
    else:
        whatif_tables.show(found, lang)
    if output is not None:
        whatif_tables.show_saved(output, lang)
