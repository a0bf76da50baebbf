"""One event from a cold start and warm, beside reading the park alone and the events of the whole park."""

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.report import machine, options, show
from parkrisk.api.examples import example_park
from parkrisk.risk.consequence import Wind, consequence
from parkrisk.scenarios import read
from parkrisk.scenarios.events.expand import expand
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

_WIND = Wind(135.0, 3.0, "D")
_EVENTS = {
    "toxic_plume": ("chem-c1", "medium_hole", "toxic_cloud"),
    "toxic_puff": ("chem-c1", "rupture", "toxic_cloud"),
    "flash_fire": ("lpg-s1", "rupture", "flash_fire"),
    "fireball": ("lpg-s1", "rupture", "fireball"),
    "explosion": ("lpg-s1", "large_hole", "explosion"),
    "pool_fire": ("osm-1171225513", "rupture", "pool_fire"),
}
_ASK = ("--unit", "chem-c1", "--loc", "rupture", "--wind", "135", "--speed", "3", "--stability", "D", "--json")


def _seconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _process(code: str, *arguments: str) -> float:
    """Seconds of a fresh interpreter; kernels are compiled already."""
    command = [sys.executable, "-c", code, *arguments]
    return _seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def _warm(park: Park, unit: str, loc: str | None, outcome: str | None, repeats: int) -> float:
    """Median milliseconds; every time in another wind, so that nothing is remembered."""
    times = []
    for number in range(repeats + 1):
        wind = Wind(_WIND.wind_from, _WIND.speed + 0.01 * number, _WIND.stability)
        begin = time.perf_counter()
        consequence(park, unit, wind, loc=loc, outcome=outcome)
        times.append(time.perf_counter() - begin)
    return 1e3 * median(times[1:])


def main() -> None:
    """Run from the command line."""
    chosen = options("seconds until one event is known").parse_args()
    on = machine()
    folder = example_park("zhoushan")
    park = read(folder)
    repeats = 3 if chosen.quick else 9
    figures: dict[str, float] = {}
    for name, event in _EVENTS.items():
        figures[f"{name}_ms"] = _warm(park, *event, repeats)
    figures["all_events_of_a_sphere_ms"] = _warm(park, "lpg-s1", None, None, repeats)
    fresh = 1 if chosen.quick else 3
    face = "from parkrisk.api.cli import main; main()"
    figures["cold_s"] = median(_process(face, "consequence", str(folder), *_ASK) for _ in range(fresh))
    figures["cold_reading_only_s"] = median(
        _process(f"from parkrisk.scenarios import read; read({str(folder)!r})") for _ in range(fresh)
    )
    if not chosen.quick:
        rose = WindRose((Wind(135.0, 2.9, "D").weather(park),), np.full((2, 1, 16), 1.0 / 32.0))
        figures["events_of_the_whole_park_s"] = _seconds(lambda: expand(park, rose))
    show("consequence", figures, as_json=chosen.json, on=on)


if __name__ == "__main__":
    main()
