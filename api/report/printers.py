"""The kinds of file that a report is printed as, and whether what prints them is installed."""

import importlib.util
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from parkrisk.api.report.content import Document
from parkrisk.api.report.lettering import MissingFont, font_files
from parkrisk.api.report.typeset import to_pdf
from parkrisk.api.report.word import to_docx
from parkrisk.models.errors import OutOfRange

__all__ = ["FORMATS", "print_document", "require_printers"]

FORMATS: Mapping[str, Callable[[Document, Path], Path]] = {"docx": to_docx, "pdf": to_pdf}


def require_printers(formats: Collection[str] = tuple(FORMATS)) -> None:
    """Refuse before a long run what cannot be printed after it.

    Parameters
    ----------
    formats : collection of str
        Of "pdf" and "docx".

    Raises
    ------
    OutOfRange
        There is no such format.
    MissingFont
        Something is not installed; says what, and how to get it.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise OutOfRange(
            f"报告格式只能是 {'、'.join(FORMATS)}，不能是 {'、'.join(unknown) or '空'}",
            f"formats of a report are {', '.join(FORMATS)}, not {', '.join(unknown) or 'none'}",
        )
    if "docx" in formats and importlib.util.find_spec("docx") is None:
        raise MissingFont("python-docx")
    if "pdf" in formats and importlib.util.find_spec("typst") is None:
        raise MissingFont("typst")
    if "pdf" in formats:
        font_files()


def print_document(
    document: Document, folder: Path, name: str, formats: Collection[str] = tuple(FORMATS)
) -> list[Path]:
    """Write a document as NAME.docx and NAME.pdf; the Word file first, as it has no want of fonts."""
    return [write(document, folder / f"{name}.{ending}") for ending, write in FORMATS.items() if ending in formats]
