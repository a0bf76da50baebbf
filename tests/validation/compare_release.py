"""Measured releases beside our source terms."""

from pathlib import Path

import numpy as np

from parkrisk.models.errors import ParkRiskError
from parkrisk.models.release.history import RateHistory, rate_history
from parkrisk.models.release.vessel import Vessel
from parkrisk.models.substance.substances import find
from tests.validation.measurements import Comparison, DataSet, Pair, measured


def _vessel_history(first: dict[str, str]) -> RateHistory:
    substance, temperature = find(first["substance"]), float(first["temperature_k"])
    pressure = 1e5 * float(first["pressure_bar"])
    mass = float(first["volume_m3"]) * substance.gas_density(temperature, pressure)
    return rate_history(
        Vessel(substance, temperature, pressure, mass, contents="gas"),
        float(first["orifice_m"]),
        ambient_pressure=1e5 * float(first["back_pressure_bar"] or 1.01325),
        discharge_coefficient=float(first["discharge_coefficient"]) if first["discharge_coefficient"] else None,
    )


def blowdown(folder: Path) -> Comparison:
    """Pressure in vessels of gas; the model is that of an insulated vessel."""
    rows = measured("blowdown_pressure.csv", folder)
    pairs, left_out = [], []
    for trial in dict.fromkeys(row["trial"] for row in rows):
        points = [row for row in rows if row["trial"] == trial]
        try:
            history = _vessel_history(points[0])
        except (ParkRiskError, ValueError) as error:
            left_out.append(f"{trial}: {error}")
            continue
        for row in points:
            found = float(np.interp(float(row["time_s"]), history.time, history.pressure)) / 1e5
            pairs.append(Pair(trial, f"{row['time_s']} s", float(row["obs_pressure_bar"]), found))
    return Comparison("blowdown_pressure", "pressure in the vessel", "bar", tuple(pairs), tuple(left_out))


DATA_SETS = (DataSet("blowdown_pressure", ("blowdown_pressure.csv",), blowdown),)
