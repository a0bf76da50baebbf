"""How much of the limits of individual and societal risk a park uses up: in service, and with what is approved.

No official formula of the safety capacity of a park was found. This engine reads it as the share of the limits of
GB 36894 that is used up already: at every protection target, and at every number of deaths on the F-N plane.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.risk.assess import assess
from parkrisk.risk.criteria import judge_fn, societal_criterion
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.grading.quantities import counted_people
from parkrisk.risk.result import Assessment, park_summary, plain
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.changing.changes import change
from parkrisk.scenarios.park import Park

__all__ = ["CRITERIA", "NOTE", "STAGES", "SafetyCapacity", "safety_capacity"]

#: Stage → (status of the units that it counts, Chinese label, English label).
STAGES: Mapping[str, tuple[tuple[str, ...], str, str]] = MappingProxyType(
    {
        "in_service": (("existing",), "在役", "in service"),
        "approved": (("existing", "approved"), "含已批未建", "with what is approved"),
        "proposed": (("existing", "approved", "proposed"), "含拟建", "with what is proposed"),
    }
)
CRITERIA: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "individual_risk": ("个人风险（合计）", "individual risk (sum)"),
        "individual_risk_added": ("个人风险（新增部分）", "individual risk (what is added)"),
        "societal_risk": ("社会风险（F-N 上线）", "societal risk (upper line)"),
    }
)
NOTE = {
    "mark": "M",
    "zh": "安全容量没有官方公式；本引擎按“个人风险限值与 F-N 上线已占用的份额”计（引擎的取法，限值未经核实）。",
    "en": "There is no official formula of safety capacity; this engine takes the share of the individual-risk "
    "limits and of the upper F-N line that is used up (the engine's decision; the limits are unverified).",
}


@dataclass(frozen=True)
class SafetyCapacity:
    """How much of the limits is used up. Shares are risk / limit; a share of 1 is within the limit.

    Parameters
    ----------
    targets : DataFrame
        target_id, name, class, facility_state; one column per stage: individual risk [1/yr]; limit [1/yr];
        share_in_service, share, margin (limit - risk) [1/yr], status: with what is approved; clause, mark.
    fn : DataFrame
        N; one column per stage: F [1/yr]; upper [1/yr]; share_in_service, share, ratio (upper / F), margin (upper - F)
        [1/yr], zone, status: with what is approved.
    stages : DataFrame
        stage, label_zh, label_en, units; individual_share, individual_at (target_id), societal_share, societal_at (N):
        the largest shares; share: the larger one; remaining: 1 - share, not below 0, NaN where it is not known;
        binding, status. Where something is unknown, shares are of what is known.
    binding : DataFrame
        One row per criterion, with what is approved, the one nearest to its limit first: criterion, at, value, limit
        [1/yr], share, margin [1/yr], status, mark.
    assessments : mapping of stage to Assessment
    """

    targets: pd.DataFrame
    fn: pd.DataFrame
    stages: pd.DataFrame
    binding: pd.DataFrame
    assessments: Mapping[str, Assessment] = field(repr=False)

    @property
    def base(self) -> Assessment:
        """The park with what is approved: what more may be added is counted from here."""
        return self.assessments["approved"]

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {"stages": self.stages, "binding": self.binding, "targets": self.targets, "fn": self.fn}

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        digests = {name: dict(result.provenance)["result_digest"] for name, result in self.assessments.items()}
        provenance = self.base.provenance
        content = {
            "park": park_summary(self.base.park),
            "note": NOTE,
            **self.tables(),
            "provenance": {
                **{key: provenance[key] for key in ("version", "input_digest", "seed", "rules", "settings_digest")},
                "result_digests": digests,
            },
        }
        converted: dict[str, Any] = plain(content)
        return converted

    def save(self, folder: str | Path, **more: Any) -> Path:
        """Write ``capacity.json`` (with ``more`` members) and ``capacity_targets.csv``, ``capacity_fn.csv`` and so on.

        Files of the same names are replaced.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_json(target / "capacity.json", {**self.to_dict(), **plain(more)})
        for name, table in self.tables().items():
            path = target / f"capacity_{name}.csv"
            write_table(path, table)
        return target


def safety_capacity(
    assessment: Assessment, *, rules: str | None = None, progress: Progress | None = None
) -> SafetyCapacity:
    """Find how much of the limits a park uses up, in service and with what is approved.

    Parameters
    ----------
    assessment : Assessment
        Of the park as its tables have it. Units of the status approved or proposed are told apart here.
    rules : str, optional
        As ``assessment`` was asked for.
    progress : callable, optional

    Returns
    -------
    SafetyCapacity

    Notes
    -----
    An approved unit that the table has as out of service counts as in service with what is approved: it will be. What
    an approved project takes away counts until it is gone.

    Risk includes cascades. The curve of societal risk holds the sampled ones, as everywhere.
    """
    status = set(assessment.park.tables["units"]["status"])
    names = [name for name in STAGES if name != "proposed" or "proposed" in status]
    found: dict[str, Assessment] = {}
    for name in names:
        park = _park_at(assessment.park, STAGES[name][0])
        same = next((each for each in (assessment, *found.values()) if each.park.digest() == park.digest()), None)
        found[name] = same or assess(
            park,
            settings=assessment.settings,
            rules=rules,
            seed=assessment.provenance["seed"],
            previous=assessment,
            progress=progress,
        )
    targets, fn = _targets(found), _fn(found)
    return SafetyCapacity(
        targets=targets,
        fn=fn,
        stages=pd.DataFrame([_stage(name, result) for name, result in found.items()]),
        binding=_binding(found["approved"]),
        assessments=MappingProxyType(found),
    )


def _park_at(park: Park, counted: tuple[str, ...]) -> Park:
    """The park in which only units of some status are in service, and all of these that are yet to be built."""
    units = park.tables["units"]
    out = ~units["status"].isin(counted) & (units["in_service"] != "no")
    built = units["status"].isin(counted) & (units["status"] != "existing") & (units["in_service"] == "no")
    edits = {str(unit): {"in_service": "no"} for unit in units.loc[out, "unit_id"]}
    edits |= {str(unit): {"in_service": "yes"} for unit in units.loc[built, "unit_id"]}
    return change(park, edit={"units": edits}) if edits else park


def _targets(found: Mapping[str, Assessment]) -> pd.DataFrame:
    judged = found["approved"].targets
    table = judged[["target_id", "name", "class", "facility_state"]].copy()
    for name, result in found.items():
        table[name] = result.targets["individual_risk"]
    table["limit"] = judged["limit"]
    table["share_in_service"] = found["in_service"].targets["ratio"]
    table["share"], table["margin"] = judged["ratio"], judged["margin"]
    return table.join(judged[["status", "clause", "mark"]])


def judged_curve(result: Assessment) -> pd.DataFrame:
    """N, F, upper, zone and status of the F-N curve; what passes is unknown where people are not counted."""
    curve = result.fn[["N", "F", "upper", "zone"]].copy()
    status = curve["zone"].map({"acceptable": "pass", "alarp": "pass", "unacceptable": "fail"}).fillna("unknown")
    if not counted_people(result.park):
        status = status.where(status == "fail", "unknown")
    return curve.assign(status=status.astype(object), share=curve["F"] / curve["upper"])


def _fn(found: Mapping[str, Assessment]) -> pd.DataFrame:
    """Every curve has the same numbers of deaths, up to its own end; beyond it nothing happens."""
    longest = max((result.fn for result in found.values()), key=len)
    table = longest[["N"]].reset_index(drop=True)
    for name, result in found.items():
        table[name] = result.fn["F"].reset_index(drop=True).reindex(table.index, fill_value=0.0)
    base = found["approved"]
    judged = judge_fn(table[["N"]].assign(F=table["approved"]))
    curve = judged_curve(base).reset_index(drop=True)
    known = not base.events.not_computed and counted_people(base.park)
    table["upper"] = judged["upper"]
    table["share_in_service"] = table["in_service"] / table["upper"]
    table["share"] = table["approved"] / table["upper"]
    table["ratio"] = table["upper"] / table["approved"].where(table["approved"] > 0.0)
    table["margin"] = table["upper"] - table["approved"]
    table["zone"] = curve["zone"].reindex(table.index, fill_value="acceptable" if known else "unknown")
    table["status"] = curve["status"].reindex(table.index, fill_value="pass" if known else "unknown")
    return table


def _binding(result: Assessment) -> pd.DataFrame:
    """Both criteria with the place where each is nearest to its limit."""
    targets, curve = result.targets, judged_curve(result)
    known = not result.events.not_computed and counted_people(result.park)
    rows = [
        {
            "criterion": "individual_risk",
            **_worst(targets, "target_id", "individual_risk", "limit"),
            "status": _all(targets["status"], when_none="unknown"),
            "mark": "M" if targets.empty else weakest(targets["mark"]),
        },
        {
            "criterion": "societal_risk",
            **_worst(curve, "N", "F", "upper"),
            "status": _all(curve["status"], when_none="pass" if known else "unknown"),
            "mark": societal_criterion().mark,
        },
    ]
    order = sorted(rows, key=lambda row: (np.isnan(row["share"]), -row["share"], row["criterion"]))
    return pd.DataFrame(order, columns=["criterion", "at", "value", "limit", "share", "margin", "status", "mark"])


def _worst(table: pd.DataFrame, at: str, value: str, limit: str) -> dict[str, Any]:
    """The row with the largest share; of what is known only from below, too."""
    share = (table[value] / table[limit]).to_numpy(dtype=np.float64)
    if not np.isfinite(share).any():
        nothing = 0.0 if table.empty and at == "N" else np.nan
        return {"at": "", "value": nothing, "limit": np.nan, "share": nothing, "margin": np.nan}
    k = int(np.nanargmax(share))
    row = table.iloc[k]
    name = f"{row[at]:.4g}" if at == "N" else str(row[at])
    return {
        "at": name,
        "value": float(row[value]),
        "limit": float(row[limit]),
        "share": float(share[k]),
        "margin": float(row[limit] - row[value]),
    }


def _all(status: "pd.Series[str]", when_none: str) -> str:
    """Fail where any fails; unknown where any is unknown; pass."""
    seen = set(status) or {when_none}
    return next(name for name in ("fail", "unknown", "pass") if name in seen)


def _stage(name: str, result: Assessment) -> dict[str, Any]:
    binding = _binding(result)
    individual, societal = (
        next(row for row in binding.to_dict("records") if row["criterion"] == each)
        for each in ("individual_risk", "societal_risk")
    )
    first = binding.to_dict("records")[0]
    status = _all(binding["status"], when_none="unknown")
    return {
        "stage": name,
        "label_zh": STAGES[name][1],
        "label_en": STAGES[name][2],
        "units": int((result.park.tables["units"]["in_service"] != "no").sum()),
        "individual_share": individual["share"],
        "individual_at": individual["at"],
        "societal_share": societal["share"],
        "societal_at": societal["at"],
        "share": first["share"],
        "remaining": np.nan if status == "unknown" else max(0.0, 1.0 - first["share"]),
        "binding": first["criterion"],
        "status": status,
    }
