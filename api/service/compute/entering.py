"""Tasks about a project that asks for entry."""

from collections.abc import Mapping
from typing import Any

from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.packing import as_json
from parkrisk.risk.entry.gate import Decision
from parkrisk.risk.entry.gate import gate as decided
from parkrisk.risk.siting.files import geojson
from parkrisk.risk.siting.siting import siting as sited

__all__ = ["decision_of", "gate", "siting"]


def decision_of(arguments: Mapping[str, Any], desk: Desk) -> Decision:
    """Decide on a project: as ``assess``, and ``project``, ``search``."""
    project = desk.project(arguments["project"])
    before = desk.assessed(arguments)
    search = arguments.get("search")
    return decided(
        before.park,
        project,
        settings=before.settings,
        rules=desk.rules(arguments, before.park),
        seed=before.provenance["seed"],
        before=before,
        cures=search is None or bool(search),
        progress=desk.progress,
    )


def gate(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Decide on a project."""
    return Outcome(decision_of(arguments, desk).to_dict())


def siting(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Judge a project at every cell of a park: as ``gate``, and ``cells``, ``area``."""
    decision = decision_of(arguments, desk)
    more: dict[str, Any] = {}
    if arguments.get("cells") is not None:
        more["cells"] = int(arguments["cells"])
    if arguments.get("area") is not None:
        more["area"] = tuple(map(float, arguments["area"]))
    park = decision.before.park
    found = sited(park, decision.project, decision=decision, progress=desk.progress, **more)
    return Outcome(found.to_dict(), {"siting.geojson": as_json(geojson(found))})
