"""``parkrisk synthesize``: an invented park that looks like a real one. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated

import typer

from parkrisk.api.cli import AsJson, Lang, app

Units = Annotated[int, typer.Argument(help="Pieces of equipment, 10 to 10000. 设备数", metavar="UNITS")]
Folder = Annotated[Path, typer.Argument(help="Folder to write. 输出文件夹", metavar="OUT", file_okay=False)]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the park. 随机种子")]
Dirt = Annotated[bool, typer.Option("--dirt", help="Plant mistakes as in real input. 植入真实数据常见的错误")]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there. 覆盖已有内容")]


@app.command("synthesize")
def synthesize_command(
    units: Units,
    out: Folder,
    lang: Lang,
    seed: Seed = 0,
    dirt: Dirt = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Invent a park of so many units from a seed, with what-ifs and what to expect of them. 生成虚构园区."""
    from parkrisk.api.cli import _print_json
    from parkrisk.api.printed.terminal import OUT, pick
    from parkrisk.scenarios.synthetic import synthetic_park

    park = synthetic_park(units, seed, dirt=dirt)
    park.write(out, force=force)
    counts = {name: len(rows) for name, rows in park.document.items() if isinstance(rows, list)}
    if as_json:
        _print_json({"written": str(out), "seed": seed, "tables": counts, "planted": len(park.planted)})
        return
    OUT.print(
        pick(
            lang,
            f"已写出虚构园区 {out}：设备 {units} 台，企业 {counts['enterprises']} 家，情景 {len(park.what_ifs)} 个",
            f"invented park written to {out}: {units} units, {counts['enterprises']} enterprises, "
            f"{len(park.what_ifs)} what-ifs",
        )
    )
    if park.planted:
        OUT.print(
            pick(
                lang,
                f"植入错误 {len(park.planted)} 处，列于 planted.json",
                f"{len(park.planted)} mistakes planted, listed in planted.json",
            )
        )
