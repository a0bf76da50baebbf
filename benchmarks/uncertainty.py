"""What sampling the uncertain inputs of a park costs, and how far its interpolation is off.

``cpu`` is processor time of all threads; seconds by the clock follow from it on an idle machine. The error compares
samples of the inputs in which risk is not linear (wind speed, fill, toxic probits, all at once) with footprints, risk
at targets and deaths computed anew for every unit of the park and in every history; which histories there are stays as
it is on both sides. Of the F-N curve it is the factor on F at the same N and on N at the same F: where the curve falls
steeply the first is large for a small second.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from benchmarks.report import machine, options, show
from parkrisk.api.examples import example_park
from parkrisk.risk.assess import assess
from parkrisk.risk.uncertainty.inputs import NODE, design
from parkrisk.risk.uncertainty.nodes import rebuilt
from parkrisk.risk.uncertainty.sampling import Factors, Model
from parkrisk.risk.uncertainty.uncertainty import Sampler
from parkrisk.scenarios import read

#: Risk below which a relative error says nothing. [1/yr]
FLOOR = 1e-9


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and the result."""
    start, before = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - start, time.process_time() - before, result


def deaths_at(edges: Any, curve: Any) -> Any:
    """Most deaths that are at least so frequent, at twenty frequencies a decade; 0 where no number is."""
    frequencies = np.geomspace(FLOOR, 1e-2, 141)
    return np.append(0.0, edges)[(curve[None] >= frequencies[:, None]).sum(axis=1)]


def errors(sampler: Sampler, count: int) -> dict[str, float]:
    """Factors between interpolated and computed risk in samples of the inputs that bend."""
    side = sampler.sides[0]
    model = side.model
    deviates = np.clip(special.ndtri(design(len(model.bends), 64, 7)[:count]), -NODE, NODE)
    groups, winds = model.terms.expected.shape
    found = model(Factors(np.ones((count, groups)), np.ones((count, winds)), deviates))
    factors: dict[str, list[float]] = {"individual": [], "frequency_of_deaths": [], "deaths": [], "pll": []}
    for row, z in enumerate(deviates):
        wanted = {bend.name: float(each) for bend, each in zip(model.bends, z, strict=True)}
        again = Model(rebuilt(side.result, side.scene, wanted, cascades=side.result.domino)[0])
        exact = again(Factors(np.ones((1, groups)), np.ones((1, winds)), np.zeros((1, 0))))
        shown = min(found.curve.shape[1], exact.curve.shape[1])
        curves = found.curve[row, :shown], exact.curve[0, :shown]
        pairs = {
            "individual": (found.individual[row], exact.individual[0]),
            "frequency_of_deaths": curves,
            "deaths": [deaths_at(model.edges[:shown], curve) for curve in curves],
            "pll": (found.expected[row : row + 1], exact.expected),
        }
        for name, (one, other) in pairs.items():
            floor = 0.0 if name == "deaths" else FLOOR
            some = (one > floor) & (other > floor)
            factors[name] += np.exp(np.abs(np.log(one[some] / other[some]))).tolist()
    return {
        f"error_factor_{name}_{label}": float(np.percentile(values, percentile))
        for name, values in factors.items()
        for label, percentile in (("median", 50.0), ("p95", 95.0), ("max", 100.0))
        if values
    }


def main() -> None:
    """Measure and print."""
    asked = options(__doc__ or "").parse_args()
    on = machine()
    name, samples, checked = ("minimal", 256, 4) if asked.quick else ("zhoushan", 1024, 4)
    park = read(example_park(name))
    figures: dict[str, Any] = {"park": name, "samples": samples}
    stages: dict[str, Callable[[], Any]] = {}
    base = sampler = found = None

    def sampled() -> Any:
        return sampler.run(samples, 0, sensitivity=False)

    def decided() -> Any:
        return sampler.sensitivity(max(64, samples // 4), 0, list(sampler.parts().values()))

    seconds = cpu = 0.0
    stages = {
        "assessment": lambda: assess(park),
        "terms_and_bends": lambda: Sampler(base, None, None, None, lambda *_: None),
        "samples": sampled,
        "sensitivity": decided,
    }
    for stage, work in stages.items():
        spent, busy, result = timed(work)
        base = result if stage == "assessment" else base
        sampler = result if stage == "terms_and_bends" else sampler
        found = result if stage == "samples" else found
        figures |= {f"seconds_{stage}": spent, f"cpu_{stage}": busy}
        seconds, cpu = seconds + spent, cpu + busy
    figures |= {
        "seconds": seconds,
        "cpu": cpu,
        "inputs": found.method["columns"],
        "groups": len(sampler.sides[0].scene.groups.members),
    }
    figures["difference_of_parts"] = found.method["difference_of_parts"]
    show("uncertainty", {**figures, **errors(sampler, checked)}, as_json=asked.json, on=on)


if __name__ == "__main__":
    main()
