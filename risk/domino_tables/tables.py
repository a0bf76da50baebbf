"""Result tables of a park's cascades: indices become ids, seconds minutes, and what was sampled joins what is exact."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.risk.domino_tables.metrics import graph_metrics
from parkrisk.scenarios.facility.edges import VECTORS
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats


def by_unit(unit: Any, values: Any, n_units: int) -> Floats:
    """Sum of values by unit, shape (n_units,)."""
    return np.bincount(np.asarray(unit, np.intp), np.asarray(values, float), minlength=n_units).astype(np.float64)


def _ids(facility: Facility, index: pd.Series) -> Any:
    return facility.units["unit_id"].to_numpy(object)[index.to_numpy(np.intp)]


def _summed(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Frequencies of rows with equal keys, and the standard errors of their sums; rows are independent."""
    squared = table[[*keys, "frequency", "standard_error"]].assign(standard_error=table["standard_error"] ** 2)
    out = squared.groupby(keys, as_index=False).sum()
    return out.assign(standard_error=np.sqrt(out["standard_error"]))


def _per(values: Any, started: Floats) -> Floats:
    """Values per fire or explosion; 0 for a unit that has none."""
    whole = np.asarray(values, dtype=np.float64)
    return np.divide(whole, started, out=np.zeros(whole.size), where=started > 0.0)


def with_direct(sampled: pd.DataFrame, direct: pd.DataFrame) -> pd.DataFrame:
    """Add to the sampled failures those that a primary event alone brings about."""
    table = sampled.merge(direct, on=["start", "unit"], how="outer")
    table = table.fillna({"direct": 0.0, "frequency": 0.0, "standard_error": 0.0, "order": 1})
    table["frequency"] += table["direct"]
    return table.astype({"start": int, "unit": int, "order": int})


def pair_table(facility: Facility, found: pd.DataFrame, started: Floats) -> pd.DataFrame:
    """``DominoResult.pairs``."""
    units = facility.units
    start, unit = found["start"].to_numpy(int), found["unit"].to_numpy(int)
    enterprise = units["enterprise_id"].to_numpy(object)
    x, y, radius = (units[name].to_numpy(float) for name in ("x", "y", "radius_m"))
    out = pd.DataFrame({"from_unit": _ids(facility, found["start"]), "to_unit": _ids(facility, found["unit"])})
    ids = pd.Index(units["unit_id"])
    ends = (ids.get_indexer(pd.Index(facility.edges[name])).astype(np.int64) for name in ("from_unit", "to_unit"))
    place = pd.Index(next(ends) * len(ids) + next(ends)).get_indexer(pd.Index(start * len(ids) + unit))
    for name in VECTORS:
        out[name] = np.append(facility.edges[name].to_numpy(float), 0.0)[place]  # the last: no edge
    gap = np.hypot(x[start] - x[unit], y[start] - y[unit]) - radius[start] - radius[unit]
    out["distance_m"] = np.maximum(gap, 0.0)
    columns = {"direct": "direct_probability", "frequency": "probability", "standard_error": "standard_error"}
    for name, title in columns.items():
        out[title] = found[name].to_numpy(float) / started[start]
    out["order"] = found["order"]
    for name, title in {"time_p10": "time_p10_min", "time": "time_min", "time_p90": "time_p90_min"}.items():
        out[title] = found[name] / 60.0
    out["frequency"] = found["frequency"]
    out["cross_enterprise"] = enterprise[start] != enterprise[unit]
    # Units stand by their ids.
    return out.take(np.lexsort((unit, start, -out["frequency"].to_numpy()))).reset_index(drop=True)


def chain_table(found: pd.DataFrame, started: Floats) -> pd.DataFrame:
    """``DominoResult.chains``."""
    table = pd.DataFrame(
        {
            "order": found["order"].astype(int),
            "units": found["units"].astype(object),
            "time_min": found["time"] / 60.0,
            "times_min": found["times"].astype(object),
            "probability": found["frequency"] / started[found["start"].to_numpy(int)],
            "frequency": found["frequency"],
            "standard_error": found["standard_error"],
        }
    )
    # Names decide between equal frequencies only; to sort all of them would take longer than all else here.
    tied = table["frequency"].duplicated(keep=False)
    rank, _ = pd.factorize(table["units"].where(tied, ""), sort=True)
    return table.take(np.lexsort((rank, -table["frequency"]))).reset_index(drop=True)


def unit_table(
    facility: Facility, found: pd.DataFrame, orders: pd.DataFrame, pairs: pd.DataFrame, started: Floats, often: Floats
) -> pd.DataFrame:
    """``DominoResult.units``; ``often``: how often each unit starts a cascade. [1/yr]"""
    ids = facility.units["unit_id"].tolist()
    n = len(ids)
    suffered = by_unit(found["unit"], found["frequency"], n)
    caused = by_unit(found["start"], found["frequency"], n)
    every = orders[orders["order"] == 0]
    table = pd.DataFrame(
        {
            "unit_id": ids,
            "enterprise_id": facility.units["enterprise_id"],
            "primary_frequency": started,
            "secondary_frequency": suffered,
            "standard_error": np.sqrt(by_unit(found["unit"], found["standard_error"] ** 2, n)),
            "expected_failures_caused": _per(caused, started),
            "expected_failures_error": _per(by_unit(every["start"], every["standard_error"], n), started),
            "domino_out": often,
            "domino_in": suffered,
            "rank_out": pd.Series(caused).rank(ascending=False, method="min").astype(int),
            "rank_in": pd.Series(suffered).rank(ascending=False, method="min").astype(int),
        }
    )
    return table.merge(graph_metrics(ids, pairs), on="unit_id")


def secondary_table(facility: Facility, units: pd.DataFrame) -> pd.DataFrame:
    """``DominoResult.secondary``."""
    table = pd.DataFrame(
        {
            "event_id": facility.units["secondary"],
            "unit_id": units["unit_id"],
            "frequency": units["secondary_frequency"],
        }
    )
    return table[(table["frequency"] > 0.0) & (table["event_id"] != "")].reset_index(drop=True)


def distribution_table(facility: Facility, found: pd.DataFrame, started: Floats, what: str, mean: str) -> pd.DataFrame:
    """Distribution over ``what``, of each starting unit and of the park.

    Parameters
    ----------
    facility : Facility
    found : DataFrame
        start, ``what``, frequency, standard_error.
    started : array, shape (n_units,)
        How often each unit burns or explodes. [1/yr]
    what : str
        "order" or "failed".
    mean : str
        Name of the column frequency / fire or explosion.

    Returns
    -------
    DataFrame
        from_unit ("": the park), ``what``, ``mean``, share (of all rows of the same from_unit), frequency,
        standard_error [1/yr].
    """
    table = found.sort_values(["start", what], ignore_index=True)
    park = _summed(table, [what])
    own = table.assign(from_unit=_ids(facility, table["start"]), started=started[table["start"].to_numpy(np.intp)])
    whole = pd.concat([park.assign(from_unit="", started=started.sum()), own], ignore_index=True)
    whole[mean] = whole["frequency"] / whole["started"]
    total = whole.groupby("from_unit")["frequency"].transform("sum")
    whole["share"] = whole["frequency"] / total.where(total > 0.0)
    return whole[["from_unit", what, mean, "share", "frequency", "standard_error"]]


def origin_table(facility: Facility, found: pd.DataFrame) -> pd.DataFrame:
    """``DominoResult.origins``: how often each unit fails in cascades that start in each enterprise."""
    owner = facility.units["enterprise_id"].to_numpy(object)
    table = pd.DataFrame(
        {
            "unit_id": _ids(facility, found["unit"]),
            "enterprise_id": owner[found["unit"].to_numpy(np.intp)],
            "from_enterprise": owner[found["start"].to_numpy(np.intp)],
            "frequency": found["frequency"],
            "standard_error": found["standard_error"],
        }
    )
    keys = ["unit_id", "enterprise_id", "from_enterprise"]
    out = _summed(table, keys)
    out["cross_enterprise"] = out["enterprise_id"] != out["from_enterprise"]
    return out.sort_values(
        ["unit_id", "frequency", "from_enterprise"], ascending=[True, False, True], ignore_index=True
    )


def enterprise_table(facility: Facility, reached: pd.DataFrame, origins: pd.DataFrame) -> pd.DataFrame:
    """``DominoResult.enterprises``: how often a cascade that starts in one enterprise reaches each other one."""
    owner: Mapping[int, str] = dict(enumerate(facility.units["enterprise_id"]))
    table = reached.sort_values(["start", "enterprise"], ignore_index=True)
    table = table.assign(from_enterprise=table["start"].map(owner).astype(object))
    out = _summed(table, ["from_enterprise", "enterprise"])
    out = out.rename(columns={"enterprise": "to_enterprise"})
    ends = ["from_enterprise", "to_enterprise"]
    failures = origins.rename(columns={"enterprise_id": "to_enterprise", "frequency": "failures"})
    failures = failures.groupby(ends, as_index=False).agg(failures=("failures", "sum"))
    out = out.merge(failures, on=ends, how="left").fillna({"failures": 0.0})
    out["cross_enterprise"] = out["from_enterprise"] != out["to_enterprise"]
    out = out[[*ends, "frequency", "standard_error", "failures", "cross_enterprise"]]
    return out.sort_values(["frequency", *ends], ascending=[False, True, True], ignore_index=True)
