"""``parkrisk convert``: between folder, workbook and GeoPackage. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from parkrisk.api.cli import AsJson, Lang, app


@app.command("convert")
def convert_command(
    source: Annotated[Path, typer.Argument(help="Folder, .xlsx or .gpkg to read. 要读的文件夹或文件", metavar="IN")],
    target: Annotated[Path, typer.Argument(help="Folder, .xlsx or .gpkg to write. 要写的文件夹或文件", metavar="OUT")],
    lang: Lang,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there. 覆盖已有内容")] = False,
    as_json: AsJson = False,
) -> None:
    """Carry a park or a project over into another form, and prove that nothing was lost. 在三种数据形式间转换."""
    from parkrisk.api.cli import _print_json
    from parkrisk.scenarios.writing.convert import convert

    done = convert(source, target, lang=lang, force=force)
    if as_json:
        tables = [{"table": name, "rows": done.rows[name], "place": place} for name, place in done.places.items()]
        problems = [problem.__dict__ for problem in done.warnings]
        content = {"kind": done.kind, "written": str(target), "digest": done.digest, "tables": tables}
        _print_json({**content, "problems": problems, "left": list(done.left)})
        return
    _show(done, target, lang)


def _show(done: Any, target: Path, lang: str) -> None:
    import pandas as pd

    from parkrisk.api.printed.terminal import OUT, listed, pick, show_problems
    from parkrisk.scenarios.schema import tables

    if done.warnings:
        show_problems(done.warnings, lang)
    labels = {name: pick(lang, table.label_zh, table.label_en) for name, table in tables().items()}
    labels["boundary"] = pick(lang, "四至", "Boundary")
    rows = pd.DataFrame(
        [(labels[name], done.rows[name], place) for name, place in done.places.items()],
        columns=["table", "rows", "place"],
    )
    columns = {
        "table": ("表", "table", ""),
        "rows": ("行数", "rows", "d"),
        "place": ("写在", "written as", ""),
    }
    OUT.print(listed(pick(lang, f"已写出 {target}", f"written: {target}"), rows, columns, lang))
    OUT.print(
        pick(
            lang,
            "已读回核对，内容与原来相同（无损）",
            "read back and compared: the same content, nothing was lost",
        ),
        style="green",
    )
    OUT.print(f"input_digest {done.digest}", style="dim")
    if done.left:
        names = "、".join(done.left) if lang == "zh" else ", ".join(done.left)
        OUT.print(pick(lang, f"不属于园区数据，未转换：{names}", f"no part of the input, not carried over: {names}"))
