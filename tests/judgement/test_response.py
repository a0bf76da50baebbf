"""Response cover by distance and limit; class of the worst accident by its figures; both in the grade."""

import dataclasses
import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parkrisk
from parkrisk.api.examples import example_park
from parkrisk.risk.grading.accidents import accident_class
from parkrisk.risk.grading.grade import Grade, grade
from parkrisk.risk.grading.response import arrivals, response_cover, response_limits
from parkrisk.risk.rules.facts import Facts
from parkrisk.scenarios.facility.protection import first_response_mean
from parkrisk.scenarios.park import Park, Tables
from tests.judgement.rule_samples import DAY, answers, indicators, loaded

PARK = parkrisk.read(example_park("minimal"))
RULES = loaded("cn-2026")


def with_stations(*stations: tuple[str, str, float, float, float]) -> Park:
    columns = ["station_id", "kind", "x", "y", "mean_min"]
    table = pd.DataFrame(list(stations), columns=columns).assign(sd_min=np.nan)
    return dataclasses.replace(PARK, tables=Tables({**dict(PARK.tables), "response": table}))


# A station serves 7 km² at most, and reaches the farthest place of it, sqrt(7 / 2) km away, in the 4 min of the drive.
FARTHEST = math.sqrt(7.0 / 2.0) * 1e3


def one_unit(x: float, y: float, *stations: tuple[str, str, float, float, float]) -> pd.DataFrame:
    park = with_stations(*stations)
    units = PARK.tables["units"].iloc[:1].assign(x=x, y=y)
    return arrivals(dataclasses.replace(park, tables=Tables({**dict(park.tables), "units": units})))


def test_the_limit_is_that_of_the_standard() -> None:
    assert response_limits()["arrival"] == 300.0


@pytest.mark.parametrize(("distance", "reached"), [(0.0, True), (FARTHEST - 0.1, True), (FARTHEST + 0.1, False)])
def test_reach_of_a_station(distance: float, reached: bool) -> None:
    table = one_unit(distance, 0.0, ("s", "fire_station", 0.0, 0.0, math.nan))
    assert list(table["reached"]) == [reached]
    assert table["arrival"][0] == pytest.approx(60.0 + 240.0 * distance / FARTHEST)


def test_a_late_station_comes_later_and_an_early_one_not_earlier() -> None:
    usual = first_response_mean() / 60.0
    times = [
        one_unit(500.0, 0.0, ("s", "fire_station", 0.0, 0.0, mean))["arrival"][0] for mean in (1.0, usual, usual + 2.0)
    ]
    assert times[0] == times[1]
    assert times[2] == pytest.approx(times[1] + 120.0)


def test_the_first_station_counts_and_only_fire_fighters() -> None:
    far, near = ("far", "fire_station", 5000.0, 0.0, math.nan), ("near", "rescue_team", 100.0, 0.0, math.nan)
    medical = ("medical", "medical", 0.0, 0.0, math.nan)
    assert list(one_unit(0.0, 0.0, far, near, medical)["station_id"]) == ["near"]
    assert not one_unit(0.0, 0.0, medical)["reached"].any()


def test_cover_counts_hazard_units() -> None:
    # Five pieces of equipment in four hazard units: the tank farm has two tanks. A station beside the chlorine
    # store that is 4.9 min late reaches nothing else.
    assert response_cover(PARK).value == 100.0
    x, y = PARK.tables["units"].set_index("unit_id").loc["V-301", ["x", "y"]]
    late = first_response_mean() / 60.0 + 3.99
    assert response_cover(with_stations(("s", "fire_station", x, y, late))).value == 25.0
    assert response_cover(PARK).mark == "1"


def test_no_station_given_is_unknown_not_nothing() -> None:
    fact = response_cover(with_stations(("m", "medical", 0.0, 0.0, math.nan)))
    assert (fact.values, fact.missing) == ((), ("response",))
    assert response_cover(with_stations()).values == ()


# Accidents


def classed(deaths: float | None = None, injured: float | None = None, loss: tuple[float, str] | None = None) -> Any:
    figures = {"accident_deaths": (deaths, "1"), "accident_serious_injuries": (injured, "1"), "accident_loss": loss}
    table = indicators({name: pair for name, pair in figures.items() if pair is not None and pair[0] is not None})
    return accident_class(Facts(DAY, {}, {}, {"park": table}, frozenset()))


NO_LOSS = (0.0, "10000 CNY")


@pytest.mark.parametrize(
    ("deaths", "injured", "loss", "expected"),
    [
        (2, 9, (999.99, "10000 CNY"), "general"),
        (3, 0, NO_LOSS, "larger"),
        (9, 0, NO_LOSS, "larger"),
        (10, 0, NO_LOSS, "major"),
        (0, 9, NO_LOSS, "general"),
        (0, 10, NO_LOSS, "larger"),
        (0, 49, NO_LOSS, "larger"),
        (0, 50, NO_LOSS, "major"),
        (0, 0, (10.0, "million CNY"), "larger"),
        (0, 0, (9.999, "million CNY"), "general"),
        (0, 0, (49.999, "million CNY"), "larger"),
        (0, 0, (50.0, "million CNY"), "major"),
        (2, 10, NO_LOSS, "larger"),
    ],
)
def test_classes_at_their_bounds(deaths: float, injured: float, loss: tuple[float, str], expected: str) -> None:
    assert classed(float(deaths), float(injured), loss).value == expected


def test_part_of_the_figures() -> None:
    assert classed().values == ()
    assert classed(2.0).values == ("general", "larger", "major", "especially-major")
    assert classed(3.0).values[0] == "larger"
    assert "indicators.accident_loss" in classed(3.0).missing
    assert classed(-1.0).values == ()


def triggered(said: str, figures: dict[str, tuple[float, str]], document: str = "") -> Grade:
    from tests.judgement.test_grade import ALL_YES, COMPUTED

    facts = Facts(DAY, {}, {}, {"park": indicators(figures)}, RULES.accepts)
    rows = [("*", name, "yes", None, "", "2026-03-20") for name in ALL_YES if name != "no-larger-accident"]
    rows.append(("*", "no-larger-accident", said, None, document, "2026-03-20"))
    quantities = {**COMPUTED, "park.accident_class": accident_class(facts)}
    return grade(RULES, Facts(DAY, quantities, {"park": answers(rows)}, {}, RULES.accepts))


def record(deaths: float) -> dict[str, tuple[float, str]]:
    return {"accident_deaths": (deaths, "1"), "accident_serious_injuries": (0.0, "1"), "accident_loss": NO_LOSS}


@pytest.mark.parametrize(
    ("said", "deaths", "bounds"),
    [
        ("unknown", 3.0, ("A", "A")),
        ("unknown", 2.0, ("D", "D")),  # the record shows that it was none of the larger class
        ("unknown", None, ("A", "D")),
        ("yes", None, ("D", "D")),
        ("yes", 3.0, ("A", "A")),  # the figures stand against the answer
        ("no", 2.0, ("A", "A")),  # and the answer against the figures
        ("no", None, ("A", "A")),
    ],
)
def test_an_accident_record_decides_the_trigger(said: str, deaths: float | None, bounds: tuple[str, str]) -> None:
    result = triggered(said, {} if deaths is None else record(deaths))
    assert result.bounds == bounds
    assert result.settled == (bounds[0] == bounds[1])


def test_a_trigger_names_its_reason() -> None:
    held = triggered("no", {}, document="2026-02 fire at the pier")
    assert any("2026-02 fire at the pier" in reason for reason in held.reasons_en)
    still = triggered("partial", {}, document="inquiry under way")
    assert any(reason.startswith("not ruled out") and "inquiry under way" in reason for reason in still.reasons_en)
    assert [way.letter for way in still.settled_by] == ["A", "D"]
    assert all(len(way.items) == 1 for way in still.settled_by)
    assert still.shortest is still.settled_by[1], "of equal ones the better letter"


def test_editions_are_not_merged() -> None:
    facts = Facts(dt.date(2022, 6, 1), {}, {"park": answers({})}, {}, RULES.accepts)
    result = grade(RULES, facts)
    assert (result.bounds, result.edition, len(result.items)) == (("A", "D"), "", 0)
    assert "no complete checklist" in result.reasons_en[0]
    assert "2019" in result.reasons_en[0]
    assert "2019年版" in result.reasons_zh[0]
    older = grade(RULES, dataclasses.replace(facts, date=dt.date(2018, 1, 1)))
    assert "2019" not in older.reasons_en[0]
    assert older.bounds == ("A", "D")
