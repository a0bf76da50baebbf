"""Ledgers of what is dangerous: substances, hazard units and the terms of their sums, losses of containment."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from parkrisk.api.report.material import Material, amount
from parkrisk.scenarios.events.directions import expected_frequency

__all__ = ["hazard_rows", "losses", "substances", "terms"]


def substances(material: Material) -> pd.DataFrame:
    """One row per substance in units in service: names, symbols, amounts and where; the largest amount first."""
    result = material.result
    terms = result.hazards.terms.merge(result.hazards.units[["hazard_unit_id", "enterprise_id"]], on="hazard_unit_id")
    grouped = terms.groupby("cas", sort=True)
    rows = grouped.agg(
        substance=(f"substance_{material.lang}", "first"),
        symbols=("symbols", "first"),
        Q_t=("Q_t", "first"),
        units=("unit_id", "nunique"),
        enterprises=("enterprise_id", "nunique"),
    )
    rows["mass_t"] = grouped["mass_t"].sum(min_count=1)
    events = result.events.table
    toxic = set(events.loc[events["outcome"] == "toxic_cloud", "cas"])
    rows = rows.reset_index()
    rows["toxic"] = ["yes" if cas in toxic else "no" for cas in rows["cas"]]
    return rows.sort_values(["mass_t", "cas"], ascending=[False, True], ignore_index=True)


def hazard_rows(material: Material) -> pd.DataFrame:
    """Hazard units with what they mainly hold and what is open, by level, then by falling R."""
    hazards = material.result.hazards
    summed = terms(material)
    contents = {
        unit: material.say("、", ", ").join(
            f"{name} {amount(mass)}/{critical:g}"
            for name, mass, critical, ratio in part[["substance", "mass_t", "Q_t", "q_over_Q"]].itertuples(index=False)
            if ratio == ratio and ratio > 0.0
        )
        for unit, part in summed.groupby("hazard_unit_id")
        for part in [part.head(3)]
    }
    rows = hazards.units.assign(
        contents=[contents.get(unit, "") for unit in hazards.units["hazard_unit_id"]],
        open=[_open(row, material) for row in hazards.units.to_dict("records")],
        level=hazards.units["level"].astype(float),
    )
    rows["level_text"] = [_level(row, material) for row in rows.to_dict("records")]
    return rows.sort_values(
        ["level", "R", "S", "hazard_unit_id"], ascending=[True, False, False, True], ignore_index=True
    )


def _open(row: Mapping[Any, Any], material: Material) -> str:
    """What is missing of a hazard unit, and within which bounds that leaves R."""
    words = list(row["missing"])
    if row["R"] != row["R"]:
        low, high = row["R_low"], row["R_high"]
        words.append(f"R {low:,.2f}–{high:,.2f}" if math.isfinite(high) else f"R ≥ {low:,.2f}")
    return material.say("、", ", ").join(words)


def _level(row: Mapping[Any, Any], material: Material) -> str | None:
    """Level of a hazard unit in words; None: not known."""
    if row["level"] == row["level"] and row["level"] is not None:
        return material.say(f"{'一二三四'[int(row['level']) - 1]}级", f"{int(row['level'])}")
    return material.say("不构成", "none") if row["major_hazard"] == "no" else None


def terms(material: Material) -> pd.DataFrame:
    """Terms of the sums of GB 18218, equal substances of a hazard unit together, largest q/Q first."""
    found = material.result.hazards.terms
    keys = ["hazard_unit_id", "cas", f"substance_{material.lang}", "Q_t", "Q_row_zh", "Q_row", "beta"]
    grouped = found.groupby(keys, dropna=False, sort=True)
    rows = grouped[["mass_t", "q_over_Q", "beta_q_over_Q"]].sum(min_count=1)
    rows["units"] = grouped["unit_id"].nunique()
    rows = rows.reset_index().rename(columns={f"substance_{material.lang}": "substance"})
    rows["row"] = rows[material.say("Q_row_zh", "Q_row")]
    return rows.sort_values(["q_over_Q", "hazard_unit_id", "cas"], ascending=[False, True, True], ignore_index=True)


def losses(material: Material) -> pd.DataFrame:
    """loc, outcome, events, units, frequency [1/yr], unverified of primary events; most frequent first."""
    result = material.result
    events = result.events.table
    events = events.assign(
        often=expected_frequency(result.events, result.surroundings.rose), open=events["mark"] == "M"
    )
    grouped = events[events["origin"] == "primary"].groupby(["loc", "outcome"], sort=True)
    rows = grouped.agg(
        events=("event_id", "size"),
        units=("unit_id", "nunique"),
        frequency=("often", "sum"),
        unverified=("open", "sum"),
    ).reset_index()
    return rows.sort_values(["frequency", "loc", "outcome"], ascending=[False, True, True], ignore_index=True)
