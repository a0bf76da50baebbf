"""``parkrisk compare``: two descriptions of one park. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated

import typer

from parkrisk.api.cli import AsJson, Delayed, Lang, Output, Rules, Seed, Threads, app

Before = Annotated[Path, typer.Argument(help="Park as it was. 改变前的园区数据", metavar="BEFORE")]
After = Annotated[Path, typer.Argument(help="Park as it is. 改变后的园区数据", metavar="AFTER")]
Steps = Annotated[
    bool,
    typer.Option("--steps/--no-steps", help="Say what each kind of change does by itself. 逐类接入变化并评估"),
]


@app.command("compare")
def compare_command(
    before: Before,
    after: After,
    lang: Lang,
    output: Output = None,
    rules: Rules = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    steps: Steps = True,
    as_json: AsJson = False,
) -> None:
    """Compare two descriptions of one park: what changed in the input, and what that did. 两次评估对比."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.drawn import comparison as figures
    from parkrisk.api.printed import comparison as tables
    from parkrisk.api.printed import terminal
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.comparison import compare
    from parkrisk.risk.settings import Settings
    from parkrisk.scenarios import read

    settings = Settings(delayed_ignition=delayed, threads=threads)
    with progress_bar(as_json) as progress:
        parks = read(before), read(after)
        found = compare(*parks, settings=settings, rules=rules, seed=seed, steps=steps, progress=progress)
    if output is not None:
        found.save(output)
        figures.save(found, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
        return
    tables.show(found, lang)
    if output is not None:
        terminal.show_saved(output, lang)
