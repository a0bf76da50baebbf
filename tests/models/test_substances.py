"""Substances: look-up, values against independent sources, ranges, what happens when nobody knows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import MissingProperty, OutOfRange, UnknownSubstance
from parkrisk.models.substance import hazard_data, names, substances
from parkrisk.models.substance.substances import find, known

PETROLEUM = ("8002-05-9", "86290-81-5", "8030-30-6", "68334-30-5", "8008-20-6", "68476-33-5", "68476-85-7")


def _check_digit(cas: str) -> bool:
    digits = [int(c) for c in cas.replace("-", "")]
    return sum(k * d for k, d in enumerate(reversed(digits[:-1]), start=1)) % 10 == digits[-1]


def test_every_name_leads_to_one_substance():
    for substance in known():
        assert _check_digit(substance.cas), substance.cas
        for key in (substance.cas, substance.name_zh, substance.name_en, *substance.aliases):
            assert find(key) == substance, key
        if substance.surrogate_cas:
            assert substance.surrogate is not None
            assert not substance.surrogate.surrogate_cas


@pytest.mark.parametrize("key", [" 液氨 ", "Ammonia", "7664-41-7", "ANHYDROUS  AMMONIA"])
def test_spelling_does_not_matter(key):
    assert find(key).cas == "7664-41-7"


def test_unknown_name_offers_near_ones():
    with pytest.raises(UnknownSubstance) as caught:
        find("acetome")
    assert "acetone" in caught.value.message_en
    assert "丙酮" in caught.value.message_zh


@pytest.mark.parametrize("cas", PETROLEUM)
def test_petroleum_cuts_borrow_and_say_so(cas):
    cut = find(cas)
    borrowed = cut.property("vapour_pressure", 293.15)
    assert borrowed.mark == "M"
    assert borrowed.source.startswith("surrogate ")
    assert "substance_surrogate" in cut.assumptions
    assert cut.heat_of_combustion > 3.5e7
    assert 450.0 < cut.liquid_density(288.15) < 1000.0
    assert cut.is_flammable


def test_density_of_a_cut_is_its_own_at_15_celsius():
    diesel = find("柴油")
    assert diesel.liquid_density(288.15) == pytest.approx(830.0, rel=1e-12)
    assert diesel.liquid_density(313.15) < 830.0


# NIST Chemistry WebBook and CRC Handbook: boiling point [K], molar mass [g/mol]
@pytest.mark.parametrize(
    ("cas", "boiling", "mass"),
    [
        ("7664-41-7", 239.8, 17.031),
        ("7782-50-5", 239.1, 70.906),
        ("71-43-2", 353.2, 78.112),
        ("74-98-6", 231.0, 44.096),
        ("107-13-1", 350.5, 53.063),
        ("75-21-8", 283.7, 44.053),
        ("67-56-1", 337.8, 32.042),
    ],
)
def test_constants(cas, boiling, mass):
    substance = find(cas)
    assert substance.boiling_point == pytest.approx(boiling, abs=0.6)
    assert substance.molar_mass == pytest.approx(mass / 1000.0, rel=1e-4)


# Net heats of combustion [MJ/kg]: SFPE Handbook, Appendix 3 (liquid or gas at 25 °C)
@pytest.mark.parametrize(
    ("cas", "heat"),
    [
        ("74-82-8", 50.0),
        ("74-98-6", 46.4),
        ("71-43-2", 40.2),
        ("67-56-1", 19.9),
        ("64-17-5", 26.8),
        ("7664-41-7", 18.6),
        ("1333-74-0", 120.0),
    ],
)
def test_net_heat_of_combustion(cas, heat):
    assert find(cas).heat_of_combustion == pytest.approx(heat * 1e6, rel=0.01)


def test_vapour_pressure_is_one_atmosphere_at_the_boiling_point():
    for substance in known():
        try:
            boiling = substance.boiling_point
            found = substance.vapour_pressure(boiling)
        except (MissingProperty, OutOfRange):
            continue
        if hazard_data.names(substance.cas).isdisjoint({"critical_temperature"}):
            continue  # a petroleum cut begins to boil below the boiling point of its surrogate
        assert found == pytest.approx(101_325.0, rel=0.08), substance.name_en


def test_boiling_temperature_inverts_the_vapour_pressure():
    for cas in ("74-98-6", "107-13-1", "7664-41-7"):
        substance = find(cas)
        for pressure in (5.0e4, 101_325.0, 5.0e5):
            assert substance.vapour_pressure(substance.boiling_temperature(pressure)) == pytest.approx(
                pressure, rel=1e-6
            )


def test_clausius_clapeyron_agrees_with_the_heat_of_vaporisation():
    """A second method: the slope of the vapour pressure gives the heat of vaporisation of a dilute vapour."""
    for cas in ("107-13-1", "71-43-2", "141-78-6", "67-64-1", "108-05-4"):
        substance, t = find(cas), 300.0
        slope = math.log(substance.vapour_pressure(t + 1.0) / substance.vapour_pressure(t - 1.0)) / 2.0
        heat = slope * 8.314462618 * t * t / substance.molar_mass
        assert heat == pytest.approx(substance.heat_of_vaporisation(t), rel=0.04), substance.name_en


def test_equation_of_state_agrees_with_the_measured_fits():
    """CoolProp against the fits of the chemicals package, for the fluids that have both."""
    from parkrisk.models.substance import thermo

    for substance in known():
        if not substance.fluid or not math.isfinite(substance.fit_constants.critical_temperature):
            continue
        for name in ("vapour_pressure", "liquid_density", "heat_of_vaporisation"):
            fits = thermo.candidates(substance.cas, substance.fluid, name, substance.fit_constants)
            both = [fit for fit in fits if fit.mark != "M"][:2]
            if len(both) < 2:
                continue
            t = 0.7 * substance.critical_temperature
            if all(fit.low < t < fit.high for fit in both):
                assert both[1].evaluate(t) == pytest.approx(both[0].evaluate(t), rel=0.08), (substance.name_en, name)


@pytest.mark.parametrize(
    ("name", "median", "nine_in_ten"),
    [
        ("vapour_pressure", 0.03, 0.15),
        ("liquid_density", 0.04, 0.18),
        ("heat_of_vaporisation", 0.03, 0.10),
        ("liquid_heat_capacity", 0.07, 0.22),
        ("gas_heat_capacity", 0.06, 0.22),
        ("surface_tension", 0.04, 0.46),
    ],
)
def test_estimates_against_measured_fits(name, median, nine_in_ten):
    from parkrisk.models.substance import thermo

    errors = []
    for substance in known():
        if not substance.is_flammable or "boiling_point" not in hazard_data.names(substance.cas):
            continue
        t = 293.15 if name == "gas_heat_capacity" else min(293.15, substance.boiling_point)
        fits = thermo.candidates(substance.cas, substance.fluid, name, substance.fit_constants)
        fits = [fit for fit in fits if fit.low <= t <= fit.high and "value at 298" not in fit.source]
        measured, estimated = ([fit for fit in fits if (fit.mark == "M") is m] for m in (False, True))
        if measured and estimated:
            errors.append(abs(estimated[-1].evaluate(t) / measured[0].evaluate(t) - 1.0))
    assert len(errors) > 70
    assert np.quantile(errors, 0.5) < median
    assert np.quantile(errors, 0.9) < nine_in_ten


# CRC Handbook of Chemistry and Physics: heat capacity of the liquid at 25 °C [J/(mol K)]
@pytest.mark.parametrize(("name", "heat"), [("nitrobenzene", 185.8), ("allyl chloride", 125.1), ("nitric acid", 109.9)])
def test_heat_capacity_of_liquids_that_nobody_fitted(name, heat):
    assert find(name).liquid_heat_capacity(298.15) * find(name).molar_mass == pytest.approx(heat, rel=1e-3)


# CRC Handbook of Chemistry and Physics: surface tension [mN/m] at 25 °C
@pytest.mark.parametrize(
    ("cas", "temperature", "tension"),
    [("71-43-2", 298.15, 28.22), ("7732-18-5", 298.15, 71.99), ("142-82-5", 298.15, 19.65), ("67-56-1", 298.15, 22.07)],
)
def test_surface_tension(cas, temperature, tension):
    assert find(cas).surface_tension(temperature) == pytest.approx(tension * 1e-3, rel=0.02)


@settings(deadline=None)
@given(
    st.sampled_from(["71-43-2", "7664-41-7", "107-13-1", "8002-05-9"]), st.floats(283.0, 370.0), st.floats(0.1, 20.0)
)
def test_vapour_pressure_rises_and_density_falls(cas, temperature, step):
    substance = find(cas)
    assert substance.vapour_pressure(temperature + step) > substance.vapour_pressure(temperature)
    assert substance.liquid_density(temperature + step) < substance.liquid_density(temperature)


def test_estimated_density_is_anchored_where_it_was_measured():
    solvent = find("epichlorohydrin")
    assert solvent.liquid_density(293.15) == pytest.approx(1181.0)
    assert solvent.liquid_density(313.15) < 1181.0
    assert find("nitric acid").property("liquid_density", 293.15).mark == "1"


def test_gas_density_of_a_dilute_gas_is_ideal():
    for cas in ("74-82-8", "7782-50-5", "75-44-5"):
        substance = find(cas)
        ideal = 1000.0 * substance.molar_mass / (8.314462618 * 300.0)
        assert substance.gas_density(300.0, 1000.0) == pytest.approx(ideal, rel=1e-3)


def test_heat_capacity_ratio():
    assert find("氢").heat_capacity_ratio(288.15) == pytest.approx(1.405, abs=0.004)
    assert find("甲烷").heat_capacity_ratio(298.15) == pytest.approx(1.304, abs=0.005)


def test_phase():
    assert find("propane").phase(293.15, 101_325.0) == "gas"
    assert find("propane").phase(293.15, 1.5e6) == "liquid"
    assert find("benzene").phase(293.15, 101_325.0) == "liquid"
    assert find("phenol").phase(293.15, 101_325.0) == "solid"
    assert find("hydrogen").phase(293.15, 1.0e7) == "gas"
    # A sphere of liquefied gas at its nominal gauge pressure, a refrigerated tank half a degree too warm.
    assert find("propane").phase(293.15, 101_325.0 + 735.0e3) == "liquid"
    assert find("ammonia").phase(240.3, 101_325.0) == "liquid"
    assert find("ethylene oxide").phase(393.15, 5.0e5) == "gas"


def test_a_property_nobody_has_is_named():
    with pytest.raises(MissingProperty) as caught:
        _ = find("nitrogen").lfl
    assert "nitrogen" in caught.value.message_en
    assert "lfl" in caught.value.message_en
    with pytest.raises(MissingProperty):
        find("86-50-0").vapour_pressure(300.0)
    with pytest.raises(MissingProperty):
        find("benzene").property("viscosity", 300.0)


def test_outside_the_range_is_refused():
    with pytest.raises(OutOfRange):
        find("propane").liquid_density(380.0)
    with pytest.raises(OutOfRange):
        find("acrylonitrile").vapour_pressure(20.0)
    with pytest.raises(OutOfRange):
        find("propane").boiling_temperature(1.0e7)
    for bad in (math.nan, math.inf, -1.0):
        with pytest.raises(OutOfRange):
            find("propane").vapour_pressure(bad)
        with pytest.raises(OutOfRange):
            find("propane").gas_density(300.0, bad)


@pytest.mark.parametrize(
    ("cas", "probit"),
    [
        ("7664-41-7", (-15.6, 1.0, 2.0)),
        ("7782-50-5", (-6.35, 0.5, 2.75)),
        ("630-08-0", (-7.4, 1.0, 1.0)),
        ("75-21-8", (-6.8, 1.0, 1.0)),
        ("124-38-9", None),
        ("74-85-1", None),
        ("71-43-2", None),
    ],
)
def test_toxic_probits_are_those_of_the_mass_concentration_set(cas, probit):
    assert find(cas).toxic_probit() == probit


def test_ignition_categories():
    assert find("propane").ignition_category(293.15) == "0"
    assert find("diethyl ether").ignition_category(293.15) == "0"
    assert find("gasoline").ignition_category(293.15) == "1"
    assert find("benzene").ignition_category(293.15) == "1"
    assert find("styrene").ignition_category(293.15) == "2"
    assert find("styrene").ignition_category(320.0) == "1"  # above its flash point
    assert find("styrene").ignition_category(find("styrene").flash_point) == "2"  # at it
    assert find("aniline").ignition_category(293.15) == "3"
    assert find("n-hexadecane").ignition_category(293.15) == "4"
    assert find("chlorine").ignition_category(293.15) == "none"


def test_reactivity():
    assert find("methane").reactivity == "low"
    assert find("propane").reactivity == "medium"
    assert find("ethylene oxide").reactivity == "high"
    assert find("natural gas").reactivity == "low"  # that of methane
    toluene = find("toluene")
    assert toluene.reactivity == "high"
    assert "reactivity_unlisted" in toluene.assumptions
    assert find("hydrogen").burning_velocity_class == "high"
    assert find("methane").burning_velocity_class == "low"
    assert find("propane").burning_velocity_class == "medium"


def test_burning_rates():
    assert find("benzene").burning_rate.m_inf == 0.085
    estimate = find("toluene").burning_rate
    assert estimate.estimated
    assert estimate.mark == "M"
    # Burgess against the tabulated rates of liquids: within a factor 1.6.
    for cas in ("71-43-2", "110-54-3", "142-82-5", "67-64-1"):
        substance = find(cas)
        heat = substance.heat_of_vaporisation(substance.boiling_point) + substance.liquid_heat_capacity(300.0) * (
            substance.boiling_point - 293.15
        )
        assert 1e-3 * substance.heat_of_combustion / heat == pytest.approx(substance.burning_rate.m_inf, rel=0.6)


def test_every_value_has_unit_source_and_mark():
    for (cas, name), value in hazard_data.values().items():
        assert math.isfinite(value.value), (cas, name)
        assert value.unit
        assert value.source
        assert value.mark in ("V", "1", "M")
    for substance in known():
        if {"lfl", "ufl"} <= hazard_data.names(substance.cas):
            assert 0.0 < substance.lfl < substance.ufl <= 1.0, substance.name_en


def test_listed_hazards_are_there():
    limits = np.array([find(cas).lfl for cas in ("74-98-6", "7664-41-7", "7783-06-4")])
    assert limits == pytest.approx([0.017, 0.15, 0.04])
    assert find("ammonia").property("erpg2").value == 200.0
    assert find("hydrogen cyanide").property("erpg2").value == 10.0  # the row of the pure substance
    assert substances.find("ammonia").is_toxic
    assert find("arsine").is_toxic
    assert "toxic_without_probit" in find("arsine").assumptions
    assert not find("propane").is_toxic


def test_a_flammable_liquid_without_flash_point_counts_as_category_1():
    solvent = find("dichloromethane")
    assert solvent.ignition_category(293.15) == "1"
    assert "flash_point_missing" in solvent.assumptions


def test_main_properties_of_liquids_are_known():
    """Every flammable or toxic liquid and liquefied gas can be sprayed, spilt, evaporated and burnt."""
    from parkrisk.models.substance import thermo

    for substance in known():
        if "boiling_point" not in hazard_data.names(substance.cas) or not (
            substance.is_flammable or substance.toxic_probit() is not None
        ):
            continue
        if substance.boiling_point > 460.0 or substance.critical_temperature < 300.0:
            continue
        temperature = min(293.15, substance.boiling_point)
        for name in thermo.TEMPERATURE_PROPERTIES:
            found = substance.property(name, temperature)
            assert found.value > 0.0, (substance.name_en, name)
            assert found.unit in ("Pa", "kg/m3", "J/kg", "J/(kg.K)", "N/m")


def test_public_names_of_the_package():
    import parkrisk.models

    for name in parkrisk.models.__all__:
        assert getattr(parkrisk.models, name) is not None
    assert parkrisk.models.find is find
    with pytest.raises(AttributeError):
        _ = parkrisk.models.nothing_of_that_name


def test_every_assumption_has_a_text():
    from parkrisk.models.constants import rows

    texts = {row["code"] for row in rows("flags")}
    codes = {"airborne_twice_flash", "gas_ideal_isentrope", "hole_without_flashing", "unverified:pool_surface"}
    codes |= {"airborne_by_drops", "jet_not_computed", "history_ends_early", "line_first_minute"}
    codes |= {"ideal_mixture", "mixture_one_poison"}
    for substance in known():
        codes.update(substance.assumptions)
        try:
            codes.update(substance.burning_rate.flags)
        except (MissingProperty, OutOfRange):
            continue
    assert codes <= texts


def test_what_burns_has_both_limits():
    """Without both limits no cloud can be computed; these few solids, peroxides and high boilers lack them."""
    lacking = {s.cas for s in known() if s.is_flammable and None in (s._constant("lfl"), s._constant("ufl"))}
    assert lacking == {
        "56-38-2",
        "78-00-2",
        "10025-67-9",
        "13424-46-9",
        "79-21-0",
        "1338-23-4",
        "19624-22-7",
    }


@pytest.mark.parametrize(
    ("key", "cas"),
    [
        ("７６６４－４１－７", "7664-41-7"),
        ("7664417", "7664-41-7"),
        ("CAS号：67-56-1", "67-56-1"),
        ("67\u201056\u20101", "67-56-1"),
        ("甲醇（工业级）", "67-56-1"),
        ("丙酮 AR", "67-64-1"),
        ("92#汽油", "86290-81-5"),
        ("柴油（0#）", "68334-30-5"),
        ("氫氣", "1333-74-0"),
        ("環氧乙烷", "75-21-8"),
        ("液化天然氣", "8006-14-2"),
    ],
)
def test_spellings_that_mean_the_same_for_certain(key, cas):
    assert find(key).cas == cas


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("氨水", "aqueous solution"),
        ("氨水(20%)", "7664-41-7"),
        ("31%盐酸", "7647-01-0"),
        ("盐酸", "aqueous solution"),
        ("硝酸（68%）", "states a concentration"),
        ("双氧水50%", "7722-84-1"),
        ("丙醇", "71-23-8"),
        ("盐酸(工业级)", "aqueous solution"),
        ("二氯乙烷", "not in the data: 75-34-3"),
        ("混合碳四", "may mean several"),
        ("丁烷", "75-28-5"),
        ("Pentane", "78-78-4"),
        ("丁烯（工业级）", "115-11-7"),
        ("丁醇", "75-65-0"),
        ("二氯乙烷", "1,2-"),
        ("双氧水", "aqueous solution"),
        ("7664-41-8", "should be 7"),
        ("7664-14-7", "氨 ammonia (7664-41-7)"),  # two digits swapped
        ("醇甲", "near it: 甲醇"),
        ("乙稀", "near it: 乙烯"),
        ("甲笨", "near it: 甲苯"),
        ("液氯(1t钢瓶)", "near it: 氯"),
        ("", "unknown"),
        ("%", "unknown"),
        ("(", "unknown"),
    ],
)
def test_what_is_not_certain_is_asked_and_never_taken(key, says):
    with pytest.raises(UnknownSubstance) as caught:
        find(key)
    assert says in caught.value.message_en


def test_every_cas_number_with_one_wrong_digit_is_caught_and_led_back():
    # The check digit finds every single wrong digit whose place is no multiple of a divisor of ten away; none is taken.
    cas = "7664-41-7"
    for place in (0, 1, 2, 3, 5, 6, 8):
        for digit in "0123456789":
            wrong = cas[:place] + digit + cas[place + 1 :]
            if wrong == cas:
                continue
            with pytest.raises(UnknownSubstance, match=cas):
                find(wrong)


def test_words_of_names_lead_to_known_substances():
    for kind in ("solution", "several"):
        for word, means in names._words(kind).items():
            numbers = means.split(";")
            assert len(numbers) == len(set(numbers)) > (kind == "several")
            assert all(names.check_digit(cas) == int(cas[-1]) for cas in numbers)
            with pytest.raises(UnknownSubstance) as caught:
                find(word)
            assert all(cas in caught.value.message_zh for cas in numbers)
            assert any(cas in substances._by_cas() for cas in numbers)


@pytest.mark.parametrize(
    "word",
    ["丁烷", "丁醇", "丁烯", "二氯乙烷", "戊烷", "己烷", "庚烷", "辛烷", "butane", "Pentane", "丁醇(工业级)", "溶剂油"],
)
def test_a_word_for_isomers_is_not_taken_for_one_of_them(word):
    with pytest.raises(UnknownSubstance, match="may mean several") as caught:
        find(word)
    assert caught.value.message_en.count("-") >= 2  # CAS numbers to choose from
