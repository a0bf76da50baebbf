"""What an officer does on the map page; values on it are those of the API."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, Server, Watched
from tests.browser.numbers import percent, scientific

pytestmark = pytest.mark.slow

expect.set_options(timeout=PATIENCE)

PANELS = ("park", "layers", "place", "unit", "find", "grade", "fn", "report", "domino", "whatif", "gate", "siting")


def panel(page: Page, name: str) -> Locator:
    """Open a panel."""
    if page.locator(f"#tab-{name}").get_attribute("aria-selected") != "true":
        page.click(f"#tab-{name}")
    return page.locator("#panel")


def rows(table: Locator) -> list[list[str]]:
    """Cells of the body of a table."""
    return [[cell.inner_text().strip() for cell in row.locator("td").all()] for row in table.locator("tbody tr").all()]


def captioned(root: Locator, caption: str) -> Locator:
    """Table of that caption."""
    return root.locator("table", has=root.page.locator("caption", has_text=caption)).first


def look_at(page: Page, unit: str) -> None:
    """Bring a unit into the middle of the map."""
    panel(page, "find")
    page.fill("#find", unit)
    page.locator(".found button", has_text=unit).first.click()
    page.wait_for_timeout(300)  # the map is drawn a frame later


def middle(page: Page) -> tuple[float, float]:
    """Middle of the map on the screen."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def coordinates(text: str) -> tuple[float, float]:
    """Easting and northing that a text ends with."""
    x, y = re.findall(r"(\d{6}\.\d), (\d{7}\.\d)", text)[-1]
    return float(x), float(y)


def test_wrong_key_is_refused_and_a_right_one_lets_in(opened: Watched, server: Server) -> None:
    page = opened(key="")
    page.fill("#key", "prk_0000000000000000_wrong")
    page.click("button.main")
    expect(page.locator("[role=alert]")).to_contain_text("密钥无效")
    assert page.evaluate("sessionStorage.getItem('parkrisk.key')") is None
    page.fill("#key", server.key)
    page.press("#key", "Enter")
    expect(page.locator("#tab-park")).to_be_visible()
    expect(page.locator(".bar .who")).to_contain_text("管理员")


def test_version_picked(opened: Watched, server: Server) -> None:
    document = server.get(f"/v1/parks/{server.park['id']}/versions/1/document")
    document["units"][0]["fill_fraction"] = 0.5
    server.post(f"/v1/parks/{server.park['id']}/versions", **document)
    page = opened(park=False)
    page.wait_for_selector("#park option:nth-child(2)", state="attached")
    page.select_option("#park", server.park["id"])
    expect(page.locator(".bar .shown")).to_contain_text("第 2 版")
    expect(page.locator(".bar .grade")).to_have_count(0)
    page.select_option("#version", "1")
    expect(page.locator(".bar .shown")).to_contain_text("第 1 版")
    expect(page.locator(".bar .grade")).to_have_text(server.result["grade"]["letter"])


def test_layers_and_legend(opened: Watched, server: Server) -> None:
    page = opened()
    levels = [
        each["properties"]["individual_risk_per_year"]
        for each in server.get(f"/v1/assessments/{server.assessment}/contours")["features"]
    ]
    legend = page.locator(".legend li")
    assert [text.split(" ")[0] for text in legend.all_inner_texts()] == [
        scientific(level) for level in sorted(set(levels), reverse=True)
    ]
    panel(page, "layers")
    page.uncheck("#layer-contours")
    expect(page.locator(".legend")).to_be_hidden()
    before = page.locator("#map canvas").first.screenshot()
    page.uncheck("#layer-units")
    page.wait_for_timeout(300)
    assert page.locator("#map canvas").first.screenshot() != before


def test_clicked_point_tells_risk_and_sources(opened: Watched, server: Server) -> None:
    page = opened()
    x, y = middle(page)
    page.mouse.click(x + 40, y - 60)
    place = page.locator("#panel")
    expect(place.locator(".figure b")).to_be_visible()
    easting, northing = coordinates(place.locator(".where").inner_text())
    found = server.get(f"/v1/assessments/{server.assessment}/risk-at", x=easting, y=northing)
    assert found["sources"], "nothing to see there"
    assert place.locator(".figure b").inner_text() == f"{scientific(found['places'][0]['individual_risk'])} /年"
    lines = place.get_by_role("list", name="来源设备").locator("li")
    assert lines.count() == len(found["sources"])
    for line, source in zip(lines.all_inner_texts(), found["sources"], strict=True):
        assert line.startswith(source["unit_id"])
        assert percent(source["share"]) in line


def test_target_found_by_name(opened: Watched, server: Server) -> None:
    page = opened()
    panel(page, "find")
    page.fill("#find", "小学")
    page.press("#find", "Enter")
    school = next(each for each in server.result["targets"] if each["target_id"] == "school")
    expect(page.locator("#panel")).to_contain_text(f"{scientific(school['individual_risk'])} /年")
    expect(page.locator("#panel")).to_contain_text(school["clause"])


def test_fn_curve(opened: Watched, server: Server) -> None:
    page = opened()
    root = panel(page, "fn")
    expect(root.locator("canvas")).to_be_visible()
    curve = server.result["fn"]
    shown = rows(root.locator("table").last)
    assert len(shown) > 5
    for number, frequency, *_ in shown:
        row = next(each for each in curve if each["N"] >= float(number) * (1 - 1e-9))
        assert frequency == scientific(row["F"])


def test_grade_with_reasons_and_missing_evidence(opened: Watched, server: Server) -> None:
    page = opened()
    root = panel(page, "grade")
    grade = server.result["grade"]
    assert root.locator(".big").inner_text() == grade["letter"]
    for reason in grade["reasons_zh"]:
        expect(root).to_contain_text(reason)
    assert grade["missing"]
    expect(root).to_contain_text(f"缺少的证据（{len(grade['missing'])} 项）")
    for name in grade["missing"]:
        expect(root).to_contain_text(name)


def _wait_for_minute(page: Page, minute: int) -> None:
    """Let the player run so far."""
    for _ in range(100):
        if float(page.locator("#domino-time").input_value()) >= minute:
            return
        page.wait_for_timeout(50)
    pytest.fail("the player stands still")


def test_cascade_played(opened: Watched, server: Server) -> None:
    page = opened()
    root = panel(page, "domino")
    page.fill("#domino-unit", "T-101")
    page.press("#domino-unit", "Enter")
    table = captioned(root, "可能失效的设备")
    expect(table).to_be_visible()
    found = server.get(f"/v1/assessments/{server.assessment}/cascade", unit="T-101")
    units = {each["unit_id"]: each for each in found["units"] if each["probability"] > 0}
    shown = rows(table)
    assert {cells[0].split("\n")[0].split("跨")[0].strip() for cells in shown} == set(units)
    for name, chance, order, _ in shown:
        unit = units[name.split("\n")[0].split("跨")[0].strip()]
        assert (chance, order) == (percent(unit["probability"]), str(unit["order"]))
    for minute in (0, 1, 5, 120):
        page.locator("#domino-time").fill(str(minute))
        down = sum(each["time_min"] is not None and each["time_min"] <= minute for each in units.values())
        expect(root.get_by_role("status")).to_contain_text(f"已失效 {down} / {len(units)} 台")
        expect(root.locator(".follower.lit")).to_have_count(down)
    page.click(".play")
    _wait_for_minute(page, 5)
    page.click(".play")
    stopped = page.locator("#domino-time").input_value()
    page.wait_for_timeout(400)
    assert page.locator("#domino-time").input_value() == stopped
    assert 5 <= float(stopped) < 120


def test_cascade_plays_calmly_for_those_who_want_less_motion(opened: Watched) -> None:
    page = opened(reduced_motion="reduce")
    panel(page, "domino")
    page.fill("#domino-unit", "V-201")
    page.press("#domino-unit", "Enter")
    page.click(".play")
    _wait_for_minute(page, 10)
    page.click(".play")
    assert float(page.locator("#domino-time").input_value()) % 10 == 0


def _compared(server: Server, **scenario: Any) -> dict[str, dict[str, Any]]:
    answer = server.post("/v1/whatifs", park=server.asked, scenario={"name": "假设分析", **scenario})
    return {each["label_zh"]: each for each in answer["figures"]}


def _figures_agree(root: Locator, expected: dict[str, dict[str, Any]]) -> None:
    shown = {cells[0]: cells[1:] for cells in rows(captioned(root, "园区指标"))}
    assert set(shown) == set(expected)
    for name in ("等级", "PLL 人/年", "目标处最大个人风险 /年"):
        for text, side in zip(shown[name], ("before", "after"), strict=False):
            value = expected[name][side]
            assert text == (value if isinstance(value, str) else scientific(value, 3))


def test_dragged_unit_before_and_after(opened: Watched, server: Server) -> None:
    page = opened()
    look_at(page, "V-201")
    root = panel(page, "whatif")
    expect(page.locator("#change-kind")).to_be_visible()
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x, y - 8 * step)
    page.mouse.up()
    line = root.locator(".changes li")
    expect(line).to_contain_text("移动 V-201")
    place = coordinates(line.inner_text())
    assert place[1] > 4500105, "the unit was dragged to the north"
    root.get_by_role("button", name="比较前后风险").click()
    expect(page.locator("#whatif-result")).to_be_visible()
    assert re.search(r"用时 \d+\.\d 秒", root.inner_text())
    _figures_agree(root, _compared(server, move={"V-201": list(place)}))
    expect(root.locator(".chart canvas")).to_be_visible()


def test_added_unit_and_housing_with_undo(opened: Watched, server: Server) -> None:
    page = opened()
    root = panel(page, "whatif")
    page.select_option("#change-kind", "add")
    tank = {
        "unit_id": "T-900",
        "enterprise_id": "e1",
        "kind": "atmospheric_tank",
        "x": "500200",
        "y": "4500050",
        "substance": "67-56-1",
        "diameter_m": "10",
        "height_m": "8",
        "volume_m3": "600",
    }
    for name, value in tank.items():
        field = page.locator(f"#change-add-{name}")
        field.select_option(value) if name == "kind" else field.fill(value)
    root.get_by_role("button", name="加入更改").click()
    page.select_option("#change-kind", "housing")
    for name, value in {"x": "500500", "y": "4500400", "cell_m": "100", "day": "200", "night": "500"}.items():
        page.fill(f"#change-housing-{name}", value)
    root.get_by_role("button", name="加入更改").click()
    expect(root.locator(".changes li")).to_have_count(2)
    root.locator(".changes li", has_text="住宅").get_by_role("button").click()
    expect(root.locator(".changes li")).to_have_count(1)
    root.get_by_role("button", name="比较前后风险").click()
    expect(page.locator("#whatif-result")).to_be_visible()
    numbers = ("x", "y", "diameter_m", "height_m", "volume_m3")
    row = {name: float(value) if name in numbers else value for name, value in tank.items()}
    expected = _compared(server, add={"units": [row]})
    _figures_agree(root, expected)
    assert expected["设备数"]["after"] == expected["设备数"]["before"] + 1


def test_mistakes_of_a_change_stand_in_a_table(opened: Watched) -> None:
    page = opened()
    root = panel(page, "whatif")
    for name, value in {"unit": "V-201", "x": "500300", "y": "4509999"}.items():
        page.fill(f"#change-{name}", value)
    root.get_by_role("button", name="加入更改").click()
    root.get_by_role("button", name="比较前后风险").click()
    expect(captioned(root, "数据问题")).to_contain_text("四至范围之外")
    expect(page.locator("#whatif-result")).to_have_count(0)


def _gate(page: Page, project: str) -> Locator:
    root = panel(page, "gate")
    option = page.locator("#gate-project option", has_text=project).first
    expect(option).to_be_attached()
    page.select_option("#gate-project", option.get_attribute("value"))
    root.get_by_role("button", name="判定", exact=True).click()
    expect(page.locator("#gate-result")).to_be_visible()
    return root


def test_gate_rule_by_rule(opened: Watched, server: Server) -> None:
    page = opened()
    root = _gate(page, "示例无证明材料项目")
    decision = root.locator(".facts code").filter(has_text=re.compile(r"^d[0-9a-f]+$")).inner_text()
    found = server.get(f"/v1/gate-decisions/{decision}/result")
    assert found["verdict"] == "undecided", "nothing is proven"
    assert root.locator(".verdict").get_attribute("data-verdict") == found["verdict"]
    expect(root.locator(".verdict")).to_contain_text("无法判定")
    head = root.locator(".facts code", has_text=server.get("/v1/audit/head")["hash"])
    expect(head).to_have_count(1)
    root.get_by_role("button", name="全部").click()
    lines = root.locator(".rules > li")
    assert lines.count() == len(found["rules"])
    shown = {line.get_attribute("data-rule"): line for line in lines.all()}
    for rule in found["rules"]:
        assert shown[rule["id"]].get_attribute("data-status") == rule["status"]
    for rule in [each for each in found["rules"] if each["status"] == "unknown"][:5]:
        text = shown[rule["id"]].inner_text()
        assert rule["why_zh"] in text
        assert rule["clause"] in text
        assert all(name in text for name in rule["missing"])
    for status in ("unknown", "pass"):
        root.locator(f".filter.{status}").click()
        expect(lines).to_have_count(sum(rule["status"] == status for rule in found["rules"]))


def test_admitted_on_unverified_grounds_is_not_green(opened: Watched) -> None:
    page = opened()
    root = _gate(page, "示例柴油储罐项目")
    verdict = root.locator(".verdict")
    assert verdict.get_attribute("data-verdict") == "admit"
    expect(verdict).to_contain_text("未核实")
    red, green, blue = map(int, re.findall(r"\d+", verdict.evaluate("e => getComputedStyle(e).backgroundColor"))[:3])
    assert not (green > red + 20 and green > blue + 20)


def test_project_filled_in_and_decision_exported(opened: Watched, server: Server) -> None:
    page = opened(key=server.key_of("officer"))
    root = panel(page, "gate")
    page.select_option("#gate-project", "form")
    for name, value in {"name": "表单项目", "enterprise": "e1"}.items():
        page.fill(f"#project-{name}", value)
    page.select_option("#project-category", "new")
    unit = {"unit_id": "T-901", "enterprise_id": "e1", "x": "500200", "y": "4500050", "substance": "甲醇"}
    for name, value in {**unit, "diameter_m": "8", "height_m": "6", "volume_m3": "300"}.items():
        page.fill(f"#project-unit-{name}", value)
    page.select_option("#project-unit-kind", "atmospheric_tank")
    root.get_by_role("button", name="判定", exact=True).click()
    expect(page.locator("#gate-result")).to_contain_text("表单项目")
    expect(root.locator(".decision")).to_contain_text("试算")
    with page.expect_download() as taken:
        root.get_by_role("button", name="导出 JSON").click()
    exported = taken.value.path().read_text(encoding="utf-8")
    assert '"standing":"trial"' in exported.replace(" ", "")


def test_siting_map_and_the_gate_at_its_best_place(opened: Watched, server: Server) -> None:
    page = opened()
    root = panel(page, "siting")
    option = page.locator("#siting-project option", has_text="示例柴油储罐项目").first
    expect(option).to_be_attached()
    page.select_option("#siting-project", option.get_attribute("value"))
    root.get_by_role("button", name="绘制选址图").click()
    table = captioned(root, "余量最大的位置")
    expect(table).to_be_visible(timeout=2 * PATIENCE)
    run = server.get("/v1/runs", kind="siting")["items"][0]["id"]
    best = server.get(f"/v1/runs/{run}/result")["best"]
    assert [cells[1] for cells in rows(table)] == [f"{each['x']:.0f}, {each['y']:.0f}" for each in best]
    x, y = middle(page)
    page.mouse.click(x, y)
    expect(root).to_contain_text("在此处判定")
    table.get_by_role("button", name="在此处判定 1", exact=True).click()
    expect(page.locator("#gate-result")).to_be_visible()
    expect(page.locator("#gate-project option:checked")).to_contain_text(f"@ {best[0]['x']:.0f}, {best[0]['y']:.0f}")


def test_report_downloaded(opened: Watched) -> None:
    page = opened()
    root = panel(page, "report")
    for kept in ("pdf", "docx", "gpkg"):
        page.uncheck(f"#format-{kept}")
    root.get_by_role("button", name="生成报告").click()
    file = root.get_by_role("button", name="tables.xlsx").first
    expect(file).to_be_visible(timeout=2 * PATIENCE)
    with page.expect_download() as taken:
        file.click()
    assert taken.value.path().read_bytes()[:2] == b"PK"


def test_language_switched_keeps_park_and_draft(opened: Watched) -> None:
    page = opened()
    panel(page, "whatif")
    for name, value in {"unit": "V-201", "x": "500300", "y": "4500200"}.items():
        page.fill(f"#change-{name}", value)
    page.locator("#panel").get_by_role("button", name="加入更改").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".bar .grade")).to_be_visible()
    panel(page, "whatif")
    expect(page.locator(".changes li")).to_contain_text("move V-201")
    for tab in page.locator(".rail button").all_inner_texts():
        assert not re.search(r"[\u4e00-\u9fff]", tab)


def test_phone_has_no_sideways_scroll(opened: Watched) -> None:
    page = opened(width=390, height=844)
    for name in PANELS:
        root = panel(page, name)
        expect(root).to_be_visible()
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert root.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, name


def test_keyboard_only(opened: Watched, server: Server) -> None:
    page = opened(key="")
    page.keyboard.type(server.key)
    page.keyboard.press("Enter")
    expect(page.locator("#tab-park")).to_be_visible()
    page.wait_for_selector("#park option:nth-child(2)", state="attached")
    page.locator("#park").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".bar .shown")).to_contain_text(server.park["name"])
    page.locator("#tab-park").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("V-201")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("丙烷球罐")
    page.keyboard.press("Escape")
    expect(page.locator("section.drawer")).to_be_hidden()


def _breaches(page: Page, axe: str) -> list[tuple[str, str]]:
    """Breaches of WCAG 2 A and AA: rule, and where."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    return [(each["id"], node["html"][:160]) for each in found["violations"] for node in each["nodes"]]


def test_accessible_by_axe(opened: Watched, axe: str) -> None:
    page = opened()
    assert _breaches(opened(key=""), axe) == []
    look_at(page, "V-201")
    for name in PANELS:
        root = panel(page, name)
        page.wait_for_timeout(300)
        for summary in root.locator("summary").all():
            summary.click()
        assert _breaches(page, axe) == [], name
    _gate(page, "示例无证明材料项目")
    assert _breaches(page, axe) == []


def test_roles_see_what_they_may_do(opened: Watched, server: Server) -> None:
    page = opened(key=server.key_of("reader"))
    for name in PANELS:
        asks = name in ("place", "domino", "whatif", "gate", "siting")
        assert page.locator(f"#tab-{name}").count() == (0 if asks else 1), name
    page = opened(key=server.key_of("officer"))
    panel(page, "gate")
    expect(page.locator("#gate-project")).to_be_visible()
    assert page.locator("#gate-project-file").count() == 0
