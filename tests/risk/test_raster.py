"""Where the map lies: it covers units and targets, and what is beyond it is below the outermost contour."""

import dataclasses
import itertools

import numpy as np
import pytest
import shapely

from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.assess import assess
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.individual import Raster, individual_risk
from parkrisk.risk.mapping import raster as rasters
from parkrisk.risk.mapping.contours import open_levels
from parkrisk.risk.mapping.raster import raster_of
from parkrisk.risk.mapping.reach import STEP, Reach, reach_of
from parkrisk.risk.settings import Settings
from parkrisk.scenarios.receptors import WindRose
from tests import minimal_park
from tests.risk.oracle import DISC, FIRE, PLUME, Toy, toy_events

GRID = PolarGrid(n_rings=96, n_bins=144, r_min=5.0)
NO_POINTS = np.zeros((0, 2))


def toy_park(seed):
    """A few sources with plumes, fires and discs, in two weathers and eight sectors."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(6):
        x, y = rng.uniform(-800.0, 800.0, 2)
        kinds = [
            ("toxic", [Toy(PLUME, 10.0 ** rng.uniform(3.0, 5.0), 4.0), Toy(PLUME, 3e4, 1.5, 1.0)]),
            ("fire", [Toy(FIRE, rng.uniform(20.0, 200.0), 0.4)] * 2),
            ("ball", [Toy(DISC, rng.uniform(50.0, 900.0), 0.8), None]),
        ]
        for kind, outcomes in kinds:
            name = f"u{number}"
            rows.append((f"{name}-{kind}", name, "A", x, y, kind, 10.0 ** rng.uniform(-7.0, -4.0), outcomes))
    probability = rng.random((2, 2, 8)) ** 2
    return toy_events(rows, 2), WindRose(weathers=(), probability=probability / probability.sum())


def risk_on(events, rose, raster):
    return individual_risk(events, rose, GRID, raster, NO_POINTS)


@pytest.mark.parametrize("seed", range(4))
def test_no_risk_is_above_its_bound(seed):
    events, rose = toy_park(seed)
    reach = reach_of(events, rose, GRID, FootprintLibrary(events.outcomes, GRID))
    raster = Raster(-9000.0, -9000.0, 150.0, 121, 121)
    values = risk_on(events, rose, raster).values
    x, y = np.meshgrid(raster.x, raster.y)
    bound = reach._at(np.stack([x.ravel(), y.ravel()], axis=1), 0.0).reshape(values.shape)
    # Interpolation between rings may swing over by a little.
    assert (values <= bound * 1.01 + 1e-12).all()


def test_the_bound_is_the_risk_where_the_wind_is_even():
    events, _ = toy_park(0)
    rose = WindRose(weathers=(), probability=np.full((2, 2, 8), 1.0 / 32.0))
    reach = reach_of(events, rose, GRID, FootprintLibrary(events.outcomes, GRID))
    one = reach.place[0] + [GRID.radius[60] * (1.0 + 1e-9), 0.0]
    alone = Reach(reach.place[:1], reach.bound[:1], GRID)
    rows = events.table["unit_id"] == "u0"
    single = dataclasses.replace(
        events, table=events.table[rows].reset_index(drop=True), outcome_index=events.outcome_index[rows.to_numpy()]
    )
    value = individual_risk(single, rose, GRID, Raster(*one, 1.0, 1, 1), one[None]).points[0]
    assert alone._at(one[None], 0.0)[0] == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", [1e-5, 3e-7, 1e-9])
def test_a_grown_map_holds_the_outermost_contour(seed, level):
    events, rose = toy_park(seed)
    reach = reach_of(events, rose, GRID, FootprintLibrary(events.outcomes, GRID))
    low, high = reach.place.min(axis=0), reach.place.max(axis=0)
    inner = reach.grown(low, high, level)
    everywhere = Raster(-11_000.0, -11_000.0, 110.0, 201, 201)
    values = risk_on(events, rose, everywhere).values
    rows, columns = np.nonzero(values >= level)
    assert (everywhere.x[columns] >= inner[0][0]).all()
    assert (everywhere.x[columns] <= inner[1][0]).all()
    assert (everywhere.y[rows] >= inner[0][1]).all()
    assert (everywhere.y[rows] <= inner[1][1]).all()
    moved = np.array([inner[0] != low, inner[1] != high])
    assert np.allclose(np.array(inner)[moved] % STEP, 0.0)


def test_a_map_grows_no_more_than_it_must():
    events, rose = toy_park(1)
    reach = reach_of(events, rose, GRID, FootprintLibrary(events.outcomes, GRID))
    low, high = reach.place.min(axis=0), reach.place.max(axis=0)
    boxes = [np.array(reach.grown(low, high, level)) for level in (1e-4, 1e-6, 1e-8)]
    for smaller, larger in itertools.pairwise(boxes):
        assert (larger[0] <= smaller[0]).all()
        assert (larger[1] >= smaller[1]).all()
    assert np.array_equal(np.array(reach.grown(low, high, 1.0)), [low, high])


def test_nothing_happens_nowhere():
    reach = Reach(np.zeros((0, 2)), np.zeros((0, GRID.n_rings)), GRID)
    assert np.array_equal(reach.grown(np.zeros(2), np.ones(2), 1e-9), [[0.0, 0.0], [1.0, 1.0]])


def test_the_contours_of_an_assessment_close():
    settings = dataclasses.replace(minimal_park.COARSE, margin_m=100.0, contour_levels=(1e-5, 1e-8))
    result = assess(minimal_park.park(), settings=settings)
    assert tuple(result.contours()) == (1e-5, 1e-8)
    assert open_levels(result.individual_risk.values, settings.contour_levels) == ()
    assert not any(code.startswith("cut:map") for code in result.assumptions["code"])


def test_a_contour_that_does_not_close_is_named(monkeypatch):
    monkeypatch.setattr(rasters, "_GROWN_CELLS", 100)
    settings = dataclasses.replace(minimal_park.COARSE, margin_m=100.0, contour_levels=(1e-3, 1e-8))
    result = assess(minimal_park.park(), settings=settings)
    named = result.assumptions[result.assumptions["code"].str.startswith("cut:map")]
    assert named["code"].tolist() == ["cut:map:1e-08"]
    assert named["count"].tolist() == [1]


def test_a_map_is_the_same_on_any_machine_or_refused(monkeypatch):
    """It never comes out smaller because there is less memory, or because more threads take more of it."""
    settings = dataclasses.replace(minimal_park.COARSE, margin_m=100.0, contour_levels=(1e-5, 1e-8))
    grown = assess(minimal_park.park(), settings=settings).individual_risk.raster
    needed = rasters._memory(grown)
    monkeypatch.setattr(rasters, "most_memory", lambda: 1.1 * needed)
    assert assess(minimal_park.park(), settings=settings).individual_risk.raster == grown
    monkeypatch.setattr(rasters, "most_memory", lambda: 0.3 * needed)
    with pytest.raises(OutOfRange, match="cell_m"):
        assess(minimal_park.park(), settings=settings)


def test_a_raster_larger_than_memory_is_refused():
    with pytest.raises(OutOfRange, match=r"GB.*cell_m"):
        raster_of(minimal_park.park(), Settings(cell_m=0.001))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"contour_levels": (1e-5, level)} for level in (0.0, -1e-6, float("nan"), float("inf"))),
        *({"cell_m": cell} for cell in (0.0, -5.0, float("nan"), float("inf"))),
        *({"margin_m": margin} for margin in (-1.0, float("nan"), float("inf"))),
    ],
)
def test_settings_that_make_no_map_are_refused(wrong):
    with pytest.raises(OutOfRange):
        Settings(**wrong)


def test_a_raster_covers_sources_that_are_no_units():
    far = Reach(np.array([[490_000.0, 4_500_000.0]]), np.full((1, GRID.n_rings), 1e-12), GRID)
    raster = raster_of(minimal_park.park(), Settings(margin_m=100.0), far)
    assert raster.x[0] <= 489_900.0


def test_a_raster_covers_the_areas_of_targets():
    area = shapely.box(505_000.0, 4_499_000.0, 506_000.0, 4_500_000.0)
    park = minimal_park.changed(lambda document: document["targets"][0].update(polygon=area.wkt))
    raster = raster_of(park, Settings(margin_m=100.0))
    assert raster.x[-1] >= 506_100.0
    assert raster.y[0] <= 4_498_900.0


@pytest.mark.parametrize("cell", [50.0, 200.0])
def test_raster_covers_units_and_targets(cell):
    park = minimal_park.park()
    settings = Settings(cell_m=cell, margin_m=1000.0)
    raster = raster_of(park, settings)
    for name in ("units", "targets"):
        for axis, centres in (("x", raster.x), ("y", raster.y)):
            places = park.tables[name][axis]
            assert centres[0] <= places.min() - 1000.0
            assert centres[-1] >= places.max() + 1000.0
            assert np.allclose(centres % cell, 0.0)
    automatic = raster_of(park, Settings(margin_m=1000.0))
    assert automatic.nx * automatic.ny <= 500_000
    assert automatic.cell == 10.0
    assert raster_of(park, Settings(margin_m=20_000.0)).cell > 10.0
