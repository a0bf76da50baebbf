"""What ``parkrisk state`` prints."""

from parkrisk.api.printed.terminal import OUT, STATUS_NAMES, listed, pick, show_saved
from parkrisk.risk.monitoring.levels import COLOURS
from parkrisk.risk.monitoring.state import NOTE, MonitoringState

__all__ = ["show", "show_saved"]

_ENTERPRISES = {
    "enterprise_id": ("企业", "enterprise", ""),
    "name": ("名称", "name", ""),
    "colour": ("当前颜色", "colour now", ""),
    "reason": ("原因", "reason", ""),
    "units": ("涉及设备", "units", ""),
    "ratio": ("风险 当前/静态", "risk now / static", ""),
}
_TARGETS = {
    "target_id": ("编号", "id", ""),
    "name": ("名称", "name", ""),
    "static": ("静态 /年", "static /yr", ".2e"),
    "now": ("当前 /年", "now /yr", ".2e"),
    "limit": ("限值 /年", "limit /yr", ".0e"),
    "status_now": ("当前对照", "now", ""),
}


def show(found: MonitoringState, lang: str) -> None:
    """Print the colour of every enterprise with its reason, and the risk at targets, static and now."""
    rows = found.enterprises
    colours = [
        pick(lang, *COLOURS[colour]) + (pick(lang, "（至少）", " (at least)") if at_least == "yes" else "")
        for colour, at_least in zip(rows["colour"], rows["at_least"], strict=True)
    ]
    ratios = [
        f"{ratio:.3g}" if known == "yes" else f"≥ {ratio:.3g}"
        for ratio, known in zip(rows["risk_ratio"], rows["risk_known"], strict=True)
    ]
    order = rows["colour"].map({name: place for place, name in enumerate(COLOURS)})
    shown = rows.assign(colour=colours, reason=rows[f"reason_{lang}"], ratio=ratios, order=order)
    shown = shown.sort_values(["order", "enterprise_id"], ignore_index=True)
    time = found.at.isoformat(sep=" ", timespec="minutes")
    OUT.print(listed(pick(lang, f"监测状态 {time}", f"state at {time}"), shown, _ENTERPRISES, lang))
    targets = found.targets.sort_values(["now", "target_id"], ascending=[False, True])
    targets["status_now"] = [pick(lang, *STATUS_NAMES[status][:2]) for status in targets["status_now"]]
    OUT.print(listed(pick(lang, "防护目标处个人风险", "individual risk at targets"), targets, _TARGETS, lang, 10))
    OUT.print(NOTE["zh" if lang == "zh" else "en"], style="yellow")
