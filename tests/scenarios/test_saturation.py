"""Liquefied gases whose stated pressure is not that of their temperature. Oracle: CoolProp by itself."""

import functools
import math
from typing import Any

import pandas as pd
import pytest
from CoolProp import CoolProp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parkrisk.api.printed import whatif as whatif_tables
from parkrisk.models.errors import InputProblems
from parkrisk.risk.assess import assess
from parkrisk.risk.screening.hazard_units import hazard_units
from parkrisk.risk.trace.behind import input_cell
from parkrisk.risk.whatif import WhatIf
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.events.contents import absolute_pressure, state, vessel
from parkrisk.scenarios.events.saturation import doubts
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.defaults import COUNTED_LIQUID, PRESSURE_NOT_GIVEN
from tests import minimal_park

AIR = 101_325.0
CHLORINE, PROPANE, AMMONIA, HYDROGEN = "7782-50-5", "74-98-6", "7664-41-7", "1333-74-0"
FLUIDS = {CHLORINE: "Chlorine", PROPANE: "Propane", AMMONIA: "Ammonia"}


def saturated_kpa(cas: str, celsius: float) -> float:
    """Gauge vapour pressure of CoolProp."""
    return float(CoolProp.PropsSI("P", "T", celsius + 273.15, "Q", 0, FLUIDS[cas]) - AIR) / 1e3


def liquid_t(cas: str, celsius: float, volume: float) -> float:
    return float(CoolProp.PropsSI("D", "T", celsius + 273.15, "Q", 0, FLUIDS[cas])) * volume / 1e3


def unit(**cells: Any) -> dict[str, Any]:
    """A vessel of 100 m³, 70 % full of propane of 20 °C under 735 kPa(g), as a filled row."""
    row = minimal_park.park().tables["units"].set_index("unit_id", drop=False).loc["V-201"].to_dict()
    row |= {"volume_m3": 100.0, "fill_fraction": 0.7, "mass_t": math.nan, "temperature_c": 20.0, "pressure_kpa": 735.0}
    return row | cells


def row_of(park: Park, name: str) -> dict[str, Any]:
    found: dict[str, Any] = park.tables["units"].set_index("unit_id", drop=False).loc[name].to_dict()
    return found


def edited(name: str, park: Park | None = None, **cells: Any) -> Park:
    return change(park or minimal_park.park(), edit={"units": {name: cells}})


def codes(park: Park) -> list[str]:
    return [fault.code for fault in park.warnings]


def listed(park: Park, name: str) -> list[str]:
    """Sources of what is assumed of the pressure of a unit."""
    table = park.assumptions
    return table.loc[(table["row"] == name) & (table["column"] == "pressure_kpa"), "source"].tolist()


@functools.cache
def stored(cas: str, celsius: float) -> Park:
    """The park with V-201 a saturated vessel of another liquefied gas."""
    gauge = round(saturated_kpa(cas, celsius), 1)
    return edited("V-201", substance=cas, temperature_c=celsius, pressure_kpa=gauge, mass_t=None)


# The meaning of a row


@pytest.mark.parametrize("cas", FLUIDS)
@pytest.mark.parametrize("celsius", [-10.0, 15.0, 40.0])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.88])
def test_a_vessel_far_below_its_vapour_pressure_is_counted_as_saturated_liquid(
    cas: str, celsius: float, share: float
) -> None:
    absolute = saturated_kpa(cas, celsius) + AIR / 1e3
    row = unit(substance=cas, temperature_c=celsius, pressure_kpa=share * absolute - AIR / 1e3)
    found = state(row, AIR)
    assert (found.phase, found.in_doubt) == ("liquid", True)
    assert found.pressure == pytest.approx(1e3 * absolute, rel=1e-3)
    assert absolute_pressure(row, AIR) == found.pressure
    assert vessel(row, AIR).mass / 1e3 == pytest.approx(liquid_t(cas, celsius, 70.0), rel=2e-3)


@pytest.mark.parametrize("share", [0.92, 1.0, 1.5])
def test_near_saturation_and_above_a_row_is_what_it_states(share: float) -> None:
    gauge = share * (saturated_kpa(PROPANE, 20.0) + AIR / 1e3) - AIR / 1e3
    found = state(unit(pressure_kpa=gauge), AIR)
    assert (found.phase, found.in_doubt) == ("liquid", False)
    assert found.pressure == pytest.approx(1e3 * gauge + AIR, rel=1e-12)


GAS_T = 100.0 * float(CoolProp.PropsSI("D", "T", 293.15, "P", AIR + 2e5, "Propane")) / 1e3


@pytest.mark.parametrize(
    ("says", "phase"),
    [
        ({}, "liquid"),
        ({"fill_fraction": 0.0}, "gas"),
        ({"mass_t": GAS_T}, "gas"),
        ({"mass_t": 3.0 * GAS_T}, "liquid"),
        ({"mass_t": 0.0}, "liquid"),
        ({"kind": "compressor"}, "gas"),
        ({"kind": "pipeline"}, "gas"),
        ({"kind": "cylinder_store"}, "gas"),
        ({"kind": "reactor"}, "liquid"),
        ({"volume_m3": math.nan, "mass_t": 30.0}, "gas"),
    ],
    ids=str,
)
def test_gas_is_what_says_so_besides_its_pressure(says: dict[str, Any], phase: str) -> None:
    """200 kPa(g) is far below the vapour pressure of propane of 20 °C, 735 kPa(g)."""
    found = state(unit(pressure_kpa=200.0, **says), AIR)
    assert (found.phase, found.in_doubt) == (phase, phase == "liquid")
    if phase == "gas":
        assert found.pressure == AIR + 2e5


def test_a_doubt_holds_no_more_than_the_stated_largest_mass() -> None:
    assert vessel(unit(pressure_kpa=200.0, mass_t=12.0), AIR).mass == 12_000.0


def test_a_compressed_gas_and_a_refrigerated_liquid_are_no_doubts() -> None:
    hydrogen = state(unit(substance=HYDROGEN, pressure_kpa=15_000.0), AIR)
    assert (hydrogen.phase, hydrogen.pressure, hydrogen.in_doubt) == ("gas", AIR + 1.5e7, False)
    cold = unit(kind="refrigerated_tank", substance=AMMONIA, temperature_c=-33.0, pressure_kpa=0.0)
    ammonia = state(cold, AIR)
    assert (ammonia.phase, ammonia.pressure, ammonia.in_doubt) == ("liquid", AIR, False)


def test_a_doubt_in_the_input_is_said_listed_and_counted() -> None:
    def spoil(document: dict[str, Any]) -> None:
        minimal_park.row(document["units"], unit_id="V-201").update(pressure_kpa=200.0, mass_t=None)

    park = minimal_park.changed(spoil)
    (fault,) = park.warnings
    assert (fault.code, fault.column, fault.found) == ("below_vapour_pressure", "pressure_kpa", "200")
    gas = 1e3 * float(CoolProp.PropsSI("D", "T", 288.15, "P", AIR + 2e5, "Propane")) / 1e3
    for message in (fault.message_zh, fault.message_en):
        for said in ("V-201", f"{gas:.3g} t", f"{liquid_t(PROPANE, 15.0, 800.0):.3g} t", "fill_fraction = 0"):
            assert said in message
    assert listed(park, "V-201") == [COUNTED_LIQUID]
    assert row_of(park, "V-201")["pressure_kpa"] == 200.0  # the input stays what it is
    terms = hazard_units(park).terms.set_index("unit_id")
    assert terms.loc["V-201", "mass_t"] == pytest.approx(liquid_t(PROPANE, 15.0, 850.0), rel=2e-3)
    assert "counted as liquid" in terms.loc["V-201", "mass_basis_en"]
    later = edited("T-101", park, fill_fraction=0.5)
    assert (codes(later), listed(later, "V-201")) == (["below_vapour_pressure"], [COUNTED_LIQUID])
    gas_park = edited("V-201", park, fill_fraction=0.0)
    assert (codes(gas_park), listed(gas_park, "V-201")) == ([], [])
    terms = hazard_units(gas_park).terms.set_index("unit_id")
    assert terms.loc["V-201", "mass_t"] == pytest.approx(gas, rel=1e-3)


@pytest.mark.parametrize("cas", FLUIDS)
def test_the_pressure_of_a_liquefied_gas_that_is_not_given_is_listed_as_assumed(cas: str) -> None:
    park = edited("V-201", stored(cas, 15.0), pressure_kpa=None)
    table = park.assumptions
    value = table.loc[(table["row"] == "V-201") & (table["column"] == "pressure_kpa"), "value"].tolist()
    assert listed(park, "V-201") == [PRESSURE_NOT_GIVEN]
    assert float(*value) == pytest.approx(saturated_kpa(cas, 15.0), rel=0.01)
    assert math.isnan(row_of(park, "V-201")["pressure_kpa"])  # the input stays what it is
    assert listed(edited("V-201", park, pressure_kpa=900.0), "V-201") == []


@pytest.mark.parametrize(("name", "cells", "assumed"), [
    ("R-301", {}, ["0"]),
    ("R-301", {"kind": "pump"}, ["0"]),
    ("T-101", {}, []),  # an atmospheric tank says it by its kind
    ("V-201", {"substance": HYDROGEN, "mass_t": None}, []),  # nothing of it is computed, and that is said
])  # fmt: skip
def test_pressures_are_assumed_where_the_kind_leaves_them_open(
    name: str, cells: dict[str, Any], assumed: list[str]
) -> None:
    table = edited(name, pressure_kpa=None, **cells).assumptions
    assert table.loc[(table["row"] == name) & (table["column"] == "pressure_kpa"), "value"].tolist() == assumed


def test_an_assessment_says_which_pressures_it_assumed() -> None:
    park = edited("R-301", pressure_kpa=None)
    found = assess(park, settings=minimal_park.COARSE, previous=minimal_park.coarse())
    said = found.assumptions[found.assumptions["text_en"].str.contains("errs on the unsafe side for equipment under")]
    assert len(said) == 1
    assert "Operating pressure" in said["text_en"].iloc[0]
    step = input_cell(found, "units", "R-301", "pressure_kpa")
    assert step is not None
    assert (step.value, step.source) == (0.0, PRESSURE_NOT_GIVEN)


# Edits


@pytest.mark.parametrize("cas", FLUIDS)
@pytest.mark.parametrize("step", [-15.0, 2.0, 10.0])
def test_the_pressure_of_a_saturated_vessel_follows_its_temperature(cas: str, step: float) -> None:
    celsius = 15.0 + step
    park = edited("V-201", stored(cas, 15.0), temperature_c=celsius)
    row = row_of(park, "V-201")
    assert row["pressure_kpa"] == pytest.approx(saturated_kpa(cas, celsius), rel=2e-3)
    assert vessel(row, AIR).mass / 1e3 == pytest.approx(liquid_t(cas, celsius, 800.0), rel=2e-3)
    assert codes(park) == ["pressure_follows"]
    (source,) = listed(park, "V-201")
    assert "vapour pressure" in source
    again = edited("V-201", park, temperature_c=15.0)
    assert absolute_pressure(row_of(again, "V-201"), AIR) == pytest.approx(
        1e3 * saturated_kpa(cas, 15.0) + AIR, rel=2e-3
    )


@settings(deadline=None, max_examples=8)
@given(cold=st.floats(-20.0, 60.0), step=st.floats(0.01, 40.0), padding=st.floats(0.9, 3.0))
@example(cold=15.0, step=10.0, padding=1.0)
def test_warmer_never_holds_less_than_density_explains(cold: float, step: float, padding: float) -> None:
    """Whatever the pressure that was stated, saturated or padded."""
    gauge = padding * (saturated_kpa(CHLORINE, cold) + AIR / 1e3) - AIR / 1e3
    before = edited("V-301", temperature_c=cold, pressure_kpa=gauge, mass_t=None)
    after = edited("V-301", before, temperature_c=cold + step)
    masses = [vessel(row_of(park, "V-301"), AIR).mass for park in (before, after)]
    density = [liquid_t(CHLORINE, celsius, 1.0) for celsius in (cold, cold + step)]
    assert masses[1] / masses[0] == pytest.approx(density[1] / density[0], rel=3e-3)


def test_what_is_no_saturated_liquid_keeps_its_pressure() -> None:
    hydrogen = edited("V-201", substance=HYDROGEN, pressure_kpa=15_000.0, mass_t=None, temperature_c=20.0)
    for park, name, celsius in ((hydrogen, "V-201", 40.0), (minimal_park.park(), "R-301", 70.0)):
        after = edited(name, park, temperature_c=celsius)
        assert row_of(after, name)["pressure_kpa"] == row_of(park, name)["pressure_kpa"]
        assert "pressure_follows" not in codes(after)
    cold = {"kind": "refrigerated_tank", "substance": AMMONIA, "temperature_c": -33.0, "pressure_kpa": 0.0}
    assert {"pressure_follows", "below_vapour_pressure"}.isdisjoint(codes(edited("V-201", mass_t=None, **cold)))


def test_a_liquid_that_would_boil_stays_a_liquid_unless_the_edit_says_gas() -> None:
    hot = edited("R-301", temperature_c=120.0)  # methanol, 200 kPa(g): boils at 94 °C
    assert codes(hot) == ["pressure_follows"]
    assert vessel(row_of(hot, "R-301"), AIR).contents == "liquid"
    line = edited("V-201", kind="pipeline", pressure_kpa=900.0, diameter_m=0.2, height_m=None, length_m=150.0)
    for cells in ({"temperature_c": 45.0}, {"pressure_kpa": 200.0}):
        after = edited("V-201", line, **cells)
        assert "pressure_follows" in codes(after)
        assert vessel(row_of(after, "V-201"), AIR).contents == "liquid"
    for cells in ({"temperature_c": 25.0, "fill_fraction": 0.0}, {"pressure_kpa": 100.0, "fill_fraction": 0.0}):
        emptied = edited("V-301", **cells)
        assert (codes(emptied), vessel(row_of(emptied, "V-301"), AIR).contents) == ([], "gas")


def test_a_pressure_given_with_the_temperature_is_taken_or_doubted() -> None:
    taken = edited("V-301", temperature_c=25.0, pressure_kpa=800.0)
    assert (codes(taken), row_of(taken, "V-301")["pressure_kpa"]) == ([], 800.0)
    doubted = edited("V-301", temperature_c=25.0, pressure_kpa=485.0)
    assert (codes(doubted), row_of(doubted, "V-301")["pressure_kpa"]) == (["below_vapour_pressure"], 485.0)
    assert vessel(row_of(doubted, "V-301"), AIR).contents == "liquid"


def test_above_the_critical_temperature_the_pressure_must_be_given() -> None:
    """144 °C and 7.6 MPa for chlorine."""
    for cells in ({}, {"pressure_kpa": 485.0}):
        with pytest.raises(InputProblems) as caught:
            edited("V-301", temperature_c=150.0, **cells)
        (fault,) = (each for each in caught.value.problems if each.severity == "error")
        assert (fault.code, fault.found) == ("pressure_needed", "V-301")
        assert "pressure_kpa" in fault.message_zh
        assert "pressure_kpa" in fault.message_en
    assert row_of(edited("V-301", temperature_c=150.0, pressure_kpa=9000.0), "V-301")["pressure_kpa"] == 9000.0


def test_ten_kelvin_more_do_not_take_risk_away_and_the_what_if_says_what_was_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = minimal_park.coarse()
    park = edited("V-301", edited("V-201", temperature_c=25.0), temperature_c=25.0)
    after = assess(park, settings=minimal_park.COARSE, previous=before)
    pll = [found.sources.set_index("unit_id")["pll"] for found in (before, after)]
    for name, cas in (("V-301", CHLORINE), ("V-201", PROPANE)):
        lighter = liquid_t(cas, 25.0, 1.0) / liquid_t(cas, 15.0, 1.0)
        assert pll[1][name] >= lighter * pll[0][name]
    warm = assess(edited("V-301", temperature_c=25.0), settings=minimal_park.COARSE, previous=after)
    found = WhatIf("warm", before, warm)
    (note,) = found.to_dict()["notes"]
    assert (note["column"], note["found"]) == ("pressure_kpa", "V-301")
    whatif_tables.show(found, "zh")
    assert "饱和蒸气压" in capsys.readouterr().out
    whatif_tables.show_notes(found.notes, "en", "warm")
    assert capsys.readouterr().out.startswith("warm: unit V-301")


def test_the_trace_says_how_a_doubted_pressure_counts() -> None:
    park = edited("V-301", pressure_kpa=100.0)
    found = assess(park, settings=minimal_park.COARSE, previous=minimal_park.coarse())
    step = input_cell(found, "units", "V-301", "pressure_kpa")
    assert step is not None
    assert (step.value, step.source) == (100.0, COUNTED_LIQUID)
    assert "counted as liquid" in step.how_en


def test_the_doubts_of_a_table_are_those_of_its_rows() -> None:
    cells = [{}, {"pressure_kpa": 300.0}, {"pressure_kpa": 300.0, "fill_fraction": 0.0}, {"temperature_c": 60.0}]
    cells += [
        {"pressure_kpa": 300.0, "mass_t": 0.9},
        {"pressure_kpa": 300.0, "kind": "pump"},
        {"pressure_kpa": math.nan},
    ]
    rows = [unit(unit_id=f"u{n}", **each) for n, each in enumerate(cells * 3)]
    expected = [
        (number, row["unit_id"], pytest.approx((state(row, AIR).pressure - AIR) / 1e3))
        for number, row in enumerate(rows, start=1)
        if row["pressure_kpa"] > 0.0 and state(row, AIR).in_doubt
    ]
    found = doubts(pd.DataFrame(rows, index=range(1, len(rows) + 1)), AIR)
    assert [(each.number, each.unit, each.vapour_kpa) for each in found] == expected
    assert 3 <= len(expected) < len(rows)
