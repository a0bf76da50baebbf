"""A place for pages that nobody has put anywhere yet."""

from pages.marked import ROOT, toctree

_DOCS = ROOT / "docs"


def pages() -> dict[str, str]:
    """One page: pages of ``docs/`` that no table of contents names."""
    named = "\n".join(
        (_DOCS / name).read_text(encoding="utf-8") for name in ("index.md", "guide/index.md", "evidence/index.md")
    )
    left = [path.stem for path in sorted(_DOCS.glob("*.md")) if path.stem != "index" and f"{path.stem}\n" not in named]
    tree = toctree([f"/{name}" for name in left]) if left else ""
    return {"others": f"# Further pages\n\nPages that have no other place.\n\n{tree}\n"}
