"""Synthetic parks: as measured, nothing overlapping, the same bytes every time, clean or with named mistakes."""

import collections
import csv

import numpy as np
import pytest
import shapely
import shapely.geometry
from scipy.spatial import KDTree

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios import problems
from parkrisk.scenarios.synthetic import recipe, synthetic_park
from parkrisk.scenarios.writing.convert import AlreadyThere

TANKS = "atmospheric_tank"


@pytest.fixture(scope="module")
def park():
    return synthetic_park(3000, 1)


@pytest.fixture(scope="module")
def tanks(park):
    return [unit for unit in park.document["units"] if unit["kind"] == TANKS]


def _columns(rows, *names):
    return (np.array([row[name] for row in rows], dtype=float) for name in names)


def _boundary(park):
    return shapely.geometry.shape(park.document["park"]["boundary"]["features"][0]["geometry"])


@pytest.mark.parametrize("units", [10, 100, 1000])
def test_a_clean_park_has_no_problem(units):
    made = synthetic_park(units, 4)
    assert len(made.document["units"]) == units
    assert not problems(made.document)


def test_units_stand_inside_and_apart(park):
    units = [unit for unit in park.document["units"] if unit["kind"] != "pipeline"]
    x, y = _columns(units, "x", "y")
    assert shapely.contains_xy(_boundary(park), x, y).all()
    # Every shell of a vertical unit against its nearest neighbours, not by the generator's own rectangles.
    radius = np.array([unit.get("diameter_m", 0.0) / 2.0 for unit in units])
    distance, near = KDTree(np.column_stack([x, y])).query(np.column_stack([x, y]), k=9)
    assert (distance[:, 1:] > radius[:, None] + radius[near[:, 1:]]).all()


def test_shares_of_kinds_and_substances_are_those_of_the_recipe(park):
    units = park.document["units"]
    kinds = collections.Counter(unit["kind"] for unit in units)
    for row in recipe.rows("kinds"):
        assert kinds[row["kind"]] == pytest.approx(float(row["percent"]) / 100.0 * len(units), abs=1.0)
    held = collections.Counter(unit["substance"] for unit in units)
    for row in recipe.rows("substances"):
        # A bund keeps to one family even when another lacks more: 15 % beside the last runs of the kinds that hold it.
        share = float(row["percent"]) / 100.0 * len(units)
        assert held[row["cas"]] == pytest.approx(share, abs=12.0 + 0.15 * share)


@pytest.mark.parametrize("family", ["chemical", "mixed", "products", "crude"])
def test_diameters_follow_the_measured_quantiles(family):
    drawn = recipe.diameters(family, np.random.default_rng(0).random(20_000))
    row = next(row for row in recipe.rows("tank_quantiles") if row["family"] == family)
    for level in (5, 25, 50, 75, 95):
        # 20,000 draws: the standard error of a quantile is below 2 %; the largest crude tanks are all of one size.
        assert np.percentile(drawn, level) == pytest.approx(float(row[f"p{level:02d}"]), rel=0.06)


def test_gaps_between_tanks_are_as_measured(tanks):
    """Nearest neighbours in a bund: the median within that of the four regions, p5 and p95 as well.

    Measured: medians 0.33 to 0.44, p5 0.07 to 0.25, p95 0.63 to 1.13 of the larger diameter. Half a standard error of
    a median of 150 bunds (0.45 * 1.25 / sqrt(150) = 5 %) is added on either side.
    """
    share = []
    for bund in {unit["bund_id"] for unit in tanks}:
        own = [unit for unit in tanks if unit["bund_id"] == bund]
        x, y, diameter = _columns(own, "x", "y", "diameter_m")
        for at in range(len(own) if len(own) > 1 else 0):
            gap = np.hypot(x - x[at], y - y[at]) - (diameter + diameter[at]) / 2.0
            gap[at] = np.inf
            other = int(gap.argmin())
            share.append(gap[other] / max(diameter[at], diameter[other]))
    low, middle, high = np.percentile(share, [5, 50, 95])
    assert 0.33 * 0.95 < middle < 0.44 * 1.05
    assert 0.07 < low < 0.25
    assert 0.63 * 0.95 < high < 1.13 * 1.05


def test_a_bund_has_at_most_twelve_tanks_in_two_rows(tanks):
    count = collections.Counter(unit["bund_id"] for unit in tanks)
    assert max(count.values()) <= 12
    assert min(count.values()) >= 1
    assert np.mean(list(count.values())) > 4


def test_enterprises_are_long_tailed(park):
    count = sorted(collections.Counter(unit["enterprise_id"] for unit in park.document["units"]).values())
    assert len(count) == len(park.document["enterprises"])
    assert 3000 / 25 <= len(count) <= 3000 / 10
    assert count[-1] > 5 * np.median(count)


def test_fences_do_not_meet_and_hazards_keep_off_them(park):
    area = sum(row["area_ha"] for row in park.document["enterprises"]) / 100.0
    site = _boundary(park).area / 1e6
    assert area < site
    # 0.03 km² x units^0.85, and what no plot fits into: at most 40 % more.
    assert 0.8 < site / (0.03 * 3000**0.85) < 1.4


def test_the_same_seed_gives_the_same_bytes_and_another_another_park(tmp_path):
    for name, seed, dirt in (("a", 3, False), ("b", 3, False), ("c", 4, False), ("d", 3, True), ("e", 3, True)):
        synthetic_park(30, seed, dirt=dirt).write(tmp_path / name)
    files = {
        name: {path.relative_to(tmp_path / name): path.read_bytes() for path in sorted((tmp_path / name).rglob("*.*"))}
        for name in "abcde"
    }
    assert files["a"] == files["b"]
    assert files["d"] == files["e"]
    assert files["a"] != files["c"]
    assert len(list((tmp_path / "a" / "what_ifs").glob("*.toml"))) == 20
    with (tmp_path / "a" / "what_ifs" / "expected.csv").open(encoding="utf-8") as file:
        assert [row["direction"] for row in csv.DictReader(file)].count("same") == 1
    with pytest.raises(AlreadyThere):
        synthetic_park(30, 3).write(tmp_path / "a")
    assert not problems(tmp_path / "a")


@pytest.mark.parametrize(("units", "seed"), [(30, 0), (300, 2)])
def test_the_reader_names_exactly_what_was_planted(tmp_path, units, seed):
    made = synthetic_park(units, seed, dirt=True)
    made.write(tmp_path / "park")
    found = {(fault.table, fault.row, fault.column, fault.code) for fault in problems(tmp_path / "park")}
    planted = {(each.table, each.row, each.column, each.code) for each in made.planted}
    assert planted <= found
    assert {each[:3] for each in found} == {each[:3] for each in planted}
    assert {each.kind for each in made.planted} == {"gbk", *(row["kind"] for row in recipe.rows("dirt"))}


def test_dirt_does_not_move_the_park():
    clean, dirty = synthetic_park(100, 5), synthetic_park(100, 5, dirt=True)
    assert clean.document["population"] == dirty.document["population"]
    assert clean.what_ifs == dirty.what_ifs
    assert not clean.planted


@pytest.mark.parametrize(("units", "seed"), [(9, 0), (10_001, 0), (30, -1)])
def test_refuses_what_it_cannot_make(units, seed):
    with pytest.raises(OutOfRange):
        synthetic_park(units, seed)
