"""What a child can do: name of the task → function of its arguments and the desk it works at."""

from collections.abc import Callable, Mapping
from typing import Any

from parkrisk.api.examples import example_park
from parkrisk.api.service.compute.asking import cascade, risk_at, trace, uncertainty
from parkrisk.api.service.compute.assessing import assess, contours, whatif
from parkrisk.api.service.compute.checking import check
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.entering import gate, siting
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.writing import gate_report, report
from parkrisk.scenarios.reading.sources import document

__all__ = ["TASKS", "warm"]

Task = Callable[[Mapping[str, Any], Desk], Outcome]

#: Arguments are plain JSON: ``park`` and ``project`` are documents, as the HTTP interface takes them.
TASKS: Mapping[str, Task] = {
    "assess": assess,
    "cascade": cascade,
    "check": check,
    "contours": contours,
    "gate": gate,
    "gate_report": gate_report,
    "report": report,
    "risk_at": risk_at,
    "siting": siting,
    "trace": trace,
    "uncertainty": uncertainty,
    "whatif": whatif,
}


def warm(desk: Desk) -> None:
    """Load every kernel by assessing the smallest park that there is."""
    assess({"park": document(example_park("minimal"))}, desk)
