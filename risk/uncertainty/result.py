"""What sampling found, as tables: bands, chances of limits, letters and verdicts, and which input decides."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.result import Assessment, plain
from parkrisk.risk.uncertainty.inputs import Inputs, distributions
from parkrisk.risk.uncertainty.judging import ParkJudge, shares
from parkrisk.risk.uncertainty.sampling import Sampled
from parkrisk.risk.uncertainty.sensitivity import Indices

__all__ = ["NOT_SAMPLED", "Uncertainty", "described"]

Floats = NDArray[np.float64]

BAND = (5.0, 50.0, 95.0)
_BAND_NAMES = ("p5", "p50", "p95")

#: What is uncertain too, and is not sampled.
NOT_SAMPLED = (
    ("单台设备偏离其类别的差异", "how single units differ from their class"),
    ("热辐射与爆炸对人的概率函数", "probits of heat and blast"),
    ("多米诺升级的概率与历次级联", "the chance of escalation and the histories of cascades"),
    ("扩散与火灾模型本身的误差", "the error of the models of dispersion and fire"),
    (
        "对毒性概率函数、风速、装载率插值的误差：大园区的 F-N 曲线可差数倍",
        "the error of interpolation in probit, wind speed and fill: several times on the F-N curve of a large park",
    ),
    ("人口、防护目标与现有设施的资料", "data of people, targets and installations"),
    ("外部安全防护距离、检查表证据与重大危险源分级", "external distances, evidence, levels of major hazards"),
)


@dataclass(frozen=True)
class Uncertainty:
    """How sure an assessment is.

    Parameters
    ----------
    assessment : Assessment
        Of the base values.
    inputs : DataFrame
        input, of, distribution, spread, label_zh, label_en, meaning_zh, meaning_en, source, mark.
    targets : DataFrame
        target_id, name, class, limit, base, mean, p5, p50, p95 (individual risk) [1/yr], chance_over, chance_within,
        chance_unknown (of its limit); what is within is unknown where events are missing from the risk.
    fn : DataFrame
        N, base, mean, p5, p50, p95 (frequency of N or more deaths), upper, lower (lines) [1/yr], chance_over_upper.
    pll : dict
        base, mean, p5, p50, p95. [1/yr]
    zones : DataFrame
        zone (of the whole curve; several with " / " where it is open), probability.
    grades : DataFrame
        worst, best (letters that open items leave), probability.
    verdicts : DataFrame
        verdict, probability; empty without a project.
    sensitivity : DataFrame
        figure, input, of, first, first_low, first_high, total, total_low, total_high (Sobol indices, 5th and 95th
        percentile over resamples; NaN: the figure does not vary); largest total first.
    samples : DataFrame
        One row each: pll [1/yr], worst_target_ratio, worst_curve_ratio, grade_worst, grade_best, verdict.
    design : array, shape (samples, columns)
        Points of the unit cube.
    method : mapping
    """

    assessment: Assessment = field(repr=False)
    inputs: pd.DataFrame
    targets: pd.DataFrame
    fn: pd.DataFrame
    pll: Mapping[str, float]
    zones: pd.DataFrame
    grades: pd.DataFrame
    verdicts: pd.DataFrame
    sensitivity: pd.DataFrame
    samples: pd.DataFrame
    design: Floats = field(repr=False)
    method: Mapping[str, Any]

    @property
    def unverified(self) -> bool:
        """Whether some distribution has no verified source."""
        return bool((self.inputs["mark"] == "M").any())

    def decides(self, figure: str = "grade") -> str:
        """Input with the largest total index of a figure, "" where none moves it or samples do not tell."""
        rows = self.sensitivity[(self.sensitivity["figure"] == figure) & (self.sensitivity["total_low"] > 0.0)]
        if rows.empty:
            return ""
        first = rows.iloc[0]
        return f"{first['input']}:{first['of']}" if first["of"] else str(first["input"])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables that `save` writes, by file name without ending."""
        columns = [f"u{k + 1}" for k in range(self.design.shape[1])]
        found = {
            "uncertainty_inputs": self.inputs,
            "uncertainty_targets": self.targets,
            "uncertainty_fn": self.fn,
            "uncertainty_zones": self.zones,
            "uncertainty_grades": self.grades,
            "uncertainty_sensitivity": self.sensitivity,
            "uncertainty_samples": self.samples,
            "uncertainty_design": pd.DataFrame(self.design, columns=columns),
        }
        return found if self.verdicts.empty else {**found, "uncertainty_verdicts": self.verdicts}

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON, without the samples and their design."""
        return {
            "pll": plain(dict(self.pll)),
            **{
                name: plain(getattr(self, name))
                for name in ("targets", "fn", "zones", "grades", "verdicts", "sensitivity", "inputs")
            },
            "decides": {name: self.decides(name) for name in self.sensitivity["figure"].unique().tolist()},
            "unverified": self.unverified,
            "method": plain(dict(self.method)),
        }

    def save(self, folder: str | Path) -> Path:
        """Write ``uncertainty.json`` and the tables into a folder; files of the same names are replaced."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_json(target / "uncertainty.json", self.to_dict())
        for name, table in self.tables().items():
            write_table(target / f"{name}.csv", table)
        return target


def described(
    base: Assessment,
    inputs: Inputs,
    u: Floats,
    sampled: Sampled,
    judge: ParkJudge,
    grades: Sequence[tuple[str, str]],
    verdicts: Sequence[str] | None,
    sensitivity: tuple[Sequence[str], Mapping[str, Indices]],
    method: Mapping[str, Any],
) -> Uncertainty:
    """Turn samples into tables."""
    ratio, excess = judge.worst(sampled)
    bounds = list(grades)
    zones = [" / ".join(each) for each in judge.possible(sampled)]
    samples = pd.DataFrame(
        {
            "pll": sampled.expected,
            "worst_target_ratio": ratio,
            "worst_curve_ratio": excess,
            "grade_worst": [worst for worst, _ in bounds],
            "grade_best": [best for _, best in bounds],
            "verdict": "" if verdicts is None else list(verdicts),
        }
    )
    letters = [(*pair, share) for pair, share in shares(bounds)]
    missing = list(base.events.not_computed)
    return Uncertainty(
        assessment=base,
        inputs=_inputs(inputs),
        targets=_targets(base, sampled, judge),
        fn=_curves(base, sampled, judge),
        pll={"base": base.pll, **_band(sampled.expected[:, None], scalar=True)},
        zones=pd.DataFrame(shares(zones), columns=["zone", "probability"]),
        grades=pd.DataFrame(letters, columns=["worst", "best", "probability"]),
        verdicts=pd.DataFrame([] if verdicts is None else shares(verdicts), columns=["verdict", "probability"]),
        sensitivity=_sensitivity(*sensitivity),
        samples=samples,
        design=u,
        method={
            **method,
            "columns": inputs.n_columns,
            "design_sha256": hashlib.sha256(np.ascontiguousarray(u).tobytes()).hexdigest(),
            "not_computed": missing,
            "not_sampled_zh": [zh for zh, _ in NOT_SAMPLED],
            "not_sampled_en": [en for _, en in NOT_SAMPLED],
            "result_digest": base.provenance["result_digest"],
        },
    )


def _inputs(inputs: Inputs) -> pd.DataFrame:
    rows = [
        {**row.__dict__, "input": name, "of": of} for (name, of), row in zip(inputs.names, inputs.rows, strict=True)
    ]
    columns = list(next(iter(distributions().values())).__dict__)
    return pd.DataFrame(rows, columns=columns)


def _band(values: Floats, *, scalar: bool = False) -> dict[str, Any]:
    """Mean and percentiles of each column."""
    found = {"mean": values.mean(axis=0), **dict(zip(_BAND_NAMES, np.percentile(values, BAND, axis=0), strict=True))}
    return {name: float(each[0]) for name, each in found.items()} if scalar else found


def _targets(base: Assessment, sampled: Sampled, judge: ParkJudge) -> pd.DataFrame:
    table = base.targets[["target_id", "name", "class", "limit"]].reset_index(drop=True)
    limited = np.isfinite(judge.limit)
    over = np.where(limited, judge.over(sampled).mean(axis=0), 0.0)
    within = np.where(limited & judge.complete, 1.0 - over, 0.0)
    return table.assign(
        base=base.targets["individual_risk"].to_numpy(),
        **_band(sampled.individual),
        chance_over=over,
        chance_within=within,
        chance_unknown=1.0 - over - within,
    )


def _curves(base: Assessment, sampled: Sampled, judge: ParkJudge) -> pd.DataFrame:
    line = societal_criterion()
    edges = judge.edges
    known = base.fn.set_index("N")["F"]
    return pd.DataFrame(
        {
            "N": edges,
            "base": known.reindex(edges).fillna(0.0).to_numpy(dtype=np.float64),
            **_band(sampled.curve),
            "upper": line.upper / edges,
            "lower": line.lower / edges,
            "chance_over_upper": (sampled.curve > line.upper / edges).mean(axis=0),
        }
    )


def _sensitivity(parts: Sequence[str], found: Mapping[str, Indices]) -> pd.DataFrame:
    tables = []
    for figure, indices in found.items():
        table = pd.DataFrame(indices._asdict())
        table.insert(0, "figure", figure)
        table.insert(1, "input", [part.split(":")[0] for part in parts])
        table.insert(2, "of", [part.partition(":")[2] for part in parts])
        tables.append(table.sort_values(["total", "input", "of"], ascending=[False, True, True]))
    columns = ["figure", "input", "of", *Indices._fields]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
