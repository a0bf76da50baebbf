"""Licences of everything that is locked, against the list in ``licences.toml``.

Of Python packages the licence is what the metadata of the installed package says, of npm packages what the lock file
says. One that is neither allowed nor an exception with a reason is a finding, and so is one that nobody can tell. A
package whose own licence text brings a General Public License along must be named as well.
"""

import argparse
import importlib.metadata
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from license_expression import AND, OR, ExpressionError, get_spdx_licensing

from requirements.locked import DOCS, HERE, Locked, python_locked, web_locked

_SPDX = get_spdx_licensing()
#: The heading of such a licence; others only mention it.
_COPYLEFT = re.compile(r"^\s*GNU (LESSER |AFFERO |LIBRARY )?GENERAL PUBLIC LICENSE\s*$", re.MULTILINE)
_TEXTS = ("LICEN", "COPYING", "NOTICE")


@dataclass(frozen=True)
class Policy:
    """What ``licences.toml`` says."""

    allowed: frozenset[str]
    allowed_for_development: frozenset[str]
    names: Mapping[str, str]
    stated: Mapping[str, Mapping[str, str]]
    exceptions: Mapping[str, Mapping[str, str]]
    bundled: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, path: Path = HERE / "licences.toml") -> "Policy":
        """Read the file; a key that is not known is an error."""
        said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        lists = {name: frozenset(said.pop(name)) for name in ("allowed", "allowed_for_development")}
        return cls(**lists, **said)

    def permits(self, licence: str, *, shipped: bool) -> bool:
        """Whether a licence expression can be met with allowed licences alone."""
        free = self.allowed if shipped else self.allowed | self.allowed_for_development
        return _met(_SPDX.parse(licence, validate=True), free)


def _met(expression: Any, free: frozenset[str]) -> bool:
    if isinstance(expression, AND):
        return all(_met(part, free) for part in expression.args)
    if isinstance(expression, OR):
        return any(_met(part, free) for part in expression.args)
    return str(expression) in free


@cache
def metadata(name: str) -> importlib.metadata.PackageMetadata | None:
    """Give what an installed package says about itself."""
    try:
        return importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def licence_of(locked: Locked, policy: Policy) -> str:
    """Give the licence as an SPDX expression; empty: nobody can tell."""
    if locked.licence:
        return locked.licence
    if locked.name in policy.stated:
        return policy.stated[locked.name]["licence"]
    said = metadata(locked.name) if locked.kind == "pypi" else None
    if said is None:
        return ""
    first_line, _, _ = (said.get("License") or "").strip().partition("\n")
    classed = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or [] if each.startswith("License ::")]
    for word in (said.get("License-Expression") or "", first_line.strip(), " AND ".join(sorted(classed))):
        licence = policy.names.get(word, word)
        if _is_spdx(licence):
            return licence
    return ""


def _is_spdx(licence: str) -> bool:
    try:
        return bool(licence) and _SPDX.parse(licence, validate=True) is not None
    except ExpressionError:
        return False


def carries_copyleft(name: str) -> bool:
    """Whether a licence file of an installed package holds a General Public License."""
    if metadata(name) is None:
        return False
    found = importlib.metadata.distribution(name)
    texts = [
        file for file in found.files or [] if ".dist-info" in str(file) and any(w in str(file).upper() for w in _TEXTS)
    ]
    return any(_COPYLEFT.search(Path(str(found.locate_file(file))).read_text(errors="replace")) for file in texts)


def findings(every: Iterable[Locked], policy: Policy) -> list[str]:
    """Say what is wrong, one sentence each."""
    found = []
    for each in every:
        licence = licence_of(each, policy)
        what = f"{each.kind} {each.name} {each.version}"
        exception = policy.exceptions.get(each.name) if each.kind == "pypi" else None
        if not _is_spdx(licence):
            found.append(f"{what}: licence unknown ({licence or 'not stated, or not installed here'})")
        elif exception is not None and exception["licence"] == licence:
            continue
        elif not policy.permits(licence, shipped=each.shipped):
            found.append(f"{what}: {licence} is not allowed {'with the program' if each.shipped else 'for tests'}")
        if each.kind == "pypi" and each.name not in policy.bundled and carries_copyleft(each.name):
            found.append(f"{what}: a General Public License is among its licence texts, and nothing says why")
    return found


def stale(every: Iterable[Locked], policy: Policy) -> list[str]:
    """Say which rows of the policy nothing needs any more, when this is all that is locked."""
    named = {*policy.stated, *policy.exceptions, *policy.bundled}
    return [f"licences.toml: {name} is not locked any more" for name in sorted(named - {each.name for each in every})]


def main() -> None:
    """Check and print; exit code 1 with findings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    as_json = parser.parse_args().json
    policy, every = Policy.read(), [*python_locked(), *web_locked()]
    found = findings(every, policy) + stale([*every, *python_locked(names=DOCS)], policy)
    licences = {f"{each.kind} {each.name} {each.version}": licence_of(each, policy) for each in every}
    if as_json:
        print(json.dumps({"licences": licences, "findings": found, "exceptions": policy.exceptions}))
    else:
        print(*(f"{name}: {row['licence']}: {row['reason']}" for name, row in policy.exceptions.items()), sep="\n")
        print(*found, sep="\n")
        print(f"licences: {len(every)} dependencies, {len(found)} findings, {len(policy.exceptions)} exceptions")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
