"""Text of input files: UTF-8, or GBK as spreadsheets under Chinese Windows write it, told apart and said."""

from collections.abc import Iterable
from pathlib import Path

from parkrisk.models.errors import Problem
from parkrisk.scenarios.messages import problem

__all__ = ["any_gbk", "decoded"]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _doubtful(text: str, gbk_around: bool) -> bool:
    """Whether text that decodes as UTF-8 is more likely GBK.

    Some short Chinese words are valid UTF-8 in GBK by chance: 学校 reads as two Cyrillic letters. All their
    characters then lie in U+0080 to U+07FF, none is Chinese. Signs of Latin-1 such as ³ and ° are left as they are;
    Greek counts as GBK only if another file of the folder is GBK for certain.
    """
    foreign = [ord(character) for character in set(text) if not character.isascii()]
    lowest = 0x0100 if gbk_around else 0x0400
    return bool(foreign) and all(lowest <= code <= 0x07FF for code in foreign)


def decoded(content: bytes, table: str, gbk_around: bool = False) -> tuple[str | None, list[Problem]]:
    """Return the text of a file, None if it is in no known encoding, and what there is to say about it.

    Parameters
    ----------
    content : bytes
    table : str
        Table the file holds, for the problems.
    gbk_around : bool
        Whether another file of the same folder is certainly GBK.
    """
    if content.startswith(b"PK\x03\x04"):
        return None, [problem("workbook_as_csv", table)]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), [problem("encoding_gbk", table, found="UTF-16")]
        except UnicodeDecodeError:
            return None, [problem("encoding_unknown", table)]
    if _is_utf8(content):
        text = content.decode("utf-8-sig")
        if content.startswith(b"\xef\xbb\xbf") or not _doubtful(text, gbk_around):
            return text, []
    try:
        # GB 18030 holds every character of GBK.
        return content.decode("gb18030"), [problem("encoding_gbk", table, found="GBK")]
    except UnicodeDecodeError:
        return None, [problem("encoding_unknown", table)]


def any_gbk(paths: Iterable[Path]) -> bool:
    """Whether one of the files is certainly not UTF-8 and reads as GBK."""
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            continue  # named when its table is read
        if _is_utf8(content) or content.startswith((b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            content.decode("gb18030")
        except UnicodeDecodeError:
            continue
        return True
    return False
