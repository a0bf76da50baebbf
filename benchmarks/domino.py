"""Domino cascades: histories per second, against a plain Python cascade and other open programs.

Everything is measured in one run on the same machine. The plain cascade is the same dynamic model (summed loads, dose,
mitigation clocks, burn-out) over a networkx graph with a heap of events, one history after the other. CyNetDiff, NDlib
and EoN play independent cascades only, so they are compared with ours of that kind (`benchmarks.independent_peers`);
those that are not installed (`pip install "parkrisk[peers]"`) are named. A farm of 10,000 units runs in a process of
its own, whose peak memory is the figure.
"""

import heapq
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.farms import CALM, STORMY, Fires, tank_farm
from benchmarks.independent_peers import GRAPHS, against_cynetdiff, against_others
from benchmarks.report import machine, options, show
from parkrisk.risk.cascades.cascade import Primaries, cascades
from parkrisk.risk.cascades.draws import normal_quantile
from parkrisk.risk.solvers.subsets import final_sets, independent_edges
from parkrisk.scenarios.facility.network import Network

EXACT = (10, 14, 16)


def timed(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Best time of several runs, and the last result."""
    best, result = math.inf, None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def plain_cascade(graph: nx.DiGraph, source: int, clock: list[float]) -> int:
    """One dynamic history in plain Python: how many units burn."""
    units = graph.nodes
    load, dose, since = {}, {}, {}
    failed = {source}
    events: list[tuple[float, int, int, int]] = []
    version: dict[int, int] = {}

    def change(v: int, by: float, now: float) -> None:
        unit = units[v]
        before = load.get(v, 0.0)
        if before >= unit["threshold"]:
            time_to_failure = math.exp(unit["shell"] - unit["exponent"] * math.log(before))
            dose[v] = dose.get(v, 0.0) + (now - since[v]) / time_to_failure
        since[v] = now
        load[v] = before + by
        version[v] = version.get(v, 0) + 1
        if load[v] >= unit["threshold"]:
            rest = max(0.0, 1.0 - dose.get(v, 0.0))
            due = now + rest * math.exp(unit["shell"] - unit["exponent"] * math.log(load[v]))
            if due < clock[v]:
                heapq.heappush(events, (due, 1, v, version[v]))

    def burn(u: int, now: float) -> None:
        heapq.heappush(events, (now + units[u]["duration"], 0, u, 0))
        for v, edge in graph[u].items():
            if v not in failed:
                change(v, edge["load"], now)

    burn(source, 0.0)
    while events:
        now, fails, v, number = heapq.heappop(events)
        if fails:
            if v not in failed and version[v] == number:
                failed.add(v)
                burn(v, now)
        else:
            for w, edge in graph[v].items():
                if w not in failed:
                    change(w, -edge["load"], now)
    return len(failed)


def plain_graph(net: Network) -> nx.DiGraph:
    """Same facility for `plain_cascade`."""
    graph = nx.DiGraph()
    for v in range(net.unit_key.size):
        graph.add_node(
            v,
            shell=float(net.shell[v]),
            exponent=float(net.heat_exponent[v]),
            threshold=float(net.heat_threshold[v]),
            duration=float(net.heat_duration[max(net.heat_row[v, 0], 0)]),
        )
        row = net.heat_row[v, 0]
        if row >= 0:
            for i in range(net.heat_start[row], net.heat_start[row + 1]):
                graph.add_edge(v, int(net.heat_target[i]), load=float(net.heat_load[i]))
    return graph


def dynamic(n: int, histories: int, plain: int) -> dict[str, Any]:
    """Dynamic cascades of a farm: all histories as they come, ours and the plain ones."""
    net = tank_farm(n, CALM).network
    sources = np.arange(n, dtype=np.int32)
    primaries = Primaries(sources, net.unit_key)
    cascades(net, primaries, 2, 0, opened=False)
    seconds, (_, log) = timed(lambda: cascades(net, primaries, histories, 0, opened=False))
    burning = 1.0 + log.unit.size / (n * histories)
    cascades(net, primaries, 2, 0)
    forced, (_, forced_log) = timed(lambda: cascades(net, primaries, max(1, histories // 10), 0), 1)
    graph = plain_graph(net)
    rng = np.random.default_rng(0)
    clocks = [
        [math.exp(net.clock_mean[v] + net.clock_deviation[v] * normal_quantile(u)) for v, u in enumerate(row)]
        for row in rng.random((plain, n))
    ]
    starts = rng.integers(n, size=plain)
    start = time.perf_counter()
    burnt = sum(plain_cascade(graph, int(source), clock) for source, clock in zip(starts, clocks, strict=True))
    each = (time.perf_counter() - start) / plain
    return {
        "dynamic_histories_per_s": n * histories / seconds,
        "dynamic_heat_edges": int(net.heat_load.size),
        "dynamic_mean_burning": burning,
        "plain_python_histories_per_s": 1.0 / each,
        "plain_python_mean_burning": burnt / plain,
        "ratio_to_plain_python": n * histories / seconds * each,
        "escalating_histories_per_s": n * max(1, histories // 10) / forced,
        "escalating_mean_burning": 1.0 + forced_log.unit.size / (n * max(1, histories // 10)),
    }


def rate(n: int, fires: Fires, histories: int, repeats: int = 3) -> dict[str, float]:
    """How fast all units of a farm are played, so many histories each, as they come."""
    net = tank_farm(n, fires).network
    primaries = Primaries(np.arange(n, dtype=np.int32), net.unit_key)
    _, log = cascades(net, primaries, histories, 0, opened=False)
    expected = np.diff(log.start).astype(float)  # else a pilot run, as long as such a short run, finds it out
    seconds, _ = timed(lambda: cascades(net, primaries, histories, 0, opened=False, expected=expected), repeats)
    return {
        "histories_per_s": n * histories / seconds,
        "mean_burning": 1.0 + log.unit.size / (n * histories),
        "heat_edges": net.heat_load.size,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def in_own_process(call: str) -> dict[str, float]:
    """Figures of a call ``module.function(...)`` of this package, in a process of its own."""
    code = f"import json; from benchmarks import {call.split('.')[0]}; print(json.dumps({call}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def apart(n: int, histories: int, repeats: int = 1) -> dict[str, float]:
    """`rate` of a calm farm in a process of its own, so that the peak memory is that of this farm."""
    return in_own_process(f"domino.rate({n}, domino.CALM, {histories}, {repeats})")


def exact() -> dict[str, float]:
    """Seconds of the exact solver for groups of several sizes."""
    rng = np.random.default_rng(0)
    tables = {n: independent_edges(0.2 * rng.random((n, n))) for n in EXACT}
    final_sets(tables[EXACT[0]], 1)
    return {f"exact_{n}_units_seconds": timed(partial(final_sets, table, 1), 1)[0] for n, table in tables.items()}


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__.splitlines()[0]).parse_args()
    on = machine()
    figures = dynamic(500, 1_000 if chosen.quick else 10_000, 300 if chosen.quick else 2_000)
    stormy = rate(500, STORMY, 2 if chosen.quick else 20, 1)
    figures |= {f"supercritical_{name}": stormy[name] for name in ("histories_per_s", "mean_burning", "heat_edges")}
    figures |= {f"units_10000_{name}": value for name, value in apart(10_000, 20 if chosen.quick else 200).items()}
    figures |= exact()
    for name in GRAPHS:
        figures |= against_cynetdiff(name, 0.03 if chosen.quick else 0.25)
        figures |= against_others(name, 0.03 if chosen.quick else 1.0)
    show("domino", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
