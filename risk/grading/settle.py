"""Which open items would settle the letter, and how few of them can give each letter.

A set of open items *settles* a letter when some answers to them leave no other letter possible, whatever becomes of the
items that stay open. A scored item may get any score between its bounds; a direct trigger is confirmed or ruled out.

Scores add up. Let ``low`` be the score that is sure, T the sum of all open spans, s that of the chosen items, and
[a, b) the scores of the letter. The chosen items can be answered so that the score stays in [a, b) if and only if they
can lift it there, low + s ≥ a, and what stays open cannot lift it out again, max(a, low) + T - s < b. Both conditions
ask for a large s alone, and no k items have a larger sum than the k with the largest spans: taking the largest first
gives the smallest set.

Direct triggers worse than the letter have to be ruled out. A confirmed trigger of the letter itself bounds the score's
letter from above, so that only low + s ≥ a is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from parkrisk.risk.grading.checklist import Letter


@dataclass(frozen=True)
class OpenItem:
    """A scored item, or a direct trigger, that the evidence leaves open.

    Parameters
    ----------
    id, title_zh, title_en : str
    low, high : Fraction
        Bounds of its score, on the scale of the letters; a trigger has none.
    gives : str
        Letter that the trigger gives; "" for a scored item.
    hand_in : tuple of str
        Names of the inputs that are missing.
    """

    id: str
    title_zh: str
    title_en: str
    low: Fraction
    high: Fraction
    gives: str
    hand_in: tuple[str, ...]

    @property
    def span(self) -> Fraction:
        """Points that are open."""
        return self.high - self.low

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return {
            "item": self.id,
            "title_zh": self.title_zh,
            "title_en": self.title_en,
            "score_low": float(self.low),
            "score_high": float(self.high),
            "direct": self.gives,
            "hand_in": list(self.hand_in),
        }


@dataclass(frozen=True)
class Way:
    """The fewest open items that can give a letter.

    Parameters
    ----------
    letter : str
    scored : tuple of OpenItem
        Items to be scored, largest span first.
    at_least, below : Fraction, Fraction or None
        What they have to earn together above their lower bounds, so that the letter is certain; None: no upper bound.
    ruled_out : tuple of OpenItem
        Direct triggers to be ruled out.
    confirmed : OpenItem or None
        Direct trigger that gives the letter.
    """

    letter: str
    scored: tuple[OpenItem, ...]
    at_least: Fraction
    below: Fraction | None
    ruled_out: tuple[OpenItem, ...]
    confirmed: OpenItem | None

    @property
    def items(self) -> tuple[OpenItem, ...]:
        """Everything that has to be answered."""
        return (*(() if self.confirmed is None else (self.confirmed,)), *self.ruled_out, *self.scored)

    def sentence(self, lang: str) -> str:
        """What would give the letter, in one sentence ("zh" or "en")."""
        zh = lang == "zh"
        parts = []
        if self.confirmed is not None:
            parts.append(f"确认 {self.confirmed.title_zh}" if zh else f"confirm: {self.confirmed.title_en}")
        if self.ruled_out:
            titles = [item.title_zh if zh else item.title_en for item in self.ruled_out]
            parts.append(f"排除 {'、'.join(titles)}" if zh else f"rule out: {', '.join(titles)}")
        if self.scored:
            titles = [f"{item.id} {item.title_zh if zh else item.title_en}" for item in self.scored]
            window = _window(self.at_least, self.below, lang)
            together = "合计" if len(titles) > 1 else ""
            parts.append(f"{'、'.join(titles)} {together}{window}" if zh else f"{', '.join(titles)} {window}")
        return f"{'；'.join(parts)}，即定为 {self.letter} 级" if zh else f"{self.letter}: {'; '.join(parts)}"

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return {
            "letter": self.letter,
            "count": len(self.items),
            "scored": [item.to_dict() for item in self.scored],
            "at_least": float(self.at_least),
            "below": None if self.below is None else float(self.below),
            "ruled_out": [item.to_dict() for item in self.ruled_out],
            "confirmed": None if self.confirmed is None else self.confirmed.to_dict(),
            "sentence_zh": self.sentence("zh"),
            "sentence_en": self.sentence("en"),
        }


def _window(at_least: Fraction, below: Fraction | None, lang: str) -> str:
    zh, en = [], []
    if at_least > 0:
        zh.append(f"至少 {float(at_least):.4g} 分")
        en.append(f"at least {float(at_least):.4g}")
    if below is not None:
        zh.append(f"不足 {float(below):.4g} 分")
        en.append(f"less than {float(below):.4g}")
    return f"再得{'、'.join(zh)}" if lang == "zh" else f"to earn {' and '.join(en)} points more together"


def ways(
    letters: Sequence[Letter], low: Fraction, scored: Sequence[OpenItem], triggers: Sequence[OpenItem], held: str
) -> tuple[Way, ...]:
    """Fewest open items that can give each letter that is still possible.

    Parameters
    ----------
    letters : sequence of Letter
        From the worst to the best.
    low : Fraction
        Score that is sure.
    scored, triggers : sequence of OpenItem
    held : str
        Worst letter that a trigger known to hold gives; "" for none.

    Returns
    -------
    tuple of Way
        From the worst letter to the best; letters that no answers can give are left out. Of sets of one size the one
        without a confirmed trigger counts, and of items with one span the earlier.
    """
    rank = {each.letter: number for number, each in enumerate(letters)}
    ordered = sorted(scored, key=lambda item: -item.span)
    found = []
    for number, each in enumerate(letters):
        if held and number > rank[held]:
            break
        floor = letters[number - 1].below if number else None
        worse = tuple(item for item in triggers if rank[item.gives] < number)
        same = next((item for item in triggers if item.gives == each.letter), None)
        by_trigger = held == each.letter
        ceiling = None if by_trigger else each.below
        options: list[tuple[int | None, OpenItem | None]] = [(_fewest(low, ordered, floor, ceiling), None)]
        if same is not None and not by_trigger:
            options.append((_fewest(low, ordered, floor, None), same))
        counted = [
            (count + (confirmed is not None), place, count, confirmed)
            for place, (count, confirmed) in enumerate(options)
            if count is not None
        ]
        if counted:
            _, _, count, confirmed = min(counted, key=lambda option: option[:2])
            ceiling = ceiling if confirmed is None else None
            rest = sum((item.span for item in ordered[count:]), Fraction(0))
            found.append(
                Way(
                    letter=each.letter,
                    scored=tuple(ordered[:count]),
                    at_least=Fraction(0) if floor is None else max(floor - low, Fraction(0)),
                    below=None if ceiling is None else ceiling - rest - low,
                    ruled_out=worse,
                    confirmed=confirmed,
                )
            )
    return tuple(found)


def _fewest(low: Fraction, ordered: Sequence[OpenItem], floor: Fraction | None, ceiling: Fraction | None) -> int | None:
    """How many of the largest spans can bring the score to ``floor`` and keep it below ``ceiling``; None: not all."""
    rest = sum((item.span for item in ordered), Fraction(0))
    high = low
    start = low if floor is None else max(floor, low)
    for count in range(len(ordered) + 1):
        if (floor is None or high >= floor) and (ceiling is None or start + rest < ceiling):
            return count
        if count < len(ordered):
            high += ordered[count].span
            rest -= ordered[count].span
    return None


__all__ = ["OpenItem", "Way", "ways"]
