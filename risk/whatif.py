"""What if: a park before and after a change, and what the change does to its risk."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.errors import Problem
from parkrisk.risk.assess import assess
from parkrisk.risk.criteria import possible_zones
from parkrisk.risk.files import write_json, write_table
from parkrisk.risk.result import Assessment, park_summary, plain
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.park import Park

__all__ = ["WhatIf", "overview", "whatif"]

#: Numbers of deaths at which F-N curves are compared.
DEATHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)

#: Figures of a park in the order they are shown: name, Chinese and English label.
FIGURES = (
    ("grade", "等级", "grade"),
    ("score", "得分", "score"),
    ("pll", "PLL 人/年", "PLL /yr"),
    ("largest_risk", "目标处最大个人风险 /年", "largest risk at a target /yr"),
    ("largest_ratio", "目标处最大风险/限值", "largest risk over limit"),
    ("targets_over_limit", "超限目标数", "targets over limit"),
    ("targets_unknown", "不能判定的目标数", "targets not judged"),
    ("f_1", "F(1) /年", "F(1) /yr"),
    ("f_10", "F(10) /年", "F(10) /yr"),
    ("f_100", "F(100) /年", "F(100) /yr"),
    ("fn_zone", "F-N 曲线所在区", "zone of the F-N curve"),
    ("domino", "多米诺次生事故 /年", "domino escalations /yr"),
    ("units", "设备数", "units"),
)


@dataclass(frozen=True)
class WhatIf:
    """A park before and after a change.

    Parameters
    ----------
    name : str
        Of the scenario.
    before, after : Assessment
    """

    name: str
    before: Assessment
    after: Assessment

    @functools.cached_property
    def figures(self) -> pd.DataFrame:
        """Figures of the park: figure, label_zh, label_en, before, after, difference (None where there is none)."""
        one, other = _figures(self.before), _figures(self.after)
        rows = [
            (name, zh, en, one[name], other[name], None if isinstance(one[name], str) else other[name] - one[name])
            for name, zh, en in FIGURES
        ]
        columns = ["figure", "label_zh", "label_en", "before", "after", "difference"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    @functools.cached_property
    def fn(self) -> pd.DataFrame:
        """Frequency of N or more deaths before and after: N, before, after, difference. [1/yr]"""
        values = {"N": np.array(DEATHS)}
        for name, result in (("before", self.before), ("after", self.after)):
            values[name] = np.array([_frequency(result, number) for number in DEATHS])
        return pd.DataFrame({**values, "difference": values["after"] - values["before"]})

    @functools.cached_property
    def targets(self) -> pd.DataFrame:
        """Targets, the largest change first.

        target_id, name, before, after, difference [1/yr], status_before, status_after; NaN and "" for a target that
        only one of the parks has.
        """
        columns = ["target_id", "name", "individual_risk", "status"]
        both = self.before.targets[columns].merge(
            self.after.targets[columns], on="target_id", how="outer", suffixes=("_before", "_after")
        )
        names = {"individual_risk_before": "before", "individual_risk_after": "after"}
        both = both.rename(columns=names).assign(name=both["name_after"].fillna(both["name_before"]))
        both["difference"] = both["after"] - both["before"]
        for column in ("status_before", "status_after"):
            both[column] = both[column].fillna("")
        order = np.lexsort((both["target_id"], -both["difference"].abs().fillna(np.inf)))
        chosen = ["target_id", "name", "before", "after", "difference", "status_before", "status_after"]
        return both.iloc[order][chosen].reset_index(drop=True)

    @functools.cached_property
    def units(self) -> pd.DataFrame:
        """Units and transport that the change touches, the largest change of expected deaths first.

        unit_id, name, change ("added", "removed", "altered" or "": only by what others do), before, after, difference.
        [1/yr]
        """
        columns = ["unit_id", "name", "pll"]
        both = self.before.sources[columns].merge(
            self.after.sources[columns], on="unit_id", how="outer", suffixes=("_before", "_after")
        )
        rows = [_rows(result.park) for result in (self.before, self.after)]
        both["change"] = [_change(rows[0].get(unit), rows[1].get(unit)) for unit in both["unit_id"]]
        both["name"] = both["name_after"].fillna(both["name_before"])
        both["before"], both["after"] = both["pll_before"].fillna(0.0), both["pll_after"].fillna(0.0)
        both["difference"] = both["after"] - both["before"]
        both = both[(both["change"] != "") | (both["difference"] != 0.0)]
        order = np.lexsort((both["unit_id"], -both["difference"].abs(), both["change"] == ""))
        return both.iloc[order][["unit_id", "name", "change", "before", "after", "difference"]].reset_index(drop=True)

    @functools.cached_property
    def notes(self) -> pd.DataFrame:
        """What is doubtful about the changed park and was not before: table, column, found, message_zh, message_en.

        A pressure that follows an edited temperature is said here.
        """
        columns = ["table", "column", "found", "message_zh", "message_en"]
        known = {_words(fault) for fault in self.before.park.warnings}
        new = dict.fromkeys(words for words in map(_words, self.after.park.warnings) if words not in known)
        return pd.DataFrame(list(new), columns=columns, dtype="str")

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        content = {
            "scenario": self.name,
            "park": park_summary(self.after.park),
            "notes": self.notes,
            "figures": self.figures,
            "fn": self.fn,
            "targets": self.targets,
            "units": self.units,
            "provenance": {
                name: {key: result.provenance[key] for key in ("input_digest", "result_digest", "seed", "rules")}
                for name, result in (("before", self.before), ("after", self.after))
            },
        }
        converted: dict[str, Any] = plain(content)
        return converted

    def save(self, folder: str | Path) -> Path:
        """Write ``whatif.json`` and every table; files of the same names are replaced."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_json(target / "whatif.json", self.to_dict())
        for name in ("notes", "figures", "fn", "targets", "units"):
            table: pd.DataFrame = getattr(self, name)
            write_table(target / f"{name}.csv", table)
        return target


def whatif(
    before: Assessment, park: Park, name: str = "", *, rules: str | None = None, progress: Progress | None = None
) -> WhatIf:
    """Assess a changed park and compare it with the park before.

    Parameters
    ----------
    before : Assessment
        Its settings and seed hold after the change, too; only what the change touches is computed.
    park : Park
        After the change.
    name : str
        Of the scenario.
    rules : str, optional
        As ``before`` was asked for.
    progress : callable, optional
    """
    seed = before.provenance["seed"]
    after = assess(park, settings=before.settings, rules=rules, seed=seed, previous=before, progress=progress)
    return WhatIf(name, before, after)


def overview(found: Iterable[WhatIf]) -> pd.DataFrame:
    """One row per scenario, the park as it is first: scenario, and every figure of `FIGURES`.

    Takes one after the other, so that not all assessments need to be in memory at once.
    """
    rows: list[dict[str, Any]] = []
    for each in found:
        if not rows:
            rows.append({"scenario": "", **_figures(each.before)})
        rows.append({"scenario": each.name, **_figures(each.after)})
    return pd.DataFrame(rows, columns=["scenario", *(name for name, _, _ in FIGURES)])


def _figures(result: Assessment) -> dict[str, Any]:
    targets = result.targets
    return {
        "grade": result.grade.letter,
        "score": float(result.grade.score),
        "pll": float(result.pll),
        "largest_risk": float(targets["individual_risk"].max()) if len(targets) else 0.0,
        "largest_ratio": float((targets["individual_risk"] / targets["limit"]).max()) if len(targets) else 0.0,
        "targets_over_limit": int((targets["status"] == "fail").sum()),
        "targets_unknown": int((targets["status"] == "unknown").sum()),
        **{f"f_{number}": _frequency(result, float(number)) for number in (1, 10, 100)},
        "fn_zone": " / ".join(possible_zones(result.fn["zone"])),
        "domino": float(result.domino.secondary_frequency.sum()),
        "units": len(result.park.tables["units"]),
    }


def _frequency(result: Assessment, number: float) -> float:
    """Frequency of so many deaths or more; the curve has a point at every such number up to its end. [1/yr]"""
    fn = result.fn[result.fn["N"] >= number]
    return float(fn["F"].iloc[0]) if len(fn) else 0.0


def _words(fault: Problem) -> tuple[str, ...]:
    """A warning without its row number, which a changed park does not have."""
    return fault.table, fault.column, fault.found, fault.message_zh, fault.message_en


def _rows(park: Park) -> dict[str, tuple[Any, ...]]:
    """Everything that stands in the tables about each unit and transport."""
    found: dict[str, list[str]] = {}
    for name, key in (("units", "unit_id"), ("transport", "transport_id"), ("contents", "unit_id")):
        frame = park.tables[name]
        for row in frame.to_dict("records"):
            found.setdefault(row[key], []).append(f"{name}{row}")
    return {unit: tuple(rows) for unit, rows in found.items()}


def _change(before: tuple[Any, ...] | None, after: tuple[Any, ...] | None) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    return "altered" if before != after else ""
