"""What to do about the cascades of an assessed park: effect of each candidate, the best set, what breaks a chain."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.replay import Rules
from parkrisk.risk.measures.breaking import WorstChains, chain_tables, worst_chains
from parkrisk.risk.measures.budget import best_cover, greedy
from parkrisk.risk.measures.effects import DEATHS, FAILURES, UNKNOWN, Baseline, Effect, reductions
from parkrisk.risk.measures.result import MeasureStudy
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.measures import never_failing, only_better, protected
from parkrisk.scenarios.facility.network import Floats
from parkrisk.scenarios.facility.protection import deluge_fails

__all__ = ["OBJECTIVES", "checked_choice", "expected_deaths", "measure_study"]

#: What the best set should reduce most: expected deaths, or expected failures of units in cascades.
OBJECTIVES = ("deaths", "failures")
_FEWER = 5  # times fewer histories rank candidates than judge the sets that come out best
_BUDGETS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # of the frontier, in shares of the budget


def measure_study(
    assessment: Assessment,
    candidates: pd.DataFrame,
    budget: float,
    *,
    objective: str = "deaths",
    histories: int | None = None,
    ranking_histories: int | None = None,
    progress: Progress | None = None,
) -> MeasureStudy:
    """Find what candidate measures do to the cascades of a park, and the best set for a budget.

    Parameters
    ----------
    assessment : Assessment
        Of the park as it is.
    candidates : DataFrame
        As `parkrisk.scenarios.facility.measures.read_measures` gives them.
    budget : float
        In the currency of the candidates, 0 or more.
    objective : str
        One of `OBJECTIVES`.
    histories : int, optional
        Of each primary event, for the sets that come out best; those of the assessment if left out.
    ranking_histories : int, optional
        The same for single candidates and the steps of the greedy choice; a fifth of ``histories`` if left out.
    progress : callable, optional
        Called as ``progress("measures", done, total)``, total as far as it is known.

    Raises
    ------
    OutOfRange
        The budget is negative or not finite, the objective unknown, or no cascade kills anybody although deaths should
        be reduced.
    """
    checked_choice(budget, objective)
    many = assessment.settings.domino_histories if histories is None else histories
    few = max(min(many, 2), many // _FEWER) if ranking_histories is None else ranking_histories
    with threads(assessment.settings.threads):
        return _Study(assessment, candidates, budget, objective, many, few, progress).result()


def checked_choice(budget: float, objective: str) -> None:
    """Refuse a budget that is negative or not finite, and an unknown objective, with `OutOfRange`."""
    if not 0.0 <= budget < math.inf:
        raise OutOfRange("预算须为不小于 0 的有限数", "the budget must be 0 or more and finite")
    if objective not in OBJECTIVES:
        raise OutOfRange(
            f"没有目标“{objective}”：deaths 或 failures", f"no objective '{objective}': deaths or failures"
        )


def expected_deaths(assessment: Assessment) -> Floats:
    """Expected deaths whenever a unit fails in a cascade, shape (n_units,); NaN: its events could not be computed."""
    table, facility = assessment.events.table, assessment.domino.facility
    often = dict(zip(table["event_id"], table["frequency"].tolist(), strict=True))
    deaths = {
        event: pll
        for part in assessment.societal.units.values()
        for event, pll in zip(part.event_ids, part.figures[:, 0].tolist(), strict=True)
    }
    dropped = assessment.events.dropped
    missing = set(dropped.loc[dropped["reason"] == "not_computed", "unit_id"])
    found = []
    for unit, event in zip(facility.units["unit_id"], facility.units["secondary"], strict=True):
        name = f"{event}/domino" if f"{event}/domino" in often else event
        if name in deaths and often[name] > 0.0:
            found.append(deaths[name] / often[name])
        else:
            found.append(math.nan if event or unit in missing else 0.0)
    return np.array(found, dtype=np.float64)


class _Study:
    """One study while it is made."""

    def __init__(
        self,
        assessment: Assessment,
        rows: pd.DataFrame,
        budget: float,
        objective: str,
        histories: int,
        ranking_histories: int,
        progress: Progress | None,
    ) -> None:
        self.assessment, self.rows, self.budget, self.objective = assessment, rows, budget, objective
        self.facility, self.kind = assessment.domino.facility, (DEATHS, FAILURES)[OBJECTIVES.index(objective)]
        self.progress, self.done = progress, 0
        self.ids = sorted(set(rows["measure_id"]))
        first = rows.drop_duplicates("measure_id").set_index("measure_id").loc[self.ids]
        self.cost, self.years = first["cost"].to_numpy(float), first["service_years"].to_numpy(float)
        place = pd.Index(self.facility.units["unit_id"])
        units = [place.get_indexer(pd.Index(rows.loc[rows["measure_id"] == each, "unit_id"])) for each in self.ids]
        self.units = [np.unique(each) for each in units]
        self.deaths = expected_deaths(assessment)
        self.value = np.stack(
            [np.ones(place.size), np.nan_to_num(self.deaths), np.isnan(self.deaths).astype(float)], axis=1
        )
        self.worst: WorstChains = worst_chains(assessment.domino.chains, self.facility, self.value[:, self.kind])
        seed = int(assessment.domino.method["seed"])
        static = assessment.domino.method["cascade"] == "static"
        self.fine = self._baseline(Rules(histories, seed, static))
        same = ranking_histories == histories
        self.coarse = self.fine if same else self._baseline(Rules(ranking_histories, seed, static))
        self._known: dict[tuple[int, tuple[int, ...]], Effect] = {}
        if objective == "deaths" and self.fine.total[DEATHS] == 0.0:
            raise OutOfRange(
                "多米诺效应没有造成已知的死亡，请改用 failures 目标",
                "no cascade is known to kill anybody; take the objective 'failures'",
            )

    def _baseline(self, rules: Rules) -> Baseline:
        found = Baseline(self.facility, self.value, rules, self.units, self.worst.keys)
        self._step()
        return found

    def _step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress("measures", self.done, max(self.done, 2 * len(self.ids)))

    def effect(self, baseline: Baseline, chosen: Sequence[int]) -> Effect:
        """What a set of measures takes away."""
        key = baseline.rules.histories, tuple(chosen)
        if key not in self._known:
            names = [self.ids[j] for j in chosen]
            changed = protected(self.facility, self.rows[self.rows["measure_id"].isin(names)])
            units = np.concatenate([np.zeros(0, np.intp), *(self.units[j] for j in chosen)])
            self._known[key] = baseline.effect(changed, units.astype(np.intp))
            self._step()
        return self._known[key]

    def result(self) -> MeasureStudy:
        """Put everything together."""
        alone = [self.effect(self.coarse, (j,)) for j in range(len(self.ids))]
        sets, best = self._sets(alone)
        frontier = self._frontier(alone)
        if self.progress is not None:
            self.progress("measures", self.done, self.done)
        chains, key_units = chain_tables(
            self.worst,
            self.coarse,
            dict(zip(self.ids, alone, strict=True)),
            dict(zip(self.ids, self.units, strict=True)),
            self.kind,
        )
        found = self.effect(self.fine, best)
        suffered = self.assessment.domino.secondary_frequency.to_numpy(float) > 0.0
        unknown = self.facility.units["unit_id"].to_numpy()[suffered & np.isnan(self.deaths)]
        return MeasureStudy(
            park=self.assessment.park,
            totals=self._totals(found),
            candidates=self._candidates(alone, best),
            sets=sets,
            frontier=frontier,
            chains=chains,
            key_units=key_units,
            choice=self._choice(sets, best, found),
            deaths_unknown=tuple(unknown.tolist()),
            method={
                "cascade": self.assessment.domino.method["cascade"],
                "histories": self.fine.rules.histories,
                "ranking_histories": self.coarse.rules.histories,
                "seed": self.fine.rules.seed,
                "standard_error": "paired_histories",
            },
        )

    def _sets(self, alone: list[Effect]) -> tuple[pd.DataFrame, tuple[int, ...]]:
        """Sets that the ways of choosing come to, and the best of them."""
        found = {"coverage": self._covering(alone, self.budget)}

        def value_of(chosen: Sequence[int]) -> float:
            return float(self.effect(self.coarse, chosen).reduction[self.kind])

        found["greedy"] = greedy(value_of, self.cost, self.budget)
        fits = np.nonzero(self.cost <= self.budget)[0].tolist()
        single = max(fits, key=lambda j: (value_of((j,)), -j), default=None)
        found["single"] = () if single is None or value_of((single,)) <= 0.0 else (single,)
        rows = [{"method": method, **self._figures(chosen)} for method, chosen in found.items()]
        worth = [self.effect(self.fine, chosen).reduction[self.kind] for chosen in found.values()]
        first = int(np.argmax(worth))
        best = list(found.values())[first] if worth[first] > 0.0 else ()
        return pd.DataFrame(rows).assign(chosen=[chosen == best for chosen in found.values()]), best

    def _figures(self, chosen: tuple[int, ...]) -> dict[str, Any]:
        effect = self.effect(self.fine, chosen)
        return {
            "measures": "; ".join(self.ids[j] for j in chosen),
            "cost": float(self.cost[list(chosen)].sum()),
            **reductions(effect),
        }

    def _covering(self, alone: list[Effect], budget: float) -> tuple[int, ...]:
        """Best set in the model in which each measure prevents the same part of all that it covers."""
        weight, members = self._failures
        covered = weight @ members
        value = np.array([effect.reduction[self.kind] for effect in alone])
        part = np.divide(value, covered, out=np.zeros(covered.size), where=covered > 0.0)
        return best_cover(weight, members * np.clip(part, 0.0, 1.0), self.cost, budget)[0]

    def _bound(self, budget: float) -> float:
        """No set within the budget brings more, but for the errors of sampling."""
        if not self._only_better:
            return float(self.fine.total[self.kind])
        weight, members = self._failures
        share = members.astype(np.float64)
        share[: len(self.fine.coverage.members)] *= self._at_most()  # the others hold only what is prevented
        return best_cover(weight, share, self.cost, budget)[1]

    @functools.cached_property
    def _only_better(self) -> bool:
        """Whether no measure makes a unit fail where it stood; the coverage is a bound only then."""
        single = (self.rows[self.rows["measure_id"] == each] for each in self.ids)
        return all(only_better(self.facility.network, protected(self.facility, rows).network) for rows in single)

    @functools.cached_property
    def _failures(self) -> tuple[Floats, Any]:
        """Groups of failures: how much each counts for, and which measures could prevent it."""
        cover, own = self.fine.coverage, np.zeros((len(self.value), len(self.ids)), np.bool_)
        for number, units in enumerate(self.units):
            own[units, number] = True
        guarded = np.nonzero(own.any(axis=1))[0]
        spared = (self.fine.direct - self.fine.direct_of(self._all_in_place(guarded))) * self.value[:, self.kind]
        weight = np.concatenate([cover.value[:, self.kind], spared[guarded]])
        return np.maximum(weight, 0.0), np.concatenate([cover.members, own[guarded]])

    def _all_in_place(self, guarded: NDArray[np.intp]) -> Facility:
        """Facility in which no primary alone fails a unit more often than with any set of the measures."""
        if self.rows.duplicated(["unit_id", "kind"]).any():  # the better of two may now and then do less
            return never_failing(self.facility, self.facility.units["unit_id"].to_numpy()[guarded], heat_only=True)
        return protected(self.facility, self.rows)

    def _at_most(self) -> Floats:
        """Chance at most that each measure does anything in a history: 1 unless it is one new barrier of one unit."""
        net, place = self.facility.network, pd.Index(self.facility.units["unit_id"])
        at = place.get_indexer(pd.Index(self.rows["unit_id"]))
        there = np.where(self.rows["kind"] == "deluge", net.deluge_factor[at] < 1.0, net.delay[at] > 0.0)
        pfd = self.rows["pfd"].to_numpy(float)
        fails = np.where(self.rows["kind"] == "deluge", deluge_fails(pfd), pfd)
        works = np.where(there, 1.0, 1.0 - fails)
        table = pd.DataFrame({"measure_id": self.rows["measure_id"], "works": works})
        several = table.groupby("measure_id")["works"].agg(["size", "first"]).loc[self.ids]
        return np.where(several["size"] == 1, several["first"], 1.0)

    def _frontier(self, alone: list[Effect]) -> pd.DataFrame:
        rows = []
        for budget in sorted(self.budget * share for share in _BUDGETS):
            chosen = self._covering(alone, budget)
            rows.append({"budget": budget, **self._figures(chosen), "bound": self._bound(budget)})
        table = pd.DataFrame(rows).drop_duplicates("budget", ignore_index=True)
        worth = table[f"{self.objective}_reduction"].to_numpy(float)
        cost = table["cost"].to_numpy(float)
        better = (worth[None, :] >= worth[:, None]) & (cost[None, :] <= cost[:, None])
        strictly = (worth[None, :] > worth[:, None]) | (cost[None, :] < cost[:, None])
        return table.assign(efficient=~(better & strictly).any(axis=1) & (worth > 0.0))

    def _choice(self, sets: pd.DataFrame, best: tuple[int, ...], found: Effect) -> dict[str, Any]:
        bound, value = self._bound(self.budget), float(found.reduction[self.kind])
        named = sets.loc[sets["chosen"], "method"].tolist()
        return {
            "budget": self.budget,
            "currency": self.rows["currency"].iloc[0],
            "objective": self.objective,
            "measures": [self.ids[j] for j in best],
            "cost": float(self.cost[list(best)].sum()),
            "method": named[0] if best else "none",
            "reduction": value,
            "error": float(found.error[self.kind]),
            "bound": bound,
            "gap": max(bound - value, 0.0),
            "relative_gap": max(bound - value, 0.0) / bound if bound > 0.0 else 0.0,
        }

    def _totals(self, found: Effect) -> pd.DataFrame:
        total = self.fine.total
        rows = [
            ("secondary_failures", total[FAILURES], found.reduction[FAILURES], found.error[FAILURES]),
            ("domino_pll", total[DEATHS], found.reduction[DEATHS], found.error[DEATHS]),
            ("pll", self.assessment.pll, found.reduction[DEATHS], found.error[DEATHS]),
        ]
        table = pd.DataFrame(rows, columns=["figure", "before", "reduction", "error"])
        table.insert(2, "after", table["before"] - table["reduction"])
        return table

    def _candidates(self, alone: list[Effect], best: tuple[int, ...]) -> pd.DataFrame:
        rows = []
        for j, (name, effect) in enumerate(zip(self.ids, alone, strict=True)):
            own = self.rows[self.rows["measure_id"] == name]
            yearly = self.cost[j] / self.years[j]
            status = "chosen" if j in best else "over_budget" if self.cost[j] > self.budget else "not_chosen"
            rows.append(
                {
                    "measure_id": name,
                    "units": "; ".join(dict.fromkeys(own["unit_id"])),
                    "kinds": "; ".join(sorted(set(own["kind"]))),
                    "cost": self.cost[j],
                    "service_years": self.years[j],
                    **reductions(effect),
                    "deaths_known": bool(effect.reduction[UNKNOWN] == 0.0),
                    "cost_per_failure": _ratio(yearly, effect.reduction[FAILURES]),
                    "cost_per_death": _ratio(yearly, effect.reduction[DEATHS]),
                    "status": "cost_unknown" if math.isnan(self.cost[j]) else status,
                }
            )
        by = [f"{self.objective}_reduction", "measure_id"]
        return pd.DataFrame(rows).sort_values(by, ascending=[False, True], ignore_index=True)


def _ratio(cost: float, reduction: float) -> float:
    return cost / reduction if reduction > 0.0 else math.nan
