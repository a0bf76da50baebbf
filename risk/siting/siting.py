"""Where in a park a project fits: every cell judged by the criteria that hang on the place, by moving what is known.

The risk of the project by itself does not hang on where it stands, so it is computed once and looked up from every
cell. What cascades add is not moved with it: the gate proves the place that is chosen.
"""

from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import Decision, gate, verdict_of
from parkrisk.risk.entry.project import project_facts
from parkrisk.risk.footprints.library import Floats
from parkrisk.risk.individual import Raster
from parkrisk.risk.result import Assessment, canonical_json, digest
from parkrisk.risk.rules.facts import missing_events
from parkrisk.risk.settings import Settings
from parkrisk.risk.sharing import Progress
from parkrisk.risk.siting import translation
from parkrisk.risk.siting.lattice import lattice
from parkrisk.risk.siting.moving import middle_of, units_of
from parkrisk.risk.siting.place import at_a_good_place, distance_met, open_everywhere
from parkrisk.risk.siting.result import FAIL, OCCUPIED, OUTSIDE, PASS, UNKNOWN, Siting
from parkrisk.risk.siting.rooms import MOST, Rooms, rooms
from parkrisk.scenarios import change
from parkrisk.scenarios.park import Park, Project

__all__ = ["siting"]


def siting(
    park: Park,
    project: Project,
    *,
    cells: int = 200,
    area: tuple[float, float, float, float] | None = None,
    decision: Decision | None = None,
    settings: Settings | None = None,
    rules: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Siting:
    """Judge a project at every cell of a park.

    Parameters
    ----------
    park : Park
    project : Project
        It stands somewhere in the park; the map moves it as a whole, the mean of its units to the middle of each cell.
    cells : int
        Along the longer side of the area, 1 to 2000.
    area : (left, bottom, right, top), optional
        Box around the boundary when left out; around the units where there is none. [m]
    decision : Decision, optional
        Of the gate for this park and project; made here when left out.
    settings, rules, seed
        As in `parkrisk.risk.assess.assess`; those of ``decision`` where that is given.
    progress : callable, optional
        Called as ``progress("siting", done, total)``.

    Returns
    -------
    Siting
        The same whatever the threads and the order of rows.

    Raises
    ------
    OutOfRange
        The project has no units or brings what cannot be moved; area or number of cells make no map; delayed ignition
        hangs on the place.
    InputProblems
        The park with the project at its own place is not valid.

    Notes
    -----
    Criteria of a cell: the project lies inside the boundary and on no other unit; its own individual risk at every
    protection target is within the limit for new installations, and together with that of the park within the limit in
    service; the F-N curve of the park with that of the project stays below the upper line (GB 36894-2018). Room is the
    least ratio of what a criterion leaves free to what the project takes. A target that is an area counts at the place
    where the project does most, its risk before at the place where that is largest.
    """
    units = units_of(project, park)
    raster = lattice(park, cells, area)
    if decision is None:
        decision = gate(park, project, settings=settings, rules=rules, seed=seed, progress=progress)
    chosen = decision.before.settings
    if chosen.delayed_ignition != "free_field":
        raise OutOfRange(
            "选址图要求 delayed_ignition 为 free_field", "a siting map needs delayed_ignition to be free_field"
        )
    middle = middle_of(units)
    base = _without_what_goes(decision, project)
    with threads(chosen.threads):
        verdict = _free(park, base, units, middle, raster)
        open_cells = np.flatnonzero(verdict.ravel() == PASS)
        points = np.stack([part.ravel() for part in np.meshgrid(raster.x, raster.y)], axis=1)[open_cells]
        found = rooms(set(units["unit_id"]), decision.after, base, middle, points, raster.cell, progress)
    others = _others(decision, park, project)
    unknown = (*_not_known(park, decision), *found.unknown, *open_everywhere(others[1]))
    codes = np.where(found.least < 1.0, FAIL, np.where(found.open, UNKNOWN, PASS))
    verdict.ravel()[open_cells] = np.where((codes == PASS) & bool(unknown), UNKNOWN, codes)
    return _map(park, project, raster, middle, verdict, open_cells, found, unknown, others, decision)


def _without_what_goes(decision: Decision, project: Project) -> Assessment:
    """The park without the project, and without the units that it takes away or replaces."""
    before = decision.before
    there = set(before.park.tables["units"]["unit_id"])
    gone = set(project.removes) | (there & set(project.tables["units"]["unit_id"]))
    if not gone:
        return before
    made = before.provenance
    return assess(
        change(before.park, remove=sorted(gone)),
        settings=before.settings,
        rules=str(decision.provenance["rules"]),
        seed=int(made["seed"]),
        previous=before,
    )


def _free(park: Park, base: Assessment, units: pd.DataFrame, middle: Floats, raster: Raster) -> NDArray[np.int8]:
    """PASS where all units of the project lie inside the boundary and on no other unit, shape (ny, nx)."""
    x, y = (part.ravel() for part in np.meshgrid(raster.x, raster.y))
    offset = units[["x", "y"]].to_numpy(dtype=np.float64) - middle
    inside = np.ones(x.size, dtype=bool)
    if park.boundary is not None:
        shapely.prepare(park.boundary)
        for dx, dy in offset:
            inside[inside] = shapely.intersects_xy(park.boundary, x[inside] + dx, y[inside] + dy)
    verdict = np.where(inside, PASS, OUTSIDE).astype(np.int8)
    others = base.park.tables["units"]
    if inside.any() and len(others):
        cells = np.stack([x[inside], y[inside]], axis=1)
        clear = translation.clearance(
            cells, offset, _radius(units), others[["x", "y"]].to_numpy(dtype=np.float64, copy=True), _radius(others)
        )
        verdict[inside] = np.where(clear > 0.0, PASS, OCCUPIED)
    return verdict.reshape(raster.ny, raster.nx)


def _radius(units: pd.DataFrame) -> Floats:
    """Half the diameter, 0 where none is known. [m]"""
    radius: Floats = 0.5 * np.nan_to_num(units["diameter_m"].to_numpy(dtype=np.float64))
    return radius


def _not_known(park: Park, decision: Decision) -> tuple[str, ...]:
    """Why no cell can pass: names of what is missing."""
    incomplete = {*decision.before.events.not_computed, *decision.after.events.not_computed}
    return (
        *(() if park.boundary is not None else ("park.boundary",)),
        *missing_events(sorted(incomplete)),
    )


def _others(decision: Decision, park: Park, project: Project) -> tuple[str, pd.DataFrame]:
    """Verdict over all rules were the criteria of the map met, and the rules that do not pass then."""
    ruleset = decision.after.ruleset
    facts = project_facts(park, project, ruleset, decision.before, decision.after, decision.targets)
    distance = distance_met(park, project, ruleset, decision)
    judged = ruleset.evaluate(at_a_good_place(facts, distance), "project")
    verdict, effects = verdict_of(judged)
    judged["effect"] = effects
    return verdict, judged[judged["effect"] != "none"].reset_index(drop=True)


def _map(
    park: Park,
    project: Project,
    raster: Raster,
    middle: Floats,
    verdict: NDArray[np.int8],
    open_cells: NDArray[np.intp],
    found: Rooms,
    unknown: tuple[str, ...],
    others: tuple[str, pd.DataFrame],
    decision: Decision,
) -> Siting:
    shape = verdict.shape
    room, binding, target = np.full(shape, np.nan), np.zeros(shape, np.int8), np.full(shape, -1, np.int32)
    room.ravel()[open_cells] = np.minimum(found.least, MOST)
    binding.ravel()[open_cells] = np.where(found.least < MOST, found.binding, 0)
    target.ravel()[open_cells] = np.where(found.least < MOST, found.target, -1)
    for array in (verdict, room, binding, target):
        array.setflags(write=False)
    elsewhere, rules = others
    made = {key: decision.provenance[key] for key in ("version", "park_digest", "project_digest", "rules", "seed")}
    content: list[bytes | str] = [
        verdict.tobytes(),
        room.tobytes(),
        binding.tobytes(),
        target.tobytes(),
        canonical_json(list(unknown)),
    ]
    method = {
        "cells": [raster.nx, raster.ny],
        "cell_m": raster.cell,
        "lower_left": [raster.x0, raster.y0],
        "crs": park.crs,
        "judged_cells": int(open_cells.size),
        "curves_counted": found.counted,
        **made,
        "result_digest": digest(content),
    }
    return Siting(
        park=park,
        project=project,
        raster=raster,
        verdict=verdict,
        room=room,
        binding=binding,
        target=target,
        targets=found.targets,
        own_place=(float(middle[0]), float(middle[1])),
        elsewhere=elsewhere,
        rules=rules,
        unknown=unknown,
        decision=decision,
        method=MappingProxyType(method),
    )
