"""The assessment of a changed park from that of the park before is that of the changed park, to the last bit."""

import dataclasses
import functools
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from parkrisk.api.examples import example_park
from parkrisk.risk.assess import assess
from parkrisk.risk.cascades import replay
from parkrisk.risk.crowds.counter import KeptDeaths
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.increment import change_of, changed_units, radii_again
from parkrisk.risk.mapping.kept import Kept
from parkrisk.risk.result import Assessment
from parkrisk.risk.settings import Settings
from parkrisk.risk.tables import casualty_radius_table
from parkrisk.scenarios import park_from_json, read, read_project
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.park import Park
from tests import minimal_park
from tests.minimal_park import COARSE, row

SETTINGS = dataclasses.replace(COARSE, domino_histories=20)
LOCATED = dataclasses.replace(SETTINGS, delayed_ignition="located")


@functools.cache
def park() -> Park:
    """Give the minimal park with a road, a pipeline along a line and a bigger tank close to the others."""
    found = minimal_park.document()
    first = found["units"][0]
    east, north = first["x"], first["y"]
    found["lines"] = [
        {"line_id": name, "point": point, "x": east + 300.0 * point, "y": north + shift}
        for name, shift in (("road", 120.0), ("rack", -60.0))
        for point in (1, 2)
    ]
    found["transport"] = [
        {
            "transport_id": "lpg-trucks",
            "line_id": "road",
            "mode": "road_outside",
            "vehicle": "pressurised",
            "substance": "74-98-6",
            "load_t": 20.0,
            "loads_per_year": 1e6,
        }
    ]
    piped = {
        "unit_id": "P-1",
        "enterprise_id": "e2",
        "kind": "pipeline",
        "x": east + 400.0,
        "y": north - 60.0,
        "diameter_m": 0.1,
        "pressure_kpa": 900.0,
        "substance": "74-98-6",
        "line_id": "rack",
    }
    found["units"].append(piped)
    return park_from_json(found)


@functools.cache
def base(located: bool) -> Assessment:
    return assess(park(), settings=LOCATED if located else SETTINGS)


def new_tank(unit_id: str = "N-1") -> dict[str, Any]:
    first = row(minimal_park.document()["units"], unit_id="V-201")
    return {**{name: value for name, value in first.items() if name != "assumed"}, "unit_id": unit_id, "y": 4500180.0}


def at(unit_id: str, dx: float, dy: float) -> dict[str, tuple[float, float]]:
    place = park().tables["units"].set_index("unit_id").loc[unit_id]
    return {unit_id: (place["x"] + dx, place["y"] + dy)}


def first_id(table: str, column: str) -> str:
    return str(park().tables[table][column].iloc[0])


CHANGES: dict[str, Any] = {
    "nothing": dict,
    "remove": lambda: {"remove": ["T-102"]},
    "remove the worst": lambda: {"remove": ["V-201"]},
    "move within the map": lambda: {"move": at("V-201", 7.0, -3.0)},
    "move so that the map changes": lambda: {"move": at("V-301", 150.0, 0.0)},
    "add": lambda: {"add": {"units": [new_tank()]}},
    "refill": lambda: {"edit": {"units": {"T-101": {"fill_fraction": 0.3}}}},
    "swap substance": lambda: {"edit": {"units": {"T-101": {"substance": "71-43-2"}}}},
    "close the road": lambda: {"close": ["road"]},
    "move a line": lambda: {"edit": {"lines": {"rack/2": {"y": 4500060.0}}}},
    "isolation valve fails": lambda: {"edit": {"units": {"V-301": {"isolation_class": "C"}}}},
    "out of service": lambda: {"disable": ["V-301"]},
    "housing": lambda: {"add": {"population": [{"x": 500450.0, "y": 4500150.0, "day": 40.0, "night": 90.0}]}},
    "new target": lambda: {
        "add": {
            "targets": [{"target_id": "n", "name": "n", "class": "high-sensitivity", "x": 500450.0, "y": 4500150.0}]
        }
    },
    "ignition source": lambda: {
        "add": {"ignition": [{"source_id": "n", "kind": "motor_vehicle", "x": 500330.0, "y": 4500130.0}]}
    },
    "staff": lambda: {"edit": {"enterprises": {"e1": {"staff_day": 3.0}}}},
    "weather": lambda: {"weather": {"stability": first_id("weather", "stability")}},
    "several": lambda: {"remove": ["R-301"], "move": at("T-101", 2.0, 2.0), "close": ["lpg-trucks"]},
}


def same(one: Assessment, other: Assessment) -> None:
    """Both agree in everything that a later increment or a file would take from them."""
    assert one.provenance["result_digest"] == other.provenance["result_digest"]
    pd.testing.assert_frame_equal(one.events.table, other.events.table)
    pd.testing.assert_frame_equal(one.events.dropped, other.events.dropped)
    assert list(one.events.outcomes) == list(other.events.outcomes)
    assert np.array_equal(one.events.outcome_index, other.events.outcome_index)
    mine, yours = one.individual_risk.sums, other.individual_risk.sums
    assert all(np.array_equal(a, b) for a, b in zip(mine.levels, yours.levels, strict=True))
    assert mine.cut == yours.cut
    for name in ("by_unit", "by_kind"):
        parts, others = getattr(mine.points, name), getattr(yours.points, name)
        assert parts.keys() == others.keys()
        assert all(np.array_equal(parts[key], others[key]) for key in parts)
    assert one.societal.units.keys() == other.societal.units.keys()
    for unit, part in one.societal.units.items():
        assert np.array_equal(part.histograms, other.societal.units[unit].histograms)
        assert np.array_equal(part.figures, other.societal.units[unit].figures)


@pytest.mark.parametrize("name", CHANGES)
def test_equals_a_full_run(name: str) -> None:
    changed = change(park(), **CHANGES[name]())
    settings = LOCATED if name in ("ignition source", "housing", "remove", "move a line", "several") else SETTINGS
    again = assess(changed, settings=settings, previous=base(settings is LOCATED))
    same(again, assess(changed, settings=settings))
    if name != "nothing":
        assert again.provenance["result_digest"] != base(settings is LOCATED).provenance["result_digest"]


def test_new_housing_near_transport() -> None:
    """In the free field no ignition tells that there are new people: who is reached must."""
    changed = change(park(), **CHANGES["housing"]())
    same(assess(changed, settings=SETTINGS, previous=base(False)), assess(changed, settings=SETTINGS))


def test_without_a_unit() -> None:
    changed = change(park(), disable=park().tables["units"]["unit_id"].tolist())
    for settings in (SETTINGS, LOCATED):
        again = assess(changed, settings=settings, previous=base(settings is LOCATED))
        full = assess(changed, settings=settings)
        assert again.provenance["result_digest"] == full.provenance["result_digest"]


def test_there_and_back() -> None:
    away = assess(change(park(), remove=["V-201"]), settings=SETTINGS, previous=base(False))
    same(assess(park(), settings=SETTINGS, previous=away), base(False))


@pytest.mark.parametrize(
    "settings",
    [
        dataclasses.replace(SETTINGS, domino_histories=10),
        dataclasses.replace(SETTINGS, loss_set="purple_book"),
        dataclasses.replace(SETTINGS, grid=dataclasses.replace(SETTINGS.grid, n_rings=40)),
        dataclasses.replace(SETTINGS, cell_m=100.0),
        dataclasses.replace(SETTINGS, threads=2),
        LOCATED,
    ],
    ids=["histories", "loss set", "grid", "cell", "threads", "ignition"],
)
def test_other_settings_take_over_what_they_may(settings: Any) -> None:
    changed = change(park(), move=at("T-101", 2.0, 2.0))
    same(assess(changed, settings=settings, previous=base(False)), assess(changed, settings=settings))


def test_another_seed() -> None:
    same(assess(park(), settings=SETTINGS, seed=5, previous=base(False)), assess(park(), settings=SETTINGS, seed=5))


def test_histories_too_many_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more unit and histories are kept in short: no result shows it, from either side."""
    smaller = change(park(), **CHANGES["remove"]())
    few = assess(smaller, settings=SETTINGS)
    room = sum(few.domino.courses.entries.values())
    assert sum(base(False).domino.courses.entries.values()) > room
    monkeypatch.setattr(replay, "MOST_ENTRIES", room)
    many = assess(park(), settings=SETTINGS, previous=few)
    assert not many.domino.courses.in_full
    assert all(log.time.size == 0 for _, log in many.domino.courses.logs.values())
    same(many, base(False))
    moved = change(park(), **CHANGES["move within the map"]())
    same(assess(moved, settings=SETTINGS, previous=many), assess(moved, settings=SETTINGS))
    again = assess(smaller, settings=SETTINGS, previous=many)
    same(again, few)
    assert again.domino.courses.in_full


def test_what_does_not_change_is_kept() -> None:
    again = assess(park(), settings=SETTINGS, previous=base(False))
    assert changed_units(base(False).events, again.events) == set()
    assert all(part is base(False).societal.units[unit] for unit, part in again.societal.units.items())
    outcomes = {id(outcome) for outcome in base(False).events.outcomes}
    assert {id(outcome) for outcome in again.events.outcomes} == outcomes


def test_far_units_keep_their_part_when_one_goes() -> None:
    """A road closed far from the chlorine store leaves the store's part of both risks alone."""
    again = assess(change(park(), close=["road"]), settings=SETTINGS, previous=base(False))
    assert "lpg-trucks" in changed_units(base(False).events, again.events)
    assert again.societal.units["V-301"] is base(False).societal.units["V-301"]


def test_histories_of_cascades_are_taken_over() -> None:
    """An earlier run that says that nobody dies in them is believed."""
    before = base(False)
    known = before.societal.histories
    assert known is not None
    assert before.societal.counted_twice > 0.0
    lost = dataclasses.replace(known, deaths=np.zeros_like(known.deaths))
    blind = dataclasses.replace(before, societal=dataclasses.replace(before.societal, histories=lost))
    assert assess(park(), settings=SETTINGS, previous=blind).societal.counted_twice == 0.0


def gated(folder: Path, names: list[str], settings: Settings) -> None:
    """Gate projects one after the other from one assessment of the park; each must see what a full run sees."""
    shipped = read(folder)
    before = assess(shipped, settings=settings)
    for name in names:
        project = read_project(folder / "projects" / name)
        after = gate(shipped, project, settings=settings, before=before).after
        same(after, assess(change(shipped, add=project), settings=settings))


def test_gates_of_one_assessment_see_full_runs() -> None:
    folder = example_park("minimal")
    names = sorted(place.name for place in (folder / "projects").iterdir())
    gated(folder, [*names, *names], SETTINGS)  # the second time what the first has kept is there


def test_cascades_that_come_out_as_before_keep_their_tables() -> None:
    """A unit that others load a little, and that never fails, leaves the histories of the others as they were."""
    first = row(minimal_park.document()["units"], unit_id="V-201")
    far = {
        **{name: value for name, value in first.items() if name != "assumed"},
        "unit_id": "N-9",
        "y": first["y"] + 90.0,
    }
    changed = change(park(), add={"units": [far]})
    again = assess(changed, settings=SETTINGS, previous=base(False))
    same(again, assess(changed, settings=SETTINGS))


def test_what_is_kept_stays_in_its_process() -> None:
    """It is told apart by objects, so that a copy must not have it."""
    kept, deaths = base(False).individual_risk.kept, base(False).societal.kept
    assert kept.raster
    assert deaths
    copies = pickle.loads(pickle.dumps((kept, deaths)))
    assert copies == (Kept(), KeptDeaths())


def test_deaths_among_other_people_are_not_kept_for_these() -> None:
    """Not even by an assessment that has come from a file and has none yet."""
    societal = dataclasses.replace(base(False).societal, kept=KeptDeaths())
    before = dataclasses.replace(base(False), societal=societal)
    assess(change(park(), edit={"enterprises": {"e1": {"staff_day": 3.0}}}), settings=SETTINGS, previous=before)
    assert not before.societal.kept
    assess(change(park(), edit={"units": {"T-101": {"fill_fraction": 0.3}}}), settings=SETTINGS, previous=before)
    assert before.societal.kept


def test_radii_are_those_of_the_winds_that_are_shown_now() -> None:
    """Nothing changes but how often each weather comes about, and so which is the most frequent."""
    before = base(False)
    around, shown = before.surroundings, []
    for weather in range(len(around.rose.weathers)):
        probability = np.zeros_like(around.rose.probability)
        probability[:, weather] = 0.5 / probability.shape[2]
        other = dataclasses.replace(around, rose=dataclasses.replace(around.rose, probability=probability))
        found = radii_again(before.events, change_of(before.events, before), other)
        pd.testing.assert_frame_equal(found, casualty_radius_table(before.events, other.rose))
        shown.append(set(found["weather"]))
    assert any(each != set(before.scenarios["weather"]) for each in shown)
