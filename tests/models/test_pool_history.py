"""Pools over time: exact solutions, a second method, what must hold for every history."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import erfcx

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.pool.evaporation import boiling_pool_area, evaporation_flux, ground
from parkrisk.models.pool.heat import PoolNumbers, evaporation_kernel, pool_numbers, step_kernel, vapour_curve
from parkrisk.models.pool.history import pool_history
from parkrisk.models.pool.steps import AREA, EVAPORATED, MASS, TEMPERATURE, TIME, history_kernel, spread_kernel
from parkrisk.models.substance.substances import find

NEUTRAL = Weather(5.0, "D")
NONE = np.empty(0)

#: A cold liquid on warm concrete, in no wind and no radiation.
BARE = PoolNumbers(
    density=700.0,
    heat_capacity=2000.0,
    heat_of_vaporisation=4.0e5,
    liquid_temperature=250.0,
    boiling_point=250.0,
    boiling_onset=249.97,
    a=math.log(101_325.0) + 16.0,
    b=4000.0,
    c=0.0,
    molar_mass=0.05,
    ambient_pressure=101_325.0,
    mass_transfer=0.0,
    heat_transfer=0.0,
    air_temperature=290.0,
    emissivity=0.0,
    sunshine=0.0,
    ground_temperature=290.0,
    ground_effusion=900.0,
    ground_transfer=0.0,
    minimum_depth=0.005,
    gravity=9.80665,
)


@pytest.mark.kernel
def test_a_spill_begins_as_a_cylinder_as_high_as_its_radius():
    for mass, bund in ((7000.0, math.inf), (7000.0, 5.0)):
        table = history_kernel(mass, NONE, NONE, bund, math.inf, 1.0, BARE)
        radius = (mass / BARE.density / math.pi) ** (1.0 / 3.0)
        assert table[0, AREA] == pytest.approx(min(math.pi * radius**2, bund), rel=1e-12)
        assert (table[0, TIME], table[0, TEMPERATURE], table[0, EVAPORATED]) == (0.0, BARE.liquid_temperature, 0.0)


def test_boiling_on_a_fixed_area_goes_with_the_root_of_time():
    """All heat of the ground boils the liquid: 2 effusion ΔT area √t / heat of vaporisation."""
    table = history_kernel(1.0e5, NONE, NONE, 10.0, math.inf, 3600.0, BARE)
    expected = 2.0 * 900.0 * 40.0 * 10.0 * np.sqrt(table[1:, TIME]) / 4.0e5
    assert table[1:, EVAPORATED] == pytest.approx(expected, rel=1e-9)
    assert np.all(table[:, TEMPERATURE] == 250.0)
    assert np.all(table[:, AREA] == 10.0)


@pytest.mark.kernel
def test_a_pool_that_boils_on_a_fixed_area_is_dry_when_the_ground_has_given_the_heat():
    table = history_kernel(500.0, NONE, NONE, 10.0, math.inf, 1e6, BARE)
    dry = (500.0 * 4.0e5 / (2.0 * 900.0 * 40.0 * 10.0)) ** 2
    assert table[-1, TIME] == pytest.approx(dry, rel=0.01)
    assert table[-1, EVAPORATED] == pytest.approx(500.0, rel=1e-12)
    assert table[-1, MASS] == 0.0
    assert (table[:-1, MASS] > 0.0).all(), "it ends there"


@pytest.mark.kernel
def test_more_heat_gives_more_vapour_without_a_jump_where_boiling_begins():
    """Evaporation into the wind takes up the heat until it is as brisk as it gets; then the pool boils."""
    windy = BARE._replace(mass_transfer=3e-3, boiling_point=300.0, boiling_onset=299.97, b=4800.0)
    area, duration, response = 20.0, 10.0, 4e5
    narrowing = (2.0 * math.sqrt(area / math.pi)) ** -0.11
    briskest = evaporation_kernel(windy.boiling_onset, 3e-3 * narrowing, windy)[0] * area
    heat = response * 299.97 + briskest * duration * windy.heat_of_vaporisation * np.linspace(0.6, 1.6, 1001)
    temperature, vapour = np.array([step_kernel(each, response, area, duration, 290.0, windy) for each in heat]).T
    assert (np.diff(vapour) >= 0.0).all()
    assert np.diff(vapour).max() < 0.0015 * briskest
    assert (np.diff(temperature) >= 0.0).all()
    between = (temperature > 299.97) & (temperature < 300.0)
    assert vapour[between] == pytest.approx(briskest, rel=1e-9)
    boils = temperature == 300.0
    left = heat[boils] - response * 300.0
    assert vapour[boils] == pytest.approx(left / (windy.heat_of_vaporisation * duration), rel=1e-9)
    assert between.any()
    assert boils.any()
    assert (temperature < 299.9).any()


def test_a_pool_that_gives_no_vapour_warms_as_a_stirred_layer_on_a_half_space():
    """T_g − T = (T_g − T_0) exp(b²t) erfc(b√t), b = effusion √π / (ρ h c); Carslaw and Jaeger, section 12.4."""
    numbers = BARE._replace(a=-1000.0, b=0.0, boiling_point=400.0, boiling_onset=400.0)
    mass = 700.0 * math.pi * 0.05**3  # as deep as its bund is wide
    table = history_kernel(mass, NONE, NONE, math.pi * 0.05**2, math.inf, 20_000.0, numbers)
    b = 900.0 * math.sqrt(math.pi) / (700.0 * 0.05 * 2000.0)
    assert table[:, TEMPERATURE] == pytest.approx(290.0 - 40.0 * erfcx(b * np.sqrt(table[:, TIME])), abs=0.02)
    assert table[-1, TEMPERATURE] > 280.0
    assert np.all(table[:, EVAPORATED] == 0.0)


def test_a_boiling_inflow_covers_the_area_of_abels_equation():
    """Nothing collects on ideally flat ground under strong gravity, so the area is that of ``boiling_pool_area``."""
    numbers = pool_numbers(find("ammonia"), NEUTRAL, 240.0, 293.15, "concrete", 0.0)._replace(
        mass_transfer=0.0, heat_transfer=0.0, emissivity=0.0, minimum_depth=1e-9, gravity=1e9
    )
    table = history_kernel(0.0, np.array([900.0]), np.array([12.0]), math.inf, math.inf, 900.0, numbers)
    for time in (1.0, 60.0, 900.0):
        area = np.interp(time, table[:, TIME], table[:, AREA])
        exact = boiling_pool_area(
            12.0, numbers.boiling_point, numbers.heat_of_vaporisation, 293.15, ground("concrete"), time
        )
        assert area == pytest.approx(exact, rel=1e-3)
    assert table[-1, EVAPORATED] == pytest.approx(12.0 * 900.0, rel=1e-3)


@pytest.mark.kernel
def test_spread_of_a_volume_at_once():
    """r² = r0² + √(8 g V/π) t, Shaw and Briscoe, as long as no least depth stops it."""
    area = spread_kernel(20.0, 57.0, 10.0, 9.80665, 0.0)
    assert area / math.pi == pytest.approx(20.0 / math.pi + math.sqrt(8.0 * 9.80665 * 57.0 / math.pi) * 10.0)
    assert spread_kernel(20.0, 57.0, 10.0, 9.80665, 1e-9) == pytest.approx(area, rel=1e-6)
    assert spread_kernel(20.0, 57.0, 1.0e4, 9.80665, 0.005) == pytest.approx(57.0 / 0.005)
    assert spread_kernel(20.0, 0.01, 10.0, 9.80665, 0.005) == 20.0
    halfway = spread_kernel(20.0, 57.0, 40.0, 9.80665, 0.005)
    assert spread_kernel(halfway, 57.0, 40.0, 9.80665, 0.005) == pytest.approx(
        spread_kernel(20.0, 57.0, 80.0, 9.80665, 0.005)
    )


def test_spread_of_a_constant_inflow():
    """r = (32 g q / (9π))^¼ t^¾, Shaw and Briscoe."""
    numbers = BARE._replace(ground_effusion=0.0, minimum_depth=1e-9)
    table = history_kernel(0.0, np.array([200.0]), np.array([7.0]), math.inf, math.inf, 200.0, numbers)
    radius = (32.0 * 9.80665 * 0.01 / (9.0 * math.pi)) ** 0.25 * 200.0**0.75
    assert math.sqrt(table[-1, AREA] / math.pi) == pytest.approx(radius, rel=0.02)


def test_a_fed_pool_without_ground_comes_to_its_balance():
    """The quasi-steady balance: what flows in evaporates, at the temperature at which the air's heat covers it."""
    toluene, rate = find("toluene"), 0.2
    numbers = pool_numbers(toluene, NEUTRAL, 293.15, 293.15, "concrete", 0.0)._replace(ground_effusion=0.0)
    table = history_kernel(0.0, np.array([1e5]), np.array([rate]), math.inf, math.inf, 1e5, numbers)

    def area(temperature: float) -> float:
        def surplus(width: float) -> float:
            pressure = toluene.vapour_pressure(temperature)
            flux = evaporation_flux(pressure, toluene.molar_mass, temperature, NEUTRAL, width)
            return flux * 0.25 * math.pi * width**2 - rate

        return 0.25 * math.pi * float(brentq(surplus, 0.1, 500.0)) ** 2

    def gain(temperature: float) -> float:
        covered = area(temperature)
        width = math.sqrt(4.0 * covered / math.pi)
        convection = 0.004786 * 5.0**0.78 * width**-0.11 * 0.71**-0.67 * 1.2 * 1006.0 * (293.15 - temperature)
        radiation = 0.97 * 5.670374419e-8 * (293.15**4 - temperature**4)
        store = toluene.liquid_heat_capacity(293.15) * (293.15 - temperature)
        return covered * (convection + radiation) + rate * (store - toluene.heat_of_vaporisation(293.15))

    temperature = float(brentq(gain, 270.0, 293.0))
    assert table[-1, TEMPERATURE] == pytest.approx(temperature, abs=0.2)
    assert table[-1, AREA] == pytest.approx(area(temperature), rel=0.01)
    last = table[-1] - table[-2]
    assert last[EVAPORATED] / last[TIME] == pytest.approx(rate, rel=1e-3)


def by_lines(substance, mass, start, area, end):
    """Second method: pool and ground as one system of equations, the ground in layers, by a stiff solver."""
    land = ground("concrete")
    edges = np.concatenate([[0.0], np.geomspace(2e-4, 0.6, 60)])
    middles, thickness = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    grid = np.linspace(150.0, 293.0, 600)
    grid = grid[(grid > start - 60.0) & (grid < substance.boiling_point - 0.05)]
    known = []
    for each in grid:
        try:
            known.append((each, math.log(substance.vapour_pressure(each))))
        except OutOfRange:
            continue
    temperatures, logarithms = np.array(known).T
    width = math.sqrt(4.0 * area / math.pi)
    heat, capacity = substance.heat_of_vaporisation(start), substance.liquid_heat_capacity(start)
    convection = 0.004786 * 5.0**0.78 * width**-0.11 * 0.71**-0.67 * 1.2041 * 1006.0

    def change(_, state):
        pool, left = state[0], state[1]
        flux = evaporation_flux(
            math.exp(np.interp(pool, temperatures, logarithms)), substance.molar_mass, pool, NEUTRAL, width
        )
        layers = np.concatenate([[pool], state[2:]])
        places = np.concatenate([[0.0], middles])
        upward = land.conductivity * np.diff(layers) / np.diff(places)
        gain = upward[0] + convection * (293.15 - pool) + 0.97 * 5.670374419e-8 * (293.15**4 - pool**4)
        out = np.empty(state.size)
        out[0], out[1] = (gain - flux * heat) * area / (left * capacity), -flux * area
        out[2:] = land.diffusivity / land.conductivity * np.diff(upward, append=0.0) / thickness
        return out

    first = np.concatenate([[start, mass], np.full(middles.size, 293.15)])
    solved = solve_ivp(change, (0.0, end), first, method="BDF", rtol=1e-6, atol=1e-6)
    assert solved.success
    return solved.y[0, -1], mass - solved.y[1, -1]


@pytest.mark.parametrize(
    ("key", "start"), [("toluene", 293.15), ("acrylonitrile", 293.15), ("ammonia", 238.0), ("methanol", 293.15)]
)
@pytest.mark.parametrize("end", [60.0, 1800.0])
def test_a_bunded_pool_agrees_with_layers_of_ground(key, start, end):
    substance = find(key)
    mass, area = 9000.0, 6.0  # the cylinder at the start is wider than the bund
    found = pool_history(substance, start, NEUTRAL, at_once=mass, bund_area=area, horizon=end)
    temperature, evaporated = by_lines(substance, mass, start, area, end)
    assert found.time[-1] == end
    assert found.evaporated[-1] == pytest.approx(evaporated, rel=0.01)
    assert found.temperature[-1] == pytest.approx(temperature, abs=0.15)


def test_convection_gives_a_third_of_the_heat_of_a_nitrogen_pool_after_ten_minutes():
    """Up to 30 % was measured on concrete with 2 to 3 m/s of wind; Olewski et al., Chem. Eng. Trans. 31 (2013) 133."""
    nitrogen, land = find("nitrogen"), ground("concrete")
    numbers = pool_numbers(nitrogen, Weather(2.5, "D"), 77.0, 293.15, "concrete", 0.0)
    difference = 293.15 - nitrogen.boiling_point
    convection = numbers.heat_transfer * 1.0**-0.11 * difference
    conduction = land.effusion / math.sqrt(600.0) * difference
    assert convection / (convection + conduction) == pytest.approx(0.3, abs=0.06)


cases = st.tuples(
    st.sampled_from(["benzene", "acrylonitrile", "gasoline", "ammonia", "chlorine", "propane", "methane"]),
    st.floats(1.0, 1.0e5),
    st.floats(100.0, 1.0e4) | st.none(),
    st.sampled_from(["concrete", "insulated_concrete", "soil", "gravel"]),
    st.floats(1.0, 10.0),
    st.floats(283.0, 308.0),
    st.just(math.inf) | st.floats(5.0, 5000.0),
)


def history(case, *, horizon=3600.0, **more):
    key, mass, time, surface, wind, air, bund = case
    supply = {"at_once": mass} if time is None else {"ends": [time], "rates": [mass / time]}
    usual = {"bund_area": bund, "surface": surface, "horizon": horizon, **supply}
    wind = more.pop("wind", wind)
    return pool_history(find(key), 293.15, Weather(wind, "D", air), **{**usual, **more})


@settings(deadline=None, max_examples=100)
@given(cases)
def test_mass_is_kept_and_nothing_runs_backwards(case):
    found = history(case)
    spilt = case[1] if case[2] is None else case[1] * np.minimum(found.time / case[2], 1.0)
    assert found.mass + found.evaporated == pytest.approx(np.broadcast_to(spilt, found.time.shape), rel=1e-12)
    assert np.all(np.diff(found.time) > 0.0)
    assert np.all(np.diff(found.diameter) >= 0.0)
    assert np.all(found.vapour_rate >= 0.0)
    assert np.all(found.mass >= 0.0)
    assert np.sum(found.vapour_rate[1:] * np.diff(found.time)) == pytest.approx(found.evaporated[-1], rel=1e-12)
    assert np.all(found.temperature <= find(case[0]).boiling_temperature(101_325.0) + 1e-6)
    assert 0.25 * math.pi * found.diameter[-1] ** 2 <= case[6] * (1.0 + 1e-12)
    assert 30 <= found.time.size <= 300


@settings(deadline=None, max_examples=50)
@given(cases, st.floats(10.0, 3000.0))
def test_the_horizon_changes_nothing_before_it(case, horizon):
    short, long = history(case, horizon=horizon), history(case)
    both = short.time.size - 1
    for name in ("time", "diameter", "depth", "temperature", "mass", "evaporated"):
        assert np.array_equal(getattr(short, name)[:both], getattr(long, name)[:both])


@settings(deadline=None, max_examples=50)
@given(cases, st.floats(1.05, 3.0))
def test_more_wind_sun_and_room_evaporate_more(case, factor):
    usual = history(case)
    for more in ({"wind": case[4] * factor}, {"sunshine": 100.0 * factor}, {"bund_area": case[6] * factor}):
        other = history(case, **more)
        time = min(usual.time[-1], other.time[-1])
        before, after = (np.interp(time, each.time, each.evaporated) for each in (usual, other))
        assert after >= before * (1.0 - 2e-3)
        assert other.evaporated[-1] >= usual.evaporated[-1] * (1.0 - 1e-9)


@settings(deadline=None, max_examples=50)
@given(cases, st.floats(1.05, 20.0))
def test_a_bigger_bund_never_makes_the_pool_smaller(case, factor):
    assert history(case, bund_area=case[6] * factor).diameter[-1] >= history(case).diameter[-1]


def test_an_inflow_in_parts_is_the_same_inflow():
    whole = pool_history(find("acetone"), 293.15, NEUTRAL, ends=[900.0], rates=[3.0])
    parts = pool_history(find("acetone"), 293.15, NEUTRAL, ends=[200.0, 470.0, 900.0], rates=[3.0, 3.0, 3.0])
    assert parts.evaporated[-1] == pytest.approx(2700.0, rel=1e-12)
    assert parts.diameter[-1] == pytest.approx(whole.diameter[-1], rel=2e-3)
    for time in (100.0, 600.0, 1500.0):
        one, other = (np.interp(time, each.time, each.evaporated) for each in (whole, parts))
        assert one == pytest.approx(other, rel=0.01)


def test_a_pool_dries_between_two_inflows():
    found = pool_history(find("n-pentane"), 293.15, NEUTRAL, ends=[60.0, 3600.0, 3660.0], rates=[1.0, 0.0, 2.0])
    assert found.mass[np.searchsorted(found.time, 3600.0)] == 0.0
    assert found.evaporated[-1] == pytest.approx(180.0, rel=1e-12)


def test_a_bund_that_overflows():
    usual = {"at_once": 50_000.0, "bund_area": 100.0}
    held = pool_history(find("benzene"), 293.15, NEUTRAL, **usual, bund_height=1.0)
    over = pool_history(find("benzene"), 293.15, NEUTRAL, **usual, bund_height=0.3)
    assert held.flags == ()
    assert held.diameter[-1] == pytest.approx(math.sqrt(400.0 / math.pi))
    assert "pool_overflows_bund" in over.flags
    outside = 0.25 * math.pi * over.diameter[-1] ** 2 - 100.0
    assert outside == pytest.approx((50_000.0 / find("benzene").liquid_density(293.15) - 30.0) / 0.005, rel=0.1)


def test_a_pool_of_the_largest_kind_says_so():
    found = pool_history(find("benzene"), 293.15, NEUTRAL, at_once=1.0e8)
    assert found.flags == ("pool_largest",)
    assert found.diameter[-1] == pytest.approx(2000.0)


def test_every_flag_has_its_text():
    codes = {row["code"] for row in rows("flags")}
    assert {"pool_largest", "pool_on_water", "pool_overflows_bund", "unverified:pool_surface"} <= codes


def test_methane_floats_on_water_and_chloroform_does_not():
    on_water = pool_history(find("methane"), 111.0, NEUTRAL, ends=[300.0], rates=[50.0], surface="water")
    flux = on_water.vapour_rate[1:] / (0.25 * math.pi * on_water.diameter[1:] ** 2)
    # 0.167 to 0.178 kg/(m² s) is used for natural gas on water; wind and radiation add a little.
    assert 0.167 < flux.max() < 0.2
    assert on_water.flags == ("pool_on_water",)
    with pytest.raises(OutOfRange, match="sinks"):
        pool_history(find("chloroform"), 293.15, NEUTRAL, at_once=1.0, surface="water")


def test_vapour_curve_is_exact_where_it_should_be():
    substance = find("acrylonitrile")
    a, b, c = vapour_curve(substance, 101_325.0, 283.15, 293.15)
    for temperature in (253.15, 283.15, 293.15, 320.0, substance.boiling_temperature(101_325.0)):
        assert math.exp(a - b / (temperature + c)) == pytest.approx(substance.vapour_pressure(temperature), rel=0.01)


@pytest.mark.kernel
def test_one_step_without_heat_and_with_much():
    numbers = BARE._replace(mass_transfer=0.01, liquid_temperature=250.0)
    flux, slope = evaporation_kernel(240.0, 0.01, numbers)
    assert slope == pytest.approx((evaporation_kernel(240.01, 0.01, numbers)[0] - flux) / 0.01, rel=1e-3)
    store = 1000.0 * 2000.0
    cold, little = step_kernel(store * 250.0, store, 10.0, 600.0, 250.0, numbers)
    assert cold < 250.0
    assert store * (250.0 - cold) == pytest.approx(little * 4.0e5 * 600.0, rel=1e-6)
    hot, much = step_kernel(store * 250.0 + 5.0e9, store, 10.0, 600.0, 250.0, numbers)
    assert hot == 250.0
    assert much == pytest.approx(5.0e9 / (4.0e5 * 600.0), rel=1e-6)
    between, brisk = step_kernel(store * 249.98, store, 10.0, 1e-6, 250.0, numbers)
    assert 249.97 <= between <= 250.0
    assert little < brisk < much


@pytest.mark.parametrize(
    "more",
    [
        {"at_once": 0.0},
        {"at_once": -1.0},
        {"at_once": math.nan},
        {"temperature": -5.0},
        {"temperature": math.nan},
        {"bund_area": 0.0},
        {"bund_height": 0.0},
        {"bund_area": math.nan},
        {"surface": "lava"},
        {"ground_temperature": -1.0},
        {"sunshine": -1.0},
        {"horizon": 0.0},
        {"horizon": math.inf},
        {"ends": [10.0]},
        {"ends": [10.0, 5.0], "rates": [1.0, 1.0]},
        {"ends": [10.0], "rates": [-1.0]},
        {"ends": [10.0], "rates": [math.nan]},
        {"ends": [math.inf], "rates": [1.0]},
        {"ends": [1.0e7], "rates": [1.0]},
        {"ends": [[10.0]], "rates": [[1.0]]},
        {"weather": Weather(10.0, "F")},
        {"weather": Weather(0.0, "D")},
    ],
)
def test_bad_input_is_refused(more):
    usual = {"substance": find("benzene"), "temperature": 293.15, "weather": NEUTRAL, "at_once": 1000.0}
    with pytest.raises(OutOfRange):
        pool_history(**{**usual, **more})
