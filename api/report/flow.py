"""A document laid out: headings and captions numbered, pages turned where tables are wide; both printers walk it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parkrisk.api.report.content import Block, Chapter, Document, Figure, Paragraph, Section, Table

__all__ = ["Heading", "Item", "Numbered", "Pages", "chapter_pages", "summary_items"]


@dataclass(frozen=True)
class Heading:
    """Title of a chapter (level 1) or of a section (level 2) with its number, such as 3 or 3.2."""

    level: int
    number: str
    title: str


@dataclass(frozen=True)
class Numbered:
    """A table or figure and the number in its caption, such as 3-1."""

    block: Table | Figure
    number: str


Item = Heading | Numbered | Block


@dataclass(frozen=True)
class Pages:
    """Items that follow each other on pages of one direction."""

    landscape: bool
    items: tuple[Item, ...]


def summary_items(document: Document) -> tuple[Item, ...]:
    """Blocks of the summary; tables and figures are S-1, S-2, ..."""
    return tuple(_numbered(document.summary, "S", [0, 0]))


def chapter_pages(document: Document) -> tuple[Pages, ...]:
    """All chapters, cut where the direction of the page changes.

    A wide table takes the headings just before it and the remark just after it along.
    """
    found: list[Pages] = []
    for number, chapter in enumerate(document.chapters, start=1):
        items = tuple(_items(chapter, number))
        for landscape, group in _by_direction(items):
            if found and found[-1].landscape == landscape:
                found[-1] = Pages(landscape, (*found[-1].items, *group))
            else:
                found.append(Pages(landscape, group))
    return tuple(found)


def _items(chapter: Chapter, number: int) -> Iterator[Item]:
    counts = [0, 0]
    yield Heading(1, str(number), chapter.title)
    yield from _numbered(chapter.blocks, str(number), counts)
    for place, section in enumerate(chapter.sections, start=1):
        yield from _section(section, f"{number}.{place}", str(number), counts)


def _section(section: Section, number: str, chapter: str, counts: list[int]) -> Iterator[Item]:
    yield Heading(2, number, section.title)
    yield from _numbered(section.blocks, chapter, counts)


def _numbered(blocks: Sequence[Block], chapter: str, counts: list[int]) -> Iterator[Item]:
    """Blocks with the numbers of tables and figures, which run through a chapter each by themselves."""
    for block in blocks:
        if isinstance(block, Table | Figure):
            kind = int(isinstance(block, Figure))
            counts[kind] += 1
            yield Numbered(block, f"{chapter}-{counts[kind]}")
        else:
            yield block


def _by_direction(items: Sequence[Item]) -> Iterator[tuple[bool, tuple[Item, ...]]]:
    wide = [isinstance(item, Numbered) and isinstance(item.block, Table) and item.block.wide for item in items]
    for place, item in enumerate(items):
        if isinstance(item, Paragraph) and item.small and place and wide[place - 1]:
            wide[place] = True
    for place in range(len(items) - 2, -1, -1):
        if isinstance(items[place], Heading) and wide[place + 1]:
            wide[place] = True
    start = 0
    for place in range(1, len(items) + 1):
        if place == len(items) or wide[place] != wide[start]:
            yield wide[start], tuple(items[start:place])
            start = place
