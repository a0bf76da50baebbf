"""What an officer reads on the map page; values on it are those of the API."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Server, Watched
from tests.browser.numbers import percent, scientific
from tests.browser.reading import coordinates, gate, look_at, middle, names_of_panels, panel, rows

pytestmark = pytest.mark.slow

expect.set_options(timeout=PATIENCE)


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
    for name in names_of_panels(page):
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
    for name in names_of_panels(page):
        root = panel(page, name)
        page.wait_for_timeout(300)
        for summary in root.locator("summary").all():
            summary.click()
        assert _breaches(page, axe) == [], name
    gate(page, "示例无证明材料项目")
    assert _breaches(page, axe) == []


def test_roles_see_what_they_may_do(opened: Watched, server: Server) -> None:
    page = opened(key=server.key_of("reader"))
    assert not {"place", "domino", "whatif", "gate", "siting"} & set(names_of_panels(page))
    page = opened(key=server.key_of("officer"))
    panel(page, "gate")
    expect(page.locator("#gate-project")).to_be_visible()
    assert page.locator("#gate-project-file").count() == 0
