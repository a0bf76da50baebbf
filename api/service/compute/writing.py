"""Tasks that write reports."""

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from parkrisk.api.report.assemble import material_of, print_report
from parkrisk.api.report.gate_report import write_gate_report
from parkrisk.api.report.printers import FORMATS, require_printers
from parkrisk.api.service.compute.desk import Desk, same_result
from parkrisk.api.service.compute.entering import decision_of
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.written.geopackage import write_geopackage
from parkrisk.api.written.workbook import write_tables

__all__ = ["gate_report", "report"]

#: What is written beside the printed report: the tables, the map, and the figures in two forms.
_TABLES, _MAP = "xlsx", "gpkg"
_FIGURES = ("svg", "png")


def report(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Write about a park: as ``assess``, and ``lang``, ``formats`` of pdf, docx, xlsx, gpkg, svg, png (all)."""
    lang = arguments.get("lang") or "zh"
    chosen = set(arguments.get("formats") or (*FORMATS, _TABLES, _MAP, *_FIGURES))
    figures = chosen & set(_FIGURES)
    printed = chosen - {_TABLES, _MAP, *_FIGURES}
    if printed:
        require_printers(printed)
    result = desk.assessed(arguments)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        if _TABLES in chosen:
            write_tables(result, target / "tables.xlsx", lang)
        if _MAP in chosen:
            write_geopackage(result, target / "park.gpkg", lang)
        if printed or figures:
            rules = desk.rules(arguments, result.park)
            material = material_of(result, target / "figures", lang, rules=rules, progress=desk.progress)
            if printed:
                print_report(material, target, sorted(printed), desk.progress)
        return _written(target, without={f".{each}" for each in _FIGURES if each not in figures})


def gate_report(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Write about a decision: as ``gate``, and ``lang``, ``formats`` of pdf, docx (both)."""
    formats = arguments.get("formats") or tuple(FORMATS)
    require_printers(formats)
    decision = decision_of({**arguments, "result_digest": None}, desk)  # the digest is that of the decision
    same_result(arguments, decision.provenance)
    with tempfile.TemporaryDirectory() as folder:
        write_gate_report(decision, folder, arguments.get("lang") or "zh", formats)
        return _written(Path(folder))


def _written(folder: Path, without: Collection[str] = ()) -> Outcome:
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in without
    }
    return Outcome({"files": list(files)}, files)
