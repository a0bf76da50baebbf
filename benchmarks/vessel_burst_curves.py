"""Write ``models/data/vessel_burst.csv``: blast of bursting spheres by the Euler equations, on three grids each.

Air in the sphere at the temperature of the air around it; other gases start from the shock that their own state makes
(`parkrisk.models.blast.vessel_burst`). Peaks are carried to vanishing cell width, which takes some minutes.
"""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parkrisk.models.blast.spherical_blast import bursting_sphere
from parkrisk.models.blast.vessel_burst import burst_radius, surface_overpressure

Array = NDArray[np.float64]

PRESSURE_RATIOS = (2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
DISTANCES = np.geomspace(0.05, 10.0, 47)
CELLS = (4e-3, 2e-3, 1e-3)
COLUMNS = ("pressure_ratio", "scaled_distance", "scaled_overpressure", "scaled_impulse", "source", "mark")
FOLDER = Path(__file__).parent.parent / "models" / "data"
SOURCE = "Euler equations of the bursting sphere (Baker et al. 1983 ch. 2): benchmarks.vessel_burst_curves"


def extrapolated(coarse: Array, middle: Array, fine: Array) -> Array:
    """Carry values on three grids, each half as wide, to vanishing width (Aitken), by an order of 0.6 to 2."""
    first, second = np.log(middle / coarse), np.log(fine / middle)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.clip(np.where(second > 0.0, first / second, 4.0), 2.0**0.6, 4.0)
    return np.asarray(fine * np.exp(np.maximum(second, 0.0) / (ratio - 1.0)))


def curve(pressure_ratio: float) -> tuple[Array, Array, Array]:
    """Scaled distances, overpressures and impulses of one pressure ratio, from the sphere's surface outward."""
    radius = burst_radius(pressure_ratio)
    distance = np.array([each for each in DISTANCES if each > 1.05 * radius])
    peaks, impulses = [], []
    for cell in CELLS:
        wave = bursting_sphere(pressure_ratio, distance, cell=min(cell, 0.1 * radius * cell / CELLS[0]))
        there = np.log(wave.distance)
        peaks.append(np.exp(np.interp(np.log(distance), there, np.log(wave.overpressure))))
        impulses.append(np.exp(np.interp(np.log(distance), there, np.log(wave.impulse))))
    start = np.array([surface_overpressure(pressure_ratio)])
    overpressure = np.minimum(extrapolated(*peaks), start)
    return np.append(radius, distance), np.append(start, overpressure), np.append(impulses[-1][0], impulses[-1])


def main() -> None:
    """Compute all curves and write the table."""
    with (FOLDER / "vessel_burst.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for ratio in PRESSURE_RATIOS:
            for distance, overpressure, impulse in zip(*curve(ratio), strict=True):
                row = (ratio, distance, overpressure, impulse)
                writer.writerow([*(f"{value:.4g}" for value in row), SOURCE, "V"])


if __name__ == "__main__":
    main()
