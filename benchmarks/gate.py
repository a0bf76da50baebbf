"""What an entry decision costs when the assessment of the park is at hand, beside a full run with the project in it.

Each project of a shipped park is gated twice: the first time its footprints are computed and changes that would let it
in are sought, the second time, without that search, counts. The assessment with the project must be that of a full run
to the last bit. ``cpu`` is processor time of all threads.
Figures without the name of a project are those of the slowest; ``equal`` is that of all.
"""

from pathlib import Path
from typing import Any

from benchmarks.report import machine, options, show
from benchmarks.whatif import timed
from parkrisk.api.examples import example_park
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import gate
from parkrisk.scenarios import read, read_project
from parkrisk.scenarios.changing.changes import change


def projects(folder: Path) -> dict[str, Any]:
    """Gate the projects of a park in a folder."""
    park = read(folder)
    before = assess(park)
    figures: dict[str, Any] = {}
    slowest = ""
    for place in sorted((folder / "projects").iterdir()):
        name, project = place.name, read_project(place)
        first, _, searched = timed(lambda project=project: gate(park, project, before=before))
        seconds, cpu, decision = timed(lambda project=project: gate(park, project, before=before, cures=False))
        changed = change(park, add=project)
        full_seconds, full_cpu, full = timed(lambda changed=changed: assess(changed))
        figures |= {
            f"{name}_verdict": searched.verdict,
            f"{name}_seconds_first": first,
            f"{name}_seconds_incremental": seconds,
            f"{name}_seconds_full": full_seconds,
            f"{name}_cpu": cpu,
            f"{name}_cpu_ratio": full_cpu / cpu,
            f"{name}_equal": decision.after.provenance["result_digest"] == full.provenance["result_digest"],
            f"{name}_stages": " ".join(f"{stage} {spent:.2f}" for stage, spent in decision.after.timings.items()),
        }
        if not slowest or seconds > figures[f"{slowest}_seconds_incremental"]:
            slowest = name
    whole = {key: figures[f"{slowest}_{key}"] for key in ("seconds_incremental", "seconds_full")}
    equal = all(value for key, value in figures.items() if key.endswith("_equal"))
    return {**whole, "equal": equal, "slowest": slowest, **figures}


def main() -> None:
    """Measure and print."""
    asked = options(__doc__ or "").parse_args()
    on = machine()
    figures = projects(Path(example_park("minimal" if asked.quick else "zhoushan")))
    show("gate", figures, as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
