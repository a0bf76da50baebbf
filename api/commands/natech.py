"""``parkrisk natech``: what earthquakes and lightning do to a park. The engine is imported inside the command."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, Seed, Threads, app

Hazards = Annotated[
    Path | None,
    typer.Option("--hazards", help="File of natural hazards; default: natech.toml of the park. 自然灾害文件"),
]
Pga = Annotated[
    float | None,
    typer.Option("--pga", help="One earthquake that is taken to happen: PGA in g. 给定地震的峰值加速度 (g)"),
]
Deaths = Annotated[
    bool, typer.Option("--deaths", help="Also expected deaths: runs the whole assessment first. 计算预期死亡人数")
]
Histories = Annotated[
    int | None,
    typer.Option("--histories", min=0, help="Sampled cascades of each level; 0: none. 每级抽样次数"),
]


@app.command("natech")
def natech_command(
    park: ParkPath,
    lang: Lang,
    hazards: Hazards = None,
    pga: Pga = None,
    deaths: Deaths = False,
    histories: Histories = None,
    output: Output = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Units that earthquakes and lightning fail, several at once: frequencies, fires, deaths. 自然灾害引发的事故."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import natech as natech_tables
    from parkrisk.scenarios.natural.natech_file import FILE_NAME, NaturalHazards, read_hazards

    file = hazards
    if file is None and (park / FILE_NAME).is_file():
        file = park / FILE_NAME
    if file is None and pga is None:
        if as_json:
            _print_json({"status": "not_assessed", "missing": [FILE_NAME]})
        else:
            natech_tables.show_not_assessed(FILE_NAME, lang)
        return
    given = NaturalHazards() if file is None else read_hazards(file)
    found, units = _found(park, given, pga, deaths, histories, seed, threads, quiet=as_json)
    if output is not None:
        from parkrisk.api.drawn import natech as natech_figures

        found.save(output)
        natech_figures.save(found, units, output / "figures", lang)
    if as_json:
        _print_json({"status": "assessed", **found.to_dict()})
        return
    natech_tables.show(found, lang)


def _found(
    path: Path,
    hazards: Any,
    pga: float | None,
    deaths: bool,
    histories: int | None,
    seed: int,
    threads: int | None,
    *,
    quiet: bool,
) -> tuple[Any, Any]:
    """Natech of the park, and its units table."""
    from parkrisk.api.cli import _assess
    from parkrisk.risk.natech.natech import natech
    from parkrisk.risk.settings import Settings
    from parkrisk.scenarios import read
    from parkrisk.scenarios.events.expand import expand
    from parkrisk.scenarios.facility.escalation import facility_graph
    from parkrisk.scenarios.receptors import wind_rose

    settings = Settings(threads=threads)
    if histories:
        most = max(histories, settings.domino_most_histories)
        settings = dataclasses.replace(settings, domino_histories=histories, domino_most_histories=most)
    facility = None
    if deaths:
        result = _assess(path, None, seed, threads, quiet=quiet)
        park, events, societal = result.park, result.expansion.events, result.societal
        rose = wind_rose(park)
        facility = None if histories == 0 else result.domino.facility
    else:
        park, societal = read(path), None
        rose = wind_rose(park)
        events = expand(park, rose, loss_set=settings.loss_set, cut_off=settings.frequency_cut_off)
        facility = None if histories == 0 else facility_graph(park, events, rose)
    found = natech(park, events, rose, hazards, settings, societal=societal, pga=pga, facility=facility, seed=seed)
    return found, park.tables["units"]
