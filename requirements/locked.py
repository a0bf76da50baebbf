"""The dependencies that the lock files name."""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
#: Lock files of Python, from what every user installs to what only tests need.
PYTHON = ("base", "server", "test")
#: Lock file of what builds the documentation; in an environment of its own.
DOCS = ("docs",)
_SHIPPED = ("base", "server")
WEB = HERE.parent / "api" / "web" / "package-lock.json"

_PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+?))? *\\?$")
_HASH = re.compile(r" +--hash=(?P<hash>\S+)")
_ASKED_BY = re.compile(r" +#(?: via)? +(?:-r )?(?P<name>(?!via$)[A-Za-z0-9._/-]+)(?: \(.*\))?$")


@dataclass(frozen=True)
class Locked:
    """One version of one dependency.

    Parameters
    ----------
    kind : str
        ``pypi`` or ``npm``.
    name, version : str
    shipped : bool
        Whether it comes with the program; else only tests and builds use it.
    marker : str
        Where it is installed; empty: everywhere.
    asked_by : tuple of str
        Dependencies that need it; empty: the program itself.
    licence : str
        As the lock file states it; those of Python do not.
    hashes : tuple of str
        Of the files that may be installed, as "sha256:hexadecimal" and so on.
    """

    kind: str
    name: str
    version: str
    shipped: bool
    marker: str = ""
    asked_by: tuple[str, ...] = ()
    licence: str = ""
    hashes: tuple[str, ...] = ()


def read_lock(lines: Iterable[str], *, shipped: bool) -> list[Locked]:
    """Give the dependencies of one lock file of Python."""
    found: list[Locked] = []
    for line in lines:
        if pinned := _PINNED.match(line):
            name, version, marker = pinned.groups(default="")
            found.append(Locked("pypi", name, version, shipped, marker.strip()))
        elif found and (hashed := _HASH.match(line)):
            found[-1] = replace(found[-1], hashes=(*found[-1].hashes, hashed["hash"]))
        elif found and (asking := _ASKED_BY.match(line)):
            found[-1] = replace(found[-1], asked_by=(*found[-1].asked_by, asking["name"]))
    return found


def python_locked(folder: Path = HERE, names: Iterable[str] = PYTHON) -> list[Locked]:
    """Give the dependencies of lock files of Python, each once, by the first file that names it."""
    found: dict[tuple[str, str], Locked] = {}
    for name in names:
        with (folder / f"{name}.txt").open(encoding="utf-8") as lines:
            for each in read_lock(lines, shipped=name in _SHIPPED):
                found.setdefault((each.name, each.version), each)
    return sorted(found.values(), key=lambda each: (each.name, each.version))


def web_locked(path: Path = WEB) -> list[Locked]:
    """Give the dependencies of the map page; those for development are not in the built page."""
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
    names = {place: place.rpartition("node_modules/")[2] or "parkrisk-web" for place in packages}
    asked_by: dict[str, set[str]] = {}
    for place, each in packages.items():
        for kind in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"):
            for asked in each.get(kind, {}):
                asked_by.setdefault(asked, set()).add(names[place])
    found = {
        Locked(
            "npm",
            names[place],
            each["version"],
            shipped=not (each.get("dev") or each.get("devOptional")),
            asked_by=tuple(sorted(asked_by.get(names[place], ()))),
            licence=each.get("license", ""),
            hashes=(_hexadecimal(each["integrity"]),) if "integrity" in each else (),
        )
        for place, each in packages.items()
        if place
    }
    return sorted(found, key=lambda each: (each.name, each.version))


def _hexadecimal(integrity: str) -> str:
    """Write a hash of npm as those of pip are written."""
    kind, _, value = integrity.partition("-")
    return f"{kind}:{base64.b64decode(value).hex()}"
