"""Progress of long work, on standard error."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

#: Called as ``report(stage, done, total)``.
Report = Callable[[str, int, int], None]

STAGE_NAMES = {
    "read": "读取 read",
    "compile": "编译（仅首次） compiling (once)",
    "expand": "场景 events",
    "footprints": "后果 consequences",
    "individual": "个人风险 individual risk",
    "societal": "社会风险 societal risk",
    "domino": "多米诺 domino",
    "grade": "分级 grade",
    "distances": "防护距离 distances",
    "cures": "可行变更 changes",
    "measures": "消减措施 measures",
    "siting": "选址 siting",
    "write": "输出 files",
    "figures": "图件 figures",
    "report": "报告 report",
}


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Say nothing."""


@contextlib.contextmanager
def progress_bar(quiet: bool) -> Iterator[Report]:
    """Show one bar per stage while the block runs; nothing when quiet or when standard error is not a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield _silent
        return
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGE_NAMES.get(stage, stage))
            bars.update(tasks[stage], completed=done, total=total)

        yield report
