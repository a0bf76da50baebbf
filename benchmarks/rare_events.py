"""Rare failures: how well and how fast forced histories tell them, against plain ones and exact trees.

Five hundred tanks on a map: the calm farm of `benchmarks.domino`, and farms with stronger fires and an emergency
response several times as quick as the default, so that chains of failures reach down to 1e-10 and below. From one
burning tank, the one that brings down most others, every tank with a probability of 1e-10 or more is asked for.

*processor_seconds_to_10_percent* is the time after which the worst of them has a relative standard error of 10 %.

*gain* is the ratio of variance × time, plain histories to forced ones, both measured in the same run. What plain
histories would see too seldom has its variance from p (1 - p), with p from the forced ones.
"""

import time
from typing import Any

import numpy as np

from benchmarks.farms import CALM, Fires, tank_farm
from benchmarks.report import machine, options, show
from parkrisk.models._jit import threads
from parkrisk.risk.cascades.cascade import Primaries, cascades
from parkrisk.risk.cascades.direct import direct_escalation, escalation_chance
from parkrisk.risk.solvers.forced import Forced
from parkrisk.risk.solvers.tree import cascade_tree
from parkrisk.scenarios.facility.network import Network
from tests.risk.farms import farm, random_loads

_STRONG = Fires(0.3, 1500.0)
_CASES = {"moderate": (CALM, 1.0), "spreading": (_STRONG, 2.0), "rare": (_STRONG, 4.0)}  # fires, speed of the response
_SEEN = 1e-10  # the least probability that counts
_STARTS = range(0, 500, 20)
_LOOK = 512  # histories that choose among them


def park(fires: Fires, quicker: float) -> Network:
    """Give the farm with such fires and so quick a response."""
    net = tank_farm(500, fires).network
    return net._replace(clock_mean=net.clock_mean - np.log(quicker))


def start_of(net: Network) -> int:
    """Tank that brings down most others with probabilities that count."""

    def counted(source: int) -> int:
        run = Forced(net, [source], 1)
        run.play(_LOOK)
        return int((run.sums().mean()[:-1] >= _SEEN).sum())

    return max(_STARTS, key=counted)


def forced_figures(name: str, seconds: float) -> dict[str, Any]:
    """Errors after that many seconds, and the gain, by powers of ten of the probability."""
    net = park(*_CASES[name])
    source = start_of(net)
    run, begun, worked = Forced(net, [source], 1), time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        run.play(1024)
    spent, work, sums = time.perf_counter() - begun, time.process_time() - worked, run.sums()
    p, error = sums.mean()[:-1], sums.standard_error()[:-1]
    reach, plain_each = plain_cost(net, source, spent / 4.0)
    counted = (p >= _SEEN) & (p < 0.5)
    relative = error[counted] / p[counted]
    figures = {
        f"{name}_first_escalation": reach,
        f"{name}_expected_failures": float(sums.mean()[-1]),
        f"{name}_seconds": spent,
        f"{name}_processor_seconds": work,
        f"{name}_histories": sums.histories,
        f"{name}_processor_us_per_history": 1e6 * work / sums.histories,
        f"{name}_units_counted": int(counted.sum()),
        f"{name}_least_probability": float(p[counted].min()),
        f"{name}_worst_relative_error": float(relative.max()),
        f"{name}_processor_seconds_to_10_percent": work * float(relative.max() / 0.1) ** 2,
        f"{name}_share_within_10_percent": float(np.mean(relative <= 0.1)),
    }
    cost = error**2 * spent
    for low in (1e-2, 1e-4, 1e-6, 1e-8, 1e-10):
        some = (p >= low) & (p < 100.0 * low) & (cost > 1e-14 * p**2)  # not those that are known without drawing
        if some.any():
            plain = p[some] * np.maximum(reach - p[some], 0.0) * plain_each
            figures[f"{name}_gain_from_{low:g}"] = float(np.median(plain / cost[some]))
    return figures


def plain_cost(net: Network, source: int, seconds: float) -> tuple[float, float]:
    """Chance of a first escalation, and seconds that a plain history with one takes."""
    sources = np.array([source], np.int32)
    reach = float(escalation_chance(net, direct_escalation(net, static=False), sources)[0, 0])
    primaries, histories = Primaries(sources, net.unit_key[sources]), 1000
    cascades(net, primaries, 10, 0)
    while True:
        begun = time.perf_counter()
        cascades(net, primaries, histories, 0)
        spent = time.perf_counter() - begun
        if spent > seconds / 4.0:
            return reach, spent / histories
        histories *= 4


def tree_figures() -> dict[str, Any]:
    """Time of exact trees in which every tank loads every other."""
    figures: dict[str, Any] = {}
    for n in (8, 12, 14, 16):
        net = farm(random_loads(3, n, low=20.0, high=60.0, share=1.0)).network
        cascade_tree(net, [0])
        begun = time.perf_counter()
        tree = cascade_tree(net, [0])
        figures |= {f"tree_{n}_seconds": time.perf_counter() - begun, f"tree_{n}_ways": int(tree.ways.unit.size)}
    return figures


def exact_check(histories: int) -> dict[str, Any]:
    """Forced histories against exact trees of small farms down to 1e-10: largest and mean standardised difference."""
    scores = []
    for seed in range(10):
        net = farm(random_loads(seed, 12, low=8.0, high=30.0, share=0.25)).network
        net = net._replace(clock_mean=net.clock_mean - np.log(4.0))
        exact = cascade_tree(net, [0]).probability
        run = Forced(net, [0], seed)
        run.play(histories)
        sums = run.sums()
        p, error = sums.mean()[:-1], sums.standard_error()[:-1]
        told = (exact >= _SEEN) & (error > 1e-6 * exact)
        scores.append(((p - exact)[told] / error[told], exact[told]))
    z, p = (np.concatenate(parts) for parts in zip(*scores, strict=True))
    return {
        "exact_compared": int(z.size),
        "exact_least_probability": float(p.min()),
        "exact_largest_z": float(np.abs(z).max()),
        "exact_mean_z": float(z.mean()),
    }


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__.splitlines()[0]).parse_args()
    on = machine()
    seconds = 1.0 if chosen.quick else 2.0
    figures = tree_figures() | exact_check(2_000 if chosen.quick else 20_000)
    with threads(None):
        for name in _CASES:
            figures |= forced_figures(name, seconds)
    show("rare_events", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
