"""The map page in a real Chromium: one server for all tests, with the smallest park assessed on it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "api/web/dist/index.html"
AXE = ROOT / "api/web/node_modules/axe-core/axe.min.js"

#: Longest wait for anything on the page. [ms]
PATIENCE = 12_000

_SERVE = "from parkrisk.api.cli import main; main()"


def _needed(found: bool, what: str) -> None:
    """Skip without it, but never in CI."""
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser."""
    path = os.environ.get("PARKRISK_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    _needed(Path(path).exists(), f"no Chromium at {path}: PARKRISK_TEST_CHROMIUM names another")
    return path


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker, which comes with the tools that build the page."""
    _needed(AXE.exists(), "axe-core is not installed: make web")
    return AXE.read_text(encoding="utf-8")


class Server:
    """A running server with a park; ``get`` and ``post`` ask it what the page should show."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=120.0, follow_redirects=True
        )
        self.park: dict[str, Any] = {}
        self.assessment = ""

    def get(self, path: str, **query: Any) -> Any:
        """Answer of a GET."""
        return self.http.get(path, params=query).raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        """Answer of a POST."""
        return self.http.post(path, json=body).raise_for_status().json()

    @property
    def result(self) -> dict[str, Any]:
        """The assessment of the park."""
        found: dict[str, Any] = self.get(f"/v1/assessments/{self.assessment}/result")
        return found

    @property
    def asked(self) -> dict[str, Any]:
        """The park as a question names it."""
        return {"park_id": self.park["id"], "version": 1}

    def key_of(self, role: str) -> str:
        """Make a key of a role."""
        return str(self.post("/v1/keys", name=f"browser {role}", role=role)["key"])


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _key_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        for line in log.read_text(encoding="utf-8").splitlines():
            if line.startswith("prk_"):
                return line.strip()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8')}")


@contextmanager
def _running(folder: Path) -> Iterator[Server]:
    port = _free_port()
    log = folder / "server.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARKRISK_")}
    environment = {**kept, "PARKRISK_DATA_DIR": str(folder), "PYTHONPATH": f"{ROOT / '.editable'}{os.pathsep}{ROOT}"}
    with log.open("wb") as output:
        command = [sys.executable, "-c", _SERVE, "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        server = Server(f"http://127.0.0.1:{port}", _key_in(log, process))
        for _ in range(1200):
            try:
                if server.http.get("/v1/ready").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield server
        server.http.close()
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests."""
    _needed(DIST.exists(), "the map page is not built: make web")
    with _running(tmp_path_factory.mktemp("served")) as running:
        running.park = running.post("/v1/parks", example="minimal")
        running.assessment = running.post("/v1/assessments", park=running.asked)["id"]
        running.post("/v1/projects", example="minimal/diesel-tank")
        running.post("/v1/projects", example="minimal/no-evidence")
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless browser. Its library has an event loop running, in which no test outside this folder could stand."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


class Watched:
    """Opens pages and keeps what they should never do."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser = browser
        self.server = server
        self.contexts: list[BrowserContext] = []
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []

    def __call__(
        self, *, width: int = 1440, height: int = 900, key: str | None = None, park: bool = True, **more: Any
    ) -> Page:
        """Open the page: logged in with a key (the administrator's), the park shown; key "": not logged in."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, **more)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._said(message.type, message.text))
        kept = self.server.key if key is None else key
        if kept:
            shown = f'{{"id": "{self.server.park["id"]}", "name": "{self.server.park["name"]}", "version": 1}}'
            page.add_init_script(
                f"sessionStorage.getItem('parkrisk.key') ?? sessionStorage.setItem('parkrisk.key', '{kept}');"
                + (f"sessionStorage.setItem('parkrisk.park', '{shown}');" if park else "")
            )
        page.goto(self.server.url)
        if kept and park:
            page.wait_for_selector(".bar .grade")
        return page

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.server.url + "/", "blob:" + self.server.url)):
            self.elsewhere.append(request.url)

    def _said(self, kind: str, text: str) -> None:
        # What breaks the content policy is an error too. That an answer was no success, the page tells the user.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)


@pytest.fixture
def opened(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """Open pages; at the end nothing was asked of other servers and nothing broke the content policy."""
    watched = Watched(browser, server)
    yield watched
    folder = os.environ.get("PARKRISK_TEST_SCREENSHOTS")
    for number, context in enumerate(watched.contexts):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            context.pages[0].screenshot(path=Path(folder) / f"{request.node.name}-{number}.png")
        context.close()
    assert watched.elsewhere == []
    assert watched.complaints == []
