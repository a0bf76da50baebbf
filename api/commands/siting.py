"""``parkrisk siting``: where in a park a project fits. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Lang, Output, ParkPath, ProjectPath, Rules, Seed, Threads, app

Cells = Annotated[
    int, typer.Option("--cells", min=1, max=2000, help="Cells along the longer side. 长边单元数", metavar="N")
]
Box = Annotated[
    tuple[float, float, float, float] | None,
    typer.Option("--area", help="Left, bottom, right, top in the park's CRS, m. 范围", metavar="X0 Y0 X1 Y1"),
]
Proof = Annotated[
    tuple[float, float] | None,
    typer.Option("--prove", help="Run the gate with the project's middle there. 在该位置做准入判定", metavar="X Y"),
]
ProveBest = Annotated[
    int,
    typer.Option("--prove-best", min=0, max=10, help="Run the gate at so many best places. 证明最佳位置", metavar="N"),
]


@app.command("siting")
def siting_command(
    park: ParkPath,
    project: ProjectPath,
    lang: Lang,
    cells: Cells = 200,
    area: Box = None,
    prove: Proof = None,
    prove_best: ProveBest = 1,
    output: Output = None,
    rules: Rules = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Map of where in the park the project would pass, by how much, and what binds. 项目选址图."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.progress import progress_bar
    from parkrisk.risk.settings import Settings
    from parkrisk.risk.siting.siting import siting
    from parkrisk.scenarios import read, read_project

    with progress_bar(as_json) as progress:
        found = siting(
            read(park),
            read_project(project),
            cells=cells,
            area=area,
            settings=Settings(threads=threads),
            rules=rules,
            seed=seed,
            progress=progress,
        )
    best = found.best(prove_best)
    places = [(float(x), float(y)) for x, y in best.loc[best["verdict"] == "pass", ["x", "y"]].to_numpy()]
    proofs = [found.prove(*place) for place in places]
    if output is not None:
        _save(found, output, lang, proofs)
    proof = None if prove is None else found.prove(*prove)
    if as_json:
        extra: dict[str, Any] = {} if proof is None else {"proof": proof.to_dict()}
        extra["proven"] = [
            {"x": x, "y": y, "verdict": each.verdict, "digest": each.provenance["result_digest"]}
            for (x, y), each in zip(places, proofs, strict=True)
        ]
        _print_json({**found.to_dict(), **extra})
    else:
        from parkrisk.api.printed import siting as siting_tables
        from parkrisk.api.printed import terminal

        siting_tables.show(found, lang)
        siting_tables.show_proven(places, proofs, lang)
        if prove is not None and proof is not None:
            siting_tables.show_proof(prove, proof, lang)
        if output is not None:
            terminal.show_saved(output, lang)


def _save(found: Any, folder: Path, lang: str, proofs: list[Any]) -> None:
    from parkrisk.api.drawn import siting as siting_figures
    from parkrisk.risk.siting import files

    siting_figures.save(found, folder, lang, proofs)
    files.save(found, folder, proofs)
