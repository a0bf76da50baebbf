"""Pools beside what is printed and measured: evaporating puddles of ALOHA, cryogenic liquids on water."""

from pathlib import Path

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.pool.evaporation import ground
from parkrisk.models.pool.spill import spill
from parkrisk.models.substance.substances import find
from tests.validation.measurements import Comparison, DataSet, Pair, measured


def _puddles(name: str, column: str, unit: str, minutes: float, folder: Path) -> Comparison:
    """Puddles of ALOHA: largest mean over some minutes, or what evaporates in them."""
    pairs, left_out = [], []
    for row in measured("aloha_puddles.csv", folder):
        if not row[column]:
            left_out.append(f"{row['case']}: no {column}")
            continue
        temperature = float(row["air_c"]) + 273.15
        weather = Weather(float(row["wind_m_s"]), row["stability"], temperature)
        made = spill(
            find(row["cas"]),
            float(row["mass_kg"]),
            temperature,
            weather,
            bund_area=float(row["area_m2"]),
            averaging_time=60.0 * minutes,
        )
        pairs.append(Pair(row["case"], column, float(row[column]), made.vapour_rate * 60.0 * minutes))
    return Comparison(name, column, unit, tuple(pairs), tuple(left_out))


def puddle_rate(folder: Path) -> Comparison:
    """Largest mean evaporation over a minute."""
    return _puddles("aloha_puddle_rate", "rate_kg_min", "kg/min", 1.0, folder)


def puddle_hour(folder: Path) -> Comparison:
    """Mass that evaporates in the first hour."""
    return _puddles("aloha_puddle_hour", "hour_kg", "kg", 60.0, folder)


def on_water(folder: Path) -> Comparison:
    """Heat flux from water into a boiling liquid."""
    pairs = []
    for row in measured("cryogen_on_water.csv", folder):
        difference = float(row["water_k"]) - find(row["cas"]).boiling_point
        predicted = ground("water").transfer * difference
        pairs.append(Pair(row["case"], "", float(row["heat_flux_w_m2"]), predicted))
    return Comparison("cryogen_on_water", "heat flux", "W/m²", tuple(pairs))


DATA_SETS = (
    DataSet("aloha_puddle_rate", ("aloha_puddles.csv",), puddle_rate),
    DataSet("aloha_puddle_hour", ("aloha_puddles.csv",), puddle_hour),
    DataSet("cryogen_on_water", ("cryogen_on_water.csv",), on_water),
)
