"""Glossary in both languages: the report's own, and the words of the field that the program uses."""

from pages.marked import ROOT, page, plain, rows_of, table


def pages() -> dict[str, str]:
    """One page."""
    rows = [
        (plain(row["term_zh"]), plain(row["term_en"]), plain(row["meaning_zh"]), plain(row["meaning_en"]))
        for row in rows_of(ROOT / "api" / "report" / "glossary.csv")
    ]
    return {
        "glossary": page("Glossary 词汇", table(("中文", "English", "含义", "meaning"), rows)),
    }
