"""Other open programs on the same work: time, and accuracy against measurements, on one page.

Runs the benchmarks that know peers, each in a process of its own, and writes `peers.md` from their figures. Peers that
are not installed are named. HyRAM+ runs by the Python that PARKRISK_HYRAM_PYTHON names.
"""

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.independent_peers import GRAPHS
from benchmarks.peers import HYRAM_PYTHON
from benchmarks.report import machine, options, show

RUNS = ("domino", "individual", "societal", "clouds", "validation")
#: Package of each peer on PyPI, and the benchmark that knows it.
PEERS: Mapping[str, tuple[str, str]] = {
    "CyNetDiff": ("cynetdiff", "domino"),
    "NDlib": ("ndlib", "domino"),
    "EoN": ("EoN", "domino"),
    "networkx loop": ("networkx", "domino"),
    "slabx (SLAB)": ("slabx", "validation"),
    "HyRAM+": ("hyram", "validation"),
}
#: Peer as the figures of `domino` call it.
_CASCADES = {"CyNetDiff": "cynetdiff", "NDlib": "ndlib", "EoN": "eon", "networkx loop": "networkx_loop"}
_ABSENT = "not installed here"

PAGE = """# Other open programs on the same work

Written by `python -m benchmarks.peers_page --page docs{quick}`; do not edit by hand. Measured on {processor}, {threads} threads, Python
{python}, load of the machine before: {load_before}.

| peer | version | measured by |
|---|---|---|
{peers}

Peers never come with the program: `pip install "parkrisk[peers]"`, `pip install slabx`, and HyRAM+ (GPL-3) in an environment of its own,
whose Python `{hyram}` names.

## Cascades: independent chances on a graph

Time for one history of the peer over ours, on the same graph, chances and seed, the least of three regimes (0.5, 1 and 2 expected failures per
failed unit); every mean is compared with ours. Ours on two threads. `python -m benchmarks.domino`

| peer |{graphs}
|---|{rule}
{cascades}

The dynamic model (summed heat loads, dose, response clocks, burn-out) has no open peer that we know of; a plain Python loop of the same model
over a networkx graph takes {plain:,.0f} times as long.

## Individual and societal risk: every event, weather, direction and place

No open program with this task could be found; the peer is the plain loop over everything, compiled by the same compiler, extrapolated from a sample.

| work | loop over ours, processor time | error against the loop | command |
|---|---|---|---|
| individual risk, {individual[sources]} sources, {individual[cells]:,} cells | {individual[ratio_to_brute_force]:,.0f} | largest {individual[max_relative_error]:.2%}, median {individual[median_relative_error]:.2%} | `python -m benchmarks.individual` |
| F-N curve, {societal[sources]} sources, {societal[populated_cells]:,} populated cells | {societal[ratio_to_brute_force]:,.0f} | median {societal[median_relative_error_f]:.2%}, 95 % below {societal[p95_relative_error_f]:.2%} | `python -m benchmarks.societal` |

## Dense clouds and jet fires against measurements

Same inputs, same measured points. MG: geometric mean of measured over predicted (1 is right, above 1 predicts too little); VG: geometric variance (1 is
right); FAC2: share within a factor of two. Neither program was fitted to these points here. `python -m benchmarks.validation`

| data | program | n | MG | VG | FAC2 |
|---|---|---|---|---|---|
{accuracy}

Time of slabx for the concentration along the axis over ours for a whole field of receptors: {slab}. `python -m benchmarks.clouds`
"""  # noqa: E501 - rows of tables


def figures_of(name: str, *, quick: bool) -> dict[str, Any]:
    """Run a benchmark in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *(["--quick"] if quick else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)["figures"]
    return found


def version(package: str) -> str:
    """Give the version of a peer, here or by the Python that has it."""
    if package == "hyram":
        if HYRAM_PYTHON not in os.environ:
            return _ABSENT
        code = "import importlib.metadata; print(importlib.metadata.version('hyram'))"
        return subprocess.check_output([os.environ[HYRAM_PYTHON], "-c", code], text=True).strip()
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return _ABSENT


def _cascade_rows(domino: Mapping[str, Any]) -> str:
    rows = []
    for peer, name in _CASCADES.items():
        ratios = [domino.get(f"ratio_to_{name}_{graph}") for graph in GRAPHS]
        cells = [
            f"{ratio:,.0f}" if ratio is not None and ratio >= 20.0 else f"{ratio:.1f}" for ratio in ratios if ratio
        ]
        rows.append(f"| {peer} | {' | '.join(cells or [_ABSENT] * len(GRAPHS))} |")
    return "\n".join(rows)


def _accuracy_rows(validation: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for data_set, peer, shown in (
        ("lng_dispersion", "slabx", "liquefied natural gas, arc maxima"),
        ("desert_tortoise", "slabx", "ammonia, Desert Tortoise 4"),
        ("jetfire_johnson", "hyram", "jet fires of natural gas, radiometers"),
    ):
        for program, name in (("parkrisk", data_set), (peer, f"{data_set}_by_{peer}")):
            found = validation.get(name)
            cells = (
                [str(found["n"]), *(f"{found[key]:.2f}" for key in ("MG", "VG", "FAC2"))] if found else [_ABSENT] * 4
            )
            rows.append(f"| {shown} | {program} | {' | '.join(cells)} |")
    return "\n".join(rows)


def page(found: Mapping[str, Mapping[str, Any]], on: Mapping[str, Any], *, quick: bool) -> str:
    """Write the page from the figures of all benchmarks."""
    peers = [
        f"| {peer} | {version(package)} | `python -m benchmarks.{benchmark}` |"
        for peer, (package, benchmark) in PEERS.items()
    ]
    slab = [
        f"{name.split(':')[0]} {value:,.0f}" for name, value in found["clouds"].items() if "slabx over ours" in name
    ]
    return PAGE.format(
        quick=" --quick" if quick else "",
        peers="\n".join(peers),
        hyram=HYRAM_PYTHON,
        graphs="".join(f" {units:,} units, {edges:,} edges |" for units, edges in GRAPHS.values()),
        rule="---|" * len(GRAPHS),
        cascades=_cascade_rows(found["domino"]),
        plain=found["domino"]["ratio_to_plain_python"],
        individual=found["individual"],
        societal=found["societal"],
        accuracy=_accuracy_rows(found["validation"]),
        slab=", ".join(slab) or _ABSENT,
        **on,
    )


def main() -> None:
    """Run all, print, and write the page."""
    parser = options((__doc__ or "").splitlines()[0])
    parser.add_argument("--page", type=Path, metavar="DIR", help="write peers.md there")
    given = parser.parse_args()
    on = machine()
    found = {name: figures_of(name, quick=given.quick) for name in RUNS}
    if given.page:
        (given.page / "peers.md").write_text(page(found, on, quick=given.quick), encoding="utf-8")
    show(
        "peers_page",
        {f"{name}_{key}": value for name, each in found.items() for key, value in each.items()},
        as_json=given.json,
        on=on,
    )


if __name__ == "__main__":
    main()
