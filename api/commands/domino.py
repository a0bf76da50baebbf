"""``parkrisk domino``: cascades of a park, or those from one unit. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, Seed, Threads, app

Start = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        help="Unit that fails first, or several that burn together; default: every unit. 初始事故单元",
        metavar="UNIT",
    ),
]
Target = Annotated[
    list[str] | None,
    typer.Option("--to", help="Only how likely this unit follows, be it ever so rarely. 目标单元", metavar="UNIT"),
]
Error = Annotated[
    float | None,
    typer.Option(
        "--error",
        help="Relative standard error to go on for: of each --to (default 0.1), else of all failures. 相对标准误",
    ),
]
Static = Annotated[
    bool, typer.Option("--static", help="Static critical-load cascade: an upper bound without times. 静态级联（上限）")
]
Mode = Annotated[
    str | None,
    typer.Option(
        "--mode",
        help="Reading of the time-to-failure probit: response_times (default), minutes_9.25, seconds_12.54, "
        "minutes_12.54. 失效时间概率式的读法",
    ),
]
Histories = Annotated[
    int | None, typer.Option("--histories", min=1, help="Sampled histories per primary event. 每个初始事件的历史次数")
]


@app.command("domino")
def domino_command(
    park: ParkPath,
    lang: Lang,
    start: Start = None,
    to: Target = None,
    error: Error = None,
    static: Static = False,
    mode: Mode = None,
    histories: Histories = None,
    output: Output = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Follow cascades: who fails next, how likely, when, along which chains, in which enterprise. 多米诺效应推演."""
    from parkrisk.api.cli import _print_json
    from parkrisk.models.errors import OutOfRange
    from parkrisk.risk.assess import cascades_of, escalation_of
    from parkrisk.risk.domino import check_unit
    from parkrisk.scenarios import read
    from parkrisk.scenarios.facility.graph import unit_table

    known, starts = read(park), list(dict.fromkeys(start or ()))
    ids = unit_table(known.tables["units"])["unit_id"].tolist()
    for unit in (*starts, *(to or ())):  # before the work, not after it
        check_unit(unit, ids)
    if to and not starts:
        raise OutOfRange("--to 须与 --from 同用", "--to needs a --from")
    settings = _settings(mode, histories, error, threads)
    found: Any
    result = None
    if to or len(starts) > 1:
        asked = {"relative_error": error, "most_histories": histories}
        more: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        found = escalation_of(known, starts, to, settings=settings, seed=seed, static=static, **more)
    else:
        result = cascades_of(known, settings=settings, seed=seed, static=static)
        found = result.from_unit(starts[0]) if starts else result
    if output is not None:
        _save(found, output)
        _draw(found, result, known, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
        return
    from parkrisk.api.printed import domino as domino_tables
    from parkrisk.api.printed import terminal

    domino_tables.show(found, lang)
    if output is not None:
        terminal.show_saved(output, lang)


def _settings(mode: str | None, histories: int | None, error: float | None, threads: int | None) -> Any:
    """Settings, where something else than the default is wanted."""
    from parkrisk.risk.settings import Settings

    chosen: dict[str, Any] = {
        "time_to_failure_mode": mode,
        "domino_histories": histories,
        "domino_standard_error": error,
        "threads": threads,
    }
    if histories is not None:
        chosen["domino_most_histories"] = max(histories, Settings.domino_most_histories)
    return Settings(**{name: value for name, value in chosen.items() if value is not None})


def _save(found: Any, folder: Path) -> None:
    """Write ``domino.json`` and the tables."""
    from parkrisk.risk.files import write_json, write_table

    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "domino.json", found.to_dict())
    for name, table in found.tables().items():
        write_table(folder / f"{name}.csv", table)


def _draw(found: Any, result: Any, park: Any, folder: Path, lang: str) -> None:
    """Draw all cascades, or those of one unit; ``result``: of the park, None where only a probability was asked for."""
    from parkrisk.api.drawn import domino as domino_figures

    if found is result:
        domino_figures.save_park(result, park, folder, lang)
    elif result is not None:
        domino_figures.save_cascade(result, found.start, park, folder, lang)
