"""Pages that follow from data and code, written before Sphinx reads: rules, schema, substances, errors, routes, commands.

Each module of this package makes some of them: ``pages()`` gives name → text (MyST).
"""

import importlib
import importlib.resources
import inspect
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAKERS = (
    "python",
    "commands",
    "http",
    "rules",
    "schema",
    "substances",
    "errors",
    "settings",
    "marks",
    "words",
    "others",
)
FOLDER = Path(__file__).parent.parent / "generated"
MATHJAX = "tex-svg-full.js"
_ATTRIBUTES: dict[str, list[str]] = {}


def write(*_: Any) -> None:
    """Write every generated page that is new or has changed, and take away what is made no more."""
    found: dict[str, str] = {}
    for name in MAKERS:
        make: Callable[[], dict[str, str]] = importlib.import_module(f"pages.{name}").pages
        found |= make()
    kept = {FOLDER / f"{name}.md" for name in found}
    for old in FOLDER.rglob("*.md"):
        if old not in kept:
            old.unlink()
    for name, text in found.items():
        path = FOLDER / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def add_mathjax(app: Any, failed: Exception | None) -> None:
    """Put the one file that draws formulas beside the pages: without network, also from a disk."""
    if failed is None:
        found = importlib.resources.files("sphinx-mathjax-offline") / "static" / "mathjax" / MATHJAX
        (Path(app.outdir) / "_static" / MATHJAX).write_bytes(found.read_bytes())


def plain_references(_app: Any, what: str, name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Let references of a docstring be a numbered list: as footnotes they would clash with others of the page."""
    if what == "attribute":
        _ATTRIBUTES[name] = list(lines)
    lines[:] = [re.sub(r"\[(\d+)\]_", r"[\1]", re.sub(r"^(\s*)\.\. \[\d+\] ", r"\1#. ", line)) for line in lines]


def whole_attributes(_app: Any, what: str, name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Give back what is said of an attribute: napoleon takes what stands before a colon for its type."""
    if what == "attribute":
        lines[:] = _ATTRIBUTES.pop(name)


def left_out(_app: Any, _what: str, _name: str, found: Any, skip: bool, _options: Any) -> bool:
    """Leave out what is written in a module but not its own: names of types, classes of libraries."""
    home = getattr(found, "__module__", None) or "parkrisk"
    return skip or isinstance(found, types.GenericAlias) or (inspect.isclass(found) and not home.startswith("parkrisk"))


def setup(app: Any) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("config-inited", write)
    app.connect("build-finished", add_mathjax)
    app.connect("autodoc-process-docstring", plain_references, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", whole_attributes, priority=600)  # after it
    app.connect("autodoc-skip-member", left_out)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
