"""``parkrisk uncertainty``: bands, chances of letters and verdicts, what decides. The engine is imported inside."""

from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Delayed, Lang, Output, ParkPath, Rules, Seed, Threads, app

ProjectPath = Annotated[
    Path | None,
    typer.Option("--project", help="Project: chance of each verdict on it. 项目：各种准入结论的概率", exists=True),
]
Samples = Annotated[
    int, typer.Option("--samples", help="Number of samples, a power of two from 64 to 65536. 样本数（2 的幂）")
]
Inputs = Annotated[
    list[str] | None,
    typer.Option("--input", help="Sample only these inputs; once or more. 只抽样这些输入，可多次给出"),
]


@app.command("uncertainty")
def uncertainty_command(
    park: ParkPath,
    lang: Lang,
    project: ProjectPath = None,
    samples: Samples = 1024,
    inputs: Inputs = None,
    output: Output = None,
    rules: Rules = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Bands of every risk, chance of each grade letter and verdict, which input decides. 不确定性与敏感性."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed import uncertainty as printed

    found = _found(park, project, samples, inputs, rules, delayed, seed, threads, quiet=as_json)
    if output is not None:
        from parkrisk.api.drawn import uncertainty as drawn

        found.save(output)
        drawn.save(found, output / "figures", lang)
    if as_json:
        _print_json(found.to_dict())
        return
    printed.show(found, lang)
    if output is not None:
        printed.show_saved(output, lang)


def _found(
    path: Path,
    project: Path | None,
    samples: int,
    inputs: list[str] | None,
    rules: str | None,
    delayed: str,
    seed: int,
    threads: int | None,
    *,
    quiet: bool,
) -> Any:
    """What sampling finds of the park in these files."""
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.settings import Settings
    from parkrisk.risk.uncertainty.uncertainty import uncertainty
    from parkrisk.scenarios import read, read_project

    with progress_bar(quiet) as progress:
        return uncertainty(
            read(path),
            samples=samples,
            seed=seed,
            settings=Settings(delayed_ignition=delayed, threads=threads),
            rules=rules,
            project=None if project is None else read_project(project),
            inputs=inputs,
            progress=progress,
        )
