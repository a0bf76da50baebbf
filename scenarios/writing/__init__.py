"""Parks and projects out: as a folder, a workbook or a GeoPackage, cells as they stand."""

from pathlib import Path

from parkrisk.scenarios.reading.raw import RawInput

__all__ = ["form_of", "write"]


def form_of(path: Path) -> str:
    """Form that a path asks for: "workbook" (.xlsx), "geopackage" (.gpkg), otherwise "folder"."""
    return {".xlsx": "workbook", ".gpkg": "geopackage"}.get(path.suffix.casefold(), "folder")


def write(raw: RawInput, path: str | Path, lang: str = "zh") -> dict[str, str]:
    """Write a park or a project in the form that the path asks for.

    Parameters
    ----------
    raw : RawInput
        Without errors: what could not be read cannot be carried over.
    path : path
        File ending in .xlsx or .gpkg, written anew; otherwise a folder, made if it is not there.
    lang : str
        "zh" or "en": names of sheets and of what the drop-downs offer.

    Returns
    -------
    dict of str to str
        Table to the file, sheet or layer that holds it.

    Raises
    ------
    InputProblems
        If the form cannot hold a cell or a table.
    """
    target = Path(path)
    form = form_of(target)
    if form == "workbook":
        from parkrisk.scenarios.writing.workbook import write_workbook

        return write_workbook(raw, target, lang)
    if form == "geopackage":
        from parkrisk.scenarios.writing.geopackage import write_geopackage

        return write_geopackage(raw, target)
    from parkrisk.scenarios.writing.folder import write_folder

    return write_folder(raw, target)
