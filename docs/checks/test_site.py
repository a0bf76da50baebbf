"""The built site: has everything its place, does a page ask the network for anything? ``make docs`` runs this."""

import importlib
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent
SITE = DOCS / "_build" / "html"
sys.path[:0] = [str(DOCS), str(DOCS.parent), str(DOCS.parent / ".editable")]

from pages.commands import commands  # noqa: E402
from pages.errors import kinds  # noqa: E402
from pages.http import document, routes  # noqa: E402
from pages.python import public  # noqa: E402

from parkrisk.risk.rules.described import rule_sets, rules_called  # noqa: E402
from parkrisk.scenarios.schema import tables  # noqa: E402
from requirements.licences import Policy, findings  # noqa: E402
from requirements.locked import DOCS as DOCS_LOCK  # noqa: E402
from requirements.locked import python_locked  # noqa: E402

#: Opened in a browser: the first page, and one of each sort.
PAGES = (
    "index", "start", "zh/index", "zh/tutorial", "limits", "changelog", "theory/index", "theory/dispersion", "theory/individual-risk",
    "tutorials/assessor", "tutorials/officer", "tutorials/workflow", "extend/index", "guide/index", "validation", "service",
    "generated/python/face", "generated/python/models.fire", "generated/http/index", "generated/http/assessments", "generated/commands",
    "generated/rules/index", "generated/rules/limits", "generated/schema/units", "generated/substances", "generated/unverified",
    "generated/errors", "generated/settings", "generated/glossary",
)  # fmt: skip


def read(name):
    return (SITE / f"{name}.html").read_text(encoding="utf-8")


def headings(name):
    """Text of the headings of a page."""
    found = re.findall(r"<h[1-6]>(.*?)<a class=\"headerlink\"", read(name), re.S)
    return {re.sub(r"<[^>]+>", "", each).replace("\u200b", "").strip() for each in found}


def test_public_functions():
    page = read("generated/python/face")
    assert public()
    assert [name for name in public() if f'id="parkrisk.{name}"' not in page] == []


def test_modules_of_the_theory_have_their_page():
    named = {
        name for path in DOCS.glob("theory/*.md") for name in re.findall(r"{py:mod}`([\w.]+)`", path.read_text("utf-8"))
    }
    pages = "".join(path.read_text("utf-8") for path in SITE.glob("generated/python/*.html"))
    assert named
    assert sorted(name for name in named if f'id="module-{name}"' not in pages) == []
    for name in named:
        importlib.import_module(name)


def test_commands():
    typed = [name for name, _ in commands()]
    assert len(typed) > 25
    assert set(typed) <= headings("generated/commands")


def test_routes():
    asked = [(method, path, said["tags"][0].replace(" ", "-").lower()) for path, method, said in routes(document())]
    assert len(asked) > 60
    for method, path, page in asked:
        assert f"{method} {path}" in {each.replace("&#123;", "{") for each in headings(f"generated/http/{page}")}


def test_error_codes():
    page = read("generated/errors")
    assert [code for code in kinds() if f'<span class="pre">{code}</span>' not in page] == []


def test_clauses():
    import datetime as dt

    day = dt.date.today()
    for book in rule_sets(None, day)["rulebooks"]:
        page = read(f"generated/rules/{book['id']}")
        assert [rule["id"] for rule in rules_called(book["id"], None, day) if f">{rule['id']}<" not in page] == []


def test_columns():
    for name, table in tables().items():
        page = read(f"generated/schema/{name}")
        assert [column for column in table.columns if f'<span class="pre">{column}</span>' not in page] == []


def test_licences_of_what_builds_the_site():
    """Here, since only here it is installed."""
    assert findings(python_locked(names=DOCS_LOCK), Policy.read()) == []


def test_nothing_is_loaded_from_elsewhere():
    """Not even by a page that no browser opens here: links may lead out, what a page is made of may not."""
    made_of = re.compile(r"""<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=["']((?:https?:)?//[^"']+)""")
    found = {path.name: made_of.findall(path.read_text("utf-8")) for path in SITE.rglob("*.html")}
    assert {name: links for name, links in found.items() if links} == {}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("PARKRISK_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


def test_pages_in_a_browser(browser):
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(request.url))
    for name in PAGES:
        page.goto((SITE / f"{name}.html").as_uri())
        assert page.locator("h1").first.inner_text()
        width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width <= inner, name
    assert said == []
    assert [url for url in asked if not url.startswith(("file:///", "data:"))] == []


def test_formulas_are_drawn(browser):
    page = browser.new_page()
    page.goto((SITE / "theory/dispersion.html").as_uri())
    page.wait_for_selector("mjx-container svg")
    written = len(re.findall(r"\$\$", (DOCS / "theory/dispersion.md").read_text("utf-8"))) // 2
    assert page.locator("mjx-container[display=true]").count() == written
    assert page.locator("[data-mml-node=merror]").count() == 0


def test_search_finds_without_network(browser):
    page = browser.new_page()
    page.goto((SITE / "search.html").as_uri() + "?q=entrainment")
    page.wait_for_selector("#search-results li a")
    page.goto((SITE / "search.html").as_uri() + "?q=防护目标")
    page.wait_for_selector("#search-results li a")
