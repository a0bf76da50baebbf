"""The task that reads and checks an input."""

from collections.abc import Mapping
from typing import Any

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.risk.result import plain
from parkrisk.scenarios.park import Park, build, found_problems
from parkrisk.scenarios.reading.objects import as_object
from parkrisk.scenarios.reading.sources import kind_of, read_source

__all__ = ["check"]


def check(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Read an input and list its problems: ``document``, or ``upload`` (bytes) and its ``name``; ``kind``."""
    source = arguments["document"]
    kind = arguments.get("kind") or kind_of(source)
    raw = read_source(source, kind)
    problems = found_problems(raw)
    document = as_object(raw)
    content: dict[str, Any] = {"document": document, "kind": kind, "problems": plain(problems)}
    content |= {"digest": "", "name": "", "rulebook": "", "units": 0}
    if any(problem.severity == "error" for problem in problems):
        return Outcome(content)
    found = build(read_source(document, kind))
    content |= {"digest": found.digest(), "name": found.name, "units": len(found.tables["units"])}
    if isinstance(found, Park):
        content["rulebook"] = found.rulebook
    return Outcome(content)
