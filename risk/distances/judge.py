"""External safety distance of every installation at every class of protection targets, in three values.

Reading of GB/T 37243-2019. Where an installation calls for a quantitative risk assessment, its enterprise is assessed
as a whole: the risk at a target is the sum over the units of the enterprise, against the in-service limits; of an
installation that is new, over the new units of the enterprise, against the limits for new ones. What neighbours add is
judged by GB 36894, on the sum over the park. Distances are measured from the outline of the nearest unit, those of the
accident-consequence method from its centre.
"""

import functools
import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.criteria import individual_limits
from parkrisk.risk.distances import blast
from parkrisk.risk.distances.installations import Installation, installations_of
from parkrisk.risk.distances.standard import classes, methods, overpressure_limits
from parkrisk.risk.individual import IndividualRisk
from parkrisk.risk.rules.facts import Facts, missing_events
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.screening.hazard_units import HazardTable
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.areas import shapes_of

__all__ = ["COLUMNS", "Evidence", "Site", "judged"]

Floats = NDArray[np.float64]

COLUMNS = (
    "hazard_unit_id",
    "enterprise_id",
    "state",
    "method",
    "why_zh",
    "why_en",
    "class",
    "targets",
    "worst_target",
    "worst_name",
    "available_m",
    "required_m",
    "overpressure_limit_kpa",
    "risk",
    "risk_own",
    "risk_limit",
    "ratio",
    "status",
    "missing",
    "mark",
)
_PLACE = ("x", "y", "diameter_m")
_NUMBERS = COLUMNS[COLUMNS.index("available_m") : COLUMNS.index("status")]
#: Indicator that gives the distance of the design standards, and answer that says that it is kept.
STANDARD_DISTANCE = "design-standard-distance"
_RULEBOOK = "gbt37243-2019"


@dataclass(frozen=True)
class Evidence:
    """What is stated about installations.

    Parameters
    ----------
    park : Facts
        Answers and indicators of the park.
    project : Facts, optional
        Those of a project and the park.
    own : collection of str
        Hazard units of the project: what it states holds for these only.
    """

    park: Facts
    project: Facts | None = None
    own: Collection[str] = ()

    def of(self, name: str) -> Facts:
        """What counts for a hazard unit."""
        return self.project if self.project is not None and name in self.own else self.park

    def required(self, name: str, target_class: str) -> float:
        """Distance of the design standards as stated, for a class of targets or for all; NaN: not stated. [m]

        What is stated of the class counts before what is stated of all, even where it cannot be used: figures that
        contradict each other, have another unit than a length, or are not above 0, state nothing.
        """
        facts = self.of(name)
        for key in (f"{STANDARD_DISTANCE}[{name}][{target_class}]", f"{STANDARD_DISTANCE}[{name}]"):
            if facts.given("indicator", key):
                value = facts.indicator(key, "m").value
                return float(value) if value is not None and float(value) > 0.0 else math.nan
        return math.nan

    def kept(self, name: str) -> bool | None:
        """Whether it is stated that the distance of the design standards is kept; None: not stated.

        An answer on the hazard unit counts before one on all, even where it is open or contradicts another.
        """
        facts = self.of(name)
        every = "project-external-distance" if facts is self.project else STANDARD_DISTANCE
        for key in (f"{STANDARD_DISTANCE}[{name}]", every):
            if facts.given("answer", key):
                return {"yes": True, "no": False, "partial": False}.get(facts.answer(key, _RULEBOOK).answer)
        return None


@dataclass(frozen=True)
class Site:
    """A park with the risk that was computed for it.

    Parameters
    ----------
    park : Park
    hazards : HazardTable
    risk : IndividualRisk
        Its points are the targets of the park, in their order.
    not_computed : tuple of str
        Units of which some event could not be computed.
    """

    park: Park
    hazards: HazardTable
    risk: IndividualRisk
    not_computed: tuple[str, ...] = ()

    @functools.cached_property
    def _shapes(self) -> NDArray[np.object_]:
        return shapes_of(self.park.tables["targets"])

    @functools.cached_property
    def _units(self) -> dict[str, tuple[float, float, float]]:
        units = self.park.tables["units"]
        return dict(
            zip(units["unit_id"].tolist(), zip(*(units[name].tolist() for name in _PLACE), strict=True), strict=True)
        )

    @functools.cached_property
    def labels(self) -> list[tuple[str, str]]:
        """Id and name of each target."""
        targets = self.park.tables["targets"]
        return list(zip(targets["target_id"].tolist(), targets["name"].tolist(), strict=True))

    @functools.cached_property
    def by_new_limits(self) -> NDArray[np.bool_]:
        """Which targets are judged by the limits for new installations whatever the installation."""
        return (self.park.tables["targets"]["facility_state"] == "new").to_numpy(dtype=np.bool_)

    @functools.cached_property
    def _by_enterprise(self) -> dict[tuple[str, bool], list[str]]:
        """Units in service by enterprise and whether they are new."""
        units = self.park.tables["units"]
        columns = (units[name].tolist() for name in ("unit_id", "enterprise_id", "status", "in_service"))
        found: dict[tuple[str, bool], list[str]] = {}
        for unit, enterprise, status, in_service in zip(*columns, strict=True):
            if in_service != "no":
                found.setdefault((enterprise, status != "existing"), []).append(unit)
        return found

    def assessed_with(self, installation: Installation) -> tuple[str, ...]:
        """Units whose risk an installation is judged by, sorted."""
        ages = (True,) if installation.state == "new" else (True, False)
        keys = [(enterprise, age) for enterprise in installation.enterprises for age in ages]
        return tuple(sorted(unit for key in keys for unit in self._by_enterprise.get(key, ())))

    def risk_of(self, units: Iterable[str]) -> Floats:
        """What units add at each target, shape (n_targets,). [1/yr]"""
        wanted = set(units)
        columns = [k for k, name in enumerate(self.risk.unit_ids) if name in wanted]
        total: Floats = self.risk.by_source[:, columns].sum(axis=1)
        return total

    def distances(self, units: Iterable[str], *, outline: bool) -> Floats:
        """Distance of each target from the nearest of some units, from its outline or its centre. [m]"""
        rows = np.array([self._units[name] for name in units], dtype=np.float64)
        apart = shapely.distance(shapely.points(rows[:, None, :2]), self._shapes[None, :])
        if outline:  # the bore of a pipeline is no outline, but too small to matter
            apart = np.maximum(apart - np.nan_to_num(rows[:, 2:]) / 2.0, 0.0)
        nearest: Floats = apart.min(axis=0)
        return nearest


def judged(site: Site, evidence: Evidence) -> pd.DataFrame:
    """Judge the external distance of every installation at every class of targets.

    Returns
    -------
    DataFrame
        One row per installation and class (``COLUMNS``): method and why; the worst target of the class, its distance
        [m] beside the required one, or the risk there beside its limit [1/yr]; ratio (required / available, or risk /
        limit); status (pass where the limit is just met, fail, unknown; not_applicable where no target has the class or
        the standard does not cover the installation); missing; mark.
    """
    targets = site.park.tables["targets"]
    names = [*classes(), *sorted(set(targets["class"]) - set(classes()))]
    order = np.argsort(targets["target_id"].to_numpy(dtype=str), kind="stable")
    of_class = {name: order[(targets["class"] == name).to_numpy()[order]] for name in names}
    risk_of = functools.cache(site.risk_of)
    rows = []
    for installation in installations_of(site.park, site.hazards, evidence.park):
        case = _Case(site, evidence, installation, of_class, risk_of)
        rows += list(case.rows())
    return pd.DataFrame(rows, columns=list(COLUMNS))


@dataclass(frozen=True)
class _Case:
    """One installation."""

    site: Site
    evidence: Evidence
    installation: Installation
    of_class: dict[str, NDArray[np.intp]]
    risk_of: Any

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per class of targets."""
        one = self.installation
        method = one.choice.method
        judge = {"qra": self._by_risk, "consequence": self._by_blast, "standards": self._by_distance}.get(method)
        for name, places in self.of_class.items():
            row: dict[str, Any] = {
                "hazard_unit_id": one.id,
                "enterprise_id": ";".join(one.enterprises),
                "state": one.state,
                "method": method,
                "why_zh": one.choice.why_zh,
                "why_en": one.choice.why_en,
                "class": name,
                "targets": len(places),
                "worst_target": "",
                "worst_name": "",
                **dict.fromkeys(_NUMBERS, math.nan),
                "status": "unknown",
                "missing": one.choice.missing,
                "mark": one.choice.mark,
            }
            if method == "out_of_scope":
                row["status"] = "not_applicable"
            elif judge is not None:
                row |= judge(name, places)
            if not self.site.labels and method != "out_of_scope":
                row |= {"status": "unknown", "missing": (*row["missing"], "targets")}
            elif not len(places):
                row |= {"status": "not_applicable", "missing": ()}
            yield row

    def _at(self, place: int) -> dict[str, Any]:
        """Columns that name a target."""
        return dict(zip(("worst_target", "worst_name"), self.site.labels[place], strict=True))

    @functools.cached_property
    def _assessed(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Units assessed together, and what is missing of their risk."""
        units = self.site.assessed_with(self.installation)
        gaps = [*missing_events(name for name in self.site.not_computed if name in units)]
        if not set(self.installation.unit_ids) & set(self.site.risk.unit_ids):
            gaps.append(f"events[{self.installation.id}]")
        return units, tuple(dict.fromkeys(gaps))

    def _by_risk(self, name: str, places: NDArray[np.intp]) -> dict[str, Any]:
        limits, state = individual_limits(), self.installation.state
        if (name, state) not in limits:
            return {"missing": (f"targets.class[{name}]",)}
        mark = weakest((limits[name, state].mark, methods()["qra"].mark))
        found: dict[str, Any] = {"risk_limit": limits[name, state].value, "mark": mark}
        if not len(places):
            return found
        units, gaps = self._assessed
        new = self.site.by_new_limits[places]
        limit = np.where(new, limits[name, "new"].value, limits[name, state].value)
        risk = self.risk_of(units)[places]
        k = int(np.argmax(risk / limit))
        place = int(places[k])
        ratio = float(risk[k] / limit[k])
        return {
            **self._at(place),
            "available_m": float(self._from_outline[place]),
            "risk": float(risk[k]),
            "risk_own": float(self.risk_of(self.installation.unit_ids)[place]),
            "risk_limit": float(limit[k]),
            "ratio": ratio,
            "status": "fail" if ratio > 1.0 else "unknown" if gaps else "pass",
            "missing": gaps,
            "mark": found["mark"],
        }

    @functools.cached_property
    def _charge(self) -> blast.Charge:
        return blast.charge_of(self.installation.terms)

    @functools.cached_property
    def _from_charge(self) -> Floats:
        return self.site.distances(self._charge.unit_ids, outline=False)

    def _by_blast(self, name: str, places: NDArray[np.intp]) -> dict[str, Any]:
        if name not in overpressure_limits():
            return {"missing": (f"targets.class[{name}]",)}
        limit, mark = overpressure_limits()[name]
        required, missing = blast_distance(self._charge, limit)
        found = self._apart(self._from_charge, places, required, missing)
        return {
            **found,
            "overpressure_limit_kpa": limit / 1e3,
            "mark": weakest((mark, self.installation.choice.mark, self._charge.mark)),
        }

    @functools.cached_property
    def _from_outline(self) -> Floats:
        return self.site.distances(self.installation.unit_ids, outline=True)

    @functools.cached_property
    def _kept(self) -> bool | None:
        return self.evidence.kept(self.installation.id)

    def _by_distance(self, name: str, places: NDArray[np.intp]) -> dict[str, Any]:
        one = self.installation.id
        required = self.evidence.required(one, name)
        if not math.isnan(required):
            return self._apart(self._from_outline, places, required, ())
        found = self._apart(self._from_outline, places, required, (f"indicators.{STANDARD_DISTANCE}[{one}]",))
        if self._kept is not None:
            return {**found, "status": "pass" if self._kept else "fail", "missing": ()}
        return found

    def _apart(
        self, apart: Floats, places: NDArray[np.intp], required: float, missing: tuple[str, ...]
    ) -> dict[str, Any]:
        """Judge by distance; ``missing`` makes ``required`` a lower bound."""
        found: dict[str, Any] = {"required_m": required, "missing": missing}
        if not len(places):
            return found
        available = apart[places]
        k = int(np.argmin(available))
        near = float(available[k])
        short = not math.isnan(required) and near < required
        return {
            **found,
            **self._at(int(places[k])),
            "available_m": near,
            "ratio": required / near if near > 0.0 else math.inf if required > 0.0 else math.nan,
            "status": "fail" if short else "unknown" if missing or math.isnan(required) else "pass",
        }


def blast_distance(charge: blast.Charge, overpressure: float) -> tuple[float, tuple[str, ...]]:
    """Distance required by the accident-consequence method [m], a lower bound where something is missing."""
    if charge.tnt == 0.0:
        return math.nan, charge.missing
    try:
        return blast.distance(charge.tnt, overpressure), charge.missing
    except OutOfRange:
        return math.nan, (*charge.missing, "tnt_mass")
