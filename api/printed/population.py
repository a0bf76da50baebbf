"""What ``parkrisk population`` prints."""

import pandas as pd

from parkrisk.api.printed.terminal import OUT, listed, pick
from parkrisk.api.printed.weather import show_written
from parkrisk.scenarios.reading.people.people import People

__all__ = ["show", "show_written"]

_NAMES = {"persons": ("人数", "persons"), "day": ("白天", "day"), "night": ("夜间", "night")}
_COLUMNS = {
    "what": ("", "", ""),
    "found": ("文件（范围内）", "in the file, within", ",.3f"),
    "placed": ("人口表", "in the table", ",.3f"),
}


def show(found: People, lang: str) -> None:
    """Print the totals before and after, and how many rows there are."""
    rows = pd.DataFrame(
        [
            {"what": pick(lang, *_NAMES[name]), "found": total, "placed": found.placed[name]}
            for name, total in found.found.items()
        ]
    )
    OUT.print(listed(pick(lang, "人数核对", "people before and after"), rows, _COLUMNS, lang))
    if found.covered < 1.0:
        OUT.print(
            pick(
                lang,
                f"栅格只覆盖范围的 {found.covered:.0%}，其余部分的人口未知，按无人计；请换更大的栅格或缩小 --within",
                f"the raster covers {found.covered:.0%} of the surroundings; who lives in the rest is not known and"
                " counts as nobody: take a larger raster or a smaller --within",
            ),
            style="yellow",
        )
    day, night = (float(found.table[name].sum()) for name in ("day", "night"))
    zh = f"{len(found.table)} 行；白天 {day:,.0f} 人，夜间 {night:,.0f} 人"
    OUT.print(pick(lang, zh, f"{len(found.table)} rows; {day:,.0f} people by day, {night:,.0f} by night"))
    if (found.table["assumed"] != "").any():
        OUT.print(
            pick(
                lang,
                "昼夜人数按给定份额折算，已列为假定",
                "day and night follow the shares given and are listed as assumed",
            )
        )
