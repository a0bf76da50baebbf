"""Chapters 1 to 7 of the report: what they print stands in the tables of results, what is not known stays so."""

import dataclasses
import functools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from rasterio.warp import transform

from parkrisk import models
from parkrisk.api.report.chapters import basis, consequences, domino, hazards, layout, overview, risk
from parkrisk.api.report.content import Bullets, Callout, Cell, Facts, Figure, Paragraph, Table
from parkrisk.api.report.material import Material, limit_value, percent
from parkrisk.api.report.tabulated import named, tabulated
from parkrisk.api.report.wording import source_words, sourced
from parkrisk.risk.assess import assess
from parkrisk.risk.capacity.stages import safety_capacity
from parkrisk.risk.distances.external import external_distances
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import schema
from parkrisk.scenarios.reading.defaults import DECLARED
from tests import large_park, minimal_park
from tests.minimal_park import COARSE, changed

CHAPTERS = (basis, overview, hazards, layout, consequences, risk, domino)
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|e([-+]\d+))?( ?%)?")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def material_of(result, lang="zh", figures=None):
    return Material(result, external_distances(result), safety_capacity(result), figures or {}, lang)


@functools.cache
def minimal(lang):
    return material_of(minimal_park.coarse(), lang)


def blocks_of(chapter):
    return [*chapter.blocks, *(block for section in chapter.sections for block in section.blocks)]


def tables_of(chapter):
    return {block.caption: block for block in blocks_of(chapter) if isinstance(block, Table)}


def text_of(cell):
    return cell.text if isinstance(cell, Cell) else cell


def texts_of(chapter):
    """Everything a chapter says."""
    found = [chapter.title, *(section.title for section in chapter.sections)]
    for block in blocks_of(chapter):
        if isinstance(block, Table):
            found += [block.caption, *block.header, block.note, *(text_of(cell) for row in block.rows for cell in row)]
        else:
            found += sentences_of(block)
    return found


def sentences_of(block):
    if isinstance(block, Paragraph):
        return [block.text]
    if isinstance(block, Callout):
        return [block.title, block.text]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Facts):
        return [text for row in block.rows for text in row]
    return [block.caption, block.note]


def numbers_in(text):
    """Each number of a text with the half of its last digit."""
    found = []
    for digits, raised, exponent, share in NUMBER.findall(text):
        scale = 10.0 ** int((raised.translate(RAISED) if raised else exponent) or 0) * (0.01 if share else 1.0)
        decimals = len(digits.partition(".")[2])
        found.append((float(digits.replace(",", "")) * scale, 0.5 * 10.0**-decimals * scale))
    return found


def agrees(text, value):
    """Whether a cell prints this value, rounded as it is."""
    if pd.isna(value):
        return text in ("–", "未知", "unknown")
    if value == 0.0:
        return numbers_in(text)[0][0] == 0.0
    if text.startswith("< "):
        return 0.0 < value < numbers_in(text)[0][0]
    ((shown, half),) = numbers_in(text)
    return abs(shown - value) <= half * (1.0 + 1e-6)


def checked(table, frame, columns):
    """Compare columns of a printed table with the rows of a frame, in their order; gives how many cells agree."""
    count = 0
    for row, source in zip(table.rows, frame.head(len(table.rows)).to_dict("records"), strict=True):
        for position, name in columns.items():
            assert agrees(text_of(row[position]), source[name]), (table.caption, name, row, source)
            count += 1
    return count


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("module", CHAPTERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_nothing_is_left_over(module, lang):
    chapter = module.chapter(minimal(lang))
    texts = texts_of(chapter)
    assert len(texts) > 15
    for text in texts:
        assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", text), text
        assert not re.search(r"\b(pass|fail)\b", text) or lang == "en", text
    assert all(table.rows for table in tables_of(chapter).values())
    assert all(section.blocks for section in chapter.sections)


@pytest.mark.parametrize("module", CHAPTERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_english_but_for_the_names_of_the_input(module):
    park = minimal("en").result.park
    names = {str(value) for frame in park.tables.values() for column in frame for value in frame[column]}
    names |= {str(value) for value in park.info.values()}
    names = sorted(filter(CHINESE.search, names), key=len, reverse=True)
    assert names
    for text in texts_of(module.chapter(minimal("en"))):
        for name in names:
            text = text.replace(name, "")
        assert not CHINESE.search(text), text


def key_tables(material):
    """Cells of the key tables that agree with the tables of results, by caption."""
    result = material.result
    at_risk = tables_of(risk.chapter(material))
    targets = result.targets.sort_values(["ratio", "individual_risk"], ascending=False)
    contributions = result.contributions
    few = [
        contributions[(contributions["target_id"] == name) & (contributions["rank"] <= 5)]
        for name in targets["target_id"][:3]
    ]
    cascades = tables_of(domino.chapter(material))
    across = result.domino.enterprises[result.domino.enterprises["cross_enterprise"].astype(bool)]
    return {
        "targets": checked(
            at_risk["各防护目标处的个人风险与基准"],
            targets,
            {2: "individual_risk", 3: "individual_risk_without_domino", 4: "limit", 5: "ratio"},
        ),
        "contributions": checked(
            at_risk["最不利目标处的主要风险源"], pd.concat(few), {1: "rank", 3: "individual_risk", 4: "share"}
        ),
        "sources": checked(
            at_risk["主要风险源（按预期死亡）"],
            result.sources.sort_values(["pll", "unit_id"], ascending=[False, True]),
            {4: "mass_t", 5: "pll", 6: "pll_share", 7: "pll_without_domino"},
        ),
        "pairs": checked(
            cascades["多米诺设备对（频率最高者）"],
            result.domino.pairs,
            {2: "distance_m", 3: "heat_load_kw_m2", 4: "overpressure_kpa", 6: "probability", 8: "frequency"},
        ),
        "between": checked(
            cascades["企业之间的多米诺"],
            across.sort_values("frequency", ascending=False),
            {2: "frequency", 3: "standard_error", 4: "failures"},
        ),
    }


def test_key_tables_print_the_results():
    found = key_tables(minimal("zh"))
    assert found["targets"] == 12
    assert min(found.values()) >= 3


def test_fn_points_stand_in_the_curve_and_show_its_worst():
    fn = minimal("zh").result.fn
    table = tables_of(risk.chapter(minimal("zh")))["F-N 曲线取点"]
    for row in table.rows:
        names = ("N", "F", "F_standard_error", "F_without_domino", "upper")
        assert any(
            all(agrees(text_of(row[position]), point[name]) for position, name in enumerate(names))
            for point in fn.to_dict("records")
        ), row
    worst = fn.loc[(fn["F"] / fn["upper"]).idxmax()]
    assert any(agrees(row[5], worst["F"] / worst["upper"]) for row in table.rows)
    assert any(agrees(row[0], fn["N"].max()) for row in table.rows)


def radii_agree(material, caption, columns, first):
    """Whether each row of a table of radii is the worst weather of its unit, loss and outcome; gives their number."""
    table = tables_of(consequences.chapter(material))[caption]
    worst = material.result.scenarios.groupby(["unit_id", "loc", "outcome"])["death_m"].max()
    for row in table.rows:
        (unit,) = [each for each in worst.index.unique("unit_id") if named(material, "unit", each) == row[0]]
        ours = material.result.scenarios[material.result.scenarios["unit_id"] == unit]
        shown = [text_of(row[position]) for position in range(first, first + 4)]
        weather = text_of(row[columns["weather"]])
        match = [
            each
            for each in ours[ours["weather"] == weather].to_dict("records")
            if all(
                agrees(text, each[name])
                for text, name in zip(shown, ("death_m", "serious_m", "light_m", "domino_m"), strict=True)
            )
        ]
        assert any(
            np.isnan(each["death_m"]) or each["death_m"] == worst[each["unit_id"], each["loc"], each["outcome"]]
            for each in match
        ), row
    return len(table.rows)


def test_casualty_radii_are_those_of_the_worst_weather():
    material = minimal("zh")
    assert radii_agree(material, "伤亡半径表：每台设备影响最远的情形", {"weather": 4}, 6) == 5
    assert radii_agree(material, "预期死亡最多的情形及其影响半径", {"weather": 6}, 7) >= 3


def test_widest_radii_by_loss_and_outcome():
    scenarios = minimal("zh").result.scenarios
    table = tables_of(consequences.chapter(minimal("zh")))["泄漏模式 × 灾害模式的最大影响半径"]
    widest = scenarios.groupby(["loc", "outcome"])[["death_m", "serious_m", "light_m", "domino_m"]].max()
    assert len(table.rows) == len(widest)
    ordered = widest.sort_values("death_m", ascending=False, kind="stable")
    deaths = [value for value in ordered["death_m"] if not np.isnan(value)]
    assert all(agrees(text_of(row[3]), value) for row, value in zip(table.rows, deaths, strict=False))
    cases = scenarios.drop_duplicates(["unit_id", "loc", "outcome"])
    assert sum(int(row[2]) for row in table.rows) == len(cases)


def test_targets_within_the_widest_radius():
    material = minimal("zh")
    tables = material.result.park.tables
    widest = material.result.scenarios.loc[material.result.scenarios["death_m"].idxmax()]
    unit = tables["units"].set_index("unit_id").loc[widest["unit_id"]]
    apart = np.hypot(tables["targets"]["x"] - unit["x"], tables["targets"]["y"] - unit["y"])
    (said,) = [text for text in texts_of(consequences.chapter(material)) if text.startswith("共计算")]
    assert f"死亡半径最大为 {widest['death_m']:,.0f} m" in said
    assert f"有防护目标 {(apart <= widest['death_m']).sum()} 处" in said


def test_hazard_units_by_their_level():
    result = minimal("zh").result
    table = tables_of(hazards.chapter(minimal("zh")))["重大危险源辨识与分级"]
    units = result.hazards.units.set_index("hazard_unit_id")
    assert {row[0] for row in table.rows} == set(units.index)
    for row in table.rows:
        unit = units.loc[row[0]]
        assert agrees(text_of(row[3]), unit["S"])
        assert agrees(text_of(row[5]), unit["R"])
        expected = "不构成" if unit["major_hazard"] == "no" else f"{'一二三四'[int(unit['level']) - 1]}级"
        assert row[6] == expected


def sentence_numbers(material):
    """Numbers that the callouts of individual and societal risk print, and those they may print."""
    result = material.result
    names = [*result.park.tables["targets"]["name"], *result.park.tables["units"]["name"]]
    texts = [
        text
        for block in blocks_of(risk.chapter(material))
        if isinstance(block, Callout)
        for text in (block.title, block.text)
    ]
    shown = []
    for text in texts:
        for name in names:
            text = text.replace(name, "")
        shown += numbers_in(text)
    worst = result.targets.loc[result.targets["ratio"].idxmax()]
    at = result.fn.loc[(result.fn["F"] / result.fn["upper"]).idxmax()]
    counts = [len(result.targets), *((result.targets["status"] == name).sum() for name in ("pass", "fail", "unknown"))]
    risks = [worst["individual_risk"], worst["limit"], worst["ratio"]]
    added = 1.0 - worst["individual_risk_without_domino"] / worst["individual_risk"]
    return shown, [*counts, *risks, added, at["N"], at["F"], at["F"] / at["upper"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_numbers_of_the_verdicts_stand_in_the_results(lang):
    shown, known = sentence_numbers(minimal(lang))
    assert len(shown) == len(known)
    for value, half in shown:
        assert any(abs(value - each) <= half * (1.0 + 1e-6) for each in known), value


def test_counts_in_words_are_those_of_the_input():
    park = minimal("zh").result.park
    (said,) = [text for text in texts_of(overview.chapter(minimal("zh"))) if text.startswith("园区共")]
    staff = park.tables["enterprises"][["staff_day", "staff_night"]].sum()
    values = [value for value, _ in numbers_in(said)]
    assert values == [2, 5, 5, 5, staff["staff_day"], staff["staff_night"]]


def test_distances_against_a_second_way():
    material = minimal("zh")
    tables = material.result.park.tables
    place = tables["targets"].set_index("name")[["x", "y"]]
    units = tables["units"]
    table = tables_of(overview.chapter(material))["周边防护目标一览"]
    for row in table.rows:
        apart = np.hypot(units["x"] - place.loc[row[0], "x"], units["y"] - place.loc[row[0], "y"])
        gap = (apart - units["diameter_m"].fillna(0.0) / 2.0).min()
        assert agrees(row[4], gap), row


def test_wind_towards_targets_against_the_weather_table():
    material = minimal("zh")
    park = material.result.park
    place = {name: park.tables[name].set_index("name")[["x", "y"]] for name in ("targets", "units")}
    given = park.tables["weather"]
    weather = given.groupby("wind_from")["frequency"].sum()
    weather = weather + given.loc[given["wind_from"].isna(), "frequency"].sum() / len(weather)  # calms blow everywhere
    table = tables_of(layout.chapter(material))["防护目标与气体源的风向关系"]
    for row in table.rows:
        dx, dy = place["targets"].loc[row[0]] - place["units"].loc[row[2].partition("（")[0]]
        towards = np.degrees(np.arctan2(dx, dy))
        turn = (weather.index.to_numpy() + 180.0 - towards + 180.0) % 360.0 - 180.0
        assert agrees(row[5], weather.iloc[int(np.abs(turn).argmin())]), row


def test_every_rulebook_with_its_mark():
    material = minimal("en")
    table = tables_of(basis.chapter(material))["Laws and standards used"]
    books = material.result.ruleset.books
    assert [(row[0], row[2]) for row in table.rows] == [(book.instrument_en, str(book.in_force_from)) for book in books]
    marks = [text_of(row[5]) for row in table.rows]
    assert [mark[0] for mark in marks] == [book.mark for book in books]
    assert "M unverified" in marks


def test_figures_that_were_drawn_and_no_others():
    result = minimal_park.coarse()
    drawn = {"wind_rose": Path("figures/wind_rose"), "fn": Path("figures/fn")}
    material = material_of(result, figures=drawn)
    shown = [
        block.path.name
        for module in CHAPTERS
        for block in blocks_of(module.chapter(material))
        if isinstance(block, Figure)
    ]
    assert shown == ["wind_rose", "fn"]


def test_maps_of_blocks_follow_the_whole_in_their_order():
    names = ["individual_risk_block_10", "individual_risk", "individual_risk_block_2", "individual_risk_block_1"]
    material = material_of(minimal_park.coarse(), figures={name: Path(name) for name in names})
    shown = [block for block in blocks_of(risk.chapter(material)) if isinstance(block, Figure)]
    assert [figure.path.name for figure in shown] == [names[1], names[3], names[2], names[0]]
    assert shown[-1].caption.endswith("（片区 10）")


@functools.cache
def bare():
    """A park of which little is known, and one unit of it in service."""

    def edit(found):
        del found["targets"], found["population"], found["park"]["boundary"], found["response"]
        for unit in found["units"]:
            unit["in_service"] = "yes" if unit["kind"] == "atmospheric_tank" and unit["unit_id"] == "T-101" else "no"
        for enterprise in found["enterprises"]:
            enterprise.pop("residents_500m", None)

    return assess(changed(edit), settings=COARSE)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_not_known_stays_unknown(lang):
    material = material_of(bare(), lang)
    chapters = {module.__name__.rpartition(".")[2]: module.chapter(material) for module in CHAPTERS}
    for chapter in chapters.values():
        for text in texts_of(chapter):
            assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", text), text
        assert all(table.rows for table in tables_of(chapter).values())
        assert all(section.blocks for section in chapter.sections)
    for name in ("basis", "overview", "layout", "risk"):
        kinds = {block.kind for block in blocks_of(chapters[name]) if isinstance(block, Callout)}
        assert "unknown" in kinds, name
        assert "good" not in kinds, name
    assert len(chapters["domino"].sections) == 1
    levels = [row for table in tables_of(chapters["hazards"]).values() for row in table.rows if row[0] == "tank-farm"]
    assert any(isinstance(cell, Cell) and cell.meaning == "unknown" for cell in levels[0])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_lower_bound_passes_nothing(lang):
    result = minimal_park.coarse()
    row = {"unit_id": "V-301", "loc": "rupture", "outcome": "toxic_cloud", "frequency": 1e-6, "reason": "not_computed"}
    dropped = pd.DataFrame([row], columns=result.events.dropped.columns)
    open_ended = dataclasses.replace(result, events=dataclasses.replace(result.events, dropped=dropped))
    chapter = risk.chapter(material_of(open_ended, lang))
    callouts = [block for block in blocks_of(chapter) if isinstance(block, Callout)]
    assert {callout.kind for callout in callouts} == {"unknown"}
    assert any(named(material_of(open_ended, lang), "unit", "V-301") in callout.text for callout in callouts)
    statuses = [row[6] for table in tables_of(chapter).values() for row in table.rows if len(row) == 7 and row[6]]
    assert Cell({"zh": "未知", "en": "unknown"}[lang], "unknown") in statuses
    assert not [cell for cell in statuses if isinstance(cell, Cell) and cell.meaning == "good"]


@pytest.mark.parametrize(("risk_there", "kind", "said"), [(4.5e-6, "bad", "1.5 倍"), (1.5e-6, "good", "50.0 %")])
def test_a_target_above_its_limit_is_said_first(risk_there, kind, said):
    result = minimal_park.coarse()
    targets = result.targets.copy()
    school = targets["class"] == "high-sensitivity"
    targets.loc[school, "individual_risk"] = risk_there
    targets.loc[school, "ratio"] = risk_there / targets.loc[school, "limit"]
    targets.loc[school, "status"] = "fail" if risk_there > targets.loc[school, "limit"].iloc[0] else "pass"
    blocks = blocks_of(risk.chapter(material_of(dataclasses.replace(result, targets=targets))))
    first = next(block for block in blocks if isinstance(block, Callout))
    assert first.kind == kind
    assert said in first.text


def test_corners_lie_on_the_boundary():
    material = minimal("zh")
    table = tables_of(overview.chapter(material))["四至拐点坐标"]
    edge = material.result.park.boundary.exterior
    corners = [(float(row[2]), float(row[3])) for row in table.rows]
    assert len(corners) == len(edge.coords) - 1
    assert max(edge.distance(shapely.Point(corner)) for corner in corners) <= 0.1
    # WGS 84 by the library that reads maps, not by the one that wrote the table.
    for row, (x, y) in zip(table.rows, corners, strict=True):
        longitude, latitude = transform(material.result.park.crs, "EPSG:4326", [x], [y])
        assert (float(row[4]), float(row[5])) == pytest.approx((longitude[0], latitude[0]), abs=2e-6)


FRAME = pd.DataFrame({"name": ["a", "b", "c"], "value": [1.5e-6, np.nan, 0.0], "state": ["pass", "unknown", "fail"]})
COLUMNS = {
    "name": ("名称", "name", ""),
    "value": ("频率 /年", "frequency /yr", "per_year"),
    "state": ("判定", "status", "status"),
}


def test_a_table_says_what_is_unknown_and_what_is_left_out():
    (table,) = tabulated(FRAME, COLUMNS, minimal("en"), "things", limit=2, annex="things.csv", note="A note.")
    assert table.header == ("name", "frequency /yr", "status")
    assert table.align == "lrc"
    assert table.rows[0] == ("a", "1.50×10⁻⁶", Cell("pass", "good"))
    assert table.rows[1][1:] == (Cell("unknown", "unknown"), Cell("unknown", "unknown"))
    assert table.note == "A note. 2 rows are shown; the other 1 stand in the annex things.csv."


def test_a_value_that_does_not_apply_is_no_unknown():
    columns = {"value": ("半径 m", "radius m", ",.0f?")}
    (table,) = tabulated(FRAME, columns, minimal("zh"), "半径")
    assert table.rows[1] == (Cell("–", "muted"),)


def test_no_rows_no_table():
    (block,) = tabulated(FRAME.head(0), COLUMNS, minimal("zh"), "名录")
    assert isinstance(block, Paragraph)
    assert "名录" in block.text


def test_every_phrase_in_chinese_stands_in_a_data_file():
    """Or is what the engine adds to an assumption: the input declares it, or a setting chose it."""
    scenarios = Path(schema.__file__).parent
    given = [
        file.read_text(encoding="utf-8").replace('""', '"')
        for folder in (Path(models.__file__).parent / "data", scenarios / "schema", scenarios / "data")
        for file in folder.glob("*.csv")
    ]
    added = (DECLARED, f" {Settings().time_to_failure_mode}", f" {Settings().loss_set}")
    assert source_words()
    for phrase in source_words():
        assert phrase in added or any(phrase in text for text in given), phrase


def test_a_phrase_that_holds_others_goes_first():
    material = minimal("zh")
    text = "TNO CPR 16E (Green Book); Assael & Kakosimos 2010, as coded in fireSIM"
    assert sourced(material, text) == "TNO CPR 16E（绿皮书）；Assael 和 Kakosimos 2010（据 fireSIM 程序）"
    assert sourced(material, "AQ/T 3046-2013 10.4 and Table 10; CPR 18E Table 5.3") == (
        "AQ/T 3046-2013 10.4、表 10；CPR 18E 表 5.3"
    )
    assert sourced(minimal("en"), text) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (4e-4, "< 0.1 %"), (6e-4, "0.1 %"), (0.28, "28.0 %"), (np.nan, "–")]
)
def test_a_small_share_is_not_nothing(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(("limit", "text"), [(3e-6, "3×10⁻⁶"), (1.5e-5, "1.5×10⁻⁵"), (1.25e-5, "1.25×10⁻⁵")])
def test_limits_are_printed_round(limit, text):
    assert limit_value(limit) == text


def test_a_name_has_its_id_where_two_share_it():
    def edit(found):
        found["units"][0]["name"] = found["units"][1]["name"]

    park = changed(edit)
    material = dataclasses.replace(minimal("zh"), result=dataclasses.replace(minimal("zh").result, park=park))
    names = park.tables["units"].set_index("unit_id")["name"]
    shared = names.duplicated(keep=False)
    assert shared.sum() == 2
    for unit, name in names.items():
        assert named(material, "unit", unit) == (f"{name}（{unit}）" if shared[unit] else name)


def test_installations_of_an_enterprise_add_up():
    material = minimal("zh")
    rows = layout.conformity(material)
    table = layout.by_enterprise(rows)
    assert table["count"].sum() == len(rows) > 0
    assert table["available_m"].min() == rows["available_m"].min()


@pytest.mark.slow
def test_a_whole_park():
    material = material_of(large_park.coarse())
    found = key_tables(material)
    assert found["targets"] == 4 * len(material.result.targets)
    assert radii_agree(material, "伤亡半径表：每台设备影响最远的情形", {"weather": 4}, 6) == 20
    shown, known = sentence_numbers(material)
    assert all(any(abs(value - each) <= half * (1.0 + 1e-6) for each in known) for value, half in shown)
    for module in CHAPTERS:
        chapter = module.chapter(material)
        for text in texts_of(chapter):
            assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", text), text
        assert all(0 < len(table.rows) <= 45 for table in tables_of(chapter).values())
