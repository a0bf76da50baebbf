"""What a siting map costs: 200 × 200 cells over the example park, beside the gate run at every cell.

``cpu`` is processor time of all threads; seconds by the clock follow from it on an idle machine. The map is measured
after the gate at the project's own place, which it needs once. At sampled cells the map stands beside the gate run with
the project there, whose own individual risk also holds what cascades from other units add to it.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.report import machine, options, show
from parkrisk.api.examples import example_park
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import Decision, gate
from parkrisk.risk.siting.result import Siting
from parkrisk.risk.siting.siting import siting
from parkrisk.scenarios import read, read_project
from parkrisk.scenarios.park import Park, Project

CELLS = 200


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and the result."""
    start, before = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - start, time.process_time() - before, result


def square(park: Park) -> tuple[float, float, float, float]:
    """Box around the boundary, as high as wide."""
    left, bottom, right, top = park.boundary.bounds
    side = max(right - left, top - bottom)
    return left, bottom, left + side, bottom + side


def proofs(found: Siting, samples: int) -> dict[str, Any]:
    """Compare sampled cells with the gate run there."""
    cells = np.argwhere(np.isfinite(found.room))
    chosen = cells[:: max(len(cells) // samples, 1)][:samples]
    seconds, ratios = 0.0, []
    pairs = {"pass_refused": 0, "fail_passed": 0, "same": 0, "unknown": 0}
    for row, column in chosen:
        x, y = found.raster.x[column], found.raster.y[row]
        _, spent, proof = timed(lambda x=x, y=y: found.prove(x, y))
        seconds += spent
        rules = proof.rules.set_index("rule_id")["status"]
        names = [name for name in rules.index if str(name).startswith("gb36894-") and name != "gb36894-alarp"]
        # A rule that lets off what raises no risk does not stand in the way.
        passes, said = bool(rules[names].isin(["pass", "not_applicable"]).all()), found.at(x, y)
        if said["verdict"] == "unknown":
            pairs["unknown"] += 1
        elif passes == (said["verdict"] == "pass"):
            pairs["same"] += 1
        else:
            pairs["fail_passed" if passes else "pass_refused"] += 1
        if said["binding"] == "individual_new":
            ratios.append(said["room"] * float((proof.targets["own"] / proof.targets["limit_new"]).max()))
    return {
        "proofs": len(chosen),
        "proof_cpu_seconds": seconds / max(len(chosen), 1),
        **{f"proofs_{name}": count for name, count in pairs.items()},
        "individual_gate_to_map_median": float(np.median(ratios)) if ratios else None,
        "individual_gate_to_map_max": max(ratios, default=None),
    }


def one(park: Park, project: Project, before: Any, samples: int, area: tuple[float, ...]) -> dict[str, Any]:
    """Measure the map of one project."""
    decision: Decision
    gate_seconds, gate_cpu, decision = timed(lambda: gate(park, project, before=before))
    gate_seconds, gate_cpu, decision = timed(lambda: gate(park, project, before=before))

    def draw() -> Siting:
        return siting(park, project, decision=decision, cells=CELLS, area=area)

    draw()
    seconds, cpu, found = timed(draw)
    rerun = found.method["judged_cells"] * gate_cpu
    return {
        "seconds": seconds,
        "cpu": cpu,
        "gate_seconds": gate_seconds,
        "gate_cpu": gate_cpu,
        "cells": found.verdict.size,
        "judged_cells": found.method["judged_cells"],
        "curves_counted": found.method["curves_counted"],
        "cells_per_cpu_second": found.verdict.size / cpu,
        "cpu_ratio_to_rerunning_judged_cells": rerun / cpu,
        "cpu_ratio_to_rerunning_all_cells": found.verdict.size * gate_cpu / cpu,
        **proofs(found, samples),
    }


def main() -> None:
    """Measure and print."""
    asked = options(__doc__ or "").parse_args()
    on = machine()
    name, projects = ("minimal", ("diesel-tank",)) if asked.quick else ("zhoushan", ("chlorine-store", "new-tank-farm"))
    park = read(example_park(name))
    before = assess(park)
    figures: dict[str, Any] = {}
    for project_name in projects:
        project = read_project(example_park(name) / "projects" / project_name)
        measured = one(park, project, before, 3 if asked.quick else 8, square(park))
        figures |= {f"{project_name}_{key}": value for key, value in measured.items()}
    show("siting", figures, as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
