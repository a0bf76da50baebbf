"""Pieces of MyST: tables, cells, links, definition by fields."""

import csv
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: What the marks of data rows mean.
MARKS = {"V": "verified", "1": "one source", "M": "**unverified (M)**"}
_SPECIAL = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>|#$~"})


def plain(text: object) -> str:
    """Text whose signs mean nothing to Markdown, in one line."""
    return " ".join(str(text).translate(_SPECIAL).split())


def said(text: object) -> str:
    """Text in which what stands between backticks is code."""
    return "".join(
        f"`{part}`" if odd else "".join((" " * part[:1].isspace(), plain(part), " " * (part[-1:].isspace() and not part.isspace())))
        for odd, part in zip(itertools.cycle((False, True)), str(text).replace("|", "/").split("`"), strict=False)
    )  # fmt: skip


def code(text: object) -> str:
    """Text as code; "" stays empty."""
    shown = " ".join(str(text).replace("|", "\\|").split())
    return f"`{shown}`" if shown else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def page(title: str, *parts: str) -> str:
    """Page with a title."""
    made = "```{note}\nThis page is written from the data and code of the program when the site is built.\n```"
    return "\n\n".join([f"# {title}", made, *(part.strip("\n") for part in parts if part)]) + "\n"


def toctree(names: Iterable[str], depth: int = 1) -> str:
    """Table of contents of pages."""
    return "\n".join([f"```{{toctree}}\n:maxdepth: {depth}\n", *names, "```"])


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a data file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mark(row: Mapping[str, str]) -> str:
    """What the mark of a row means."""
    return MARKS.get(row.get("mark", ""), "")
