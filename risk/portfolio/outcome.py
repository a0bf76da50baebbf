"""What is kept of a park: its row, the places behind the row, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from parkrisk.models.errors import InputProblems, ParkRiskError, Problem
from parkrisk.risk.result import plain

__all__ = ["ASSESSED", "FINAL", "INVALID", "Outcome", "failed", "not_assessed"]

ASSESSED, INVALID = "assessed", "invalid"
#: The same key would end the same way; anything else is tried again by the next run.
FINAL = frozenset({ASSESSED, INVALID})


@dataclass(frozen=True)
class Outcome:
    """How one park ended, as plain values that JSON holds.

    Parameters
    ----------
    status : str
        "assessed"; "invalid": the input has errors; "refused": the engine has a reason not to; "failed": a fault of the
        engine; "memory", "timeout", "lost": out of memory, of time, or the process was ended from outside;
        "unreadable": the files cannot be opened.
    fault : str
        Code of the error; "" of an assessed park.
    message_zh, message_en : str
    row : mapping
        Figures of the park; of one that was not assessed only what identifies it.
    layers : mapping of str to list of mapping
        Places by layer; ``geometry`` is hexadecimal WKB in EPSG:4490.
    problems : list of mapping
        Errors and warnings of the input.
    trace : str
        Of a fault of the engine, for who mends it.
    seconds : float
        Not part of any result.
    """

    status: str
    fault: str = ""
    message_zh: str = ""
    message_en: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)
    layers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    problems: Sequence[Mapping[str, Any]] = ()
    trace: str = ""
    seconds: float = 0.0

    def content(self) -> dict[str, Any]:
        """Values for JSON."""
        return {name: plain(value) for name, value in vars(self).items()}


def not_assessed(error: ParkRiskError, status: str, row: Mapping[str, Any] | None = None) -> Outcome:
    """Outcome of a park that an error has kept from being assessed."""
    found: Sequence[Problem] = getattr(error, "problems", ())
    chosen = INVALID if isinstance(error, InputProblems) else status
    listed = [asdict(problem) for problem in found]
    return Outcome(chosen, error.code, error.message_zh, error.message_en, row or {}, problems=listed)


_MESSAGES: Mapping[str, tuple[str, str]] = {
    "failed": ("计算引擎出错", "a fault of the engine"),
    "memory": ("内存不足", "out of memory"),
    "timeout": ("超过时限", "took longer than allowed"),
    "lost": ("计算进程意外终止，可能因内存不足", "the process that computed it ended; memory may have run out"),
    "unreadable": ("文件无法打开", "its files cannot be opened"),
    "other_engine": ("计算节点的程序版本不同", "the worker runs other versions"),
}


def failed(status: str, *, row: Mapping[str, Any] | None = None, trace: str = "") -> Outcome:
    """Outcome of a park that ended in another way than by an error raised on purpose."""
    chinese, english = _MESSAGES[status]
    return Outcome(status, f"portfolio.{status}", chinese, english, row or {}, trace=trace)
