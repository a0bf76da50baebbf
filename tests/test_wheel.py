"""The wheel: what is in it, and that it serves where nothing but it and its dependencies is installed."""

import os
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import httpx
import pytest

SOURCES = Path(__file__).resolve().parents[1]
PAGE = SOURCES / "api" / "web" / "dist" / "index.html"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=SOURCES, check=True, capture_output=True)
    (built,) = folder.glob("parkrisk-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of programs of an environment with the wheel; its dependencies are those of this environment."""
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", wheel], check=True, capture_output=True)
    site = Path(
        subprocess.check_output([python, "-c", "import site; print(site.getsitepackages()[0])"], text=True)[:-1]
    )
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")  # its own .pth files do not count
    return place / "bin"


def test_what_is_in_it(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert all(name.startswith(("parkrisk/", "parkrisk-")) for name in names)
    revisions = SOURCES.glob("api/service/store/migrations/versions/*.py")
    for file in [SOURCES / "api/service/store/migrations/env.py", *revisions]:
        assert f"parkrisk/{file.relative_to(SOURCES).as_posix()}" in names
    of_the_page = {name for name in names if name.startswith("parkrisk/api/web/")}
    assert all(name.startswith("parkrisk/api/web/dist/") for name in of_the_page)
    assert not any("/deployment/" in name or "node_modules" in name for name in names)
    if os.environ.get("CI"):
        assert PAGE.exists(), "make web comes before the tests"
    assert ("parkrisk/api/web/dist/index.html" in of_the_page) == PAGE.exists()


@pytest.mark.skipif(os.name == "nt", reason="the environment's programs lie elsewhere on Windows")
def test_it_serves(installed, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PARKRISK_", "PYTHON"))}
    here = {**clean, "PARKRISK_DATA_DIR": str(tmp_path / "data"), "PARKRISK_CACHE_DIR": str(tmp_path / "cache")}
    said = subprocess.check_output(
        [installed / "python", "-c", "import parkrisk.api; print(parkrisk.api.__file__)"],
        cwd=tmp_path,
        env=here,
        text=True,
    )
    assert said.startswith(str(installed.parent))
    with (tmp_path / "log").open("wb") as log:
        command = [installed / "parkrisk", "serve", "--port", str(port)]
        server = subprocess.Popen(command, cwd=tmp_path, env=here, stdout=log, stderr=log)
    try:
        answer = answered(server, f"http://127.0.0.1:{port}/v1/health", tmp_path / "log")
        assert answer.json()["status"] == "ok"
        page = httpx.get(f"http://127.0.0.1:{port}/")
        assert page.headers["content-type"].startswith("text/html")
        if PAGE.exists():
            assert page.status_code == 200
            assert '<script type="module"' in page.text
        else:
            assert "make web" in page.text
    finally:
        server.terminate()
        server.wait(30)


def answered(server, url, log):
    """Wait for the first answer."""
    for _ in range(600):
        assert server.poll() is None, log.read_text(errors="replace")
        try:
            return httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))
