"""``parkrisk measures``: what to do about domino effects. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated

import typer

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, Rules, Seed, Threads, app

Candidates = Annotated[
    Path, typer.Argument(help="CSV table of candidate measures with costs. 候选消减措施表", metavar="CANDIDATES")
]
Budget = Annotated[float, typer.Option("--budget", help="In the currency of the candidates. 预算", min=0.0)]
Objective = Annotated[
    str, typer.Option("--objective", help="What to reduce: deaths, or failures of units. 目标：死亡或设备失效")
]


@app.command("measures")
def measures_command(
    park: ParkPath,
    candidates: Candidates,
    budget: Budget,
    lang: Lang,
    objective: Objective = "deaths",
    output: Output = None,
    rules: Rules = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Compare measures against domino effects and find the best set for a budget. 多米诺消减措施比选."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import measures as measures_tables
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.assess import assess
    from parkrisk.risk.measures.study import checked_choice, measure_study
    from parkrisk.risk.settings import Settings
    from parkrisk.scenarios import read
    from parkrisk.scenarios.facility.measures import read_measures

    checked_choice(budget, objective)
    known = read(park)
    table = read_measures(candidates, known)
    with progress_bar(as_json) as progress:
        assessment = assess(known, settings=Settings(threads=threads), rules=rules, seed=seed, progress=progress)
        found = measure_study(assessment, table, budget, objective=objective, progress=progress)
    if output is not None:
        from parkrisk.api.drawn import measures as measures_figures

        found.save(output)
        measures_figures.save(found, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
        return
    measures_tables.show(found, lang)
    if output is not None:
        measures_tables.show_saved(output, lang)
