"""Sizes of units that the correlations of cascades do not cover."""

import numpy as np

from parkrisk.scenarios.facility.graph import facility_from_loads, size_flags
from tests.risk.farms import tanks


def test_vessels_beyond_the_fitted_volumes_are_taken_as_of_the_largest():
    units = tanks([0.0, 100.0, 200.0], np.zeros(3), volume=np.array([17_500.0, 100_000.0, 1_000.0]))
    facility = facility_from_loads(units, np.zeros((3, 3)))
    shell = facility.network.shell
    assert shell[0] == shell[1] < shell[2]
    assert "unverified:ttf_volume" in facility.flags
    assert size_flags(facility.units) == {"unverified:ttf_volume": 1}
    assert "unverified:ttf_volume" not in facility_from_loads(units.iloc[::2], np.zeros((2, 2))).flags
