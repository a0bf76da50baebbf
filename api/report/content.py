"""What a report is made of: chapters, paragraphs, tables, figures; both printers walk the same tree.

Text is plain: signs of Typst and of Word in it are printed as they stand. Each text is in the language of the report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

__all__ = [
    "Block",
    "Bullets",
    "Callout",
    "Cell",
    "Chapter",
    "Document",
    "Facts",
    "Figure",
    "Paragraph",
    "Section",
    "Table",
]


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``small`` for remarks below tables and figures."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of points; ``numbered`` where their order matters."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Callout:
    """A message that must not be missed.

    ``kind`` is "good", "bad", "unknown" or "note": it chooses colour and sign.
    """

    kind: str
    title: str
    text: str


@dataclass(frozen=True)
class Cell:
    """Text of a table cell with a meaning: "good", "bad", "unknown", "muted" or "strong"."""

    text: str
    meaning: str = ""


@dataclass(frozen=True)
class Facts:
    """Label and value, line after line: what a reader looks up."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table with a caption; numbered within its chapter by the printer.

    Parameters
    ----------
    caption : str
    header : tuple of str
        Labels with their units.
    rows : tuple of tuple of str or Cell
        As many cells in each row as the header has.
    align : str
        One letter per column: l, c or r.
    widths : tuple of float
        Relative widths of the columns; empty: equal.
    note : str
        Printed small below: source, what is left out.
    wide : bool
        Printed across a landscape page.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]
    align: str
    widths: tuple[float, ...] = ()
    note: str = ""
    wide: bool = False

    def __post_init__(self) -> None:
        lengths = {len(row) for row in self.rows} | {len(self.header), len(self.align)}
        if self.widths:
            lengths.add(len(self.widths))
        if len(lengths) != 1:
            raise ValueError(f"table {self.caption!r}: rows, header, align and widths differ in length: {lengths}")


@dataclass(frozen=True)
class Figure:
    """A picture with a caption; ``path`` without its ending: Typst takes the SVG, Word the PNG.

    ``width`` is a share of the text width; ``note`` is printed small below.
    """

    path: Path
    caption: str
    width: float = 1.0
    note: str = ""


Block = Paragraph | Bullets | Callout | Facts | Table | Figure


@dataclass(frozen=True)
class Section:
    """A section of a chapter."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Chapter:
    """A chapter, numbered by the printer; blocks before the first section introduce it."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Document:
    """A whole report.

    Parameters
    ----------
    lang : str
        "zh" or "en".
    title, subtitle : str
    cover : tuple of (label, value)
        Printed on the cover: park, date of the data, rule set, version of the engine, digests.
    summary : tuple of Block
        What a reader must know who reads no further; before the table of contents.
    chapters : sequence of Chapter
    running_head : str
        In the head of every page.
    dated : date, optional
        Date of the data: the files bear it instead of the day they are written.
    notices : tuple of Callout
        Printed on the cover.
    short : bool
        A few pages: a title block instead of a cover, no table of contents, chapters follow on the page.
    """

    lang: str
    title: str
    subtitle: str
    cover: tuple[tuple[str, str], ...]
    summary: tuple[Block, ...]
    chapters: Sequence[Chapter]
    running_head: str
    dated: date | None = None
    notices: tuple[Callout, ...] = ()
    short: bool = False
