"""The PDF of a report, set by Typst: the document goes to the template as data, so that no text in it is markup."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from parkrisk.api.report import lettering
from parkrisk.api.report.content import Bullets, Callout, Cell, Document, Facts, Figure, Paragraph, Table
from parkrisk.api.report.flow import Heading, Item, Numbered, chapter_pages, summary_items
from parkrisk.api.report.lettering import MissingFont, check_letters, printable
from parkrisk.api.report.pictures import size_on_page
from parkrisk.api.report.words import SIGNS, words

__all__ = ["to_pdf"]

#: A drawing with more than this goes in as its picture in dots: Typst converts about 1 MB a second. [bytes]
_LARGEST_SVG = 700_000


def to_pdf(document: Document, file: str | Path) -> Path:
    """Write a document as PDF.

    Parameters
    ----------
    document : Document
    file : path
        Its folder is there. The same document gives the same bytes.

    Returns
    -------
    Path

    Raises
    ------
    MissingFont
        Typst or the fonts are not installed.
    MissingLetters
        The document has letters that no font of the report has.
    """
    try:
        import typst
    except ModuleNotFoundError:
        raise MissingFont("typst") from None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = _tree(document, folder)
        check_letters(_texts(tree))
        (folder / "tree.json").write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
        template = resources.files("parkrisk.api.report") / "report.typ"
        (folder / "report.typ").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=sorted({str(each.parent) for each in lettering.font_files()}),
        )
        day = document.dated
        content = typst.compile(
            folder / "report.typ",
            root=folder,
            font_paths=fonts,
            timestamp=None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
    path = Path(file)
    path.write_bytes(content)
    return path


def _tree(document: Document, folder: Path) -> dict[str, Any]:
    """The document as plain data; its pictures are copied into the folder."""
    day = document.dated
    pictures: dict[Path, str] = {}
    tree = {
        "lang": document.lang,
        "words": words(document.lang),
        "title": printable(document.title),
        "subtitle": printable(document.subtitle),
        "running_head": printable(document.running_head),
        "dated": None if day is None else [day.year, day.month, day.day],
        "short": document.short,
        "cover": [[printable(text) for text in row] for row in document.cover],
        "notices": [_data(notice, pictures) for notice in document.notices],
        "summary": [_data(item, pictures) for item in summary_items(document)],
        "pages": [
            {"landscape": pages.landscape, "items": [_data(item, pictures) for item in pages.items]}
            for pages in chapter_pages(document)
        ],
    }
    for source, name in pictures.items():
        shutil.copyfile(source, folder / name)
    return tree


def _data(item: Item, pictures: dict[Path, str]) -> dict[str, Any]:
    match item:
        case Heading(level, number, title):
            return {"is": "heading", "level": level, "number": number, "title": printable(title)}
        case Numbered(Table() as table, number):
            return {"is": "table", "number": number, **_table(table)}
        case Numbered(Figure() as figure, number):
            return {"is": "figure", "number": number, **_figure(figure, pictures)}
        case Paragraph(text, small):
            return {"is": "paragraph", "text": printable(text), "small": small}
        case Bullets(items, numbered):
            return {"is": "bullets", "items": [printable(text) for text in items], "numbered": numbered}
        case Callout(kind, title, text):
            return {
                "is": "callout",
                "kind": kind,
                "sign": SIGNS[kind],
                "title": printable(title),
                "text": printable(text),
            }
        case Facts(rows):
            return {"is": "facts", "rows": [[printable(text) for text in row] for row in rows]}
        case _:
            raise TypeError(f"no block of a report: {type(item).__name__}")


def _table(table: Table) -> dict[str, Any]:
    places = {"l": "left", "c": "center", "r": "right"}
    return {
        "caption": printable(table.caption),
        "header": [printable(label) for label in table.header],
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
        "align": [places[letter] for letter in table.align],
        "widths": list(table.widths or [1.0] * len(table.header)),
        "note": printable(table.note),
    }


def _cell(cell: str | Cell) -> dict[str, str]:
    given = cell if isinstance(cell, Cell) else Cell(cell)
    return {"text": printable(given.text), "meaning": given.meaning, "sign": SIGNS.get(given.meaning, "")}


def _figure(figure: Figure, pictures: dict[Path, str]) -> dict[str, Any]:
    dots, lines = (figure.path.with_name(f"{figure.path.name}.{ending}") for ending in ("png", "svg"))
    source = lines if lines.exists() and lines.stat().st_size <= _LARGEST_SVG else dots
    name = pictures.setdefault(source, f"picture-{len(pictures) + 1}{source.suffix}")
    width, _ = size_on_page(dots, figure.width)
    return {"file": name, "width": width, "caption": printable(figure.caption), "note": printable(figure.note)}


def _texts(data: Any) -> Iterator[str]:
    """Every text of the data that may be printed."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from _texts(list(data.values()))
    elif isinstance(data, Sequence):
        for each in data:
            yield from _texts(each)
