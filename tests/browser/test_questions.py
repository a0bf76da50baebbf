"""What an officer asks on the map page: cascade, what-if, gate, siting; values on it are those of the API."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, Server, Watched
from tests.browser.numbers import percent, scientific
from tests.browser.reading import captioned, coordinates, gate, look_at, middle, panel, rows

pytestmark = pytest.mark.slow

expect.set_options(timeout=PATIENCE)


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


def test_gate_rule_by_rule(opened: Watched, server: Server) -> None:
    page = opened()
    root = gate(page, "示例无证明材料项目")
    decision = root.locator(".facts code").filter(has_text=re.compile(r"^d[0-9a-f]{32}$")).inner_text()
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
    root = gate(page, "示例柴油储罐项目")
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
