"""Flights of fragments against exact solutions and another integrator; hits; numbers; bad input."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.blast import fragments as f
from parkrisk.models.blast.flight import flight
from parkrisk.models.errors import OutOfRange

G = 9.80665


@pytest.mark.kernel
@pytest.mark.parametrize("elevation", [0.1, 0.5, math.pi / 4, 1.2])
def test_without_drag_it_is_a_parabola(elevation):
    distance, slope, speed = flight(120.0, elevation)
    assert distance == pytest.approx(120.0**2 * math.sin(2 * elevation) / G, rel=1e-4)
    assert slope == pytest.approx(1.0 / math.tan(elevation), rel=1e-3)
    assert speed == pytest.approx(120.0, rel=1e-4)


@pytest.mark.kernel
@pytest.mark.parametrize("drag", [1e-4, 1e-3, 1e-2, 0.1])
def test_upright_with_drag(drag):
    # exact: comes down with v / sqrt(1 + k v²/g)
    distance, _, speed = flight(80.0, 0.5 * math.pi, drag)
    assert speed == pytest.approx(80.0 / math.sqrt(1.0 + drag * 80.0**2 / G), rel=1e-3)
    assert distance == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("speed", "elevation", "drag"), [(100.0, 0.7, 1e-3), (300.0, 0.3, 5e-3), (50.0, 1.2, 0.02)])
def test_another_integrator(speed, elevation, drag):
    from scipy.integrate import solve_ivp

    def rates(_, state):
        v = math.hypot(state[2], state[3])
        return [state[2], state[3], -drag * v * state[2], -drag * v * state[3] - G]

    def ground(_, state):
        return state[1]

    ground.terminal, ground.direction = True, -1
    start = [0.0, 1e-9, speed * math.cos(elevation), speed * math.sin(elevation)]
    exact = solve_ivp(rates, (0.0, 500.0), start, events=ground, rtol=1e-9, atol=1e-9).y[:, -1]
    distance, slope, impact = flight(speed, elevation, drag)
    assert distance == pytest.approx(exact[0], rel=5e-4)
    assert slope == pytest.approx(exact[2] / -exact[3], rel=2e-3)
    assert impact == pytest.approx(math.hypot(exact[2], exact[3]), rel=1e-3)


@given(st.floats(5.0, 500.0), st.floats(0.05, 1.5), st.floats(1e-4, 0.05))
@settings(max_examples=60, deadline=None)
def test_drag_shortens(speed, elevation, drag):
    free, held, more = (flight(speed, elevation, k)[0] for k in (0.0, drag, 2.0 * drag))
    assert more <= held <= free * (1.0 + 1e-3)


def pieces(**values):
    return f.Fragments(**{"number": 1.0, "mass": 500.0, "speed": 80.0, "drag_area": 1.0} | values)


@pytest.mark.parametrize("isotropic", [True, False])
def test_every_fragment_lands_somewhere(isotropic):
    thrown = pieces(isotropic=isotropic)
    edges = np.linspace(0.0, 1.01 * thrown.reach, 60)
    shares = [thrown.landing_share(a, b) for a, b in itertools.pairwise(edges)]
    assert min(shares) >= 0.0
    assert sum(shares) == pytest.approx(1.0, abs=1e-9)
    assert thrown.landing_share(thrown.reach, 1e5) == pytest.approx(0.0, abs=1e-9)


def test_drag_free_share_is_exact():
    # isotropic: elevations of less than 15 or more than 75 degrees fall within half of the reach
    thrown = pieces(drag_area=0.0)
    assert thrown.reach == pytest.approx(80.0**2 / G, rel=1e-4)
    low, high = math.radians(15.0), math.radians(75.0)
    exact = math.sin(low) + 1.0 - math.sin(high)
    assert thrown.landing_share(0.0, 0.5 * 80.0**2 / G) == pytest.approx(exact, rel=2e-3)


def test_hits_of_a_low_target_sum_to_the_landings():
    thrown = pieces(drag_area=0.0)
    distance, depth = np.arange(105.0, 400.0, 10.0), 10.0
    hits = thrown.impact_probability(distance, 0.1, 1e-9, depth)
    around = hits / (np.arctan(0.05 / distance) / math.pi)
    assert around.sum() == pytest.approx(thrown.landing_share(100.0, 400.0), rel=1e-6)


@given(st.floats(1.0, 600.0), st.floats(1.0, 30.0), st.floats(1.0, 30.0), st.floats(1.0, 30.0), st.floats(1.1, 3.0))
@settings(max_examples=60, deadline=None)
def test_larger_targets_are_hit_more_often(distance, width, height, depth, more):
    thrown = pieces(number=3.0)
    small = thrown.impact_probability(distance, width, height, depth)
    assert 0.0 <= small <= 1.0
    for sizes in ((width * more, height, depth), (width, height * more, depth), (width, height, depth * more)):
        assert thrown.impact_probability(distance, *sizes) >= small - 1e-12


def test_numbers_of_hits():
    one, ten = pieces(), pieces(number=10.0)
    p = float(one.impact_probability(150.0, 10.0, 10.0, 10.0))
    assert 0.0 < p < 0.1
    assert ten.impact_probability(150.0, 10.0, 10.0, 10.0) == pytest.approx(1.0 - (1.0 - p) ** 10, rel=1e-9)
    assert one.impact_probability(1e4, 10.0, 10.0, 10.0) == 0.0
    assert one.impact_probability(4.0, 10.0, 10.0, 10.0) == pytest.approx(1.0)


def test_shell_speed():
    # a light shell around heavy gas: the energy is shared by both
    assert f.shell_speed(1e6, 1e3, 2e3, "cylinder") == pytest.approx(math.sqrt(2e6 / 2e3))
    assert f.shell_speed(1e6, 1e3, 1e3, "sphere") == pytest.approx(math.sqrt(2e6 / 1.6e3))
    # Moore: 1.092 sqrt(E / M) is 0.6 of the energy
    assert f.shell_speed(0.6e6, 1e3, 0.0) == pytest.approx(1.092 * math.sqrt(1e6 / 1e3), rel=5e-3)


@given(st.floats(1.05, 4.8))
@settings(max_examples=40, deadline=None)
def test_numbers_have_their_mean(mean):
    found = f.number_distribution(mean)
    assert found.sum() == pytest.approx(1.0)
    assert found @ np.arange(1, 10) == pytest.approx(mean, rel=1e-9)
    ratio = found[1:] / found[:-1]
    np.testing.assert_allclose(ratio, ratio[0])


def test_plates_of_a_tank():
    tank = f.plate_fragments(2e8, 10_000.0, 0.02, content_mass=500.0)
    assert tank.flags == ("unverified:fragments",)
    sure = f.plate_fragments(2e8, 10_000.0, 0.02, content_mass=500.0, number=4.0, kinetic_share=0.1)
    assert sure.flags == ()
    assert sure.mass == 2500.0
    assert sure.speed == pytest.approx(math.sqrt(2.0 * 2e7 / 10_250.0))
    assert sure.impact_energy <= 0.5 * 2500.0 * sure.speed**2 * 1.001
    assert sure.reach < sure.speed**2 / G
    assert hash(sure) == hash(f.plate_fragments(2e8, 10_000.0, 0.02, content_mass=500.0, number=4.0, kinetic_share=0.1))
    assert [share for share, _ in f.bleve_ranges(1e4)] == [0.9, 1.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: flight(-1.0, 0.5),
        lambda: flight(100.0, 2.0),
        lambda: flight(100.0, 0.5, -1e-3),
        lambda: flight(math.nan, 0.5),
        lambda: f.shell_speed(1e6, 0.0, 1.0),
        lambda: f.shell_speed(1e6, 1.0, -1.0),
        lambda: f.shell_speed(1e6, 1.0, 1.0, "cube"),
        lambda: f.number_distribution(5.0),
        lambda: f.number_distribution(1.0),
        lambda: pieces(mass=0.0),
        lambda: pieces(drag_area=-1.0),
        lambda: pieces(speed=1e4),
        lambda: pieces().impact_probability(-1.0, 1.0, 1.0, 1.0),
        lambda: pieces().impact_probability(1.0, 0.0, 1.0, 1.0),
        lambda: pieces().impact_probability(1.0, 1.0, 1.0, 1.0, -1.0),
        lambda: pieces(thickness=-1.0),
        lambda: pieces().landing_share(2.0, 1.0),
        lambda: f.plate_fragments(2e8, 1e4, 0.02, kinetic_share=1.5),
        lambda: f.plate_fragments(2e8, 1e4, 0.0),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()


def _exact_drag_free(speed, distance, width, height, depth):
    """Share of a fine grid of elevations whose parabola enters a box, times the azimuths of its front."""
    sine = (np.arange(400_000) + 0.5) / 400_000
    slope = sine / np.sqrt(1.0 - sine**2)
    bend = 0.5 * G / (speed**2 * (1.0 - sine**2))
    front, back = ((slope - bend * x) * x for x in (distance - 0.5 * depth, distance + 0.5 * depth))
    hit = (front >= 0.0) & (np.minimum(front, back) <= height)
    return math.atan(0.5 * width / distance) / math.pi * hit.mean()


@pytest.mark.parametrize("speed", [20.0, 60.0, 200.0])
@pytest.mark.parametrize("box", [(15.0, 20.0, 12.0, 20.0), (35.0, 5.0, 3.0, 5.0), (120.0, 20.0, 30.0, 15.0)])
def test_hits_without_drag_are_exact(speed, box):
    thrown = pieces(drag_area=0.0, speed=speed)
    exact = _exact_drag_free(speed, *box)
    assert thrown.impact_probability(*box) == pytest.approx(exact, rel=0.02, abs=2e-6)


def test_near_targets_are_hit_on_the_way_up():
    # so fast that flights are straight: elevations up to that of the top of the front, uniform in their sine
    thrown = pieces(drag_area=0.0, speed=2000.0)
    exact = math.atan(10.0 / 30.0) / math.pi * math.sin(math.atan2(12.0, 20.0))
    assert thrown.impact_probability(30.0, 20.0, 12.0, 20.0) == pytest.approx(exact, rel=0.01)


def _thrown_at(fragments, distance, width, height, depth, n=6000):
    """Monte Carlo: fragments thrown upward in all directions, each followed until it is down or beyond the box."""
    rng = np.random.default_rng(7)
    sine = rng.random(n)
    v = fragments.speed * np.column_stack([np.sqrt(1.0 - sine**2), sine])
    x, y, hit, flies = np.zeros(n), np.zeros(n), np.zeros(n, bool), np.ones(n, bool)
    step = 0.1 * depth / fragments.speed
    while flies.any():
        v -= step * (fragments.drag * np.hypot(*v.T)[:, None] * v + np.array([0.0, G]))
        x, y = x + step * v[:, 0], y + step * v[:, 1]
        hit |= flies & (np.abs(x - distance) <= 0.5 * depth) & (y <= height)
        flies &= ~hit & (y > 0.0) & (x <= distance + 0.5 * depth)
    share = hit.mean()
    azimuth = math.atan(0.5 * width / distance) / math.pi
    return azimuth * share, azimuth * math.sqrt(share * (1.0 - share) / n)


@pytest.mark.parametrize("box", [(25.0, 20.0, 15.0, 20.0), (70.0, 20.0, 15.0, 20.0), (150.0, 20.0, 15.0, 20.0)])
@pytest.mark.parametrize(("speed", "area"), [(60.0, 2.0), (150.0, 5.0)])
def test_hits_with_drag_against_monte_carlo(box, speed, area):
    thrown = pieces(mass=2000.0, drag_area=area, speed=speed)
    sampled, error = _thrown_at(thrown, *box)
    assert thrown.impact_probability(*box) == pytest.approx(sampled, abs=4.0 * error + 0.03 * sampled)


def test_hits_become_rarer_with_distance():
    thrown = f.plate_fragments(2e9, 50_000.0, 0.02)
    near, middle, far = thrown.impact_probability([30.0, 100.0, 0.6 * thrown.reach], 20.0, 15.0, 20.0)
    assert near > 3.0 * middle > 9.0 * far > 0.0


def test_slow_hits_do_not_count():
    thrown = pieces(number=2.0, drag_area=5.0)
    every, strong, none = thrown.impact_probability(60.0, 20.0, 15.0, 20.0, [0.0, 50.0, 81.0])
    assert every > strong > none == 0.0
    assert thrown.impact_probability(5.0, 20.0, 15.0, 20.0, 81.0) == 0.0  # not even next to the vessel


def test_shell_of_a_vessel():
    # 1000 m³ sphere at 10 bar gauge: t = p d / (4 S), mass = π d² t ρ
    burst = f.VesselBurst(1e9, 1000.0, 1.0e6 + 101_325.0, 1.3, 1.0)
    thrown = f.vessel_fragments(burst, 1000.0, 0.0, 0.0)
    d = (6000.0 / math.pi) ** (1.0 / 3.0)
    stress, count, share = (
        f.constants("fragments")[name].value for name in ("design_stress", "mean_number", "kinetic_share")
    )
    t = 1.0e6 * d / (4.0 * stress)
    assert thrown.thickness == pytest.approx(t)
    assert thrown.number * thrown.mass == pytest.approx(math.pi * d**2 * t * 7850.0)
    assert thrown.breadth**2 * thrown.number == pytest.approx(math.pi * d**2)
    assert thrown.speed == pytest.approx(math.sqrt(2.0 * share * 1e9 / (count * thrown.mass)))
    assert thrown.flags == ("unverified:fragments",)
    long = f.vessel_fragments(burst, 1000.0, 4.0, 0.0)
    assert long.thickness == pytest.approx(1.0e6 * 4.0 / (2.0 * stress))
    assert long.breadth**2 * long.number == pytest.approx(math.pi * 4.0 * 1000.0 / (4.0 * math.pi) + 8.0 * math.pi)
    # what it holds slows it down; at low pressure the shell is as thin as shells are
    assert f.vessel_fragments(burst, 1000.0, 0.0, 5e5).speed < 0.6 * thrown.speed
    soft = f.VesselBurst(1e7, 1000.0, 1.2e5, 1.3, 1.0)
    assert f.vessel_fragments(soft, 1000.0, 0.0, 0.0).thickness == f.constants("fragments")["least_shell"].value
