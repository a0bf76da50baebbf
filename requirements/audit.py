"""Known vulnerabilities of what is locked: asks the services of PyPI (pip-audit) and npm (npm audit).

What a service did not answer for is "not checked", never clean. Exit code 1: something is known; 3: nothing is known,
but not everything was checked.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from requirements.locked import HERE, PYTHON, WEB

#: Longest time for a service. [s]
_PATIENCE = 300.0


@dataclass(frozen=True)
class Audited:
    """What became of one lock.

    Parameters
    ----------
    what : str
    checked : int
        Dependencies that the service answered for.
    not_checked : tuple of str
        Those that it did not, or why it answered for none.
    known : tuple of str
        Vulnerabilities.
    """

    what: str
    checked: int
    not_checked: tuple[str, ...]
    known: tuple[str, ...]

    def told(self) -> str:
        """Say it in a few lines."""
        if not self.checked:
            return f"{self.what}: NOT CHECKED: {'; '.join(self.not_checked[:2])}"
        lines = [f"{self.what}: {self.checked} checked, {len(self.known)} known vulnerabilities", *self.known]
        return "\n".join(lines + [f"  NOT CHECKED: {each}" for each in self.not_checked])


def of_pip_audit(what: str, text: str, fault: str) -> Audited:
    """Read what pip-audit printed; it leaves out what the service does not know, and still calls the rest clean."""
    try:
        every: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Audited(what, 0, (_last_line(fault),), ())
    known = [
        f"  {each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for each in every
        for hole in each.get("vulns", ())
    ]
    skipped = [each["skip_reason"] for each in every if "skip_reason" in each]
    return Audited(what, len(every) - len(skipped), tuple(skipped), tuple(known))


def of_npm_audit(what: str, text: str, fault: str) -> Audited:
    """Read what ``npm audit --json`` printed."""
    said: Any = {}
    try:
        said = json.loads(text)
        known = [f"  {name}: {each['severity']} ({each['range']})" for name, each in said["vulnerabilities"].items()]
        return Audited(what, said["metadata"]["dependencies"]["total"], (), tuple(known))
    except (ValueError, KeyError, TypeError, AttributeError):
        why = said.get("message", "") if isinstance(said, dict) else ""
        return Audited(what, 0, (why or _last_line(fault),), ())


def _last_line(fault: str) -> str:
    return ([line for line in fault.splitlines() if line.strip()] or ["no answer"])[-1]


def _said(command: Sequence[str | Path], folder: Path) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as fault:
        return "", str(fault)
    return done.stdout, done.stderr


def audited() -> list[Audited]:
    """Ask both services."""
    found = []
    with tempfile.TemporaryDirectory() as cache:
        for name in PYTHON:
            command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json"]
            more = ["--progress-spinner", "off", "--cache-dir", cache, "--requirement", str(HERE / f"{name}.txt")]
            found.append(of_pip_audit(f"requirements/{name}.txt", *_said([*command, *more], HERE)))
    npm = shutil.which("npm") or "npm"
    found.append(of_npm_audit("api/web", *_said([npm, "audit", "--json", "--package-lock-only"], WEB.parent)))
    return found


def main() -> None:
    """Ask and print."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    found = audited()
    print(*(each.told() for each in found), sep="\n")
    sys.exit(
        1
        if any(each.known for each in found)
        else 3
        if any(each.not_checked or not each.checked for each in found)
        else 0
    )


if __name__ == "__main__":
    main()
