"""Domino cascades: histories per second, against a plain Python cascade and, where installed, against CyNetDiff.

Everything is measured in one run on the same machine. The plain cascade is the same dynamic model (summed loads, dose,
mitigation clocks, burn-out) over a networkx graph with a heap of events, one history after the other. CyNetDiff
(`pip install cynetdiff`) plays independent cascades only, so it is compared with ours of that kind, on the same random
graphs, from the same seed, in three regimes: 0.5, 1 and 2 expected failures per failed unit. Its faster way of playing
many histories counts, and the smallest of the three ratios is the figure.
"""

import heapq
import importlib.metadata
import math
import time
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from benchmarks.report import machine, options, show
from parkrisk.risk.cascades.cascade import Primaries, cascades
from parkrisk.risk.cascades.draws import normal_quantile
from parkrisk.risk.cascades.independent import independent_cascades
from parkrisk.scenarios.graph import Facility, facility_from_loads
from parkrisk.scenarios.network import Network

REGIMES = (0.5, 1.0, 2.0)
_SEED = np.zeros(1, np.int32)
_MORE = 20  # histories of ours for one of CyNetDiff, so that both take long enough to time
GRAPHS = {"500": (500, 5_000), "5000": (5_000, 100_000)}


def timed(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Best time of several runs, and the last result."""
    best, result = math.inf, None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def tank_farm(n: int, *, strength: float = 0.45, seed: int = 0) -> Facility:
    """Tanks on a map in groups, each fire loading its neighbours by a point source through clear air."""
    rng = np.random.default_rng(seed)
    side = math.ceil(math.sqrt(n))
    pitch = 70.0
    x = pitch * (np.arange(n) % side) + rng.uniform(-15.0, 15.0, n)
    y = pitch * (np.arange(n) // side) + rng.uniform(-15.0, 15.0, n)
    diameter = rng.uniform(15.0, 45.0, n)
    gap = np.hypot(x[:, None] - x, y[:, None] - y) - 0.5 * diameter
    power = strength * 0.3 * 0.055 * 44_000.0 * np.pi / 4.0 * diameter**2
    load = np.minimum(power[:, None] / (4.0 * np.pi * np.maximum(gap, 1.0) ** 2), 60.0)
    np.fill_diagonal(load, 0.0)
    load[load < 1.5] = 0.0
    units = pd.DataFrame(
        {
            "unit_id": [f"T{i:05d}" for i in range(n)],
            "enterprise_id": "E",
            "kind": "atmospheric_tank",
            "x": x,
            "y": y,
            "diameter_m": diameter,
            "volume_m3": np.pi / 4.0 * diameter**2 * 12.0,
        }
    )
    return facility_from_loads(units, load, frequency=1e-4, duration=rng.uniform(3600.0, 20_000.0, n))


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
    net = tank_farm(n).network
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


def supercritical(histories: int) -> dict[str, Any]:
    """A farm in which most histories spread far."""
    net = tank_farm(500, strength=4.0).network
    primaries = Primaries(np.arange(500, dtype=np.int32), net.unit_key)
    cascades(net, primaries, 1, 0, opened=False)
    seconds, (_, log) = timed(lambda: cascades(net, primaries, histories, 0, opened=False), 1)
    return {
        "supercritical_histories_per_s": 500 * histories / seconds,
        "supercritical_mean_burning": 1.0 + log.unit.size / (500 * histories),
    }


def random_graph(n: int, m: int, seed: int = 1) -> tuple[nx.DiGraph, np.ndarray, np.ndarray]:
    """Random directed graph, as networkx and as rows of edges."""
    graph = nx.gnm_random_graph(n, m, seed=seed, directed=True)
    targets = [sorted(graph.successors(u)) for u in range(n)]
    start = np.concatenate([[0], np.cumsum([len(row) for row in targets])]).astype(np.int64)
    return graph, start, np.concatenate([np.array(row, np.int32) for row in targets]).astype(np.int32)


def against_cynetdiff(n: int, m: int, budget: float) -> dict[str, Any]:
    """Independent cascades of ours and of CyNetDiff, one seed, in every regime; None where it is not installed."""
    name = str(n)
    try:
        from cynetdiff.utils import networkx_to_ic_model

        version = importlib.metadata.version("cynetdiff")
    except ImportError:
        return {f"ratio_to_cynetdiff_{name}": None, "cynetdiff": "not installed (pip install cynetdiff)"}
    graph, start, target = random_graph(n, m)
    figures: dict[str, Any] = {"cynetdiff": version}
    ratios = []
    for regime in REGIMES:
        p = regime * n / m
        model = networkx_to_ic_model(graph, activation_prob=p)
        model = model[0] if isinstance(model, tuple) else model
        model.set_seeds([0])
        trials = max(20, int(_trials(model, budget)))

        def one_by_one(model: Any = model, trials: int = trials) -> float:
            size = 0
            for _ in range(trials):
                model.reset_model()
                model.advance_until_completion()
                size += model.get_num_activated_nodes()
            return size / trials

        slow, mean = timed(one_by_one, 2)
        fast, mean_fast = timed(lambda model=model, k=trials: model.compute_marginal_gains([0], [], k)[0], 2)
        theirs = min(slow, fast) / trials
        probability = np.full(m, p)
        independent_cascades(start, target, probability, _SEED, 64)
        ours, played = timed(
            lambda p=probability, k=_MORE * trials: independent_cascades(start, target, p, _SEED, k), 3
        )
        size = played.failures.sum() / (_MORE * trials)
        ratios.append(theirs / (ours / (_MORE * trials)))
        figures |= {
            f"cynetdiff_{name}_regime_{regime:g}_ratio": ratios[-1],
            f"cynetdiff_{name}_regime_{regime:g}_mean_size": [float(size), float(mean), float(mean_fast)],
        }
    return figures | {f"ratio_to_cynetdiff_{name}": min(ratios)}


def _trials(model: Any, budget: float) -> float:
    """How many histories CyNetDiff plays in that many seconds."""
    seconds, _ = timed(lambda: model.compute_marginal_gains([0], [], 50), 3)
    return min(200_000.0, 50.0 * budget / seconds)


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__.splitlines()[0]).parse_args()
    on = machine()
    budget = 0.15 if chosen.quick else 1.0
    figures = dynamic(500, 1_000 if chosen.quick else 10_000, 300 if chosen.quick else 2_000)
    figures |= supercritical(1 if chosen.quick else 10)
    for n, m in GRAPHS.values():
        figures |= against_cynetdiff(n, m, budget)
    show("domino", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
