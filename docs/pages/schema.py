"""Schema reference: every input table and column with unit, range, default and labels."""

from pages.marked import code, page, plain, table, toctree
from parkrisk.scenarios.schema import Column, Table, choices, rows_of, tables


def _allowed(column: Column) -> str:
    if column.choices:
        return f"[{plain(column.choices)}](choices.md#{column.choices.replace('_', '-')})"
    if column.references:
        return "→ " + code(column.references)
    low, high = column.minimum, column.maximum
    if low is None and high is None:
        return ""
    return f"{'…' if low is None else f'{low:g}'} to {'…' if high is None else f'{high:g}'}"


def _column(column: Column) -> tuple[str, ...]:
    source = f" *{plain(column.source)}*" if column.source else ""
    return (
        code(column.name),
        f"{plain(column.label_zh)}<br>{plain(column.label_en)}",
        plain(column.type) + (", **required**" if column.required else ""),
        plain(column.unit),
        _allowed(column),
        code(column.default),
        plain(column.description) + source,
    )


def _table(declared: Table) -> str:
    head = ("column", "label", "type", "unit", "allowed", "default", "meaning")
    given = [
        f"park: {declared.park}" if declared.park else "",
        f"project: {declared.project}" if declared.project else "",
    ]
    about = f"{plain(declared.description)}. Given by {'; '.join(filter(None, given)) or 'nobody'}."
    key = f" Key: {', '.join(map(code, declared.key))}." if declared.key else ""
    return page(
        f"{declared.name}: {plain(declared.label_zh)} {plain(declared.label_en)}",
        about + key,
        table(head, map(_column, declared.columns.values())),
    )


def pages() -> dict[str, str]:
    """One page for each table, one of choices."""
    made = {f"schema/{name}": _table(declared) for name, declared in tables().items()}
    names = dict.fromkeys(row["choices"] for row in rows_of("choices"))
    lists = []
    for name in names:
        rows = [
            (code(each.value), plain(each.label_zh), plain(each.label_en), plain("; ".join(each.aliases)))
            for each in choices(name)
        ]
        lists.append(f"## {plain(name)}\n\n{table(('value', '中文', 'English', 'also understood'), rows)}")
    made["schema/choices"] = page("Choices 选项", *lists)
    listed = table(
        ("table", "label", "park", "project", "columns", "one row is"),
        [
            (
                f"[{each.name}]({each.name}.md)",
                f"{plain(each.label_zh)}<br>{plain(each.label_en)}",
                each.park,
                each.project,
                str(len(each.columns)),
                plain(each.description),
            )
            for each in tables().values()
        ],
    )
    made["schema/index"] = page(
        "Input tables 输入数据表",
        "Column names are the same in CSV folders, workbooks, GeoPackages and JSON; see [forms of a park](../../forms.md). "
        "An empty default of the form `=other` takes another column; what a default is used for stands in the assumptions of the result.",
        listed,
        toctree([*tables(), "choices"]),
    )
    return made
