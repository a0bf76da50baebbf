"""Whether the risk of the park is acceptable: individual and societal risk, distances, each in three values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from parkrisk.api.report.material import Material
from parkrisk.api.report.wording import rows_of
from parkrisk.risk.grading.quantities import counted_people, risk_quantities
from parkrisk.risk.rules.facts import all_of, compare

__all__ = ["Acceptance", "acceptance", "status_of"]

#: Zones of the F-N plane that are no refusal.
_BEARABLE = ("acceptable", "alarp")


def status_of(truth: bool | None) -> str:
    """Pass, fail or unknown."""
    return {True: "pass", False: "fail", None: "unknown"}[truth]


@dataclass(frozen=True)
class Acceptance:
    """How the risk of a park stands to its limits.

    Parameters
    ----------
    targets, passing, failing, open : int
        Protection targets, and how many of them pass, fail and are undecided.
    individual, societal, distance : str
        Status of each criterion: pass, fail or unknown.
    zones : tuple of str
        Zones of the F-N plane that are possible, empty where nothing is known of them.
    worst : mapping or None
        The row of the targets with the largest ratio of risk to limit; None where no ratio is known.
    people : bool
        Whether the input says where people are: otherwise expected fatalities are known from below only.
    complete : bool
        Whether every event was computed: otherwise every risk is known from below only.
    """

    targets: int
    passing: int
    failing: int
    open: int
    individual: str
    societal: str
    distance: str
    zones: tuple[str, ...]
    worst: Mapping[str, Any] | None
    people: bool
    complete: bool

    @property
    def status(self) -> str:
        """Of individual and societal risk together: fail where either fails, unknown where either is."""
        truths = [{"pass": True, "fail": False, "unknown": None}[each] for each in (self.individual, self.societal)]
        return status_of(all_of(truths))

    @property
    def reducible(self) -> bool:
        """Whether societal risk can lie in the zone where it has to be reduced as far as is practicable."""
        return "alarp" in self.zones


def acceptance(material: Material) -> Acceptance:
    """How the risk of the assessed park stands to its limits."""
    result = material.result
    targets = result.targets
    people, complete = counted_people(result.park), not result.events.not_computed
    facts = risk_quantities("risk", targets, result.fn, people=people, complete=complete)
    zone = facts["risk.societal_zone"]
    ratio = targets["ratio"].to_numpy(dtype=np.float64)
    known = bool(np.isfinite(ratio).any())
    met = material.distances.facts["risk.external_distance_met"].value
    return Acceptance(
        targets=len(targets),
        passing=int((targets["status"] == "pass").sum()),
        failing=int((targets["status"] == "fail").sum()),
        open=int((targets["status"] == "unknown").sum()),
        individual=status_of(compare(facts["risk.targets_over_limit"], "<=", 0.0)),
        societal=status_of(compare(zone, "in", _BEARABLE)),
        distance=status_of(met if isinstance(met, bool) else None),
        zones=tuple(str(value) for value in zone.values),
        worst=rows_of(targets)[int(np.nanargmax(ratio))] if known else None,
        people=people,
        complete=complete,
    )
