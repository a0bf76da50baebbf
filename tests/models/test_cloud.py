import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, optimize, special

from parkrisk.models.atmosphere import Weather
from parkrisk.models.cloud import FlashFire, ToxicCloud, VapourSource, flammable_cloud
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, OUTDOOR, PolarGrid
from parkrisk.models.spread import curve_kernel
from parkrisk.models.vapour import axis_kernel, passive_cloud
from parkrisk.models.vulnerability import toxic_lethality

D5, F15 = Weather(5.0, "D"), Weather(1.5, "F")
GRID = PolarGrid(n_rings=48)
CHLORINE = {"probit_a": -6.35, "probit_b": 0.5, "probit_n": 2.75}
PROPANE = {"lfl": 0.021, "ufl": 0.095}


def chlorine(mass=18e3, duration=1800.0, **changes):
    return VapourSource(mass=mass, duration=duration, molar_mass=0.0709, **changes)


def propane(mass=18e3, duration=1800.0, **changes):
    return VapourSource(mass=mass, duration=duration, molar_mass=0.0441, **changes)


def toxic(source, weather=D5, **changes):
    return ToxicCloud(source=source, weather=weather, **{**CHLORINE, **changes})


def flash(source, weather=D5):
    return FlashFire(source=source, weather=weather, **PROPANE)


def ring_sums(footprint, row=INDIVIDUAL):
    """Angle integral on each ring, one side [rad]."""
    ends = np.cumsum(footprint.count)
    return np.array([footprint.lethality[row, e - c : e].sum() for e, c in zip(ends, footprint.count, strict=True)]) * (
        GRID.bin_width
    )


# ---- the cloud itself


@pytest.mark.parametrize("weather", [D5, F15])
@pytest.mark.parametrize("source", [chlorine(), chlorine(diameter=40.0), chlorine(duration=0.0), chlorine(height=8.0)])
def test_starts_as_pure_vapour_and_thins(weather, source):
    cloud = passive_cloud(source, weather, 600.0)
    distance = np.geomspace(0.01, 1e4, 200)
    for z in (0.0, source.height):
        assert max(axis_kernel(x, z, cloud) for x in distance) <= source.gas_density(weather) * (1.0 + 1e-9)
    on_axis = [axis_kernel(x, source.height, cloud) for x in distance]
    if source.height == 0.0:
        assert (np.diff(on_axis) < 0.0).all()
        assert axis_kernel(0.0, 0.0, cloud) == pytest.approx(source.gas_density(weather), rel=1e-9)


@pytest.mark.kernel
def test_pool_starts_as_wide_as_a_disc():
    cloud = passive_cloud(chlorine(diameter=40.0), D5, 600.0)
    assert curve_kernel(cloud.upwind_y, cloud.spread.y) == pytest.approx(10.0, rel=1e-9)


def test_dense_gas_criterion():
    # g0 = 9.81·1.45 m/s², q0 = 10/2.95 m³/s, D = 0.82 m: number about 0.8
    assert chlorine().is_dense(D5)
    assert not VapourSource(mass=18e3, duration=1800.0, molar_mass=0.017).is_dense(D5)
    assert not chlorine(mass=0.01).is_dense(Weather(10.0, "D"))
    assert chlorine(duration=0.0).is_dense(F15)
    # cold methane
    assert VapourSource(mass=18e3, duration=600.0, molar_mass=0.016, density=1.76).is_dense(F15)


# ---- toxic cloud


def steady_concentration(source, weather, x, y):
    """Plume at 1 m, written out."""
    cloud = passive_cloud(source, weather, 600.0)
    across, up = curve_kernel(x + cloud.upwind_y, cloud.spread.y), curve_kernel(x + cloud.upwind_z, cloud.spread.z)
    height = source.height
    vertical = math.exp(-0.5 * ((1.0 - height) / up) ** 2) + math.exp(-0.5 * ((1.0 + height) / up) ** 2)
    return source.rate / (2.0 * math.pi * cloud.wind * across * up) * math.exp(-0.5 * (y / across) ** 2) * vertical


def test_long_release_is_the_steady_plume_for_half_an_hour():
    source = chlorine(mass=1e5, duration=36_000.0, height=2.0)
    for x, y in ((100.0, 0.0), (300.0, 15.0), (1000.0, 30.0)):
        c = 1e6 * steady_concentration(source, D5, x, y)
        expected = toxic_lethality(c, 30.0, (-6.35, 0.5, 2.75))
        found = toxic(source).lethality(np.array([math.hypot(x, y)]), np.array([math.atan2(y, x)]))
        assert_allclose(found[:, 0], expected.ravel(), rtol=2e-5)


@pytest.mark.parametrize("duration", [0.0, 5.0, 60.0, 400.0, 1800.0])
@pytest.mark.parametrize("n", [0.7, 1.0, 2.75])
def test_passing_dose_against_time_quadrature(duration, n):
    source = chlorine(mass=500.0, duration=duration)
    x, y = 800.0, 20.0
    cloud = passive_cloud(source, F15, 600.0)
    along = curve_kernel(x + cloud.upwind_x, cloud.spread.x)
    scale = math.sqrt(2.0) * along
    if duration == 0.0:
        across, up = curve_kernel(x + cloud.upwind_y, cloud.spread.y), curve_kernel(x + cloud.upwind_z, cloud.spread.z)
        peak = source.mass / ((2.0 * math.pi) ** 1.5 * along * across * up)
        peak *= math.exp(-0.5 * (y / across) ** 2) * 2.0 * math.exp(-0.5 / up**2)

        def concentration(s):
            return peak * math.exp(-((cloud.wind * s / scale) ** 2))
    else:
        steady = steady_concentration(source, F15, x, y)

        def concentration(s):
            early = special.erf(cloud.wind * (s + 0.5 * duration) / scale)
            late = special.erf(cloud.wind * (s - 0.5 * duration) / scale)
            return 0.5 * steady * (early - late)

    # time from the middle of the passage; only the worst 30 min count
    dose = integrate.quad(lambda s: (1e6 * concentration(s)) ** n, 0.0, 900.0, limit=400, epsrel=1e-10)[0] * 2.0 / 60.0
    a = 5.0 - 0.5 * math.log(dose)  # about half die
    found = toxic(source, F15, probit_a=a, probit_n=n).lethality(
        np.array([math.hypot(x, y)]), np.array([math.atan2(y, x)])
    )
    assert found[INDIVIDUAL, 0] == pytest.approx(0.5, abs=2e-5)


def test_puff_is_the_limit_of_a_short_release():
    puff, short = toxic(chlorine(mass=1000.0, duration=0.0), F15), toxic(chlorine(mass=1000.0, duration=0.5), F15)
    assert short.distance(0.5) == pytest.approx(puff.distance(0.5), rel=0.02)


@pytest.mark.parametrize(
    "source",
    [
        chlorine(height=1.0),
        chlorine(duration=60.0, mass=600.0),
        chlorine(mass=2e3, duration=0.0),
        chlorine(diameter=25.0),
        chlorine(height=15.0),
    ],
)
@pytest.mark.parametrize("weather", [D5, F15])
def test_bin_means_against_adaptive_quadrature(source, weather):
    outcome = toxic(source, weather)
    footprint = outcome.footprint(GRID)
    ends = np.cumsum(footprint.count)
    worst = 0.0
    for ring in range(0, GRID.n_rings, 3):
        radius, count = GRID.radius[ring], footprint.count[ring]
        found = footprint.lethality[INDIVIDUAL, ends[ring] - count : ends[ring]]
        for number in {0, 1, count // 3, count // 2, count - 2} & set(range(count - 1)):
            low = number * GRID.bin_width

            def value(angle, radius=radius):
                return outcome.lethality(np.array([radius]), np.array([angle]))[INDIVIDUAL, 0]

            exact = integrate.quad(value, low, low + GRID.bin_width, epsrel=1e-9, epsabs=0.0)[0] / GRID.bin_width
            if exact > 1e-4:
                worst = max(worst, abs(found[number] / exact - 1.0))
            else:
                assert found[number] == pytest.approx(exact, rel=1e-2, abs=1e-8)
    assert worst < 1e-4


@pytest.mark.kernel
def test_rows_of_the_footprint():
    footprint = toxic(chlorine()).footprint(GRID)
    assert np.array_equal(footprint.lethality[INDIVIDUAL], footprint.lethality[OUTDOOR])
    assert_allclose(footprint.lethality[INDOOR], 0.1 * footprint.lethality[OUTDOOR], rtol=1e-12)
    # trailing bins may be averages over a part of a bin
    assert footprint.lethality[INDIVIDUAL].min() > 0.0
    assert footprint.disc_radius.size == 0


@settings(max_examples=25, deadline=None)
@given(
    mass=st.floats(10.0, 1e5),
    factor=st.floats(1.05, 20.0),
    duration=st.sampled_from([0.0, 30.0, 1800.0]),
    weather=st.sampled_from([D5, F15, Weather(2.0, "B"), Weather(3.0, "E", terrain="urban")]),
)
def test_more_mass_kills_more(mass, factor, duration, weather):
    small, large = toxic(chlorine(mass, duration), weather), toxic(chlorine(factor * mass, duration), weather)
    assert large.distance(0.5) >= small.distance(0.5)
    assert large.reach >= small.reach
    assert ring_sums(large.footprint(GRID)).sum() > ring_sums(small.footprint(GRID)).sum()


@pytest.mark.kernel
def test_radii_follow_the_lethality():
    outcome = toxic(chlorine())
    death = outcome.casualty_radii()["death_m"]
    assert outcome.lethality(np.array([death]), np.array([0.0]))[OUTDOOR, 0] == pytest.approx(0.5, abs=1e-9)
    assert outcome.casualty_radii()["domino_m"] is None


def test_indoor_row_and_cut():
    outcome = toxic(chlorine())
    edge = outcome.lethality(np.array([outcome.reach * 0.999, outcome.reach * 1.001]), np.zeros(2))
    assert edge[INDIVIDUAL, 0] == pytest.approx(1e-6, rel=0.1)
    assert not edge[:, 1].any()


def test_too_little_to_matter():
    outcome = toxic(chlorine(mass=1e-4))
    footprint = outcome.footprint(GRID)
    assert footprint.count.sum() == 0
    assert footprint.lethality.shape == (3, 0)
    assert outcome.casualty_radii()["death_m"] is None


@pytest.mark.kernel
def test_hemisphere_of_a_sudden_release_covers_all_sides():
    footprint = toxic(chlorine(mass=50e3, duration=0.0)).footprint(GRID)
    radius = (1.5 * 50e3 / (math.pi * chlorine().gas_density(D5))) ** (1.0 / 3.0)
    assert (footprint.count[GRID.radius <= radius] == 360).all()
    assert (footprint.count[GRID.radius > radius] <= 180).all()


# ---- flash fire and the flammable cloud


def test_plume_reach_and_width_in_closed_form():
    source, outcome = propane(), flash(propane())
    cloud = passive_cloud(source, D5, 20.0)
    level = 0.021 * source.gas_density(D5)

    def on_axis(x):
        return axis_kernel(x, 0.0, cloud)

    reach = optimize.brentq(lambda x: on_axis(x) - level, 1.0, 1e4)
    assert outcome.cloud.reach == pytest.approx(reach, rel=1e-9)
    assert outcome.casualty_radii()["death_m"] == outcome.cloud.reach
    footprint = outcome.footprint(GRID)
    for ring in np.flatnonzero((GRID.radius < reach) & (GRID.radius > 5.0)):
        radius = GRID.radius[ring]

        def excess(angle, radius=radius):
            x, y = radius * math.cos(angle), radius * math.sin(angle)
            width = curve_kernel(x + cloud.upwind_y, cloud.spread.y)
            return on_axis(x) * math.exp(-0.5 * (y / width) ** 2) - level

        edge = optimize.brentq(excess, 0.0, 1.4)
        assert ring_sums(footprint)[ring] == pytest.approx(edge, rel=1e-6)
    assert footprint.lethality.max() == 1.0
    assert np.array_equal(footprint.lethality[INDIVIDUAL], footprint.lethality[INDOOR])


@pytest.mark.parametrize("height", [0.0, 6.0])
def test_explosive_mass_of_a_plume_against_a_grid(height):
    source = propane(height=height)
    found = flammable_cloud(source, D5, 0.021, 0.095)
    cloud = passive_cloud(source, D5, 20.0)
    density = source.gas_density(D5)
    x = np.linspace(0.0, 1.3 * max(found.reach, 90.0), 900)
    y = np.linspace(0.0, 15.0, 300)
    z = np.linspace(0.0, height + 15.0, 500)
    mass = above = moment = 0.0
    cell = (x[1] - x[0]) * (y[1] - y[0]) * (z[1] - z[0])
    for distance in x:
        across = curve_kernel(distance + cloud.upwind_y, cloud.spread.y)
        up = curve_kernel(distance + cloud.upwind_z, cloud.spread.z)
        vertical = np.exp(-0.5 * ((z - height) / up) ** 2) + np.exp(-0.5 * ((z + height) / up) ** 2)
        plane = source.rate / (2.0 * np.pi * 5.0 * across * up) * np.exp(-0.5 * (y / across) ** 2)[:, None] * vertical
        rich = plane >= 0.095 * density
        burns = plane >= 0.021 * density
        weight = np.ones_like(plane)
        weight[0] *= 0.5
        weight[:, 0] *= 0.5
        above += 2.0 * cell * (plane * burns * weight).sum()
        part = 2.0 * cell * (plane * (burns & ~rich) * weight).sum()
        mass += part
        moment += part * distance
    assert found.mass_above_lfl == pytest.approx(above, rel=0.02)
    assert found.mass == pytest.approx(mass, rel=0.02)
    assert found.centre == pytest.approx(moment / mass, rel=0.02)


@pytest.mark.kernel
def test_explosive_mass_of_a_puff_in_closed_form():
    source = propane(mass=1000.0, duration=0.0)
    found = flammable_cloud(source, D5, 0.021, 0.095)
    cloud = passive_cloud(source, D5, 20.0)
    peak = axis_kernel(found.travelled, 0.0, cloud) / source.gas_density(D5)

    def share(limit):
        # of a three-dimensional Gaussian above a level
        rho = math.sqrt(max(2.0 * math.log(peak / limit), 0.0))
        return math.erf(rho / math.sqrt(2.0)) - math.sqrt(2.0 / math.pi) * rho * math.exp(-0.5 * rho * rho)

    assert found.mass_above_lfl == pytest.approx(1000.0 * share(0.021), rel=2e-3)
    assert found.mass == pytest.approx(1000.0 * (share(0.021) - share(max(0.095, 0.0))), rel=2e-3)


def test_puff_footprint_area():
    outcome = flash(propane(mass=20e3, duration=0.0))
    fine = PolarGrid(n_rings=2000, r_min=10.0, r_max=2000.0)
    footprint = outcome.footprint(fine)
    ends = np.cumsum(footprint.count)
    sums = [footprint.lethality[0, e - c : e].sum() for e, c in zip(ends, footprint.count, strict=True)]
    area = 2.0 * integrate.trapezoid(np.array(sums) * fine.bin_width * fine.radius, fine.radius)
    along = 0.5 * (outcome.cloud.reach - outcome.cloud.start)
    assert area == pytest.approx(math.pi * along * outcome.cloud.half_width, rel=5e-3)


@pytest.mark.kernel
def test_release_that_ended_leaves_a_stretch():
    whole, stretch = flash(propane(), F15).cloud, flash(propane(mass=200.0, duration=20.0), F15).cloud
    assert stretch.reach - stretch.start == pytest.approx(30.0, rel=1e-9)
    assert stretch.mass_above_lfl < min(200.0, whole.mass_above_lfl)
    assert 0.0 < stretch.start < stretch.centre < stretch.reach <= whole.reach
    footprint = flash(propane(mass=200.0, duration=20.0), F15).footprint(GRID)
    hit = GRID.radius[footprint.count > 0]
    assert hit.min() >= stretch.start
    assert hit.max() <= 1.01 * stretch.reach


@settings(max_examples=25, deadline=None)
@given(rate=st.floats(0.1, 300.0), factor=st.floats(1.05, 10.0), weather=st.sampled_from([D5, F15, Weather(2.0, "B")]))
def test_larger_release_burns_farther(rate, factor, weather):
    small = flash(propane(mass=1800.0 * rate), weather).cloud
    large = flash(propane(mass=1800.0 * factor * rate), weather).cloud
    assert large.reach >= small.reach
    assert large.mass > small.mass
    assert 0.0 <= small.mass <= small.mass_above_lfl <= 1800.0 * rate


def test_nothing_to_burn():
    outcome = flash(propane(mass=1.0, duration=1800.0, height=30.0))
    assert outcome.cloud.reach == 0.0
    assert outcome.cloud.mass < 1e-4
    assert outcome.footprint(GRID).count.sum() == 0
    assert outcome.casualty_radii()["death_m"] is None


# ---- both


def test_equal_by_content_and_hashable():
    assert toxic(chlorine()) == toxic(chlorine())
    assert len({toxic(chlorine()), toxic(chlorine()), toxic(chlorine(), F15), flash(propane())}) == 3
    used = toxic(chlorine())
    used.footprint(GRID)
    assert used == toxic(chlorine())


def test_flags_are_declared():
    known = {row["code"] for row in rows("flags")}
    outcomes = [toxic(chlorine()), toxic(chlorine(mass=5e6), F15), flash(propane()), flash(propane(mass=1.0))]
    assert "dense_gas_as_passive" in outcomes[0].flags
    assert "dispersion_far_field" in outcomes[1].flags
    assert "dispersion_near_field" in outcomes[2].flags
    assert {code for outcome in outcomes for code in outcome.flags} <= known


@pytest.mark.parametrize("name", ["mass", "duration", "molar_mass", "height", "diameter", "density"])
@pytest.mark.parametrize("value", [math.nan, -1.0, math.inf])
def test_bad_source(name, value):
    with pytest.raises(OutOfRange):
        replace(chlorine(), **{name: value})


@pytest.mark.parametrize("weather", [Weather(0.3, "F"), Weather(math.nan, "D"), Weather(5.0, "G"), Weather(0.0, "D")])
def test_bad_weather(weather):
    with pytest.raises(OutOfRange):
        toxic(chlorine(), weather)
    with pytest.raises(OutOfRange):
        flash(propane(), weather)


@pytest.mark.parametrize(
    "changes", [{"probit_a": math.nan}, {"probit_b": 0.0}, {"probit_n": -1.0}, {"averaging_time": 1.0}]
)
def test_bad_probit(changes):
    with pytest.raises(OutOfRange):
        toxic(chlorine(), **changes)


@pytest.mark.parametrize(("lfl", "ufl"), [(0.0, 0.1), (0.2, 0.1), (0.1, 1.5), (math.nan, 0.1), (2.1, 9.5)])
def test_bad_limits(lfl, ufl):
    with pytest.raises(OutOfRange):
        FlashFire(source=propane(), weather=D5, lfl=lfl, ufl=ufl)


def test_pool_is_the_same_all_over():
    source = chlorine(diameter=60.0)
    outcome = toxic(source)
    rim = outcome.lethality(np.array([30.0 * (1.0 + 1e-9)]), np.array([0.0]))
    inside = outcome.lethality(np.array([5.0, 29.0]), np.array([3.0, 1.0]))
    assert_allclose(inside, np.repeat(rim, 2, axis=1), rtol=1e-6)


def test_weak_pool_does_not_burn():
    # 1.5 g/(m²·s) in a strong wind stays below the limit all over the pool
    outcome = flash(propane(mass=11.6 * 3600.0, duration=3600.0, diameter=100.0), Weather(12.0, "D"))
    assert outcome.cloud.reach == outcome.cloud.mass == 0.0
    assert outcome.footprint(GRID).count.sum() == 0
