"""The consequence command: JSON, words, files, what can be asked, errors."""

import csv
import json
import shutil

import pytest
import shapely
from rich.cells import cell_len

from parkrisk.api.printed import terminal
from parkrisk.api.printed.consequence import show
from parkrisk.risk.consequence import Wind, consequence
from tests import minimal_park
from tests.api.printed import document, flat, replace
from tests.minimal_park import FOLDER

ASKED = ("--unit", "V-301", "--wind", "166", "--speed", "3", "--stability", "F")


def found():
    return consequence(minimal_park.park(), "V-301", Wind(166.0, 3.0, "F"))


def test_json_is_what_the_python_face_gives(run):
    code, out, err = run("consequence", FOLDER, *ASKED, "--json")
    assert (code, err) == (0, "")
    assert document(out) == found().to_dict()


def test_in_words(run):
    code, out, err = run("consequence", FOLDER, *ASKED, "--lang", "en")
    assert code == 0
    for words in ("worstfirst", "AEGL-3", "expecteddeaths", "unitsthatmayfollow", "示例小学", "windfrom166°"):
        assert words in flat(out)
    assert "read+computed" in flat(err)
    code, out, _ = run("consequence", FOLDER, *ASKED, "--lang", "zh")
    for words in ("伤亡半径", "气云随时间", "预期死亡人数", "防护目标", "风自166°"):
        assert words in flat(out)


def test_fits_a_narrow_terminal(run, capsys):
    terminal.OUT.width = 80
    for lang in ("zh", "en"):
        show(found(), lang)
        assert max(map(cell_len, capsys.readouterr().out.splitlines())) <= 80


def test_files(run, tmp_path):
    folder = tmp_path / "deeper" / "out"
    code, out, _ = run("consequence", FOLDER, *ASKED, "--time", "2", "--time", "20", "-o", folder, "--json")
    assert code == 0
    assert json.loads((folder / "consequence.json").read_text(encoding="utf-8")) == document(out)
    written = {path.name for path in folder.iterdir()}
    tables = {f"{name}.csv" for name in found().tables()}
    assert written == {"consequence.json", "zones.geojson", "figures"} | tables
    figures = {path.name for path in (folder / "figures").iterdir()}
    assert {"zones.svg", "zones.png", "cloud.svg", "cloud.png"} <= figures
    zones = json.loads((folder / "zones.geojson").read_text(encoding="utf-8"))["features"]
    assert {zone["properties"]["time_s"] for zone in zones} == {None, 120.0, 1200.0}
    for zone in zones:
        shape = shapely.geometry.shape(zone["geometry"])
        assert shape.is_valid
        west, south, east, north = shape.bounds
        assert 110.0 < west <= east < 120.0
        assert 40.0 < south <= north < 41.0
    with (folder / "zones.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(shapely.from_wkt(row["wkt"]).is_valid for row in rows)
    assert {row["zone"] for row in rows} >= {"lethality_1", "lethality_90", "aegl1_60min", "erpg3"}


def test_figures_of_a_blast(run, tmp_path):
    asked = ("--unit", "T-102", "--loc", "rupture", "--outcome", "explosion", "--wind", "90", "--speed", "4")
    code, _, _ = run("consequence", FOLDER, *asked, "--time", "1", "-o", tmp_path, "--lang", "zh")
    assert code == 0
    assert (tmp_path / "figures" / "zones.png").stat().st_size > 10_000


def test_what_can_be_asked(run):
    code, out, err = run("consequence", FOLDER, "--list", "--json")
    assert (code, err) == (0, "")
    assert [unit["unit_id"] for unit in document(out)["units"]] == ["R-301", "T-101", "T-102", "V-201", "V-301"]
    code, out, _ = run("consequence", FOLDER, "--list", "--unit", "V-201", "--json")
    assert {event["outcome"] for event in document(out)["events"]} == {
        "fireball",
        "flash_fire",
        "explosion",
        "jet_fire",
        "vessel_burst",
    }
    code, out, _ = run("consequence", FOLDER, "--list", "--unit", "V-201", "--lang", "en")
    assert "jet_firejetfire" in flat(out)
    code, out, _ = run("consequence", FOLDER, "--list", "--lang", "zh")
    assert "液氯储罐" in flat(out)


def test_stretch_of_a_line(run, tmp_path):
    park = tmp_path / "park"
    shutil.copytree(FOLDER, park)
    (park / "lines.csv").write_text("line_id,point,x,y\nroad,1,500000,4500300\nroad,2,500600,4500300\n")
    columns = "transport_id,name,line_id,mode,vehicle,substance,load_t,loads_per_year"
    (park / "transport.csv").write_text(f"{columns}\nTR-1,丙烷运输,road,road_outside,pressurised,74-98-6,20,40000\n")
    code, out, _ = run("consequence", park, "--list", "--lang", "zh")
    assert code == 0
    assert all(words in flat(out) for words in ("TR-1", "丙烷运输", "建成区外道路"))
    asked = ("--unit", "TR-1", "--wind", "90", "--speed", "3")
    code, out, _ = run("consequence", park, *asked, "--at", "500590", "4500000", "--json")
    assert (code, document(out)["event"]["x"], document(out)["near"]) == (0, 500575.0, [500590.0, 4500000.0])
    code, out, _ = run("consequence", park, *asked, "--at", "500590", "4500000", "--lang", "en")
    assert "stretch12of12(x500,575,y4,500,300):nearesttotheplaceasked" in flat(out).replace("│", "")
    code, out, _ = run("consequence", park, *asked, "--lang", "zh")
    assert "预期死亡最多" in flat(out)
    code, _, err = run("consequence", park, *asked, "--at", "nan", "0")
    assert (code, "finite" in err) == (2, True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"--unit": "V-310"}, "V-301"),
        ({"--loc": "rapture"}, "rupture"),
        ({"--outcome": "jet_fire"}, "toxic_cloud"),
        ({"--wind": "400"}, "360"),
        ({"--speed": "0"}, "positive"),
        ({"--speed": "10"}, "stability F"),
        ({"--stability": "X"}, "A to F"),
        ({"--time": "-3"}, "moments"),
    ],
)
def test_bad_input_is_named(run, changed, says):
    options = dict(zip(ASKED[::2], ASKED[1::2], strict=True)) | changed
    arguments = [part for pair in options.items() for part in pair]
    code, out, err = run("consequence", FOLDER, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert any(ord(sign) > 0x4E00 for sign in err)
    code, out, err = run("consequence", FOLDER, *arguments, "--json")
    assert (code, err) == (2, "")
    assert says in document(out)["error"]["message_en"]


def test_what_is_missing_is_named(run):
    for arguments in ((), ("--unit", "V-301"), ("--unit", "V-301", "--wind", "0")):
        code, out, err = run("consequence", FOLDER, *arguments)
        assert (code, out) == (2, "")
        assert "--speed" in err
        assert "--list" in err


def test_unit_out_of_service(run, broken):
    replace(broken / "units.csv", "A,A,existing,yes", "A,A,existing,no")
    code, out, err = run("consequence", broken, *ASKED)
    assert (code, out) == (2, "")
    assert "out of service" in err
    assert "已停用" in err
    code, out, _ = run("consequence", broken, "--list", "--json")
    assert "V-301" not in [unit["unit_id"] for unit in document(out)["units"]]
