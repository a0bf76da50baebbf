"""What the command prints of a change: figures, targets, F-N curve, units; many changes as one table."""

from typing import Any

import pandas as pd
from rich.table import Table
from rich.text import Text

from parkrisk.api.printed import terminal
from parkrisk.api.printed.terminal import STATUS_NAMES, Columns, listed, pick, show_notice, show_saved
from parkrisk.risk.result import park_summary
from parkrisk.risk.whatif import FIGURES

__all__ = ["show", "show_notes", "show_overview", "show_saved"]

_ZONES = {
    "acceptable": ("可接受", "acceptable"),
    "alarp": ("尽可能降低", "ALARP"),
    "unacceptable": ("不可接受", "unacceptable"),
}
_CHANGES = {
    "added": ("新增", "added"),
    "removed": ("拆除", "removed"),
    "altered": ("改变", "altered"),
    "": ("受影响", "affected"),
}
_TARGETS: Columns = {
    "target_id": ("编号", "id", ""),
    "name": ("名称", "name", ""),
    "before": ("改变前 /年", "before /yr", ".2e"),
    "after": ("改变后 /年", "after /yr", ".2e"),
    "difference": ("差值 /年", "difference /yr", "+.2e"),
    "status_before": ("改变前结论", "status before", ""),
    "status_after": ("改变后结论", "status after", ""),
}
_FN: Columns = {
    "N": ("死亡人数 N", "N", ".0f"),
    "before": ("改变前 F /年", "F before /yr", ".2e"),
    "after": ("改变后 F /年", "F after /yr", ".2e"),
    "difference": ("差值 /年", "difference /yr", "+.2e"),
}
_UNITS: Columns = {
    "unit_id": ("设备", "unit", ""),
    "name": ("名称", "name", ""),
    "change": ("改变", "change", ""),
    "before": ("改变前 PLL", "PLL before", ".2e"),
    "after": ("改变后 PLL", "PLL after", ".2e"),
    "difference": ("差值", "difference", "+.2e"),
}
_SHOWN = 10
#: Figures of each scenario that fit on a screen, and how wide they are; files and JSON have all of them.
_AT_A_GLANCE = {"grade": 5, "pll": 7, "largest_risk": 8, "targets_over_limit": 7, "f_10": 8, "fn_zone": 12}


def _shown(value: Any, lang: str, sign: str = "") -> str:
    """A figure: words in the language, counts whole, all else to three digits."""
    if isinstance(value, str):
        return " / ".join(pick(lang, *_ZONES.get(word, (word, word))) for word in value.split(" / "))
    if value is None:
        return ""
    return format(value, f"{sign}d" if isinstance(value, int) else f"{sign}.3g")


def show(found: Any, lang: str) -> None:
    """Print one change."""
    show_notice(park_summary(found.after.park), lang)
    show_notes(found.notes, lang)
    table = Table(title=f"{pick(lang, '情景', 'scenario')} {found.name}", title_justify="left", header_style="bold")
    table.add_column(pick(lang, "指标", "figure"))
    for heading in (("改变前", "before"), ("改变后", "after"), ("差值", "difference")):
        table.add_column(pick(lang, *heading), justify="right")
    for row in found.figures.to_dict("records"):
        values = [_shown(row[name], lang, sign) for name, sign in (("before", ""), ("after", ""), ("difference", "+"))]
        table.add_row(row[f"label_{lang}"], *values)
    terminal.OUT.print(table)
    targets = found.targets[found.targets["difference"] != 0.0].copy()
    for name in ("status_before", "status_after"):
        targets[name] = [pick(lang, *STATUS_NAMES[status][:2]) if status else "" for status in targets[name]]
    title = pick(lang, "个人风险有变化的防护目标", "targets whose individual risk changes")
    terminal.OUT.print(listed(title, targets, _TARGETS, lang, _SHOWN))
    terminal.OUT.print(listed(pick(lang, "F-N 曲线", "F-N curve"), found.fn, _FN, lang))
    units = found.units.assign(change=[pick(lang, *_CHANGES[change]) for change in found.units["change"]])
    terminal.OUT.print(listed(pick(lang, "有变化的设备", "units that change"), units, _UNITS, lang, _SHOWN))


def show_notes(notes: pd.DataFrame, lang: str, scenario: str = "") -> None:
    """Print what is doubtful about a changed park."""
    for message in notes[f"message_{lang}"]:
        terminal.OUT.print(Text(f"{scenario}: {message}" if scenario else message, style="yellow"))


def show_overview(table: pd.DataFrame, lang: str) -> None:
    """Print what matters most of many changes, one row each, the park as it is first."""
    shown = Table(title=pick(lang, "情景对比", "scenarios"), title_justify="left", header_style="bold")
    shown.add_column(pick(lang, "情景", "scenario"), overflow="fold")
    labels = {figure: (chinese, english) for figure, chinese, english in FIGURES}
    for figure, width in _AT_A_GLANCE.items():
        shown.add_column(pick(lang, *labels[figure]), justify="right", width=width)
    for row in table.to_dict("records"):
        name = row["scenario"] or pick(lang, "（现状）", "(as it is)")
        shown.add_row(str(name), *(_shown(row[figure], lang) for figure in _AT_A_GLANCE))
    terminal.OUT.print(shown)
