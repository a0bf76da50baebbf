"""The joint table: hand-worked hours, sums, invariances, forms of the file, bad input."""

import dataclasses
import math
import shutil
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parkrisk.models.errors import InputProblems, OutOfRange
from parkrisk.scenarios import problems
from parkrisk.scenarios.reading.weather.hours import Station
from parkrisk.scenarios.reading.weather.joint import JointWeather, joint_weather, read_hours

SHANGHAI = Station("test", 31.2, 121.5, 8.0, 10.0)
EXAMPLES = Path(__file__).parents[3] / "scenarios" / "examples"


def _year(step: float = 10.0) -> pd.DataFrame:
    """A year of hours, drawn once."""
    draw = np.random.default_rng(3)
    times = pd.date_range("2023-01-01", "2023-12-31T23:00", freq="h")
    return pd.DataFrame(
        {
            "time": times.strftime("%Y-%m-%dT%H:%M"),
            "wind_from": draw.integers(0, round(360 / step), len(times)) * step,
            "wind_speed": draw.weibull(2.0, len(times)).round(1) * 4.0,
            "cloud_tenths": draw.integers(0, 11, len(times)),
        }
    )


def _joint(folder: Path, frame: pd.DataFrame, station: Station = SHANGHAI, **options: object) -> JointWeather:
    path = folder / "hours.csv"
    frame.to_csv(path, index=False)
    return joint_weather(read_hours(path, station), **options)  # type: ignore[arg-type]


def _text(found: JointWeather, folder: Path) -> bytes:
    found.save(folder / "weather.csv")
    return (folder / "weather.csv").read_bytes()


def test_four_hours_by_hand(tmp_path: Path) -> None:
    # Noon of 21 June, sun above 80 degrees: 3/10 and 2 m/s: index 4, A; 8/10 at 1,000 m: class 4 - 2, at 4 m/s C.
    # Midnight, clear: index -2; 3 m/s: F. Calm, 8/10: index -1, F, without direction and at 1 m/s.
    frame = pd.DataFrame(
        {
            "time": ["2023-06-21 12:00", "2023/6/22 12:00", "2023-06-21 00:00", "2023-06-22 00:00"],
            "wind_from": [0, 90, 180, 0],
            "wind_speed": [2.0, 4.0, 3.0, 0.0],
            "cloud_tenths": [3, 8, 0, 8],
            "ceiling_m": [None, 1000, None, 1000],
        }
    )
    table = _joint(tmp_path, frame, sectors=4).table
    rows = {
        (wind if wind == wind else None, speed, letter, period): share
        for wind, speed, letter, period, share, _ in table.itertuples(index=False)
    }
    assert rows == {
        (0.0, 2.0, "A", "day"): 0.25,
        (90.0, 4.0, "C", "day"): 0.25,
        (180.0, 3.0, "F", "night"): 0.25,
        (None, 1.0, "F", "night"): 0.25,
        (270.0, 2.0, "A", "day"): 0.0,  # a sector without wind is named, too
    }


def test_shares_sum_to_one_exactly_and_keep_every_hour(tmp_path: Path) -> None:
    found = _joint(tmp_path, _year())
    lines = _text(found, tmp_path).decode().splitlines()[1:]
    assert sum((Decimal(line.split(",")[4]) for line in lines), Decimal(0)) == 1
    assert found.hours["used"] == found.hours["expected"] == 8760
    calm = found.table.loc[found.table["wind_from"].isna(), "frequency"].sum()
    assert calm == pytest.approx(found.hours["calm"] / 8760, abs=1e-7)
    assert not found.problems


def test_directions_by_tens_of_degrees_do_not_favour_sectors(tmp_path: Path) -> None:
    # 36 directions, each as often: 16 sectors get the same share, though they hold two or three of the directions.
    frame = _year()
    frame["wind_from"] = np.arange(len(frame)) % 36 * 10
    frame["wind_speed"] = 4.0
    frame = frame[: 36 * 240]
    shares = _joint(tmp_path, frame).table.groupby("wind_from")["frequency"].sum()
    assert len(shares) == 16
    assert np.abs(shares - 1 / 16).max() < 2e-8


@pytest.mark.parametrize("sectors", [4, 8, 12, 16, 36])
def test_every_number_of_sectors_keeps_the_mean_wind(tmp_path: Path, sectors: int) -> None:
    frame = _year(1.0)
    table = _joint(tmp_path, frame, sectors=sectors).table
    blown = table.dropna(subset=["wind_from"])
    assert blown["wind_from"].nunique() == sectors
    # Each speed is rounded to 0.1 m/s, hours below 1 m/s count as 1 m/s.
    mean = np.maximum(frame["wind_speed"], 1.0).mean()
    assert (table["wind_speed"] * table["frequency"]).sum() == pytest.approx(mean, abs=0.05)


def test_row_order_and_clock_do_not_matter(tmp_path: Path) -> None:
    frame = _year()
    there = _text(_joint(tmp_path, frame), tmp_path)
    assert _text(_joint(tmp_path, frame.sample(frac=1.0, random_state=1)), tmp_path) == there
    later = frame.assign(time=(pd.to_datetime(frame["time"]) + pd.Timedelta(hours=1)).dt.strftime("%Y-%m-%dT%H:%M"))
    moved = dataclasses.replace(SHANGHAI, utc_offset=9.0)  # the same instants on a clock that is an hour ahead
    assert _text(_joint(tmp_path, later, moved), tmp_path) == there


def test_an_hour_of_the_zone_is_fifteen_degrees_of_longitude(tmp_path: Path) -> None:
    frame = _year()
    frame["wind_speed"] = np.where(np.arange(len(frame)) % 24 < 12, 2.0, 6.0)  # more wind in the afternoon
    here = _joint(tmp_path, frame).table.groupby("stability")["frequency"].sum()
    west = dataclasses.replace(SHANGHAI, utc_offset=7.0, longitude=106.5)
    there = _joint(tmp_path, frame, west).table.groupby("stability")["frequency"].sum()
    assert np.abs(here - there).max() < 5e-4  # an hour of the sun's way along the ecliptic moves a few hours
    wrong = dataclasses.replace(SHANGHAI, utc_offset=7.0)
    other = _joint(tmp_path, frame, wrong).table.groupby("stability")["frequency"].sum()
    assert np.abs(here - other).max() > 2e-3


def test_wind_is_taken_to_ten_metres_by_the_power_law(tmp_path: Path) -> None:
    # Overcast below 7,000 ft is neutral whatever the wind: exponent 0.15 (rural), 0.25 (urban).
    frame = _year().assign(wind_speed=6.0, cloud_tenths=10, ceiling_m=300)
    high = dataclasses.replace(SHANGHAI, height_m=40.0)
    for terrain, exponent in (("rural", 0.15), ("urban", 0.25)):
        table = _joint(tmp_path, frame, high, terrain=terrain).table
        assert set(table["stability"]) == {"D"}
        assert set(table["wind_speed"]) == {round(6.0 * 0.25**exponent, 1)}


def test_a_year_of_day_and_night(tmp_path: Path) -> None:
    # Refraction and the size of the sun make the day of the year a little longer than half: about 12 h 8 min at 31 N.
    frame = _year().assign(wind_speed=4.0)
    day = _joint(tmp_path, frame).table.groupby("period")["frequency"].sum()["day"]
    assert day == pytest.approx(12.14 / 24.0, abs=0.003)


def _epw(frame: pd.DataFrame) -> str:
    head = ["LOCATION,Test,-,CHN,CSWD,583620,31.2,121.5,8.0,4.0", *["COMMENTS 1,x"] * 7]
    lines = []
    for row in frame.itertuples(index=False):
        time = pd.Timestamp(row.time)
        day, hour = (time, time.hour) if time.hour else (time - pd.Timedelta(hours=1), 24)
        cells = ["0"] * 35
        cells[:4] = [str(day.year), str(day.month), str(day.day), str(hour)]
        cells[13], cells[20], cells[21] = "9999", f"{row.wind_from:g}", f"{row.wind_speed:g}"
        cells[22], cells[25] = str(row.cloud_tenths), "99999"
        lines.append(",".join(cells))
    return "\n".join([*head, *lines]) + "\n"


def test_an_epw_file_says_the_same_as_a_table(tmp_path: Path) -> None:
    frame = _year()
    there = _joint(tmp_path, frame)
    path = tmp_path / "station.epw"
    path.write_text(_epw(frame), encoding="utf-8")
    said = Station("test", math.nan, math.nan, math.nan, 10.0)
    assert _text(joint_weather(read_hours(path, said)), tmp_path) == _text(there, tmp_path)


def test_codes_of_missing_values_in_an_epw_file(tmp_path: Path) -> None:
    frame = _year()[:48].assign(wind_speed=3.0)
    frame.loc[:9, "wind_from"] = 999
    frame.loc[10:19, "wind_speed"] = 999
    frame.loc[20:24, "cloud_tenths"] = 99
    path = tmp_path / "station.epw"
    path.write_text(_epw(frame), encoding="utf-8")
    found = joint_weather(read_hours(path, Station("", math.nan, math.nan, math.nan, 10.0)))
    counts = {name: found.hours[name] for name in ("used", "without_direction", "without_speed", "without_stability")}
    assert counts == {"used": 33, "without_direction": 10, "without_speed": 10, "without_stability": 5}
    assert {problem.code for problem in found.problems} == {"weather_gaps", "weather_short"}
    path.write_text(_epw(frame.assign(cloud_tenths=12)), encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        read_hours(path, SHANGHAI)
    assert {problem.code for problem in caught.value.problems} == {"out_of_range"}


def test_chinese_headers_other_units_and_gbk(tmp_path: Path) -> None:
    frame = _year()
    there = _joint(tmp_path, frame.assign(wind_speed=(frame["wind_speed"] / 3.6).round(9)))
    chinese = frame.rename(
        columns={"time": "时间", "wind_from": "风向", "wind_speed": "风速（km/h）", "cloud_tenths": "总云量（十分）"}
    )
    path = tmp_path / "gbk.csv"
    chinese.to_csv(path, index=False, encoding="gbk")
    found = joint_weather(read_hours(path, SHANGHAI))
    assert [problem.code for problem in found.problems] == ["encoding_gbk"]
    assert found.hours == there.hours
    pd.testing.assert_frame_equal(found.table, there.table)


def test_faults_are_named_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "time,wind_from,wind_speed,cloud_tenths,low_cloud_tenths\n"
        "2023-01-01T00:00,0,3,5,2\n2023-01-01T00:00,10,3,5,2\n2023-01-01T02:00,999,3,5,2\n"
        "2023-01-01T03:00,0,nan,5,2\n2023-01-01T04:00,0,3,2,5\nyesterday,0,3,5,2\n2023-01-01T05:00,0,-1,11,2\n",
        encoding="utf-8",
    )
    with pytest.raises(InputProblems) as caught:
        read_hours(path, SHANGHAI)
    assert [(problem.row, problem.code) for problem in caught.value.problems] == [
        (2, "hour_repeated"),
        (3, "out_of_range"),
        (4, "not_finite"),
        (5, "low_cloud_above_total"),
        (6, "not_a_time"),
        (7, "out_of_range"),
        (7, "out_of_range"),
    ]
    path.write_text("time,wind_speed\n2023-01-01T00:00,3\n", encoding="utf-8")
    with pytest.raises(InputProblems, match="1 problems"):
        read_hours(path, SHANGHAI)


def test_codes_of_missing_values_must_be_said(tmp_path: Path) -> None:
    frame = _year().assign(wind_from=lambda table: table["wind_from"].where(table.index >= 100, 999999))
    path = tmp_path / "codes.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(InputProblems):
        read_hours(path, SHANGHAI)
    found = joint_weather(read_hours(path, SHANGHAI, ["999999"]))
    calm = (frame["wind_speed"] < 0.5)[:100].sum()
    assert found.hours["without_direction"] == 100 - calm


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    frame = _year()
    for wrong, message in (
        ({"latitude": math.nan}, "--lat"),
        ({"utc_offset": math.nan}, "--utc-offset"),
        ({"utc_offset": 0.0}, "cannot all be right"),
        ({"longitude": 31.2, "latitude": 121.5}, "cannot all be right"),
        ({"height_m": 0.0}, "height"),
    ):
        with pytest.raises(OutOfRange, match=message):
            _joint(tmp_path, frame, dataclasses.replace(SHANGHAI, **wrong))
    for options in (
        {"method": "guess"},
        {"sectors": 7},
        {"speeds": (5.0, 3.0)},
        {"calm": -1.0},
        {"terrain": "sea"},
        {"method": "gbt3840"},
    ):
        with pytest.raises(OutOfRange):
            _joint(tmp_path, frame, **options)


def test_gaps_part_of_a_year_and_sun_at_night_are_said(tmp_path: Path) -> None:
    frame = _year()
    frame = frame.assign(solar_w_m2=np.where(np.arange(len(frame)) % 24 < 12, 500.0, 0.0))[:4000]
    kept = frame[frame.index % 5 != 0]
    assert {problem.code for problem in _joint(tmp_path, kept).problems} == {
        "weather_gaps",
        "weather_short",
        "sun_at_night",
    }


def test_months_of_different_years_are_one_typical_year(tmp_path: Path) -> None:
    frame = _year()
    time = pd.to_datetime(frame["time"])
    years = 2000 + time.dt.month * 7 % 12
    typical = frame.assign(time=[f"{year}{text[4:]}" for year, text in zip(years, frame["time"], strict=True)])
    found = _joint(tmp_path, typical)
    assert (found.hours["used"], found.hours["expected"]) == (8760, 8760)
    assert not found.problems
    assert "typical year" in found.weather_source[1]


def test_a_park_takes_the_table(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "minimal", tmp_path / "park")
    before = {(fault.table, fault.code) for fault in problems(tmp_path / "park")}
    _joint(tmp_path, _year()).save(tmp_path / "park" / "weather.csv")
    assert {(fault.table, fault.code) for fault in problems(tmp_path / "park")} <= before
