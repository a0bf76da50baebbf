"""Printed blast tables and worked examples beside our curves."""

import math
from pathlib import Path

import numpy as np

from parkrisk.models.blast import tnt
from parkrisk.models.blast.curve import curve_kernel, radius_kernel
from parkrisk.models.blast.flame_speed import baker_strehlow_tang_curve
from parkrisk.models.blast.multi_energy import multi_energy, multi_energy_law
from tests.validation.measurements import Comparison, DataSet, Pair, measured

_NEAR, _FAR = 0.2, 10.0  # scaled distances between which the curves of Tang and Baker are compared


def kingery_bulmash(folder: Path) -> Comparison:
    """Overpressure of TNT on the ground, table of Swisdak's fits."""
    pairs = []
    for row in measured("tnt_blast_reference.csv", folder):
        z = float(row["Z_m_kg13"])
        printed = float(row["P_inc_hemispherical_kPa_swisdak"])
        pairs.append(Pair("overpressure", f"Z {z:g}", printed, float(tnt.kingery_bulmash(z)) / 1e3))
    return Comparison("tnt_kingery_bulmash", "overpressure", "kPa", tuple(pairs))


def kingery_bulmash_impulse(folder: Path) -> Comparison:
    """Impulse of TNT on the ground, table of Swisdak's fits."""
    pairs = []
    for row in measured("tnt_blast_reference.csv", folder):
        z = float(row["Z_m_kg13"])
        printed = float(row["i_inc_kPa_ms_per_kg13_swisdak"])
        pairs.append(Pair("impulse", f"Z {z:g}", printed, float(tnt.kingery_bulmash_impulse(z))))
    return Comparison("tnt_kingery_bulmash_impulse", "scaled impulse", "Pa s/kg^(1/3)", tuple(pairs))


def kinney_graham_table(folder: Path) -> Comparison:
    """Overpressure of TNT in free air, where the table gives it."""
    pairs, missing = [], 0
    for row in measured("tnt_blast_reference.csv", folder):
        printed = row["P_inc_free_air_kPa_kinney_graham"]
        if printed:
            z = float(row["Z_m_kg13"])
            pairs.append(Pair("overpressure", f"Z {z:g}", float(printed), float(tnt.kinney_graham(z)) / 1e3))
        else:
            missing += 1
    left_out = (f"{missing} rows without a free-air value",) if missing else ()
    return Comparison("tnt_kinney_graham_table", "overpressure", "kPa", tuple(pairs), left_out)


def kinney_graham(folder: Path) -> Comparison:
    """Overpressure of TNT in free air as a paper prints it."""
    pairs = []
    for row in measured("tnt_kinney_graham_printed.csv", folder):
        z = float(row["R_m"]) / math.cbrt(float(row["W_kg"]))
        note = f"{row['W_kg']} kg at {row['R_m']} m"
        pairs.append(Pair("overpressure", note, float(row["P_kPa_printed"]), float(tnt.kinney_graham(z)) / 1e3))
    return Comparison("tnt_kinney_graham", "overpressure", "kPa", tuple(pairs))


def iatg(folder: Path) -> Comparison:
    """Worked examples of the ammunition guidelines: overpressure, impulse and arrival, each over its printed value."""
    pairs = []
    for row in measured("tnt_iatg_examples.csv", folder):
        size = math.cbrt(float(row["W_kg"]))
        z = float(row["R_m"]) / size
        for name, unit, value in (
            ("P_bar", 1e5, tnt.kingery_bulmash(z)),
            ("I_bar_ms", 100.0, size * tnt.kingery_bulmash_impulse(z)),
            ("arrival_ms", 1e-3, size * tnt.kingery_bulmash_arrival(z)),
        ):
            pairs.append(Pair(row["W_kg"], name, 1.0, float(value) / (unit * float(row[name]))))
    return Comparison("tnt_iatg", "share of the printed value", "-", tuple(pairs))


def _tang_baker(folder: Path, name: str, column: str, quantity: str) -> Comparison:
    pairs, outside, blank = [], 0, 0
    for row in measured("bst_tang_baker_1999_curves_Mf.csv", folder):
        scaled = float(row["R_scaled"])
        if not row[column]:
            blank += 1
        elif not _NEAR <= scaled <= _FAR:
            outside += 1
        else:
            found = curve_kernel(scaled, baker_strehlow_tang_curve(float(row["Mf"]), quantity))
            pairs.append(Pair(row["Mf"], f"R {scaled:g}", float(row[column]), found))
    left_out = []
    if outside:
        left_out.append(f"{outside} points outside R {_NEAR:g} to {_FAR:g}")
    if blank:
        left_out.append(f"{blank} points without a value")
    return Comparison(name, quantity.replace("_", " "), "-", tuple(pairs), tuple(left_out))


def tang_baker(folder: Path) -> Comparison:
    """Overpressure curves of Tang and Baker."""
    return _tang_baker(folder, "bst_curves", "P_scaled", "scaled_overpressure")


def tang_baker_impulse(folder: Path) -> Comparison:
    """Impulse curves of Tang and Baker."""
    return _tang_baker(folder, "bst_impulse", "I_scaled", "scaled_impulse")


def multi_energy_alonso(folder: Path) -> Comparison:
    """Curves of the multi-energy method against the fits of Diaz Alonso et al., where those hang together."""
    pairs, bad = [], set()
    for row in measured("multi_energy_alonso_2006.csv", folder):
        if row["note"] == "bad":
            bad.add(row["class"])
            continue
        for scaled in np.geomspace(float(row["R_min"]), float(row["R_max"]), 5)[1:-1]:
            printed = float(row["a"]) * scaled ** float(row["b"])
            found = float(multi_energy(scaled, int(row["class"])))
            pairs.append(Pair(row["class"], f"R {scaled:.3g}", printed, found))
    left_out = [f"class {each}: the transcription does not hang together" for each in sorted(bad)]
    return Comparison("multi_energy_alonso", "scaled overpressure", "-", tuple(pairs), tuple(left_out))


def multi_energy_index(folder: Path) -> Comparison:
    """Distances of the French guidance to four overpressures."""
    pairs = []
    for row in measured("multi_energy_index_distances.csv", folder):
        law = multi_energy_law(1e9, float(row["class"]), 101_325.0)
        found = radius_kernel(100.0 * float(row["overpressure_mbar"]), law) / 1e3
        pairs.append(Pair(row["class"], f"{row['overpressure_mbar']} mbar", float(row["c_m_J13"]), found))
    return Comparison("multi_energy_index", "distance over E^(1/3)", "m/J^(1/3)", tuple(pairs))


_TNT = ("tnt_blast_reference.csv",)
_BST = ("bst_tang_baker_1999_curves_Mf.csv",)

DATA_SETS = (
    DataSet("tnt_kingery_bulmash", _TNT, kingery_bulmash),
    DataSet("tnt_kingery_bulmash_impulse", _TNT, kingery_bulmash_impulse),
    DataSet("tnt_kinney_graham_table", _TNT, kinney_graham_table),
    DataSet("tnt_kinney_graham", ("tnt_kinney_graham_printed.csv",), kinney_graham),
    DataSet("tnt_iatg", ("tnt_iatg_examples.csv",), iatg),
    DataSet("bst_curves", _BST, tang_baker),
    DataSet("bst_impulse", _BST, tang_baker_impulse),
    DataSet("multi_energy_alonso", ("multi_energy_alonso_2006.csv",), multi_energy_alonso),
    DataSet("multi_energy_index", ("multi_energy_index_distances.csv",), multi_energy_index),
)
