"""GB 18218-2018: tables, worked sums, boundaries, and what stays open when something is not known."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.risk.screening import hazard_tables
from parkrisk.risk.screening.hazard_tables import alpha, classify, level, symbols, table1
from parkrisk.risk.screening.hazard_units import HazardTable, hazard_units


@dataclass(frozen=True)
class Stub:
    """What screening reads of a park."""

    tables: dict[str, pd.DataFrame]


UNIT: dict[str, Any] = {
    "unit_id": "u1",
    "enterprise_id": "e1",
    "kind": "atmospheric_tank",
    "substance": "67-56-1",
    "mass_t": np.nan,
    "volume_m3": np.nan,
    "max_fill_fraction": np.nan,
    "temperature_c": 20.0,
    "pressure_kpa": 0.0,
    "hazard_unit_id": "h1",
    "in_service": "yes",
}


def table(*units: dict[str, Any], residents: float = 0.0, contents: Any = ()) -> HazardTable:
    rows = [{**UNIT, "unit_id": f"u{n}", **unit} for n, unit in enumerate(units, 1)]
    frames = {
        "units": pd.DataFrame(rows),
        "contents": pd.DataFrame(list(contents), columns=["unit_id", "cas", "mass_t"]),
        "enterprises": pd.DataFrame({"enterprise_id": ["e1"], "residents_500m": [residents]}),
    }
    return hazard_units(Stub(frames))  # type: ignore[arg-type]


def only(hazards: HazardTable) -> dict[str, Any]:
    (row,) = hazards.units.to_dict("records")
    return row


def test_tables_are_whole() -> None:
    assert len({row for rows in hazard_tables._table1().values() for row in rows}) == 85
    assert len(symbols()) == 24
    assert len(hazard_tables.beta_by_cas()) == 14


def test_worked_single_substance() -> None:
    # 50 t chlorine: Q = 5 t (Table 1 row 12), q/Q = 10; beta = 4 (Table 3); 40 residents: alpha = 1.2 (Table 5).
    # R = 1.2 x 4 x 10 = 48: level 3 (10 <= R < 50, Table 6).
    row = only(table({"substance": "7782-50-5", "mass_t": 50.0}, residents=40.0))
    assert (row["S"], row["alpha"], row["R"], row["level"]) == (10.0, 1.2, 48.0, 3)
    assert row["mark"] == "V"


def test_worked_sum_of_several_substances() -> None:
    # Tank farm: methanol 600 t / 500 t = 1.2 (beta 1, W5.3), gasoline 300 t / 200 t = 1.5 (beta 1, W5.3),
    # ammonia 4 t / 10 t = 0.4 (beta 2, Table 3), xylene 2500 t / 5000 t = 0.5 (Table 2 W5.4, beta 1).
    # S = 1.2 + 1.5 + 0.4 + 0.5 = 3.6. Sum of beta q/Q = 1.2 + 1.5 + 0.8 + 0.5 = 4.0.
    # 120 residents: alpha = 2.0, R = 8.0: level 4.
    hazards = table(
        {"substance": "67-56-1", "mass_t": 600.0},
        {"substance": "86290-81-5", "mass_t": 300.0},
        {"substance": "7664-41-7", "mass_t": 4.0},
        {"substance": "1330-20-7", "mass_t": 2500.0},
        residents=120.0,
    )
    row = only(hazards)
    assert (row["S"], row["beta_sum"], row["R"], row["level"]) == (3.6, 4.0, 8.0, 4)
    assert row["mark"] == "M", "classes of Table 4 come from an unverified list"
    rows = dict(zip(hazards.terms["cas"], hazards.terms["Q_row"], strict=True))
    assert rows["1330-20-7"] == "Table 2 W5.4"
    assert rows["7664-41-7"] == "Table 1 row 1"


@pytest.mark.parametrize(
    ("mass", "expected"),
    [
        # Phosgene: Q = 0.3 t, beta = 20 (Table 3), no residents: alpha = 0.5. R = 10 q/Q.
        (0.3, 3),  # R = 10 exactly: level 3
        (1.4999, 3),  # just below 50
        (1.5, 2),  # R = 50 exactly: level 2
        (2.9999, 2),
        (3.0, 1),  # R = 100 exactly: level 1
        (0.2999, None),  # S < 1: no major hazard, no level
    ],
)
def test_boundaries_of_levels(mass: float, expected: int | None) -> None:
    row = only(table({"substance": "75-44-5", "mass_t": mass}))
    assert (None if pd.isna(row["level"]) else row["level"]) == expected


def test_level_four_below_ten() -> None:
    assert [level(R) for R in (9.999, 10, 49.999, 50, 99.999, 100)] == [4, 3, 3, 2, 2, 1]


def test_sum_of_decimals_reaches_one_exactly() -> None:
    # 0.7 + 0.2 + 0.1 of the critical quantity is 1, although the floats add to less.
    assert 0.7 + 0.2 + 0.1 < 1.0
    hazards = table(*({"substance": "7664-41-7", "mass_t": mass} for mass in (7.0, 2.0, 1.0)))
    assert only(hazards)["S"] == 1.0
    assert only(hazards)["major_hazard"] == "yes"


@pytest.mark.parametrize(
    ("people", "expected"),
    [(0, "0.5"), (1, "1"), (29, "1"), (30, "1.2"), (49, "1.2"), (50, "1.5"), (99, "1.5"), (100, "2"), (5000, "2")],
)
def test_alpha(people: int, expected: str) -> None:
    assert alpha(people) == Fraction(expected)


def test_unknown_residents_leave_bounds() -> None:
    # 50 t chlorine: beta q/Q = 40. alpha between 0.5 and 2: R between 20 (level 3) and 80 (level 2).
    row = only(table({"substance": "7782-50-5", "mass_t": 50.0}, residents=np.nan))
    assert math.isnan(row["R"])
    assert (row["R_low"], row["R_high"]) == (20.0, 80.0)
    assert pd.isna(row["level"])
    assert (row["level_worst"], row["level_best"]) == (2, 3)
    assert row["missing"] == ("enterprises.e1.residents_500m",)


def test_unknown_residents_that_change_nothing_leave_the_level() -> None:
    # 0.5 x 40 x 10 = 200 and 2 x 400 = 800: level 1 either way.
    row = only(table({"substance": "7782-50-5", "mass_t": 500.0}, residents=np.nan))
    assert math.isnan(row["R"])
    assert row["level"] == 1


def test_unknown_class_is_listed_and_never_counted_as_nothing() -> None:
    row = only(table({"substance": "999-99-9", "mass_t": 10.0}))
    assert row["major_hazard"] == "unknown"
    assert not row["complete"]
    assert math.isinf(row["R_high"])
    assert row["missing"] == ("hazard_classes[999-99-9]",)


def test_unknown_mass_leaves_the_rest_a_lower_bound() -> None:
    hazards = table({"substance": "7782-50-5", "mass_t": 50.0}, {"substance": "7664-41-7"})
    row = only(hazards)
    assert row["S"] == 10.0
    assert row["major_hazard"] == "yes"
    assert (row["level_worst"], row["level_best"]) == (1, 3)
    assert pd.isna(row["level"])
    assert "units.u2.mass_t[7664-41-7]" in row["missing"]


def test_substance_outside_both_tables_adds_nothing_and_says_so() -> None:
    hazards = table({"substance": "7664-93-9"}, {"substance": "7782-50-5", "mass_t": 5.0})
    assert only(hazards)["S"] == 1.0
    assert only(hazards)["complete"]
    assert "no entry in Tables 1 and 2" in set(hazards.terms["Q_row"])


@pytest.mark.parametrize(
    ("cas", "kind", "celsius", "kpa", "expected"),
    [
        ("67-56-1", "atmospheric_tank", 20.0, 0.0, "W5.3"),  # methanol, category 2
        ("67-56-1", "column", 80.0, 50.0, "W5.1"),  # above its boiling point of 64.7 C
        ("67-56-1", "process_vessel", 20.0, 1601.0, "W5.2"),
        ("67-56-1", "process_vessel", 20.0, 1600.0, "W5.3"),  # not above 1.6 MPa
        ("67-56-1", "reactor", 20.0, 0.0, "W5.2"),
        ("75-56-9", "atmospheric_tank", 10.0, 0.0, "W5.1"),  # propylene oxide, category 1
        ("1330-20-7", "atmospheric_tank", 20.0, 0.0, "W5.4"),  # xylene, category 3
    ],
)
def test_process_conditions_decide_the_symbol_of_flammable_liquids(
    cas: str, kind: str, celsius: float, kpa: float, expected: str
) -> None:
    assert classify(cas, kind, celsius + 273.15, kpa).symbols[-1] == expected


def test_lowest_quantity_of_several_classes() -> None:
    # Carbonyl sulfide is W2 (10 t) and J3 (50 t): 10 t counts (4.1.2); beta is the larger, 2 of J3 over 1.5 of W2.
    hazards = table({"substance": "463-58-1", "mass_t": 10.0, "kind": "pressure_vessel"})
    (term,) = hazards.terms.to_dict("records")
    assert (term["Q_t"], term["Q_row"], term["beta"], term["beta_row"]) == (10.0, "Table 2 W2", 2.0, "Table 4 J3")


def test_symbol_j2_has_factor_one() -> None:
    assert symbols()["J2"] == (Fraction(50), Fraction(1))


def test_several_rows_of_table_1_take_the_lowest_and_show_it() -> None:
    rows = table1("6484-52-2")
    assert [row.number for row in rows] == [43, 44]
    (term,) = table({"substance": "6484-52-2", "mass_t": 5.0, "kind": "warehouse"}).terms.to_dict("records")
    assert term["Q_t"] == 5.0
    assert "lowest of rows 43, 44" in term["Q_row"]


@pytest.mark.parametrize(
    ("cas", "critical", "row_text"),
    [
        ("18810-58-7", 0.5, "Table 1 row 31"),
        ("13424-46-9", 0.5, "Table 1 row 32"),
        ("628-86-4", 0.5, "Table 1 row 33"),
        ("28653-16-9", 5.0, "Table 1 row 34"),
        ("118-96-7", 5.0, "Table 1 row 35"),
        ("55-63-0", 1.0, "Table 1 row 36"),
        ("9004-70-0", 1.0, "Table 1 row 37"),
        ("6484-52-2", 5.0, "Table 1 row 43"),
        # Not named in Table 1: unstable explosives and division 1.1 of Table 2.
        ("121-82-4", 1.0, "Table 2 W1.1"),
        ("78-11-5", 1.0, "Table 2 W1.1"),
        ("88-89-1", 1.0, "Table 2 W1.1"),
        ("7790-98-9", 1.0, "Table 2 W1.1"),
    ],
)
def test_explosives_have_critical_quantity_and_factor(cas: str, critical: float, row_text: str) -> None:
    hazards = table({"substance": cas, "kind": "explosives_store", "mass_t": 8.0 * critical})
    (term,) = hazards.terms.to_dict("records")
    assert term["Q_t"] == critical
    assert term["Q_row"].startswith(row_text)
    # Factor 2 of division 1.1 (Table 4), nobody around: R = 0.5 x 2 x 8.
    row = only(hazards)
    assert (row["S"], row["R"], row["level"]) == (8.0, 8.0, 4)


def test_ammonium_nitrate_of_unknown_grade_is_the_worst_of_its_rows_and_says_so() -> None:
    (term,) = table({"substance": "6484-52-2", "mass_t": 20.0}).terms.to_dict("records")
    assert term["Q_t"] == 5.0
    assert "combustibles > 0.2 %" in term["Q_row"]
    assert "lowest of rows 43, 44" in term["Q_row"]
    assert set(term["symbols"].split(";")) == {"W1.1", "W9.2"}


def test_hazard_units_are_not_summed_over_an_enterprise() -> None:
    hazards = table(
        {"substance": "7782-50-5", "mass_t": 4.0, "hazard_unit_id": "a"},
        {"substance": "7782-50-5", "mass_t": 4.0, "hazard_unit_id": "b"},
    )
    assert list(hazards.units["S"]) == [0.8, 0.8]
    assert set(hazards.units["major_hazard"]) == {"no"}


def test_equipment_without_hazard_unit_is_one_by_itself() -> None:
    assert list(table({"hazard_unit_id": "", "mass_t": 1.0}).units["hazard_unit_id"]) == ["u1"]


def test_mass_from_volume_largest_fill_and_density() -> None:
    # Methanol at 20 C: 791 kg/m3 (CRC Handbook). 1000 m3 x 0.9 = 712 t.
    (term,) = table({"volume_m3": 1000.0, "max_fill_fraction": 0.9}).terms.to_dict("records")
    assert term["mass_t"] == pytest.approx(0.9 * 791.0, rel=0.005)
    (full,) = table({"volume_m3": 1000.0}).terms.to_dict("records")
    assert full["mass_t"] == pytest.approx(791.0, rel=0.005)
    assert "counted as full" in full["mass_basis_en"]


def test_compressed_gas_counts_by_gas_density() -> None:
    # Hydrogen at 20 C and 20.1 MPa: 14.7 kg/m3 (NIST), far from an ideal gas's 16.6.
    (term,) = table(
        {"substance": "1333-74-0", "kind": "pressure_vessel", "volume_m3": 10.0, "pressure_kpa": 20000.0}
    ).terms.to_dict("records")
    assert term["mass_t"] == pytest.approx(0.147, rel=0.02)


def test_liquefied_gas_without_pressure_counts_as_liquid() -> None:
    # Propane at 20 C: saturated liquid 500 kg/m3 (NIST).
    (term,) = table(
        {
            "substance": "74-98-6",
            "kind": "pressure_vessel",
            "volume_m3": 1000.0,
            "max_fill_fraction": 0.85,
            "pressure_kpa": np.nan,
        }
    ).terms.to_dict("records")
    assert term["mass_t"] == pytest.approx(425.0, rel=0.01)


def test_further_contents_and_equipment_out_of_service() -> None:
    hazards = table(
        {"substance": "67-56-1", "mass_t": 500.0},
        {"mass_t": 500.0, "in_service": "no"},
        contents=[("u1", "7664-41-7", 10.0), ("u2", "7664-41-7", 10.0)],
    )
    assert only(hazards)["S"] == 2.0
    assert list(hazards.excluded["unit_id"]) == ["u2"]


def test_two_enterprises_in_one_hazard_unit_take_the_more_people() -> None:
    rows = [{**UNIT, "unit_id": name, "enterprise_id": name, "mass_t": 500.0} for name in ("e1", "e2")]
    frames = {
        "units": pd.DataFrame(rows),
        "enterprises": pd.DataFrame({"enterprise_id": ["e1", "e2"], "residents_500m": [0.0, 60.0]}),
    }
    assert only(hazard_units(Stub(frames)))["alpha"] == 1.5  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(
    masses=st.lists(st.floats(0.0, 1e4), min_size=1, max_size=5),
    more=st.floats(0.0, 1e4),
    people=st.one_of(st.none(), st.integers(0, 300)),
)
def test_more_substance_never_lowers_anything(masses: list[float], more: float, people: int | None) -> None:
    residents = math.nan if people is None else float(people)
    units = [{"substance": "7664-41-7", "mass_t": mass} for mass in masses]
    small = only(table(*units, residents=residents))
    large = only(table(*units, {"substance": "7782-50-5", "mass_t": more}, residents=residents))
    for name in ("S", "R_low", "R_high"):
        assert large[name] >= small[name]
    if not pd.isna(small["level_worst"]):
        assert large["level_worst"] <= small["level_worst"]


@settings(max_examples=25, deadline=None)
@given(mass=st.floats(0.0, 1e4), people=st.integers(0, 300))
def test_removing_knowledge_only_widens(mass: float, people: int) -> None:
    known = only(table({"substance": "7664-41-7", "mass_t": mass}, residents=float(people)))
    for row in (
        only(table({"substance": "7664-41-7", "mass_t": mass}, residents=math.nan)),
        only(table({"substance": "7664-41-7"}, residents=float(people))),
    ):
        assert row["R_low"] <= known["R_low"]
        assert row["R_high"] >= known["R_high"]
        assert row["major_hazard"] in ("unknown", known["major_hazard"])


def test_order_of_rows_does_not_matter() -> None:
    units = [{"unit_id": f"u{n}", "substance": "7664-41-7", "mass_t": 0.1 * n} for n in range(1, 9)]
    one, other = table(*units), table(*reversed(units))
    pd.testing.assert_frame_equal(one.units, other.units)
    pd.testing.assert_frame_equal(one.terms, other.terms)
