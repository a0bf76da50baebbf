"""Risk at any place: the same as at a target that stands there, and what it is made of."""

import numpy as np
import pytest

from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.mapping.loads import Presence
from parkrisk.risk.places import risk_at
from tests import minimal_park


def _targets(result):
    return result.park.tables["targets"][["x", "y"]].to_numpy(float)


def test_places_of_targets_have_their_risk():
    result = minimal_park.coarse()
    found = risk_at(result, _targets(result))
    assert found.quantity == "location_specific"
    assert np.array_equal(found.places["individual_risk"], result.individual_risk.points)
    assert np.array_equal(found.sources["individual_risk"], result.contributions["individual_risk"])
    assert np.array_equal(found.parts["individual_risk"], result.contribution_parts["individual_risk"])


def test_parts_add_up_to_the_whole():
    result = minimal_park.coarse()
    found = risk_at(result, _targets(result).mean(axis=0))
    (whole,) = found.places["individual_risk"]
    assert whole > 0.0
    for _, division in found.parts.groupby("by"):
        assert division["individual_risk"].sum() == pytest.approx(whole, rel=1e-12)
        assert division["share"].sum() == pytest.approx(1.0, rel=1e-12)


def test_presence_scales_and_shelter_protects():
    result = minimal_park.coarse()
    places = _targets(result)
    always = risk_at(result, places, presence=Presence((1.0, 1.0), (0.0, 0.0)))
    half = risk_at(result, places, presence=Presence((0.5, 0.5), (0.0, 0.0)))
    inside = risk_at(result, places, presence=Presence((0.0, 0.0), (1.0, 1.0)))
    assert always.quantity == "with_presence_and_shelter"
    risk = [each.places["individual_risk"].to_numpy() for each in (always, half, inside)]
    assert risk[1] == pytest.approx(0.5 * risk[0], rel=1e-9, abs=1e-15)
    assert (risk[2] <= risk[0]).all()


def test_places_that_cannot_be():
    result = minimal_park.coarse()
    with pytest.raises(ParkRiskError, match="finite"):
        risk_at(result, [[0.0, np.nan]])
    with pytest.raises(ParkRiskError, match="no place"):
        risk_at(result, [])
