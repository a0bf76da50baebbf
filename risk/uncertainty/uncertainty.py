"""How sure an assessment is: its uncertain inputs sampled, risk reweighted, every sample judged by the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.result import Assessment
from parkrisk.risk.settings import Settings
from parkrisk.risk.sharing import Progress
from parkrisk.risk.uncertainty.groups import groups_of, secondary_shares
from parkrisk.risk.uncertainty.inputs import Inputs, checked_design, design
from parkrisk.risk.uncertainty.judging import ParkJudge, ProjectJudge, from_below
from parkrisk.risk.uncertainty.nodes import bent, weighty
from parkrisk.risk.uncertainty.result import Uncertainty, described
from parkrisk.risk.uncertainty.sampling import Model, Sampled, factors_of
from parkrisk.risk.uncertainty.sensitivity import Indices, sobol
from parkrisk.risk.uncertainty.terms import Scene, checked_memory, scene_of, terms_of
from parkrisk.scenarios import change
from parkrisk.scenarios.park import Park, Project

__all__ = ["Sampler", "uncertainty"]

Floats = NDArray[np.float64]

#: Inputs that have no parts; those of the first row hang on the free field.
_OTHERS = ("immediate_ignition", "weather", "wind_speed", "inventory")
_FREE_FIELD = ("delayed_ignition", "flash_fire_share")
#: Sensitivity takes so many times fewer samples, at least so many, and so many classes of deaths as one.
_FEWER, _LEAST, _STEP = 4, 64, 5


def uncertainty(
    park: Park,
    *,
    samples: int = 1024,
    seed: int = 0,
    settings: Settings | None = None,
    rules: str | None = None,
    project: Project | None = None,
    assessment: Assessment | None = None,
    inputs: Sequence[str] | None = None,
    sensitivity: bool = True,
    progress: Progress | None = None,
) -> Uncertainty:
    """Sample the uncertain inputs of a park, and find what that does to its risk, its letter and a verdict.

    Parameters
    ----------
    park : Park
    samples : int
        A power of two, 64 to 65536.
    seed : int
        Of the design and of the cascades of the assessment.
    settings : Settings, optional
    rules : str, optional
        As in `parkrisk.risk.assess.assess`.
    project : Project, optional
        Judged in the same samples, without a search for changes of it.
    assessment : Assessment, optional
        Of this park with the same settings, rules and seed, if at hand.
    inputs : sequence of str, optional
        Only these of ``distributions.csv`` are sampled.
    sensitivity : bool
        Whether to find which input decides.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    Uncertainty
        The same to the bit for the same park, settings, samples and seed on the same machine.

    Raises
    ------
    OutOfRange
        Samples or seed do not fit, an input is unknown, or the assessment is of another park.
    InputProblems, RuleError
        As in `parkrisk.risk.entry.gate.gate`.
    """
    checked_design(samples, seed)
    report: Progress = progress if progress is not None else _silent
    chosen = Settings() if settings is None else settings
    base = assessment
    if base is None:
        base = assess(park, settings=chosen, rules=rules, seed=seed, progress=progress)
    elif base.park.digest() != park.digest() or base.settings != chosen or base.provenance["seed"] != seed:
        raise OutOfRange(
            "给定的评估不属于该园区、设置或随机种子",
            "the assessment given is of another park, other settings or another seed",
        )
    after = None
    if project is not None:
        joined = change(park, add=project)
        after = assess(joined, settings=chosen, rules=rules, seed=seed, previous=base, progress=progress)
    with threads(chosen.threads):
        sampler = Sampler(base, after, project, inputs, report)
        return sampler.run(samples, seed, sensitivity=sensitivity)


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class _Side:
    """A park, without the project or with it, as a function of its inputs."""

    result: Assessment
    scene: Scene
    model: Model
    judge: ParkJudge
    error: float

    def sampled(self, inputs: Inputs, u: Floats) -> Sampled:
        """Risk in the samples of a design."""
        return self.model(factors_of(inputs, self.scene.groups, self.scene.around.rose, self.model.bends, u))


class Sampler:
    """All that does not hang on the samples: terms and bends of the park, without the project and with it.

    Parameters
    ----------
    base : Assessment
    after : Assessment, optional
        With the project.
    project : Project, optional
    wanted : sequence of str, optional
        Only these inputs.
    progress : callable
    """

    def __init__(
        self,
        base: Assessment,
        after: Assessment | None,
        project: Project | None,
        wanted: Sequence[str] | None,
        progress: Progress,
    ) -> None:
        self.progress = progress
        self.base = base
        results = [base] if after is None else [base, after]
        owned = [frozenset[str]()]
        if project is not None:
            owned.append(frozenset(project.tables["units"]["unit_id"]))
        groups = [groups_of(each.park, each.events, own) for each, own in zip(results, owned, strict=True)]
        #: In both the same, so that what is alike in both is bent alike.
        units = frozenset[str]().union(*(weighty(each) for each in results))
        free = base.settings.delayed_ignition == "free_field"
        self.inputs = Inputs.of(
            sorted({name for each in groups for name in each.frequency_classes}),
            sorted({name for each in groups for name in each.toxic}),
            base.surroundings.rose.probability[0].size,
            (*_OTHERS, *(_FREE_FIELD if free else ())),
            wanted,
        )
        self.sides = []
        for each, grouped, own in zip(results, groups, owned, strict=True):
            checked_memory(len(grouped.members), each)
            shares = secondary_shares(each.domino, each.events, grouped)
            self.sides.append(self._side(each, scene_of(each, grouped, shares, own), units))
        self.gate = None
        if project is not None:
            self.gate = ProjectJudge(project, self.sides[0].judge, self.sides[1].judge)

    def _side(self, result: Assessment, scene: Scene, units: frozenset[str]) -> _Side:
        terms = terms_of(scene, cascades=result.domino, known=result, progress=self.progress)
        exact = result.targets["individual_risk"].to_numpy(dtype=np.float64)
        found = terms.individual.sum(axis=(0, 1))
        # Interpolation between the nodes of a polar grid is not quite additive: all parts are drawn to their sum.
        ratio = np.divide(exact, found, out=np.ones_like(found), where=found > 0.0)
        terms = replace(terms, individual=terms.individual * ratio, own=terms.own * ratio)
        bends, missing = bent(result, scene, self.inputs, terms.edges.size, units, self.progress)
        model = Model(terms, bends)
        judge = ParkJudge(from_below(result, missing), model.edges)
        return _Side(result, scene, model, judge, float(np.abs(ratio - 1.0).max(initial=0.0)))

    def run(self, samples: int, seed: int, *, sensitivity: bool = True) -> Uncertainty:
        """Sample, judge, and find what decides."""
        u = design(self.inputs.n_columns, samples, seed)
        self.progress("samples", 0, 1)
        sampled = [side.sampled(self.inputs, u) for side in self.sides]
        self.progress("samples", 1, 1)
        grades = self.sides[0].judge.grades(sampled[0])
        verdicts = None if self.gate is None else self.gate.verdicts(*sampled)
        found: Mapping[str, Indices] = {}
        parts = self.parts()
        if sensitivity and self.inputs.n_columns:
            found = self.sensitivity(max(_LEAST, samples // _FEWER), seed, list(parts.values()))
        return described(
            self.sides[0].judge.result,
            self.inputs,
            u,
            sampled[0],
            self.sides[0].judge,
            grades,
            verdicts,
            (tuple(parts), found),
            {"samples": samples, "seed": seed, "difference_of_parts": self.sides[0].error},
        )

    def parts(self) -> dict[str, list[int]]:
        """Columns of the design by what sensitivity tells apart: kinds of unit, substances, all other inputs."""
        found: dict[str, list[int]] = {}
        for (name, of), columns in self.inputs.columns.items():
            part = of.split("/")[0]
            found.setdefault(f"{name}:{part}" if part else name, []).extend(range(columns.start, columns.stop))
        return found

    def sensitivity(self, samples: int, seed: int, parts: Sequence[Sequence[int]]) -> dict[str, Indices]:
        """Sobol indices of the figures of the park, and of the verdict."""
        points = design(2 * self.inputs.n_columns, samples, seed + 1)
        judge, gate = self.sides[0].judge, self.gate
        sides = [replace(side, model=Model(side.model.terms, side.model.bends, _STEP)) for side in self.sides]
        usual: dict[str, Any] = {}

        def evaluate(u: Floats) -> dict[str, Floats]:
            found = [side.sampled(self.inputs, u) for side in sides]
            figures = _figures(found[0], judge)
            answers: dict[str, list[Any]] = {"grade": list(judge.grades(found[0]))}
            if gate is not None:
                answers["verdict"] = list(gate.verdicts(*found))
            for name, each in answers.items():
                first = usual.setdefault(name, max(sorted(set(each)), key=each.count))
                figures[name] = np.array([answer == first for answer in each], dtype=np.float64)
            return figures

        def told(done: int, total: int) -> None:
            self.progress("sensitivity", done, total)

        return sobol(evaluate, points, parts, seed, told)


def _figures(sampled: Sampled, judge: ParkJudge) -> dict[str, Floats]:
    """Figures whose variance is divided among the inputs: logarithms of what varies by orders of magnitude."""
    figures = {"pll": np.log(np.maximum(sampled.expected, 1e-30))}
    ratio, excess = judge.worst(sampled)
    figures["worst_target_ratio"] = np.log(np.maximum(ratio, 1e-30))
    figures["worst_curve_ratio"] = np.log(np.maximum(excess, 1e-30))
    return figures
