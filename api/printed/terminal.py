"""What the command prints: tables and a summary, in Chinese or English."""

import contextlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from parkrisk.models.errors import Problem
from parkrisk.scenarios.schema import choices

#: Column → (Chinese label, English label, format).
Columns = Mapping[str, tuple[str, str, str]]

GRADE_NAMES = {
    "A": ("高安全风险", "high"),
    "B": ("较高安全风险", "higher"),
    "C": ("一般安全风险", "general"),
    "D": ("较低安全风险", "lower"),
}
GRADE_STYLES = {"A": "bold red", "B": "bold dark_orange", "C": "bold yellow", "D": "bold blue"}
VERDICT_NAMES = {
    "admit": ("准予入园", "admit", "bold green"),
    "admit_with_conditions": ("有条件入园", "admit with conditions", "bold yellow"),
    "refuse": ("不予入园", "refuse", "bold red"),
    "undecided": ("无法判定（证据不足）", "undecided (evidence is missing)", "bold magenta"),
}
STATUS_NAMES = {
    "pass": ("符合", "pass", "green"),
    "fail": ("不符合", "fail", "red"),
    "unknown": ("未知", "unknown", "magenta"),
    "not_applicable": ("不适用", "not applicable", "dim"),
}

#: Names and values of the input are printed as they stand, whatever brackets they hold.
OUT = Console(markup=False)
_err = Console(stderr=True, markup=False)
_STYLES = {"error": "red", "warning": "yellow", "note": ""}


def pick(lang: str, chinese: str, english: str) -> str:
    """One of two texts."""
    return chinese if lang == "zh" else english


def cell_text(value: Any, form: str) -> str:
    """Text of a cell; a dash where nothing is known."""
    if pd.isna(value):
        return "–"
    return format(value, form) if form else str(value)


def listed(title: str, rows: pd.DataFrame, columns: Columns, lang: str, limit: int | None = None) -> Table:
    """Table of rows with these columns, at most so many."""
    shown = rows if limit is None else rows.head(limit)
    table = Table(title=title, title_justify="left", header_style="bold")
    for chinese, english, form in columns.values():
        table.add_column(pick(lang, chinese, english), justify="right" if form else "left", overflow="fold")
    for row in shown[list(columns)].itertuples(index=False):
        forms = (form for _, _, form in columns.values())
        table.add_row(*(cell_text(value, form) for value, form in zip(row, forms, strict=True)))
    if len(shown) < len(rows):
        more = len(rows) - len(shown)
        table.caption = pick(lang, f"另有 {more} 行，见输出表格", f"{more} more rows in the output tables")
    return table


def labelled(frame: pd.DataFrame, columns: Mapping[str, str], lang: str) -> pd.DataFrame:
    """Values of choice columns by their labels in the schema."""
    shown = frame.copy()
    for column, name in columns.items():
        labels = {each.value: pick(lang, each.label_zh, each.label_en) for each in choices(name)}
        shown[column] = shown[column].map(labels).fillna(shown[column])
    return shown


def show_problems(problems: Sequence[Problem], lang: str) -> None:
    """List the problems of an input on standard error."""
    if not problems:
        _err.print(pick(lang, "未发现问题", "no problems found"), style="green")
        return
    table = Table(header_style="bold", show_lines=False)
    for chinese, english in (("级别", "severity"), ("表", "table"), ("行", "row"), ("列", "column"), ("值", "found")):
        table.add_column(pick(lang, chinese, english), overflow="fold")
    table.add_column("问题 / problem", overflow="fold", ratio=1)
    for problem in problems:
        table.add_row(
            problem.severity,
            problem.place or problem.table,
            "" if problem.row is None or problem.place else str(problem.row),
            problem.column,
            problem.found,
            f"{problem.message_zh}\n{problem.message_en}",
            style=_STYLES[problem.severity],
        )
    _err.print(table)
    errors, warnings = (sum(problem.severity == each for problem in problems) for each in ("error", "warning"))
    _err.print(
        pick(
            lang,
            f"{errors} 个错误，{warnings} 个警告",
            f"{errors} errors, {warnings} warnings",
        )
    )


def show_notice(summary: Mapping[str, Any], lang: str) -> None:
    """Print the notice of a demonstration park."""
    notice = summary[f"notice_{lang}"]
    if notice:
        OUT.print(Panel(notice, title=pick(lang, "说明", "notice"), style="yellow"))


def show_assessment(result: Any, lang: str) -> None:
    """Print grade, worst targets, main sources, F-N state and what was assumed."""
    from parkrisk.risk.result import park_summary

    summary = park_summary(result.park)
    show_notice(summary, lang)
    title = Text(f"{summary['name']}  {summary['date']}")
    OUT.print(Panel(_grade_text(result.grade, lang), title=title, expand=False))
    if result.grade.shortest is not None:
        fewest = pick(lang, "最少补齐即可定级 ", "fewest items that would settle it: ")
        OUT.print(fewest + result.grade.shortest.sentence(lang))
    if result.grade.unverified:
        warning = "等级依据的分值或基准未经核实（unverified），见 assumptions 表"
        english = "the grade rests on scores or criteria that are unverified; see the assumptions"
        OUT.print(pick(lang, warning, english), style="yellow")
    targets = result.targets.assign(share=result.targets["individual_risk"] / result.targets["limit"])
    targets = labelled(targets.sort_values("share", ascending=False), {"class": "target_class"}, lang)
    targets["status"] = [pick(lang, *STATUS_NAMES[status][:2]) for status in targets["status"]]
    OUT.print(listed(pick(lang, "防护目标处个人风险", "individual risk at targets"), targets, _TARGETS, lang, 10))
    sources = result.sources.sort_values(["pll", "unit_id"], ascending=[False, True])
    for name in ("unit_kind", "transport_mode"):
        sources = labelled(sources, {"kind": name}, lang)
    sources["substance"] = sources[f"substance_{lang}"]
    OUT.print(listed(pick(lang, "主要风险源", "main sources"), sources, _SOURCES, lang, 10))
    without = result.societal.pll_without_domino
    counts = (len(result.events.table), len(result.events.dropped), len(result.assumptions))
    OUT.print(
        pick(
            lang,
            f"潜在生命损失 PLL {result.pll:.3e} 人/年（不计多米诺 {without:.3e}）"
            f" · 事件 {counts[0]} 个（截断或无模型 {counts[1]} 个） · 假定 {counts[2]} 项",
            f"PLL {result.pll:.3e} per year ({without:.3e} without domino effects)"
            f" · {counts[0]} events ({counts[1]} cut off or without a model) · {counts[2]} assumptions",
        )
    )
    OUT.print(f"result_digest {result.provenance['result_digest']}", style="dim")


def _grade_text(grade: Any, lang: str) -> Text:
    name = GRADE_NAMES[grade.letter][0 if lang == "zh" else 1]
    low, high = grade.bounds[0], grade.bounds[-1]
    style = GRADE_STYLES[grade.letter]
    heading = pick(lang, "园区安全风险等级", "park risk grade")
    scores = f"{grade.score_bounds[0]:.1f} – {grade.score_bounds[1]:.1f}"
    return Text.assemble(
        f"{heading}：",
        (f"{grade.letter}  {name}", style),
        "\n",
        pick(lang, f"未答项留下的范围 {low} – {high}", f"unanswered items leave {low} – {high}"),
        pick(lang, f"；得分 {grade.score:.1f}（{scores}）", f"; score {grade.score:.1f} ({scores})"),
        f"\n{pick(lang, '规则', 'rulebook')} {grade.rulebook}",
    )


_TARGETS: Columns = {
    "target_id": ("编号", "id", ""),
    "name": ("名称", "name", ""),
    "class": ("类别", "class", ""),
    "individual_risk": ("个人风险 /年", "individual risk /yr", ".2e"),
    "limit": ("限值 /年", "limit /yr", ".0e"),
    "status": ("结论", "status", ""),
    "top_source": ("首要风险源", "top source", ""),
    "top_share": ("占比", "share", ".0%"),
}
_SOURCES: Columns = {
    "unit_id": ("设备", "unit", ""),
    "name": ("名称", "name", ""),
    "kind": ("类型", "kind", ""),
    "substance": ("介质", "substance", ""),
    "mass_t": ("存量 t", "mass t", ",.0f"),
    "level": ("级别", "level", ""),
    "pll": ("PLL 人/年", "PLL /yr", ".2e"),
    "pll_share": ("占比", "share", ".1%"),
    "domino_out": ("引发多米诺 /年", "starts domino /yr", ".1e"),
    "domino_in": ("受多米诺 /年", "suffers domino /yr", ".1e"),
}


_HAZARD_UNITS: Columns = {
    "hazard_unit_id": ("单元", "hazard unit", ""),
    "enterprise_id": ("企业", "enterprise", ""),
    "S": ("S", "S", ".4g"),
    "major_hazard": ("重大危险源", "major hazard", ""),
    "alpha": ("α", "α", ".3g"),
    "R": ("R", "R", ".4g"),
    "level": ("级别", "level", ""),
    "missing": ("缺少", "missing", ""),
}
_HAZARD_TERMS: Columns = {
    "hazard_unit_id": ("单元", "hazard unit", ""),
    "unit_id": ("设备", "unit", ""),
    "substance": ("物质", "substance", ""),
    "mass_t": ("q t", "q t", ",.6g"),
    "Q_t": ("Q t", "Q t", ",.6g"),
    "row": ("Q 的依据", "Q from", ""),
    "q_over_Q": ("q/Q", "q/Q", ".4g"),
    "beta": ("β", "β", ".3g"),
}
_ANSWERS = {
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "unknown": ("未知", "unknown"),
    True: ("是", "yes"),
    False: ("否", "no"),
}


def _answered(column: pd.Series, lang: str) -> list[str]:
    return [pick(lang, *_ANSWERS.get(value, (str(value), str(value)))) for value in column]


def show_hazards(hazards: Any, lang: str) -> None:
    """Print the GB 18218 table."""
    title = pick(lang, "重大危险源辨识与分级（GB 18218-2018）", "major hazards (GB 18218-2018)")
    units = hazards.units.assign(
        major_hazard=_answered(hazards.units["major_hazard"], lang),
        missing=[", ".join(names) for names in hazards.units["missing"]],
    )
    OUT.print(listed(title, units, _HAZARD_UNITS, lang))
    row = hazards.terms["Q_row_zh" if lang == "zh" else "Q_row"]
    terms = hazards.terms.assign(substance=hazards.terms[f"substance_{lang}"], row=row)
    OUT.print(listed(pick(lang, "各物质项", "terms"), terms, _HAZARD_TERMS, lang))


def show_saved(folder: Path, lang: str) -> None:
    """Say where the files are."""
    OUT.print(pick(lang, f"结果已写入 {folder}/", f"results are in {folder}/"), style="green")


def show_timings(result: Any, lang: str) -> None:
    """Print seconds per stage and the peak memory of the process, on standard error."""
    table = Table(title=pick(lang, "各阶段用时", "seconds per stage"))
    table.add_column(pick(lang, "阶段", "stage"))
    table.add_column("s", justify="right")
    for stage, seconds in result.timings.items():
        table.add_row(stage, f"{seconds:.2f}")
    table.add_row(pick(lang, "合计", "total"), f"{sum(result.timings.values()):.2f}")
    _err.print(table)
    used, memory, disk, computed = (result.footprints[name] for name in ("used", "memory", "disk", "computed"))
    share = max(0.0, 1.0 - computed / max(used, 1))  # more often than used, where neither memory nor disk has room
    zh = f"后果足迹：使用 {used} 次，承自前次评估 {memory}，磁盘 {disk}，新计算 {computed}（命中 {share:.1%}）"
    en = (
        f"footprints: used {used} times, {memory} of the last park, {disk} from disk, {computed} new ({share:.1%} hits)"
    )
    _err.print(pick(lang, zh, en))
    with contextlib.suppress(ImportError):  # Windows has no such module
        import resource

        scale = 2**20 if sys.platform == "darwin" else 2**10
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
        _err.print(pick(lang, f"峰值内存 {peak:.0f} MiB", f"peak memory {peak:.0f} MiB"))
