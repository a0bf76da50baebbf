"""What ``parkrisk grade`` prints."""

from typing import Any

import pandas as pd
from rich.panel import Panel
from rich.text import Text

from parkrisk.api.printed.terminal import OUT, Columns, _grade_text, listed, pick, show_notice
from parkrisk.risk.grading.enterprise_list import enterprise_list
from parkrisk.risk.result import park_summary

_ASPECTS: Columns = {
    "aspect": ("方面", "aspect", ""),
    "score_low": ("得分下限", "score, low", ".1f"),
    "score_high": ("得分上限", "score, high", ".1f"),
    "max_score": ("满分", "of", ".0f"),
    "open": ("未定项", "open", "d"),
}
_TRIGGERS: Columns = {
    "letter": ("等级", "letter", ""),
    "title": ("直接判定情形", "direct trigger", ""),
    "status": ("状态", "state", ""),
    "reason": ("说明", "reason", ""),
}
_TRIGGER_STATES = {"holds": ("成立", "holds"), "ruled_out": ("已排除", "ruled out"), "open": ("未定", "open")}
_ENTERPRISES: Columns = {
    "enterprise_id": ("编号", "id", ""),
    "name": ("企业", "enterprise", ""),
    "colour": ("颜色", "colour", ""),
    "score_low": ("得分下限", "score, low", ".1f"),
    "score_high": ("得分上限", "score, high", ".1f"),
    "level": ("重大危险源等级", "major hazard level", ""),
    "missing_count": ("未答项", "open", "d"),
}
_ITEMS: Columns = {
    "item": ("项", "item", ""),
    "title": ("内容", "title", ""),
    "low": ("下限", "low", ".1f"),
    "high": ("上限", "high", ".1f"),
    "hand_in": ("需提交", "to hand in", ""),
}


def show(result: Any, lang: str) -> None:
    """Print letter, aspects, direct triggers, what would settle the letter, and the colours of the enterprises."""
    summary, grade = park_summary(result.park), result.grade
    show_notice(summary, lang)
    OUT.print(Panel(_grade_text(grade, lang), title=Text(f"{summary['name']}  {summary['date']}"), expand=False))
    for reason in grade.reasons_zh if lang == "zh" else grade.reasons_en:
        OUT.print(f"· {reason}", style="yellow" if grade.unverified else "")
    if len(grade.items):
        aspects = grade.aspects.assign(aspect=grade.aspects[f"aspect_{lang}"])
        OUT.print(listed(pick(lang, "六个方面的得分", "score by aspect"), aspects, _ASPECTS, lang))
        triggers = grade.triggers.assign(title=grade.triggers[f"title_{lang}"], reason=grade.triggers[f"reason_{lang}"])
        triggers["status"] = [pick(lang, *_TRIGGER_STATES[state]) for state in triggers["status"]]
        OUT.print(listed(pick(lang, "直接判定", "direct triggers"), triggers, _TRIGGERS, lang))
    _show_ways(grade, lang)
    _show_enterprises(result, lang)


def _show_ways(grade: Any, lang: str) -> None:
    """The shortest list of items that would settle each letter that is still possible."""
    if grade.settled:
        OUT.print(pick(lang, "等级已确定，未答项不再影响", "the letter is settled: no open item can change it"))
        return
    if not grade.settled_by:
        return
    OUT.print(pick(lang, "最少补齐哪些项即可确定等级：", "fewest items that would settle the letter:"), style="bold")
    for way in grade.settled_by:
        mark = "→" if way is grade.shortest else " "
        OUT.print(f"{mark} {len(way.items)}  {way.sentence(lang)}")
    rows = [
        {
            "item": item.id,
            "title": item.title_zh if lang == "zh" else item.title_en,
            "low": float(item.low),
            "high": float(item.high),
            "hand_in": ", ".join(item.hand_in),
        }
        for item in dict.fromkeys(item for way in grade.settled_by for item in way.items)
    ]
    OUT.print(listed(pick(lang, "涉及的未定项", "the open items in them"), pd.DataFrame(rows), _ITEMS, lang))


def _show_enterprises(result: Any, lang: str) -> None:
    table = result.enterprises.table
    names = {each.letter: pick(lang, each.name_zh, each.name_en) for each in enterprise_list().colours}
    shown = table.assign(
        colour=[
            _between(names.get(worst, "–"), names.get(best, "–"))
            for worst, best in zip(table["colour_worst"], table["colour_best"], strict=True)
        ],
        level=[
            _between("–" if pd.isna(worst) else str(worst), "–" if pd.isna(best) else str(best))
            for worst, best in zip(table["level_worst"], table["level_best"], strict=True)
        ],
    )
    OUT.print(listed(pick(lang, "企业四色分级", "colours of enterprises"), shown, _ENTERPRISES, lang))
    form = enterprise_list()
    OUT.print(pick(lang, form.notice_zh, form.notice_en), style="yellow")


def _between(worst: str, best: str) -> str:
    return worst if worst == best else f"{worst} … {best}"
