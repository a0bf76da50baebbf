"""Whether external distances are met, as quantities that rules name."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from parkrisk.risk.distances.judge import Evidence, Site, judged
from parkrisk.risk.distances.standard import METHOD_NAMES
from parkrisk.risk.rules.facts import Fact, Facts, known, unknown
from parkrisk.risk.rules.judge import weakest
from parkrisk.risk.rules.sets import RuleSet
from parkrisk.scenarios.park import Park, Project

__all__ = ["distance_facts", "evidence_of", "met", "park_distances"]

_ORIGIN = "computed: GB/T 37243-2019, engine's reading"


def evidence_of(park: Park, rules: RuleSet, project: Project | None = None, own: Collection[str] = ()) -> Evidence:
    """What a park, and a project about its own hazard units, state."""
    stated = {"park": park} if project is None else {"park": park, "project": project}

    def facts(*sides: str) -> Facts:
        return Facts(
            rules.date,
            answers={side: stated[side].tables["answers"] for side in sides},
            indicators={side: stated[side].tables["indicators"] for side in sides},
            accepts=rules.accepts,
        )

    return Evidence(facts("park")) if project is None else Evidence(facts("park"), facts(*stated), own)


def park_distances(site: Site, rules: RuleSet) -> Mapping[str, Fact]:
    """The quantities ``risk.external_distance_…`` of a park, and ``enterprise.external_distance_met[ID]``."""
    table = judged(site, evidence_of(site.park, rules))
    owners = table["enterprise_id"].str.split(";")
    names = sorted({name for each in owners for name in each})
    return distance_facts("risk", table) | {
        f"enterprise.external_distance_met[{name}]": met(table[[name in each for each in owners]]) for name in names
    }


def distance_facts(prefix: str, table: pd.DataFrame) -> dict[str, Fact]:
    """Quantities ``prefix.external_distance_met`` and ``prefix.external_distance_method_known``.

    Parameters
    ----------
    prefix : str
        "risk", "after" or "project".
    table : DataFrame
        As `judged` gives it, or some of its rows.
    """
    open_ends = table.loc[table["method"] == "undetermined", "missing"]
    chosen = known(True, origin=_ORIGIN, mark=weakest(table["mark"]))
    if len(open_ends):
        chosen = unknown(*dict.fromkeys(entry for missing in open_ends for entry in missing))
    return {f"{prefix}.external_distance_met": met(table), f"{prefix}.external_distance_method_known": chosen}


def met(table: pd.DataFrame) -> Fact:
    """Whether every installation keeps its distance: False if one does not, unknown while one is not known to.

    Nothing to judge is met; a park without targets is unknown, since its rows are.
    """
    status = table["status"].to_numpy(dtype=str)
    if not len(table) or (status == "not_applicable").all():
        # Rows stand for installations; where there are targets, some class has one.
        return replace(
            known(True, origin=_ORIGIN),
            detail_zh="没有适用 GB/T 37243 的装置或设施",
            detail_en="no installation that GB/T 37243 covers",
        )
    decided = next(each for each in ("fail", "unknown", "pass") if (status == each).any())
    rows = table[status == decided]
    missing = dict.fromkeys(entry for entries in rows["missing"] for entry in entries)
    mark = weakest(table.loc[status != "not_applicable", "mark"])
    fact = unknown(*missing) if decided == "unknown" else known(decided == "pass", origin=_ORIGIN, mark=mark)
    ratio = rows["ratio"].to_numpy(dtype=np.float64)
    row = rows.iloc[int(np.argmax(np.where(np.isnan(ratio), -1.0, ratio)))]
    zh, en = _words(row)
    return replace(fact, origin=_ORIGIN, mark=mark, detail_zh=zh, detail_en=en)


def _words(row: pd.Series) -> tuple[str, str]:
    """What one row says, in Chinese and English."""
    method_zh, method_en = METHOD_NAMES[row["method"]]
    zh, en = f"单元 {row['hazard_unit_id']}，{method_zh}", f"installation {row['hazard_unit_id']}, {method_en}"
    if row["worst_target"]:
        zh, en = f"{zh}，{row['worst_name']}", f"{en}, {row['worst_name']}"
    if not np.isnan(row["risk"]):
        zh += f" {row['risk']:.2e} /年，基准 {row['risk_limit']:.0e} /年"
        en += f" {row['risk']:.2e} per year, limit {row['risk_limit']:.0e} per year"
    elif not np.isnan(row["available_m"]):
        needed = ("要求距离未填报", "the distance required is not stated")
        if not np.isnan(row["required_m"]):
            needed = (f"要求 {row['required_m']:.0f} m", f"required {row['required_m']:.0f} m")
        elif row["status"] != "unknown":
            needed = ("依据证明材料判定", "judged by the evidence")
        zh += f" 相距 {row['available_m']:.0f} m，{needed[0]}"
        en += f" {row['available_m']:.0f} m away, {needed[1]}"
    return zh, en
