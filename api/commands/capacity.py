"""``parkrisk capacity``: how much of the limits of risk is used up, and how much more fits. Engine imported inside."""

from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Delayed, Lang, Output, ParkPath, Rules, Seed, Threads, app

Unit = Annotated[
    str | None, typer.Option("--unit", help="Reference unit: how many more of it fit. 参照设备，还能容纳几台")
]
At = Annotated[
    tuple[float, float] | None,
    typer.Option("--at", help="Where to put it, in the park's CRS, m. 放置地点坐标（m）", metavar="X Y"),
]
Cas = Annotated[
    str | None,
    typer.Option("--cas", help="Substance in it: how many tonnes fit instead. 改为求该物质的最大存量", metavar="CAS"),
]
FromProject = Annotated[
    Path | None,
    typer.Option(
        "--project", help="Project: shown as a stage; with --unit, where the unit comes from. 项目文件夹", exists=True
    ),
]


@app.command("capacity")
def capacity_command(
    park: ParkPath,
    lang: Lang,
    unit: Unit = None,
    at: At = None,
    cas: Cas = None,
    project: FromProject = None,
    output: Output = None,
    rules: Rules = None,
    delayed: Delayed = "free_field",
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Share of the risk limits used up, with approved projects; how many more units or tonnes fit. 安全容量."""
    from parkrisk.api.cli import _assess, _print_json
    from parkrisk.api.drawn import capacity as capacity_figures
    from parkrisk.api.printed import capacity as capacity_tables
    from parkrisk.api.progress import progress_bar
    from parkrisk.models.errors import OutOfRange
    from parkrisk.risk.capacity.stages import safety_capacity

    if unit is None and (at is not None or cas is not None):
        raise OutOfRange("--at、--cas 须与 --unit 同用", "--at and --cas need --unit")
    result = _assess(park, rules, seed, threads, delayed=delayed, quiet=as_json)
    more: dict[str, Any] = {}
    with progress_bar(as_json) as progress:
        if project is not None and unit is None:
            result = _with_project(result, project, rules, progress)
        found = safety_capacity(result, rules=rules, progress=progress)
        if unit is not None:
            more = _more(found.base, unit, at, cas, project, rules, progress)
    documents = {name: each.to_dict() for name, each in more.items()}
    if output is not None:
        found.save(output, **documents)
        capacity_figures.save(found, output, lang)
    if as_json:
        _print_json({**found.to_dict(), **documents})
        return
    capacity_tables.show(found, lang)
    for name, each in more.items():
        (capacity_tables.show_units if name == "reference_units" else capacity_tables.show_inventory)(each, lang)
    if output is not None:
        capacity_tables.show_saved(output, lang)


def _with_project(result: Any, project: Path, rules: str | None, progress: Any) -> Any:
    """Assessment of the park with the project in it."""
    from parkrisk.risk.whatif import whatif
    from parkrisk.scenarios import change, read_project

    park = change(result.park, add=read_project(project))
    return whatif(result, park, rules=rules, progress=progress).after


def _more(
    base: Any,
    unit: str,
    at: tuple[float, float] | None,
    cas: str | None,
    project: Path | None,
    rules: str | None,
    progress: Any,
) -> dict[str, Any]:
    """How many more of the unit fit; with a substance, how many tonnes of it."""
    from parkrisk.risk.capacity.adding import reference_units
    from parkrisk.risk.capacity.inventory import largest_inventory
    from parkrisk.scenarios import read_project

    source = None if project is None else read_project(project)
    if cas is None:
        found = reference_units(base, unit, at, source=source, rules=rules, progress=progress)
        return {"reference_units": found}
    tonnes = largest_inventory(base, unit, at, cas=cas, source=source, rules=rules, progress=progress)
    return {"largest_inventory": tonnes}
