"""What ``parkrisk distances`` prints."""

import pandas as pd

from parkrisk.api.terminal import STATUS_NAMES, _labelled, _out, _pick, _table
from parkrisk.risk.distances.external import READING, ExternalDistances
from parkrisk.risk.distances.standard import METHOD_NAMES

__all__ = ["class_words", "show"]

_STATES = {"new": ("新建", "new"), "existing": ("在役", "in service")}
#: Column → (Chinese, English, format).
_INSTALLATIONS = {
    "hazard_unit_id": ("单元", "installation", ""),
    "enterprise_id": ("企业", "enterprise", ""),
    "state": ("状态", "state", ""),
    "method": ("方法", "method", ""),
    "why": ("理由", "why", ""),
    "class": ("防护目标类别", "class of targets", ""),
    "worst_name": ("最不利目标", "worst target", ""),
    "available_m": ("实际距离 (m)", "available (m)", ".0f"),
    "required_m": ("要求距离 (m)", "required (m)", ".0f"),
    "risk": ("个人风险 (/年)", "risk (1/yr)", ".1e"),
    "risk_limit": ("基准 (/年)", "limit (1/yr)", ".0e"),
    "status": ("判定", "status", ""),
    "mark": ("核实", "mark", ""),
}
_CONTROLS = {
    "classes": ("线内不得有的防护目标", "targets that may not stand within", ""),
    "limit_per_year": ("园区之和的基准 (/年)", "limit of the park's sum (1/yr)", ".0e"),
    "area_ha": ("面积 (ha)", "area (ha)", ".1f"),
    "closed": ("图内闭合", "closes on the map", ""),
}
_MET = {
    True: ("外部安全防护距离：均满足", "external safety distances: all met", "green"),
    False: ("外部安全防护距离：不满足", "external safety distances: not met", "red"),
    None: ("外部安全防护距离：无法判定", "external safety distances: undecided", "magenta"),
}
_YES = {True: ("是", "yes"), False: ("否", "no")}


def class_words(names: tuple[str, ...], lang: str) -> str:
    """Classes of targets in words."""
    table = _labelled(pd.DataFrame({"class": list(names)}), {"class": "target_class"}, lang)
    return _pick(lang, "、", ", ").join(table["class"])


def show(found: ExternalDistances, lang: str) -> None:
    """Print the verdict, every installation, and the control line."""
    met = found.facts["risk.external_distance_met"]
    value = met.value if isinstance(met.value, bool) else None
    chinese, english, style = _MET[value]
    _out.print(_pick(lang, chinese, english), style=style)
    detail = _pick(lang, met.detail_zh, met.detail_en)
    if detail:
        _out.print("  " + detail)
    if met.missing:
        _out.print("  " + _pick(lang, "尚缺：", "missing: ") + ", ".join(met.missing), style="magenta")
    title = _pick(lang, "各装置与设施（GB/T 37243-2019）", "installations (GB/T 37243-2019)")
    _out.print(_table(title, _installations(found.installations, lang), _INSTALLATIONS, lang, 40))
    controls = found.controls.assign(
        classes=[class_words(names, lang) for names in found.controls["classes"]],
        area_ha=[shape.area / 1e4 for shape in found.controls["shape"]],
        closed=[_pick(lang, *_YES[bool(closed)]) for closed in found.controls["closed"]],
    )
    title = _pick(lang, "周边规划安全控制线", "surrounding-land control line")
    _out.print(_table(title, controls, _CONTROLS, lang))
    lacking = sorted({entry for entries in found.controls["missing"] for entry in entries})
    if lacking:
        shown = ", ".join(lacking[:12]) + (" …" if len(lacking) > 12 else "")
        _out.print(_pick(lang, "控制线未计入：", "not in the control line: ") + shown, style="magenta")
    _out.print(_pick(lang, *READING), style="yellow")


def _installations(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Rows that hold a target or a verdict, failures first."""
    rows = table[(table["status"] != "not_applicable") | (table["method"] == "out_of_scope")]
    rows = rows.assign(order=rows["status"].map({"fail": 0, "unknown": 1, "pass": 2, "not_applicable": 3}))
    rows = rows.sort_values(["order", "ratio"], ascending=[True, False], kind="stable")
    rows = _labelled(rows, {"class": "target_class"}, lang)
    return rows.assign(
        why=rows[f"why_{lang}"],
        state=[_pick(lang, *_STATES[state]) for state in rows["state"]],
        method=[_pick(lang, *METHOD_NAMES[method]) for method in rows["method"]],
        status=[_pick(lang, *STATUS_NAMES[status][:2]) for status in rows["status"]],
    )
