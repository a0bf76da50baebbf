"""Delayed ignition: chances by direction of many clouds among many ignition sources, beside a sampled reference."""

import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import machine, options, show
from parkrisk.scenarios.ignition.kernels import ignition_chances

Array = NDArray[np.float64]

N_BINS, N_CLASSES, NODES = 720, 6, 60
CLOUDS, SOURCES = 48, 50  # of each place


def place(number: int) -> tuple[Array, ...]:
    """Sources and clouds of one place: distance, angle, laws; outline, exposure and farthest point."""
    draws = np.random.default_rng(number)
    radius, theta = np.sort(draws.uniform(0.0, 600.0, SOURCES)), draws.uniform(0.0, 2.0 * np.pi, SOURCES)
    one = np.ones(SOURCES)
    laws = np.stack([one, 0.01 * one, 0.005 * one, draws.uniform(0.1, 1.0, SOURCES), 0.0 * one], axis=1)
    reach = draws.uniform(50.0, 600.0, CLOUDS)[:, None]
    share = np.linspace(0.0, 1.0, NODES)
    x, edge = reach * share, 0.2 * reach * np.sqrt(share * (1.0 - share))
    return radius, theta, laws, x, edge, draws.uniform(60.0, 1800.0, CLOUDS), np.hypot(x, edge).max(axis=1)


def turned(case: tuple[Array, ...]) -> Array:
    """Chances of all clouds of a place, shape (CLOUDS, 1 + N_CLASSES, N_BINS)."""
    radius, theta, laws, x, edge, exposure, farthest = case
    out = np.zeros((CLOUDS, 1 + N_CLASSES, N_BINS))
    owner, start = np.arange(SOURCES), NODES * np.arange(CLOUDS + 1)
    classes, day = np.full(CLOUDS, N_CLASSES), np.full((CLOUDS, 16), 0.5)
    ignition_chances(radius, theta, owner, laws, start, x.ravel(), edge.ravel(), exposure, farthest, classes, day, out)
    return out


def sampled(case: tuple[Array, ...], steps: int) -> Array:
    """Chance of ignition at all by trying directions, ``steps`` in each bin; shape (CLOUDS, N_BINS)."""
    radius, theta, laws, x, edge, exposure, _ = case
    phi = (np.arange(N_BINS * steps) + 0.5) * 2.0 * np.pi / (N_BINS * steps)
    along, across = radius[:, None] * np.cos(theta[:, None] - phi), radius[:, None] * np.sin(theta[:, None] - phi)
    out = np.empty((CLOUDS, N_BINS))
    for cloud in range(CLOUDS):
        room = np.interp(along, x[cloud], edge[cloud], left=-1.0, right=-1.0)
        inside = np.abs(across) <= room
        left = np.zeros(phi.size)
        for rate in (laws[:, 1], laws[:, 2]):
            chance = -laws[:, 3] * np.expm1(-rate * exposure[cloud])
            left += 0.5 * np.exp(np.log1p(-chance) @ inside)
        out[cloud] = 1.0 - left.reshape(N_BINS, steps).mean(axis=1)
    return out


def main() -> None:
    """Run from the command line."""
    chosen = options("delayed ignition: chances by direction").parse_args()
    on, places = machine(), 30 if chosen.quick else 300
    cases = [place(number) for number in range(places)]
    turned(cases[0])
    begin = time.process_time()
    found = [turned(case) for case in cases]
    took = (time.process_time() - begin) / places
    begin = time.process_time()
    reference = sampled(cases[0], 1)
    naive = time.process_time() - begin
    fine = sampled(cases[0], 20)
    figures = {
        "places": places,
        "clouds of each": CLOUDS,
        "sources of each": SOURCES,
        "seconds": took * places,
        "µs of a cloud": 1e6 * took / CLOUDS,
        "ratio to one sample a bin": naive / took,
        "its largest error": float(np.abs(reference - fine).max()),
        "largest difference to 20 a bin": float(np.abs(found[0][:, 0] - fine).max()),
        "mean difference to 20 a bin": float(np.abs(found[0][:, 0] - fine).mean()),
        "classes beside the whole": float(np.abs(found[0][:, 1:].sum(axis=1) - found[0][:, 0]).max()),
    }
    show("ignition", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
