"""What text of a cell may not be: spellings that hide what they say, or that a spreadsheet would run."""

import re
import unicodedata

from parkrisk.scenarios import schema

__all__ = ["LONGEST", "LONGEST_ID", "text_fault"]

#: Letters of an id, which names files and stands on maps, and of any other text but the corners of an area.
LONGEST_ID, LONGEST = 200, 32_767

#: Control characters that no file of text may hold, marks that turn the direction of text round, and what is no
#: character at all. Line breaks and tabs are left to remarks.
_HIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
#: How a formula begins in a spreadsheet that opens a CSV file: with =, @, or a sign before a function or a command.
_FORMULA = re.compile(r"[=@]|[+-][^|]*(\||[A-Za-z]\()")


def text_fault(text: str, column: schema.Column) -> str:
    """Code of what is wrong with the text of a cell, "" if nothing."""
    if _HIDDEN.search(text) or (column.type != "text" and not text.isprintable()):
        return "control_character"
    if column.name == "polygon":
        return ""
    if len(text) > (LONGEST if column.type == "text" else LONGEST_ID):
        return "text_too_long"
    if text[0] in "=@+-＝＠＋－" and _FORMULA.match(unicodedata.normalize("NFKC", text)):
        return "formula_text"
    if column.type == "id" and ";" in text:  # lists of ids are written with it
        return "semicolon_in_id"
    return ""
