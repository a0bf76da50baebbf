"""Every figure of the report: drawn, right in its numbers and words, whole without this or that, the same twice."""

import dataclasses
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text

from parkrisk.api.drawn import page, place, response, shares, wind, worst_cases
from parkrisk.api.drawn.map import WIDTH, map_sheet
from parkrisk.api.drawn.report_figures import draw_all
from parkrisk.risk.assess import assess
from parkrisk.risk.capacity.stages import safety_capacity
from parkrisk.risk.distances.external import external_distances
from tests import minimal_park
from tests.minimal_park import COARSE, changed

NAMES = {
    *("location", "layout", "population", "wind_rose", "stability", "individual_risk", "fn", "contributions"),
    *("sources", "domino_map", "domino_timeline", "grades", "distances", "capacity", "response", "worst_case_1"),
}
ENGLISH = page.Words("en", has_chinese=False)


@pytest.fixture(scope="module")
def result():
    return minimal_park.assessment()


@pytest.fixture(autouse=True)
def styled():
    with mpl.rc_context(page.style(page.chinese_font())):
        yield


def said(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def every(result, words):
    park = result.park
    return {
        **place.draw(park, words),
        **wind.draw(park, words),
        **shares.draw(result, words),
        **response.draw(result, words),
    }


def test_every_figure_is_drawn_as_svg_and_png_and_progress_is_told(result, tmp_path):
    told = []
    drawn = draw_all(
        result, external_distances(result), safety_capacity(result), tmp_path, "zh", lambda *each: told.append(each)
    )
    assert set(drawn) >= NAMES
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.{end}" for name in drawn for end in ("svg", "png")}
    assert all(path == tmp_path / name for name, path in drawn.items())
    assert [done for _, done, _ in told] == list(range(1, len(told) + 1))
    assert {stage for stage, _, _ in told} == {"figures"}
    assert told[-1][1] == told[-1][2]


def test_the_same_bytes_twice(result, tmp_path):
    for folder in ("a", "b"):
        page.save_figures(lambda words: every(result, words), tmp_path / folder, "zh")
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_no_sign_lacks_in_chinese(result):
    font = page.chinese_font()
    assert font is not None, "the report extra brings a font"
    figures = every(result, page.Words("zh", has_chinese=True))
    known = set()
    for family in (font, "DejaVu Sans"):
        known |= set(get_font(findfont(family)).get_charmap())
    for name, figure in figures.items():
        texts = [text for text in said(figure) if "$" not in text]
        assert any(re.search(r"[\u4e00-\u9fff]", text) for text in texts), name
        lacking = {sign for text in texts for sign in text if sign != "\n" and ord(sign) not in known}
        assert not lacking, name


def test_english_has_no_chinese_and_says_demonstration(result):
    for name, figure in every(result, ENGLISH).items():
        texts = said(figure)
        assert not [text for text in texts if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)], name
        assert any("demonstration" in text for text in texts), name


def test_texts_are_large_enough_when_printed_16_cm_wide(result):
    figures = every(result, page.Words("zh", has_chinese=True))
    for name, figure in figures.items():
        sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_text()}
        assert min(sizes) * 16.0 / 2.54 / figure.get_figwidth() >= 7.0, name
        assert figure.get_figwidth() == WIDTH


def test_people_within_each_distance(result):
    table = place.people_within(result.park).set_index("distance_m")
    people = result.park.tables["population"]
    assert table.loc[5000.0, "day"] == pytest.approx(people["day"].sum(), rel=1e-6)
    assert table.loc[5000.0, "night"] == pytest.approx(people["night"].sum(), rel=1e-6)
    assert list(table["day"]) == sorted(table["day"])
    # A second way: every cell by a fine grid of its own, and the distance to the corners and sides of the boundary.
    ground, count = place.site(result.park), 0.0
    for x, y, size, day in people[["x", "y", "cell_m", "day"]].itertuples(index=False):
        steps = (np.arange(60) + 0.5) / 60.0 - 0.5
        points = shapely.points(*(each.ravel() for each in np.meshgrid(x + steps * size, y + steps * size)))
        count += day * float(np.mean(shapely.distance(points, ground) <= 1000.0))
    assert table.loc[1000.0, "day"] == pytest.approx(count, rel=0.03)
    shown = " ".join(said(place.draw(result.park, ENGLISH)["population"]))
    for day, night in table[["day", "night"]].itertuples(index=False):
        assert f"{day:,.0f} / {night:,.0f}" in shown


def test_location_names_targets_and_corners(result):
    texts = said(place.draw(result.park, page.Words("zh", has_chinese=True))["location"])
    assert {"示例小学", "示例村", "示例商店", "1 km", "2 km", "5 km"} <= set(texts)
    (corner,) = [text for text in texts if "CGCS2000" in text]
    west, south, east, north = map(float, re.findall(r"(\d+\.\d{4})°", corner))
    assert 0.0 < east - west < 0.05
    assert 0.0 < north - south < 0.05


def test_wind_shares_of_a_period_make_one_and_agree_with_the_table(result):
    weather, table = wind.by_period(result.park), result.park.tables["weather"]
    sums = weather.groupby("period")["share"].sum()
    assert sums.to_dict() == pytest.approx(dict.fromkeys(sums.index, 1.0))
    day = table[table["period"] == "day"]
    north = day.loc[day["wind_from"] == 0.0, "frequency"].sum() / day["frequency"].sum()
    got = weather[(weather["period"] == "day") & (weather["wind_from"] == 0.0)]["share"].sum()
    assert got == pytest.approx(north)
    rose = wind.draw(result.park, ENGLISH)["wind_rose"]
    first = rose.axes[0]
    petals = sum(bar.get_height() for bar in first.patches)
    calm = weather[(weather["period"] == "day") & weather["wind_from"].isna()]["share"].sum()
    assert petals + calm == pytest.approx(1.0)
    assert first.get_theta_offset() == pytest.approx(np.pi / 2.0)  # north is up
    assert first.get_theta_direction() == -1  # clockwise
    assert any(f"calm or variable {calm:.1%}" in text for text in said(rose))


def test_all_calm_has_stability_but_no_rose():
    def edit(found):
        for row in found["weather"]:
            row["wind_from"] = ""

    figures = wind.draw(changed(edit), ENGLISH)
    assert set(figures) == {"stability"}


@pytest.mark.parametrize(("direction", "name"), [(0.0, "N"), (359.0, "N"), (45.0, "NE"), (247.5, "WSW"), (180.0, "S")])
def test_points_of_the_compass(direction, name):
    assert wind.point(direction) == name


def test_sources_add_up(result):
    rows = shares.largest_sources(result)
    assert list(rows["primary"] + rows["added"]) == pytest.approx(list(rows["pll"]))
    assert rows["cumulative"].iloc[-1] == pytest.approx(rows["pll"].sum() / result.pll)
    axes = shares.draw(result, ENGLISH)["sources"].axes[0]
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(rows["pll"].sum())


def test_bars_of_contributions_are_whole_and_limits_stand_at_their_place(result):
    figure = shares.draw(result, ENGLISH)["contributions"]
    bars, risks = figure.axes
    widths = pd.Series([bar.get_width() for bar in bars.patches])
    rows = pd.Series([round(bar.get_y() + bar.get_height() / 2.0) for bar in bars.patches])
    assert list(widths.groupby(rows).sum()) == pytest.approx([1.0] * len(shares.worst_targets(result)))
    (marks,) = risks.get_lines()
    assert list(marks.get_xdata()) == list(shares.worst_targets(result)["limit"])


def test_worst_events_differ_and_the_deadliest_comes_first(result):
    rows = worst_cases.worst_events(result)
    tail = result.societal.tail
    assert rows["n_max"].iloc[0] == tail.loc[~tail["event_id"].str.contains("domino"), "n_max"].max()
    assert list(rows["n_max"]) == sorted(rows["n_max"], reverse=True)
    assert not rows.duplicated(["unit_id", "loc", "outcome"]).any()
    figures = worst_cases.draw(result, ENGLISH)
    assert list(figures) == [f"worst_case_{number + 1}" for number in range(len(figures))]
    for figure, row in zip(figures.values(), rows.to_dict("records"), strict=False):
        title = figure.axes[0].get_title()
        assert title.startswith(row["unit_id"])
        assert "m/s from" in title


def test_response_shows_stations_and_times(result):
    texts = said(response.draw(result, page.Words("zh", has_chinese=True))["response"])
    assert "示例消防站\n响应 5 ± 1.5 min" in texts
    minutes = response.minutes_to_help(result)["minutes"]
    assert (minutes > 5.0).all()


def test_a_park_without_targets_people_boundary_and_stations():
    def edit(found):
        del found["targets"], found["population"], found["park"]["boundary"], found["response"]

    empty = assess(changed(edit), settings=COARSE)
    figures = {**every(empty, ENGLISH), **worst_cases.draw(empty, ENGLISH)}
    assert {"location", "layout", "wind_rose", "stability"} <= set(figures)
    assert not {"population", "contributions", "response"} & set(figures)


def test_legends_of_a_map_stay_within_its_page(result):
    many = [("long", [mpl.patches.Patch(label=f"entry {number}") for number in range(60)])]
    sheet = map_sheet((0.0, 0.0, 1000.0, 100.0), "t", many, ENGLISH)
    sheet.figure.draw_without_rendering()
    (legend,) = [each for each in sheet.axes.get_children() if type(each).__name__ == "Legend"]
    box = legend.get_window_extent().transformed(sheet.figure.transFigure.inverted())
    assert box.y0 >= 0.0
    assert box.y1 <= 1.0
    left, right = sheet.axes.get_xlim()
    bottom, top = sheet.axes.get_ylim()
    size = sheet.axes.get_window_extent()
    assert (top - bottom) / (right - left) == pytest.approx(size.height / size.width)
    assert left <= 0.0 < 1000.0 <= right


def test_few_blocks_have_a_map(result):
    two = shapely.MultiPolygon([shapely.box(500000, 4500000, 500400, 4500300), shapely.box(9e5, 5e6, 9.1e5, 5.1e6)])
    park = dataclasses.replace(result.park, boundary=two)
    assert [name for name in place.draw(park, ENGLISH) if "block" in name] == ["layout_block_1"]  # the other is empty
