"""Which tests run a line, and how long they take; gathered once, by running them under coverage.

Twice: compiled, where coverage sees all but kernels; and with kernels as plain Python, where tests that take long end
early and do not count.
"""

import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import coverage

from tests.mutation.sites import PACKAGES, Site

#: Folder under ``tests`` to run, and what of it; the first runs compiled.
COMPILED = ("judgement", "risk", "models", "invariance", "scenarios")
PLAIN = ("models", "risk")
#: Seconds that a test may take with kernels as plain Python.
_PLAIN_SECONDS = 4


def gather(folder: Path, *, plain: bool) -> None:
    """Run the tests under coverage; writes what ran which lines, and the seconds of each test, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "plain" if plain else "compiled"
    (folder / f"{name}.jsonl").unlink(missing_ok=True)
    told = {"DURATIONS": folder / f"{name}.jsonl", "COVERAGE_FILE": folder / f"{name}.coverage"}
    if plain:
        told |= {"NUMBA_DISABLE_JIT": 1, "TEST_SECONDS": _PLAIN_SECONDS}
    options = ["--quiet", "--numprocesses", "0", "--tb=no", "-p", "tests.mutation.durations"]
    options += ["--cov-report=", *(f"--cov=parkrisk.{each}" for each in PACKAGES)]
    tests = [f"tests/{each}" for each in (PLAIN if plain else COMPILED)]
    environment = os.environ | {key: str(value) for key, value in told.items()}
    subprocess.run([sys.executable, "-m", "pytest", *options, *tests], env=environment, check=False)


@dataclasses.dataclass(frozen=True)
class Test:
    """One test and its seconds."""

    name: str
    seconds: float


class Covering:
    """Tests by line, from what `gather` has written.

    Parameters
    ----------
    folder : Path
    name : str
        "compiled" or "plain".
    root : Path
        Of the repository.
    """

    def __init__(self, folder: Path, name: str, root: Path) -> None:
        self.root = root
        self.seconds: dict[str, float] = {}
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            found = json.loads(line)
            if found["ok"]:
                self.seconds[found["test"]] = found["seconds"]
        data = coverage.CoverageData(str(folder / f"{name}.coverage"))
        data.read()
        self.lines: dict[str, dict[int, set[str]]] = {}
        for file in data.measured_files():
            place = Path(file).resolve()
            if place.is_relative_to(root):
                by_line = data.contexts_by_lineno(file)
                names = {line: {each for each in found if each} for line, found in by_line.items()}
                self.lines[place.relative_to(root).as_posix()] = names

    def tests(self, site: Site, budget: float) -> list[Test]:
        """Tests that run a mutant, the quickest first, as many as fit into the seconds given, at least one."""
        names = self._by_name(site) if site.name else self._at(site.file, site.lines)
        tests = sorted((Test(each, self.seconds[each]) for each in names if each in self.seconds), key=_quickest)
        total, chosen = 0.0, []
        for test in tests:
            total += test.seconds
            if chosen and total > budget:
                break
            chosen.append(test)
        return chosen

    def _at(self, file: str, lines: Iterable[int]) -> set[str]:
        known = self.lines.get(file, {})
        return set().union(*(known.get(line, set()) for line in lines))

    def _by_name(self, site: Site) -> set[str]:
        """Tests that run a line with a name that a statement outside of functions defines; else any of its file."""
        word = re.compile(rf"\b{re.escape(site.name)}\b")
        found: set[str] = set()
        for file, known in self.lines.items():
            if known and (file == site.file or not site.name.startswith("_")):
                text = (self.root / file).read_text(encoding="utf-8").splitlines()
                found |= self._at(file, [at for at, line in enumerate(text, 1) if word.search(line)])
        return found or self._at(site.file, self.lines.get(site.file, {}))


def _quickest(test: Test) -> tuple[float, str]:
    return test.seconds, test.name
