"""Which characters the fonts of the PDF have, and what is printed for those that they lack: never an empty box."""

import functools
import re
import unicodedata
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import matplotlib as mpl
from fontTools.ttLib import TTFont

from parkrisk.models.errors import ParkRiskError

__all__ = ["MissingFont", "MissingLetters", "check_letters", "font_files", "printable"]

#: Runs without a space that no line would hold are let break: after a sign, and anywhere when long.
_LONG = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]{13,}")
_AFTER_SIGN = re.compile(r"(?<=[_/\\.:;,=|&+\-])(?=\w)")
_PIECE = re.compile(r"[^\u200b]{21,}")
_STEP = 10
#: Signs that no font has, and what says the same.
_INSTEAD = str.maketrans({"\u202f": "\u00a0", "\u2011": "-", "\ufeff": "", "\u2028": "\n", "\u2029": "\n", "\t": " "})


class MissingFont(ParkRiskError):
    """What prints reports is not installed."""

    code = "report.missing_font"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"生成报告需要 {what}：pip install 'parkrisk[report]'；用 --no-report 可不生成报告",
            f"the report needs {what}: pip install 'parkrisk[report]'; --no-report leaves the report out",
        )


class MissingLetters(ParkRiskError):
    """The text has letters that no font of the report has."""

    code = "report.missing_letters"


def font_files() -> tuple[Path, ...]:
    """Files of the fonts, the preferred ones first.

    Raises
    ------
    MissingFont
        The package with Chinese type is not installed.
    """
    try:
        folder = Path(str(resources.files("pylopdf_fonts_zh_cn")))
    except ModuleNotFoundError:
        raise MissingFont("pylopdf-fonts-zh-cn") from None
    beside = Path(mpl.get_data_path()) / "fonts" / "ttf"  # signs, Arabic, Hebrew, Cyrillic
    return folder / "NotoSerifSC-Regular.otf", folder / "NotoSansSC-Regular.otf", beside / "DejaVuSans.ttf"


@functools.cache
def _letters() -> frozenset[int]:
    """Code points that can be printed: those that the text face and the table face have, or else the third font."""
    serif, sans, beside = map(_held, font_files())
    return (serif & sans) | beside


def _held(font: Path) -> frozenset[int]:
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def check_letters(texts: Iterable[str]) -> None:
    """Refuse texts with letters that no font has.

    Raises
    ------
    MissingLetters
        Lists each such letter once.
    """
    missing = {sign for text in texts for sign in set(text) if _is_missing(sign) and _is_letter(sign)}
    if missing:
        shown = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in sorted(missing)[:40])
        raise MissingLetters(
            f"报告字体缺少 {len(missing)} 个文字，PDF 不能正确显示：{shown}",
            f"the fonts of the report lack {len(missing)} letters, which the PDF cannot show: {shown}",
        )


def printable(text: str) -> str:
    """Text as the PDF prints it.

    Signs without a glyph stand as their code, marks that steer direction are left out, and long words may break.
    """
    shown = "".join(_shown(sign) for sign in text.translate(_INSTEAD))
    return _LONG.sub(lambda found: _breakable(found[0]), shown)


def _shown(sign: str) -> str:
    if sign == "\n" or not _is_missing(sign):
        return sign
    if unicodedata.category(sign) in ("Cc", "Cf", "Mn", "Me"):
        return ""
    return sign if _is_letter(sign) else f"[U+{ord(sign):04X}]"


def _is_missing(sign: str) -> bool:
    return ord(sign) not in _letters() or unicodedata.category(sign) == "Cf"


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LN"


def _breakable(word: str) -> str:
    parts = _AFTER_SIGN.sub("\u200b", word)
    return _PIECE.sub(lambda found: "\u200b".join(re.findall(f".{{1,{_STEP}}}", found[0])), parts)
