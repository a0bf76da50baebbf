"""What a project changes, for the report of its decision: main figures, protection targets, F-N curve."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from parkrisk.api.printed.decision import zone_name
from parkrisk.api.printed.terminal import STATUS_NAMES, pick
from parkrisk.api.report.content import Block, Cell, Figure, Paragraph, Section, Table
from parkrisk.api.report.material import per_year
from parkrisk.risk.entry.gate import Decision, summary

__all__ = ["STATUS_KINDS", "before_after"]

STATUS_KINDS = {"pass": "good", "fail": "bad", "unknown": "unknown", "not_applicable": "muted"}
#: Targets shown, those at which the project adds most; deaths of the points shown.
_TARGETS, _DEATHS = 8, (1.0, 10.0, 100.0, 1000.0)


def before_after(decision: Decision, drawn: Path, lang: str) -> tuple[Section, ...]:
    """Sections of the chapter: main figures with the picture ``before_after`` of the folder, targets, F-N points."""
    say = partial(pick, lang)
    picture = Figure(
        drawn / "before_after",
        say("无项目与有项目的 F-N 曲线和目标处风险", "F-N curves and risk at targets without and with the project"),
    )
    return (
        Section(say("主要指标", "Main figures"), (_figures(decision, lang), picture)),
        Section(say("防护目标", "Protection targets"), (_targets(decision, lang),)),
        Section(say("社会风险", "Societal risk"), (_societal(decision, lang),)),
    )


def _figures(decision: Decision, lang: str) -> Table:
    say, sides = partial(pick, lang), (summary(decision.before), summary(decision.after))
    assessments = (decision.before, decision.after)
    hazards = [side["major_hazards"] for side in sides]
    rows = (
        (say("园区安全风险等级（得分）", "park grade (score)"), *(_grade(side["grade"], lang) for side in sides)),
        (say("潜在生命损失 PLL〔人/年〕", "PLL [1/yr]"), *(per_year(side["pll"]) for side in sides)),
        (
            say("目标处最大风险/限值", "largest risk over limit at a target"),
            *(_ratio(side["worst_target_ratio"]) for side in sides),
        ),
        (say("超限目标数", "targets over their limit"), *(_count(side["targets_over_limit"]) for side in sides)),
        (
            say("社会风险区", "zone of societal risk"),
            *(zone_name(side["societal_zone"], lang) for side in sides),
        ),
        (
            say(
                "安全容量已占用（个人风险、F-N 上线中较大者）",
                "safety capacity used up (targets or upper F-N line)",
            ),
            *(_ratio(_used(side, result)) for side, result in zip(sides, assessments, strict=True)),
        ),
        (
            say("重大危险源 一/二/三/四级", "major hazards of level 1/2/3/4"),
            *(" / ".join(str(each[f"level_{level}"]) for level in (1, 2, 3, 4)) for each in hazards),
        ),
        (say("多米诺设备对", "domino pairs"), *(str(side["domino_pairs"]) for side in sides)),
        (say("已批未建设备（计入）", "approved units (counted)"), *(str(side["approved_units"]) for side in sides)),
    )
    return Table(
        say("无项目与有项目的主要指标", "Main figures without and with the project"),
        (say("指标", "figure"), say("无项目", "without"), say("有项目", "with")),
        rows,
        "lrr",
        (2.4, 1.0, 1.0),
        note=say("限值取自 GB 36894-2018，未经核实。", "The limits are those of GB 36894-2018, unverified."),
    )


def _grade(grade: Mapping[str, Any], lang: str) -> str:
    low, high = grade["bounds"][0], grade["bounds"][-1]
    bounds = "" if low == high else pick(lang, f"，范围 {low}–{high}", f", bounds {low}–{high}")
    return f"{grade['letter']} ({grade['score']:.1f}{bounds})"


def _targets(decision: Decision, lang: str) -> Block:
    say = partial(pick, lang)
    shown = decision.targets.sort_values(["ratio", "target_id"], ascending=[False, True]).head(_TARGETS)
    if shown.empty:
        return Paragraph(say("园区没有防护目标数据。", "The park has no protection targets on record."))
    return Table(
        say("项目增加个人风险最多的防护目标", "Targets at which the project adds most"),
        (
            say("编号", "id"),
            say("名称", "name"),
            say("项目增加〔/年〕", "added [1/yr]"),
            say("新建限值〔/年〕", "limit, new [1/yr]"),
            say("比值", "ratio"),
            say("无项目〔/年〕", "without [1/yr]"),
            say("有项目〔/年〕", "with [1/yr]"),
            say("判定", "status"),
        ),
        tuple(
            (
                str(row["target_id"]),
                str(row["name"]),
                *(per_year(row[name]) for name in ("added", "limit_new")),
                _ratio(row["ratio"]),
                *(per_year(row[name]) for name in ("before", "after")),
                Cell(say(*STATUS_NAMES[row["status"]][:2]), STATUS_KINDS[row["status"]]),
            )
            for row in shown.to_dict("records")
        ),
        "llrrrrrl",
        (1.1, 1.6, 1.1, 1.1, 1.0, 1.1, 1.1, 1.0),
    )


def _societal(decision: Decision, lang: str) -> Block:
    say, before, after = partial(pick, lang), decision.before.fn, decision.after.fn
    rows = [
        (number, _at(before, number, "F"), _at(after, number, "F"), _at(after, number, "upper")) for number in _DEATHS
    ]
    return Table(
        say("F-N 曲线上的点", "Points of the F-N curve"),
        (
            say("N〔人〕", "N"),
            say("无项目 F〔/年〕", "F without [1/yr]"),
            say("有项目 F〔/年〕", "F with [1/yr]"),
            say("上限线〔/年〕", "upper line [1/yr]"),
        ),
        tuple(
            (f"{number:g}", per_year(old), per_year(new), per_year(line))
            for number, old, new, line in rows
            if old > 0.0 or new > 0.0
        ),
        "rrrr",
        note=say("F 为 N 人及以上死亡的累积频率。", "F is the frequency of N or more deaths."),
    )


def _ratio(value: float | None) -> str:
    if value is None or value != value:
        return "–"
    return per_year(value) if 0.0 < value < 1e-3 else f"{value:.3g}"


def _count(value: int) -> str | Cell:
    return Cell(str(value), "bad") if value else str(value)


def _at(fn: Any, deaths: float, column: str) -> float:
    """Value of a curve at so many deaths: that of the first point at or beyond; 0 beyond the last."""
    reached = fn.loc[fn["N"] >= deaths * (1.0 - 1e-9), column]
    return float(reached.iloc[0]) if len(reached) else 0.0


def _used(side: Mapping[str, Any], result: Any) -> float | None:
    """Largest share of a limit that is used up: at targets, and of the upper line."""
    line = float((result.fn["F"] / result.fn["upper"]).max()) if len(result.fn) else None
    shares = [share for share in (side["worst_target_ratio"], line) if share is not None]
    return max(shares, default=None)
