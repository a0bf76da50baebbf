import math

import pytest

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.events.losses import isolation_time, loss_sets, loss_table, losses


def test_every_row_names_its_source_and_mark():
    table = loss_table()
    assert table["source"].str.len().min() > 10
    assert set(table["mark"]) <= {"V", "1", "M"}
    assert (table["frequency"] > 0.0).all()
    assert loss_sets() == ("aqt3046", "purple_book")


def test_pressure_vessel_has_the_holes_of_aqt3046_with_api_581_frequencies():
    found = losses("pressure_vessel", "aqt3046", bore=0.1, length=0.0, hours=0.0)
    assert [(loss.loc, loss.hole_diameter, loss.frequency) for loss in found[:3]] == [
        ("small_hole", 0.005, 8e-6),
        ("medium_hole", 0.025, 2e-5),
        ("large_hole", 0.1, 2e-6),
    ]
    assert found[3].release == "instantaneous"
    assert math.isnan(found[3].hole_diameter)
    assert {loss.mark for loss in found} == {"V"}


def test_holes_as_wide_as_a_line_are_left_to_its_rupture():
    found = losses("pump", "aqt3046", bore=0.08, length=0.0, hours=0.0)
    assert [loss.hole_diameter for loss in found] == [0.005, 0.025, 0.08]


def test_leak_of_a_line_is_a_tenth_of_its_bore_and_at_most_50_mm():
    thin = losses("pipeline", "purple_book", bore=0.2, length=300.0, hours=0.0)
    wide = losses("pipeline", "purple_book", bore=0.8, length=300.0, hours=0.0)
    assert thin[1].hole_diameter == pytest.approx(0.02)
    assert wide[1].hole_diameter == pytest.approx(0.05)
    assert thin[0].frequency == pytest.approx(300.0 * 1e-7)


def test_loading_arm_counts_hours_of_transfer():
    found = losses("loading_arm", "aqt3046", bore=0.15, length=0.0, hours=2000.0)
    assert {loss.loc: loss.frequency for loss in found} == pytest.approx({"leak": 6e-4, "rupture": 6e-5})


def test_kind_without_losses_gives_none_and_an_unknown_set_is_named():
    assert losses("greenhouse", "aqt3046", bore=0.1, length=0.0, hours=0.0) == ()
    with pytest.raises(OutOfRange, match="purple_book"):
        losses("pump", "orange_book", bore=0.1, length=0.0, hours=0.0)


@pytest.mark.parametrize(("hole", "minutes"), [(0.005, 60), (0.025, 40), (0.1, 20), (0.3, 20), (0.01, 60)])
def test_isolation_time_of_the_worst_class(hole, minutes):
    assert isolation_time("C", "C", hole) == minutes * 60.0


def test_isolation_time_refuses_what_the_table_does_not_have():
    with pytest.raises(OutOfRange, match="D"):
        isolation_time("D", "A", 0.1)
    with pytest.raises(OutOfRange):
        isolation_time("A", "A", 0.0)
