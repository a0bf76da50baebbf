"""The siting map against single assessments of the moved project, and what it may never say."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.crowds.crowd import Crowd
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.footprints.recent import library_for
from parkrisk.risk.individual import IndividualRisk, Raster, risk_sums
from parkrisk.risk.mapping.loads import of_units
from parkrisk.risk.settings import Settings
from parkrisk.risk.siting import translation
from parkrisk.risk.siting.moving import middle_of, moved_to, units_of
from parkrisk.risk.siting.own_deaths import OwnDeaths
from parkrisk.risk.siting.own_risk import OwnRisk
from parkrisk.risk.siting.result import CRITERIA, FAIL, OCCUPIED, OUTSIDE, PASS, VERDICTS, Siting
from parkrisk.risk.siting.rooms import _risk_at, _Society
from parkrisk.risk.siting.siting import siting
from parkrisk.risk.societal import societal_risk
from parkrisk.scenarios import change, project_from_json
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.park import Park, Tables
from tests.judgement.siting_project import AREA, MIDDLE, decision, document, park, project

PLACES = np.array([MIDDLE, (500120.0, 4500250.0), (500960.0, 4500030.0), (500480.0, 4500290.0)])


@pytest.fixture(scope="module")
def found() -> Siting:
    return siting(park(), project(), decision=decision(), cells=40, area=AREA)


def own_events() -> Events:
    return of_units(decision().after.expansion.events, ["P-0", "P-1"])


def moved_events(events: Events, place: Any) -> Events:
    shift = np.asarray(place) - MIDDLE
    table = events.table.assign(x=events.table["x"] + shift[0], y=events.table["y"] + shift[1])
    return dataclasses.replace(events, table=table)


def around_box(place: Any, half: float = 5.0) -> tuple[float, float, float, float]:
    return place[0] - half, place[1] - half, place[0] + half, place[1] + half


# Against the engine


def test_own_risk_is_that_of_the_moved_events() -> None:
    around, events = decision().before.surroundings, own_events()
    library = library_for(events.outcomes, around.grid)
    own = OwnRisk(events, around.rose, around.grid, around.reading, library, np.array(MIDDLE))
    rough = own.roughly(PLACES, around.points)
    for place, near in zip(PLACES, rough, strict=True):
        where = (around.rose, around.grid, Raster(*MIDDLE, 100.0, 1, 1), around.points)
        sums = risk_sums(moved_events(events, place), *where, library=library)
        true = IndividualRisk.of(sums, Raster(*MIDDLE, 100.0, 1, 1), rose=around.reading).points
        counts = true >= 1e-9
        assert counts.any()
        np.testing.assert_allclose(own.exactly(np.tile(place, (len(true), 1)), around.points), true, rtol=1e-9)
        # At the tip of a footprint a field read from the nodes of this coarse grid is off by more than elsewhere.
        np.testing.assert_allclose(near[counts], true[counts], rtol=0.2)


def test_own_curve_is_that_of_the_moved_events_to_the_bit_and_below_its_bound() -> None:
    around, events = decision().before.surroundings, own_events()
    library = library_for(events.outcomes, around.grid)
    frame = (around.rose, around.grid, Crowd(around.people), library, np.array(MIDDLE))
    own = OwnDeaths(events, *frame, 0.0)
    curves, bounds = own.curve(PLACES), own.bound(PLACES)
    assert (bounds >= curves * (1.0 - 1e-12)).all()
    for place, curve in zip(PLACES, curves, strict=True):
        moved = moved_events(events, place)
        true = societal_risk(moved, around.rose, around.grid, around.people, library=library).fn["F"].to_numpy()
        assert true.size
        assert np.array_equal(curve[: true.size], true)
        assert not curve[true.size :].any()


def test_sources_alike_and_near_to_each_other_count_as_one_in_their_middle() -> None:
    around, events = decision().before.surroundings, own_events()
    library = library_for(events.outcomes, around.grid)
    frame = (around.rose, around.grid, Crowd(around.people), library, np.array(MIDDLE))
    assert len(OwnDeaths(events, *frame, 9.9).sources) == 2
    merged = OwnDeaths(events, *frame, 10.1)
    assert len(merged.sources) == 1
    in_one_place = dataclasses.replace(events, table=events.table.assign(x=MIDDLE[0]))
    there = OwnDeaths(in_one_place, *frame, -1.0)
    assert len(there.sources) == 2
    np.testing.assert_allclose(merged.curve(PLACES), there.curve(PLACES), rtol=1e-7)


def test_cascades_within_the_project_are_counted_as_if_it_stood_alone() -> None:
    after = decision().after
    place = (500860.0, 4500250.0)
    with_it = change(park(), add=moved_to(project(), park(), *place))
    others = set(park().tables["units"]["unit_id"])
    alone = assess(change(with_it, remove=sorted(others)), settings=after.settings).targets.set_index("target_id")
    one = siting(park(), project(), decision=decision(), cells=1, area=around_box(place))
    ratio = (alone["individual_risk"] / alone["limit_new"]).max()
    assert alone["individual_risk"].max() > alone["individual_risk_without_domino"].max()
    assert CRITERIA[int(one.binding[0, 0])] == "individual_new"
    assert one.room[0, 0] == pytest.approx(1.0 / ratio, rel=5e-3)


def test_the_own_place_has_the_numbers_of_the_gate(found: Siting) -> None:
    one = siting(park(), project(), decision=decision(), cells=1, area=around_box(MIDDLE))
    added = decision().targets
    # What cascades from and to other units add is not on the map; here it is below 3 %.
    assert one.room[0, 0] == pytest.approx(1.0 / (added["own"] / added["limit_new"]).max(), rel=0.03)
    assert one.targets["target_id"].iloc[one.target[0, 0]] == added.loc[added["ratio"].idxmax(), "target_id"]
    assert one.own_place == MIDDLE == found.own_place


@pytest.mark.slow
def test_verdicts_are_those_of_the_gate_where_room_is_clear(found: Siting) -> None:
    rules = ("gb36894-individual-project", "gb36894-individual-after", "gb36894-societal-after")
    clear = np.isfinite(found.room) & (np.abs(np.log(found.room)) > 0.1)
    chosen = [np.argwhere(clear & (found.verdict == code)) for code in (FAIL, PASS)]
    for cells in chosen:
        assert len(cells)
        for row, column in cells[:: max(len(cells) // 3, 1)]:
            proof = found.prove(found.raster.x[column], found.raster.y[row])
            status = set(proof.rules.set_index("rule_id").loc[list(rules), "status"])
            assert (status == {"pass"}) == (found.verdict[row, column] == PASS)


def test_a_proof_is_the_gate_of_the_moved_project(found: Siting) -> None:
    x, y = found.best(1).loc[0, ["x", "y"]]
    proof = found.prove(x, y)
    direct = gate(park(), moved_to(project(), park(), x, y), settings=found.decision.before.settings)
    assert proof.provenance["result_digest"] == direct.provenance["result_digest"]
    assert (proof.targets["own"] / proof.targets["limit_new"]).max() < 1.0


def test_the_bound_for_staff_by_hand() -> None:
    """20 people where somebody dies with 1e-4 a year: 2e-3 expected deaths among them."""
    before, edges = np.array([1e-3, 1e-4, 1e-5]), np.array([1.0, 10.0, 100.0])
    society = SimpleNamespace(deaths=SimpleNamespace(edges=edges), before=before)
    (rise,) = _Society.staff_at(society, np.array([1e-4]), 20.0)  # type: ignore[arg-type]
    one = 2e-3  # at least one of them
    ten = 2e-3 / 5 + (1e-3 - 1e-4)  # 5 of them, or 5 others, which without them came to fewer than 10
    hundred = 1e-4 - 1e-5  # the others come to 80 at least, so much more often than to 100
    assert rise == pytest.approx([one, ten, hundred], rel=1e-12)
    (none,) = _Society.staff_at(society, np.array([0.0]), 20.0)  # type: ignore[arg-type]
    assert none[0] == 0.0


def test_beyond_the_map_stands_the_risk_at_its_edge() -> None:
    values = np.arange(12.0).reshape(3, 4)
    base = SimpleNamespace(individual_risk=SimpleNamespace(raster=Raster(100.0, 200.0, 10.0, 4, 3), values=values))
    cells = np.array([(100.0, 200.0), (126.0, 214.9), (0.0, 211.0), (999.0, 189.0), (111.0, 999.0), (-50.0, -50.0)])
    assert _risk_at(base, cells).tolist() == [0.0, 7.0, 4.0, 3.0, 9.0, 0.0]  # type: ignore[arg-type]


def test_staff_that_others_endanger_is_bounded_from_above() -> None:
    """At places of the project the curve with it lies below that before, its own and the bound for its staff."""
    before = decision().before
    around, events = before.surroundings, own_events()
    library = library_for(events.outcomes, around.grid)
    own = OwnDeaths(events, around.rose, around.grid, Crowd(around.people), library, np.array(MIDDLE), 0.0)
    society = _Society(before, own)
    near_sphere = np.array([[500330.0, 4500130.0]])
    crowd = around.people
    more = dataclasses.replace(
        crowd,
        **{name: np.append(getattr(crowd, name), 20.0) for name in ("day", "night")},
        **{name: np.append(getattr(crowd, name), 0.5) for name in ("indoor_day", "indoor_night")},
        x=np.append(crowd.x, near_sphere[0, 0]),
        y=np.append(crowd.y, near_sphere[0, 1]),
        enterprise_id=np.append(crowd.enterprise_id, "e9"),
    )
    primary = before.expansion.events
    library = library_for(primary.outcomes, around.grid)
    old, new = (
        societal_risk(primary, around.rose, around.grid, each, library=library).fn["F"].to_numpy()
        for each in (crowd, more)
    )
    risk = _risk_at(before, near_sphere)
    bound = society.staff_at(risk, 20.0)[0, : new.size]
    rise = new - np.pad(old, (0, max(new.size - old.size, 0)))[: new.size]
    assert rise.max() > 1e-7
    assert (rise <= bound * (1.0 + 1e-9)).all()
    assert not society.staff_at(risk, 0.0).any()


# Geometry


def test_cells_outside_and_cells_taken(found: Siting) -> None:
    units, old = units_of(project(), park()), park().tables["units"]
    offset = units[["x", "y"]].to_numpy() - middle_of(units)
    taken = shapely.union_all(
        shapely.buffer(shapely.points(old["x"], old["y"]), old["diameter_m"].to_numpy() / 2.0, quad_segs=64)
    )
    seen = set()
    for row, y in enumerate(found.raster.y):
        for column, x in enumerate(found.raster.x):
            places = shapely.points(offset + np.array([x, y]))
            shells = shapely.buffer(places, units["diameter_m"].to_numpy() / 2.0, quad_segs=64)
            code = found.verdict[row, column]
            seen.add(VERDICTS[code])
            assert (code == OUTSIDE) == (not shapely.covers(park().boundary, places).all())
            if code != OUTSIDE:
                assert (code == OCCUPIED) == bool(shapely.intersects(taken, shells).any())
            assert np.isnan(found.room[row, column]) == (code in (OUTSIDE, OCCUPIED))
    assert {"outside", "occupied", "fail", "pass"} <= seen


def test_moving_moves_everything_alike() -> None:
    moved = moved_to(project(), park(), 500300.0, 4500250.0)
    shift = moved.tables["units"][["x", "y"]].to_numpy() - project().tables["units"][["x", "y"]].to_numpy()
    np.testing.assert_allclose(shift, [[500300.0 - MIDDLE[0], 4500250.0 - MIDDLE[1]]] * 2)


def test_best_places_pass_first_and_lie_apart(found: Siting) -> None:
    best = found.best(6)
    assert best["verdict"].iloc[0] == "pass"
    rank = [VERDICTS.index(name) for name in best["verdict"]]
    assert rank == sorted(rank, reverse=True)
    assert best["room"].iloc[0] == found.room[found.verdict == PASS].max()
    points = shapely.points(best["x"], best["y"])
    apart = found.raster.cell * max(found.raster.nx, found.raster.ny) / 20.0
    gaps = [a.distance(b) for k, a in enumerate(points) for b in points[:k]]
    assert min(gaps) >= apart * (1.0 - 1e-9)
    assert found.at(best["x"][0], best["y"][0])["room"] == best["room"][0]


# Kernels


@pytest.mark.kernel
def test_room_is_what_is_left_over_what_is_taken() -> None:
    edges = np.array([1.0, 10.0, 100.0, 1000.0, 2000.0])
    before = np.array([1e-4, 5e-5, 0.0, 0.0, 0.0])
    own = np.array(
        [
            [2e-5, 2e-5, 0.0, 0.0, 0.0],  # (1e-4 - 5e-5) / 2e-5 at N = 10
            [0.0, 0.0, 0.0, 0.0, 0.0],
            [1e-4, 1e-4, 2e-5, 0.0, 0.0],  # 0.5 at N = 10 and at N = 100
            [1e-8, 1e-8, 1e-8, 1e-8, 1e-8],  # beyond N = 1000, and not rarer than 1e-9
            [1e-10, 1e-10, 1e-10, 1e-10, 1e-10],
        ]
    )
    room, beyond = np.empty(5), np.empty(5, dtype=np.bool_)
    translation.societal_rooms(own, before, edges, (1e-3, 1000.0, 1e-9), room, beyond)
    np.testing.assert_allclose(room, [2.5, np.inf, 0.5, 50.0, 5000.0])
    assert beyond.tolist() == [False, False, False, True, False]


@pytest.mark.kernel
def test_clearance_is_from_shell_to_shell() -> None:
    cells, offset = np.array([[0.0, 0.0], [0.0, 10.0]]), np.array([[-5.0, 0.0], [5.0, 0.0]])
    others = np.array([[25.0, 0.0], [-105.0, 0.0]])
    clear = translation.clearance(cells, offset, np.array([1.0, 2.0]), others, np.array([3.0, 4.0]))
    np.testing.assert_allclose(clear, [20.0 - 5.0, np.hypot(20.0, 10.0) - 5.0])


# What it may never say


def test_more_threads_and_other_rows_change_nothing(found: Siting) -> None:
    other = document()
    other["units"] = other["units"][::-1]
    single = dataclasses.replace(decision().before, settings=dataclasses.replace(decision().before.settings, threads=1))
    again = siting(
        park(), project_from_json(other), decision=dataclasses.replace(decision(), before=single), cells=40, area=AREA
    )
    assert again.method["result_digest"] == found.method["result_digest"]


@pytest.mark.parametrize("missing", ["boundary", "targets", "population"])
def test_what_is_unknown_never_passes(missing: str) -> None:
    less, before, after = park(), decision().before, decision().after
    if missing == "boundary":
        less = dataclasses.replace(park(), boundary=None)
    elif missing == "targets":
        before = dataclasses.replace(before, targets=before.targets.iloc[:0], park=without("targets", before.park))
    else:
        after = dataclasses.replace(after, park=without("population", after.park))
    area = around_box((500960.0, 4500030.0))
    known = siting(park(), project(), decision=decision(), cells=1, area=area)
    assert VERDICTS[known.verdict[0, 0]] == "pass"
    vague = dataclasses.replace(decision(), before=before, after=after)
    one = siting(less, project(), decision=vague, cells=1, area=area)
    assert VERDICTS[one.verdict[0, 0]] == "unknown"
    assert any(missing in name for name in one.unknown)


def test_a_target_without_a_class_leaves_everything_open_but_failures(found: Siting) -> None:
    before = decision().before
    targets = before.targets.assign(limit=before.targets["limit"], limit_new=before.targets["limit_new"])
    targets.loc[targets["target_id"] == "school", ["limit", "limit_new"]] = np.nan
    vague = dataclasses.replace(decision(), before=dataclasses.replace(before, targets=targets))
    again = siting(park(), project(), decision=vague, cells=40, area=AREA)
    assert again.unknown == ("targets.school.class",)
    assert not (again.verdict == PASS).any()
    assert (again.verdict[found.verdict == FAIL] == FAIL).all()


def without(name: str, of: Park) -> Park:
    tables = {each: table.iloc[:0] if each == name else table for each, table in of.tables.items()}
    return dataclasses.replace(of, tables=Tables(tables))


@pytest.mark.parametrize("cells", [0, -1, 2001])
def test_too_few_or_too_many_cells(cells: int) -> None:
    with pytest.raises(OutOfRange):
        siting(park(), project(), decision=decision(), cells=cells)


@pytest.mark.parametrize(
    "area", [(0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 1.0), (0.0, 0.0, np.inf, 1.0), (0.0, np.nan, 1.0, 1.0)]
)
def test_no_area(area: tuple[float, float, float, float]) -> None:
    with pytest.raises(OutOfRange):
        siting(park(), project(), decision=decision(), area=area)


def test_projects_that_cannot_be_moved() -> None:
    empty = {name: table.iloc[:0] if name == "units" else table for name, table in project().tables.items()}
    with pytest.raises(OutOfRange, match="no units"):
        siting(park(), dataclasses.replace(project(), tables=Tables(empty)), decision=decision())
    homes = {"population": [{"cell_id": "h", "x": MIDDLE[0], "y": MIDDLE[1], "day": 1.0, "night": 1.0}]}
    with pytest.raises(OutOfRange, match="population"):
        siting(park(), project_from_json(document(**homes)), decision=decision())
    with pytest.raises(OutOfRange, match="not finite"):
        moved_to(project(), park(), np.nan, 0.0)


def test_ignition_that_hangs_on_the_place_is_refused() -> None:
    located = dataclasses.replace(decision().before, settings=Settings(delayed_ignition="located"))
    with pytest.raises(OutOfRange, match="free_field"):
        siting(park(), project(), decision=dataclasses.replace(decision(), before=located))


def test_a_place_off_the_map(found: Siting) -> None:
    for place in ((0.0, 0.0), (np.nan, 4500100.0), (500100.0, np.inf)):
        with pytest.raises(OutOfRange):
            found.at(*place)
