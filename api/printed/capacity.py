"""What ``parkrisk capacity`` prints."""

from typing import Any

import pandas as pd

from parkrisk.api.printed.terminal import OUT, STATUS_NAMES, labelled, listed, pick, show_saved
from parkrisk.risk.capacity.adding import MOST_TOGETHER, ReferenceUnits
from parkrisk.risk.capacity.inventory import LargestInventory
from parkrisk.risk.capacity.stages import CRITERIA, NOTE, SafetyCapacity

__all__ = ["show", "show_inventory", "show_saved", "show_units"]

_STAGES = {
    "label": ("阶段", "stage", ""),
    "units": ("设备数", "units", "d"),
    "individual_share": ("个人风险占用", "individual risk used", ".1%"),
    "individual_at": ("最紧目标", "at target", ""),
    "societal_share": ("社会风险占用", "societal risk used", ".1%"),
    "societal_at": ("最紧人数 N", "at N", ""),
    "remaining": ("剩余容量", "remaining", ".1%"),
    "binding": ("起控制作用的准则", "binding criterion", ""),
    "status": ("结论", "status", ""),
}
_TARGETS = {
    "target_id": ("编号", "id", ""),
    "name": ("名称", "name", ""),
    "class": ("类别", "class", ""),
    "in_service": ("在役 /年", "in service /yr", ".2e"),
    "approved": ("含已批 /年", "with approved /yr", ".2e"),
    "limit": ("限值 /年", "limit /yr", ".0e"),
    "share": ("占用", "used", ".1%"),
    "margin": ("余量 /年", "margin /yr", ".2e"),
    "status": ("结论", "status", ""),
}
_CRITERIA = {
    "criterion": ("准则", "criterion", ""),
    "count": ("可容纳", "fit", ""),
    "at": ("控制处", "binds at", ""),
    "before": ("现有 /年", "before /yr", ".2e"),
    "added": ("每台新增 /年", "added by each /yr", ".2e"),
    "limit": ("限值 /年", "limit /yr", ".2e"),
}
_RUNS = {
    "mass_t": ("存量 t", "mass t", ",.6g"),
    "fits": ("是否满足", "fits", ""),
    "result_digest": ("结果摘要", "result digest", ""),
}
_FITS = {"yes": ("满足", "yes"), "no": ("不满足", "no"), "unknown": ("未知", "unknown")}
_COPIES = (
    "台数按单台新增量累加，含该设备与园区之间的升级，不含同类设备相互之间的升级。"
    "同置一处、含相互升级的复算：{together} 台满足全部准则（至多试 {most} 台）。",
    "The number adds up what one unit adds, with cascades between it and the park, not from one such unit to the next. "
    "Assessed anew at one place, with those: {together} meet every criterion ({most} are tried at most).",
)


def _criterion(name: str, lang: str) -> str:
    return pick(lang, *CRITERIA[name]) if name else ""


def _statuses(column: "pd.Series[str]", lang: str) -> list[str]:
    return [pick(lang, *STATUS_NAMES[status][:2]) for status in column]


def show(found: SafetyCapacity, lang: str) -> None:
    """Print the stages and the targets nearest to their limits."""
    stages = found.stages.assign(
        label=found.stages[f"label_{lang}"],
        binding=[_criterion(name, lang) for name in found.stages["binding"]],
        status=_statuses(found.stages["status"], lang),
    )
    OUT.print(listed(pick(lang, "安全容量", "safety capacity"), stages, _STAGES, lang))
    targets = found.targets.sort_values(["share", "target_id"], ascending=[False, True], na_position="first")
    targets = labelled(targets, {"class": "target_class"}, lang)
    targets["status"] = _statuses(targets["status"], lang)
    OUT.print(listed(pick(lang, "各防护目标的余量", "margin at targets"), targets, _TARGETS, lang, 10))
    OUT.print(NOTE["zh" if lang == "zh" else "en"], style="yellow")


def show_units(found: ReferenceUnits, lang: str) -> None:
    """Print how many more of a unit fit."""
    x, y = found.place
    title = pick(
        lang,
        f"在 ({x:.0f}, {y:.0f}) 处还能容纳多少台 {found.unit}",
        f"how many more of {found.unit} fit at ({x:.0f}, {y:.0f})",
    )
    rows = found.criteria.assign(
        criterion=[_criterion(name, lang) for name in found.criteria["criterion"]],
        count=[_count(row, lang) for row in found.criteria.to_dict("records")],
    )
    OUT.print(listed(title, rows, _CRITERIA, lang))
    if found.status == "unbounded":
        text = pick(lang, "没有准则起控制作用", "no criterion binds")
    elif found.status == "unknown":
        text = pick(lang, "未知：缺少目标、人口或部分后果，不能判定", "unknown: targets, people or events are missing")
    else:
        where = f"{_criterion(found.binding, lang)}，{found.at}"
        text = pick(lang, f"最多 {found.n} 台（{where} 起控制作用）", f"at most {found.n} ({where} binds)")
    OUT.print(text, style="bold")
    if found.together is not None:
        OUT.print(pick(lang, *_COPIES).format(together=found.together, most=MOST_TOGETHER), style="dim")


def _count(row: Any, lang: str) -> str:
    names = {
        "unbounded": pick(lang, "不受限", "no bound"),
        "unknown": pick(lang, "未知", "unknown"),
        "exceeded": pick(lang, "0（已超限）", "0 (exceeded already)"),
    }
    return names.get(row["status"], str(row["n"]))


def show_inventory(found: LargestInventory, lang: str) -> None:
    """Print how many tonnes fit, and the assessments that prove it."""
    x, y = found.place
    runs = found.runs.assign(
        fits=[pick(lang, *_FITS[each]) for each in found.runs["fits"]],
        result_digest=found.runs["result_digest"].str[:12],
    )
    title = pick(lang, "逐次评估（含多米诺）", "assessments made, with cascades")
    OUT.print(listed(title, runs, _RUNS, lang))
    place = f"({x:.0f}, {y:.0f})"
    where = f"{_criterion(found.binding, lang)}, {found.at}"
    zh, en = {
        "known": (
            f"{place} 处 {found.unit} 型设备最多存 {found.cas} {found.mass_t:g} t"
            f"（再加 {found.step_t:g} t 即超出：{where}）",
            f"at most {found.mass_t:g} t of {found.cas} in a vessel like {found.unit} at {place} "
            f"({found.step_t:g} t more would break: {where})",
        ),
        "vessel": (
            f"{place} 处 {found.unit} 型设备装满 {found.cas}（{found.mass_t:g} t）仍满足全部准则",
            f"a vessel like {found.unit} at {place}, full of {found.cas} ({found.mass_t:g} t), meets every criterion",
        ),
        "unknown": (
            "未知：缺少目标、人口或部分后果，不能判定",
            "unknown: targets, people or events are missing",
        ),
    }[found.status]
    OUT.print(pick(lang, zh, en), style="bold")
