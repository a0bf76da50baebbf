"""Tasks that ask something of an assessment, which is mostly in memory."""

from collections.abc import Mapping
from typing import Any

from parkrisk.api.drawn.domino_timeline import edges_of
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.geography import planar
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.packing import as_parquet
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import escalation_of
from parkrisk.risk.domino import check_unit
from parkrisk.risk.places import risk_at as risk_at_places
from parkrisk.risk.result import plain
from parkrisk.risk.uncertainty.uncertainty import uncertainty as sampled

__all__ = ["cascade", "risk_at", "trace", "uncertainty"]


def risk_at(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Individual risk at a place: as ``assess``, and ``x``, ``y`` [m] or ``lon``, ``lat`` [deg]."""
    result = desk.assessed(arguments)
    if "lon" in arguments:
        place = planar(float(arguments["lon"]), float(arguments["lat"]), result.park.crs)
    else:
        place = float(arguments["x"]), float(arguments["y"])
    return Outcome(risk_at_places(result, [place], progress=desk.progress).to_dict())


def trace(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Where a number comes from: as ``assess``, and ``table``, ``key``, ``column``, ``depth``, ``most``."""
    limits = {name: int(arguments[name]) for name in ("depth", "most") if arguments.get(name) is not None}
    key = arguments.get("key") or ()
    step = desk.assessed(arguments).trace(
        arguments["table"], tuple(key) if isinstance(key, list) else key, arguments["column"], **limits
    )
    return Outcome(plain(step.to_dict()))


def cascade(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """What follows a fire or an explosion: as ``assess``, and ``units``, one or several that burn together.

    Of one unit, ``Cascade.to_dict()`` with times, and ``edges``: which unit tips which, and how likely. Of several, how
    likely each other unit follows.
    """
    units = [str(unit) for unit in arguments["units"]]
    if not units:
        raise OutOfRange("没有给出初始设备", "no unit is given")
    result = desk.assessed(arguments)
    if len(units) == 1:
        found = result.domino.from_unit(units[0])
        edges = edges_of(found.chains, "probability")
        return Outcome(plain({**found.to_dict(), "edges": edges}))
    for unit in units:
        check_unit(unit, result.domino.units["unit_id"].tolist())
    seed = result.provenance["seed"]
    several = escalation_of(result.park, units, settings=result.settings, seed=seed)
    return Outcome(plain({"from": units, **several.to_dict()}))


def uncertainty(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """How sure an assessment is: as ``assess``, and ``samples``, ``inputs``, ``project``; its tables as files."""
    result = desk.assessed(arguments)
    project = arguments.get("project")
    found = sampled(
        result.park,
        samples=int(arguments["samples"]),
        seed=result.provenance["seed"],
        settings=result.settings,
        rules=desk.rules(arguments, result.park),
        project=None if project is None else desk.project(project),
        assessment=result,
        inputs=arguments.get("inputs"),
        progress=desk.progress,
    )
    return Outcome(found.to_dict(), {f"{name}.parquet": as_parquet(table) for name, table in found.tables().items()})
