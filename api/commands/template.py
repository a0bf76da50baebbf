"""``parkrisk template``: an empty workbook to fill in. The engine is imported inside the command."""

from pathlib import Path
from typing import Annotated

import typer

from parkrisk.api.cli import Lang, app


@app.command("template")
def template_command(
    file: Annotated[Path, typer.Argument(help="Workbook to write. 要写的工作簿", metavar="FILE.xlsx", dir_okay=False)],
    lang: Lang,
    project: Annotated[bool, typer.Option("--project", help="For a project, not a park. 项目工作簿")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file of that name. 覆盖已有文件")] = False,
) -> None:
    """Write an empty workbook with labels, units, lists, limits and an example. 写出空白数据工作簿."""
    from parkrisk.api.printed.terminal import OUT, pick
    from parkrisk.models.errors import OutOfRange
    from parkrisk.scenarios.writing.template import write_template

    if file.suffix.casefold() != ".xlsx":
        raise OutOfRange(f"文件名应以 .xlsx 结尾：{file}", f"the name should end in .xlsx: {file}")
    if file.exists() and not force:
        raise OutOfRange(f"文件已存在（--force 覆盖）：{file}", f"is there already; --force writes over it: {file}")
    write_template(file, "project" if project else "park", lang)
    OUT.print(
        pick(
            lang,
            f"已写出 {file}；填好后用 parkrisk check {file} 检查",
            f"written: {file}; once filled, parkrisk check {file} looks it over",
        )
    )
