"""From hours of weather to the table ``weather``: how often each wind direction, speed and stability is met."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.constants import rows as model_rows
from parkrisk.models.errors import OutOfRange, Problem
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.weather.epw import is_epw, read_epw
from parkrisk.scenarios.reading.weather.hours import TABLE, Hours, Station, read_csv
from parkrisk.scenarios.reading.weather.stability import METHODS, rules, stability
from parkrisk.scenarios.reading.weather.statement import source_text, statement
from parkrisk.scenarios.reading.weather.sun import solar_altitude

__all__ = ["DIGITS", "JointWeather", "joint_weather", "read_hours"]

Array = NDArray[np.float64]

SECTORS = (4, 8, 12, 16, 36)
DEFAULT_SPEEDS = (2.0, 3.0, 5.0, 8.0)
_COLUMNS = ["wind_from", "wind_speed", "stability", "period", "frequency", "note"]
#: Digits of a frequency.
DIGITS = 9
#: Steps in which stations give directions; what fits none of them is taken as it is. [deg]
_STEPS = (22.5, 10.0)


@dataclass(frozen=True)
class JointWeather:
    """The joint table and how it came about.

    Parameters
    ----------
    table : DataFrame
        Rows of the table ``weather``: wind_from (NaN: none), wind_speed, stability, period, frequency, note.
        Frequencies have nine digits and sum to 1 exactly as decimals.
    statement : tuple of (str, str)
        Sentences in Chinese and English: hours, methods, assumptions, sources, marks.
    weather_source : tuple of str
        Text for ``weather_source`` of ``park.toml``, Chinese and English.
    hours : dict of str to int
        used, expected, without_stability, without_speed, calm, without_direction.
    problems : tuple of Problem
        Warnings.
    """

    table: pd.DataFrame
    statement: tuple[tuple[str, str], ...]
    weather_source: tuple[str, str]
    hours: dict[str, int]
    problems: tuple[Problem, ...]

    def save(self, path: str | Path) -> None:
        """Write the table as a CSV file for a park folder."""
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.table.columns)
            for wind, speed, *words, frequency, note in self.table.itertuples(index=False):
                place = "" if math.isnan(wind) else f"{wind:g}"
                writer.writerow([place, f"{speed:g}", *words, f"{frequency:.{DIGITS}f}", note])


def read_hours(path: str | Path, station: Station, missing: Sequence[str] = ()) -> Hours:
    """Read an EPW file or a CSV file of hourly weather; see ``read_epw`` and ``read_csv``."""
    return read_epw(path, station) if is_epw(path) else read_csv(path, station, missing)


def _exponents(terrain: str) -> dict[str, float]:
    return {
        row["stability"]: float(row["value"])
        for row in model_rows("stability")
        if row["name"] == "wind_exponent" and row["terrain"] == terrain
    }


def _sunlit(hours: Hours) -> pd.DataFrame:
    """The hours with the altitude of the sun, whether it is up, and whether they count as night for Turner."""
    station, horizon, twilight = hours.station, rules()["horizon"], rules()["twilight"]
    local: NDArray[np.datetime64] = hours.frame["time"].to_numpy(dtype="datetime64[s]")
    utc: NDArray[np.datetime64] = local - np.timedelta64(round(station.utc_offset * 3600), "s")
    shift = np.timedelta64(round(twilight * 3600), "s")
    before, now, after = (
        solar_altitude(time, station.latitude, station.longitude) for time in (utc - shift, utc, utc + shift)
    )
    dark = (before <= horizon) | (now <= horizon) | (after <= horizon)
    return hours.frame.assign(altitude=now, up=now > horizon, dark=dark)


def _at_ten_metres(frame: pd.DataFrame, height: float, terrain: str, method: str) -> tuple[Array, NDArray[np.str_]]:
    """Wind at 10 m and stability; the power law needs the class, which a neutral profile gives first."""
    measured = frame["wind_speed"].to_numpy()
    if height == rules()["height"]:
        return measured, stability(frame, measured, method)
    exponents, ratio = _exponents(terrain), rules()["height"] / height
    first = stability(frame, measured * ratio ** exponents["D"], method)
    power = np.array([exponents.get(letter, exponents["D"]) for letter in first.tolist()])
    speed = measured * ratio**power
    return speed, stability(frame, speed, method)


def _step(directions: Array) -> float:
    """Step in which directions are given, 0 if in none of the known ones."""
    for step in _STEPS:
        if len(directions) and np.allclose(np.mod(directions + 1e-9, step), 0.0, atol=1e-6):
            return step
    return 0.0


def _shares(directions: Array, step: float, number: int) -> Array:
    """Share of each sector in each hour, shape (n, number): a direction given by tens of degrees stands for ten."""
    width = 360.0 / number
    centres = np.arange(number) * width
    away = np.abs(np.mod(directions[:, None] - centres + 180.0, 360.0) - 180.0)
    if step == 0.0:
        return np.asarray(np.eye(number)[np.mod(np.floor(directions / width + 0.5), number).astype(np.int64)])
    overlap = np.clip(0.5 * (step + width) - away, 0.0, min(step, width))
    return np.asarray(overlap / overlap.sum(axis=1, keepdims=True))


def _rounded(weights: Array) -> Array:
    """Shares to nine digits that sum to 1 exactly: what rounding down leaves goes to the largest remainders."""
    scaled = weights / weights.sum() * 10**DIGITS
    whole = np.floor(scaled)
    left = round(10**DIGITS - whole.sum())
    order = np.argsort(-(scaled - whole), kind="stable")
    whole[order[:left]] += 1.0
    return np.asarray(whole / 10**DIGITS)


def _counted(frame: pd.DataFrame, speeds: Sequence[float], sectors: int, step: float) -> pd.DataFrame:
    """Hours of each class: wind_from, wind_speed, stability, period, weight."""
    speed = np.maximum(frame["speed"].to_numpy(), rules()["least_speed"])
    frame = frame.assign(bin=np.searchsorted(np.asarray(speeds), speed, side="right"), speed=speed)
    mean = frame.groupby(["bin", "stability"])["speed"].transform("mean")
    frame = frame.assign(wind_speed=np.round(mean + 1e-9, 1), period=np.where(frame["up"], "day", "night"))
    key = ["wind_from", "wind_speed", "stability", "period"]
    none = frame[frame["wind_from"].isna()].assign(weight=1.0)
    blown = frame[frame["wind_from"].notna()]
    shares = _shares(blown["wind_from"].to_numpy(dtype=np.float64), step, sectors)
    row, sector = np.nonzero(shares)
    spread = blown.iloc[row].assign(wind_from=sector * (360.0 / sectors), weight=shares[row, sector])
    whole = pd.concat([none, spread])[[*key, "weight"]]
    counted = pd.DataFrame(whole.groupby(key, dropna=False, as_index=False).agg({"weight": "sum"}))
    blank = sorted(set(np.arange(sectors) * (360.0 / sectors)) - set(counted["wind_from"].dropna()))
    if blank and counted["wind_from"].notna().any():  # the table names every sector, those without wind too
        rows = pd.DataFrame([counted.iloc[0]] * len(blank)).assign(wind_from=blank, weight=0.0)
        counted = pd.concat([counted, rows], ignore_index=True)
    return counted.sort_values(
        ["period", "stability", "wind_speed", "wind_from"], na_position="first", ignore_index=True
    )


def _asked(method: str, speeds: Sequence[float], sectors: int, calm: float, terrain: str) -> None:
    """Raise OutOfRange for what cannot be asked for."""
    if method not in METHODS:
        raise OutOfRange(
            f"没有方法“{method}”，可用：{'、'.join(METHODS)}", f"no method '{method}'; use {', '.join(METHODS)}"
        )
    if sectors not in SECTORS:
        raise OutOfRange(f"风向扇区数应为 {SECTORS} 之一", f"the number of sectors should be one of {SECTORS}")
    if not all(0.0 < low < high < 60.0 for low, high in zip(speeds, [*speeds[1:], 59.9], strict=True)):
        raise OutOfRange(
            "风速分级应为递增的正数，如 2,3,5,8", "speed classes should be rising positive numbers such as 2,3,5,8"
        )
    if not _exponents(terrain):
        raise OutOfRange(f"没有地表类型“{terrain}”，可用：rural、urban", f"no terrain '{terrain}'; use rural or urban")
    if not 0.0 <= calm <= 2.0:
        raise OutOfRange("静风界限应在 0 与 2 m/s 之间", "the limit of calm should be between 0 and 2 m/s")


def joint_weather(
    hours: Hours,
    *,
    method: str = "turner",
    sectors: int = 16,
    speeds: Sequence[float] = DEFAULT_SPEEDS,
    terrain: str = "rural",
    calm: float | None = None,
) -> JointWeather:
    """Make the joint table of hourly weather.

    Parameters
    ----------
    hours : Hours
    method : str
        Key of ``METHODS``: how stability is told.
    sectors : int
        4, 8, 12, 16 or 36.
    speeds : sequence of float
        Inner bounds of the speed classes; the last class is open. [m/s]
    terrain : str
        "rural" or "urban": exponent of the wind profile where the anemometer is not at 10 m.
    calm : float, optional
        Slower hours have no direction; default ``calm`` of ``data/weather_rules.csv``. [m/s]

    Returns
    -------
    JointWeather

    Raises
    ------
    OutOfRange
        An argument cannot be, or no hour has all that the method needs.

    Notes
    -----
    The speed of a class is the mean of its hours, by stability, to 0.1 m/s, hours below 1 m/s reset to 1 m/s [1]_.

    References
    ----------
    .. [1] EPA-454/R-99-005, *Meteorological monitoring guidance*, 2000, sections 6.2.3 and 6.4.
    """
    limit = rules()["calm"] if calm is None else calm
    _asked(method, speeds, sectors, limit, terrain)
    frame = _sunlit(hours)
    speed, letters = _at_ten_metres(frame, hours.station.height_m, terrain, method)
    frame = frame.assign(speed=speed, stability=letters)
    used = _usable(frame, method)
    still = used["wind_speed"] < limit
    used = used.assign(wind_from=np.mod(used["wind_from"].mask(still), 360.0))
    count = _hours_by_fate(hours, frame, used, still, method)
    step = _step(used["wind_from"].dropna().to_numpy())
    table = _counted(used, speeds, sectors, step)
    table = table.assign(
        frequency=_rounded(table["weight"].to_numpy()), note="; ".join(filter(None, (hours.station.name, method)))
    )
    period = (used["time"].iloc[0], used["time"].iloc[-1])
    source = source_text(hours.station, period, hours.typical, count, method)
    said = statement(hours.station, count, method, step, limit, terrain, source)
    return JointWeather(table[_COLUMNS], said, source, count, (*hours.problems, *_doubts(frame, count)))


def _usable(frame: pd.DataFrame, method: str) -> pd.DataFrame:
    """Hours whose speed and stability are known; raises OutOfRange if there is none."""
    used = frame[frame["speed"].notna() & (frame["stability"] != "")]
    if used.empty:
        needs = ", ".join(METHODS[method].needs)
        raise OutOfRange(
            f"没有一个小时具备方法 {method} 所需的数据（{needs} 和风速）",
            f"no hour has what the method {method} needs ({needs} and wind speed)",
        )
    return used


def _hours_by_fate(
    hours: Hours, frame: pd.DataFrame, used: pd.DataFrame, still: pd.Series, method: str
) -> dict[str, int]:
    """How many hours were used, left out, calm, without direction, and told by an assumption."""
    known = frame["wind_speed"].notna()
    much = used["cloud"] > rules()["much_cloud_day"]
    no_delta = used["dark"] & used["gradient"].isna()
    by_cloud = no_delta if method == "srdt" else pd.Series(method == "turner", index=used.index)
    return {
        "used": len(used),
        "expected": hours.expected,
        "without_speed": int((~known).sum()),
        "without_stability": int((known & (frame["stability"] == "")).sum()),
        "calm": int(still.sum()),
        "without_direction": int((used["wind_from"].isna() & ~still).sum()),
        "ceiling_assumed": int((by_cloud & much & used["ceiling_m"].isna()).sum()),
        "night_by_cloud": int(no_delta.sum()),
    }


def _doubts(frame: pd.DataFrame, count: dict[str, int]) -> list[Problem]:
    """Warnings: gaps, less than a year, radiation at night."""
    found = []
    share = count["used"] / count["expected"]
    if share < rules()["completeness"]:
        found.append(
            problem("weather_gaps", TABLE, None, "time", f"{share:.1%}", expected=f"{rules()['completeness']:.0%}")
        )
    days = frame["time"].sub(pd.Timedelta(seconds=1)).dt.normalize().nunique()  # midnight ends a day
    if days < 365:
        found.append(problem("weather_short", TABLE, None, "time", days))
    night = frame["altitude"] < -6.0
    lit = int((frame["solar"][night] > 20.0).sum())
    if lit > 0.01 * max(int(night.sum()), 1):
        found.append(problem("sun_at_night", TABLE, None, "solar_w_m2", lit))
    return found
