"""Tables of candidate measures: what is read, every fault at once, what becomes of the facility."""

import re

import numpy as np
import pytest

from parkrisk.api.examples import example_park
from parkrisk.models.errors import InputProblems
from parkrisk.scenarios import read
from parkrisk.scenarios.facility.measures import never_failing, protected, read_measures
from parkrisk.scenarios.facility.network import id_key
from parkrisk.scenarios.facility.protection import deluge_fails
from tests import minimal_park
from tests.risk.farms import farm, random_loads

HEADER = "measure_id,unit_id,kind,rating,pfd,system,system_pfd,cost,currency,service_years,note\n"


def write(folder, *lines):
    path = folder / "candidates.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["minimal", "zhoushan"])
def test_the_examples_are_sound_and_say_that_they_are_assumed(name):
    folder = example_park(name)
    rows = read_measures(folder / "measures" / "candidates.csv", read(folder))
    assert len(rows) > 3
    assert rows["note"].str.startswith("assumed").all()
    assert rows["cost"].isna().any()
    assert rows["cost"].notna().any()


def test_order_of_rows_does_not_matter(tmp_path):
    lines = [
        "b,T-101,deluge,0.4,0.01,W,0.02,5,CNY,10,",
        "a,V-301,防火涂层,60,0,,,,CNY,20,",
        "b,T-102,喷淋,0.4,0,W,0.02,5,CNY,10,",
    ]
    first = read_measures(write(tmp_path, *lines), minimal_park.park())
    again = read_measures(write(tmp_path, *reversed(lines)), minimal_park.park())
    assert first.equals(again)
    assert first["measure_id"].tolist() == ["a", "b", "b"]
    assert first["kind"].tolist() == ["fireproofing", "deluge", "deluge"]
    assert np.isnan(first["cost"][0])


def test_every_fault_at_once(tmp_path):
    path = write(
        tmp_path,
        "a,T-101,deluge,0.4,0,W,0.02,5,CNY,10,",
        "a,T-101,deluge,0.4,0,,,5,CNY,10,",  # the same again
        "a,T-102,deluge,1.4,0,W,0.03,6,CNY,10,",  # more than all heat, another cost, another failure of the supply
        "b,T-999,deluge,0.4,0,,,-1,CNY,10,",  # no such unit, negative cost
        "c,V-301,relief_valve,1,0,,,1,CNY,10,",  # does nothing here
        "d,V-301,fireproofing,60,1.5,W,0.02,nan,USD,0,",  # probability, supply, NaN, currency, no years
        "e,V-301,deluge,0.4,0,new,,1,CNY,10,",  # nothing is known of its supply
    )
    with pytest.raises(InputProblems) as caught:
        read_measures(path, minimal_park.park())
    found = {(each.row, each.code) for each in caught.value.problems}
    assert found >= {
        (2, "measure_repeated"),
        (3, "out_of_range"),
        (3, "measure_differs"),
        (3, "supply_differs"),
        (4, "measure_unit"),
        (4, "out_of_range"),
        (5, "measure_has_no_effect"),
        (6, "out_of_range"),
        (6, "supply_without_deluge"),
        (6, "not_finite"),
        (6, "measure_currency"),
        (7, "supply_without_pfd"),
    }
    for each in caught.value.problems:
        assert re.search(r"[\u4e00-\u9fff]", each.message_zh)
        assert not re.search(r"[\u4e00-\u9fff{}]", each.message_en)


def test_a_unit_out_of_service_cannot_be_protected(tmp_path):
    park = minimal_park.changed(lambda park: minimal_park.row(park["units"], unit_id="T-101").update(in_service="no"))
    with pytest.raises(InputProblems) as caught:
        read_measures(write(tmp_path, "a,T-101,deluge,0.4,0,,,5,CNY,10,"), park)
    assert [each.code for each in caught.value.problems] == ["measure_unit"]


def test_a_supply_that_feeds_no_unit_in_service_is_not_there(tmp_path):
    """Its failure would be unknown, and what is unknown never fails in a draw."""

    def out(park):
        minimal_park.row(park["units"], unit_id="R-301").update(in_service="no")
        park["barriers"] = [
            {"barrier_id": "B", "unit_id": "R-301", "kind": "deluge", "system": "W", "system_pfd": 0.5},
        ]

    park = minimal_park.changed(out)
    with pytest.raises(InputProblems) as caught:
        read_measures(write(tmp_path, "a,T-101,deluge,0.4,0,W,,5,CNY,10,"), park)
    assert [each.code for each in caught.value.problems] == ["supply_without_pfd"]
    assert read_measures(write(tmp_path, "a,T-101,deluge,0.4,0,W,0.5,5,CNY,10,"), park)["system_pfd"].tolist() == [0.5]


@pytest.mark.parametrize("text", ["", HEADER, "measure_id;unit_id;kind\n", "measure_id,unit_id\na,T-101\n"])
def test_what_is_no_table_of_measures(tmp_path, text):
    path = tmp_path / "candidates.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputProblems):
        read_measures(path, minimal_park.park())
    with pytest.raises(InputProblems):
        read_measures(tmp_path / "nowhere.csv", minimal_park.park())


def rows_of(tmp_path, *lines):
    return read_measures(write(tmp_path, *lines), minimal_park.park())


def test_what_measures_change_in_the_network(tmp_path):
    facility = farm(random_loads(1, 3))
    rows = rows_of(
        tmp_path,
        "a,T-101,deluge,0.4,0.1,W,0.02,5,CNY,10,",
        "a,T-102,deluge,0.3,0.2,W,0.02,5,CNY,10,",
        "b,T-101,fireproofing,90,0.3,,,5,CNY,10,",
        "c,T-101,deluge,0.9,0.9,,,5,CNY,10,",  # keeps off less in the mean
    )
    rows["unit_id"] = rows["unit_id"].map({"T-101": "T000", "T-102": "T002"})
    net, old = protected(facility, rows).network, facility.network
    assert net.deluge_factor.tolist() == [0.6, 1.0, 0.7]
    assert net.deluge_fails.tolist() == [deluge_fails(0.1), 0.0, deluge_fails(0.2)]
    assert net.system.tolist() == [0, -1, 0]
    assert net.system_key.tolist() == [id_key("W")]
    assert net.system_fails.tolist() == [0.02]
    assert net.delay.tolist() == [5400.0, 0.0, 0.0]
    assert net.delay_fails.tolist() == [0.3, 0.0, 0.0]
    assert old.deluge_factor.tolist() == [1.0, 1.0, 1.0]  # what was there is untouched
    assert net.heat_load is old.heat_load
    reverse = protected(facility, rows.iloc[::-1]).network
    assert all(np.array_equal(one, other) for one, other in zip(net, reverse, strict=True))
    again = protected(protected(facility, rows), rows).network
    assert all(np.array_equal(one, other) for one, other in zip(net, again, strict=True))


def test_units_that_withstand_everything():
    facility = farm(random_loads(1, 3))
    net = never_failing(facility, ["T001"]).network
    assert np.isinf(net.heat_threshold).tolist() == [False, True, False]
    assert net.shell is facility.network.shell
