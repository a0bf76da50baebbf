"""Flammable clouds against integration of the concentration over space, and their outlines against the limit itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.flammable import _plume, flammable_cloud
from parkrisk.models.cloud.flammable_kernels import ABOVE, ARRIVAL, BETWEEN, DISTANCE, HALF_WIDTH
from parkrisk.models.cloud.outcomes import FlashFire
from parkrisk.models.cloud.plume_table import (
    EDGE,
    FLAT,
    LOG_AXIS,
    hermite_kernel,
    meander_kernel,
    profile_kernel,
    shape_kernel,
    vertical_kernel,
)
from parkrisk.models.cloud.puff_table import CENTRE, LOG_SHARE, POWER, SCALE, STRETCH
from parkrisk.models.cloud.vapour import disperse
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import INDIVIDUAL, INDOOR, PolarGrid
from tests.models.cloud_cases import B3, D5, F15, burst, jet, pool

GRID = PolarGrid(n_rings=48)
PROPANE = {"lfl": 0.021, "ufl": 0.095}
METHANE = {"lfl": 0.05, "ufl": 0.15}


def slices(cloud, way, window=20.0):
    """Share and concentration over a grid of y and z, and distance and time, at places along the way of a plume."""
    track, state = cloud.track, np.empty(12)
    for at in way:
        i = min(int(np.searchsorted(track.way, at, side="right")) - 1, track.way.size - 2)
        span = track.way[i + 1] - track.way[i]
        hermite_kernel(track, i, (at - track.way[i]) / span if span else 1.0, state)
        profile = profile_kernel(state, track.temperature[i + 1], bool(track.grounded[i]), cloud.setting)
        variance, thinning = meander_kernel(profile, state[9], window, cloud.setting)
        edge = math.sqrt(variance)
        y = np.linspace(0.0, profile.core + 5.0 * edge, 200)
        low = 0.0 if profile.grounded else max(profile.height - 4.0 * profile.scale, 0.0)
        z = np.linspace(low, profile.height + 5.0 * profile.scale, 300)
        across = np.array([shape_kernel(each, edge, profile.core) for each in y])
        up = np.array([vertical_kernel(each, profile) for each in z])
        shape = thinning * across[:, None] * up
        yield state[9], state[7], profile.share * shape, profile.axis * shape, y, z


def mass_by_grid(cloud, low, high, begin=0.0, end=math.inf, nodes=250):
    """Mass [kg] between two mole fractions of a plume, of what was released within two times of travel [s]."""
    track = cloud.track
    way = track.way[0] + cloud.scale * np.expm1(
        np.linspace(0.0, math.log(1.0 + (min(track.way[-1], 3000.0) - track.way[0]) / cloud.scale), nodes)
    )
    linear = []
    for _, time, share, c, y, z in slices(cloud, way):
        burns = (share >= low) & (share < high)
        here = 2.0 * integrate.trapezoid(integrate.trapezoid(c * burns, z), y)
        linear.append(here if begin <= time <= end else 0.0)
        if share.max() < low and len(linear) > 50:
            break
    return integrate.trapezoid(linear, way[: len(linear)])


@pytest.mark.parametrize(
    ("source", "limits"),
    [
        (pool("methane", 50.0, 600.0, 20.0), METHANE),
        (jet("propane", 5.0), PROPANE),
        (jet("propane", 5.0, height=6.0), PROPANE),
    ],
)
@pytest.mark.parametrize("weather", [D5, B3])
def test_mass_of_a_plume_against_a_grid(source, limits, weather):
    found = flammable_cloud(source, weather, **limits)
    cloud = disperse(source, weather)
    assert found.mass_above_lfl == pytest.approx(mass_by_grid(cloud, limits["lfl"], 2.0), rel=0.02)
    assert found.mass == pytest.approx(mass_by_grid(cloud, limits["lfl"], limits["ufl"]), rel=0.03)
    assert found.mass_above_lfl < source.rate * cloud.track.state[-1, 7]


def test_mass_of_a_release_that_ended():
    source = jet("propane", 5.0, 8.0)
    found, cloud = flammable_cloud(source, F15, **PROPANE), disperse(source, F15)
    whole = flammable_cloud(jet("propane", 5.0), F15, **PROPANE)
    # no stretch of the same length of time holds more
    most = max(mass_by_grid(cloud, *PROPANE.values(), begin, begin + 8.0, 200) for begin in np.linspace(0.0, 60.0, 7))
    assert found.mass == pytest.approx(most, rel=0.1)
    assert found.mass < whole.mass
    assert found.mass_above_lfl <= 40.0 * 1.01
    assert 0.0 < found.start < found.centre < found.reach <= whole.reach


@pytest.mark.parametrize("duration", [2.0, 5.0, 20.0])
def test_stretch_has_true_ends(duration):
    # it is cut where the first and the last of the release have come, not at nodes
    source = jet("propane", 5.0, duration)
    found, track = flammable_cloud(source, F15, **PROPANE), disperse(source, F15).track
    begin, end = np.interp([found.start, found.reach], track.state[:, 9], track.state[:, 7])
    assert end - begin <= duration * 1.01
    if found.reach < 0.99 * flammable_cloud(jet("propane", 5.0), F15, **PROPANE).reach:
        assert end - begin == pytest.approx(duration, rel=0.05)


@pytest.mark.parametrize(
    "source", [burst("propane", 2e3), burst("methane", 5e3, 0.0), pool("propane", 20.0, 60.0, 20.0)]
)
@pytest.mark.parametrize("weather", [D5, F15])
def test_mass_of_a_puff_against_a_grid(source, weather):
    cloud = disperse(source, weather)
    if not cloud.is_puff:
        return
    low, high = PROPANE.values()
    found = flammable_cloud(source, weather, low, high)
    table, areas = cloud.puff(0.0), []
    for node in table.nodes:
        share = math.exp(node[LOG_AXIS] + node[LOG_SHARE])
        r = np.linspace(0.0, node[FLAT] + 6.0 * node[EDGE], 2000)
        burns = np.array([shape_kernel(each, node[EDGE], node[FLAT]) for each in r]) * share > low
        areas.append(node[STRETCH] * r[burns].max() ** 2 if burns.any() else 0.0)
    # taken when the area is largest
    k = int(np.argmin(abs(table.nodes[:, CENTRE] - found.centre)))
    node, area = table.nodes[k], areas[k]
    assert area > 0.99 * max(areas)
    assert found.half_width**2 * node[STRETCH] == pytest.approx(area, rel=0.01)
    assert found.reach == pytest.approx(node[CENTRE] + math.sqrt(area * node[STRETCH]), rel=0.01)
    r = np.linspace(0.0, node[FLAT] + 6.0 * node[EDGE], 800)
    z = np.linspace(0.0, 5.0 * node[SCALE], 800)
    across = np.array([shape_kernel(each, node[EDGE], node[FLAT]) for each in r])
    shape = across[:, None] * np.exp(-((z / node[SCALE]) ** node[POWER]))
    share = shape * math.exp(node[LOG_AXIS] + node[LOG_SHARE])
    c = shape * math.exp(node[LOG_AXIS]) * node[STRETCH] * 2.0 * math.pi * r[:, None]
    for value, upper in ((found.mass_above_lfl, 2.0), (found.mass, high)):
        burns = (share >= low) & (share < upper)
        assert value == pytest.approx(integrate.trapezoid(integrate.trapezoid(c * burns, z), r), rel=0.02)
    assert found.mass_above_lfl <= source.mass * 1.001


@pytest.mark.parametrize(
    "source", [pool("methane", 50.0, 600.0, 20.0), jet("propane", 5.0), jet("propane", 5.0, height=2.0)]
)
def test_outline_is_where_the_limit_is_reached(source):
    found, cloud = flammable_cloud(source, D5, **PROPANE), disperse(source, D5)
    inside = (found.distance > found.start + 0.5) & (found.distance < found.reach)
    edges = []
    for x, _, share, _, y, z in slices(cloud, np.linspace(2.0, 0.9 * found.reach, 25)):
        near = share[:, z <= 1.0]
        if near.size and near.max() > 0.021:
            edges.append((x, y[(near.max(axis=1) > 0.021)].max()))
    x, edge = np.array(edges).T
    ours = np.interp(x, found.distance, found.edge)
    np.testing.assert_allclose(ours, edge, rtol=0.03, atol=0.15)
    assert found.half_width == found.edge.max()
    assert inside.any()


# ---- flash fire


def brute_cover(cloud, radius, angle):
    """Whether polar points are inside the outline."""
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    inside = (x >= cloud.distance[0]) & (x <= cloud.distance[-1])
    return inside & (y <= np.interp(x, cloud.distance, cloud.edge))


@pytest.mark.parametrize(
    "source",
    [pool("methane", 50.0, 600.0, 20.0), jet("propane", 5.0), jet("propane", 2.0, 4.0), burst("propane", 2e3)],
)
@pytest.mark.parametrize("weather", [D5, F15, Weather(2.0, "B")])
def test_footprint_is_the_inside_of_the_outline(source, weather):
    fire = FlashFire(source=source, weather=weather, **PROPANE)
    footprint = fire.footprint(GRID)
    ends, samples = np.cumsum(footprint.count), 40
    fine = (np.arange(360 * samples) + 0.5) * GRID.bin_width / samples
    for ring in range(GRID.n_rings):
        expected = brute_cover(fire.cloud, GRID.radius[ring], fine).reshape(360, samples).mean(axis=1)
        count = footprint.count[ring]
        found = np.zeros(360)
        found[:count] = footprint.lethality[INDIVIDUAL, ends[ring] - count : ends[ring]]
        assert abs(found - expected).max() <= 1.5 / samples
    np.testing.assert_array_equal(footprint.lethality[INDIVIDUAL], footprint.lethality[INDOOR])
    assert fire.casualty_radii()["death_m"] == fire.cloud.reach


def test_shallow_layers_burn_too():
    # flammable only below 1 m: people stand in it
    source = pool("propane", 5.0, 1200.0, 10.0)
    found = flammable_cloud(source, Weather(2.0, "F"), **PROPANE)
    assert found.mass > 100.0
    assert found.reach > 50.0


def test_nothing_to_burn():
    fire = FlashFire(source=jet("propane", 1e-3, height=30.0), weather=D5, **PROPANE)
    assert fire.cloud.reach == 0.0
    assert fire.cloud.mass < 1e-3
    assert fire.footprint(GRID).count.sum() == 0
    assert fire.casualty_radii()["death_m"] is None
    # a wide pool in strong wind stays below the limit all over
    weak = FlashFire(source=pool("propane", 11.6, 3600.0, 100.0), weather=Weather(12.0, "D"), **PROPANE)
    assert weak.cloud.reach < 60.0


@settings(max_examples=30)
@given(rate=st.floats(0.1, 100.0), factor=st.floats(1.1, 10.0), weather=st.sampled_from([D5, B3, Weather(2.0, "F")]))
def test_larger_release_burns_farther(rate, factor, weather):
    small = flammable_cloud(jet("propane", rate), weather, **PROPANE)
    large = flammable_cloud(jet("propane", factor * rate), weather, **PROPANE)
    assert large.reach >= small.reach
    assert large.mass_above_lfl > small.mass_above_lfl
    assert 0.0 <= small.mass <= small.mass_above_lfl <= 1800.0 * rate


@pytest.mark.parametrize("stability", ["B", "D", "F"])
def test_light_wind_does_not_put_the_cloud_out(stability):
    # down to the calm the distance to the limit changes smoothly with the wind
    source = pool("methane", 100.0, 3600.0, 27.0)
    weathers = [Weather(wind, stability, roughness=0.01) for wind in (0.5, 0.7, 1.0, 1.4, 2.0, 3.0)]
    reach = [flammable_cloud(source, weather, **METHANE).reach for weather in weathers]
    assert min(reach) > 100.0
    assert max(np.abs(np.diff(np.log(reach)))) < 0.7


@pytest.mark.parametrize(
    ("lfl", "ufl"), [(0.0, 0.1), (0.2, 0.1), (0.1, 1.5), (math.nan, 0.1), (0.02, math.nan), (2.1, 9.5), (-0.1, 0.1)]
)
def test_bad_limits(lfl, ufl):
    with pytest.raises(OutOfRange):
        FlashFire(source=jet("propane", 1.0), weather=D5, lfl=lfl, ufl=ufl)
    with pytest.raises(OutOfRange):
        flammable_cloud(jet("propane", 1.0), D5, lfl, ufl)


@pytest.mark.parametrize(
    ("time", "height"), [(math.nan, 1.0), (0.0, 1.0), (4000.0, 1.0), (20.0, -1.0), (20.0, math.nan)]
)
def test_bad_averaging_and_height(time, height):
    with pytest.raises(OutOfRange):
        flammable_cloud(jet("propane", 1.0), D5, 0.02, 0.1, time, height)


def test_a_plume_too_rich_to_explode_has_its_centre_amid_its_outline():
    """Over the upper limit everywhere near the ground: no explosive mass, of which there could be a centre."""
    found = np.zeros((1 + max(ABOVE, BETWEEN, DISTANCE, ARRIVAL, HALF_WIDTH), 5))
    found[DISTANCE], found[ARRIVAL] = [10.0, 20.0, 30.0, 40.0, 50.0], [2.0, 4.0, 6.0, 8.0, 10.0]
    found[ABOVE], found[HALF_WIDTH] = 1.0, 3.0
    cloud = _plume(found, 600.0)
    assert (cloud.mass, cloud.start, cloud.reach, cloud.centre) == (0.0, 10.0, 50.0, 30.0)
