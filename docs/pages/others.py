"""Places for pages that come and go: evidence written by benchmarks, and what nobody has put anywhere yet."""

from pages.marked import ROOT, toctree

_DOCS = ROOT / "docs"
#: Pages that a benchmark or a check writes, in this order where they are there.
_EVIDENCE = (
    "validation",
    "risk_integration",
    "peers",
    "growth",
    "speed",
    "soak",
    "mutation",
    "hostile_input",
    "supply",
)


def pages() -> dict[str, str]:
    """Evidence, and pages of ``docs/`` that no table of contents names."""
    there = {path.stem for path in _DOCS.glob("*.md")}
    named = "\n".join(
        (_DOCS / name).read_text(encoding="utf-8") for name in ("index.md", "guide/index.md", "theory/index.md")
    )
    left = sorted(name for name in there - {"index", *_EVIDENCE} if f"{name}\n" not in named)
    evidence = toctree([f"/{name}" for name in _EVIDENCE if name in there])
    others = toctree([f"/{name}" for name in left]) if left else ""
    return {
        "evidence": "# Evidence\n\nWhat the program was compared with and put through, and what that found. Figures are written by programs of the "
        f"repository, which anyone can run again.\n\n{evidence}\n",
        "others": f"# Further pages\n\nPages that have no other place.\n\n{others}\n",
    }
