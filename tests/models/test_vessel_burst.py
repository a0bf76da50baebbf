"""Energy and blast of bursting vessels: exact relations, order of the methods, other laws far out, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.blast import burst_energy as e
from parkrisk.models.blast import vessel_burst as v
from parkrisk.models.blast.tnt import kinney_graham
from parkrisk.models.constants import rows
from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid
from parkrisk.models.substance.substances import find

P0 = 101_325.0


def air(pressure_ratio, volume=10.0, **values):
    return v.gas_burst(pressure_ratio * P0, volume, molar_mass=0.028964, temperature=287.6, **values)


class TestEnergy:
    @given(st.floats(1.1, 500.0), st.floats(1.1, 1.65))
    @settings(max_examples=60, deadline=None)
    def test_order_of_the_methods(self, ratio, gamma):
        brode = e.brode_energy(ratio * P0, 2.0, gamma)
        isentropic = e.isentropic_energy(ratio * P0, 2.0, gamma)
        isothermal = e.isothermal_energy(ratio * P0, 2.0)
        assert 0.0 < isentropic < brode
        assert isentropic < isothermal

    def test_weak_and_strong_limits(self):
        # a strong burst leaves nothing unused; a weak one falls with the square of the excess, not so Brode
        assert e.isentropic_energy(1e6 * P0, 1.0) == pytest.approx(e.brode_energy(1e6 * P0, 1.0), rel=0.02)
        small = e.isentropic_energy(1.01 * P0, 1.0) / e.brode_energy(1.01 * P0, 1.0)
        assert small == pytest.approx(0.4 / 1.4, rel=0.02)

    def test_isentropic_work_is_the_integral(self):
        pressure, gamma = 20.0 * P0, 1.3
        volume = np.geomspace(1.0, 20.0 ** (1 / gamma), 200_001)
        work = np.trapezoid(pressure * volume**-gamma, volume)
        assert e.isentropic_energy(pressure, 1.0, gamma) == pytest.approx(work, rel=1e-8)

    @pytest.mark.parametrize(("name", "temperature"), [("propane", 328.0), ("ammonia", 320.0), ("chlorine", 330.0)])
    def test_state_and_correlation_agree(self, name, temperature):
        """Equation of state against heat capacity and heat of vaporisation: two ways to the same laws."""
        fluid = find(name)
        boiling = fluid.boiling_temperature(P0)
        for phase, tolerance in (("liquid", 0.15), ("vapour", 0.3)):
            for path in ("isentropic", "irreversible"):
                state = e.specific_expansion_energy(fluid, temperature, phase, path)
                other = e._by_correlation(fluid, temperature, boiling, phase == "vapour", path, P0)
                assert other == pytest.approx(state, rel=tolerance), (phase, path)

    def test_vapour_that_pushes_the_air_away_cools_by_the_work(self):
        """First law of an ideal gas: the work p0 ΔV is what its heat capacity R/(γ - 1) gives up."""
        for name, temperature in (("propane", 300.0), ("chlorine", 280.0)):
            fluid = find(name)
            gas, ratio = 8.314462618 / fluid.molar_mass, fluid.heat_capacity_ratio(temperature)
            work = e._by_correlation(fluid, temperature, 0.0, True, "irreversible", P0)
            volume = gas * temperature / fluid.vapour_pressure(temperature)
            after = P0 * (volume + work / P0) / gas
            assert work == pytest.approx(gas / (ratio - 1.0) * (temperature - after), rel=1e-9)

    def test_paths(self):
        propane = find("propane")
        for phase in ("liquid", "vapour"):
            lossless, lossy = (
                e.specific_expansion_energy(propane, 328.0, phase, path) for path in ("isentropic", "irreversible")
            )
            assert 0.0 < lossy < 0.6 * lossless
        # vapour of low pressure is nearly an ideal gas
        butane = find("n-butane")
        pressure, density = butane.vapour_pressure(285.0), butane.gas_density(285.0, butane.vapour_pressure(285.0))
        ideal = e.isentropic_energy(pressure, 1.0 / density, butane.heat_capacity_ratio(285.0))
        assert e.specific_expansion_energy(butane, 285.0, "vapour") == pytest.approx(ideal, rel=0.05)

    @given(st.floats(240.0, 365.0), st.floats(1.0, 4.0))
    @settings(max_examples=30, deadline=None)
    def test_hotter_is_stronger(self, temperature, more):
        propane = find("propane")
        for path in ("isentropic", "irreversible"):
            here, there = (
                e.specific_expansion_energy(propane, t, "liquid", path) for t in (temperature, temperature + more)
            )
            assert 0.0 < here < there

    def test_content(self):
        propane = find("propane")
        half = e.content_energy(propane, 10.0, 0.5, 328.0)
        ends = [e.content_energy(propane, 10.0, fill, 328.0) for fill in (0.0, 1.0)]
        assert half == pytest.approx(0.5 * sum(ends), rel=1e-9)
        # a liquid without an equation of state
        oxide = next(each for each in (find("ethylene oxide"), find("propylene oxide"), find("styrene")))
        boiling = oxide.boiling_temperature(P0)
        assert e.content_energy(oxide, 10.0, 0.8, boiling + 40.0) > 0.0


class TestCurves:
    def test_surface_overpressure_is_the_shock_tube(self):
        # Sod's tube, p 10:1, density 8:1: the shock behind the contact has 3.0313 times the pressure of the driven gas
        assert v.surface_overpressure(10.0, 1.4, math.sqrt(10.0 / 8.0)) == pytest.approx(3.0313 - 1.0, rel=1e-4)
        # weak: half of the excess when both gases are alike
        assert v.surface_overpressure(1.001) == pytest.approx(0.0005, rel=1e-2)

    def test_table_starts_at_the_exact_surface(self):
        for ratio in sorted({float(row["pressure_ratio"]) for row in rows("vessel_burst")}):
            first = next(row for row in rows("vessel_burst") if float(row["pressure_ratio"]) == ratio)
            assert float(first["scaled_distance"]) == pytest.approx(v.burst_radius(ratio), rel=1e-3)
            assert float(first["scaled_overpressure"]) == pytest.approx(v.surface_overpressure(ratio), rel=1e-3)

    @pytest.mark.parametrize("ratio", [2.0, 5.0, 20.0, 100.0, 500.0])
    def test_own_curve_of_air(self, ratio):
        """A vessel of air follows the curve of its own pressure ratio."""
        burst = air(ratio, reflection=1.0)
        scale = (burst.energy / P0) ** (1 / 3)
        for row in rows("vessel_burst"):
            if float(row["pressure_ratio"]) == ratio and float(row["scaled_distance"]) > 1.2 * v.burst_radius(ratio):
                found = float(burst.overpressure(float(row["scaled_distance"]) * scale, 0.0)) / P0
                assert found == pytest.approx(float(row["scaled_overpressure"]), rel=0.03)

    @pytest.mark.parametrize("ratio", [10.0, 20.0, 50.0, 100.0])
    def test_far_out_it_is_like_a_charge_of_the_same_energy(self, ratio):
        """Free-air TNT of 4.52 MJ/kg: a gas wastes less heat in the air next to it, and at most a quarter more."""
        burst = air(ratio, reflection=1.0)
        scale = (burst.energy / P0) ** (1 / 3)
        for scaled in (3.0, 5.0, 10.0):
            charge = float(kinney_graham(scaled * (4.52e6 / P0) ** (1 / 3)))
            assert 0.9 < float(burst.overpressure(scaled * scale, 0.0)) / charge < 1.25

    def test_ground_doubles_the_energy(self):
        low, high = air(20.0), air(20.0, reflection=1.0)
        size = 2.0 ** (1 / 3)
        assert low.overpressure(30.0 * size, 0.0) == pytest.approx(float(high.overpressure(30.0, 0.0)), rel=1e-6)
        assert low.impulse(30.0 * size, 0.0) == pytest.approx(size * float(high.impulse(30.0, 0.0)), rel=1e-6)

    def test_light_gas_starts_stronger(self):
        heavy = air(50.0)
        light = v.gas_burst(50.0 * P0, 10.0, molar_mass=0.002, temperature=287.6)
        assert light.surface_overpressure > 1.5 * heavy.surface_overpressure
        assert light.energy == pytest.approx(heavy.energy)
        assert light.overpressure(10.0, 0.0) > heavy.overpressure(10.0, 0.0)

    @given(st.floats(2.0, 500.0), st.floats(0.5, 500.0), st.floats(1.001, 3.0), st.floats(0.3, 4.0))
    @settings(max_examples=80, deadline=None)
    def test_falls_outward(self, ratio, distance, more, sound):
        burst = v.VesselBurst(e.brode_energy(ratio * P0, 10.0), 10.0, ratio * P0, sound_speed_ratio=sound)
        here, there = burst.overpressure([distance, distance * more], 0.0)
        assert 0.0 < there <= here * (1.0 + 1e-12)
        nearer, farther = burst.impulse([distance, distance * more], 0.0)
        assert 0.0 < farther <= nearer * (1.0 + 1e-9)

    @given(st.floats(2.0, 400.0), st.floats(1.01, 1.2), st.floats(2.0, 200.0))
    @settings(max_examples=60, deadline=None)
    def test_higher_pressure_is_stronger_everywhere(self, ratio, more, distance):
        weak, strong = air(ratio), air(ratio * more)
        assert strong.overpressure(distance, 0.0) >= weak.overpressure(distance, 0.0)

    @given(st.floats(1.1, 1e3))
    @settings(max_examples=30, deadline=None)
    def test_scaling_is_exact(self, more):
        small, large = air(20.0, 1.0), air(20.0, more)
        size = more ** (1 / 3)
        np.testing.assert_allclose(large.radii([3e4, 1e4, 3e3]), size * small.radii([3e4, 1e4, 3e3]), rtol=1e-6)
        assert large.impulse(20.0 * size, 0.0) == pytest.approx(size * float(small.impulse(20.0, 0.0)), rel=1e-6)


class TestOutcome:
    def test_liquid_burst(self):
        propane = find("propane")
        lossless, lossy = (
            v.liquid_burst(propane, 25.0, 0.8, 328.0, path=path) for path in ("isentropic", "irreversible")
        )
        assert lossless.burst_pressure == pytest.approx(1.9e6, rel=0.02)
        assert lossless.surface_overpressure == pytest.approx(lossy.surface_overpressure, rel=1e-6)
        assert (lossless.radii([3e4, 3e3]) > lossy.radii([3e4, 3e3])).all()
        assert lossless.flags == ("burst_of_flashing_liquid",)
        assert v.liquid_burst(propane, 25.0, 0.0, 328.0).flags == ()

    def test_flags_and_hash(self):
        assert air(1.5).flags == ("burst_pressure_range",)
        assert air(600.0).flags == ("burst_pressure_range",)
        assert air(20.0).flags == ()
        assert hash(air(20.0)) == hash(air(20.0))

    def test_footprint(self):
        burst = air(50.0, 100.0)
        footprint = burst.footprint(PolarGrid())
        np.testing.assert_allclose(footprint.disc_radius, burst.radii([3e4, 1e4]))
        radii = burst.casualty_radii()
        assert 0.0 < radii["death_m"] < radii["domino_m"] < radii["serious_m"] < radii["light_m"]

    def test_pulse_is_a_triangle(self):
        burst = air(50.0, 100.0)
        distance = np.array([20.0, 50.0, 200.0])
        np.testing.assert_allclose(
            burst.impulse(distance, 0.0), 0.5 * burst.overpressure(distance, 0.0) * burst.pulse_duration(distance, 0.0)
        )


@pytest.mark.parametrize(
    "make",
    [
        lambda: e.brode_energy(0.9 * P0, 1.0),
        lambda: e.brode_energy(2.0 * P0, -1.0),
        lambda: e.isentropic_energy(2.0 * P0, 1.0, 1.0),
        lambda: e.isothermal_energy(math.nan, 1.0),
        lambda: e.specific_expansion_energy(find("propane"), 220.0),
        lambda: e.specific_expansion_energy(find("propane"), 380.0),
        lambda: e.specific_expansion_energy(find("propane"), 300.0, "solid"),
        lambda: e.specific_expansion_energy(find("propane"), 300.0, path="magic"),
        lambda: e.content_energy(find("propane"), 1.0, 1.2, 300.0),
        lambda: v.surface_overpressure(1.0),
        lambda: v.VesselBurst(1e8, 1.0, 1.05 * P0),
        lambda: v.VesselBurst(-1e8, 1.0, 20.0 * P0),
        lambda: v.VesselBurst(1e8, 1.0, 20.0 * P0, reflection=3.0),
        lambda: v.VesselBurst(1e8, 1.0, 20.0 * P0, heat_capacity_ratio=1.0),
        lambda: v.VesselBurst(1e8, 1.0, 20.0 * P0, centre_distance=-1.0),
        lambda: air(20.0).overpressure(-1.0, 0.0),
        lambda: v.gas_burst(2e6, 1.0, molar_mass=0.0, temperature=300.0),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(OutOfRange):
        make()
