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


@pytest.mark.parametrize(
    ("cas", "heat"),
    [
        # kJ/kg, with 4520 of TNT: list of condensed explosives of the public package sp-tnt
        ("55-63-0", 6700.0),
        ("121-82-4", 5630.0),
        ("78-11-5", 5800.0),
        ("2691-41-0", 5680.0),
        ("88-89-1", 4180.0),
        ("479-45-8", 4520.0),
        ("13424-46-9", 1540.0),
        ("628-86-4", 1790.0),
        # T. L. Davis, The Chemistry of Powder and Explosives, p. 210: nitrocotton of 13 % nitrogen, 1100 cal/g
        ("9004-70-0", 1100.0 * 4.184),
    ],
)
def test_equivalence_is_the_published_heat_of_explosion_over_that_of_tnt(cas, heat):
    assert tnt_equivalence(cas).value == pytest.approx(heat / 4520.0, abs=0.006)


@pytest.mark.parametrize(
    ("cas", "c", "h", "n", "o", "formation"),
    [
        # Heats of formation at 25 C of the solid, of nitroglycerin the liquid [kJ/mol]: chemicals package
        ("121-82-4", 3, 6, 6, 6, 77.0),
        ("2691-41-0", 4, 8, 8, 8, 87.7),
        ("78-11-5", 5, 8, 4, 12, -538.6),
        ("88-89-1", 6, 3, 3, 7, -217.9),
        ("479-45-8", 7, 5, 5, 8, 40.9),
        ("55-63-0", 3, 5, 3, 9, -370.9),
        ("28653-16-9", 7, 5, 3, 7, -187.2),
    ],
)
def test_equivalences_agree_with_heats_of_detonation_by_hand(cas, c, h, n, o, formation):
    """Kamlet & Jacobs (1968): hydrogen burns to water, then carbon to carbon dioxide, the rest stays carbon."""

    def heat(c, h, n, o, formation):
        carbon_dioxide = min(c, 0.5 * (o - 0.5 * h))
        mass = 12.011 * c + 1.008 * h + 14.007 * n + 15.999 * o
        return (0.5 * h * 241.8 + carbon_dioxide * 393.5 + formation) / mass

    ratio = heat(c, h, n, o, formation) / heat(7, 5, 3, 6, -63.2)
    assert tnt_equivalence(cas).value == pytest.approx(ratio, rel=0.3)


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
