"""View factors against the printed table, Mudan's closed form and a numerical surface integral; absorption in air."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire import radiation as r
from tests.validation.measurements import measured


def mudan(x, length, tilt):
    """Closed form in the plane of tilt, radius 1 (Mudan 1987): vertical, horizontal."""
    a, b, s, c = length, x, math.sin(tilt), math.cos(tilt)
    big_a = math.sqrt(a**2 + (b + 1) ** 2 - 2 * a * (b + 1) * s)
    big_b = math.sqrt(a**2 + (b - 1) ** 2 - 2 * a * (b - 1) * s)
    big_c = math.sqrt(1 + (b**2 - 1) * c**2)
    d, e, f = math.sqrt((b - 1) / (b + 1)), a * c / (b - a * s), math.sqrt(b**2 - 1)
    both = math.atan((a * b - f**2 * s) / (f * big_c)) + math.atan(f * s / big_c)
    turn = math.atan(big_a * d / big_b) / (big_a * big_b)
    vertical = -e * math.atan(d) + e * (a**2 + (b + 1) ** 2 - 2 * b * (1 + a * s)) * turn + c / big_c * both
    horizontal = math.atan(1 / d) + s / big_c * both - (a**2 + (b + 1) ** 2 - 2 * (b + 1 + a * b * s)) * turn
    return vertical / math.pi, horizontal / math.pi


def surface_integral(point, lean, height, bottom, top, n=300):
    """Vector view factor by summing cos/(π r²) over every visible patch of the frustum's side and ends."""
    phi, share = np.meshgrid((np.arange(n) + 0.5) / n * 2 * np.pi, (np.arange(n) + 0.5) / n)
    out = np.stack([np.cos(phi), np.sin(phi), 0 * phi], -1)
    along = np.stack([-np.sin(phi), np.cos(phi), 0 * phi], -1)
    axis = np.array([*lean, height])
    radius = (bottom + share * (top - bottom))[..., None]
    total = np.zeros(3)

    def add(place, patch):
        ray = place - point
        squared = (ray**2).sum(-1)
        facing = np.maximum(-(patch * ray).sum(-1), 0.0)
        return (ray * (facing / squared**2)[..., None]).sum((0, 1)) / np.pi

    side = np.cross(radius * along, axis + (top - bottom) * out) * (2 * np.pi / n**2)
    total += add(share[..., None] * axis + radius * out, side)
    for place, size, sign in ((np.zeros(3), bottom, -1.0), (axis, top, 1.0)):
        patch = np.zeros_like(out)
        patch[..., 2] = sign * share * size**2 * 2 * np.pi / n**2
        total += add(place + (share * size)[..., None] * out, patch)
    return total


@pytest.mark.kernel
def test_printed_table_of_the_vertical_cylinder():
    table = measured("viewfactor_vertical_cylinder.csv")
    assert len(table) == 70
    for row in table:
        vertical, horizontal, _ = r.cylinder_view_factor(float(row["X_over_R"]), 1.0, 1.0, float(row["L_over_R"]))
        for ours, printed in ((vertical, row["F_vertical"]), (horizontal, row["F_horizontal"])):
            if printed:
                assert ours == pytest.approx(float(printed), abs=0.001)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("x", "length", "tilt", "vertical", "horizontal"),
    [
        (100.0 / 21.2225, 46.7725 / 21.2225, 50.8286, 0.091915, 0.029146),  # CPR 14E 6.6.3, pool fire
        (14.43166, 11.18, 2.00843, 0.02665, 0.00934),  # CPR 14E 6.6.2 step 29, jet flame
    ],
)
def test_tilted_cylinders_of_the_yellow_book(x, length, tilt, vertical, horizontal):
    ours = r.cylinder_view_factor(x, 0.0, 1.0, length, math.radians(tilt))
    assert ours[0] == pytest.approx(vertical, abs=6e-6)
    assert ours[1] == pytest.approx(horizontal, abs=6e-6)
    assert ours[2] == pytest.approx(math.hypot(vertical, horizontal), abs=6e-6)


@given(st.floats(1.05, 50.0), st.floats(0.1, 20.0), st.floats(0.0, 1.3), st.booleans())
@settings(deadline=None)
def test_in_the_plane_of_tilt_it_is_mudan(x, length, tilt, downwind):
    if downwind and x < 1.05 * (1.0 + length * math.sin(tilt)):
        return  # the flame hangs over the receptor, where the closed form is invalid
    ours = r.cylinder_view_factor(x, 0.0 if downwind else math.pi, 1.0, length, tilt)
    assert ours[:2] == pytest.approx(mudan(x, length, tilt if downwind else -tilt), rel=1e-6, abs=1e-9)


def test_any_position_against_the_surface_integral():
    # beside, under and above leaning frusta, at every bearing
    rng = np.random.default_rng(20)
    for height in (-2.0, 0.0, 0.4, 2.5):
        for _ in range(5):
            lean, bottom, top = rng.normal(size=2) * 2.0, rng.uniform(0.05, 1.5), rng.uniform(0.3, 2.0)
            bearing, distance = rng.uniform(0, 2 * np.pi), rng.uniform(2.5, 8.0)
            point = np.array([distance * np.cos(bearing), distance * np.sin(bearing), height])
            ours = r.frustum_view_factor_kernel(*point, *lean, 2.0, bottom, top)
            numeric = surface_integral(point, lean, 2.0, bottom, top)
            if ours != (0.0, 0.0, 1.0):
                np.testing.assert_allclose(ours, numeric, atol=2e-5 + 1e-3 * np.hypot(*numeric[:2]))


def test_prism_against_the_sum_over_its_faces():
    # a leaning box seen from beside, below and above its top: every visible face in small patches
    corner_x, corner_y = np.array([3.0, 3.0, -1.0, -1.0]), np.array([-6.0, 6.0, 6.0, -6.0])
    lean, height, n = 2.0, 2.5, 240
    base = np.stack([corner_x, corner_y, np.zeros(4)], axis=1)
    top = base + np.array([lean, 0.0, height])
    faces = [(top[0], top[1] - top[0], top[3] - top[0])]
    faces += [(base[k], base[(k + 1) % 4] - base[k], top[k] - base[k]) for k in range(4)]
    u, v = np.meshgrid((np.arange(n) + 0.5) / n, (np.arange(n) + 0.5) / n)
    for point in ([9.0, 1.0, 0.0], [1.0, 14.0, 1.5], [-6.0, -3.0, 4.0], [12.0, -2.0, -3.0]):
        total = np.zeros(3)
        for corner, first, second in faces:
            ray = corner + u[..., None] * first + v[..., None] * second - np.array(point)
            squared = (ray**2).sum(-1)
            facing = np.maximum(-(np.cross(first, second) * ray).sum(-1), 0.0) / n**2
            total += (ray * (facing / squared**2)[..., None]).sum((0, 1)) / np.pi
        ours = r.prism_view_factor_kernel(*point, lean, height, corner_x, corner_y)
        np.testing.assert_allclose(ours, total, rtol=1e-3, atol=1e-6)
    assert r.prism_view_factor_kernel(2.0, 0.0, 1.0, lean, height, corner_x, corner_y) == (0.0, 0.0, 1.0)
    assert r.inside_polygon_kernel(0.0, 0.0, corner_x, corner_y)
    assert not r.inside_polygon_kernel(3.1, 0.0, corner_x, corner_y)


@pytest.mark.kernel
def test_a_prism_of_many_corners_is_a_cylinder():
    angle = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)
    for point in ((3.0, 1.0, 0.0), (-2.0, 0.5, 1.2), (1.0, 3.0, 5.0)):
        ours = r.prism_view_factor_kernel(*point, 1.5, 3.0, np.cos(angle), np.sin(angle))
        round_ = r.frustum_view_factor_kernel(*point, 1.5, 0.0, 3.0, 1.0, 1.0)
        np.testing.assert_allclose(ours, round_, atol=2e-5)


@pytest.mark.kernel
def test_under_the_overhang_and_off_the_axis():
    # the bearings where no plane formula holds, against the integral to four digits
    lean, height = 4.0 * math.sin(0.9), 4.0 * math.cos(0.9)
    for distance, bearing in ((1.5, 0.0), (2.5, 0.3), (2.0, 2.5)):
        point = np.array([distance * math.cos(bearing), distance * math.sin(bearing), 0.0])
        numeric = surface_integral(point, (lean, 0.0), height, 1.0, 1.0, n=800)
        *_, largest = r.cylinder_view_factor(distance, bearing, 1.0, 4.0, 0.9)
        assert largest == pytest.approx(np.sqrt((numeric**2).sum()), rel=1e-4)


@given(st.floats(1.01, 100.0), st.floats(0.1, 20.0), st.floats(0.0, 1.4), st.floats(0.0, math.pi))
@settings(deadline=None)
def test_view_factors_are_fractions_and_symmetric(x, length, tilt, bearing):
    left = r.cylinder_view_factor(x, bearing, 1.0, length, tilt)
    right = r.cylinder_view_factor(x, -bearing, 1.0, length, tilt)
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-12)
    assert 0.0 < left[2] <= 1.0 + 1e-12


@given(st.floats(1.01, 50.0), st.floats(1.001, 3.0), st.floats(0.1, 20.0))
@settings(deadline=None)
def test_farther_receives_less(x, more, length):
    assert r.cylinder_view_factor(x * more, 0.0, 1.0, length)[2] < r.cylinder_view_factor(x, 0.0, 1.0, length)[2]


def test_limits():
    # inside the flame; an endless wall right behind the rim; inverse square far away
    assert r.cylinder_view_factor(0.5, 0.0, 1.0, 3.0)[2] == 1.0
    assert r.cylinder_view_factor(1.0 + 1e-7, 0.0, 1.0, 1e4)[0] == pytest.approx(0.5, abs=1e-3)
    far = r.cylinder_view_factor(np.array([1e4, 2e4]), 0.7, 1.0, 3.0, 0.4)[2]
    assert far[0] / far[1] == pytest.approx(4.0, rel=1e-3)
    vertical, horizontal, largest = r.sphere_view_factor(np.array([0.0, 100.0]), 50.0, 40.0)
    np.testing.assert_allclose(np.hypot(vertical, horizontal), largest)
    assert vertical[0] == 0.0
    assert horizontal[0] == pytest.approx(0.64)
    assert r.sphere_view_factor_kernel(0.0, 30.0, 40.0) == 1.0


@pytest.mark.kernel
def test_transmissivity_against_bagster():
    # CPR 14E eq. 6.29: 2.02 (p x)^-0.09 for 1e4 < p x < 1e5 N/m
    pressure = 0.7 * r.water_vapour_pressure(288.15)
    for path in np.geomspace(1.2e4 / pressure, 9.5e4 / pressure, 7):
        bagster = 2.02 * (pressure * path) ** -0.09
        assert r.transmissivity(path, 288.15, 0.7) == pytest.approx(bagster, rel=0.05)


@given(st.floats(0.0, 1e4), st.floats(1.0, 3.0), st.floats(0.0, 1.0))
@settings(deadline=None)
def test_transmissivity_falls_with_distance_and_moisture(path, more, humidity):
    here = r.transmissivity(path, 293.15, humidity)
    assert 0.0 <= r.transmissivity(path * more, 293.15, humidity) <= here <= 1.0
    assert r.transmissivity(path, 293.15, min(1.0, humidity * more)) <= here


def test_water_vapour_pressure():
    # steam tables: 0.6113 kPa at 0.01 °C, 2.339 at 20 °C, 7.384 at 40 °C
    for celsius, kilopascals in ((0.01, 0.6113), (20.0, 2.339), (40.0, 7.384)):
        assert r.water_vapour_pressure(celsius + 273.15) == pytest.approx(kilopascals * 1e3, rel=5e-3)


def test_bad_input_is_refused():
    for call in (
        lambda: r.cylinder_view_factor(-1.0, 0.0, 1.0, 1.0),
        lambda: r.cylinder_view_factor(1.0, math.nan, 1.0, 1.0),
        lambda: r.cylinder_view_factor(2.0, 0.0, 0.0, 1.0),
        lambda: r.cylinder_view_factor(2.0, 0.0, 1.0, 1.0, 2.0),
        lambda: r.sphere_view_factor(1.0, 5.0, 10.0),
        lambda: r.transmissivity(-1.0, 293.0, 0.5),
        lambda: r.transmissivity(1.0, 293.0, 70.0),
        lambda: r.transmissivity(1.0, 20.0, 0.7),
    ):
        with pytest.raises(OutOfRange):
            call()


@pytest.mark.kernel
@pytest.mark.parametrize("path", [1.0, 30.0, 1000.0])
@pytest.mark.parametrize("celsius", [-15.0, 20.0])
def test_transmissivity_is_that_of_wayne(path, celsius):
    """The polynomial of Wayne (1991) in common logarithms of water (mm Hg m) and carbon dioxide, term by term."""
    temperature, millimetres = 273.15 + celsius, 8.0
    water = math.log10(millimetres * path * 288.651 / temperature)
    dioxide = math.log10(path * 273.0 / temperature)
    expected = 1.006 - 0.01171 * water - 0.02368 * water**2 - 0.03188 * dioxide + 0.001164 * dioxide**2
    found = r.transmissivity_kernel(path, millimetres * 133.322, temperature)
    assert found == pytest.approx(min(1.0, expected), abs=1e-12)
