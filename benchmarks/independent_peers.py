"""Independent cascades of ours and of other open programs: same graph, chances and seed, in the same run.

Compared are histories per second, ours on two threads. On a busy machine the ratio of ours on one thread, which is by
processor time, says more. Every program gives at least the final size of every history or their mean. CyNetDiff
counts by its faster way of playing many histories, and the least ratio of all cases is the figure. NDlib, EoN and the
plain loop play few histories: they take long. Every mean is checked against ours.
"""

import importlib.metadata
import math
import time
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np

from parkrisk.models._jit import threads
from parkrisk.risk.cascades.independent import IndependentCascades, independent_cascades

GRAPHS = {"500": (500, 5_000), "5000": (5_000, 100_000)}
#: Expected failures per failed unit.
REGIMES = (0.5, 1.0, 2.0)
#: Means may differ by so many standard errors; some dozens are compared.
_FAR = 5.0
_SEED = np.zeros(1, np.int32)
_TURNS = 8
_MORE = 15  # histories of ours for one of CyNetDiff, so that both take about as long
_MOST = 10_000_000  # added up in single precision by CyNetDiff: whole numbers end at 2^24

Player = Callable[[int], float]  # plays so many histories and gives the mean final size


class _Case:
    """One graph with its chances, for all programs."""

    def __init__(self, n: int, m: int, regime: float, *, varied: bool) -> None:
        self.graph = nx.gnm_random_graph(n, m, seed=1, directed=True)
        rng = np.random.default_rng(2)
        for u, v in self.graph.edges:
            chance = regime * n / m * (rng.uniform(0.2, 1.8) if varied else 1.0)
            self.graph.edges[u, v]["activation_prob"] = float(chance)
        self.regime, self.varied = regime, varied
        rows = [sorted(self.graph[u]) for u in range(n)]
        self.start = np.cumsum([0, *map(len, rows)]).astype(np.int64)
        self.target = np.concatenate(rows).astype(np.int32)
        self.chance = np.array([self.graph.edges[u, v]["activation_prob"] for u in range(n) for v in rows[u]])

    def ours(self, histories: int, seed: int = 0, on: int = 2) -> IndependentCascades:
        with threads(on):
            return independent_cascades(self.start, self.target, self.chance, _SEED, histories, seed)


def _cynetdiff(case: _Case) -> tuple[Player, Player]:
    """All histories in one call, and one by one."""
    from cynetdiff.utils import networkx_to_ic_model

    graph = case.graph
    if not case.varied:  # one chance for all is faster
        graph = nx.create_empty_copy(case.graph)
        graph.add_edges_from(case.graph.edges)
        model, _ = networkx_to_ic_model(graph, activation_prob=float(case.chance[0]))
    else:
        model, _ = networkx_to_ic_model(graph)
    model.set_seeds([0])

    def one_by_one(histories: int) -> float:
        size = 0
        for _ in range(histories):
            model.reset_model()
            model.advance_until_completion()
            size += model.get_num_activated_nodes()
        return size / histories

    return lambda histories: float(model.compute_marginal_gains([0], [], histories)[0]), one_by_one


def _ndlib(case: _Case) -> Player:
    from ndlib.models.epidemics import IndependentCascadesModel
    from ndlib.models.ModelConfig import Configuration

    model = IndependentCascadesModel(case.graph)
    configuration = Configuration()
    configuration.add_model_initial_configuration("Infected", [0])
    for edge in case.graph.edges:
        configuration.add_edge_configuration("threshold", edge, case.graph.edges[edge]["activation_prob"])
    model.set_initial_status(configuration)

    def play(histories: int) -> float:
        size = 0
        for _ in range(histories):
            model.reset([0])
            count = model.iteration(node_status=False)["node_count"]
            while count[1]:
                count = model.iteration(node_status=False)["node_count"]
            size += count[2]
        return size / histories

    return play


def _eon(case: _Case) -> Player:
    from EoN import basic_discrete_SIR

    chance = float(case.chance[0])
    return lambda histories: float(
        np.mean([basic_discrete_SIR(case.graph, chance, initial_infecteds=[0])[3][-1] for _ in range(histories)])
    )


def _plain(case: _Case) -> Player:
    rng = np.random.default_rng(0)

    def play(histories: int) -> float:
        size = 0
        for _ in range(histories):
            failed, waiting = {0}, [0]
            while waiting:
                row = case.graph[waiting.pop()]
                for (v, edge), u in zip(row.items(), rng.random(len(row)), strict=True):
                    if v not in failed and u < edge["activation_prob"]:
                        failed.add(v)
                        waiting.append(v)
            size += len(failed)
        return size / histories

    return play


#: Programs that take long: package on PyPI (none: always there) and how it plays. They play even chances only.
_SLOW: dict[str, tuple[str | None, Callable[[_Case], Player]]] = {
    "ndlib": ("ndlib", _ndlib),
    "eon": ("EoN", _eon),
    "networkx_loop": (None, _plain),
}


def missing(package: str) -> str | None:
    """Say that a package is not installed, and how it could be."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return f"not installed (pip install {package})"
    return None


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of processors, and the result."""
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - start, time.process_time() - cpu, result


def _histories(play: Player, seconds: float, most: int) -> int:
    """About how many histories a program plays in that many seconds of a processor."""
    count, spent = 1, 0.0
    while spent < 0.1 * seconds and count < most:
        count *= 2
        before = time.thread_time()
        play(count)
        spent = time.thread_time() - before
    return max(2, min(most, int(count * seconds / max(spent, 1e-9))))


class _Mean:
    """Mean and standard deviation of the final size, from very many histories of ours."""

    def __init__(self, found: IndependentCascades) -> None:
        size = np.arange(found.sizes.size)
        self.histories = int(found.sizes.sum())
        self.value = float(found.sizes @ size) / self.histories
        self.deviation = math.sqrt(float(found.sizes @ (size - self.value) ** 2) / self.histories)

    def off(self, mean: float, histories: int) -> float:
        """How far another mean is away, in standard errors of the difference."""
        return (mean - self.value) / (self.deviation * math.sqrt(1.0 / histories + 1.0 / self.histories))


def _race(case: _Case, seconds: float) -> dict[str, float]:
    """Least time per history of CyNetDiff and of ours, by the clock and by the processor, and how far means differ."""
    together, one_by_one = _cynetdiff(case)
    case.ours(64)
    mean = _Mean(case.ours(20_000))
    count = _histories(together, seconds, int(_MOST / mean.value))
    many = _MORE * count
    theirs = ours = theirs_cpu = ours_cpu = math.inf
    offs = []
    for turn in range(_TURNS):  # in turns, since others may use the machine
        ways = (together, one_by_one) if turn == 0 else (together,)
        for play in ways:
            spent, cpu, size = _timed(lambda play=play: play(count))
            theirs, theirs_cpu = min(theirs, spent / count), min(theirs_cpu, cpu / count)
            offs.append(mean.off(size, count))
        _, cpu, _ = _timed(lambda seed=turn + 1: case.ours(many, seed, on=1))
        spent, _, played = _timed(lambda seed=turn + 1: case.ours(many, seed))
        ours, ours_cpu = min(ours, spent / many), min(ours_cpu, cpu / many)
        offs.append(mean.off(_Mean(played).value, many))
    return {
        "ratio": theirs / ours,
        "one_thread_ratio": theirs_cpu / ours_cpu,
        "histories_per_s": 1.0 / ours,
        "off": max(map(abs, offs)),
    }


def against_cynetdiff(name: str, seconds: float) -> dict[str, Any]:
    """Ratios to CyNetDiff on one graph in every regime, with even and with varied chances; None: not installed."""
    lacking = missing("cynetdiff")
    if lacking:
        return {f"ratio_to_cynetdiff_{name}": None, "cynetdiff": lacking}
    figures: dict[str, Any] = {"cynetdiff": importlib.metadata.version("cynetdiff")}
    races = {}
    for regime in REGIMES:
        for kind in ("even", "varied"):
            race = _race(_Case(*GRAPHS[name], regime, varied=kind == "varied"), seconds)
            races[f"{regime:g}_{kind}"] = race
            if race["off"] > _FAR:
                raise SystemExit(f"means of ours and CyNetDiff are {race['off']:.1f} standard errors apart")
    for figure in ("ratio", "one_thread_ratio", "histories_per_s"):
        figures |= {f"cynetdiff_{name}_{which}_{figure}": race[figure] for which, race in races.items()}
    return figures | {
        f"means_of_cynetdiff_{name}_off_by_standard_errors": max(race["off"] for race in races.values()),
        f"ratio_to_cynetdiff_{name}": min(race["ratio"] for race in races.values()),
        f"ratio_to_cynetdiff_{name}_one_thread": min(r["one_thread_ratio"] for r in races.values()),
    }


def against_others(name: str, budget: float) -> dict[str, Any]:
    """Ratios to the programs that take long, on one graph in every regime."""
    figures: dict[str, Any] = {}
    for label, (package, prepare) in _SLOW.items():
        lacking = missing(package) if package else None
        if lacking:
            figures[label] = lacking
            continue
        ratios = []
        for regime in REGIMES:
            case = _Case(*GRAPHS[name], regime, varied=False)
            play = prepare(case)
            count = _histories(play, budget, 1_000_000)
            theirs, _, size = _timed(lambda play=play, k=count: play(k))
            ours, _, played = _timed(lambda case=case, k=1000 * count: case.ours(min(k, 200_000)))
            mean = _Mean(played)
            if abs(mean.off(size, count)) > _FAR:
                raise SystemExit(f"mean of {label} is {size:.2f}, ours {mean.value:.2f}")
            ratios.append(theirs / count / (ours / mean.histories))
        figures[f"ratio_to_{label}_{name}"] = min(ratios)
    return figures
