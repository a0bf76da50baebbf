"""Everything that a run writes: tables, workbook, map, figures, report."""

from collections.abc import Collection
from pathlib import Path

from parkrisk.api.progress import Report
from parkrisk.api.report.assemble import material_of, print_report
from parkrisk.api.written.geopackage import write_geopackage
from parkrisk.api.written.workbook import write_tables
from parkrisk.risk.result import Assessment

__all__ = ["write_run"]


def write_run(
    result: Assessment,
    folder: str | Path,
    lang: str,
    *,
    rules: str | None = None,
    formats: Collection[str],
    progress: Report,
) -> Path:
    """Write the tables as CSV and as ``tables.xlsx``, ``result.json``, ``park.gpkg``, ``figures/`` and the report.

    Parameters
    ----------
    result : Assessment
    folder : path
        Made if it is not there; files of the same names are replaced.
    lang : str
        "zh" or "en".
    rules : str, optional
        As ``result`` was asked for.
    formats : collection of str
        Of the report: of "pdf" and "docx"; empty: no report.
    progress : callable

    Raises
    ------
    MissingFont, MissingLetters
        As `parkrisk.api.report.assemble.print_report` does.
    """
    target = Path(folder)
    progress("write", 0, 3)
    result.save(target)
    progress("write", 1, 3)
    write_tables(result, target / "tables.xlsx", lang)
    progress("write", 2, 3)
    write_geopackage(result, target / "park.gpkg", lang)
    progress("write", 3, 3)
    material = material_of(result, target / "figures", lang, rules=rules, progress=progress)
    if formats:
        print_report(material, target, formats, progress)
    return target
