"""Printed tables of lethality beside our probits."""

import math
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist

from parkrisk.models.constants import rows
from parkrisk.models.vulnerability.heat_exposure import heat_death_probability, heat_probit_constants
from parkrisk.models.vulnerability.heat_flux import heat_flux_from_kw_m2
from parkrisk.models.vulnerability.toxic_dose import lethal_concentration
from tests.validation.measurements import Comparison, DataSet, Pair, measured

Coefficients = tuple[float, float, float]

_HEAT_NAMES = {"Eisenberg": "eisenberg", "Tsao-Perry": "tsao_perry", "Lees": "lees"}
_OSD30 = "thermal_lethality_osd30.csv"
_LEES = "toxic_probits_lees_ppm_min.csv"
_PURPLE_BOOK = "toxic_probits_purple_book_mgm3_min.csv"


def _percentages(folder: Path) -> Iterator[tuple[float, float, float]]:
    for row in measured(_OSD30, folder):
        if row["t_s"].replace(".", "", 1).isdigit():
            for column, cell in row.items():
                if column.startswith("pct_") and cell:
                    yield float(row["t_s"]), float(column.removeprefix("pct_").removesuffix("kW")), float(cell)


def thermal_lethality(folder: Path) -> Comparison:
    """Percentages killed by a heat flux over a time, by the probit of Tsao and Perry."""
    pairs, empty = [], 0
    for seconds, kilowatts, percent in _percentages(folder):
        if percent == 0.0:
            empty += 1
            continue
        ours = 100.0 * float(heat_death_probability(heat_flux_from_kw_m2(kilowatts), seconds, "tsao_perry"))
        pairs.append(Pair(f"{kilowatts:g} kW/m²", f"{seconds:g} s", percent, ours))
    left_out = (f"{empty} cells print 0 %, below the last digit",) if empty else ()
    return Comparison("thermal_lethality_osd30", "killed", "%", tuple(pairs), left_out)


def thermal_doses(folder: Path) -> Comparison:
    """Thermal doses that kill 1 and 50 %, by probits of several authors."""
    pairs, left_out = [], []
    for row in measured(_OSD30, folder):
        words = row["t_s"].split()
        if len(words) != 3:
            continue
        if words[0] not in _HEAT_NAMES:
            left_out.append(f"{words[0]}: no such probit here")
            continue
        intercept, slope = heat_probit_constants(_HEAT_NAMES[words[0]])
        # the header belongs to the table above: LD1 and LD50 stand in the second and third column
        for cell, chance in zip(list(row.values())[1:3], (0.01, 0.5), strict=True):
            if not cell:
                continue
            dose = math.exp((5.0 + NormalDist().inv_cdf(chance) - intercept) / slope) * 1e-4
            pairs.append(Pair(words[0], f"LD{100.0 * chance:g}", float(cell), dose))
    return Comparison("thermal_dose_osd30", "lethal dose", "(kW/m²)^(4/3) s", tuple(pairs), tuple(left_out))


def _american(name: str) -> str:
    return name.replace("sulph", "sulf")


def _ours(unit: str) -> dict[str, Coefficients]:
    return {
        row["key"]: (float(row["a"]), float(row["b"]), float(row["n"]))
        for row in rows("probits")
        if row["kind"] == "toxic" and row["intensity_unit"] == unit and "CONFLICT" not in row["note"]
    }


def toxic_lees(folder: Path) -> Comparison:
    """Concentrations that kill 1 and 50 % in 5 and 30 min, as OSD/30 prints them beside Lees' probits."""
    pairs, left_out, ours = [], [], _ours("ppm")
    for row in measured(_LEES, folder):
        name = _american(row["substance"])
        if name not in ours:
            left_out.append(f"{row['substance']}: no probit in ppm here")
            continue
        for column, cell in row.items():
            if column.startswith("LC") and cell:
                percent, minutes = column.removeprefix("LC").removesuffix("min").split("_")
                found = lethal_concentration(float(percent) / 100.0, float(minutes), ours[name])
                pairs.append(Pair(name, column, float(cell), found))
    return Comparison("toxic_probits_lees", "lethal concentration", "ppm", tuple(pairs), tuple(left_out))


def toxic_purple_book(folder: Path) -> Comparison:
    """Concentrations that kill half in 30 min, by the printed coefficients and by ours."""
    pairs, left_out, ours = [], [], _ours("mg/m3")
    for row in measured(_PURPLE_BOOK, folder):
        name = _american(row["substance"])
        if name not in ours:
            left_out.append(f"{row['substance']}: no probit in mg/m³ here")
            continue
        if not (row["a"] and row["b"] and row["n"]):
            left_out.append(f"{row['substance']}: a coefficient is missing")
            continue
        printed = (float(row["a"]), float(row["b"]), float(row["n"]))
        for chance in (0.01, 0.5):
            theirs, found = (lethal_concentration(chance, 30.0, each) for each in (printed, ours[name]))
            pairs.append(Pair(name, f"LC{100.0 * chance:g} 30 min", theirs, found))
    return Comparison("toxic_probits_purple_book", "lethal concentration", "mg/m³", tuple(pairs), tuple(left_out))


DATA_SETS = (
    DataSet("thermal_lethality_osd30", (_OSD30,), thermal_lethality),
    DataSet("thermal_dose_osd30", (_OSD30,), thermal_doses),
    DataSet("toxic_probits_lees", (_LEES,), toxic_lees),
    DataSet("toxic_probits_purple_book", (_PURPLE_BOOK,), toxic_purple_book),
)
