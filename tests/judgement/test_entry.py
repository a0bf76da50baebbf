"""What a project brings to a park, and the decision on it, with stand-ins for the two assessments."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from parkrisk.risk.criteria import judge_fn, judge_targets
from parkrisk.risk.entry.gate import VERDICTS, decide, summary
from parkrisk.risk.entry.project import added_risk, project_facts
from parkrisk.risk.grading.checklist import load as load_checklist
from parkrisk.risk.grading.grade import grade
from parkrisk.risk.rules.facts import Fact, known
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.risk.screening.hazard_units import hazard_units
from parkrisk.risk.settings import Settings
from tests.judgement.rule_samples import (
    GOOD_INDICATORS,
    answers,
    facts,
    good_answers,
    indicators,
    loaded,
)

NMG = loaded()
LIST = load_checklist(NMG.checklist)


@dataclass(frozen=True)
class Raster:
    unit_ids: tuple[str, ...]
    by_source: np.ndarray


@dataclass(frozen=True)
class Cascades:
    pairs: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class StubEvents:
    not_computed: tuple[str, ...] = ()


@dataclass(frozen=True)
class StubPark:
    tables: dict[str, pd.DataFrame]
    recognised: str = "yes"
    assumptions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["table", "column", "source"]))
    boundary: Any = field(default_factory=lambda: shapely.box(0.0, 0.0, 100.0, 100.0))

    def digest(self) -> str:
        return "p"


@dataclass(frozen=True)
class StubProject:
    tables: dict[str, pd.DataFrame]
    category: str = "new"
    nature: str = "chemical"
    name: str = "stand-in"
    code: str = "S-1"
    date: dt.date | None = None

    def digest(self) -> str:
        return "q"


@dataclass(frozen=True)
class StubAssessment:
    park: StubPark
    targets: pd.DataFrame
    individual_risk: Raster
    fn: pd.DataFrame
    pll: float
    hazards: Any
    domino: Cascades
    grade: Any
    events: StubEvents = StubEvents()
    settings: Settings = field(default_factory=Settings)
    ruleset: RuleSet = NMG
    provenance: Mapping[str, Any] = field(default_factory=lambda: {"seed": 0, "version": "0"})


COLUMNS = {
    "kind": "atmospheric_tank",
    "enterprise_id": "e1",
    "volume_m3": np.nan,
    "max_fill_fraction": 0.9,
    "temperature_c": 20.0,
    "pressure_kpa": 0.0,
    "in_service": "yes",
    "diameter_m": 10.0,
}


def units(rows: list[tuple[str, float, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["unit_id", "x", "substance", "mass_t"])
    status = np.where(frame["unit_id"] == "old", "existing", "proposed")
    return frame.assign(y=50.0, hazard_unit_id=frame["unit_id"], status=status, **COLUMNS)


TARGETS = pd.DataFrame(
    {
        "target_id": ["school", "shop"],
        "name": ["学校", "商店"],
        "class": ["high-sensitivity", "general class 3"],
        "facility_state": "existing",
    }
)
OLD = ("old", 10.0, "67-56-1", 600.0)
NEW = ("new", 90.0, "7664-41-7", 20.0)


def stub_park(rows: list[tuple[str, float, str, float]], people: int = 1) -> StubPark:
    return StubPark(
        {
            "units": units(rows),
            "contents": pd.DataFrame(columns=["unit_id", "cas", "mass_t"]),
            "enterprises": pd.DataFrame({"enterprise_id": ["e1"], "residents_500m": [0.0]}),
            "targets": TARGETS.assign(x=[500.0, 600.0], y=50.0, polygon=""),
            "population": pd.DataFrame({"day": [1.0] * people}),
            "answers": answers(
                good_answers(NMG, "project") | good_answers(NMG, "park") | {"design-standard-distance": "yes"}
            ),
            "indicators": indicators(GOOD_INDICATORS),
        }
    )


def assessed(park: StubPark, by_source: list[list[float]], F: float, pll: float, pairs: Any = ()) -> StubAssessment:
    shares = np.array(by_source)
    asked = [*(item.evidence for item in LIST.items), *(trigger.evidence for trigger in LIST.direct)]
    held = dataclasses.replace(facts(NMG, "park"), answers={"park": answers(dict.fromkeys(asked, "yes"))})
    return StubAssessment(
        park,
        pd.concat([TARGETS, judge_targets(TARGETS, shares.sum(axis=1))], axis=1),
        Raster(tuple(park.tables["units"]["unit_id"]), shares),
        judge_fn(pd.DataFrame({"N": [10.0], "F": [F]})),
        pll,
        hazard_units(park),  # type: ignore[arg-type]
        Cascades(pd.DataFrame(list(pairs), columns=["from_unit", "to_unit", "frequency", "cross_enterprise"])),
        grade(NMG, held),
    )


def stub_project(rows: list[tuple[str, float, str, float]], **changed: Any) -> StubProject:
    tables = {
        "units": units(rows),
        "contents": pd.DataFrame(columns=["unit_id", "cas", "mass_t"]),
        "answers": answers(good_answers(NMG, "project")),
        "indicators": indicators(GOOD_INDICATORS),
    }
    return StubProject(tables, **changed)


BEFORE = assessed(stub_park([OLD]), [[1e-6], [1e-6]], 1e-6, 1e-4)


def after(school: tuple[float, float], shop: tuple[float, float], **changed: Any) -> StubAssessment:
    rows = changed.pop("rows", [OLD, NEW])
    values = {"F": 2e-6, "pll": 2e-4, **changed}
    return assessed(stub_park(rows, values.pop("people", 1)), [list(school), list(shop)], **values)


def brought(later: StubAssessment, project: StubProject | None = None) -> Mapping[str, Fact]:
    project = project or stub_project([NEW])
    table = added_risk(project, BEFORE, later)  # type: ignore[arg-type]
    return project_facts(BEFORE.park, project, NMG, BEFORE, later, table).quantities  # type: ignore[arg-type]


def test_added_risk_is_the_larger_of_own_and_rise() -> None:
    # School: own 1e-7; the neighbour's share rises by 1e-7 through escalation: rise 2e-7. Limit 3e-7.
    # Shop: own 4e-6, rise 4e-6; limit 1e-5.
    table = added_risk(stub_project([NEW]), BEFORE, after((1.1e-6, 1e-7), (1e-6, 4e-6)))  # type: ignore[arg-type]
    np.testing.assert_allclose(table["own"], [1e-7, 4e-6])
    np.testing.assert_allclose(table["added"], [2e-7, 4e-6])
    np.testing.assert_allclose(table["ratio"], [2 / 3, 0.4])
    assert list(table["status"]) == ["pass", "pass"]


def test_what_is_added_passes_only_where_no_event_is_missing() -> None:
    later = dataclasses.replace(after((1.1e-6, 1e-7), (1e-6, 4e-5)), events=StubEvents(("new",)))
    table = added_risk(stub_project([NEW]), BEFORE, later)  # type: ignore[arg-type]
    assert list(table["status"]) == ["unknown", "fail"]


def test_new_limit_binds_the_project_and_in_service_limit_the_sum() -> None:
    # 4e-7 of its own at the school is above 3e-7 although the sum 1.4e-6 is below 3e-6.
    found = brought(after((1e-6, 4e-7), (1e-6, 0.0)))
    assert found["project.worst_target_ratio_new"].value == pytest.approx(4 / 3)
    assert found["after.worst_target_ratio"].value == pytest.approx(1.4 / 3)
    assert "学校" in found["project.worst_target_ratio_new"].detail_zh


def test_a_project_that_raises_nothing() -> None:
    found = brought(after((1e-6, 0.0), (1e-6, 0.0), F=1e-6, pll=1e-4))
    assert found["project.raises_risk"].value is False
    found = brought(after((1e-6, 0.0), (1e-6, 0.0), F=1e-6, pll=1.1e-4))
    assert found["project.raises_risk"].value is True, "expected fatalities rise"
    found = brought(after((1e-6, 0.0), (1e-6, 0.0), F=1.1e-6, pll=0.5e-4))
    assert found["project.raises_risk"].value is True, "large accidents become more frequent"
    found = brought(after((1e-6, 1e-9), (1e-6, 0.0), F=1e-6, pll=1e-4))
    assert found["project.raises_risk"].value is True


def test_without_people_nothing_is_proven() -> None:
    found = brought(after((1e-6, 0.0), (1e-6, 0.0), F=1e-6, pll=1e-4, people=0))
    assert found["project.raises_risk"].value is None
    assert found["after.societal_zone"].values == ()


def test_without_staff_nothing_is_proven() -> None:
    later = after((1e-6, 0.0), (1e-6, 0.0), F=1e-6, pll=1e-4)
    assumed = pd.DataFrame([("enterprises", "staff_day", "default")], columns=["table", "column", "source"])
    found = brought(dataclasses.replace(later, park=dataclasses.replace(later.park, assumptions=assumed)))
    assert found["project.raises_risk"].value is None
    assert found["project.raises_risk"].missing == ("enterprises.staff_day", "enterprises.staff_night")


def test_a_lower_bound_never_passes() -> None:
    # The project's events could not be computed, so it seems to add nothing.
    later = after((1e-6, 0.0), (1e-6, 0.0), F=1e-6, pll=1e-4)
    open_ = dataclasses.replace(later, events=StubEvents(("new",)))
    found = brought(open_)
    assert found["project.raises_risk"].value is None
    assert found["project.worst_target_ratio_new"].values == (0.0, np.inf)
    assert found["after.societal_zone"].values == ("acceptable", "alarp", "unacceptable")
    assert decision(later).verdict == "admit"
    assert decision(open_).verdict == "undecided"
    # What fails as a lower bound fails.
    worse = dataclasses.replace(after((1e-6, 4e-7), (1e-6, 0.0)), events=StubEvents(("new",)))
    assert decision(worse).verdict == "refuse"


def test_major_hazard_and_strict_control() -> None:
    found = brought(after((1e-6, 0.0), (1e-6, 0.0)))
    assert found["project.forms_major_hazard"].value is True  # 20 t of ammonia, Q = 10 t
    assert found["project.strictly_controlled_substances"].value == 1.0
    small = ("new", 90.0, "67-56-1", 1.0)
    found = brought(after((1e-6, 0.0), (1e-6, 0.0), rows=[OLD, small]), stub_project([small]))
    assert found["project.forms_major_hazard"].value is False
    assert found["project.strictly_controlled_substances"].value == 0.0
    strange = ("new", 90.0, "999-99-9", 1.0)
    found = brought(after((1e-6, 0.0), (1e-6, 0.0), rows=[OLD, strange]), stub_project([strange]))
    assert found["project.forms_major_hazard"].value is None
    assert found["project.strictly_controlled_substances"].values == (0.0, 1.0)


def test_marks_of_the_hazard_unit_go_with_what_it_decides() -> None:
    known_classes = brought(after((1e-6, 0.0), (1e-6, 0.0)))["project.forms_major_hazard"]
    assert known_classes.mark == "V"  # ammonia stands in Tables 1 and 3
    petrol = ("new", 90.0, "142-82-5", 5000.0)  # heptane: its class comes from a list or its properties
    later = after((1e-6, 0.0), (1e-6, 0.0), rows=[OLD, petrol])
    mine = later.hazards.units.set_index("hazard_unit_id").loc["new"]  # type: ignore[attr-defined]
    assert brought(later, stub_project([petrol]))["project.forms_major_hazard"].mark == mine["mark"] != "V"


@pytest.mark.parametrize(
    ("claim", "category", "rows", "open_"),
    [
        ("retrofit_safety", "altered", [NEW], False),
        ("retrofit_safety", "new", [NEW], True),
        ("retrofit_energy", "extended", [NEW], True),
        ("service", "new", [NEW], True),  # 20 t of ammonia form a major hazard
        ("service", "new", [("new", 90.0, "67-56-1", 1.0)], False),
        ("service", "new", [("new", 90.0, "999-99-9", 1.0)], True),  # what it is nobody knows
        ("chemical", "new", [NEW], False),
    ],
)
def test_an_exemption_that_its_own_figures_speak_against_stays_open(
    claim: str, category: str, rows: list[Any], open_: bool
) -> None:
    later = after((1e-6, 0.0), (1e-6, 0.0), rows=[OLD, *rows])
    nature = brought(later, stub_project(rows, nature=claim, category=category))["project.nature"]
    assert nature.value == (None if open_ else claim)
    assert claim in nature.values


def test_the_later_of_both_days_decides_which_rules_are_in_force() -> None:
    early = loaded(day=dt.date(2026, 4, 30))
    for day, in_force in ((None, False), (dt.date(2026, 4, 30), False), (dt.date(2026, 5, 1), True)):
        project = stub_project([NEW], date=day)
        made = decide(BEFORE.park, project, early, BEFORE, after((1e-6, 0.0), (1e-6, 0.0)))  # type: ignore[arg-type]
        law = made.rules.set_index("rule_id").loc["law-18a"]
        assert (law["because"] != "not_in_force") == in_force
        assert made.provenance["rules_date"] == str(day or early.date)


def test_place_of_the_project() -> None:
    assert brought(after((1e-6, 0.0), (1e-6, 0.0)))["project.inside_park"].value is True
    outside = ("new", 101.0, "7664-41-7", 20.0)
    found = brought(after((1e-6, 0.0), (1e-6, 0.0), rows=[OLD, outside]), stub_project([outside]))
    assert found["project.inside_park"].value is False
    later = after((1e-6, 0.0), (1e-6, 0.0))
    later = dataclasses.replace(later, park=dataclasses.replace(later.park, boundary=None))
    assert brought(later)["project.inside_park"].missing == ("park.boundary",)


def test_new_pairs_across_enterprises() -> None:
    pairs = [
        ("new", "old", 1e-7, True),
        ("old", "new", 1e-9, True),  # rarer than the cut-off
        ("new", "new2", 1e-5, False),  # within one enterprise
        ("old", "older", 1e-5, True),  # was there before
    ]
    assert brought(after((1e-6, 0.0), (1e-6, 0.0), pairs=pairs))["project.new_cross_pairs"].value == 1.0


def test_events_that_could_not_be_computed_may_escalate_too() -> None:
    later = dataclasses.replace(after((1e-6, 0.0), (1e-6, 0.0)), events=StubEvents(("new",)))
    found = brought(later)["project.new_cross_pairs"]
    assert found.values == (0.0, np.inf)
    assert found.missing == ("events.not_computed[new]",)
    good = facts(NMG, "project")
    unanswered = {side: table[table["item"] != "domino-measures-agreed"] for side, table in good.answers.items()}
    for pairs, status in ((found, "unknown"), (known(0.0, unit="1"), "pass")):
        asked = dataclasses.replace(
            good, quantities={**good.quantities, "project.new_cross_pairs": pairs}, answers=unanswered
        )
        judged = NMG.evaluate(asked, "project")
        assert list(judged.loc[judged["rule_id"] == "entry-domino", "status"]) == [status]


def test_category_and_nature_left_empty_are_unknown() -> None:
    found = brought(after((1e-6, 0.0), (1e-6, 0.0)), stub_project([NEW], nature=""))
    assert found["project.nature"].values == ()


def decision(later: StubAssessment, project: StubProject | None = None) -> Any:
    return decide(BEFORE.park, project or stub_project([NEW]), NMG, BEFORE, later)  # type: ignore[arg-type]


def test_decision_refuses_by_the_new_limit() -> None:
    result = decision(after((1e-6, 4e-7), (1e-6, 0.0)))
    assert result.verdict == "refuse"
    failed = result.rules[result.rules["effect"] == "refuse"]
    assert set(failed["rule_id"]) == {"gb36894-individual-project", "gbt37243-distance-project"}
    assert "4.00e-07" in failed["why_zh"].iloc[0]
    assert "unverified" in failed["why_en"].iloc[0]


def test_decision_as_json() -> None:
    result = decision(after((1e-6, 1e-7), (1e-6, 0.0)))
    assert result.verdict == "admit"
    content = result.to_dict()
    assert content["verdict"] in VERDICTS
    keys = {"id", "clause", "title_zh", "title_en", "status", "value", "limit", "unit", "why_zh", "why_en", "missing"}
    assert all(keys <= set(rule) for rule in content["rules"])
    assert {rule["status"] for rule in content["rules"]} <= {"pass", "fail", "unknown", "not_applicable"}
    assert content["after"]["pll"] == 2e-4
    assert content["provenance"]["park_digest"] == "p"
    assert decision(after((1e-6, 1e-7), (1e-6, 0.0))).provenance == result.provenance


def test_conditions_say_what_to_do_in_both_languages() -> None:
    project = stub_project([NEW])
    said = {**good_answers(NMG, "project"), "layout-reviewed": "no"}
    del said["investor-record"]
    project = dataclasses.replace(project, tables={**project.tables, "answers": answers(said)})
    result = decision(after((1e-6, 1e-7), (1e-6, 0.0)), project)
    assert result.verdict == "admit_with_conditions"
    by_rule = {condition["rule_id"]: condition for condition in result.conditions}
    assert set(by_rule) == {"entry-layout", "entry-investor"}
    assert by_rule["entry-investor"]["missing"] == ["answers.investor-record"]
    assert by_rule["entry-layout"]["text_zh"].startswith("须整改")
    assert by_rule["entry-investor"]["text_en"].startswith("Evidence")


def test_a_harmless_project_is_never_refused_for_risk() -> None:
    # A park already above every limit; the project holds water and adds nothing.
    bad = assessed(stub_park([OLD]), [[1e-3], [1e-3]], 1e-2, 1.0)
    water = ("new", 90.0, "7732-18-5", 100.0)
    later = assessed(stub_park([OLD, water]), [[1e-3, 0.0], [1e-3, 0.0]], 1e-2, 1.0)
    result = decide(BEFORE.park, stub_project([water]), NMG, bad, later)  # type: ignore[arg-type]
    risk = result.rules[result.rules["rulebook"] == "gb36894-2018"]
    assert set(risk["because"]) <= {"exempt", ""}
    assert not set(risk["effect"]) & {"refuse", "undecided"}


def test_summary() -> None:
    content = summary(BEFORE)  # type: ignore[arg-type]
    assert content["societal_zone"] == "acceptable"
    assert content["major_hazards"] == {"level_1": 0, "level_2": 0, "level_3": 0, "level_4": 1}
    units = BEFORE.hazards.units
    for level in (1, 2, 3, 4):
        worse = dataclasses.replace(BEFORE.hazards, units=pd.concat([units.assign(level=level)] * 3))
        found = summary(dataclasses.replace(BEFORE, hazards=worse))["major_hazards"]  # type: ignore[arg-type]
        assert found == {f"level_{each}": 3 * len(units) * (each == level) for each in (1, 2, 3, 4)}
    assert content["targets_over_limit"] == 0
