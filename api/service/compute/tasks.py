"""What a child can do: name of the task → function of its arguments and the desk it works at."""

from collections.abc import Callable, Mapping
from typing import Any

from parkrisk.api.examples import example_park
from parkrisk.api.service.compute.assessing import assess
from parkrisk.api.service.compute.checking import check
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.scenarios.reading.sources import document

__all__ = ["TASKS", "warm"]

Task = Callable[[Mapping[str, Any], Desk], Outcome]

TASKS: Mapping[str, Task] = {
    "assess": assess,
    "check": check,
}


def warm(desk: Desk) -> None:
    """Load every kernel by assessing the smallest park that there is."""
    assess({"park": document(example_park("minimal"))}, desk)
