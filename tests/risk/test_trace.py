"""Every cell of a result says what it means; what is called a sum or a product is one; traces end at what was given."""

import itertools
import math

import numpy as np
import pytest

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.result import Assessment
from parkrisk.risk.trace.lineage import KEYS, lineage
from parkrisk.risk.trace.step import Step
from parkrisk.scenarios import schema
from tests.minimal_park import assessment


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assessment()


def total(step: Step, column: str) -> float:
    """Sum of the parts of a step that stand in a column, those not shown included."""
    parts = [float(each.value) for each in step.inputs if each.place.endswith(f".{column}")]
    return math.fsum([*parts, step.others_sum or 0.0])


def test_every_column_of_every_table_is_described_in_both_languages(result: Assessment) -> None:
    for name, table in result.tables().items():
        assert name in KEYS
        for column in table.columns:
            about = lineage()[(name, column)]
            assert about.label_zh
            assert about.label_en


def test_references_lead_to_columns_that_exist(result: Assessment) -> None:
    known = {name: set(table.columns) for name, table in result.tables().items()}
    virtual = {"events_at", "events", "tail", "hazard_terms", "grade", "grade_items", "park", "fn_by_unit"}
    for (table, _), about in lineage().items():
        for reference in about.inputs:
            if reference.table.startswith("input:"):
                name = reference.table.removeprefix("input:")
                assert reference.column in schema.table(name).columns
            elif reference.table in known:
                assert reference.column in known[reference.table]
                assert {theirs for theirs, _ in reference.match or ()} <= known[reference.table]
            elif reference.table:
                assert reference.table in virtual | {"outcome_of", "made_of", "measured_by"}
            elif table in known:
                assert reference.column in known[table]


@pytest.mark.parametrize("most", [1, 3, 100])
def test_individual_risk_is_the_sum_of_units_and_of_their_events(result: Assessment, most: int) -> None:
    for target, risk in zip(result.targets["target_id"], result.targets["individual_risk"], strict=True):
        step = result.trace("targets", target, "individual_risk", most=most)
        assert step.value == risk
        assert total(step, "individual_risk") == pytest.approx(risk, rel=1e-12)
        for unit in step.inputs:
            assert total(unit, "individual_risk") == pytest.approx(unit.value, rel=1e-9)


def test_frequency_of_an_event_is_loss_times_branch(result: Assessment) -> None:
    events = result.events.table
    for event, frequency in zip(events["event_id"], events["frequency"], strict=True):
        step = result.trace(table="events", key=event, column="frequency", depth=2)
        if event.endswith("/domino"):
            assert [each.place.split("[")[0] for each in step.inputs] == ["domino_units"]
        else:
            loss, branch = step.inputs
            assert 0.0 < branch.value <= 1.0 + 1e-12
            assert loss.value * branch.value == pytest.approx(frequency)
            assert loss.source
            assert loss.mark in ("V", "1", "M", "user")


@pytest.mark.parametrize(
    ("table", "column", "part"),
    [
        ("hazard_units", "S", "q_over_Q"),
        ("hazard_units", "beta_sum", "beta_q_over_Q"),
        ("sources", "pll", "pll"),
        ("sources", "frequency", "frequency"),
        ("fn", "F_without_domino", "frequency"),
        ("domino_units", "secondary_frequency", "frequency"),
        ("grade", "score", "score_low"),
        ("park", "pll", "pll"),
    ],
)
def test_what_is_called_a_sum_is_one(result: Assessment, table: str, column: str, part: str) -> None:
    frame = result.tables().get(table)
    keys = [()] if frame is None else [tuple(row) for row in frame[list(KEYS[table])].to_numpy()]
    for key in itertools.islice(keys, 0, None, max(1, len(keys) // 10)):
        step = result.trace(table, key, column, most=2, depth=1)
        if step.value is not None:
            assert total(step, part) == pytest.approx(step.value, rel=1e-9, abs=1e-18)


def test_products(result: Assessment) -> None:
    for hazard in result.hazards.units["hazard_unit_id"]:
        step = result.trace("hazard_units", hazard, "R", depth=1)
        assert np.prod([each.value for each in step.inputs]) == pytest.approx(step.value)
    for row in result.domino.pairs.itertuples():
        step = result.trace("domino_pairs", (row.from_unit, row.to_unit), "frequency", depth=1)
        assert np.prod([each.value for each in step.inputs]) == pytest.approx(step.value)


def test_traces_end_at_what_was_given_a_data_row_a_model_or_a_clause(result: Assessment) -> None:
    step = result.trace("targets", "shop", "ratio", depth=12, most=100)
    ends = [each for each in step.walk() if not each.inputs]
    assert {"units.csv", "targets.csv", "loss_of_containment.csv", "event tree"} <= {
        each.place.split("[")[0] for each in ends
    }
    models = {each.place for each in step.walk() if each.place.startswith("parkrisk.models")}
    assert any(place.endswith("ToxicCloud") for place in models)
    assert all(each.source for each in step.walk() if each.place.startswith("loss_of_containment"))
    limits = [each for each in step.walk() if each.place.endswith(".limit")]
    assert limits[0].source.startswith("GB 36894-2018")
    assert limits[0].mark == "M"


def test_a_rule_leads_to_what_it_measures(result: Assessment) -> None:
    step = result.trace("rules", "gb36894-individual-park", "status", most=100)
    places = [each.place for each in step.walk()]
    assert "quantities[risk.targets_over_limit]" in places
    assert {f"targets[{name}].ratio" for name in result.targets["target_id"]} <= set(places)
    assert "answers.csv[overall-assessment]" in [
        each.place for each in result.trace("rules", "law-19a", "status").walk()
    ]


def test_defaults_and_declared_cells_say_so(result: Assessment) -> None:
    step = result.trace("targets", "shop", "individual_risk", depth=12, most=100)
    cells = {each.place: each for each in step.walk() if ".csv[" in each.place and each.how_en}
    assumed = result.park.assumptions
    for row in assumed[assumed["table"] == "units"].itertuples():
        cell = cells.get(f"units.csv[{row.row}].{row.column}")
        assert cell is None or cell.source == row.source


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (("target", "shop", "ratio"), "targets"),
        (("targets", "shopp", "ratio"), "shop"),
        (("targets", "shop", "ration"), "ratio"),
    ],
)
def test_unknown_names_are_refused_with_near_ones(result: Assessment, asked: tuple[str, str, str], word: str) -> None:
    with pytest.raises(OutOfRange, match=word):
        result.trace(*asked)


def test_json_holds_the_same_tree(result: Assessment) -> None:
    step = result.trace("hazard_units", "chlorine-store", "level")
    content = step.to_dict()
    assert content["value"] == step.value
    assert [each["place"] for each in content["inputs"]] == [each.place for each in step.inputs]
