"""Models against measurements: no statistic beyond its limit."""

import numpy as np
import pytest

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.gaussian import plume_concentration
from tests.validation.data_sets import DATA_SETS, limits
from tests.validation.measurements import DATA, Pair, measured, statistics


@pytest.mark.parametrize("data_set", DATA_SETS, ids=lambda each: each.name)
def test_limits(data_set):
    comparison = data_set.compare(DATA)
    found = statistics(comparison.selected())
    checked = [limit for limit in limits() if limit.data_set == data_set.name]
    assert checked, "every data set has a limit"
    assert not [(limit, found) for limit in checked if not limit.holds(found)]


def test_every_limit_has_its_data_set():
    assert {limit.data_set for limit in limits()} == {each.name for each in DATA_SETS}


def test_statistics_by_hand():
    # ln 2 and -ln 4: mean -ln(2)/2, mean square 2.5 ln²2
    found = statistics([Pair("a", "", 2.0, 1.0), Pair("b", "", 1.0, 4.0)])
    assert found.mg == pytest.approx(2.0**-0.5)
    assert found.vg == pytest.approx(np.exp(2.5 * np.log(2.0) ** 2))
    assert (found.fac2, found.fb, found.nmse, found.worst) == pytest.approx((0.5, -0.5, 5.0 / 3.75, 4.0))
    assert (found.n, found.groups) == (2, 2)


def test_statistics_of_a_missed_cloud():
    found = statistics([Pair("a", "", 2.0, 0.0)])
    assert found.mg == found.vg == found.worst == np.inf
    assert found.fac2 == 0.0
    with pytest.raises(ValueError, match="finite"):
        statistics([Pair("a", "", 2.0, float("nan"))])


def test_epa_reference_table():
    """Both are look-ups of a plume with other spread curves; beyond 1.6 miles the tables end plumes at 10 min."""
    distance = np.geomspace(10.0, 2e4, 4000)
    compared = 0
    for row in measured("epa_rmp_tables_1_2_neutral.csv"):
        miles = float(row["distance_mile"])
        if row["table"] != "1" or not 0.2 <= miles <= 1.6:
            continue
        # (lb/min)/(mg/L) in (kg/s)/(kg/m³)
        ratio = float(row["Q_over_endpoint_lower_(lb/min)/(mg/L)"]) * 0.45359237 / 60.0 / 1e-3
        concentration = plume_concentration(distance, 0.0, 0.0, ratio, Weather(1.5, "F"))
        ours = distance[concentration >= 1.0].max()
        assert 0.67 <= ours / (miles * 1609.344) <= 1.5, (miles, ours)
        compared += 1
    assert compared == 9
