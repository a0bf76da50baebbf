"""Natech of a park: a published case, sums by other ways, what is not known stays unknown."""

import dataclasses
import functools
import json
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from parkrisk.models.air.lightning import collection_area
from parkrisk.models.errors import OutOfRange
from parkrisk.models.vulnerability.seismic import SeismicFragility, failure_probability, fragility_curves
from parkrisk.risk.natech.initial_sets import draw_sets, number_failing
from parkrisk.risk.natech.natech import burning_chance, causes_of, natech
from parkrisk.scenarios.events.whole_loss import whole_losses
from parkrisk.scenarios.facility.graph import unit_table
from parkrisk.scenarios.facility.network import id_keys
from parkrisk.scenarios.natural.common_cause import earthquake_cause, structures
from parkrisk.scenarios.natural.hazard_curve import HazardCurve, shaking_levels
from parkrisk.scenarios.natural.natech_file import Earthquake, Lightning, NaturalHazards
from parkrisk.scenarios.receptors import wind_rose
from tests import minimal_park
from tests.risk.farms import case, tanks

CURVE = HazardCurve(np.array([0.05, 0.1, 0.2, 0.3]), np.array([1e-2, 2e-3, 4e-4, 1e-4]))
HAZARDS = NaturalHazards(Earthquake(CURVE), Lightning(30.0), "test")


@functools.cache
def found(pga=None):
    park = minimal_park.park()
    return natech(park, minimal_park.events(), wind_rose(park), HAZARDS, pga=pga)


def causes():
    units = minimal_park.park().tables["units"]
    return causes_of(structures(unit_table(units), units), HAZARDS)


@functools.cache
def eight_tanks():
    """Case D: hazard, eight equal tanks, and the cause that they make."""
    facts = case("D_opensrane_eight_tanks.json")
    pga = facts["pga_first"] + facts["pga_step"] * np.arange(facts["n_points"])
    curve = HazardCurve(pga, facts["coefficient"] * pga ** facts["exponent"])
    own = {"atmospheric_tank": SeismicFragility(math.exp(facts["ln_median"]), facts["deviation"])}
    units = unit_table(tanks(30.0 * np.arange(facts["n_tanks"]), np.zeros(facts["n_tanks"])))
    cause = earthquake_cause(units.assign(height_m=13.5), Earthquake(curve, fragility=own), shaking_levels(curve))
    return facts, curve, cause


def test_eight_tanks_by_integral():
    """Case D: all eight fail at once 6.57e-4 times a year, with a power law between points 6.56e-4."""
    facts, curve, cause = eight_tanks()
    got = cause.frequency @ number_failing(cause.failure, 8)[:, 8]
    assert got == pytest.approx(facts["all_tanks_integral"], rel=3e-3)
    error = math.sqrt(facts["all_tanks_integral"] / facts["years_published"])
    assert abs(got - facts["all_tanks_published"]) < 2.0 * error

    def density(x):  # over ln PGA
        reached = norm.cdf((x - facts["ln_median"]) / facts["deviation"])
        return -facts["exponent"] * facts["coefficient"] * math.exp(facts["exponent"] * x) * reached**8

    low, high = math.log(curve.pga[0]), math.log(3.0)
    beyond = facts["coefficient"] * 3.0 ** facts["exponent"] * norm.cdf((high - facts["ln_median"]) / 0.286) ** 8
    assert got == pytest.approx(quad(density, low, high, epsrel=1e-10)[0] + beyond, rel=1e-3)


def test_eight_tanks_by_sampling():
    """Case D by drawn sets: the same number within 4 standard errors."""
    facts, _, cause = eight_tanks()
    histories = 4000
    sets = draw_sets(cause.keys, id_keys(f"T{i}" for i in range(8)), cause.failure, histories, 1)
    share = (np.diff(sets.start) == 8).reshape(-1, histories).mean(axis=1)
    weight = cause.frequency * sets.weight
    error = math.sqrt((weight**2 * share * (1.0 - share) / histories).sum())
    assert abs(weight @ share - cause.frequency @ number_failing(cause.failure, 8)[:, 8]) < 4.0 * error
    assert error < 0.02 * facts["all_tanks_integral"]


def test_frequencies_of_units_and_causes_agree():
    result = found()
    causes = result.causes.set_index("cause")
    for name in ("earthquake", "lightning"):
        assert result.units[name].sum() == pytest.approx(causes.loc[name, "expected_failures"], rel=1e-12)
        numbers = result.numbers[result.numbers["cause"] == name]
        assert numbers["failing"].sum() == pytest.approx(causes.loc[name, "expected_failures"], rel=1e-9)
        assert numbers["burning"].sum() == pytest.approx(causes.loc[name, "expected_fires"], rel=1e-9)
        assert numbers["failing"].iloc[:2].tolist() == pytest.approx(
            causes.loc[name, ["any_failure", "two_failures"]].tolist(), rel=1e-12
        )
    assert causes["expected_fires"].sum() == pytest.approx(result.units["burning_frequency"].sum(), rel=1e-12)
    assert (result.units["frequency"] == result.units["earthquake"] + result.units["lightning"]).all()
    assert 0.0 < causes.loc["earthquake", "discretisation_error"] < 0.01
    order = list(zip(-result.units["frequency"], result.units["unit_id"], strict=True))
    assert order == sorted(order)  # most frequent first


def test_sharing_the_shaking_matters():
    """Two units fail together far more often than if each failed by itself; with all but equal p, as E[p²]."""
    result = found()
    cause = causes()[0]
    best = result.pairs.iloc[0]
    each = result.units.set_index("unit_id")["frequency"]
    assert best["frequency"] > 10.0 * each[best["unit_a"]] * each[best["unit_b"]]
    tank = failure_probability(cause.intensity, fragility_curves("atmospheric"))
    assert best["frequency"] == pytest.approx(cause.frequency @ tank**2, rel=1e-3)  # lightning adds next to nothing


def test_lightning_by_hand():
    """T-101: N = N_G A_D C_D flashes a year, 1 % of them open an unprotected tank."""
    units = minimal_park.park().tables["units"].set_index("unit_id")
    tank = units.loc["T-101"]
    strikes = 3e-6 * collection_area(tank["diameter_m"], tank["height_m"]) * 0.5
    got = found().units.set_index("unit_id").loc["T-101", "lightning"]
    assert got == pytest.approx(30.0 * -math.expm1(-strikes * 0.01 / 30.0), rel=1e-9)


def test_ignition_is_that_of_the_event_tree():
    park, events = minimal_park.park(), minimal_park.events()
    lost = whole_losses(park, events, wind_rose(park), "aqt3046")
    rows = events.table[(events.table["unit_id"] == "V-201") & (events.table["loc"] == "rupture")]
    fires = rows[rows["outcome"].isin(("fireball", "flash_fire", "explosion"))]["frequency"].sum()
    assert lost.units.loc["V-201", "ignition"] == pytest.approx(fires / 6e-7, rel=1e-12)
    assert lost.units.loc["V-301", "ignition"] == 0.0  # poison that does not burn
    assert lost.units.loc["V-301", "state"] == "known"


def test_lightning_lights_what_can_burn():
    cause = causes()[1]
    ignition = np.array([0.3, 0.0, 1.0, np.nan, 0.5])
    assert np.array_equal(burning_chance(cause, ignition), cause.failure * [1.0, 0.0, 1.0, 1.0, 1.0])


def test_deaths_are_those_of_the_events():
    """PLL = Σ frequency of loss × deaths of the events that follow; what burns by lightning counts as burning."""
    park, events = minimal_park.park(), minimal_park.events()
    table = events.table
    deaths = np.where(table["outcome"] == "fireball", 10.0, np.where(table["outcome"] == "toxic_cloud", 3.0, 0.0))
    tail = pd.DataFrame({"event_id": table["event_id"], "pll": deaths * table["frequency"]})
    result = natech(park, events, wind_rose(park), HAZARDS, societal=SimpleNamespace(tail=tail))
    units = result.units.set_index("unit_id")
    rows = table[(table["unit_id"] == "V-201") & (table["loc"] == "rupture")].set_index("outcome")["frequency"]
    burning = rows[rows.index.isin(("fireball", "flash_fire", "explosion"))].sum()
    mean, if_burning = 10.0 * rows["fireball"] / 6e-7, 10.0 * rows["fireball"] / burning
    sphere = units.loc["V-201"]
    assert sphere["pll"] == pytest.approx(sphere["earthquake"] * mean + sphere["lightning"] * if_burning, rel=1e-9)
    poison = units.loc["V-301"]
    assert poison["pll"] == pytest.approx(3.0 * poison["frequency"], rel=1e-9)
    assert result.pll == pytest.approx(units["pll"].sum(), rel=1e-12)


def test_what_is_not_given_is_not_zero():
    park = minimal_park.park()
    only = dataclasses.replace(HAZARDS, lightning=None)
    result = natech(park, minimal_park.events(), wind_rose(park), only)
    row = result.causes.set_index("cause").loc["lightning"]
    assert row["assessed"] == "no"
    assert row.drop("assessed").isna().all()
    assert result.units["lightning"].isna().all()
    assert math.isnan(result.pll)
    assert "natech_fire_water" in result.method["flags"]
    assert "natech_response" in result.method["flags"]
    with pytest.raises(OutOfRange, match="not assessed"):
        natech(park, minimal_park.events(), wind_rose(park), NaturalHazards())


def test_cascades_say_that_broken_vessels_do_not_burst():
    park, facility = minimal_park.park(), minimal_park.assessment().domino.facility
    given = park, minimal_park.events(), wind_rose(park), HAZARDS
    played = natech(*given, minimal_park.COARSE, facility=facility)
    assert "natech_no_bursts" in played.method["flags"]
    assert "natech_unlinked" not in played.method["flags"]
    assert (played.units["cascade_frequency"] > 0.0).any()
    alone = natech(*given, minimal_park.COARSE)
    assert "natech_unlinked" in alone.method["flags"]
    assert alone.units["cascade_frequency"].isna().all()
    assert alone.numbers["burning"].tolist() == pytest.approx(played.numbers["burning"].tolist(), rel=1e-12)


def test_loss_that_the_set_lacks_is_unknown():
    def warehouse(document):
        minimal_park.row(document["units"], unit_id="T-102")["kind"] = "warehouse"

    park = minimal_park.changed(warehouse)
    events = minimal_park.events()
    kept = events.table["unit_id"] != "T-102"
    events = dataclasses.replace(
        events, table=events.table[kept].reset_index(drop=True), outcome_index=events.outcome_index[kept.to_numpy()]
    )
    tail = pd.DataFrame({"event_id": events.table["event_id"], "pll": events.table["frequency"]})
    result = natech(park, events, wind_rose(park), HAZARDS, societal=SimpleNamespace(tail=tail))
    row = result.units.set_index("unit_id").loc["T-102"]
    assert row["state"] == "no_loss"
    assert math.isnan(row["pll"])
    assert math.isnan(row["ignition"])
    assert row["burning_frequency"] == row["frequency"]  # unknown counts as certain
    assert "natech_no_consequence" in result.method["flags"]


def test_a_given_earthquake():
    result = found(pga=0.4)
    assert result.method["conditional"]
    chance = result.units.set_index("unit_id")["earthquake"]
    assert chance["T-101"] == pytest.approx(float(failure_probability(0.4, fragility_curves("atmospheric"))))
    assert result.causes.set_index("cause").loc["lightning", "assessed"] == "no"
    assert result.numbers["failing"].iloc[0] == pytest.approx(1.0 - np.prod(1.0 - chance), rel=1e-12)


def test_order_of_units_does_not_matter(tmp_path):
    def turned(document):
        document["units"].reverse()

    other = minimal_park.changed(turned)
    again = natech(other, minimal_park.events(), wind_rose(other), HAZARDS)
    assert again.to_dict() == found().to_dict()
    for one, two in zip(found().save(tmp_path / "a"), again.save(tmp_path / "b"), strict=True):
        assert one.read_bytes() == two.read_bytes()
    json.loads((tmp_path / "a" / "natech.json").read_text(encoding="utf-8"))
