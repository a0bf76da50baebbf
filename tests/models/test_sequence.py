"""A flash fire followed by a pool fire: the union of two footprints against plain array arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.outcomes import FlashFire
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.fire.pool_fire import PoolFire
from parkrisk.models.footprint import INDIVIDUAL, Footprint, PolarGrid
from parkrisk.models.sequence import FlashThenPoolFire, union
from parkrisk.models.substance.substances import find

GRID = PolarGrid(n_rings=9, n_bins=12, r_min=1.0, r_max=100.0)
DAY = Weather(5.0, "D")


def random_footprint(seed, *, discs=0, empty=False):
    rng = np.random.default_rng(seed)
    count = rng.integers(0, GRID.n_bins // 2 + 1, GRID.n_rings).astype(np.int32)
    if empty:
        count[:] = 0
    # Bins hold what the discs leave of the probability.
    share = 1.0 / (discs + 1)
    return Footprint(
        count,
        rng.uniform(0.0, share, (3, count.sum())),
        np.sort(rng.uniform(0.5, 120.0, discs)),
        rng.uniform(0.0, share, (3, discs)),
    )


def dense(footprint, grid=GRID):
    """Lethality of every ring and bin, discs included, cell by cell."""
    out = np.zeros((3, grid.n_rings, grid.n_bins // 2))
    start = 0
    for ring, count in enumerate(footprint.count):
        out[:, ring, :count] = footprint.lethality[:, start : start + count]
        start += count
        for k, radius in enumerate(footprint.disc_radius):
            if grid.radius[ring] <= radius:
                out[:, ring, :] += footprint.disc_lethality[:, k, np.newaxis]
    return out


@pytest.mark.kernel
@hypothesis_settings(max_examples=60, deadline=None)
@given(
    seeds=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    discs=st.integers(0, 3),
    empty=st.tuples(st.booleans(), st.booleans()),
)
def test_union_is_the_chance_of_not_surviving_both(seeds, discs, empty):
    first = random_footprint(seeds[0], empty=empty[0])
    second = random_footprint(seeds[1], discs=discs, empty=empty[1])
    both = union(first, second, GRID)
    # Beyond the stored bins only the discs of the second act, and there the first has no effect.
    assert_allclose(dense(both), 1.0 - (1.0 - dense(first)) * (1.0 - dense(second)), rtol=1e-12, atol=1e-15)
    assert np.array_equal(both.disc_radius, second.disc_radius)
    assert np.array_equal(both.disc_lethality, second.disc_lethality)
    assert both.lethality.shape == (3, both.count.sum())


@pytest.mark.kernel
def test_union_with_nothing_is_the_other():
    nothing, something = random_footprint(0, empty=True), random_footprint(1, discs=2)
    assert_allclose(dense(union(nothing, something, GRID)), dense(something), rtol=1e-12, atol=1e-15)
    plain = random_footprint(2)
    assert np.array_equal(union(plain, nothing, GRID).lethality, plain.lethality)


@pytest.mark.kernel
def test_certain_death_stays_certain():
    everywhere = Footprint(np.full(9, 6, np.int32), np.ones((3, 54)), np.zeros(0), np.zeros((3, 0)))
    inside = Footprint(np.zeros(9, np.int32), np.zeros((3, 0)), np.array([10.0]), np.array([[1.0], [0.5], [0.0]]))
    assert np.array_equal(dense(union(everywhere, inside, GRID)), np.ones((3, 9, 6)))


def test_discs_of_the_first_are_refused():
    with pytest.raises(ValueError, match="twice"):
        union(random_footprint(0, discs=1), random_footprint(1), GRID)


@pytest.fixture(scope="module")
def fires():
    source = VapourSource(
        substance=find("propane"), mass=6_000.0, duration=600.0, temperature=231.0, mist=0.6, velocity=60.0, height=1.0
    )
    flash = FlashFire(source=source, weather=DAY, lfl=0.021, ufl=0.095)
    pool = PoolFire(30.0, 0.08, 44.0e6, 900.0, DAY)
    return flash, pool, FlashThenPoolFire(flash, pool)


def test_both_fires_kill_at_least_as_far_as_each(fires):
    flash, pool, both = fires
    grid = PolarGrid(n_rings=48, n_bins=72, r_min=2.5, r_max=2000.0)
    one, other, together = (dense(each.footprint(grid), grid) for each in fires)
    assert one.max() > 0.5
    assert other.max() > 0.5
    assert (together >= np.maximum(one, other) - 1e-12).all()
    assert (together <= one + other + 1e-12).all()
    assert (together[INDIVIDUAL] > other[INDIVIDUAL]).any()
    radii, of_flash, of_pool = both.casualty_radii(), flash.casualty_radii(), pool.casualty_radii()
    assert set(radii) == {"death_m", "serious_m", "light_m", "domino_m"}
    assert radii["death_m"] == max(of_flash["death_m"], of_pool["death_m"])
    assert radii["domino_m"] == of_pool["domino_m"]


def test_what_heats_equipment_is_the_pool_fire(fires):
    flash, pool, both = fires
    distance, angle = np.array([20.0, 40.0, 80.0]), np.zeros(3)
    assert np.array_equal(both.heat_flux(distance, angle), pool.heat_flux(distance, angle))
    assert (both.duration, both.emissive_power) == (pool.duration, pool.emissive_power)
    assert set(both.flags) == {*flash.flags, *pool.flags}
    assert len(set(both.flags)) == len(both.flags)


def test_equal_by_content(fires):
    flash, pool, both = fires
    again = FlashThenPoolFire(FlashFire(source=flash.source, weather=DAY, lfl=0.021, ufl=0.095), pool)
    assert again == both
    assert hash(again) == hash(both)
