"""The fewest open items that can give each letter, beside every subset tried with every whole score."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.risk.grading.checklist import Letter
from parkrisk.risk.grading.settle import OpenItem, ways

LETTERS = tuple(
    Letter(letter, letter, letter, None if below is None else Fraction(below))
    for letter, below in (("A", 6), ("B", 7), ("C", 9), ("D", None))
)


def item(name: str, span: int) -> OpenItem:
    return OpenItem(name, name, name, Fraction(0), Fraction(span), "", (f"answers.{name}",))


def trigger(name: str, letter: str) -> OpenItem:
    return OpenItem(name, name, name, Fraction(0), Fraction(0), letter, (f"answers.{name}",))


def letter_of(score: int) -> str:
    return next(each.letter for each in LETTERS if each.below is None or score < each.below)


def still_possible(low: int, high: int, open_triggers: list[str], held: list[str]) -> set[str]:
    """Every letter between the bounds, by the definition of the grade."""
    worst = min([letter_of(low), *held, *open_triggers])
    best = min([letter_of(high), *held])
    return {each.letter for each in LETTERS if worst <= each.letter <= best}


def by_trial(low: int, spans: list[int], triggers: list[str], held: str) -> dict[str, int]:
    """Smallest number of answers after which only one letter is possible, trying everything."""
    found: dict[str, int] = {}
    places = [("item", k) for k in range(len(spans))] + [("trigger", k) for k in range(len(triggers))]
    for count in range(len(places) + 1):
        for chosen in itertools.combinations(places, count):
            options = [range(spans[k] + 1) if what == "item" else (True, False) for what, k in chosen]
            for said in itertools.product(*options):
                gained = sum(value for (what, _), value in zip(chosen, said, strict=True) if what == "item")
                rest = sum(span for k, span in enumerate(spans) if ("item", k) not in chosen)
                now = [held] if held else []
                now += [
                    triggers[k] for (what, k), value in zip(chosen, said, strict=True) if what == "trigger" and value
                ]
                left = [letter for k, letter in enumerate(triggers) if ("trigger", k) not in chosen]
                possible = still_possible(low + gained, low + gained + rest, left, now)
                if len(possible) == 1:
                    found.setdefault(possible.pop(), count)
    return found


@settings(max_examples=120, deadline=None)
@given(
    low=st.integers(0, 9),
    spans=st.lists(st.integers(1, 3), max_size=4),
    triggers=st.lists(st.sampled_from("AAB"), max_size=2),
    held=st.sampled_from(["", "", "A", "B", "C"]),
)
def test_no_smaller_set_settles_a_letter(low: int, spans: list[int], triggers: list[str], held: str) -> None:
    found = ways(
        LETTERS,
        Fraction(low),
        [item(f"i{k}", span) for k, span in enumerate(spans)],
        [trigger(f"t{k}", letter) for k, letter in enumerate(triggers)],
        held,
    )
    assert {way.letter: len(way.items) for way in found} == by_trial(low, spans, triggers, held)
    assert [way.letter for way in found] == sorted(way.letter for way in found)


@settings(max_examples=60, deadline=None)
@given(low=st.integers(0, 8), spans=st.lists(st.integers(1, 3), min_size=1, max_size=5))
def test_what_a_way_asks_for_settles_its_letter(low: int, spans: list[int]) -> None:
    for way in ways(LETTERS, Fraction(low), [item(f"i{k}", span) for k, span in enumerate(spans)], [], ""):
        rest = sum(spans) - sum(part.span for part in way.scored)
        most = sum(part.span for part in way.scored)
        asked = [
            gain for gain in range(int(most) + 1) if gain >= way.at_least and (way.below is None or gain < way.below)
        ]
        assert asked, "whole scores suffice where all spans and bounds are whole"
        for gain in asked:
            assert {letter_of(low + gain), letter_of(int(low + gain + rest))} == {way.letter}


def test_worked_list() -> None:
    # 7 points are sure, 1 + 2 + 3 open, one direct A open. D (9 or more): the trigger ruled out, and the item worth 3
    # brings the 2 points. C (7 to below 9): all but one point of the open ones must be known. A: the trigger confirmed.
    found = {
        way.letter: way
        for way in ways(LETTERS, Fraction(7), [item("a", 1), item("b", 2), item("c", 3)], [trigger("t", "A")], "")
    }
    assert sorted(found) == ["A", "C", "D"]
    assert [part.id for part in found["A"].items] == ["t"]
    assert found["A"].confirmed is not None
    assert [part.id for part in found["D"].items] == ["t", "c"]
    assert (found["D"].at_least, found["D"].below) == (2, None)
    assert [part.id for part in found["C"].items] == ["t", "c", "b"]
    assert (found["C"].at_least, found["C"].below) == (0, 1)
    assert "rule out: t" in found["C"].sentence("en")
    assert "排除 t" in found["C"].sentence("zh")
    assert "less than 1 points" in found["C"].sentence("en")
    assert "确认 t" in found["A"].sentence("zh")
    assert found["D"].to_dict()["scored"][0]["hand_in"] == ["answers.c"]
    assert "at least 2" in found["D"].to_dict()["sentence_en"]


@pytest.mark.parametrize(("low", "letter"), [(6, "B"), (7, "C"), (9, "D")])
def test_a_bound_belongs_to_the_better_letter(low: int, letter: str) -> None:
    (way,) = ways(LETTERS, Fraction(low), [], [], "")
    assert (way.letter, way.items) == (letter, ())


def test_largest_first() -> None:
    (_, way) = ways(LETTERS, Fraction(8), [item("small", 1), item("large", 2)], [], "")
    assert [part.id for part in way.items] == ["large"], "one item is enough, and the larger leaves more room"
