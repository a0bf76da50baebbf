"""``parkrisk consequence``: one event in the wind of the moment. The engine is imported inside the command."""

import time
from typing import Annotated

import typer

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, app

Unit = Annotated[str | None, typer.Option("--unit", help="Unit that fails, or transport. 设备或运输", metavar="UNIT")]
Loc = Annotated[str | None, typer.Option("--loc", help="Loss of containment; default: the worst. 泄漏场景")]
Outcome = Annotated[str | None, typer.Option("--outcome", help="fireball, toxic_cloud ...; default: the worst. 后果")]
WindFrom = Annotated[float | None, typer.Option("--wind", help="Where the wind comes from, degrees. 风向（来向，度）")]
Speed = Annotated[float | None, typer.Option("--speed", help="Wind at 10 m, m/s. 风速")]
Stability = Annotated[
    str | None, typer.Option("--stability", help="A to F; default: the most stable possible. 大气稳定度")
]
At = Annotated[
    tuple[float, float] | None,
    typer.Option(
        "--at", help="Place: the stretch of a line nearest to it; default: the worst. 线路上的地点", metavar="X Y"
    ),
]
Minutes = Annotated[
    list[float] | None,
    typer.Option("--time", help="Minute at which the cloud is shown; repeat for more. 时刻"),
]
Listing = Annotated[bool, typer.Option("--list", help="List units, or the events of a unit, and stop. 列出可选项")]


@app.command("consequence")
def consequence_command(
    park: ParkPath,
    lang: Lang,
    unit: Unit = None,
    loc: Loc = None,
    outcome: Outcome = None,
    wind: WindFrom = None,
    speed: Speed = None,
    stability: Stability = None,
    at: At = None,
    times: Minutes = None,
    listing: Listing = False,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Show what one event does in this wind: zones, people inside, units that may follow. 单一事件后果."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import consequence as consequence_tables
    from parkrisk.api.progress import progress_bar
    from parkrisk.models.errors import OutOfRange
    from parkrisk.risk.consequence import Wind, consequence
    from parkrisk.risk.one_event.zones import MOMENTS
    from parkrisk.scenarios import read

    start = time.perf_counter()
    with progress_bar(as_json) as progress:
        progress("read", 0, 1)
        known = read(park)
        progress("read", 1, 1)
    if listing:
        if as_json:
            _print_json(consequence_tables.choices_of(known, unit))
        else:
            consequence_tables.show_choices(known, unit, lang)
        return
    if unit is None or wind is None or speed is None:
        raise OutOfRange(
            "须给出 --unit、--wind（来向，度）和 --speed（m/s）；用 --list 查看可选项",
            "--unit, --wind (degrees it comes from) and --speed (m/s) are needed; --list shows what can be asked",
        )
    ready = time.perf_counter()
    moments = MOMENTS if times is None else [60.0 * minutes for minutes in times]
    blows = Wind(wind, speed, stability)
    found = consequence(known, unit, blows, loc=loc, outcome=outcome, near=at, moments=moments)
    done = time.perf_counter()
    if output is not None:
        from parkrisk.api.drawn import consequence as consequence_figures

        found.save(output)
        consequence_figures.save(found, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
        return
    consequence_tables.show(found, lang)
    if output is not None:
        consequence_tables.show_saved(output, lang)
    consequence_tables.show_seconds(ready - start, done - ready, lang)
