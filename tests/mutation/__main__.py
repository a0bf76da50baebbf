"""Mutation run: ``python -m tests.mutation gather``, then ``python -m tests.mutation run --sample N --seed S``."""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.mutation import trial
from tests.mutation.covering import Covering, gather
from tests.mutation.score import printed
from tests.mutation.sites import Site, all_sites, sample

ROOT = Path(__file__).parents[2].resolve()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "mutation", help="where everything is kept")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("gather", help="run the tests under coverage, once")
    run = commands.add_parser("run", help="try a sample of mutants; goes on where it was stopped")
    run.add_argument("--sample", type=int, default=600)
    run.add_argument("--seed", type=int, default=0)
    run.add_argument("--within", nargs="+", default=[""], help="only files whose path begins so, such as risk/rules")
    run.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    run.add_argument("--budget", type=float, default=20.0, help="only the quickest tests of so many s together")
    run.add_argument("--limit", type=float, default=60.0, help="seconds after which a mutant counts as timed out")
    run.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    commands.add_parser("score", help="print the score and the survivors")
    asked = parser.parse_args()
    if asked.command == "gather":
        gather(asked.folder, plain=True)
        gather(asked.folder, plain=False)
    elif asked.command == "score":
        print(printed(asked.folder / "results.jsonl", ROOT))
    elif asked.plain:
        _run(asked, plain=True)
    else:
        again = [sys.executable, "-m", "tests.mutation", "--folder", str(asked.folder), "run", "--plain"]
        again += ["--sample", str(asked.sample), "--seed", str(asked.seed), "--within", *asked.within]
        again += ["--processes", str(asked.processes), "--budget", str(asked.budget), "--limit", str(asked.limit)]
        subprocess.run(again, env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, check=True)
        _run(asked, plain=False)


def _run(asked: argparse.Namespace, *, plain: bool) -> None:
    """Try the mutants that are tried with kernels as plain Python, or the others; each result is written at once."""
    results = asked.folder / "results.jsonl"
    known = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    done = {_key(json.loads(line)) for line in known}
    covering = Covering(asked.folder, "plain" if plain else "compiled", ROOT)
    drawn = sample(all_sites(ROOT, asked.within), asked.sample, asked.seed)
    sites = [site for site in drawn if site.compiled == plain]
    chosen = {site: [each.name for each in covering.tests(site, asked.budget)] for site in sites}
    trial.prepare(test for tests in chosen.values() for test in tests)
    waiting = [site for site in sites if _key(dataclasses.asdict(site)) not in done]
    for turn in range(asked.processes):
        if os.fork() == 0:
            _try([(site, chosen[site]) for site in waiting[turn :: asked.processes]], results, asked.limit)
            os._exit(0)
    for _ in range(asked.processes):
        os.wait()


def _try(waiting: list[tuple[Site, list[str]]], results: Path, limit: float) -> None:
    """Try some mutants, each with its tests."""
    sound: dict[str, bool] = {}
    for site, tests in waiting:
        source = (ROOT / site.file).read_text(encoding="utf-8")
        passing = _sound(tests, sound, site.file, source, limit)
        found = trial.outcome(site.file, site.mutated(source), passing, limit)
        line = dataclasses.asdict(site) | {"stratum": site.stratum, "tests": len(passing), "outcome": found}
        with results.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        print(f"{found}: {site.file}:{site.line} {site.operator}", file=sys.stderr, flush=True)


def _sound(tests: list[str], known: dict[str, bool], file: str, source: str, limit: float) -> list[str]:
    """Those of some tests that pass without a mutation, whatever ran before them; each is tried once."""
    new = [test for test in tests if test not in known]
    passes = trial.outcome(file, source, new, 3.0 * limit) != trial.KILLED
    for test in new:
        known[test] = passes or trial.outcome(file, source, [test], limit) == trial.SURVIVED
    return [test for test in tests if known[test]]


def _key(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[each.name] for each in dataclasses.fields(Site) if each.name in ("file", "operator", "occurrence"))


if __name__ == "__main__":
    main()
