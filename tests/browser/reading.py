"""How the tests open panels, read tables and find places on the map page."""

import re

from playwright.sync_api import Locator, Page, expect


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


def gate(page: Page, project: str) -> Locator:
    """Ask the gate about a stored project."""
    root = panel(page, "gate")
    option = page.locator("#gate-project option", has_text=project).first
    expect(option).to_be_attached()
    page.select_option("#gate-project", option.get_attribute("value"))
    root.get_by_role("button", name="判定", exact=True).click()
    expect(page.locator("#gate-result")).to_be_visible()
    return root


def names_of_panels(page: Page) -> list[str]:
    """Every panel that the user has."""
    found = [tab.get_attribute("id") or "" for tab in page.locator(".rail button").all()]
    assert len(found) > 5
    return [each.removeprefix("tab-") for each in found]
