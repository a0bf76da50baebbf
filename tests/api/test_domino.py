"""``parkrisk domino``: documents, tables, pictures and errors."""

import csv
import dataclasses
import io
import json

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from parkrisk.api.drawn import domino as domino_figures
from parkrisk.api.drawn import domino_timeline, page
from parkrisk.api.labels import place_labels, settle
from parkrisk.api.printed import domino as domino_tables
from parkrisk.models.vulnerability.fragility import MODES
from parkrisk.risk.domino import play_facility
from parkrisk.risk.solvers.rare import escalation_probability
from parkrisk.scenarios.facility.graph import facility_from_loads
from tests import minimal_park
from tests.api.printed import document, flat
from tests.minimal_park import FOLDER
from tests.risk.farms import farm, random_loads, tanks

ENGLISH = page.Words("en", has_chinese=False)


def test_from_a_unit(run):
    code, out, err = run("domino", FOLDER, "--from", "V-201", "--json")
    assert (code, err) == (0, "")
    found = document(out)
    assert found["from"] == "V-201"
    assert {"T-102", "T-101"} <= {unit["unit_id"] for unit in found["units"]}
    assert found == minimal_park.assessment().domino.from_unit("V-201").to_dict()
    code, out, _ = run("domino", FOLDER, "--from", "V-201", "--lang", "zh")
    assert code == 0
    for said in ("T-102", "动态级联", "response_times", "100次历史", "unverified:escalation_threshold"):
        assert said in flat(out)


def test_of_a_park(run, tmp_path):
    code, out, _ = run("domino", FOLDER, "--lang", "en", "-o", tmp_path)
    assert code == 0
    for said in ("unitsthatstartmost", "unitsthatsuffermost", "dominoesacrossenterprises", "dynamiccascade"):
        assert said in flat(out)
    names = {path.name for path in tmp_path.iterdir()}
    tables = minimal_park.assessment().domino.tables()
    assert names == {"domino.json", "figures", *(f"{name}.csv" for name in tables)}
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"domino_map.svg", "domino_map.png"}
    written = json.loads((tmp_path / "domino.json").read_text(encoding="utf-8"))
    assert written == minimal_park.assessment().domino.to_dict()
    text = (tmp_path / "domino_enterprises.csv").read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == len(tables["domino_enterprises"]) + 1


def test_files_of_a_unit(run, tmp_path):
    assert run("domino", FOLDER, "--from", "V-201", "-o", tmp_path)[0] == 0
    names = {path.name for path in tmp_path.rglob("*.*")}
    assert {"domino.json", "cascade_units.csv", "cascade_chains.csv", "cascade_orders.csv", "cascade_sizes.csv"} < names
    assert {"domino_map.svg", "domino_map.png", "domino_timeline.svg", "domino_timeline.png"} < names


def test_static_is_an_upper_bound_by_name(run, tmp_path):
    more = ("--static", "--histories", "30", "-o", tmp_path)
    code, out, _ = run("domino", FOLDER, "--from", "V-201", "--lang", "en", *more)
    assert code == 0
    assert "anupperbound,withouttimes" in flat(out)
    assert "30historiesperevent" in flat(out)
    assert not list(tmp_path.rglob("domino_timeline*"))  # no time passes


def test_mode_is_named(run):
    code, out, _ = run("domino", FOLDER, "--mode", MODES[1], "--histories", "10", "--json")
    assert (code, document(out)["method"]["time_to_failure_mode"]) == (0, MODES[1])
    code, out, err = run("domino", FOLDER, "--mode", "hours")
    assert (code, out) == (2, "")
    assert "hours" in err


def test_from_nowhere(run):
    code, out, err = run("domino", FOLDER, "--from", "no-such-unit")
    assert (code, out) == (2, "")
    assert "no-such-unit" in err
    assert "园区没有在役设备" in err
    code, out, err = run("domino", FOLDER, "--from", "T-10", "--json")
    assert (code, err) == (2, "")
    error = document(out)["error"]
    assert set(error) == {"code", "message_zh", "message_en"}
    assert "T-101" in error["message_en"]


def test_how_likely_one_unit_follows(run, tmp_path):
    asked = ("domino", FOLDER, "--from", "V-201", "--to", "T-102", "--error", "0.05")
    code, out, err = run(*asked, "--json", "-o", tmp_path)
    assert (code, err) == (0, "")
    found = document(out)
    assert found == json.loads((tmp_path / "domino.json").read_text(encoding="utf-8"))
    (unit,), method = found["units"], found["method"]
    assert unit["unit_id"] == "T-102"
    assert (method["primary"], method["error_asked"], method["error_met"]) == (["V-201"], 0.05, True)
    pairs = minimal_park.assessment().domino.pairs.set_index(["from_unit", "to_unit"])
    sampled, spread = pairs.loc[("V-201", "T-102"), ["probability", "standard_error"]]
    assert abs(unit["probability"] - sampled) < 4.0 * np.hypot(unit["standard_error"], spread)
    for lang, told in (("en", ("T-102", "method:", "asked:5.00%", "met")), ("zh", ("方法：", "要求5.00%", "已达到"))):
        code, out, _ = run(*asked, "--lang", lang)
        assert code == 0
        assert all(said in flat(out) for said in told)


def test_several_units_burn_together(run):
    code, out, _ = run("domino", FOLDER, "--from", "V-201", "--from", "T-101", "--json")
    found = document(out)
    assert code == 0
    assert found["method"]["start"] == "secondary events of the units together"
    probability = {unit["unit_id"]: unit["probability"] for unit in found["units"]}
    assert set(probability) == set(minimal_park.assessment().domino.units["unit_id"])
    assert probability["V-201"] == probability["T-101"] == 1.0


def test_an_error_asked_of_all_failures(run):
    code, out, _ = run("domino", FOLDER, "--error", "0.5", "--json")
    method = document(out)["method"]
    assert (code, method["error_asked"], method["error_met"]) == (0, 0.5, True)


def test_an_error_that_was_not_met_is_said(capsys):
    facility = farm(random_loads(5, 20, low=5.0, high=40.0, share=0.3))
    few = {"relative_error": 1e-6, "most_histories": 128, "solver": "forced"}
    found = escalation_probability(facility, "T000", ["T003"], **few)
    found = dataclasses.replace(found, method={**found.method, "time_to_failure_mode": "m", "flags": []})
    domino_tables.show(found, "en")
    said = flat(capsys.readouterr().out)
    assert "notmet" in said
    assert "method:forced" in said
    assert "128historiesperevent" in said


@pytest.mark.parametrize(
    "asked",
    [("--to", "V-201"), ("--from", "V-201", "--to", "V-20"), ("--from", "V-201", "--to", "T-102", "--error", "0")],
)
def test_escalation_badly_asked(run, asked):
    code, out, err = run("domino", FOLDER, *asked)
    assert (code, out) == (2, "")
    assert err


@pytest.fixture(scope="module")
def crowded():
    """Sixty tanks at close quarters, of three enterprises."""
    n = 60
    owner = [f"E{i % 3}" for i in range(n)]
    units = tanks(30.0 * (np.arange(n) % 10), 30.0 * (np.arange(n) // 10), enterprise=owner)
    loads = random_loads(1, n, low=5.0, high=30.0, share=0.1)
    return play_facility(facility_from_loads(units, loads, frequency=1e-5), 40)


def written_boxes(figure, lines):
    """Extents of the labels of a map, by text; those with at least so many lines. [px]"""
    figure.draw_without_rendering()
    (axes,) = [each for each in figure.axes if each.get_title()]
    texts = [text for text in axes.texts if text.get_text().count("\n") >= lines]
    return {text.get_text(): Text.get_window_extent(text) for text in texts}  # without the leader


def overlapping(boxes):
    found = list(boxes.items())
    return [(a, b) for i, (a, one) in enumerate(found) for b, other in found[i + 1 :] if one.overlaps(other)]


def test_labels_of_a_crowded_cascade_do_not_overlap(crowded):
    start = crowded.units.sort_values("rank_out")["unit_id"].iloc[0]
    cascade = crowded.from_unit(start)
    views = domino_figures._views(domino_figures._places(crowded), cascade)
    for bounds in views.values():
        figure = domino_figures.draw_cascade(crowded, cascade, minimal_park.park(), bounds, ENGLISH)
        boxes = written_boxes(figure, 1)
        assert len(boxes) > 5
        assert not overlapping(boxes)
        for text in boxes:
            unit, said = text.split("\n")
            chance = cascade.units.set_index("unit_id").loc[unit, "probability"]
            assert said.startswith(f"{chance:.1%}")


def test_labels_of_a_crowded_park_do_not_overlap(crowded):
    (bounds,) = domino_figures._blocks(domino_figures._places(crowded), minimal_park.park()).values()
    edges = domino_timeline.edges_of(crowded.chains, "frequency")
    figure = domino_figures.draw_park(crowded, minimal_park.park(), bounds, ENGLISH, edges)
    boxes = written_boxes(figure, 1)
    assert len(boxes) > 5
    assert not overlapping(boxes)


def test_timeline_shows_what_the_table_says(crowded):
    start = crowded.units.sort_values("rank_out")["unit_id"].iloc[0]
    cascade = crowded.from_unit(start)
    figure = domino_timeline.draw_timeline(crowded, cascade, ENGLISH)
    (axes,) = figure.axes
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows[0] == start
    table = cascade.units.set_index("unit_id")
    medians = [table.loc[unit, "time_min"] for unit in rows[1:]]
    assert medians == sorted(medians)
    dots = {round(line.get_ydata()[0]): line.get_xdata()[0] for line in axes.get_lines() if line.get_marker() == "o"}
    assert [dots[place] for place in range(1, len(rows))] == medians
    (legend,) = figure.legends
    said = " ".join(text.get_text() for text in legend.get_texts())
    assert "5–20 min" in said  # the response that the default reading stands for


def test_edges_sum_over_chains(crowded):
    edges = domino_timeline.edges_of(crowded.chains, "probability").set_index(["from_unit", "to_unit"])
    chain = crowded.chains["units"].iloc[0].split(" > ")
    ends = crowded.chains["units"].str.endswith(f"{chain[-2]} > {chain[-1]}")
    total = crowded.chains.loc[ends, "probability"].sum()
    assert edges.loc[(chain[-2], chain[-1]), "probability"] == pytest.approx(total)


def test_a_label_without_room_is_left_out():
    figure = Figure(figsize=(2.0, 2.0))
    axes = figure.add_subplot()
    axes.set_xlim(0.0, 10.0)
    axes.set_ylim(0.0, 10.0)
    settle(axes)
    count = place_labels(axes, [(5.0, 5.0, 0.1, "unit\n50 %")] * 60, [])
    assert 0 < count < 60
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in axes.texts]
    assert len(boxes) == count
    assert not [1 for i, one in enumerate(boxes) for other in boxes[i + 1 :] if one.overlaps(other)]


def test_a_park_without_dominoes_has_no_map(tmp_path):
    quiet = play_facility(facility_from_loads(tanks([0.0, 90.0], [0.0, 0.0]), np.zeros((2, 2))), 10)
    assert domino_figures.save_park(quiet, minimal_park.park(), tmp_path) == []
    drawn = domino_figures.save_cascade(quiet, "T000", minimal_park.park(), tmp_path, "en")
    assert [path.name for path in drawn] == ["domino_map.svg", "domino_map.png"]
