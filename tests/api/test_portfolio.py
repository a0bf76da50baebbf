"""The command on many parks: what it prints and writes, and with which code it ends."""

import itertools
import json

import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely

from parkrisk.risk.portfolio.portfolio import portfolio
from parkrisk.risk.settings import Settings
from tests.risk.portfolio.parks import make_park

_FILES = ("portfolio.parquet", "portfolio.gpkg", "ranking.csv", "problems.csv")


@pytest.fixture(scope="module")
def parks(tmp_path_factory):
    """A good park and a bad one, assessed once as the command does."""
    base = tmp_path_factory.mktemp("many")
    make_park(base / "in" / "good", "好园")
    make_park(base / "in" / "bad", "坏园", bad=True)
    portfolio(base / "in", base / "out", settings=Settings())
    return base


def test_command_writes_and_ends_with_2_when_a_park_is_missing(parks, run):
    code, out, err = run("portfolio", parks / "in", "-o", parks / "out", "--processes", 1, "--json")
    assert (code, err) == (2, "")
    said = json.loads(out)
    assert (said["kept"], said["complete"], said["ranking"]) == (2, False, ["bad", "good"])
    first = {name: (parks / "out" / name).read_bytes() for name in _FILES}
    table = pd.read_parquet(parks / "out" / "portfolio.parquet")
    assert list(table["park"]) == ["bad", "good"]
    assert table["pll"][1] == said["parks"][1]["pll"] > 0.0
    problems = pd.read_csv(parks / "out" / "problems.csv")
    assert list(problems["park"]) == ["bad"] * len(problems)
    assert len(problems[problems["severity"] == "error"]) == 3  # two, and that there are two
    code, out, _ = run("portfolio", parks / "in", "-o", parks / "out", "--processes", 1, "--lang", "en")
    assert code == 2
    assert "2 parks, 1 not assessed, 2 taken over" in out
    for name, content in first.items():
        if name != "portfolio.gpkg":
            assert (parks / "out" / name).read_bytes() == content


def test_map_holds_all_parks_in_one_system(parks, run):
    run("portfolio", parks / "in", "-o", parks / "out", "--processes", 1, "--json")
    path = parks / "out" / "portfolio.gpkg"
    once = path.read_bytes()
    layers = {name for name, kind in pyogrio.list_layers(path) if kind}
    assert layers == {"parks", "park_areas", "contours"}
    found = {}
    for name in layers:
        meta, _, shapes, fields = pyogrio.raw.read(path, layer=name)
        assert pyproj.CRS.from_user_input(meta["crs"]) == pyproj.CRS(4490)
        found[name] = shapely.from_wkb(shapes), dict(zip(meta["fields"], fields, strict=True))
    areas, points = found["park_areas"][0], found["parks"][0]
    assert list(found["parks"][1]["park"]) == ["good"]
    assert areas[0].contains(points[0])
    # What stands in the park's own coordinates, carried over by another way.
    there = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4546", always_xy=True)
    x, y = there.transform(points[0].x, points[0].y)
    assert abs(x - 500_000.0) < 3_000.0
    assert abs(y - 4_500_000.0) < 3_000.0
    contours, fields = found["contours"]
    levels = fields["individual_risk_per_year"]
    assert list(levels) == sorted(levels)
    for outer, inner in itertools.pairwise(contours):
        assert outer.buffer(1e-9).covers(inner)
    run("portfolio", parks / "in", "-o", parks / "out", "--processes", 1, "--json")
    assert path.read_bytes() == once


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rules", "cn-1999"), "cn-1999"),
        (("--scheduler", "tcp://127.0.0.1:9", "--processes", "2"), "--scheduler"),
        (("--scheduler", "tcp://127.0.0.1:9", "--rules", "own.toml"), "own.toml"),
    ],
)
def test_what_could_not_be_done_for_any_park_is_refused_at_once(parks, run, tmp_path, arguments, said):
    code, out, err = run("portfolio", parks / "in", "-o", tmp_path / "out", *arguments)
    assert code == 2
    assert said in out + err
    assert not (tmp_path / "out").exists()


def test_folder_without_parks(run, tmp_path):
    (tmp_path / "in").mkdir()
    code, out, _ = run("portfolio", tmp_path / "in", "-o", tmp_path / "out", "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "portfolio.no_parks"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
