"""Footprints of fires against lethality integrated over the angle without any short cut."""

import math

import numpy as np
import pytest

from parkrisk.models.fire.flame import signed_flux_kernel
from parkrisk.models.fire.heat_footprint import heat_footprint
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR, PolarGrid
from parkrisk.models.vulnerability.people import HEAT, heat_lethality_kernel
from tests.models.fires import CALM, WIND, clean_pool, fireball, jet, pool, trench

GRID = PolarGrid()
HALF = GRID.n_bins // 2


def danger(fire, radius, angle):
    """Heat flux, endless within the flame."""
    flux = np.array([signed_flux_kernel(fire._flame, radius * math.cos(a), radius * math.sin(a)) for a in angle])
    return np.where(flux < 0.0, np.inf, flux)


def integrated(fire, radius):
    """Lethality in every bin of a ring: Gauss' rule between the angles where the flux steps over certain death."""
    edges = np.linspace(0.0, math.pi, HALF + 1)
    fine = np.linspace(0.0, math.pi, 4 * HALF + 1)
    dead = danger(fire, radius, fine) >= HEAT.certain_death
    cuts = list(edges)
    for i in np.flatnonzero(dead[1:] != dead[:-1]):
        low, high = fine[i], fine[i + 1]
        for _ in range(40):
            middle = 0.5 * (low + high)
            if (danger(fire, radius, [middle])[0] >= HEAT.certain_death) == dead[i]:
                low = middle
            else:
                high = middle
        cuts.append(high)
    cut = np.unique(cuts)
    low, high = cut[:-1], cut[1:]
    node, weight = np.polynomial.legendre.leggauss(4)
    angle = 0.5 * (low + high)[:, None] + 0.5 * (high - low)[:, None] * node
    flux = np.minimum(danger(fire, radius, angle.ravel()), 1e6)
    lethality = np.array([heat_lethality_kernel(q, fire.duration, HEAT) for q in flux]).T.reshape(3, -1, 4)
    mean = (lethality * weight / 2.0).sum(axis=2) * (high - low) / GRID.bin_width
    place = np.minimum((0.5 * (low + high) / GRID.bin_width).astype(int), HALF - 1)
    return np.array([np.bincount(place, each, minlength=HALF) for each in mean])


FIRES = {
    "smoky pool": pool(),
    "clean pool": clean_pool(),
    "calm pool": clean_pool(CALM),
    "small pool, short": clean_pool(diameter=3.0, duration=5.0),
    "large pool": pool(diameter=70.0),
    "tank top": clean_pool(base_height=10.0),
    "jet": jet(),
    "large jet": jet(mass_flow=100.0, hole_diameter=0.1, duration=10.0),
    "calm jet": jet(CALM),
    "vertical jet": jet(direction="vertical"),
    "inclined jet": jet(direction="inclined", inclination=math.radians(50.0)),
    "jet into the wind": jet(direction="inclined", inclination=math.radians(130.0)),
    "fireball": fireball(),
    "rising fireball": fireball(rising=True),
}


@pytest.mark.parametrize("name", FIRES)
def test_lethality_in_every_bin(name):
    fire = FIRES[name]
    footprint = fire.footprint(GRID)
    core = footprint.disc_radius.max(initial=0.0)
    start, errors, beyond = 0, [], 0.0
    for ring, count in enumerate(footprint.count):
        values = np.zeros((3, HALF))
        values[:, :count] = footprint.lethality[:, start : start + count]
        start += count
        if ring % 5 or GRID.radius[ring] <= core or GRID.radius[ring] > 2000.0:
            continue
        direct = integrated(fire, GRID.radius[ring])
        errors.append(np.abs(values - direct)[:, : max(count, 1)].ravel())
        beyond = max(beyond, direct[:, count:].max(initial=0.0))
    error = np.concatenate(errors)
    assert error.max() < 1e-3
    assert np.median(error) < 1e-4
    assert beyond < 2e-5  # what was left out
    assert footprint.lethality.min(initial=1.0) >= 0.0
    assert footprint.lethality.max(initial=0.0) <= 1.0
    assert (footprint.lethality[INDIVIDUAL] >= footprint.lethality[OUTDOOR] - 1e-12).all()
    assert (footprint.lethality[OUTDOOR] >= footprint.lethality[INDOOR] - 1e-12).all()


def test_a_dragged_foot_kills_to_its_rim():
    fire = clean_pool(drag=1.4)
    footprint = fire.footprint(GRID)
    ring = np.searchsorted(GRID.radius, 13.0)
    start, count = footprint.count[:ring].sum(), footprint.count[ring]
    values = np.zeros((3, HALF))
    values[:, :count] = footprint.lethality[:, start : start + count]
    error = np.abs(values - integrated(fire, GRID.radius[ring]))
    assert np.sort(error.ravel())[-3] < 1e-3  # one bin holds the rim, in each row
    assert error.max() < 0.03


def test_cores_are_alike_on_both_ways():
    for fire in (pool(), clean_pool(), clean_pool(duration=2.0)):
        short = fire.footprint(GRID)
        full = heat_footprint(GRID, fire._field, fire.duration, 0.5 * fire.diameter, fire._end)
        np.testing.assert_allclose(short.disc_radius, full.disc_radius)
        np.testing.assert_allclose(short.disc_lethality, full.disc_lethality, atol=1e-9)
        first = GRID.radius <= 0.5 * fire.diameter
        assert (short.count[first] == full.count[first]).all()


@pytest.mark.parametrize("fire", [pool(), jet(), trench(), fireball()], ids=lambda f: type(f).__name__)
def test_heat_on_the_grid(fire):
    field = fire.heat_field(GRID, 1000.0)
    assert field.shape == (GRID.n_rings, HALF)
    angle = (np.arange(HALF) + 0.5) * GRID.bin_width
    for ring in range(10, 130, 17):
        direct = fire.heat_flux(GRID.radius[ring], angle)
        strong = direct > 1100.0
        np.testing.assert_allclose(field[ring, strong], direct[strong], rtol=2e-4)
        assert (field[ring, direct < 900.0] == 0.0).all()


def test_other_grids():
    coarse = PolarGrid(n_rings=12, n_bins=8)
    for fire in (pool(), fireball(), jet(), jet(WIND, direction="vertical")):
        footprint = fire.footprint(coarse)
        assert footprint.count.any()
        assert footprint.count.max() <= 4
        assert footprint.lethality.max() <= 1.0


@pytest.mark.kernel
def test_small_footprints():
    coarse = PolarGrid(n_rings=12, n_bins=8)
    for fire in (pool(), clean_pool(drag=1.4), fireball(), jet(), jet(direction="vertical")):
        footprint = fire.footprint(coarse)
        assert footprint.count.any()
        assert footprint.lethality.max() <= 1.0


def test_nobody_is_hurt_by_a_spark():
    footprint = fireball(mass=1e-3).footprint(GRID)
    assert not footprint.count.any()
    assert footprint.lethality.shape == (3, 0)
