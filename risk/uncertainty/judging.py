"""Every sample judged by the rules themselves: letter of the park, verdict on a project.

Rules see few of the figures that vary: which targets are above their limits, where the worst ratio lies among the
limits that rules put to it, in which zone the F-N curve lies, whether a project raises any risk. Samples that are the
same in all of these are judged once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.errors import RuleError
from parkrisk.risk.criteria import judge_fn, judge_targets, possible_zones, societal_criterion, zones_of
from parkrisk.risk.distances.external import site_of
from parkrisk.risk.distances.met import park_distances
from parkrisk.risk.entry.project import project_facts
from parkrisk.risk.entry.verdict import verdict_of
from parkrisk.risk.grading.checklist import load
from parkrisk.risk.grading.grade import Grade, grade
from parkrisk.risk.grading.quantities import counted_people, park_facts
from parkrisk.risk.result import Assessment
from parkrisk.risk.rules.conditions import leaves
from parkrisk.risk.rules.facts import convert
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.risk.uncertainty.sampling import Sampled
from parkrisk.scenarios.park import Project

__all__ = ["ParkJudge", "ProjectJudge", "from_below", "limits_of", "shares"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_T = TypeVar("_T")

#: As in ``parkrisk.risk.entry.project``: a smaller rise is rounding.
_ROUNDING = 1e-9


def _each(patterns: NDArray[np.uint8], known: dict[bytes, _T], find: Callable[[int], _T]) -> list[_T]:
    """Answer of every row; equal rows have the same one, found once."""
    found = []
    for row, pattern in enumerate(patterns):
        key = pattern.tobytes()
        if key not in known:
            known[key] = find(row)
        found.append(known[key])
    return found


def from_below(result: Assessment, missing: Sequence[str]) -> Assessment:
    """Assessment in which losses of some units could not be computed, so that risk is only known from below."""
    if not missing:
        return result
    dropped = result.events.dropped
    rows = pd.DataFrame(
        [{**dict.fromkeys(dropped.columns, ""), "unit_id": unit, "reason": "not_computed"} for unit in missing]
    )
    both = pd.concat([dropped, rows], ignore_index=True)
    return replace(result, events=replace(result.events, dropped=both))


def limits_of(ruleset: RuleSet, quantity: str) -> Floats:
    """Limits that rules and checklist of a set put to a quantity that has no unit.

    Raises
    ------
    RuleError
        A rule compares it with an indicator, which is no number that samples can be sorted by.
    """
    asked = [leaf for rule in ruleset.rules for test in rule.tests for leaf in leaves(test) if leaf.name == quantity]
    if any(leaf.limit_indicator for leaf in asked):
        raise RuleError(
            f"规则将 {quantity} 与指标比较，不能抽样",
            f"a rule compares {quantity} with an indicator; that cannot be sampled",
        )
    found = {convert(float(leaf.limit), leaf.unit, "1") for leaf in asked if isinstance(leaf.limit, (int, float))}
    if ruleset.checklist:
        steps = [step for item in load(ruleset.checklist).items if item.quantity == quantity for step in item.steps]
        found |= {float(step.limit) for step in steps if isinstance(step.limit, (int, float))}
    return np.array(sorted(each for each in found if each is not None), dtype=np.float64)


def _beside(ratio: Floats, limits: Floats) -> Flags:
    """Where a ratio lies among limits: beyond each, and at each."""
    return np.concatenate([ratio[:, None] > limits, ratio[:, None] == limits], axis=1)


class ParkJudge:
    """Judges the samples of a park.

    Parameters
    ----------
    result : Assessment
        Its other facts (evidence, indicators, major hazards, external distances) hold in every sample.
    edges : array, shape (n_classes,)
        Numbers of deaths of the curves.
    """

    def __init__(self, result: Assessment, edges: Floats) -> None:
        self.result, self.edges = result, edges
        self.complete = not result.events.not_computed
        self.limit = result.targets["limit"].to_numpy(dtype=np.float64)
        names = ("risk.worst_target_ratio", "after.worst_target_ratio")
        self.ratios = np.concatenate([limits_of(result.ruleset, name) for name in names])
        self._distances: Mapping[str, Any] | None = None
        self._known: dict[bytes, Any] = {}

    def over(self, sampled: Sampled) -> Flags:
        """Whether each target is above its limit, shape (n, n_targets)."""
        return np.asarray(sampled.individual > self.limit)

    def zones(self, sampled: Sampled) -> NDArray[np.object_]:
        """Zone of each point of each curve, shape (n, n_classes)."""
        return zones_of(self.edges, sampled.curve)

    def patterns(self, sampled: Sampled) -> NDArray[np.uint8]:
        """What rules see of each sample, shape (n, n_flags)."""
        zones = self.zones(sampled)
        seen = [(zones == name).any(axis=1)[:, None] for name in ("alarp", "beyond", "unacceptable")]
        ratio = _beside(self.worst(sampled)[0], self.ratios)
        return np.concatenate([self.over(sampled), ratio, *seen], axis=1).astype(np.uint8)

    def grades(self, sampled: Sampled) -> list[tuple[str, str]]:
        """Bounds of the letter in each sample, the worst first."""
        return _each(self.patterns(sampled), self._known, lambda row: self.grade(sampled, row).bounds)

    def grade(self, sampled: Sampled, row: int) -> Grade:
        """Grade in one sample, by the rules."""
        result = self.result
        if self._distances is None:
            self._distances = park_distances(site_of(result), result.ruleset)
        facts = park_facts(
            result.park,
            result.ruleset,
            self.targets(sampled, row),
            self.curve(sampled, row),
            result.hazards,
            complete=self.complete,
            distances=self._distances,
        )
        return grade(result.ruleset, facts)

    def targets(self, sampled: Sampled, row: int) -> pd.DataFrame:
        """Targets of one sample beside their limits; what passes is unknown where events are missing."""
        table = self.result.targets
        judged = judge_targets(table, sampled.individual[row])
        if not self.complete:
            passes = judged["status"] == "pass"
            judged.loc[passes, "status"] = "unknown"
            judged.loc[passes, ["ratio", "margin"]] = np.nan
        return table.assign(**{str(name): judged[name] for name in judged})

    def curve(self, sampled: Sampled, row: int) -> pd.DataFrame:
        """F-N curve of one sample with its zones."""
        F = sampled.curve[row]
        fn = judge_fn(pd.DataFrame({"N": self.edges, "F": F})[F > 0.0].reset_index(drop=True))
        if not self.complete:
            fn["zone"] = fn["zone"].where(fn["zone"] == "unacceptable", "unknown")
        return fn

    def worst(self, sampled: Sampled) -> tuple[Floats, Floats]:
        """Largest ratio of individual risk to its limit, of the curve to the upper line; 0 where there is none."""
        limited = np.isfinite(self.limit)
        ratio = (sampled.individual[:, limited] / self.limit[limited]).max(axis=1, initial=0.0)
        excess = (sampled.curve * (self.edges / societal_criterion().upper)).max(axis=1, initial=0.0)
        return ratio, excess

    def possible(self, sampled: Sampled) -> list[tuple[str, ...]]:
        """Zones that each curve may be in; every worse one, too, where events are missing, or people."""
        patterns = self.patterns(sampled)[:, -3:]
        names = ("alarp", "beyond", "unacceptable")
        more = () if self.complete and counted_people(self.result.park) else ("unknown",)
        return [
            possible_zones([*(name for name, there in zip(names, row, strict=True) if there), *more])
            for row in patterns.tolist()
        ]


class ProjectJudge:
    """Judges a project in paired samples of the park without and with it.

    Parameters
    ----------
    project : Project
    before, after : ParkJudge
    """

    def __init__(self, project: Project, before: ParkJudge, after: ParkJudge) -> None:
        self.project, self.before, self.after = project, before, after
        self._known: dict[bytes, str] = {}
        ids = pd.Index(before.result.targets["target_id"])
        self.place = ids.get_indexer(pd.Index(after.result.targets["target_id"]))
        self.limit_new = after.result.targets["limit_new"].to_numpy(dtype=np.float64)
        self.ratios = limits_of(before.result.ruleset, "project.worst_target_ratio_new")

    def verdicts(self, one: Sampled, other: Sampled) -> list[str]:
        """Verdict in each sample, without a search for changes of the project."""
        earlier, rise, added = self.added(one, other)
        limited = np.isfinite(self.limit_new)
        ratio = (added[:, limited] / self.limit_new[limited]).max(axis=1, initial=0.0)
        patterns = np.concatenate(
            [
                self.before.patterns(one),
                self.after.patterns(other),
                added > self.limit_new,
                _beside(ratio, self.ratios),
                self._raises(one, other, rise, np.isnan(earlier) & (other.own > 0.0))[:, None],
            ],
            axis=1,
        ).astype(np.uint8)
        return _each(patterns, self._known, lambda row: self.verdict(one, other, row))

    def added(self, one: Sampled, other: Sampled) -> tuple[Floats, Floats, Floats]:
        """Risk before at the targets after (NaN: not there), its rise, and what the project adds."""
        earlier = np.full(other.individual.shape, np.nan)
        there = self.place >= 0
        earlier[:, there] = one.individual[:, self.place[there]]
        rise = other.individual - earlier
        rise = np.where(np.abs(rise) <= _ROUNDING * other.individual, 0.0, rise)
        return earlier, rise, np.fmax(np.fmax(other.own, rise), 0.0)

    def _raises(self, one: Sampled, other: Sampled, rise: Floats, new: Flags) -> Flags:
        n = max(one.curve.shape[1], other.curve.shape[1])
        curves = [np.pad(each.curve, ((0, 0), (0, n - each.curve.shape[1]))) for each in (one, other)]
        curve = (curves[1] > curves[0] * (1.0 + _ROUNDING)).any(axis=1)
        more = other.expected > one.expected * (1.0 + _ROUNDING)
        return np.asarray(curve | more | (rise > 0.0).any(axis=1) | new.any(axis=1))

    def verdict(self, one: Sampled, other: Sampled, row: int) -> str:
        """Verdict in one sample, by the rules."""
        before, after = self._assessment(self.before, one, row), self._assessment(self.after, other, row)
        earlier, rise, added = (each[row] for each in self.added(one, other))
        ratio = added / self.limit_new
        base = after.targets
        table = pd.DataFrame(
            {
                **{name: base[name] for name in ("target_id", "name", "class")},
                "before": earlier,
                "after": other.individual[row],
                "own": other.own[row],
                "rise": rise,
                "added": added,
                "limit_new": self.limit_new,
                "ratio": ratio,
                "status": np.where(np.isnan(ratio), "unknown", np.where(ratio <= 1.0, "pass", "fail")),
                "mark": base["mark"],
            }
        )
        park, rules = before.park, before.ruleset
        facts = project_facts(park, self.project, rules, before, after, table)
        return verdict_of(rules.evaluate(facts, "project"))[0]

    def _assessment(self, judge: ParkJudge, sampled: Sampled, row: int) -> Assessment:
        """Assessment with the figures of a sample that rules on projects look at."""
        return replace(
            judge.result,
            targets=judge.targets(sampled, row),
            fn=judge.curve(sampled, row),
            pll=float(sampled.expected[row]),
            grade=judge.grade(sampled, row),
        )


def shares(answers: Sequence[_T]) -> list[tuple[_T, float]]:
    """Share of each answer, the most frequent first, equal ones in their own order."""
    counts: dict[_T, int] = {}
    for each in answers:
        counts[each] = counts.get(each, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return [(answer, count / len(answers)) for answer, count in ordered]
