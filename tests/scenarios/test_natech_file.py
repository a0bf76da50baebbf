"""The file of natural hazards: units of PGA, every mistake at once, in both languages."""

import numpy as np
import pytest

from parkrisk.api.examples import example_park
from parkrisk.models.errors import InputProblems
from parkrisk.scenarios.natural.natech_file import FILE_NAME, hazards_of, read_hazards

QUAKE = {"pga_unit": "g", "pga": [0.05, 0.1, 0.2], "frequency": [1e-2, 2e-3, 4e-4]}


def faults(**tables):
    with pytest.raises(InputProblems) as caught:
        hazards_of(tables)
    for each in caught.value.problems:
        assert each.message_zh
        assert each.message_en
    return {(each.column, each.code) for each in caught.value.problems}


def test_units_of_pga_agree():
    g = 9.80665
    want = hazards_of({"earthquake": QUAKE}).earthquake.curve
    for unit, factor in (("m/s2", g), ("gal", 100.0 * g)):
        other = {**QUAKE, "pga_unit": unit, "pga": [value * factor for value in QUAKE["pga"]]}
        assert hazards_of({"earthquake": other}).earthquake.curve.pga == pytest.approx(want.pga, rel=1e-14)


def test_return_periods_are_frequencies():
    other = {key: value for key, value in QUAKE.items() if key != "frequency"}
    other["return_period"] = [100, 500, 2500]
    curve = hazards_of({"earthquake": other}).earthquake.curve
    assert curve.frequency == pytest.approx(QUAKE["frequency"], rel=1e-14)


def test_water_by_point():
    quake = hazards_of({"earthquake": {**QUAKE, "fire_water_fails": [0.0, 0.2, 0.6]}}).earthquake
    between = quake.water_fails(np.array([0.05, 0.1 * 2**0.5, 0.2, 1.0]))
    assert between == pytest.approx([0.0, 0.4, 0.6, 0.6])


@pytest.mark.parametrize(
    "change",
    [
        {"pga": [50, 100, 200]},  # gal called g
        {"pga_unit": "gal"},  # g called gal
        {"pga": [0.05, -0.1, 0.2]},
        {"pga": [0.05, float("nan"), 0.2]},
        {"pga": "0.1"},
    ],
)
def test_pga_that_cannot_be(change):
    assert faults(earthquake={**QUAKE, **change}) == {("earthquake.pga", "scenario_value")}


def test_the_likely_unit_is_named():
    with pytest.raises(InputProblems) as caught:
        hazards_of({"earthquake": {**QUAKE, "pga": [50, 100, 200]}})
    (fault,) = caught.value.problems
    assert "is it gal?" in fault.message_en
    assert "单位是否为 gal" in fault.message_zh


def test_curve_must_fall():
    assert faults(earthquake={**QUAKE, "frequency": [1e-3, 2e-3, 3e-3]}) == {("earthquake.frequency", "scenario_value")}


def test_unit_must_be_said():
    quake = {key: value for key, value in QUAKE.items() if key != "pga_unit"}
    assert faults(earthquake=quake) == {("earthquake.pga_unit", "scenario_value")}


def test_all_mistakes_at_once():
    quake = {
        **QUAKE,
        "frequncy": 1,
        "fire_water_fails": [0.1, 2.0, 0.3],
        "response_factor": 0.5,
        "damage_state": "slight",
        "fragility": {"tank": {}, "pressure_vessel": {"median_g": -1.0, "deviation": 0.4}},
    }
    storm = {"thunder_days": 3000, "location": "sea", "protection": "V"}
    found = faults(earthquake=quake, lightning=storm, flood={})
    assert found == {
        ("frequncy", "natech_key"),
        ("flood", "natech_key"),
        ("tank", "natech_key"),
        ("earthquake.fire_water_fails", "scenario_value"),
        ("earthquake.response_factor", "scenario_value"),
        ("earthquake.damage_state", "scenario_value"),
        ("earthquake.fragility.tank.median_g", "scenario_value"),
        ("earthquake.fragility.tank.deviation", "scenario_value"),
        ("earthquake.fragility.pressure_vessel.median_g", "scenario_value"),
        ("lightning.thunder_days", "scenario_value"),
        ("lightning.location", "scenario_value"),
        ("lightning.protection", "scenario_value"),
    }


@pytest.mark.parametrize("tables", [{"earthquake": 5}, {"earthquake": {**QUAKE, "fragility": 3}}, {"lightning": []}])
def test_tables_that_are_none(tables):
    assert any(code == "scenario_value" for _, code in faults(**tables))


def test_empty_and_unreadable(tmp_path):
    assert faults() == {("", "natech_empty")}
    file = tmp_path / FILE_NAME
    for content in (b"[earthquake", b"\xff\xfe\x00"):
        file.write_bytes(content)
        with pytest.raises(InputProblems):
            read_hazards(file)


def test_shipped_example():
    hazards = read_hazards(example_park("zhoushan") / FILE_NAME)
    basic = 1.0 / hazards.earthquake.curve.exceedance(0.10)
    assert basic == pytest.approx(475.0)  # 10 % in 50 years
    assert 1.6 <= hazards.earthquake.curve.pga[2] / 0.10 <= 2.3  # GB 18306-2015, 6.2: rare ground motion
    assert hazards.lightning is not None
