"""Monitoring state: every rule at its bound, what is unknown, what is refused, and the static result untouched."""

import dataclasses
import datetime as dt
import functools
import json
from pathlib import Path

import pandas as pd
import pytest

from parkrisk.models.errors import InputProblems, OutOfRange, RuleError
from parkrisk.risk.assess import assess
from parkrisk.risk.monitoring.levels import LevelRule, levels
from parkrisk.risk.monitoring.state import MonitoringState, colour_of, finding_of, monitoring_state
from parkrisk.scenarios import change
from parkrisk.scenarios.changing.readings import local_time, park_now, read_readings
from tests import minimal_park

AT = dt.datetime(2026, 11, 26, 8, 0)
HEADER = "unit_id,source,time,fill_fraction,temperature_c,pressure_kpa,gas_alarm,barrier_out,work_permit\n"
CALM = {
    unit: f"{unit},DCS-{unit},2026-11-26T07:55,{fill},,,0,,"
    for unit, fill in {"R-301": 0.7, "T-101": 0.8, "T-102": 0.8, "V-201": 0.8, "V-301": 0.7}.items()
}
RULES = {rule.rule_id: rule for rule in levels()}


def write(folder: Path, *lines: str) -> Path:
    path = folder / "readings.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(folder: Path, *lines: str) -> pd.DataFrame:
    return read_readings(write(folder, *lines), minimal_park.park(), AT)


def state(folder: Path, *lines: str) -> MonitoringState:
    return monitoring_state(minimal_park.coarse(), read(folder, *lines), AT)


def colours(found: MonitoringState) -> dict[str, str]:
    return dict(zip(found.enterprises["enterprise_id"], found.enterprises["colour"], strict=True))


def calm(without: str = "") -> list[str]:
    return [line for unit, line in CALM.items() if unit != without]


# Colours


def test_readings_as_in_the_static_park_are_blue_and_change_nothing(tmp_path: Path) -> None:
    before = minimal_park.coarse().provenance["result_digest"]
    found = state(tmp_path, *calm())
    assert colours(found) == {"e1": "blue", "e2": "blue"}
    assert found.now is found.static is minimal_park.coarse()
    assert found.static.provenance["result_digest"] == before
    assert (found.enterprises["risk_ratio"] == 1.0).all()


@pytest.mark.parametrize(
    ("lines", "colour", "rule"),
    [
        (["V-301,G1,2026-11-26T07:59,,,,1,,"],  "yellow", "gas-first-level"),
        (["V-301,G1,2026-11-26T07:59,,,,1,,", "R-301,G2,2026-11-26T07:59,,,,2,,"],  "orange", "gas-second-level"),
        (["V-301,G1,2026-11-26T07:59,,,,2,,", "R-301,G,2026-11-26T07:59,,,,2,,"],  "red", "gas-second-level-several"),
        # one detector is one, however often it says so
        (["V-301,G1,2026-11-26T07:58,,,,2,,", "V-301,G1,2026-11-26T07:59,,,,2,,"],  "orange", "gas-second-level"),
        # what it said before counts no more
        (["V-301,G1,2026-11-26T07:58,,,,2,,", "V-301,G1,2026-11-26T07:59,,,,0,,"],  "blue", ""),
        (["V-301,P,2026-11-26T07:59,,,,,isolation_valve,"],  "yellow", "barrier-out"),  # a level 3 major hazard
        (["R-301,W,2026-11-26T07:59,,,,,,hot_work"],  "blue", ""),  # no major hazard
        (["V-301,L,2026-11-26T07:59,0.8,,,,,"],  "blue", ""),  # filled to the largest fill
        (["V-301,L,2026-11-26T07:59,0.81,,,,,"],  "orange", "overfilled"),
    ],
)  # fmt: skip
def test_a_rule_fires(tmp_path: Path, lines: list[str], colour: str, rule: str) -> None:
    found = state(tmp_path, *calm(), *lines)
    row = found.enterprises.set_index("enterprise_id").loc["e2"]
    assert row["colour"] == colour
    assert rule in row["rules"].split(";")
    assert bool(rule) == bool(row["rules"])
    fired = found.findings[(found.findings["enterprise_id"] == "e2") & (found.findings["fired"] == "yes")]
    assert ";".join(fired["rule_id"]) == row["rules"]
    assert set(found.enterprises["enterprise_id"]) == {"e1", "e2"}
    assert colours(found)["e1"] == "blue"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("V-201,P,2026-11-26T07:59,,,,,isolation_valve,", "barrier-out-major"),
        ("V-201,W,2026-11-26T07:59,,,,,,动火作业", "permit-major"),
    ],
)
@pytest.mark.parametrize(("level", "weighs"), [(1, True), (2, True), (3, False), (None, True)])
def test_levels_1_and_2_weigh_more(tmp_path: Path, line: str, rule: str, level: int | None, weighs: bool) -> None:
    """A level that is not known may be the first."""
    static = minimal_park.coarse()
    units = static.hazards.units.assign(level=pd.array([level] * len(static.hazards.units), "Int64"))
    static = dataclasses.replace(static, hazards=dataclasses.replace(static.hazards, units=units))
    found = monitoring_state(static, read(tmp_path, *calm(), line), AT)
    fired = found.enterprises.set_index("enterprise_id").loc["e1", "rules"].split(";")
    assert (rule in fired) == weighs


@pytest.mark.parametrize("rule", [each for each in levels() if each.measure == "risk_ratio"], ids=lambda r: r.rule_id)
def test_risk_at_the_bound_of_its_rule(rule: LevelRule) -> None:
    assert finding_of(rule, rule.value, known=True)["fired"] == "yes"
    assert finding_of(rule, rule.value * (1.0 - 1e-12), known=True)["fired"] == "no"
    assert finding_of(rule, rule.value * (1.0 - 1e-12), known=False)["fired"] == "unknown"
    assert colour_of([rule], [], True)["colour"] == rule.colour


def test_every_rule_is_provisional_and_every_colour_has_one() -> None:
    assert {rule.mark for rule in levels()} == {"M"}
    assert {rule.colour for rule in levels()} == {"red", "orange", "yellow", "unknown"}


# What is not known


def test_without_readings_nothing_is_known(tmp_path: Path) -> None:
    nothing = read(tmp_path, *calm()).iloc[:0]
    found = monitoring_state(minimal_park.coarse(), nothing, AT)
    assert colours(found) == {"e1": "unknown", "e2": "unknown"}
    assert set(found.units["state"]) == {"none"}


@pytest.mark.parametrize(("time", "colour"), [("07:00:00", "blue"), ("06:59:59", "unknown")])
def test_a_reading_too_old_is_none(tmp_path: Path, time: str, colour: str) -> None:
    assert RULES["stale"].value == 60.0, "the times of this test follow the data"
    found = state(tmp_path, *calm("V-301"), f"V-301,DCS,2026-11-26T{time},0.7,,,0,,")
    assert colours(found) == {"e1": "blue", "e2": colour}


def test_a_silent_source_is_not_made_up_for_by_another(tmp_path: Path) -> None:
    found = state(tmp_path, *calm(), "V-301,G1,2026-11-26T05:00,,,,2,,")
    row = found.enterprises.set_index("enterprise_id").loc["e2"]
    assert (row["colour"], row["unread"]) == ("unknown", "V-301")
    assert row["rules"] == ""


def test_a_major_hazard_without_a_reading_is_not_blue_and_another_unit_may_be(tmp_path: Path) -> None:
    assert colours(state(tmp_path, *calm("V-301")))["e2"] == "unknown"
    assert colours(state(tmp_path, *calm("R-301")))["e2"] == "blue"


def test_a_colour_with_something_unknown_is_that_colour_at_least(tmp_path: Path) -> None:
    found = state(tmp_path, *calm("V-301"), "R-301,G2,2026-11-26T07:59,,,,1,,")
    row = found.enterprises.set_index("enterprise_id").loc["e2"]
    assert (row["colour"], row["at_least"]) == ("yellow", "yes")


def test_what_a_lost_relief_valve_does_is_not_known(tmp_path: Path) -> None:
    found = state(tmp_path, *calm(), "V-201,P,2026-11-26T07:59,,,,,relief_valve,")
    rules = found.findings[found.findings["enterprise_id"] == "e1"].set_index("rule_id")["fired"]
    assert rules["risk-up"] == "unknown"
    assert found.enterprises.set_index("enterprise_id").loc["e1", "at_least"] == "yes"


def test_where_people_are_not_given_nobody_is_blue(tmp_path: Path) -> None:
    """Expected fatalities of 0 before and now say nothing where nobody was counted."""
    deserted = minimal_park.changed(lambda document: document.update(population=[]))
    static = dataclasses.replace(minimal_park.coarse(), park=deserted)
    found = monitoring_state(static, read(tmp_path, *calm()), AT)
    assert set(colours(found).values()) == {"unknown"}
    assert "people are not all given" in found.enterprises["reason_en"].iloc[0]


# The park now


def test_readings_are_the_change_that_they_say(tmp_path: Path) -> None:
    readings = read(tmp_path, *calm("V-301"), "V-301,DCS,2026-11-26T07:59,0.5,20,600,,isolation_valve,",
                    "V-201,P,2026-11-26T07:59,,,,,deluge,")  # fmt: skip
    found = monitoring_state(minimal_park.coarse(), readings, AT)
    cells = {"fill_fraction": 0.5, "temperature_c": 20.0, "pressure_kpa": 600.0, "isolation_class": "C"}
    other = change(minimal_park.park(), edit={"units": {"V-301": cells}}, disable=["V-201-deluge"])
    after = assess(other, settings=minimal_park.COARSE, previous=minimal_park.coarse())
    assert found.now.provenance["result_digest"] == after.provenance["result_digest"]
    assert found.now.provenance["result_digest"] != found.static.provenance["result_digest"]
    ratio = found.enterprises.set_index("enterprise_id").loc["e2", "risk_ratio"]
    pll = [each.societal.pll_by_enterprise["e2"] for each in (after, minimal_park.coarse())]
    assert ratio == pll[0] / pll[1]


def test_an_overfilled_vessel_holds_what_is_read(tmp_path: Path) -> None:
    park = park_now(minimal_park.park(), read(tmp_path, "T-101,L,2026-11-26T07:59,0.95,,,,,"))
    row = park.tables["units"].set_index("unit_id").loc["T-101"]
    assert (row["fill_fraction"], row["max_fill_fraction"]) == (0.95, 0.95)
    assert row["mass_t"] == pytest.approx(1400.0 * 0.95 / 0.9)


@pytest.mark.parametrize("read_now", ["0.7,25,", "0.7,25,485", "0.7,15,480"])
def test_a_liquid_stays_a_liquid(tmp_path: Path, read_now: str) -> None:
    """At 485 kPa chlorine of 25 °C would be a gas, and a vessel of gas weighs next to nothing."""
    found = state(tmp_path, *calm("V-301"), f"V-301,D,2026-11-26T07:59,{read_now},0,,")
    ratio = found.enterprises.set_index("enterprise_id").loc["e2", "risk_ratio"]
    assert ratio > 1.0 if ",25," in read_now else ratio == pytest.approx(1.0, rel=0.01)


def test_an_empty_vessel_has_no_model(tmp_path: Path) -> None:
    found = state(tmp_path, *calm("V-301"), "V-301,D,2026-11-26T07:59,0,,,0,,")
    row = found.enterprises.set_index("enterprise_id").loc["e2"]
    assert (row["colour"], row["risk_known"]) == ("unknown", "no")


def test_far_more_in_the_vessel_than_the_static_park_says(tmp_path: Path) -> None:
    edit = {"units": {"V-301": {"fill_fraction": 0.05}}}
    static = assess(
        change(minimal_park.park(), edit=edit), settings=minimal_park.COARSE, previous=minimal_park.coarse()
    )
    found = monitoring_state(static, read(tmp_path, *calm()), AT)
    row = found.enterprises.set_index("enterprise_id").loc["e2"]
    assert row["risk_ratio"] >= RULES["risk-up-tenfold"].value
    assert row["colour"] == "red"
    assert found.now.provenance["result_digest"] == minimal_park.coarse().provenance["result_digest"]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    lines = [*calm(), "V-301,G1,2026-11-26T07:58,,,,2,,", "V-301,G1,2026-11-26T07:59,,,,1,,"]
    first, second = state(tmp_path, *lines), state(tmp_path, *reversed(lines))
    for name, table in first.tables().items():
        pd.testing.assert_frame_equal(table, second.tables()[name])


# What is refused


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["V-999,D,2026-11-26T07:59,0.5,,,,,"], "measure_unit"),
        (["V-301,D,2026-11-26T07:59,1.2,,,,,"], "out_of_range"),
        (["V-301,D,2026-11-26T07:59,NaN,,,,,"], "not_finite"),
        (["V-301,D,2026-11-26T07:59,inf,,,,,"], "not_finite"),
        (["V-301,D,2026-11-26T07:59,,,,3,,"], "out_of_range"),
        (["V-301,D,2026-11-26T08:00:01,0.5,,,,,"], "reading_in_future"),
        (["V-301,D,2026-11-26T07:59+08:00,0.5,,,,,"], "not_a_time"),
        (["V-301,D,gestern,0.5,,,,,"], "not_a_time"),
        (["V-301,D,2026-11-26T07:59,,,,,,"], "reading_empty"),
        (["V-301,D,2026-11-26T07:59,0.5,,,,,", "V-301,D,2026-11-26T07:59,0.5,,,,,"], "reading_repeated"),
        (["V-301,D,2026-11-26T07:59,0.5,,,,,", "V-301,E,2026-11-26T07:59,0.6,,,,,"], "reading_contradicts"),
        (["T-101,D,2026-11-26T07:59,,,,,deluge,"], "reading_no_barrier"),
    ],
)
def test_a_bad_reading_is_a_problem(tmp_path: Path, lines: list[str], code: str) -> None:
    with pytest.raises(InputProblems) as found:
        read(tmp_path, *lines)
    assert code in {fault.code for fault in found.value.problems}


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputProblems) as found:
        read(tmp_path, "V-999,D,2026-11-26T07:59,1.2,,,,,", "V-301,D,2026-11-26T09:00,0.5,,,,,")
    assert {fault.code for fault in found.value.problems} >= {"measure_unit", "out_of_range", "reading_in_future"}


@pytest.mark.parametrize("text", ["8 o'clock", "2026-11-26T08:00+08:00", "2026-11-26T08:00Z"])
def test_a_time_with_a_zone_or_none_at_all_is_refused(text: str) -> None:
    with pytest.raises(OutOfRange):
        local_time(text)


@functools.cache
def shipped() -> str:
    path = Path(minimal_park.FOLDER).parents[2] / "risk" / "rules" / "monitoring_levels.csv"
    return path.read_text(encoding="utf-8")


STALE = next(line for line in shipped().splitlines(keepends=True) if line.startswith("stale,"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("risk-up,yellow", "risk-up,green"),
        ("risk-up,yellow,risk_ratio", "risk-up,yellow,mood"),
        (">=,1.2", ">=,many"),
        (">=,1.2", "~,1.2"),
        ("risk-up,yellow", "stale,yellow"),
        ("stale,unknown,reading_age", "stale,blue,reading_age"),
        ("rule_id,colour", "rule,colour"),
        (STALE, ""),
        (STALE, STALE + STALE.replace("stale", "staler")),
    ],
)
def test_a_bad_table_of_rules_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in shipped()
    path = tmp_path / "levels.csv"
    path.write_text(shipped().replace(old, new), encoding="utf-8")
    with pytest.raises(RuleError):
        levels(path)
    whole = tmp_path / "whole.csv"
    whole.write_text(shipped(), encoding="utf-8")
    assert levels(whole) == levels()


def test_the_example_and_its_files(tmp_path: Path) -> None:
    path = Path(minimal_park.FOLDER) / "readings" / "example.csv"
    found = monitoring_state(minimal_park.coarse(), read_readings(path, minimal_park.park(), AT), AT)
    found.save(tmp_path)
    features = json.loads((tmp_path / "state.geojson").read_text(encoding="utf-8"))["features"]
    assert {each["properties"]["enterprise_id"]: each["properties"]["colour"] for each in features} == colours(found)
    longitude, latitude = features[0]["geometry"]["coordinates"][0][0]
    assert 73.0 < longitude < 136.0
    assert 18.0 < latitude < 54.0
    document = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))
    assert document["note"]["mark"] == "M"
    assert pd.read_csv(tmp_path / "state_targets.csv")["static"].tolist() == found.targets["static"].tolist()
