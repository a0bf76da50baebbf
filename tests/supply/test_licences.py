"""Licences of dependencies: what is forbidden or unknown is found, what is locked passes."""

import dataclasses

import pytest

from requirements.licences import Policy, findings, licence_of, stale
from requirements.locked import DOCS, HERE, PYTHON, Locked, python_locked, read_lock, web_locked

POLICY = Policy(
    allowed=frozenset({"MIT", "Apache-2.0", "BSD-3-Clause"}),
    allowed_for_development=frozenset({"MPL-2.0"}),
    names={},
    stated={},
    exceptions={},
    bundled={},
)


def npm(licence, *, shipped=True):
    return Locked("npm", "thing", "1.0", shipped, licence=licence)


@pytest.mark.parametrize(
    "licence", ["MIT", "(MIT AND BSD-3-Clause)", "GPL-3.0-only OR MIT", "MIT AND (GPL-2.0-only OR Apache-2.0)"]
)
def test_allowed(licence):
    assert findings([npm(licence)], POLICY) == []


@pytest.mark.parametrize(
    "licence",
    [
        "AGPL-3.0-only",
        "GPL-2.0-or-later",
        "MIT AND GPL-3.0-only",
        "LGPL-2.1-only OR GPL-3.0-only",
        "Apache-2.0 WITH LLVM-exception",  # not the same as Apache-2.0
        "MPL-2.0",
    ],
)
def test_forbidden(licence):
    (finding,) = findings([npm(licence)], POLICY)
    assert "npm thing 1.0" in finding
    assert "is not allowed with the program" in finding


def test_more_is_allowed_where_nothing_is_shipped():
    assert findings([npm("MPL-2.0", shipped=False)], POLICY) == []
    assert "for tests" in findings([npm("GPL-3.0-only", shipped=False)], POLICY)[0]


@pytest.mark.parametrize("licence", ["", "SEE LICENSE IN README", "UNLICENSED", "MIT AND AND"])
def test_unknown_never_passes(licence):
    assert "licence unknown" in findings([npm(licence)], POLICY)[0]


def test_not_installed_is_unknown():
    assert "licence unknown" in findings([Locked("pypi", "no-such-thing-at-all", "1.0", True)], POLICY)[0]


def test_an_exception_holds_for_its_licence_only():
    row = {"psycopg": {"licence": "LGPL-3.0-only", "reason": "…"}}
    driver = Locked("pypi", "psycopg", "3.0", True)
    assert findings([driver], dataclasses.replace(POLICY, exceptions=row)) == []
    other = {"psycopg": {"licence": "MIT", "reason": "…"}}
    assert "LGPL-3.0-only is not allowed" in findings([driver], dataclasses.replace(POLICY, exceptions=other))[0]


def test_copyleft_inside_a_wheel_is_found():
    """The wheels of numpy carry the run-time libraries of a compiler."""
    free = frozenset({"BSD-3-Clause", "0BSD", "MIT", "Zlib", "CC0-1.0"})
    wheel = Locked("pypi", "numpy", "2.0", True)
    (finding,) = findings([wheel], dataclasses.replace(POLICY, allowed=free))
    assert "General Public License" in finding


def test_rows_without_a_package_are_found():
    policy = dataclasses.replace(POLICY, stated={"gone": {"licence": "MIT", "source": "…"}})
    assert stale([npm("MIT")], policy) == ["licences.toml: gone is not locked any more"]


def test_what_is_locked_passes():
    """All lock files, all platforms."""
    every = [*python_locked(), *web_locked()]
    assert findings(every, Policy.read()) == []
    assert stale([*every, *python_locked(names=DOCS)], Policy.read()) == []
    assert licence_of(next(each for each in every if each.name == "fastapi"), Policy.read()) == "MIT"


def test_reading_a_lock():
    lines = [
        "# comment",
        "one==1.0 \\",
        "    --hash=sha256:aa \\",
        "    --hash=sha256:bb",
        "    # via parkrisk (pyproject.toml)",
        "two==2.0+x ; python_full_version < '3.12' \\",
        "    --hash=sha256:cc",
        "    # via",
        "    #   one",
        "    #   three-four",
    ]
    one, two = read_lock(lines, shipped=True)
    assert one == Locked("pypi", "one", "1.0", True, "", ("parkrisk",), "", ("sha256:aa", "sha256:bb"))
    assert (two.version, two.marker) == ("2.0+x", "python_full_version < '3.12'")
    assert two.asked_by == ("one", "three-four")


@pytest.mark.parametrize("name", [*PYTHON, *DOCS])
def test_every_line_of_a_lock_is_read(name):
    text = (HERE / f"{name}.txt").read_text(encoding="utf-8")
    read = read_lock(text.splitlines(), shipped=True)
    assert len(read) == sum("==" in line and not line.startswith(" ") for line in text.splitlines() if line[:1] != "#")
    assert sum(len(each.hashes) for each in read) == text.count("--hash=")
    assert all(each.hashes and each.asked_by for each in read)


def test_what_is_in_the_page_counts_as_shipped():
    shipped = {each.name for each in web_locked() if each.shipped}
    assert {"ol", "proj4", "uplot", "swagger-ui-dist"} <= shipped
    assert not {"vite", "typescript", "axe-core"} & shipped
