"""Values that are allowed but look like a slip: a wrong unit, a wrong column, an impossible size."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.errors import MissingProperty, OutOfRange, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.events.saturation import UNDER_PRESSURE, Doubt
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.reading.cells import range_words

__all__ = [
    "near_units",
    "plausible_ranges",
    "pressure_fits_vapour",
    "pressures_given",
    "quantity_fits_volume",
    "volume_fits_size",
]

_KELVIN = 273.15
#: Farther than this from the middle of the units nothing of them is felt. [km]
_FAR_KM = 60.0
#: A pressure vessel of a gas liquefied under more than this is meant [kPa(g)] ...
_LIQUEFIED_KPA = 100.0
#: ... and a number below this cannot be its pressure in kPa, but is in the usual range in MPa.
_LIKELY_MPA = 10.0


def _row(number: Any) -> int | None:
    return int(number) or None


def _each(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Row number and the named values of each row."""
    yield from zip(frame.index.tolist(), *(frame[name].tolist() for name in names), strict=True)


def plausible_ranges(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield values outside the usual range of ``schema/plausible.csv``, with what was probably meant."""
    for band in schema.rows_of("plausible"):
        frame = frames.get(band["table"])
        if frame is None or frame.empty:
            continue
        low, high = float(band["minimum"]), float(band["maximum"])
        values = frame[band["column"]].to_numpy()
        odd = (values < low) | (values > high)
        if band["kind"] and odd.any():
            odd &= (frame["kind"] == band["kind"]).to_numpy()
        if not odd.any():
            continue
        column = schema.table(band["table"]).columns[band["column"]]
        words = {"likely_zh": band["likely_zh"], "likely_en": band["likely_en"], **range_words(column, low, high)}
        for place in np.flatnonzero(odd):
            number = _row(frame.index.to_numpy()[place])
            yield problem("implausible", band["table"], number, column.name, float(values[place]), **words)


def near_units(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield tables with rows farther from the units than any effect reaches: a digit too many, another zone."""
    middle_x, middle_y = (frames["units"][axis].median() for axis in ("x", "y"))
    if math.isnan(middle_x) or math.isnan(middle_y):
        return
    for name, frame in frames.items():
        if "x" not in frame or frame.empty:
            continue
        x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
        far = np.flatnonzero(np.hypot(x - middle_x, y - middle_y) > _FAR_KM * 1e3)
        if len(far):
            found = f"({x[far[0]]:.10g}, {y[far[0]]:.10g})"
            yield problem("far_from_units", name, None, "x", found, count=len(far), expected=f"{_FAR_KM:g}")


def _substance(cas: str) -> Any:
    from parkrisk.models.substance import substances  # heavy: only an input with units needs it

    return substances.find(cas)


def pressure_fits_vapour(units: pd.DataFrame, doubtful: Iterable[Doubt]) -> Iterator[Problem]:
    """Yield units of liquefied gas whose pressure is far below the vapour pressure.

    A vessel of propane at 0.8 "kPa" is one at 0.8 MPa: that is refused. Other pressures below the vapour pressure
    are named, with what would be in the unit by either reading.
    """
    kinds = dict(zip(units["unit_id"], units["kind"], strict=True))
    for doubt in doubtful:
        pressure, vapour, row = doubt.stated_kpa, doubt.vapour_kpa, _row(doubt.number)
        liquefied = kinds[doubt.unit] == "pressure_vessel" and vapour >= _LIQUEFIED_KPA
        if liquefied and 0.0 < pressure < min(_LIKELY_MPA, 0.5 * vapour):
            words = {
                "likely_zh": f"像是把 {pressure:g} MPa 填成了 kPa，应为 {pressure * 1e3:g}"
                f"（该温度下饱和蒸气压为 {vapour:.0f} kPa 表压）",
                "likely_en": f"it looks like {pressure:g} MPa given as kPa; write {pressure * 1e3:g}"
                f" (the vapour pressure at that temperature is {vapour:.0f} kPa(g))",
            }
            yield problem("unit_suspected", "units", row, "pressure_kpa", pressure, **words)
        else:
            tonnes = {"gas_t": f"{doubt.gas_t:.3g}", "liquid_t": f"{doubt.liquid_t:.3g}"}
            words = {"unit": doubt.unit, "expected": f"{vapour:.0f}", **tonnes}
            yield problem("below_vapour_pressure", "units", row, "pressure_kpa", pressure, **words)


def pressures_given(units: pd.DataFrame) -> Iterator[Problem]:
    """Yield equipment under pressure whose pressure is not given; what is assumed instead may be far from it."""
    there = units["kind"].isin(UNDER_PRESSURE) & (units["in_service"] != "no") & units["pressure_kpa"].isna()
    for number, unit in zip(units.index[there], units.loc[there, "unit_id"], strict=True):
        yield problem("pressure_not_given", "units", _row(number), "pressure_kpa", unit)


def volume_fits_size(units: pd.DataFrame) -> Iterator[Problem]:
    """Yield units whose volume is not what diameter and height make, within a factor of two."""
    shapes = {row["kind"]: row["shape"] for row in schema.rows_of("geometry")}
    shape = units["kind"].map(shapes).fillna("").to_numpy()
    diameter, height, volume = (units[name].to_numpy() for name in ("diameter_m", "height_m", "volume_m3"))
    size = np.where(
        np.isnan(height) & (shape == "cylinder or sphere"),
        np.pi / 6.0 * diameter**3,
        np.pi / 4.0 * diameter**2 * height,
    )
    odd = np.char.startswith(shape.astype(str), "cylinder") & ((volume > 2.0 * size) | (volume < 0.5 * size))
    for place in np.flatnonzero(odd):
        number = _row(units.index.to_numpy()[place])
        found, expected = float(volume[place]), float(size[place])
        yield problem(
            "volume_size", "units", number, "volume_m3", found, expected=expected, **_size_slip(found / expected)
        )
    yield from _volume_needs_height(units, shape == "cylinder")


def _size_slip(ratio: float) -> dict[str, str]:
    """What a volume that is so many times that of the sizes may come from."""
    if 3.6 < ratio < 4.4:
        return {"hint_zh": "；直径像是半径", "hint_en": "; the diameter looks like the radius"}
    if 0.22 < ratio < 0.28:
        return {"hint_zh": "；直径像是填大了一倍", "hint_en": "; the diameter looks twice too large"}
    if 500.0 < ratio < 2000.0:
        return {"hint_zh": "；容积像是以 L 为单位", "hint_en": "; the volume looks like litres"}
    return {}


def _volume_needs_height(units: pd.DataFrame, cylinder: NDArray[np.bool_]) -> Iterator[Problem]:
    """Yield cylinders without a height whose volume and diameter ask for one beyond the usual."""
    highest = {row["kind"]: float(row["maximum"]) for row in schema.rows_of("plausible") if row["column"] == "height_m"}
    limit = units["kind"].map(highest).to_numpy(dtype=np.float64)
    diameter, volume = units["diameter_m"].to_numpy(), units["volume_m3"].to_numpy()
    height = volume / (math.pi / 4.0 * diameter**2)
    for place in np.flatnonzero(cylinder & units["height_m"].isna().to_numpy() & (height > limit)):
        words = {"diameter": float(diameter[place]), "height": float(height[place]), "expected": float(limit[place])}
        number = _row(units.index.to_numpy()[place])
        yield problem("volume_too_high", "units", number, "volume_m3", float(volume[place]), **words)


def quantity_fits_volume(units: pd.DataFrame) -> Iterator[Problem]:
    """Yield units whose mass does not fit into their volume as liquid, or is a thousandth of it."""
    filled = units[units["substance"] != ""]
    columns = ("substance", "mass_t", "volume_m3", "temperature_c")
    for number, cas, mass, volume, celsius in _each(filled, *columns):
        if not (mass > 0.0 and volume > 0.0) or math.isnan(celsius):
            continue
        try:
            density = float(_substance(cas).liquid_density(celsius + _KELVIN))
        except (MissingProperty, OutOfRange):
            continue
        full = volume * density / 1e3
        if 0.005 <= mass / full <= 1.1:
            continue
        words = {"likely_zh": "请核对", "likely_en": "check both"}
        if 50.0 < mass / full <= 1100.0:
            words = {"likely_zh": "像是以 kg 为单位", "likely_en": "it looks like kg"}
        yield problem(
            "mass_volume",
            "units",
            _row(number),
            "mass_t",
            mass,
            volume=volume,
            density=f"{density:.0f}",
            expected=full,
            **words,
        )
