"""Measured dispersion beside our clouds: arc maxima of field trials."""

from pathlib import Path

from parkrisk.models.atmosphere import Weather, wind_speed
from parkrisk.models.dispersion import plume_concentration
from tests.validation.measurements import Comparison, DataSet, Pair, measured


def prairie_grass(folder: Path) -> Comparison:
    """Ten-minute arc maxima of sulphur dioxide from a near-ground source."""
    pairs = []
    for row in measured("prairie_grass_arcmax.csv", folder):
        reference = Weather(3.0, row["stability"])
        wind = float(row["u_2m_m_s"]) * 3.0 / float(wind_speed(reference, 2.0))
        concentration = plume_concentration(
            float(row["x_m"]),
            0.0,
            float(row["z_sensor_m"]),
            float(row["Q_SO2_kg_s"]),
            Weather(wind, row["stability"]),
            height=float(row["h_release_m"]),
        )
        pairs.append(Pair(row["run"], f"{row['x_m']} m", float(row["c_arcmax_kg_m3"]), float(concentration)))
    return Comparison("prairie_grass", "arc maximum", "kg/m³", tuple(pairs))


DATA_SETS = (DataSet("prairie_grass", ("prairie_grass_arcmax.csv",), prairie_grass),)
