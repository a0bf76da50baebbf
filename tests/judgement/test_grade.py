"""Criteria of GB 36894, the scored checklist, letters and their bounds."""

import dataclasses
import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from parkrisk.models.errors import RuleError
from parkrisk.risk.criteria import individual_limits, judge_fn, judge_targets, possible_zones, zone
from parkrisk.risk.grading import checklist as checklists
from parkrisk.risk.grading import quantities
from parkrisk.risk.grading.grade import Grade, grade, graded, judge_park
from parkrisk.risk.grading.quantities import risk_quantities
from parkrisk.risk.rules.facts import RULES_FOLDER, Fact, Facts, between, known, one_of
from parkrisk.risk.rules.sets import InvalidRules, load
from tests.judgement.rule_samples import DAY, GOOD, answers, loaded

RULES = loaded("cn-2026")
LIST = checklists.load(RULES.checklist)
EVIDENCE = [item.evidence for item in LIST.items if item.evidence]
TRIGGERS = [trigger.evidence for trigger in LIST.direct]
COMPUTED = {name: GOOD[name] for name in ("park.recognised", "risk.domino_assessed", "risk.societal_zone")} | {
    "risk.targets_over_limit": known(0.0, unit="1"),
    "risk.external_distance_met": known(True),
    "risk.response_cover": known(100.0, unit="%"),
}


def graded_by(said: dict[str, Any], quantities: dict[str, Fact] | None = None, day: dt.date = DAY) -> Grade:
    table = answers({name: text for name, text in said.items() if isinstance(text, str)})
    scores = [("*", name, "score", text, "", "2026-03-20") for name, text in said.items() if not isinstance(text, str)]
    table = pd.concat([table, answers(scores)], ignore_index=True) if scores else table
    held = Facts(day, COMPUTED if quantities is None else quantities, {"park": table}, {}, RULES.accepts)
    return grade(RULES, held)


ALL_YES = dict.fromkeys([*EVIDENCE, *TRIGGERS], "yes")


# Criteria


@pytest.mark.parametrize(
    ("name", "state", "limit"),
    [
        ("high-sensitivity", "existing", 3e-6),
        ("important", "new", 3e-7),
        ("general class 1", "existing", 3e-6),
        ("general class 2", "new", 3e-6),
        ("general class 2", "existing", 1e-5),
        ("general class 3", "new", 1e-5),
        ("general class 3", "existing", 3e-5),
    ],
)
def test_individual_limits(name: str, state: str, limit: float) -> None:
    # The same three numbers stand in SAWS Notice 13 of 2014; for GB 36894 they are unverified and say so.
    assert individual_limits()[name, state].value == limit
    assert individual_limits()[name, state].mark == "M"


def test_targets_at_below_and_above_the_limit() -> None:
    targets = pd.DataFrame(
        {
            "class": ["general class 2", "general class 2", "general class 2", "garden", "general class 2"],
            "facility_state": ["existing", "existing", "new", "existing", ""],
        }
    )
    above = float(np.nextafter(1e-5, 1.0))
    judged = judge_targets(targets, [1e-5, above, 1e-5, 1e-9, np.nan])
    assert list(judged["status"]) == ["pass", "fail", "fail", "unknown", "unknown"]
    assert judged["margin"][0] == 0.0
    assert judged["limit_new"][0] == 3e-6
    assert set(judged["mark"]) == {"M"}
    assert not len(judge_targets(targets.iloc[:0], []))


@pytest.mark.parametrize(
    ("N", "F", "expected"),
    [
        (10.0, 1e-4, "alarp"),  # on the upper line
        (10.0, 1.0001e-4, "unacceptable"),
        (10.0, 1e-6, "acceptable"),  # on the lower line
        (10.0, 1.0001e-6, "alarp"),
        (1.0, 1e-3, "alarp"),
        (1000.0, 9.9e-7, "alarp"),
        (2000.0, 6e-7, "unacceptable"),  # above the line however it goes on
        (2000.0, 4e-7, "beyond"),
        (2000.0, 1e-8, "beyond"),
        (2000.0, 9.9e-9, "acceptable"),  # rarer than what the method keeps
    ],
)
def test_zones(N: float, F: float, expected: str) -> None:
    assert zone(N, F) == expected


def test_zone_of_a_curve_is_the_worst_of_its_points() -> None:
    judged = judge_fn(pd.DataFrame({"N": [1.0, 10.0, 100.0], "F": [1e-5, 5e-6, 1e-9]}))
    assert list(judged["zone"]) == ["acceptable", "alarp", "acceptable"]
    assert list(judged["upper"]) == [1e-3, 1e-4, 1e-5]
    assert possible_zones(judged["zone"]) == ("alarp",)
    assert possible_zones([]) == ("acceptable",)
    assert possible_zones(["acceptable", "beyond"]) == ("acceptable", "alarp", "unacceptable")
    assert possible_zones(["alarp", "beyond"]) == ("alarp", "unacceptable")
    assert possible_zones(["unacceptable", "beyond"]) == ("unacceptable",)
    assert possible_zones(["unknown"]) == ("acceptable", "alarp", "unacceptable")


@pytest.mark.parametrize(
    ("F", "zones"),
    [
        ([1e-5, 1e-9], ("acceptable",)),
        ([5e-4, 1e-7], ("alarp", "unacceptable")),
        ([1e-5, 1e-7], ("acceptable", "alarp", "unacceptable")),
        ([1e-2, 1e-7], ("unacceptable",)),
    ],
)
def test_a_curve_beyond_the_end_of_the_lines_says_what_is_missing(F: list[float], zones: tuple[str, ...]) -> None:
    """Deaths of 2000 at once lie beyond the lines; wherever more than one zone is left, their end is what is asked."""
    fact = quantities._zone(judge_fn(pd.DataFrame({"N": [1.0, 2000.0], "F": F})), complete=True)
    assert fact.values == zones
    assert fact.missing == (("gb36894_societal.cut",) if len(zones) > 1 else ())
    incomplete = quantities._zone(judge_fn(pd.DataFrame({"N": [1.0], "F": [1e-5]})), complete=False)
    assert incomplete.values == ("acceptable", "alarp", "unacceptable")
    assert incomplete.missing
    assert "gb36894_societal.cut" not in incomplete.missing


def test_escalation_is_analysed_in_part_where_events_are_missing() -> None:
    whole, part = (quantities._escalation(complete=complete) for complete in (True, False))
    assert (whole.value, part.value) == (True, None)
    assert part.missing == ("events.not_computed",)
    found = graded_by(ALL_YES, {**COMPUTED, "risk.domino_assessed": part})
    assert found.score_bounds == (97, 100)
    assert "events.not_computed" in found.missing


def test_nothing_to_judge_is_unknown_not_zero() -> None:
    none = pd.DataFrame(columns=["target_id", "name", "class"])
    judged = pd.concat([none, judge_targets(none, [])], axis=1)
    found = risk_quantities("risk", judged, judge_fn(pd.DataFrame({"N": [], "F": []})), people=False)
    assert all(fact.value is None and fact.missing for fact in found.values())


def test_a_target_without_a_limit_leaves_the_count_open() -> None:
    targets = pd.DataFrame(
        {"target_id": ["a", "b"], "name": ["甲", "乙"], "class": ["general class 1", "?"], "facility_state": ""}
    )
    judged = pd.concat([targets, judge_targets(targets, [1e-6, 1e-6])], axis=1)
    found = risk_quantities("risk", judged, judge_fn(pd.DataFrame({"N": [], "F": []})), people=True)
    assert found["risk.targets_over_limit"].values == (0.0, 1.0)
    assert found["risk.worst_target_ratio"].values == (pytest.approx(1e-6 / 3e-6), np.inf)
    assert found["risk.societal_zone"].value == "acceptable"


# Checklist


def test_the_shipped_checklist() -> None:
    assert sum(item.max_score for item in LIST.items) == 100
    assert len({item.aspect_zh for item in LIST.items}) == 6
    assert LIST.edition == "provisional"
    assert LIST.mark == "M"


@pytest.mark.parametrize(
    ("score", "letter"),
    [
        ("0", "A"),
        ("59.999", "A"),
        ("60", "B"),
        ("69.999", "B"),
        ("70", "C"),
        ("84.999", "C"),
        ("85", "D"),
        ("100", "D"),
    ],
)
def test_letters_at_their_bounds(score: str, letter: str) -> None:
    assert LIST.letter(Fraction(score)).letter == letter


def test_everything_shown() -> None:
    result = graded_by(ALL_YES)
    assert (result.letter, result.bounds, result.score, result.score_bounds) == ("D", ("D", "D"), 100.0, (100.0, 100.0))
    assert result.settled
    assert result.missing == ()
    assert result.unverified, "provisional scores are never shown as official"
    assert "provisional" in result.reasons_en[0]


def test_nothing_shown() -> None:
    result = graded_by({}, {})
    assert (result.letter, result.bounds, result.score_bounds) == ("A", ("A", "D"), (0.0, 100.0))
    assert not result.settled
    assert set(result.missing) >= {f"answers.{name}" for name in [*EVIDENCE, *TRIGGERS]}


def test_worked_score() -> None:
    # From 100: residents inside (-3), half of functional zoning (-2), societal risk in the middle zone (-2),
    # F4 scored 1 of 3 (-2): 91. Exit mechanism (2) open: 89 to 91.
    said = {**ALL_YES, "no-residents-inside": "no", "functional-zoning": "partial", "hazchem-parking": 1.0}
    del said["exit-mechanism"]
    result = graded_by(said, {**COMPUTED, "risk.societal_zone": known("alarp")})
    assert result.score_bounds == (89.0, 91.0)
    assert result.bounds == ("D", "D")
    assert result.settled
    assert result.missing == ("answers.exit-mechanism",)


def test_a_score_on_the_boundary_by_decimals() -> None:
    # Items worth 15 in all lost: exactly 85, still D; a tenth of a point more: C.
    lost = dict.fromkeys(["overall-assessment", "functional-zoning", "recognition-files-complete"], "no")  # 12
    exact = {**ALL_YES, **lost, "control-line": "no"}
    assert graded_by(exact).score == 85.0
    assert graded_by(exact).letter == "D"
    assert graded_by({**exact, "pipe-gallery": 1.9}).letter == "C"


def test_open_items_leave_bounds_between_letters() -> None:
    said = {name: "yes" for name in ALL_YES if name not in EVIDENCE[:6]}
    result = graded_by(said)
    assert result.bounds == ("C", "D")
    assert result.letters == ("C", "D")
    assert result.letter == "C", "what the evidence supports"


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize(("answer", "bounds"), [("no", ("A", "A")), ("unknown", ("A", "D")), ("partial", ("A", "D"))])
def test_direct_triggers(trigger: str, answer: str, bounds: tuple[str, str]) -> None:
    result = graded_by({**ALL_YES, trigger: answer})
    assert result.bounds == bounds
    assert result.letter == "A"
    assert (f"answers.{trigger}" in result.missing) == (answer != "no")


def test_an_item_that_does_not_apply_stretches_the_rest() -> None:
    # Without the pipe gallery (2 points) and without closed management (4): (100 - 2 - 4) / 98 of 100.
    result = graded_by({**ALL_YES, "pipe-gallery": "not_applicable", "closed-management": "no"})
    assert result.score == pytest.approx(100 * 94 / 98)
    refused = graded_by({**ALL_YES, "closed-management": "not_applicable"})
    assert refused.score_bounds == (96.0, 100.0), "not every item may be said not to apply"


@pytest.mark.parametrize(("score", "bounds"), [(2.0, (100.0, 100.0)), (2.1, (98.0, 100.0)), (-1.0, (98.0, 100.0))])
def test_scores_outside_an_item_do_not_count(score: float, bounds: tuple[float, float]) -> None:
    assert graded_by({**ALL_YES, "fire-station": score}).score_bounds == bounds


def test_computed_items_with_what_is_not_known() -> None:
    assert graded_by(ALL_YES, {**COMPUTED, "risk.targets_over_limit": between(0, 2, unit="1")}).score_bounds == (
        95,
        100,
    )
    assert graded_by(ALL_YES, {**COMPUTED, "risk.targets_over_limit": known(1.0, unit="1")}).score_bounds == (95, 95)
    zones = one_of(["alarp", "unacceptable"])
    assert graded_by(ALL_YES, {**COMPUTED, "risk.societal_zone": zones}).score_bounds == (96, 98)
    assert graded_by(ALL_YES, {**COMPUTED, "risk.domino_assessed": known(False)}).score == 97


def test_before_its_day_the_checklist_grades_nothing() -> None:
    result = graded_by(ALL_YES, day=dt.date(2023, 11, 21))
    assert result.bounds == ("A", "D")
    assert "2023-11-22" in result.reasons_en[0]


def test_a_set_without_checklist_grades_nothing() -> None:
    held = Facts(DAY, COMPUTED, {"park": answers(ALL_YES)}, {}, RULES.accepts)
    assert grade(dataclasses.replace(RULES, checklist=""), held).bounds == ("A", "D")


def test_old_assessment_earns_nothing() -> None:
    table = answers(ALL_YES, day="2020-01-01")
    result = grade(RULES, Facts(DAY, COMPUTED, {"park": table}, {}, RULES.accepts))
    assert result.score == 96.0


def test_judge_park_hands_the_bounds_to_the_rules() -> None:
    held = Facts(DAY, COMPUTED, {"park": answers(ALL_YES)}, {"park": pd.DataFrame()}, RULES.accepts)
    result, table = judge_park(RULES, held)
    assert result.letter == "D"
    assert set(table["status"]) <= {"pass", "fail", "unknown", "not_applicable"}
    letters = graded(held, graded_by({}, {})).quantities["park.grade"]
    assert letters.values == ("A", "B", "C", "D")
    assert letters.mark == "M"


def test_to_dict_is_plain() -> None:
    content = graded_by({}, {}).to_dict()
    assert content["bounds"] == ["A", "D"]
    assert isinstance(content["items"][0]["missing"], list)


# Properties

SAID = st.sampled_from(["yes", "no", "partial", "unknown", "not_applicable"])


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    said=st.fixed_dictionaries(dict.fromkeys(ALL_YES, SAID)),
    gone=st.sets(st.sampled_from([*EVIDENCE, *TRIGGERS])),
    quantities_gone=st.sets(st.sampled_from(sorted(COMPUTED))),
)
def test_removing_evidence_only_widens_the_bounds(
    said: dict[str, str], gone: set[str], quantities_gone: set[str]
) -> None:
    full = graded_by(said)
    less = graded_by(
        {name: text for name, text in said.items() if name not in gone},
        {name: fact for name, fact in COMPUTED.items() if name not in quantities_gone},
    )
    assert less.score_bounds[0] <= full.score_bounds[0] + 1e-12
    assert less.score_bounds[1] >= full.score_bounds[1] - 1e-12
    assert less.bounds[0] <= full.bounds[0]
    assert less.bounds[1] >= full.bounds[1]
    assert less.letter <= full.letter


@hypothesis_settings(max_examples=25, deadline=None)
@given(gone=st.sets(st.sampled_from([*EVIDENCE, *TRIGGERS])), lost=st.sets(st.sampled_from(EVIDENCE)))
def test_what_settles_the_letter_does(gone: set[str], lost: set[str]) -> None:
    said: dict[str, Any] = {**ALL_YES, **dict.fromkeys(lost, "no")}
    said = {name: text for name, text in said.items() if name not in gone}
    before = graded_by(said)
    assert {way.letter for way in before.settled_by} <= set(before.letters)
    assert bool(before.settled_by) == (not before.settled)
    evidence = {item.id: item.evidence for item in LIST.items}
    for way in before.settled_by:
        answers_ = dict(said)
        answers_ |= {trigger.id: "yes" for trigger in way.ruled_out}
        if way.confirmed is not None:
            answers_[way.confirmed.id] = "no"
        wanted = way.at_least
        for item in way.scored:
            points = min(wanted, item.span)
            wanted -= points
            answers_[evidence[item.id]] = float(item.low + points)
        assert wanted == 0
        after = graded_by(answers_)
        assert after.bounds == (way.letter, way.letter)
        if way.items:
            few = dict(answers_)
            last = way.items[-1].id
            del few[evidence.get(last, last)]
            assert not graded_by(few).settled, "none of the items is one too many"


# Bad checklists


def test_problems_of_a_checklist_come_at_once(tmp_path: Path) -> None:
    head = (RULES_FOLDER / "park_checklist_provisional.toml").read_text(encoding="utf-8")
    rows = (RULES_FOLDER / "park_checklist_provisional.csv").read_text(encoding="utf-8")
    rows = rows.replace("R2,", "R1,").replace("is yes:6", "is yes:7").replace("risk.societal_zone", "risk.colour")
    rows = rows.replace(",3,territorial-plan,", ",four,territorial-plan,").replace("<= 0:5", "about 0:5")
    (tmp_path / "list.toml").write_text(head, encoding="utf-8")
    (tmp_path / "park_checklist_provisional.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(InvalidRules) as caught:
        checklists.load(tmp_path / "list.toml")
    assert isinstance(caught.value, RuleError)
    assert {problem.column for problem in caught.value.problems} >= {"item", "steps", "quantity", "max_score"}


def test_a_list_of_which_nothing_applies_gives_no_letter(tmp_path: Path) -> None:
    sheet = tmp_path / "own.csv"
    sheet.write_text(
        "item,aspect_zh,title_zh,max_score,evidence,may_not_apply\nX1,布局,功能分区,100,functional-zoning,yes\n",
        encoding="utf-8",
    )
    rules = load(f"cn-2026,{sheet}", DAY)
    said = answers({"functional-zoning": "not_applicable", **dict.fromkeys(TRIGGERS, "yes")})
    found = grade(rules, Facts(DAY, answers={"park": said}, accepts=rules.accepts))
    assert (found.letter, found.bounds) == ("A", ("A", "D"))
    assert found.unverified


def test_a_list_of_the_user_is_never_verified(tmp_path: Path) -> None:
    sheet = tmp_path / "own.csv"
    sheet.write_text("item,aspect_zh,title_zh,max_score,evidence\nX1,布局,功能分区,100,functional-zoning\n", "utf-8")
    rules = load(f"cn-2026,{sheet}", DAY)
    said = answers({"functional-zoning": "yes", **dict.fromkeys(TRIGGERS, "yes")})
    held = Facts(DAY, answers={"park": said}, accepts=rules.accepts)
    assert graded(held, grade(rules, held)).quantities["park.grade"].mark != "V"
