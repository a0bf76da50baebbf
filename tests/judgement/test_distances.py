"""External safety distances: choice of method, verdicts at the limit, what is unknown, order of rows."""

import dataclasses
import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from parkrisk.models.blast.tnt import kingery_bulmash
from parkrisk.risk.criteria import individual_limits
from parkrisk.risk.distances import blast
from parkrisk.risk.distances.external import site_of
from parkrisk.risk.distances.installations import choose, installations_of
from parkrisk.risk.distances.judge import Evidence, Site, judged
from parkrisk.risk.distances.met import evidence_of, met, park_distances
from parkrisk.risk.distances.standard import class_groups, classes, methods, overpressure_limits
from parkrisk.risk.rules.facts import Facts
from parkrisk.risk.screening.hazard_units import hazard_units
from tests.judgement.rule_samples import DAY, answers, indicators, loaded
from tests.minimal_park import changed, coarse, row

CHLORINE, PROPANE, NITRATE, METHANOL = "7782-50-5", "74-98-6", "6484-52-2", "67-56-1"
NOTHING = Evidence(Facts(DAY, answers={"park": answers({})}, indicators={"park": indicators({})}))


def stated(given: Mapping[str, float] = {}, said: Mapping[str, str] = {}) -> Evidence:
    """What a park states."""
    metres = indicators({name: (value, "m") for name, value in given.items()})
    return Evidence(Facts(DAY, answers={"park": answers(said)}, indicators={"park": metres}))


def terms(*masses: tuple[str, float | None]) -> list[dict[str, Any]]:
    """Terms of one hazard unit with these substances and masses [t]."""

    def edit(document: dict[str, Any]) -> None:
        unit = row(document["units"], unit_id="V-301")
        document["units"] = [unit]
        document["barriers"], document["lines"] = [], []
        (unit["substance"], unit["mass_t"]), *rest = masses
        document["contents"] = [{"unit_id": "V-301", "cas": cas, "mass_t": mass} for cas, mass in rest]

    return hazard_units(changed(edit)).terms.to_dict("records")  # type: ignore[return-value]


def site(**changes: Any) -> Site:
    """The minimal park as assessed, with other tables or another risk."""
    found = site_of(coarse())
    tables = {name: found.park.tables[name] for name in ("units", "targets", "answers", "indicators")}
    by_source = changes.pop("by_source", found.risk.by_source)
    tables |= {name: changes.pop(name) for name in list(changes) if name in tables}
    risk = dataclasses.replace(found.risk, by_source=by_source)
    return dataclasses.replace(found, park=SimpleNamespace(tables=tables), risk=risk, **changes)


def rows_of(table: pd.DataFrame, installation: str, target_class: str) -> Any:
    (found,) = table[(table["hazard_unit_id"] == installation) & (table["class"] == target_class)].to_dict("records")
    return found


def at_school(value: float, *, unit: str = "V-201") -> np.ndarray:
    """Risk of one unit at the school, nothing else anywhere."""
    risk = site_of(coarse()).risk
    values = np.zeros_like(risk.by_source)
    school = list(coarse().park.tables["targets"]["target_id"]).index("school")
    values[school, risk.unit_ids.index(unit)] = value
    return values


# Choice of the method.


@pytest.mark.parametrize(("mass", "method"), [(4.9999, "standards"), (5.0, "qra"), (5.0001, "qra")])
def test_gas_calls_for_risk_once_its_sum_reaches_one(mass: float, method: str) -> None:
    assert choose(terms((CHLORINE, mass))).method == method  # Q of chlorine is 5 t
    # 0.7 + 0.3 in binary falls short of 1 or not by chance; in decimals it is 1.
    assert choose(terms((CHLORINE, 0.3 * mass), (PROPANE, 35.0))).method == method


def test_only_gases_count_towards_the_sum() -> None:
    assert choose(terms((METHANOL, 5000.0), (CHLORINE, 1.0))).method == "standards"  # methanol alone is 10 Q


def test_explosives_in_any_amount_come_first() -> None:
    assert choose(terms((CHLORINE, 50.0), (NITRATE, 1e-3))).method == "consequence"
    assert choose(terms((CHLORINE, 50.0), (NITRATE, 0.0))).method == "qra"


def test_what_is_not_known_leaves_the_method_open() -> None:
    unknown = choose(terms((CHLORINE, 1.0), ("105-60-2", 1.0)))
    assert unknown.method == "undetermined"
    assert unknown.missing == ("hazard_classes[105-60-2]",)
    assert choose(terms((CHLORINE, 5.0), ("105-60-2", 1.0))).method == "qra"
    # The mass of a gas is open: whether it reaches 1 is too. Of a liquid it does not matter.
    for cas, method in ((CHLORINE, "undetermined"), (METHANOL, "standards")):
        (term,) = terms((cas, 1.0))
        assert choose([{**term, "mass_t": math.nan, "complete": False, "missing": ("mass",)}]).method == method


def test_only_what_is_stated_is_out_of_scope() -> None:
    # Of pipelines the standard leaves out those of transmission, which the kind of a unit does not tell.
    units = coarse().park.tables["units"]
    units.loc[units["unit_id"] == "V-201", "kind"] = "pipeline"
    said = stated(said={"outside-gbt37243[chlorine-store]": "yes", "outside-gbt37243[plant]": "no"})
    found = {
        each.id: each.choice.method for each in installations_of(site(units=units).park, coarse().hazards, said.park)
    }
    assert found == {
        "chlorine-store": "out_of_scope",
        "plant": "standards",
        "sphere": "qra",
        "tank-farm": "standards",
    }
    table = judged(site(units=units), said)
    assert set(table.loc[table["method"] == "out_of_scope", "status"]) == {"not_applicable"}


# Explosives.


@pytest.mark.parametrize(("k_factor", "psi"), [(24.0, 2.3), (40.0, 1.2), (50.0, 0.90)])
@pytest.mark.parametrize("tnt", [500.0, 20_000.0])
def test_distances_of_explosives_are_those_of_quantity_distance_rules(k_factor: float, psi: float, tnt: float) -> None:
    """Overpressures that US explosives safety standards (DESR 6055.09) print beside K24, K40 and K50."""
    metres = k_factor * 0.3048 / 0.45359237 ** (1.0 / 3.0) * tnt ** (1.0 / 3.0)
    assert blast.distance(tnt, psi * 6894.757) == pytest.approx(metres, rel=0.04)


@pytest.mark.parametrize("target_class", classes())
def test_distance_is_where_the_surface_burst_meets_the_threshold(target_class: str) -> None:
    limit, mark = overpressure_limits()[target_class]
    z = brentq(lambda u: float(kingery_bulmash(u)) - limit, 2.0, 190.0, xtol=1e-10)
    assert blast.distance(1000.0, limit) == pytest.approx(10.0 * z, rel=1e-9)
    assert blast.distance(8000.0, limit) == pytest.approx(2.0 * blast.distance(1000.0, limit), rel=1e-9)
    assert mark == "M"


def test_a_charge_is_all_explosives_at_once() -> None:
    # Ammonium nitrate counts half its mass of TNT (models/data/tnt_equivalents.csv), methanol nothing.
    found = blast.charge_of([*terms((NITRATE, 2.0)), *terms((NITRATE, 3.0), (METHANOL, 100.0))])
    assert found == blast.Charge(pytest.approx(2500.0), ("V-301",), ())  # type: ignore[arg-type]
    (term,) = terms((NITRATE, 2.0))
    assert blast.charge_of([{**term, "cas": "118-96-7"}]).tnt == 2000.0
    assert blast.charge_of([{**term, "mass_t": math.nan}]).missing == (f"units.V-301.mass_t[{NITRATE}]",)
    # Barium azide: neither an equivalent nor a heat of combustion on record.
    assert blast.charge_of(terms(("18810-58-7", 1.0))).missing == ("tnt_equivalents[18810-58-7]",)


@pytest.mark.parametrize(
    ("cas", "equivalence", "mark"),
    [("118-96-7", 1.0, "V"), ("121-82-4", 1.25, "1"), ("55-63-0", 1.48, "V"), ("9004-70-0", 1.02, "V")],
)
def test_a_store_of_an_explosive_is_judged_by_its_blast(cas: str, equivalence: float, mark: str) -> None:
    found = terms((cas, 4.0))
    assert choose(found).method == "consequence"
    charge = blast.charge_of(found)
    assert (charge.tnt, charge.missing, charge.mark) == (pytest.approx(4000.0 * equivalence), (), mark)


def test_an_estimated_equivalence_marks_the_verdict() -> None:
    assert blast.charge_of(terms(("7790-98-9", 4.0), ("118-96-7", 1.0))).mark == "M"


def test_ammonium_nitrate_of_any_grade_counts_as_an_explosive_and_says_so() -> None:
    choice = choose(terms((NITRATE, 100.0)))
    assert (choice.method, choice.why_zh, choice.why_en) == (
        "consequence",
        "涉及爆炸物：硝酸铵",
        "explosives: ammonium nitrate",
    )


def store(mass: float = 2.0) -> tuple[Site, float, float]:
    """Park with ammonium nitrate in place of chlorine, the store's x and y."""

    def edit(document: dict[str, Any]) -> None:
        row(document["units"], unit_id="V-301").update(
            kind="explosives_store", substance=NITRATE, mass_t=mass, volume_m3=None, pressure_kpa=0, diameter_m=2.0
        )

    park = changed(edit)
    unit = park.tables["units"].set_index("unit_id").loc["V-301"]
    return Site(park, hazard_units(park), site_of(coarse()).risk), float(unit["x"]), float(unit["y"])


@pytest.mark.parametrize("target_class", classes())
def test_a_target_just_at_the_distance_passes(target_class: str) -> None:
    base, x, y = store()
    required = blast.distance(1000.0, overpressure_limits()[target_class][0])
    for away, status in ((required + 1e-6, "pass"), (required - 1e-6, "fail")):
        targets = base.park.tables["targets"].iloc[:1].assign(**{"class": target_class, "x": x + away, "y": y})
        tables = {name: base.park.tables[name] for name in ("units", "answers", "indicators")}
        moved = dataclasses.replace(base, park=SimpleNamespace(tables=tables | {"targets": targets}))
        found = rows_of(judged(moved, NOTHING), "chlorine-store", target_class)
        assert (found["method"], found["status"]) == ("consequence", status)
        assert found["required_m"] == required
        assert found["ratio"] == pytest.approx(1.0, abs=1e-6)


# Risk.


def test_risk_exactly_at_the_limit_passes() -> None:
    limit = individual_limits()["high-sensitivity", "existing"].value
    for value, status in ((limit, "pass"), (np.nextafter(limit, 1.0), "fail")):
        found = rows_of(judged(site(by_source=at_school(value)), NOTHING), "sphere", "high-sensitivity")
        assert (found["status"], found["worst_target"], found["risk"]) == (status, "school", value)


def test_an_enterprise_is_assessed_as_a_whole_and_its_neighbours_by_themselves() -> None:
    limit = individual_limits()["high-sensitivity", "existing"].value
    values = at_school(0.6 * limit) + at_school(0.6 * limit, unit="T-101")  # both of e1
    table = judged(site(by_source=values), NOTHING)
    found = rows_of(table, "sphere", "high-sensitivity")
    assert (found["status"], found["risk"], found["risk_own"]) == ("fail", 1.2 * limit, 0.6 * limit)
    assert rows_of(table, "chlorine-store", "high-sensitivity")["status"] == "pass"  # e2 adds nothing


def test_a_new_installation_is_judged_by_new_units_and_new_limits() -> None:
    new = individual_limits()["high-sensitivity", "new"].value
    units = coarse().park.tables["units"]
    units.loc[units["unit_id"] == "V-201", "status"] = "approved"
    values = at_school(1.01 * new) + at_school(2.0 * new, unit="T-101")
    found = rows_of(judged(site(units=units, by_source=values), NOTHING), "sphere", "high-sensitivity")
    assert (found["state"], found["status"], found["risk"], found["risk_limit"]) == ("new", "fail", 1.01 * new, new)
    # A target may ask for the limits for new installations itself.
    targets = coarse().park.tables["targets"].assign(facility_state="new")
    found = rows_of(judged(site(targets=targets, by_source=at_school(new)), NOTHING), "sphere", "high-sensitivity")
    assert (found["status"], found["risk_limit"]) == ("pass", new)


def test_a_lower_bound_never_passes_but_may_fail() -> None:
    limit = individual_limits()["high-sensitivity", "existing"].value
    for value, status in ((0.5 * limit, "unknown"), (1.5 * limit, "fail")):
        # T-102 is of the sphere's enterprise, R-301 is not.
        table = judged(site(by_source=at_school(value), not_computed=("T-102",)), NOTHING)
        found = rows_of(table, "sphere", "high-sensitivity")
        assert (found["status"], found["missing"]) == (status, ("events.not_computed[T-102]",))
        assert rows_of(table, "chlorine-store", "high-sensitivity")["status"] == "pass"


def test_an_installation_without_any_event_is_unknown() -> None:
    found = site()
    risk = dataclasses.replace(found.risk, unit_ids=tuple(name + "*" for name in found.risk.unit_ids))
    table = judged(dataclasses.replace(found, risk=risk), NOTHING)
    assert set(table.loc[(table["method"] == "qra") & (table["targets"] > 0), "status"]) == {"unknown"}


# Distances of the design standards.


def test_design_distances_come_from_what_is_stated() -> None:
    open_ = rows_of(judged(site(), NOTHING), "tank-farm", "general class 2")
    assert (open_["status"], open_["missing"]) == ("unknown", ("indicators.design-standard-distance[tank-farm]",))
    away = open_["available_m"]
    assert away == pytest.approx(392.0)  # 400 m from the middle of a tank of 16 m
    for given, status in ((away, "pass"), (np.nextafter(away, math.inf), "fail")):
        table = judged(site(), stated({"design-standard-distance[tank-farm]": given}))
        assert rows_of(table, "tank-farm", "general class 2")["status"] == status
        assert rows_of(table, "plant", "general class 2")["status"] == "unknown"
    own = {"design-standard-distance[tank-farm]": 1e4, "design-standard-distance[tank-farm][general class 2]": 1.0}
    table = judged(site(), stated(own))
    assert rows_of(table, "tank-farm", "general class 2")["status"] == "pass"
    assert rows_of(table, "tank-farm", "general class 3")["status"] == "fail"


@pytest.mark.parametrize(
    ("answer", "status"), [("yes", "pass"), ("no", "fail"), ("partial", "fail"), ("unknown", "unknown")]
)
def test_evidence_that_design_distances_are_kept(answer: str, status: str) -> None:
    table = judged(site(), stated(said={"design-standard-distance[plant]": answer}))
    assert rows_of(table, "plant", "general class 3")["status"] == status
    assert rows_of(table, "tank-farm", "general class 3")["status"] == "unknown"
    table = judged(site(), stated(said={"design-standard-distance": answer}))
    assert rows_of(table, "tank-farm", "general class 3")["status"] == status


def test_a_project_speaks_for_its_own_installations_only() -> None:
    own = Facts(
        DAY, answers={"project": answers({"project-external-distance": "yes", "design-standard-distance": "yes"})}
    )
    table = judged(site(), Evidence(NOTHING.park, own, {"plant"}))
    assert rows_of(table, "plant", "general class 3")["status"] == "pass"
    assert rows_of(table, "tank-farm", "general class 3")["status"] == "unknown"


def both(figures: Mapping[str, Mapping[str, float]] = {}, said: Mapping[str, Mapping[str, str]] = {}) -> Evidence:
    """What park and project state of the hazard unit tank-farm, which the project adds to."""
    facts = Facts(
        DAY,
        answers={side: answers(given) for side, given in said.items()},
        indicators={
            side: indicators({name: (value, "m") for name, value in given.items()}) for side, given in figures.items()
        },
    )
    return Evidence(NOTHING.park, facts, {"tank-farm"})


def test_a_project_that_contradicts_the_park_settles_nothing_by_a_wider_claim() -> None:
    unit = "design-standard-distance[tank-farm]"
    said = {"park": {unit: "no"}, "project": {unit: "yes", "project-external-distance": "yes"}}
    assert rows_of(judged(site(), both(said=said)), "tank-farm", "general class 2")["status"] == "unknown"
    own = f"{unit}[general class 2]"
    figures = {"park": {own: 1e4}, "project": {own: 1.0, unit: 1.0}}
    assert rows_of(judged(site(), both(figures)), "tank-farm", "general class 2")["status"] == "unknown"


@pytest.mark.parametrize("figure", [0.0, -1.0])
def test_a_distance_that_is_none_states_nothing(figure: float) -> None:
    table = judged(site(), stated({"design-standard-distance[tank-farm]": figure}))
    assert rows_of(table, "tank-farm", "general class 2")["status"] == "unknown"


# The park as a whole.


def test_without_targets_nothing_passes() -> None:
    empty = site(targets=coarse().park.tables["targets"].iloc[:0], by_source=np.zeros((0, 5)))
    said = stated({"design-standard-distance[plant]": 1.0}, {"design-standard-distance": "yes"})
    fact = met(judged(empty, said))
    assert fact.values == ()
    assert "targets" in fact.missing


def test_a_class_without_limits_is_unknown() -> None:
    targets = coarse().park.tables["targets"]
    targets["class"] = ["unclassified"] * len(targets)
    table = judged(site(targets=targets), stated(said={"design-standard-distance": "yes"}))
    found = rows_of(table, "sphere", "unclassified")
    assert (found["status"], found["missing"]) == ("unknown", ("targets.class[unclassified]",))
    assert met(table).values == ()


def test_the_worst_decides() -> None:
    good = judged(site(), stated(said={"design-standard-distance": "yes"}))
    assert met(good).value is True
    assert met(good).mark == "M"
    assert "证明材料" in met(good[good["method"] == "standards"]).detail_zh
    assert met(judged(site(), NOTHING)).value is None
    bad = met(judged(site(by_source=at_school(1.0)), NOTHING))
    assert bad.value is False, "a failure stands whatever else is unknown"
    assert "示例小学" in bad.detail_zh
    assert met(good.iloc[:0]).value is True, "nothing to judge"


def test_every_enterprise_has_a_fact_of_its_own() -> None:
    found = park_distances(site(by_source=at_school(1.0)), loaded())
    owners = {f"enterprise.external_distance_met[{name}]" for name in ("e1", "e2")}
    assert owners <= set(found)
    assert {found[name].value for name in owners} == {False, True}, "one fails, the other does not"


def test_order_of_rows_leaves_no_trace() -> None:
    found = site()
    targets, units = found.park.tables["targets"], found.park.tables["units"]
    turned = site(
        targets=targets.iloc[::-1].reset_index(drop=True),
        units=units.iloc[::-1].reset_index(drop=True),
        by_source=found.risk.by_source[::-1],
    )
    pd.testing.assert_frame_equal(judged(turned, NOTHING), judged(found, NOTHING))


def test_limits_and_methods_as_shipped() -> None:
    assert set(classes()) == set(overpressure_limits())
    assert [name for group in class_groups() for name in group] == list(classes())
    assert set(methods()) == {"consequence", "qra", "standards"}
    assert {rule.id for rule in loaded("cn-2026").rules} >= {"gbt37243-distance-park", "gbt37243-distance-project"}
    assert coarse().rules.set_index("rule_id").loc["gbt37243-distance-park", "status"] == "pass"
    assert evidence_of(coarse().park, loaded("cn-2026")).kept("plant") is True
