"""Tasks that write reports."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.api.report.assemble import material_of, print_report
from parkrisk.api.report.gate_report import write_gate_report
from parkrisk.api.report.printers import FORMATS, require_printers
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.entering import decision_of
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.written.geopackage import write_geopackage
from parkrisk.api.written.workbook import write_tables

__all__ = ["gate_report", "report"]

#: What is written beside the printed report.
_TABLES, _MAP, _FIGURES = "xlsx", "gpkg", "figures"


def report(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Write about a park: as ``assess``, and ``lang``, ``formats`` of pdf, docx, xlsx, gpkg, figures (all)."""
    lang = arguments.get("lang") or "zh"
    chosen = set(arguments.get("formats") or (*FORMATS, _TABLES, _MAP, _FIGURES))
    printed = chosen - {_TABLES, _MAP, _FIGURES}
    if printed:
        require_printers(printed)
    result = desk.assessed(arguments)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        if _TABLES in chosen:
            write_tables(result, target / "tables.xlsx", lang)
        if _MAP in chosen:
            write_geopackage(result, target / "park.gpkg", lang)
        if printed or _FIGURES in chosen:
            rules = desk.rules(arguments, result.park)
            material = material_of(result, target / "figures", lang, rules=rules, progress=desk.progress)
            if printed:
                print_report(material, target, sorted(printed), desk.progress)
        return _written(target)


def gate_report(arguments: Mapping[str, Any], desk: Desk) -> Outcome:
    """Write about a decision: as ``gate``, and ``lang``, ``formats`` of pdf, docx (both)."""
    formats = arguments.get("formats") or tuple(FORMATS)
    require_printers(formats)
    decision = decision_of(arguments, desk)
    with tempfile.TemporaryDirectory() as folder:
        write_gate_report(decision, folder, arguments.get("lang") or "zh", formats)
        written = _written(Path(folder))
    return Outcome({**written.content, "result_digest": decision.provenance["result_digest"]}, written.files)


def _written(folder: Path) -> Outcome:
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return Outcome({"files": list(files)}, files)
