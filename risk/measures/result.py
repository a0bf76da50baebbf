"""What a study of measures against cascades found."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.result import park_summary, plain
from parkrisk.scenarios.park import Park

__all__ = ["MeasureStudy"]


@dataclass(frozen=True)
class MeasureStudy:
    """Effect of candidate measures on cascades, and the best of them for a budget.

    Frequencies, expected failures and deaths are per year; an ``_error`` is the standard error of the number before
    it. Reductions of deaths count units whose deaths are known only, see ``deaths_unknown``.

    Parameters
    ----------
    park : Park
    totals : DataFrame
        figure ("secondary_failures", "domino_pll", "pll"), before, after, reduction, error: the best set in place.
    candidates : DataFrame
        measure_id, units ("A; B"), kinds, cost, service_years, failures_reduction, failures_error, deaths_reduction,
        deaths_error (of the measure alone, from ``ranking_histories``), deaths_known, cost_per_failure, cost_per_death
        (cost ÷ years of service ÷ reduction; NaN: cost unknown or nothing prevented), status ("chosen", "not_chosen",
        "over_budget", "cost_unknown"). By falling reduction.
    sets : DataFrame
        method ("coverage", "greedy", "single"), measures, cost, failures_reduction, failures_error, deaths_reduction,
        deaths_error (from all histories), chosen: what each way of choosing came to.
    frontier : DataFrame
        budget, measures, cost, failures_reduction, failures_error, deaths_reduction, deaths_error, bound, efficient:
        sets chosen for several budgets, the most that any set of that budget can bring, and whether no other set of the
        table brings as much for less.
    chains : DataFrame
        units ("A > B > C"), frequency, harm (what its failures after the first count for, × frequency), measure (the
        candidate that breaks it best, "": none does), frequency_after, broken (share of the frequency taken away),
        key_unit (unit after the first whose withstanding would reduce the objective most): the worst chain of each
        starting unit.
    key_units : DataFrame
        unit_id, failures_reduction, failures_error, deaths_reduction, deaths_error: if the unit withstood everything,
        the most that any measure on it can do; candidates (those on it).
    choice : mapping
        budget, currency, objective, measures, cost, method, reduction, error, bound, gap, relative_gap.
    deaths_unknown : tuple of str
        Units that fail in cascades and whose events could not be computed.
    method : mapping
        cascade, histories, ranking_histories, seed, standard_error.
    """

    park: Park
    totals: pd.DataFrame
    candidates: pd.DataFrame
    sets: pd.DataFrame
    frontier: pd.DataFrame
    chains: pd.DataFrame
    key_units: pd.DataFrame
    choice: Mapping[str, Any]
    deaths_unknown: tuple[str, ...]
    method: Mapping[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by the name of its file."""
        return {
            "totals": self.totals,
            "candidates": self.candidates,
            "sets": self.sets,
            "frontier": self.frontier,
            "chains": self.chains,
            "key_units": self.key_units,
        }

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON; what is not known is null."""
        found: dict[str, Any] = plain(
            {
                "park": park_summary(self.park),
                "choice": self.choice,
                **self.tables(),
                "deaths_unknown": self.deaths_unknown,
                "method": self.method,
            }
        )
        return found

    def save(self, folder: str | Path) -> Path:
        """Write ``measures.json`` and one CSV file for each table, ``measure_candidates.csv`` and so on."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_json(target / "measures.json", self.to_dict())
        for name, table in self.tables().items():
            path = target / f"measure_{name}.csv"
            write_table(path, table)
        return target
