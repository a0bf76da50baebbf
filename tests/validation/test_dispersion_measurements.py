import json

import numpy as np

from parkrisk.models.atmosphere import Weather, wind_speed
from parkrisk.models.dispersion import plume_concentration
from tests.validation.measurements import DATA, measured

LIMITS = json.loads((DATA / "limits-dispersion.json").read_text(encoding="utf-8"))


def test_prairie_grass():
    observed, predicted = [], []
    for row in measured("prairie_grass_arcmax.csv"):
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
        observed.append(float(row["c_arcmax_kg_m3"]))
        predicted.append(float(concentration))
    ratio = np.array(observed) / np.array(predicted)
    found = {
        "MG": np.exp(np.log(ratio).mean()),
        "VG": np.exp((np.log(ratio) ** 2).mean()),
        "FAC2": ((ratio >= 0.5) & (ratio <= 2.0)).mean(),
    }
    for name, value in found.items():
        low, high = LIMITS["prairie_grass"][name]
        assert low <= value <= high, (name, value)


def test_epa_reference_table():
    limits = LIMITS["epa_rmp_10_min_rural_f"]
    nearest, farthest = limits["distance_range_mile"]
    distance = np.geomspace(10.0, 2e4, 4000)
    compared = 0
    for row in measured("epa_rmp_tables_1_2_neutral.csv"):
        miles = float(row["distance_mile"])
        if row["table"] != "1" or not nearest <= miles <= farthest:
            continue
        # (lb/min)/(mg/L) in (kg/s)/(kg/m³)
        ratio = float(row["Q_over_endpoint_lower_(lb/min)/(mg/L)"]) * 0.45359237 / 60.0 / 1e-3
        concentration = plume_concentration(distance, 0.0, 0.0, ratio, Weather(1.5, "F"))
        ours = distance[concentration >= 1.0].max()
        low, high = limits["distance_ratio"]
        assert low <= ours / (miles * 1609.344) <= high, (miles, ours)
        compared += 1
    assert compared == 9
