"""Explosions of condensed matter by their TNT equivalents."""

import numpy as np
import pytest

from parkrisk.models.blast.condensed import CondensedExplosion, tnt_equivalence
from parkrisk.models.blast.explosion import Explosion
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid


def test_tnt_is_tnt():
    charge = CondensedExplosion.of("TNT", 1000.0)
    # IATG 01.80 Table 5: 1000 kg at 50 m make 0.43 bar and 5.9 bar ms
    assert charge.overpressure(50.0, 0.0) == pytest.approx(0.43e5, rel=0.01)
    assert charge.impulse(50.0, 0.0) == pytest.approx(590.0, rel=0.01)
    same = Explosion(1000.0, 4.52e6, 1.0, "tnt")
    assert charge.overpressure(50.0, 0.0) == pytest.approx(float(same.overpressure(50.0, 0.0)), rel=1e-12)
    assert charge.flags == ()


def test_equivalent_mass_scales_distances():
    nitrate = CondensedExplosion.of("6484-52-2", 2e6, efficiency=0.8)
    assert nitrate.tnt_mass == pytest.approx(2e6 * 0.8 * tnt_equivalence("ammonium nitrate").value)
    tnt = CondensedExplosion(nitrate.tnt_mass, 1.0)
    np.testing.assert_allclose(nitrate.radii([3e4, 1e4]), tnt.radii([3e4, 1e4]), rtol=1e-12)


def test_ranges_hold_the_values_and_recollections_are_flagged():
    for row in rows("tnt_equivalents"):
        found = tnt_equivalence(row["material"])
        assert 0.0 < found.low <= found.value <= found.high <= 1.5
        flags = CondensedExplosion.of(row["material"], 100.0).flags
        assert flags == (("unverified:tnt_equivalence",) if row["mark"] == "M" else ())


def test_footprint_is_two_discs():
    charge = CondensedExplosion.of("ammonium nitrate", 1e5)
    footprint = charge.footprint(PolarGrid())
    np.testing.assert_allclose(footprint.disc_radius, charge.radii([3e4, 1e4]))
    assert footprint.count.sum() == 0
    assert hash(charge) == hash(CondensedExplosion.of("ammonium nitrate", 1e5))


@pytest.mark.parametrize(
    "make",
    [
        lambda: tnt_equivalence("sand"),
        lambda: tnt_equivalence(""),
        lambda: CondensedExplosion(0.0, 1.0),
        lambda: CondensedExplosion(1.0, float("nan")),
        lambda: CondensedExplosion(1.0, 3.0),
        lambda: CondensedExplosion(1.0, 1.0, 1.5),
        lambda: CondensedExplosion(1.0, 1.0, centre_distance=-1.0),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()
