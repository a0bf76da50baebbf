"""What a run assumes, short: what the input declares as assumed is told once for each of its tables."""

import re

import pandas as pd

from parkrisk.api.report.wording import Speaker, sourced
from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.defaults import DECLARED

__all__ = ["assumed", "gathered"]


def assumed(table: pd.DataFrame, speaker: Speaker) -> pd.DataFrame:
    """Assumptions of a run with their ``text`` in the language of the report."""
    return table.assign(text=[sourced(speaker, str(each)) for each in table[f"text_{speaker.lang}"]])


def gathered(table: pd.DataFrame, speaker: Speaker) -> pd.DataFrame:
    """Assumptions of a run: text, count, mark; columns declared as assumed stand in one row for each table."""
    rows = assumed(table, speaker)
    declared = rows["text_en"].str.endswith(DECLARED)
    told: dict[str, list[str]] = {}
    most: dict[str, int] = {}
    for code, text, count in rows.loc[declared, ["code", "text", "count"]].itertuples(index=False):
        name = str(code).removeprefix("input:").split(".")[0]
        told.setdefault(name, []).append(re.split("：|: ", str(text))[0])
        most[name] = max(most.get(name, 0), int(count))
    found = [
        {"text": _declared(speaker, name, columns), "count": most[name], "mark": ""} for name, columns in told.items()
    ]
    return pd.concat([rows[~declared], pd.DataFrame(found, columns=["text", "count", "mark"])], ignore_index=True)


def _declared(speaker: Speaker, name: str, columns: list[str]) -> str:
    table = schema.tables().get(name)
    label = name if table is None else speaker.say(table.label_zh, table.label_en)
    return speaker.say(
        f"输入声明为假定——{label}：{'、'.join(columns)}",
        f"Declared as assumed in the input: {label}: {', '.join(columns)}",
    )
