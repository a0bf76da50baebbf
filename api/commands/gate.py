"""``parkrisk gate``: may a project come in? The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import (
    EXIT_OF_VERDICT,
    AsJson,
    Delayed,
    Lang,
    Output,
    ParkPath,
    ProjectPath,
    Rules,
    Seed,
    Threads,
    WithReport,
    app,
)

Search = Annotated[
    bool,
    typer.Option(
        "--search/--no-search",
        help="Where gates fail that a smaller inventory or another place may meet, seek it. 搜索可行的存量或位置",
    ),
]


@app.command("gate")
def gate_command(
    park: ParkPath,
    project: ProjectPath,
    lang: Lang,
    output: Output = None,
    rules: Rules = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
    search: Search = True,
    report: WithReport = True,
) -> None:
    """Decide whether a project may enter the park. 入园准入判定.

    Exit code: 0 admit, 3 refuse, 4 admit with conditions, 5 undecided.
    """
    from parkrisk.api.cli import _print_json, _require_printers
    from parkrisk.scenarios import read

    if report and output is not None:
        _require_printers()

    decision = decided(
        read(park), project, None, seed, threads, rules=rules, delayed=delayed, search=search, quiet=as_json
    )
    if output is not None:
        save(decision, output, lang)
        if report:
            write_report(decision, output, lang)
    if as_json:
        _print_json(decision.to_dict())
    else:
        from parkrisk.api.printed import decision as decision_tables
        from parkrisk.api.printed import terminal

        decision_tables.show_decision(decision, lang)
        if output is not None:
            terminal.show_saved(output, lang)
    raise typer.Exit(EXIT_OF_VERDICT[decision.verdict])


def decided(
    park: Any,
    project_path: Path,
    before: Any,
    seed: int,
    threads: int | None,
    *,
    rules: str | None = None,
    delayed: str = "free_field",
    search: bool = True,
    quiet: bool,
) -> Any:
    """Read a project and decide on it, with a bar of the progress."""
    from parkrisk.api.commands.rules import checked_rules
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.entry.gate import gate
    from parkrisk.risk.settings import Settings
    from parkrisk.scenarios import read_project

    project = read_project(project_path)
    with progress_bar(quiet) as progress:
        return gate(
            park,
            project,
            settings=Settings(delayed_ignition=delayed, threads=threads),
            rules=checked_rules(rules or park.rulebook, None, park.date),
            seed=seed,
            before=before,
            cures=search,
            progress=progress,
        )


def save(decision: Any, folder: Path, lang: str) -> None:
    """Write the decision, its tables and its figure."""
    from parkrisk.api.drawn import decision as decision_figures

    decision.save(folder)
    decision_figures.save(decision, folder / "figures", lang)


def write_report(decision: Any, folder: Path, lang: str) -> None:
    """Write the decision as PDF and Word."""
    from parkrisk.api.report.gate_report import write_gate_report

    write_gate_report(decision, folder, lang)
