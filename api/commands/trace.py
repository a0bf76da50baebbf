"""``parkrisk trace``: where a number of a result comes from. The engine is imported inside the command."""

from typing import Annotated, Any

import typer
from rich.text import Text
from rich.tree import Tree

from parkrisk.api.cli import AsJson, Lang, Language, ParkPath, Rules, Seed, Threads, app

TableName = Annotated[
    str | None,
    typer.Argument(help="Table of the result, such as targets; left out: lists them. 结果表", metavar="[TABLE]"),
]
Key = Annotated[
    str | None, typer.Argument(help="What names the row; parts joined by /. 行的编号，多个以 / 连接", metavar="[KEY]")
]
Column = Annotated[str | None, typer.Argument(help="Column of the table. 列", metavar="[COLUMN]")]
Depth = Annotated[int, typer.Option("--depth", min=0, help="Steps followed at most. 最多追溯层数")]
Most = Annotated[int, typer.Option("--most", min=1, help="Parts of a sum shown, largest first. 每层显示的最大项数")]


@app.command("trace")
def trace_command(
    park: ParkPath,
    lang: Lang,
    table: TableName = None,
    key: Key = None,
    column: Column = None,
    depth: Depth = 6,
    most: Most = 3,
    rules: Rules = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Walk from any number of a result to its inputs, models, data rows and clauses. 数值追溯."""
    from parkrisk.api.cli import _assess, _print_json
    from parkrisk.risk.trace.lineage import KEYS, lineage

    if table is None or column is None:
        columns = {
            name: {"key": list(KEYS[name]), "columns": [each for of, each in lineage() if of == name]} for name in KEYS
        }
        if as_json:
            _print_json({"tables": columns})
        else:
            _list(columns, lang)
        return
    result = _assess(park, rules, seed, threads, quiet=as_json)
    found = result.trace(table, key or (), column, depth=depth, most=most)
    if as_json:
        _print_json(found.to_dict())
    else:
        from parkrisk.api.printed.terminal import OUT

        OUT.print(tree(found, lang))


def tree(step: Any, lang: Language) -> Tree:
    """Draw a step and all below it."""
    root = Tree(_line(step, lang))
    _grow(root, step, lang)
    return root


def _grow(branch: Tree, step: Any, lang: Language) -> None:
    for each in step.inputs:
        _grow(branch.add(_line(each, lang)), each, lang)
    if step.others:
        total = "" if not step.others_sum else f"，合计 {step.others_sum:.3g}" if lang == "zh" else ""
        if lang == "en" and step.others_sum:
            total = f", {step.others_sum:.3g} together"
        branch.add(Text(f"… 另有 {step.others} 项{total}" if lang == "zh" else f"… {step.others} more{total}", "dim"))


def _line(step: Any, lang: Language) -> Text:
    chinese = lang == "zh"
    value = step.value
    shown = "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
    unit = "" if step.unit in ("", "1", "-") else f" {step.unit}"
    line = Text.assemble((step.label_zh if chinese else step.label_en, "bold"))
    if shown:
        line.append(f" = {shown}{unit}")
    line.append(f"  {step.place}", "cyan")
    how = step.how_zh if chinese else step.how_en
    if how:
        line.append(f"  {how}")
    if step.source:
        line.append(f"  [{step.source}]", "dim")
    if step.mark == "M":
        line.append("  未经核实" if chinese else "  unverified", "yellow")
    return line


def _list(tables: dict[str, dict[str, list[str]]], lang: Language) -> None:
    from parkrisk.api.printed.terminal import OUT

    for name, about in tables.items():
        line = Text.assemble((name, "bold"), f"  {'行' if lang == 'zh' else 'key'}: ", ("/".join(about["key"]), "cyan"))
        line.append("  " + ", ".join(about["columns"]))
        OUT.print(line)
