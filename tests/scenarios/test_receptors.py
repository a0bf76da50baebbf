import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.scenarios import park_from_json
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import DAY, NIGHT, people, targets, wind_rose
from parkrisk.scenarios.sectors import NUMBERS, sectors_of
from tests.scenarios.sample import document


def park_with(weather: list[dict[str, Any]], **section: object) -> Park:
    found = document()
    found["weather"] = weather
    found["park"].update(section)
    return park_from_json(found)


def row(wind_from: float | None, frequency: float, **cells: object) -> dict[str, Any]:
    return {"wind_from": wind_from, "wind_speed": 3.0, "stability": "D", "frequency": frequency, **cells}


def test_wind_from_the_west_blows_to_the_east() -> None:
    # West wind comes from 270° and blows to +x: sector 0. A north wind blows to -y: three quarters of the circle.
    rose = wind_rose(park_with([row(270, 0.4), row(0, 0.3), row(90, 0.2), row(180, 0.1)]))
    assert rose.n_sectors == 4
    assert rose.probability.sum(axis=(0, 1)) == pytest.approx([0.4, 0.1, 0.2, 0.3])


@pytest.mark.parametrize("number", NUMBERS)
def test_every_direction_lands_in_its_own_sector(number: int) -> None:
    width = 360.0 / number
    shares = np.arange(1.0, number + 1.0)
    shares /= shares.sum()
    rose = wind_rose(park_with([row(k * width, share) for k, share in enumerate(shares)]))
    density = rose.probability.sum(axis=(0, 1))
    for k, share in enumerate(shares):
        to = math.radians(90.0 - (k * width + 180.0))
        sector = round(to / (2.0 * math.pi / number)) % number
        assert density[sector] == pytest.approx(share)


def test_periods_calms_and_the_air() -> None:
    park = park_with(
        [
            row(0, 0.2, period="day"),
            row(90, 0.1, period="night"),
            row(180, 0.4),
            row(270, 0.0),
            row(None, 0.3, wind_speed=1.0, stability="F", period="night"),
        ],
        day_fraction=0.25,
        air_temperature_c=10.0,
        air_pressure_kpa=100.0,
        terrain="城市",
    )
    rose = wind_rose(park)
    assert [(w.stability, w.wind_speed) for w in rose.weathers] == [("D", 3.0), ("F", 1.0)]
    weather = rose.weathers[0]
    assert (weather.air_temperature, weather.air_pressure, weather.terrain) == (283.15, 100_000.0, "urban")
    day, night = rose.probability[DAY], rose.probability[NIGHT]
    assert day[0] == pytest.approx([0.0, 0.1, 0.0, 0.2])  # to east, north, west, south
    assert night[0] == pytest.approx([0.0, 0.3, 0.1, 0.0])
    assert night[1] == pytest.approx([0.075] * 4)
    assert rose.probability.sum() == pytest.approx(1.0, abs=1e-15)


def test_a_sum_missing_one_by_rounding_is_normalised() -> None:
    rose = wind_rose(park_with([row(90.0 * k, 0.2498) for k in range(4)]))
    assert rose.probability.sum() == pytest.approx(1.0, abs=1e-15)
    assert rose.probability[DAY].sum() == pytest.approx(0.5)
    with pytest.raises(ValueError, match="read-only"):
        rose.probability[0, 0, 0] = 1.0


def test_quadrants_between_the_compass_points_are_divided_by_overlap() -> None:
    rose = wind_rose(park_with([row(45, 1.0), row(135, 0.0), row(225, 0.0), row(315, 0.0)]))
    assert rose.n_sectors == 16
    compass = np.zeros(16)
    for sector in range(16):
        compass[round((90.0 - sector * 22.5 - 180.0) / 22.5) % 16] = rose.probability.sum(axis=(0, 1))[sector]
    # 0° to 90° at even density: half of the sectors centred on 0° and 90°, all of the three between them.
    assert compass[:5] == pytest.approx([0.125, 0.25, 0.25, 0.25, 0.125])
    assert compass[5:].sum() == pytest.approx(0.0)


@given(st.sampled_from(NUMBERS), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_shares_of_a_sector_sum_to_one_and_keep_the_mean_direction(
    given_: int, shifted: bool, data: st.DataObject
) -> None:
    offset = 180.0 / given_ if shifted else 0.0
    directions = np.arange(given_) * 360.0 / given_ + offset
    sectors = sectors_of(directions)
    assert sectors is not None
    assert (sectors.given, sectors.offset, sectors.missing) == (given_, offset, 0)
    direction = directions[data.draw(st.integers(0, given_ - 1))]
    shares = sectors.shares(float(direction))
    assert shares.shape == (sectors.number,)
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0.0).all()
    centre = np.sum(shares * np.exp(2j * math.pi * np.arange(sectors.number) / sectors.number))
    turned = np.angle(centre * np.exp(-1j * math.radians(direction)))
    # Cutting at the edges of other sectors may turn the mean direction, by a small part of a sector only.
    assert abs(turned) < (0.05 * 2.0 * math.pi / sectors.number if shifted else 1e-9)


def test_row_order_does_not_change_a_bit_of_the_rose() -> None:
    rows = [row(22.5 * k, 1.0 / 48.0, wind_speed=v) for k in range(16) for v in (1.1, 2.7, 5.3)]
    rng = np.random.default_rng(1)
    shuffled = [rows[k] for k in rng.permutation(len(rows))]
    assert np.array_equal(wind_rose(park_with(rows)).probability, wind_rose(park_with(shuffled)).probability)


def test_people_are_kept_in_number_and_spread() -> None:
    found = people(park_from_json(document()))
    assert found.day.sum() == pytest.approx(900 + 50 + 100 + 30)
    assert found.night.sum() == pytest.approx(1800 + 80 + 40 + 10)
    public = found.enterprise_id == ""
    assert public.sum() == 9 + 1  # a cell of 300 m in nine squares, and a point
    assert found.day[found.enterprise_id == "E1"] == pytest.approx([50.0, 50.0])
    assert found.x[found.enterprise_id == "E1"].tolist() == [500400.0, 500500.0]
    cell = np.abs(found.x - 502000.0) < 200.0
    assert sorted(set(found.x[cell])) == [501900.0, 502000.0, 502100.0]
    assert found.x[cell].mean() == pytest.approx(502000.0)
    assert found.y[cell].mean() == pytest.approx(3300000.0)
    assert found.indoor_day[public] == pytest.approx(0.93)
    assert found.indoor_night == pytest.approx(0.99)
    with pytest.raises(ValueError, match="read-only"):
        found.day[0] = 1.0


def test_what_is_proposed_draws_no_staff_away() -> None:
    spoilt = document()
    mine = [unit for unit in spoilt["units"] if unit["enterprise_id"] == "E1"]
    mine[0]["status"] = "proposed"
    found = people(park_from_json(spoilt))
    assert found.day[found.enterprise_id == "E1"] == pytest.approx([100.0])
    assert found.x[found.enterprise_id == "E1"].tolist() == [mine[1]["x"]]
    # Of an enterprise that is proposed as a whole they are where it will be, and approved units count as built.
    for status in ("proposed", "approved"):
        mine[1]["status"] = status
        mine[0]["status"] = status
        found = people(park_from_json(spoilt))
        assert found.day[found.enterprise_id == "E1"] == pytest.approx([50.0, 50.0])


def test_a_park_without_people_has_none() -> None:
    spoilt = document()
    del spoilt["population"]
    for enterprise in spoilt["enterprises"]:
        del enterprise["staff_day"], enterprise["staff_night"]
    park = park_from_json(spoilt)
    assert len(people(park).x) == 0
    assert [w.code for w in park.warnings] == ["table_not_given"]
    assert (park.assumptions["column"] == "staff_day").sum() == 2


def test_targets_as_arrays() -> None:
    found = targets(park_from_json(document()))
    assert found.target_id.tolist() == ["school"]
    assert found.target_class.tolist() == ["high-sensitivity"]
    assert (found.x[0], found.y[0]) == (502500.0, 3300500.0)
