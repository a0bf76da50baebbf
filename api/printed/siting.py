"""What ``parkrisk siting`` prints."""

from collections.abc import Sequence
from typing import Any

from parkrisk.api.printed.decision import show_decision
from parkrisk.api.printed.terminal import OUT, VERDICT_NAMES, listed, pick
from parkrisk.risk.entry.gate import Decision
from parkrisk.risk.siting.result import CRITERION_WORDS, LEFT_OUT, VERDICT_WORDS, Siting

_BEST = {
    "x": ("东坐标 x (m)", "x (m)", ".0f"),
    "y": ("北坐标 y (m)", "y (m)", ".0f"),
    "verdict": ("判定", "verdict", ""),
    "room": ("余量（倍）", "room (times)", ".3g"),
    "binding": ("起控制作用的准则", "what binds", ""),
    "target_id": ("防护目标", "target", ""),
}
_ROOM = (
    "余量：项目自身风险放大到多少倍时，该处首先触及某一准则；小于 1 即不符合，1000 表示不小于 1000。",
    "Room: how many times the project's risk fits there before a criterion binds; below 1 it does not fit, 1000 stands "
    "for 1000 and more.",
)


def show(found: Siting, lang: str) -> None:
    """Print the headline, what the map leaves out, cells by verdict and the best places."""
    chinese, english, style = VERDICT_NAMES[found.elsewhere]
    lead = pick(
        lang, "选址图各项准则均满足时，其余规则的判定：", "were every criterion of the map met, the gate would say: "
    )
    OUT.print(lead + pick(lang, chinese, english), style=style)
    for row in found.rules.to_dict("records"):
        OUT.print(f"· {row['rule_id']}: {pick(lang, row['title_zh'], row['title_en'])}", style="dim")
    for text in found.doubts:
        OUT.print(pick(lang, *text), style="magenta")
    cells: dict[str, Any] = found.to_dict()["cells"]
    counts = ", ".join(f"{pick(lang, *VERDICT_WORDS[name])} {count}" for name, count in cells.items())
    OUT.print(pick(lang, "单元数：", "cells: ") + counts)
    best = found.best()
    best["verdict"] = [pick(lang, *VERDICT_WORDS[name]) for name in best["verdict"]]
    best["binding"] = [pick(lang, *CRITERION_WORDS[name]) for name in best["binding"]]
    OUT.print(listed(pick(lang, "余量最大的位置", "places with the most room"), best, _BEST, lang))
    OUT.print(pick(lang, *_ROOM), style="dim")
    for text in LEFT_OUT:
        OUT.print("· " + pick(lang, *text), style="yellow")


def show_proven(places: Sequence[tuple[float, float]], proofs: Sequence[Decision], lang: str) -> None:
    """Print the verdicts of the gate at the best places, one line each."""
    for (x, y), proof in zip(places, proofs, strict=True):
        chinese, english, style = VERDICT_NAMES[proof.verdict]
        digest = proof.provenance["result_digest"][:12]
        lead = pick(lang, f"准入判定验证 ({x:.0f}, {y:.0f})：", f"proven by the gate at ({x:.0f}, {y:.0f}): ")
        OUT.print(f"{lead}{pick(lang, chinese, english)} [{digest}]", style=style, markup=False)


def show_proof(place: tuple[float, float], proof: Any, lang: str) -> None:
    """Print the decision of the gate at a place."""
    x, y = place
    OUT.print(pick(lang, f"准入判定，项目移至 ({x:.0f}, {y:.0f})", f"the gate with the project at ({x:.0f}, {y:.0f})"))
    show_decision(proof, lang)
