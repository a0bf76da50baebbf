"""Candidate measures against cascades, as a table, and the facility with some of them in place."""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.facility.graph import Facility, unit_table
from parkrisk.scenarios.facility.network import Network, id_key, id_keys
from parkrisk.scenarios.facility.protection import deluge_fails
from parkrisk.scenarios.messages import problem
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.reading.cells import range_words, typed
from parkrisk.scenarios.reading.csv_files import read_table

__all__ = ["never_failing", "only_better", "protected", "read_measures"]

_TABLE = "measures"
_DELUGE, _FIREPROOFING = "deluge", "fireproofing"
_OF_THE_WHOLE = ("cost", "service_years")  # said of a measure, not of what it does to one unit


def read_measures(path: str | Path, park: Park) -> pd.DataFrame:
    """Read a table of candidate measures and check it against a park.

    Parameters
    ----------
    path : path
        CSV file with the columns of ``schema/measures.csv``.
    park : Park
        Whose units they protect.

    Returns
    -------
    DataFrame
        One row per measure, unit and kind, sorted by them; an unknown cost is NaN.

    Raises
    ------
    InputProblems
        With every fault at once: cells that do not fit, units that are unknown or out of service, kinds that change
        nothing in a cascade, rows given twice, and rows of one measure or supply that disagree.
    """
    raw, problems = read_table(path, _TABLE)
    if raw is None:
        raise InputProblems(problems)
    table, faults = typed(raw)
    problems += faults
    problems += [*_wrong_units(table, park), *_wrong_kinds(table), *_repeated(table), *_disagreeing(table)]
    problems += _wrong_supplies(table, park)
    if any(fault.severity == "error" for fault in problems):
        raise InputProblems(problems)
    return table.sort_values(["measure_id", "unit_id", "kind"], ignore_index=True)


def _wrong_units(table: pd.DataFrame, park: Park) -> Iterator[Problem]:
    known = set(unit_table(park.tables["units"])["unit_id"])
    for row, unit in table["unit_id"].items():
        if unit and unit not in known:
            near = schema.nearest(unit, known)
            yield problem("measure_unit", _TABLE, _row(row), "unit_id", unit, near=near)


def _wrong_kinds(table: pd.DataFrame) -> Iterator[Problem]:
    kinds = {each.value: each for each in schema.choices("barrier_kind")}
    for row, kind, rating in zip(table.index, table["kind"], table["rating"], strict=True):
        if kind and kind not in (_DELUGE, _FIREPROOFING):
            words = {"kind_zh": kinds[kind].label_zh, "kind_en": kinds[kind].label_en}
            yield problem("measure_has_no_effect", _TABLE, _row(row), "kind", kind, **words)
        if kind == _DELUGE and rating > 1.0:
            column = schema.table(_TABLE).columns["rating"]
            yield problem("out_of_range", _TABLE, _row(row), "rating", rating, **range_words(column, 0.0, 1.0))


def _repeated(table: pd.DataFrame) -> Iterator[Problem]:
    first: dict[tuple[str, ...], Any] = {}
    for row, *key in table[["measure_id", "unit_id", "kind"]].itertuples():
        before = first.setdefault(tuple(key), row)
        if before != row and all(key):
            yield problem("measure_repeated", _TABLE, _row(row), "measure_id", key[0], first=before)


def _disagreeing(table: pd.DataFrame) -> Iterator[Problem]:
    for measure, rows in table.groupby("measure_id", sort=False):
        for column in _OF_THE_WHOLE:
            other = rows[column].iloc[0]
            for row, value in rows[column].items():
                if value != other and not (pd.isna(value) and pd.isna(other)):
                    yield problem("measure_differs", _TABLE, _row(row), column, value, measure=measure, other=other)
    for row, currency in table["currency"].items():
        if currency != table["currency"].iloc[0]:
            other = table["currency"].iloc[0]
            yield problem("measure_currency", _TABLE, _row(row), "currency", currency, other=other)


def _wrong_supplies(table: pd.DataFrame, park: Park) -> Iterator[Problem]:
    barriers, in_service = park.tables["barriers"], unit_table(park.tables["units"])["unit_id"]
    known = set(barriers.loc[barriers["unit_id"].isin(in_service), "system"])  # whom the others feed, nobody plays
    given: dict[str, float] = {}
    for row, kind, supply, pfd in zip(table.index, table["kind"], table["system"], table["system_pfd"], strict=True):
        if not supply:
            continue
        if kind == _FIREPROOFING:
            yield problem("supply_without_deluge", _TABLE, _row(row), "system", supply)
        if supply in known:
            if not pd.isna(pfd):
                yield problem("supply_is_there", _TABLE, _row(row), "system_pfd", pfd, supply=supply)
        elif pd.isna(pfd):
            yield problem("supply_without_pfd", _TABLE, _row(row), "system_pfd", supply=supply)
        elif pfd != given.setdefault(supply, pfd):
            words = {"supply": supply, "other": given[supply]}
            yield problem("supply_differs", _TABLE, _row(row), "system_pfd", pfd, **words)


def _row(label: Any) -> int:
    return int(label)


def protected(facility: Facility, rows: pd.DataFrame) -> Facility:
    """Facility with the measures of these rows in place; its loads stay as they are.

    Parameters
    ----------
    facility : Facility
    rows : DataFrame
        As `read_measures` gives them.

    Notes
    -----
    A unit has one deluge and one fireproofing. Of several, those it has already among them, the one counts that keeps
    off most heat, or holds longest, in the mean over its failures: a second one earns nothing. Of equals the one that
    is there stays, then the first by measure_id.
    """
    net = facility.network
    place = {unit: at for at, unit in enumerate(facility.units["unit_id"].tolist())}
    supplies = dict(zip(net.system_key.tolist(), range(net.system_key.size), strict=True))
    pfds = net.system_fails.tolist()
    new = net._replace(
        delay=net.delay.copy(),
        delay_fails=net.delay_fails.copy(),
        deluge_factor=net.deluge_factor.copy(),
        deluge_fails=net.deluge_fails.copy(),
        system=net.system.copy(),
    )
    for row in rows.sort_values(["measure_id", "unit_id", "kind"], kind="stable").to_dict("records"):
        at = place[row["unit_id"]]
        if row["kind"] == _FIREPROOFING:
            _fireproof(new, at, 60.0 * row["rating"], row["pfd"])
            continue
        system = -1
        if row["system"]:
            key = id_key(row["system"])
            if key not in supplies:
                supplies[key] = len(pfds)
                pfds.append(row["system_pfd"])
            system = supplies[key]
        _drench(new, at, 1.0 - row["rating"], float(deluge_fails(row["pfd"])), system, pfds)
    keys = np.array(list(supplies), dtype=np.uint64)
    return dataclasses.replace(facility, network=new._replace(system_key=keys, system_fails=np.array(pfds, float)))


def _fireproof(net: Network, at: int, delay: float, fails: float) -> None:
    if (1.0 - fails) * delay > (1.0 - net.delay_fails[at]) * net.delay[at]:
        net.delay[at], net.delay_fails[at] = delay, fails


def _drench(net: Network, at: int, factor: float, fails: float, system: int, pfds: list[float]) -> None:
    def kept_off(share: float, own: float, supply: int) -> float:
        return (1.0 - share) * (1.0 - own) * (1.0 - (pfds[supply] if supply >= 0 else 0.0))

    here = float(net.deluge_factor[at]), float(net.deluge_fails[at]), int(net.system[at])
    if kept_off(factor, fails, system) > kept_off(*here):
        net.deluge_factor[at], net.deluge_fails[at], net.system[at] = factor, fails, system


def only_better(old: Network, new: Network) -> bool:
    """Whether every barrier of ``new`` works whenever that of ``old`` does, and does as much.

    A stronger barrier that fails more often, or hangs on another supply, may replace one that is there: then a unit may
    fail where it stood before.
    """
    supplied = (
        np.append(old.system_key, np.uint64(0))[old.system] == np.append(new.system_key, np.uint64(0))[new.system]
    )
    proof = (new.delay >= old.delay) & (new.delay_fails <= old.delay_fails) | (old.delay == 0.0)
    wet = (new.deluge_factor <= old.deluge_factor) & (new.deluge_fails <= old.deluge_fails) & supplied
    return bool(np.all(proof & (wet | (old.deluge_factor == 1.0))))


def never_failing(facility: Facility, unit_ids: Iterable[str], *, heat_only: bool = False) -> Facility:
    """Facility in which these units withstand every cascade, or all its heat: no measure on them can do better."""
    net = facility.network
    spared = np.isin(net.unit_key, id_keys(unit_ids))
    safe = net._replace(heat_threshold=np.where(spared, np.inf, net.heat_threshold))
    if not heat_only:
        safe = safe._replace(
            blast_probability=np.where(spared[net.blast_target], 0.0, net.blast_probability),
            fragment_probability=np.where(spared[net.fragment_target], 0.0, net.fragment_probability),
        )
    return dataclasses.replace(facility, network=safe)
