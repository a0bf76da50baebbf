"""What the workbook says of a column: unit, range, default and source, in both languages."""

from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import shown
from parkrisk.scenarios.reading.cells import range_words

__all__ = ["default_words", "example_words", "explained", "label", "limits_words", "unit_of"]


def label(column: schema.Column, lang: str) -> str:
    """Label of a column, with its unit in 〔〕 where it has one."""
    name = column.label_zh if lang == "zh" else column.label_en
    return f"{name}〔{column.unit}〕" if column.unit not in ("", "1") else name


def _term(term: str, table: schema.Table, column: schema.Column, lang: str) -> str:
    if term.startswith("=park."):
        named = schema.table("park").columns[term.removeprefix("=park.")]
        return f"园区的“{named.label_zh}”" if lang == "zh" else f"the park's {named.label_en}"
    if term.startswith("="):
        named = table.columns[term.removeprefix("=")]
        return f"同“{named.label_zh}”" if lang == "zh" else f"as {named.label_en}"
    if column.type == "choice":
        (chosen,) = (each for each in schema.choices(column.choices) if each.value == term)
        return chosen.label_zh if lang == "zh" else chosen.label_en
    return term


def default_words(table: schema.Table, column: schema.Column, lang: str) -> str:
    """What an empty cell of the column means; "" if it stays empty."""
    terms = [_term(term, table, column, lang) for term in column.default.split("|")] if column.default else []
    return ("，否则" if lang == "zh" else ", else ").join(terms)


def _lines(table: schema.Table, column: schema.Column, lang: str) -> list[str]:
    zh = lang == "zh"
    filled = default_words(table, column, lang)
    if column.required:
        lines = ["必填" if zh else "required"]
    elif filled:
        lines = [f"选填；留空则取：{filled}" if zh else f"optional; if empty: {filled}"]
    else:
        lines = ["选填；可留空" if zh else "optional; may stay empty"]
    if column.unit not in ("", "1"):
        lines.append(f"单位：{column.unit}" if zh else f"unit: {column.unit}")
    if column.minimum is not None or column.maximum is not None:
        words = range_words(column, column.minimum, column.maximum)
        lines.append(f"取值：{words['range_zh']}" if zh else f"range: {words['range_en']}")
    if column.type == "integer":
        lines.append("整数" if zh else "a whole number")
    if column.type in ("date", "time"):
        form = "2026-05-01" if column.type == "date" else "2026-05-01T08:30"
        lines.append(f"写作 {form}" if zh else f"written as {form}")
    if column.references:
        target, name = column.references.split(".")
        found = schema.table(target)
        named = found.columns[name]
        lines.append(
            f"应为“{found.label_zh}”表中的{named.label_zh}"
            if zh
            else f"a {named.label_en} of the table {found.label_en}"
        )
    return lines


def explained(table: schema.Table, column: schema.Column, lang: str) -> str:
    """Comment of a column: how to fill it, in the language asked for first, then what it is and where that is from."""
    first, second = ("zh", "en") if lang == "zh" else ("en", "zh")
    names = {"zh": column.label_zh, "en": column.label_en}
    parts = [f"{names[first]}  {names[second]}  ({column.name})", *_lines(table, column, first), ""]
    parts += [*_lines(table, column, second), "", column.description]
    if column.source:
        parts.append(f"来源 source: {column.source}")
    return "\n".join(parts)


def limits_words(column: schema.Column) -> str:
    """What a refused number should have been, in both languages."""
    words = range_words(column, column.minimum, column.maximum)
    return f"{column.label_zh}：应{words['range_zh']}\n{column.label_en}: {words['range_en']}"[:255]


def unit_of(column: schema.Column) -> str:
    """Unit as a reader of the sheet expects it; a fraction has none."""
    return "" if column.unit == "1" else column.unit


def example_words(table: schema.Table, column: schema.Column, value: str, lang: str) -> str:
    """Value of an example as the sheet offers it: choices by their label."""
    return _term(value, table, column, lang) if value and column.type == "choice" else shown(value)
