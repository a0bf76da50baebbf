"""``parkrisk portfolio``: many parks at once. The engine is imported inside the command."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import EXIT_INVALID_INPUT, AsJson, Delayed, Lang, Rules, Seed, app

Parks = Annotated[
    Path,
    typer.Argument(
        help="Folder of parks: folders, workbooks, GeoPackages, also one level deeper. 园区所在文件夹",
        metavar="DIR",
        exists=True,
        file_okay=False,
    ),
]
Into = Annotated[
    Path, typer.Option("-o", "--output", file_okay=False, help="Folder for results, kept ones too. 输出文件夹")
]
Count = Annotated[
    int | None,
    typer.Option("--processes", min=1, max=1024, help="Processes; default: as many as cores. 进程数", metavar="N"),
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", help="Dask scheduler, such as tcp://host:8786. Dask 调度器地址", metavar="ADDRESS"),
]
Limit = Annotated[
    float | None,
    typer.Option("--timeout", min=1.0, help="Longest time for one park, s. 单个园区时限（秒）", metavar="SECONDS"),
]


@app.command("portfolio")
def portfolio_command(
    folder: Parks,
    lang: Lang,
    output: Into = Path("portfolio"),
    processes: Count = None,
    scheduler: Scheduler = None,
    timeout: Limit = None,
    rules: Rules = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Assess every park of a folder and rank them; a second run does only what is missing. 多园区评估与排序."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.drawn import portfolio as figures
    from parkrisk.api.printed import portfolio as tables
    from parkrisk.api.printed import terminal
    from parkrisk.api.written.portfolio import write_portfolio
    from parkrisk.risk.portfolio.lock import held
    from parkrisk.risk.portfolio.plan import find_parks
    from parkrisk.risk.portfolio.portfolio import portfolio
    from parkrisk.risk.settings import Settings

    _check(rules, processes, scheduler, timeout)
    settings = Settings(delayed_ignition=delayed)
    find_parks(folder, output)  # before the folder for results is made
    with held(output):
        with _crew(processes, scheduler, timeout) as crew, tables.bar(as_json, lang) as progress:
            found = portfolio(folder, output, settings=settings, rules=rules, seed=seed, crew=crew, progress=progress)
        write_portfolio(found, output, lang)
        figures.save(found.table, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
    else:
        tables.show(found, lang)
        terminal.show_saved(output, lang)
    if not found.complete:
        raise typer.Exit(EXIT_INVALID_INPUT)


def _check(rules: str | None, processes: int | None, scheduler: str | None, timeout: float | None) -> None:
    """Refuse before any park is read what could not be done for any."""
    import datetime as dt

    from parkrisk.models.errors import OutOfRange
    from parkrisk.risk.rules.sets import load, shipped

    if scheduler is not None and (processes is not None or timeout is not None):
        raise OutOfRange(
            "--scheduler 不能与 --processes 或 --timeout 同用",
            "--scheduler goes with neither --processes nor --timeout",
        )
    if rules is not None:
        if scheduler is not None:
            shipped(rules)  # a file of this machine is not there on another
        load(rules, dt.date.today())


@contextlib.contextmanager
def _crew(count: int | None, scheduler: str | None, seconds: float | None) -> Iterator[Any]:
    """Whoever does the work: one process without a limit of time is this one."""
    from parkrisk.risk.portfolio import crew

    if scheduler is not None:
        with crew.cluster(scheduler) as workers:
            yield workers
        return
    chosen = count or _cores()
    if chosen == 1 and seconds is None:
        yield crew.in_line()
        return
    with crew.processes(chosen, seconds) as workers:
        yield workers


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
