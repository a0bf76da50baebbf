"""What people write for a substance: spellings that mean the same for certain, and what else may have been meant.

Words and characters stand in ``models/data/substance_names.csv``.
"""

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping

from parkrisk.models.constants import rows

__all__ = ["check_digit", "meant", "plain", "several", "solution_of", "spellings", "stated_share"]

_CAS = re.compile(r"(\d{2,7})-?(\d{2})-?(\d)")
_PREFIX = re.compile(r"^cas(号|登记号|no\.?|number|rn)?[:.]?(?=\d)")
_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63]")
#: 92#汽油, 0号柴油: numbers of fuels.
_NUMBER = r"-?\d{1,3}(#|号)"
_SHARE = re.compile(r"(≥|>|约)?\d+(\.\d+)?(-\d+(\.\d+)?)?%")


@functools.cache
def _words(kind: str) -> dict[str, str]:
    return {row["word"]: row["means"] for row in rows("substance_names") if row["kind"] == kind}


@functools.cache
def _simplified() -> dict[int, str]:
    return {
        ord(old): new
        for simple, traditional in _words("traditional").items()
        for new, old in zip(simple, traditional, strict=True)
    }


def plain(key: str) -> str:
    """Spelling without what does not matter: spaces, width, case, kind of hyphen, traditional characters."""
    text = _HYPHENS.sub("-", unicodedata.normalize("NFKC", key)).strip().casefold()
    return re.sub(r"\s+", "", text.translate(_simplified()))


def check_digit(cas: str) -> int | None:
    """Return the last digit that a CAS number should have by the others; None if the text has not the form of one.

    Examples
    --------
    >>> check_digit("7664-41-0")
    7
    """
    match = _CAS.fullmatch(plain(cas))
    if match is None:
        return None
    digits = map(int, reversed(match[1] + match[2]))
    return sum(place * digit for place, digit in enumerate(digits, start=1)) % 10


@functools.cache
def _grade() -> re.Pattern[str]:
    words = "|".join(re.escape(plain(word)) for word in sorted(_words("grade"), key=len, reverse=True))
    return re.compile(rf"^{_NUMBER}|[\[(]({words}|{_NUMBER})[\])]$|(?<=[^a-z]){_NUMBER}$|({words})$")


def spellings(key: str) -> Iterator[str]:
    """Yield plain spellings that mean the same as ``key`` for certain, the nearest first.

    A CAS number may have "CAS" before it and lack its hyphens if its check digit is right; a grade ("工业级", "92#") is
    left out, and so is no word that could change the substance.
    """
    text = _PREFIX.sub("", plain(key))
    yield text
    match = _CAS.fullmatch(text)
    if match is not None:
        if check_digit(text) == int(match[3]):
            yield "-".join(match.groups())
        return
    without = _grade().sub("", text)
    if without and without != text:
        yield without


def stated_share(key: str) -> str:
    """Name that is left when a stated concentration such as 31% is taken away; "" if there is none."""
    text = plain(key)
    if not _SHARE.search(text):
        return ""
    return re.sub(r"[\[(]\s*[\])]|(水)?溶液", "", _SHARE.sub("", text))


def solution_of(key: str) -> str:
    """CAS number of the substance that ``key`` is an aqueous solution of; "" if it is not known as one."""
    text = plain(key)
    known = {plain(word): cas for word, cas in _words("solution").items()}
    return known.get(text) or known.get(stated_share(text), "")


def several(key: str) -> tuple[str, ...]:
    """CAS numbers of the substances that a word may mean; empty unless it is known to mean several."""
    known = {plain(word): cas for word, cas in _words("several").items()}
    found = next((known[word] for word in spellings(key) if word in known), "")
    return tuple(filter(None, found.split(";")))


def _one_edit(text: str) -> Iterator[str]:
    """Spellings with one character that is taken for another set right, or two neighbours swapped."""
    for right, wrong in ((row["word"], row["means"]) for row in rows("substance_names") if row["kind"] == "confused"):
        if wrong in text:
            yield text.replace(wrong, right)
    for place in range(len(text) - 1):
        yield text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _near_numbers(text: str, known: Mapping[str, object]) -> Iterator[str]:
    """CAS numbers that differ in one digit, or in the order of two neighbours."""
    digits = text.replace("-", "")
    for cas in known:
        match = _CAS.fullmatch(cas)
        other = "".join(match.groups()) if match else ""
        if len(other) != len(digits):
            continue
        wrong = [place for place, (one, two) in enumerate(zip(digits, other, strict=True)) if one != two]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(digits) == sorted(other)
        if len(wrong) == 1 or swapped:
            yield cas


def meant(key: str, known: Mapping[str, object]) -> list[str]:
    """Known plain spellings that ``key`` may have been meant for, the likeliest first."""
    text = next(spellings(key))
    if _CAS.fullmatch(text):
        return list(_near_numbers(text, known))
    bare = re.sub(r"[\[(].*?[\])]", "", text)
    likely = [word for word in (stated_share(text), bare, *_one_edit(text), *_one_edit(bare)) if word in known]
    return list(dict.fromkeys([*likely, *difflib.get_close_matches(text, known, n=5, cutoff=0.6)]))
