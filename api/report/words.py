"""Words that both printers put around the content, and the signs of a meaning."""

from collections.abc import Mapping

__all__ = ["SIGNS", "words"]

#: Said beside the colour, for the colour-blind and for print in grey.
SIGNS: Mapping[str, str] = {"good": "✓", "bad": "✗", "unknown": "?", "note": "i"}

_WORDS: Mapping[str, tuple[str, str]] = {
    "table": ("表", "Table"),
    "figure": ("图", "Figure"),
    "summary": ("摘要", "Summary"),
    "contents": ("目录", "Contents"),
    "update": ("在 Word 中按 F9 更新目录。", "Press F9 in Word to update the table of contents."),
}


def words(lang: str) -> dict[str, str]:
    """All of them in one language, "zh" or "en"."""
    return {name: texts[0 if lang == "zh" else 1] for name, texts in _WORDS.items()}
