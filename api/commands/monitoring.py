"""``parkrisk state``: the four-colour state of enterprises with present readings. Engine imported inside."""

from pathlib import Path
from typing import Annotated

import typer

from parkrisk.api.cli import AsJson, Delayed, Lang, Output, ParkPath, Rules, Seed, Threads, app

Readings = Annotated[Path, typer.Argument(help="Table of readings (CSV). 监测读数表", metavar="READINGS", exists=True)]
At = Annotated[
    str,
    typer.Option("--at", help="Local time, e.g. 2026-11-26T08:00. 状态时刻（当地时间）", metavar="TIME"),
]
LevelRules = Annotated[
    Path | None,
    typer.Option("--levels", help="Rules of the colours (CSV) instead of those shipped. 颜色规则表", exists=True),
]


@app.command("state")
def state_command(
    park: ParkPath,
    readings: Readings,
    at: At,
    lang: Lang,
    levels: LevelRules = None,
    output: Output = None,
    rules: Rules = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Current colour of every enterprise from readings, apart from the static grade (unofficial). 监测状态（四色）."""
    from parkrisk.api.cli import _assess, _print_json
    from parkrisk.api.printed import monitoring as monitoring_tables
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.monitoring.levels import levels as read_levels
    from parkrisk.risk.monitoring.state import monitoring_state
    from parkrisk.scenarios import read
    from parkrisk.scenarios.changing.readings import local_time, read_readings

    time = local_time(at)
    table = read_readings(readings, read(park), time)
    chosen = None if levels is None else read_levels(levels)
    static = _assess(park, rules, seed, threads, delayed=delayed, quiet=as_json)
    with progress_bar(as_json) as progress:
        found = monitoring_state(static, table, time, rules=rules, level_rules=chosen, progress=progress)
    if output is not None:
        found.save(output)
    if as_json:
        _print_json(found.to_dict())
        return
    monitoring_tables.show(found, lang)
    if output is not None:
        monitoring_tables.show_saved(output, lang)
