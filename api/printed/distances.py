"""What ``parkrisk distances`` prints."""

import pandas as pd

from parkrisk.api.printed.terminal import OUT, STATUS_NAMES, labelled, listed, pick
from parkrisk.risk.distances.external import READING, ExternalDistances
from parkrisk.risk.distances.standard import METHOD_NAMES

__all__ = ["class_words", "show"]

_STATES = {"new": ("新建", "new"), "existing": ("在役", "in service")}
#: Column → (Chinese, English, format).
_INSTALLATIONS = {
    "hazard_unit_id": ("单元", "installation", ""),
    "method": ("方法", "method", ""),
    "worst": ("最不利目标", "worst target", ""),
    "found": ("实际", "found", ""),
    "limit": ("要求", "required", ""),
    "status": ("判定", "status", ""),
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
    table = labelled(pd.DataFrame({"class": list(names)}), {"class": "target_class"}, lang)
    return pick(lang, "、", ", ").join(table["class"])


def show(found: ExternalDistances, lang: str) -> None:
    """Print the verdict, every installation, and the control line."""
    met = found.facts["risk.external_distance_met"]
    value = met.value if isinstance(met.value, bool) else None
    chinese, english, style = _MET[value]
    OUT.print(pick(lang, chinese, english), style=style)
    detail = pick(lang, met.detail_zh, met.detail_en)
    if detail:
        OUT.print("  " + detail)
    if met.missing:
        OUT.print("  " + pick(lang, "尚缺：", "missing: ") + ", ".join(met.missing), style="magenta")
    title = pick(lang, "各装置与设施，每个取最不利一类目标", "installations, each at the class that decides")
    OUT.print(listed(title, _installations(found.installations, lang), _INSTALLATIONS, lang, 15))
    controls = found.controls.assign(
        classes=[class_words(names, lang) for names in found.controls["classes"]],
        area_ha=[shape.area / 1e4 for shape in found.controls["shape"]],
        closed=[pick(lang, *_YES[bool(closed)]) for closed in found.controls["closed"]],
    )
    title = pick(lang, "周边规划安全控制线", "surrounding-land control line")
    OUT.print(listed(title, controls, _CONTROLS, lang))
    lacking = sorted({entry for entries in found.controls["missing"] for entry in entries})
    if lacking:
        shown = ", ".join(lacking[:12]) + (" …" if len(lacking) > 12 else "")
        OUT.print(pick(lang, "控制线未计入：", "not in the control line: ") + shown, style="magenta")
    OUT.print(pick(lang, *READING), style="yellow")


def _installations(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """One row per installation, that of the class that decides, failures first."""
    rows = table.assign(order=table["status"].map({"fail": 0, "unknown": 1, "pass": 2, "not_applicable": 3}))
    rows = rows.sort_values(["order", "ratio"], ascending=[True, False], kind="stable")
    rows = rows.drop_duplicates("hazard_unit_id")
    records = rows.to_dict("records")
    return rows.assign(
        method=[
            f"{pick(lang, *METHOD_NAMES[row['method']])} ({pick(lang, *_STATES[row['state']])})" for row in records
        ],
        worst=[f"{row['worst_name']} {class_words((row['class'],), lang)}".strip() for row in records],
        found=[_measured(row["risk"], row["available_m"], lang) for row in records],
        limit=[
            pick(lang, "按证明材料", "by evidence")
            if row["method"] == "standards" and pd.isna(row["required_m"]) and not row["missing"]
            else _measured(row["risk_limit"], row["required_m"], lang)
            for row in records
        ],
        status=[pick(lang, *STATUS_NAMES[row["status"]][:2]) for row in records],
    )


def _measured(risk: float, distance: float, lang: str) -> str:
    """Risk if there is one, else a distance."""
    if pd.notna(risk):
        return f"{risk:.1e} {pick(lang, '/年', '1/yr')}"
    return f"{distance:.0f} m" if pd.notna(distance) else "–"
