"""Figures: written, deterministic, of a size to be looked at, and English where no Chinese font is."""

import dataclasses
import re
import struct
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
import shapely

from parkrisk.api.drawn import assessment as figures
from parkrisk.api.drawn import page
from parkrisk.risk.assess import assess
from tests import minimal_park
from tests.minimal_park import COARSE, changed

NAMES = ("individual_risk.svg", "individual_risk.png", "fn.svg", "fn.png")


@pytest.fixture(scope="module")
def result():
    return minimal_park.assessment()


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures") / "deeper"
    written = figures.save(result, folder)
    assert [path.name for path in written] == list(NAMES)
    return folder


def risk_map(result, lang, has_chinese=False):
    contours = result.contours()
    (bounds,) = figures.frames(result, contours).values()
    with mpl.rc_context(page.style(page.chinese_font() if has_chinese else None)):
        return figures.draw_risk_map(result, contours, bounds, page.Words(lang, has_chinese=has_chinese))


@pytest.fixture
def without_chinese(monkeypatch):
    monkeypatch.setattr(page, "chinese_font", lambda: None)


def texts(figure):
    """Everything a figure says, titles and legends included."""
    (axes,) = figure.axes
    found = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), *(text.get_text() for text in figure.texts)]
    found += [text.get_text() for text in axes.texts]
    legends = [child for child in axes.get_children() if type(child).__name__ == "Legend"]
    for legend in legends:
        found += [legend.get_title().get_text(), *(text.get_text() for text in legend.get_texts())]
    return [text for text in found if text]


def test_files_are_written(folder):
    assert {path.name for path in folder.iterdir()} == set(NAMES)
    for name in NAMES:
        size = (folder / name).stat().st_size
        assert 15_000 < size < 5_000_000, name


@pytest.mark.parametrize("name", ["individual_risk", "fn"])
def test_pictures_are_whole(folder, name):
    drawing = ET.parse(folder / f"{name}.svg").getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(drawing.findall(".//{http://www.w3.org/2000/svg}path")) > 20
    picture = (folder / f"{name}.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert min(width, height) > 900


def test_the_same_result_gives_the_same_bytes(result, folder, tmp_path):
    figures.save(result, str(tmp_path))
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_no_date_and_no_link_to_the_machine(folder):
    for name in ("individual_risk.svg", "fn.svg"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not re.search(r"<dc:date>", text)
        assert str(folder) not in text


def test_english_without_a_chinese_font(result, without_chinese, tmp_path):
    figures.save(result, tmp_path, "zh")  # a missing sign would be a warning, and that an error
    for figure in (risk_map(result, "en"), figures.draw_fn(result, page.Words("en", has_chinese=False))):
        said = texts(figure)
        assert said
        assert not [text for text in said if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)], said
        # A demonstration says so in every picture.
        assert any("demonstration" in text for text in said)


def test_map_shows_what_it_should(result):
    said = texts(risk_map(result, "en"))
    assert "DEMO-MIN" in said[0]
    assert "2026-11-01" in said[0]
    for word in ("individual risk (per year)", "park boundary", "atmospheric tank", "high-sensitivity target", "N"):
        assert word in said
    reached = [level for level, shape in result.contours().items() if not shape.is_empty]
    assert sum(text.startswith("≥") for text in said) == len(reached)
    assert [text for text in said if text.endswith((" m", " km"))]  # the scale bar


def test_map_in_chinese(result):
    said = texts(risk_map(result, "zh", has_chinese=True))
    assert "最小示例园区" in said[0]
    assert "个人风险等值线（/年）" in said


def test_a_contour_that_is_cut_says_so(result):
    level = float(result.individual_risk.values.max())
    raised = dataclasses.replace(
        result.individual_risk, values=np.maximum(result.individual_risk.values, min(1e-5, level))
    )
    cut = texts(risk_map(dataclasses.replace(result, individual_risk=raised), "en"))
    assert "≥ 3×10⁻⁶ (cut by the map edge)" in cut
    assert not any("cut by" in text for text in texts(risk_map(result, "en")))


def test_any_levels_and_the_outline_of_a_target(result):
    park = changed(
        lambda document: document["targets"][0].update(polygon=shapely.box(5e5, 4.5e6, 500100.0, 4500200.0).wkt)
    )
    settings = dataclasses.replace(result.settings, contour_levels=(2.5e-6, 7e-6))
    figure = risk_map(dataclasses.replace(result, park=park, settings=settings), "en")
    assert {"≥ 2.5×10⁻⁶", "≥ 7×10⁻⁶"} <= set(texts(figure))
    paths = [path for each in figure.axes[0].collections for path in each.get_paths()]
    outlines = [set(map(tuple, path.vertices)) for path in paths]
    assert {(5e5, 4.5e6), (500100.0, 4.5e6), (500100.0, 4500200.0), (5e5, 4500200.0)} in outlines


def test_f_n_shows_both_lines(result):
    figure = figures.draw_fn(result, page.Words("en", has_chinese=False))
    (axes,) = figure.axes
    said = texts(figure)
    for word in ("this park", "intolerable above", "acceptable below", "reduce as far as practicable"):
        assert any(text.startswith(word) for text in said), word
    assert axes.get_xscale() == axes.get_yscale() == "log"
    upper, lower = (line for line in axes.get_lines() if len(line.get_xdata()) == 2)
    assert upper.get_ydata()[0] > lower.get_ydata()[0]
    (curve,) = (line for line in axes.get_lines() if line.get_label() == "this park")
    assert list(curve.get_xdata()) == list(result.fn["N"][result.fn["F"] > 0.0])
    (dashed,) = (line for line in axes.get_lines() if line.get_label() == "without domino effects")
    assert list(dashed.get_ydata()) == [each for each in result.fn["F_without_domino"] if each > 0.0]
    assert dashed.get_linestyle() == "--"


def test_a_park_with_nothing_to_draw(without_chinese, tmp_path):
    def edit(found):
        del found["targets"], found["population"], found["park"]["boundary"]
        for unit in found["units"]:
            unit["in_service"] = "no"

    empty = assess(changed(edit), settings=COARSE)
    for path in figures.save(empty, tmp_path, "en"):
        assert path.stat().st_size > 5_000


def test_a_map_for_each_block_of_a_scattered_park(result):
    two = shapely.MultiPolygon(
        [shapely.box(500000, 4500000, 500400, 4500300), shapely.box(500700, 4500000, 501000, 4500300)]
    )
    scattered = dataclasses.replace(result, park=dataclasses.replace(result.park, boundary=two))
    found = figures.frames(scattered, result.contours())
    assert list(found) == ["individual_risk", "individual_risk_block_1", "individual_risk_block_2"]
    # The block with more units comes first, and each is seen whole.
    for name, block in zip(list(found)[1:], two.geoms, strict=True):
        assert shapely.box(*found[name]).contains(block)
    whole = shapely.box(*found["individual_risk"])
    assert all(whole.contains(shape) for shape in result.contours().values() if not shape.is_empty)


@pytest.mark.parametrize("code", ["$x^{2$", "A_B <&> 园区"])
def test_names_are_not_read_as_formulas(result, without_chinese, tmp_path, code):
    odd = dataclasses.replace(result, park=dataclasses.replace(result.park, name=code, code=code))
    for path in figures.save(odd, tmp_path, "en"):
        assert path.stat().st_size > 5_000


@pytest.mark.parametrize(("level", "expected"), [(1e-5, "10⁻⁵"), (3e-6, "3×10⁻⁶"), (3e-7, "3×10⁻⁷"), (1e-3, "10⁻³")])
def test_powers(level, expected):
    assert page.power(level) == expected
