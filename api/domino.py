"""``parkrisk domino``: cascades of a park, or those from one unit. The engine is imported inside the command."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, Seed, Threads, app

Start = Annotated[
    str | None,
    typer.Option("--from", help="Unit that fails first; default: every unit of the park. 初始事故单元", metavar="UNIT"),
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
    from parkrisk.risk.assess import cascades_of
    from parkrisk.risk.domino import check_unit
    from parkrisk.risk.settings import Settings
    from parkrisk.scenarios import read
    from parkrisk.scenarios.graph import unit_table

    known = read(park)
    if start is not None:  # before the work, not after it
        check_unit(start, unit_table(known.tables["units"])["unit_id"].tolist())
    chosen = {"time_to_failure_mode": mode, "domino_histories": histories, "threads": threads}
    settings = Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]
    result = cascades_of(known, settings=settings, seed=seed, static=static)
    found: Any = result if start is None else result.from_unit(start)
    if output is not None:
        _save(found, output)
        _draw(result, start, known, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
        return
    from parkrisk.api import domino_tables, terminal

    if start is None:
        domino_tables.show_park(result, lang)
    else:
        domino_tables.show_cascade(found, lang)
    if output is not None:
        terminal.show_saved(output, lang)


def _save(found: Any, folder: Path) -> None:
    """Write ``domino.json`` and the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "domino.json").write_text(text + "\n", encoding="utf-8")
    for name, table in found.tables().items():
        table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")


def _draw(result: Any, start: str | None, park: Any, folder: Path, lang: str) -> None:
    from parkrisk.api import domino_figures

    if start is None:
        domino_figures.save_park(result, park, folder, lang)
    else:
        domino_figures.save_cascade(result, start, park, folder, lang)
