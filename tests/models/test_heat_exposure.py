"""Heat: doors for units, published doses by name, burns, running away in closed form."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability import heat_exposure as h
from parkrisk.models.vulnerability.heat_flux import checked_heat_flux, heat_flux_from_kw_m2
from parkrisk.models.vulnerability.people import HEAT, heat_lethality, heat_probit
from parkrisk.models.vulnerability.probit import probability
from tests.validation.measurements import measured

#: LD1 and LD50 of OSD/30 Table 17 stand under the percentages of Table 18.
DOSES = [row for row in measured("thermal_lethality_osd30.csv") if " " in row["t_s"]]
NAMES = {"Eisenberg": "eisenberg", "Tsao-Perry": "tsao_perry", "Lees": "lees"}


@given(st.floats(1e-2, 1e8))
@settings(deadline=None)
def test_a_number_fits_one_door_at_most(number):
    doors = 0
    for door in (checked_heat_flux, heat_flux_from_kw_m2):
        try:
            checked_heat_flux(door(number))
        except OutOfRange:
            continue
        doors += 1
    assert doors == (1 if 1.0 < number <= 1e6 else 0)


@pytest.mark.parametrize("call", [heat_lethality, heat_probit, h.heat_death_probability])
def test_kilowatts_are_refused_by_name(call):
    with pytest.raises(OutOfRange, match="heat_flux_from_kw_m2"):
        call(37.5, 20.0)
    with pytest.raises(OutOfRange, match="kW/m²"):
        heat_flux_from_kw_m2(37_500.0)
    np.testing.assert_array_equal(call(heat_flux_from_kw_m2(37.5), 20.0), call(37_500.0, 20.0))


def test_weak_places_of_a_strong_field_are_no_slip():
    assert heat_lethality([37_500.0, 37.5, 0.0], 20.0)[0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-30)


def test_lethal_doses_by_name():
    found = 0
    for row in DOSES:
        name, a, b = row["t_s"].split()
        constants = h.heat_probit_constants(NAMES[name])
        assert constants.slope == float(b)
        assert constants.intercept == pytest.approx(float(a) - float(b) * 4.0 / 3.0 * math.log(1e3))
        for column, chance in (("pct_10kW", 0.01), ("pct_20kW", 0.5)):
            quantile = 5.0 + NormalDist().inv_cdf(chance)
            dose = math.exp((quantile - constants.intercept) / constants.slope) * 1e-4  # (kW/m²)^(4/3) s
            assert dose == pytest.approx(float(row[column]), rel=0.006)
            assert h.heat_dose_probability_kernel(dose * 1e4, constants) == pytest.approx(chance, rel=1e-9)
            found += 1
    assert found == 6


def test_published_constants_for_watts():
    # as HyRAM+ prints them
    for name, intercept in (("eisenberg", -38.48), ("tsao_perry", -36.38), ("tno", -37.23), ("aqt3046", -36.38)):
        assert h.heat_probit_constants(name).intercept == pytest.approx(intercept, abs=0.005)


def test_default_is_the_rule_of_the_package():
    flux = np.array([12e3, 20e3, 35e3])
    ours = h.heat_death_probability(flux, 20.0)
    np.testing.assert_allclose(ours, heat_lethality(flux, 20.0)[0], rtol=1e-12)
    assert h.heat_probit_constants() == (HEAT.intercept, HEAT.slope)
    assert h.heat_death_probability(20e3, 0.0) == h.heat_death_probability(0.0, 20.0) == 0.0
    assert h.heat_death_probability(0.0, math.inf) == 0.0


def test_burns_come_before_death():
    flux = np.geomspace(2e3, 5e4, 40)
    first, second = h.burn_probability(flux, 20.0, "first"), h.burn_probability(flux, 20.0, "second")
    assert (first >= second).all()
    assert (second >= h.heat_death_probability(flux, 20.0))[second > 1e-3].all()
    # half of those exposed for 10 s: 8.5 kW/m² for the first, 19.3 for the second degree
    for degree, intercept in (("first", -39.83), ("second", -43.14)):
        half = math.exp(0.75 * ((5.0 - intercept) / 3.0186 - math.log(10.0)))
        assert h.burn_probability(half, 10.0, degree) == pytest.approx(0.5, abs=1e-9)


RADII = np.geomspace(5.0, 1e3, 400)
PLACES = st.floats(6.0, 300.0)


@pytest.mark.kernel
@pytest.mark.parametrize("power", [0.5, 0.75, 1.0, 2.0, 3.1])
def test_running_away_from_a_power_law(power):
    rule = h.EscapeRule(5.0, 4.0, 1.0, math.inf)
    flux = 4e4 * (20.0 / RADII) ** power
    for duration in (3.0, 12.0, 60.0):
        run = max(duration - 5.0, 0.0)
        full = 4e4 ** (4.0 / 3.0)
        m = 4.0 / 3.0 * power - 1.0
        growth = 1.0 + 4.0 * run / 20.0
        moving = 20.0 / 4.0 * (math.log(growth) if abs(m) < 1e-12 else (1.0 - growth**-m) / m)
        expected = full * (min(duration, 5.0) + moving)
        assert h.escape_dose_kernel(20.0, RADII, flux, duration, rule) == pytest.approx(expected, rel=1e-9)


def test_tno_form_of_the_effective_time():
    # (3/5)(x/u){1 - (1 + u t/x)^(-5/3)} after the reaction, until the flux is 1 kW/m²
    flux = 30e3 * (25.0 / RADII) ** 2
    rule = h.escape_rule("tno")
    assert (rule.reaction_time, rule.speed, rule.safe_heat_flux) == (5.0, 4.0, 1000.0)
    safe = 25.0 * math.sqrt(30.0)
    time = (safe - 25.0) / 4.0
    effective = 5.0 + 0.6 * 25.0 / 4.0 * (1.0 - (1.0 + 4.0 * time / 25.0) ** (-5.0 / 3.0))
    found = h.escape_dose(25.0, RADII, flux, 600.0)
    assert found / 30e3 ** (4.0 / 3.0) == pytest.approx(effective, rel=1e-6)


def test_escape_against_quadrature_in_any_field():
    flux = 6e4 * np.exp(-RADII / 40.0) + 900.0 * (5.0 / RADII)
    rule = h.EscapeRule(4.0, 3.0, 2000.0, 20.0)

    def at(r):
        return np.exp(np.interp(np.log(r), np.log(RADII), np.log(flux)))

    safe = math.exp(np.interp(-math.log(2000.0), -np.log(flux), np.log(RADII)))
    for start in (8.0, 30.0, 90.0):
        time = np.linspace(0.0, min(16.0, max(safe - start, 0.0) / 3.0), 100_001)
        expected = 4.0 * at(start) ** (4.0 / 3.0) + np.trapezoid(at(start + 3.0 * time) ** (4.0 / 3.0), time)
        assert h.escape_dose(start, RADII, flux, 300.0, rule) == pytest.approx(expected, rel=1e-6)


@given(PLACES, st.floats(0.0, 100.0), st.floats(0.5, 3.0), st.floats(1.0, 2.0))
@settings(deadline=None)
def test_escape_saves(start, duration, power, faster):
    flux = 5e5 * (5.0 / RADII) ** power
    rule = h.EscapeRule(5.0, 3.0, flux[-1], 20.0)
    dose = h.escape_dose_kernel(start, RADII, flux, duration, rule)
    standing = (5e5 * (5.0 / start) ** power) ** (4.0 / 3.0) * min(duration, 20.0)
    assert 0.0 <= dose <= standing * (1.0 + 1e-9)
    quick = h.EscapeRule(5.0, 3.0 * faster, flux[-1], 20.0)
    assert h.escape_dose_kernel(start, RADII, flux, duration, quick) <= dose * (1.0 + 1e-9)
    slow = h.EscapeRule(5.0 * faster, 3.0, flux[-1], 20.0)
    assert h.escape_dose_kernel(start, RADII, flux, duration, slow) >= dose * (1.0 - 1e-9)
    assert h.escape_dose_kernel(start, RADII, flux * 1.1, duration, rule) >= dose


@given(st.floats(1001.0, 1e6), st.floats(0.0, 60.0), st.floats(1.0, 3.0), st.sampled_from(h.HEAT_PROBITS))
@settings(deadline=None)
def test_probability_grows_with_the_dose(flux, time, more, name):
    p = h.heat_death_probability(flux, time, name)
    assert 0.0 <= p <= 1.0
    assert h.heat_death_probability(min(flux * more, 1e6), time, name) >= p
    assert h.heat_death_probability(flux, time * more, name) >= p
    assert p == pytest.approx(
        probability(
            h.heat_probit_constants(name).intercept
            + h.heat_probit_constants(name).slope * math.log(max(flux ** (4.0 / 3.0) * time, 1e-300))
        )
    )


FIELD = 5e4 * (5.0 / RADII) ** 2


@pytest.mark.parametrize(
    "call",
    [
        lambda: h.heat_probit_constants("nobody"),
        lambda: h.escape_rule("nobody"),
        lambda: h.burn_probability(2e4, 10.0, "third"),
        lambda: h.burn_probability(-2e4, 10.0, "first"),
        lambda: h.heat_death_probability(2e4, math.nan),
        lambda: h.escape_dose(1.0, RADII, FIELD, 60.0),
        lambda: h.escape_dose(20.0, RADII[::-1], FIELD, 60.0),
        lambda: h.escape_dose(20.0, RADII, FIELD[::-1], 60.0),
        lambda: h.escape_dose(20.0, RADII[:5], FIELD, 60.0),
        lambda: h.escape_dose(6.0, RADII[:50], FIELD[:50], 60.0),
        lambda: h.escape_dose(20.0, RADII, FIELD, -1.0),
        lambda: h.escape_dose(20.0, RADII, FIELD * 1e-3, 60.0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(OutOfRange):
        call()
