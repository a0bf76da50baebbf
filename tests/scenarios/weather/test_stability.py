"""Stability classes: cells of the published tables, and Turner's procedure written a second time from its text."""

import math
import random

import numpy as np
import pandas as pd
import pytest

from parkrisk.scenarios.reading.weather.stability import stability


def _hours(**columns: object) -> pd.DataFrame:
    names = ("cloud", "low_cloud", "ceiling_m", "solar", "gradient", "altitude", "dark")
    length = max(len(values) for values in columns.values() if isinstance(values, list))
    blank = {name: [math.nan] * length for name in names}
    frame = pd.DataFrame({**blank, **columns})
    return frame.assign(dark=frame["dark"] == 1.0)


def _one(method: str, wind: float, **values: float) -> str:
    frame = _hours(**{name: [value] for name, value in values.items()})
    return str(stability(frame, np.array([wind]), method)[0])


@pytest.mark.parametrize(
    ("wind", "letters"),
    [  # EPA-454/R-99-005, Table 6-4, indices 4 to -2; 6 and 7 are F
        (0.5, "AABCDFF"),
        (1.5, "ABBCDFF"),
        (2.0, "ABCDDEF"),
        (3.0, "BBCDDEF"),
        (3.5, "BBCDDDE"),
        (4.0, "BCCDDDE"),
        (5.0, "CCDDDDE"),
        (5.5, "CCDDDDD"),
        (9.0, "CDDDDDD"),
    ],
)
def test_each_row_of_the_key_of_turner(wind: float, letters: str) -> None:
    day = [_one("turner", wind, cloud=3.0, altitude=altitude, dark=0.0) for altitude in (70.0, 50.0, 20.0, 10.0)]
    neutral = _one("turner", wind, cloud=10.0, ceiling_m=500.0, altitude=50.0, dark=0.0)
    night = [_one("turner", wind, cloud=cloud, ceiling_m=3000.0, altitude=-9.0, dark=1.0) for cloud in (7.0, 4.0)]
    assert "".join([*day, neutral, *night]) == letters


def _turner(wind: float, cloud: int, ceiling_ft: float, altitude: float, dark: bool) -> str:
    """Section 6.4.1 step by step, in feet and by comparing."""
    key = ["1123467", "1223467", "1234456", "2234456", "2234445", "2334445", "3344445", "3344444", "3444444"]
    tops = (0.75, 1.85, 2.85, 3.35, 3.85, 4.85, 5.45, 5.95, math.inf)
    if cloud == 10 and ceiling_ft < 7000:
        index = 0
    elif dark:
        index = -2 if cloud <= 4 else -1
    else:
        number = 1 + (altitude > 15) + (altitude > 35) + (altitude > 60)
        if cloud > 5:
            if ceiling_ft < 7000:
                number -= 2
            elif ceiling_ft < 16000:
                number -= 1
            if cloud == 10:
                number -= 1
            number = max(number, 1)
        index = number
    row = next(place for place, top in enumerate(tops) if wind < top)
    return "ABCDEFF"[int(key[row][4 - index]) - 1]


def test_turner_agrees_with_its_text_in_thousands_of_hours() -> None:
    draw = random.Random(7)
    cases = [
        (
            draw.randrange(0, 120) / 10,
            draw.randrange(11),
            draw.uniform(0, 25000),
            draw.uniform(-40, 90),
            draw.random() < 0.4,
        )
        for _ in range(5000)
    ]
    frame = _hours(
        cloud=[float(cloud) for _, cloud, *_ in cases],
        ceiling_m=[feet * 0.3048 for _, _, feet, _, _ in cases],
        altitude=[altitude for *_, altitude, _ in cases],
        dark=[float(dark) for *_, dark in cases],
    )
    found = stability(frame, np.array([wind for wind, *_ in cases]), "turner")
    assert found.tolist() == [_turner(*case) for case in cases]
    assert set(found.tolist()) == set("ABCDEF")


@pytest.mark.parametrize(
    ("total", "low", "altitude", "wind", "letter"),
    [
        # Clear, sun at 70 degrees, 1.5 m/s: level +3, A. Night, clear, 1.5 m/s: level -2, F.
        (2.0, 1.0, 70.0, 1.5, "A"),
        (2.0, 1.0, -10.0, 1.5, "F"),
        # 6/10 with little low cloud by night: level -1; at 4 m/s D, at 2.5 m/s E.
        (6.0, 2.0, -10.0, 4.0, "D"),
        (6.0, 2.0, -10.0, 2.5, "E"),
        # 9/10 of high cloud, 50 degrees: level +1; at 1.5 m/s B. The same of low cloud: level 0, D.
        (9.0, 1.0, 50.0, 1.5, "B"),
        (9.0, 9.0, 50.0, 1.5, "D"),
        # Half classes: level +2 at 1.5 m/s is A-B, at 4 m/s B-C, at 5.5 m/s C-D; the more stable one counts.
        (2.0, 0.0, 50.0, 1.5, "B"),
        (2.0, 0.0, 50.0, 4.0, "C"),
        (2.0, 0.0, 50.0, 5.5, "D"),
        # At exactly 15 degrees the lower row holds: level -1.
        (2.0, 0.0, 15.0, 1.5, "E"),
        (2.0, 0.0, 15.1, 1.5, "B"),
        (2.0, 0.0, 70.0, 7.0, "D"),
    ],
)
def test_classes_by_gbt_3840(total: float, low: float, altitude: float, wind: float, letter: str) -> None:
    assert _one("gbt3840", wind, cloud=total, low_cloud=low, altitude=altitude) == letter


def test_gbt_3840_without_low_cloud_is_unknown() -> None:
    assert _one("gbt3840", 2.0, cloud=5.0, altitude=30.0) == ""


@pytest.mark.parametrize(
    ("wind", "letters"),
    [(1.0, "AABD"), (2.5, "ABCD"), (4.0, "BBCD"), (5.5, "CCDD"), (7.0, "CDDD")],  # EPA-454/R-99-005, Table 6-7
)
def test_solar_radiation_by_day(wind: float, letters: str) -> None:
    found = [_one("srdt", wind, solar=solar, altitude=40.0, dark=0.0) for solar in (925.0, 675.0, 175.0, 174.0)]
    assert "".join(found) == letters


@pytest.mark.parametrize(("wind", "letters"), [(1.0, "EF"), (2.2, "DE"), (3.0, "DD")])
def test_temperature_difference_by_night(wind: float, letters: str) -> None:
    found = [_one("srdt", wind, gradient=kelvin, altitude=-20.0, dark=1.0) for kelvin in (-0.1, 0.0)]
    assert "".join(found) == letters
    assert _one("srdt", 1.0, cloud=0.0, altitude=-20.0, dark=1.0) == "F"  # by cloud, where there is no difference
    assert _one("srdt", 1.0, altitude=-20.0, dark=1.0) == ""
