"""What it costs to write a run beyond its assessment: tables, workbook, map, figures, chapters, Word, PDF.

Seconds by the clock and of the processor (``cpu``) of each part. ``report`` is what `parkrisk report` does beyond the
assessment: figures, chapters, both printers.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.report import machine, options, show
from parkrisk.api.examples import example_park
from parkrisk.api.report.assemble import document_of, material_of
from parkrisk.api.report.printers import FORMATS
from parkrisk.api.written.geopackage import write_geopackage
from parkrisk.api.written.workbook import write_tables
from parkrisk.risk.assess import assess
from parkrisk.scenarios import read

PARTS_OF_REPORT = ("figures", "chapters", *FORMATS)


def main() -> None:
    """Write the run of the example park part by part."""
    asked = options(__doc__ or "").parse_args()
    on = machine()
    figures: dict[str, Any] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start, before = time.perf_counter(), time.process_time()
        result = work()
        figures[f"seconds_{name}"] = time.perf_counter() - start
        figures[f"cpu_{name}"] = time.process_time() - before
        return result

    park = read(example_park("minimal" if asked.quick else "zhoushan"))
    result = timed("assessment", lambda: assess(park))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed("tables", lambda: result.save(folder))
        timed("workbook", lambda: write_tables(result, folder / "tables.xlsx"))
        timed("map", lambda: write_geopackage(result, folder / "park.gpkg"))
        material = timed("figures", lambda: material_of(result, folder / "figures", "zh"))
        document = timed("chapters", lambda: document_of(material))
        for ending, write in FORMATS.items():
            path = timed(ending, lambda write=write, ending=ending: write(document, folder / f"report.{ending}"))
            figures[f"mib_{ending}"] = path.stat().st_size / 2**20
        figures["drawn"] = len(material.figures)
    for unit in ("seconds", "cpu"):
        figures[f"{unit}_report"] = sum(figures[f"{unit}_{part}"] for part in PARTS_OF_REPORT)
    show("written", figures, as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
