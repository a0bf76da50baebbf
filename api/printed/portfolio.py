"""What the command prints of a portfolio: the ranking, the parks that could not be assessed, how far it is."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from parkrisk.api.printed import terminal
from parkrisk.api.printed.terminal import Columns, listed, pick
from parkrisk.risk.portfolio.outcome import ASSESSED
from parkrisk.risk.portfolio.portfolio import Portfolio, Standing
from parkrisk.risk.portfolio.table import ranking

__all__ = ["bar", "show"]

_RANKING: Columns = {
    "rank": ("次序", "rank", "d"),
    "park": ("园区", "park", ""),
    "name": ("名称", "name", ""),
    "letters": ("等级", "grade", ""),
    "scores": ("得分", "score", ""),
    "pll": ("PLL 人/年", "PLL /yr", ".2e"),
    "fn_ratio": ("F/限值", "F/limit", ".3g"),
    "targets_over_limit": ("超限目标", "over limit", "d"),
    "worst_target_ratio": ("最大风险/限值", "risk/limit", ".3g"),
}
_FAULTS: Columns = {
    "park": ("园区", "park", ""),
    "status": ("状态", "status", ""),
    "errors": ("错误数", "errors", "d"),
    "message": ("原因", "why", ""),
}
_STATUS = {
    "invalid": ("输入有误", "invalid input"),
    "refused": ("拒绝", "refused"),
    "failed": ("引擎出错", "failed"),
    "memory": ("内存不足", "out of memory"),
    "timeout": ("超时", "timeout"),
    "lost": ("进程中断", "lost"),
    "unreadable": ("无法读取", "unreadable"),
    "other_engine": ("版本不同", "other versions"),
}
_SHOWN = 30


def _range(worst: str, best: str) -> str:
    return "–" if not worst else worst if worst == best else f"{worst}–{best}"


def show(found: Portfolio, lang: str) -> None:
    """Print the parks in the order in which they call for attention, then those without an assessment."""
    shown = ranking(found.table)
    shown["letters"] = [_range(*each) for each in zip(shown["grade_worst"], shown["grade_best"], strict=True)]
    bounds = shown[["score_low", "score_high"]].map(lambda value: "" if value != value else f"{value:g}")
    shown["scores"] = [_range(*each) for each in zip(bounds["score_low"], bounds["score_high"], strict=True)]
    terminal.OUT.print(listed(pick(lang, "园区排序（最需关注者在前）", "ranking"), shown, _RANKING, lang, _SHOWN))
    faults = found.table[found.table["status"] != ASSESSED]
    if len(faults):
        told = faults.assign(
            status=[pick(lang, *_STATUS[status]) for status in faults["status"]], message=faults[f"message_{lang}"]
        )
        terminal.OUT.print(listed(pick(lang, "未能评估的园区", "parks not assessed"), told, _FAULTS, lang, _SHOWN))
    terminal.OUT.print(_verdict(found, len(faults), lang))


def _verdict(found: Portfolio, faults: int, lang: str) -> str:
    count = found.table.loc[found.table["status"] == ASSESSED, "grade"].value_counts()
    letters = "，".join(f"{letter} {count.get(letter, 0)}" for letter in "ABCD")
    skipped = ", ".join(found.skipped)
    return pick(
        lang,
        f"{len(found.table)} 个园区，其中 {faults} 个未能评估，{found.kept} 个沿用已有结果；等级 {letters}"
        + (f"；不含园区的文件夹：{skipped}" if skipped else ""),
        f"{len(found.table)} parks, {faults} not assessed, {found.kept} taken over from before; "
        f"grades {letters.replace('，', ', ')}" + (f"; folders without a park: {skipped}" if skipped else ""),
    )


@contextlib.contextmanager
def bar(quiet: bool, lang: str) -> Iterator[Callable[[Standing], None]]:
    """Show on standard error how far a portfolio is; nothing when quiet or when that is not a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _standing: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bars:
        task = bars.add_task("", total=None)

        def report(now: Standing) -> None:
            words = pick(
                lang,
                f"计算中 {now.running}，未能评估 {now.failed}，沿用 {now.kept}",
                f"running {now.running}, failed {now.failed}, kept {now.kept}",
            )
            bars.update(task, total=now.total, completed=now.done, description=words)

        yield report
