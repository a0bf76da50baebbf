"""Checks of what protects units in cascades: barriers and stations."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.messages import problem

__all__ = ["barriers_fit", "responses_fit"]

#: Kinds of which a unit has one at most: what two of them do together nobody could say.
_SINGLE = ("deluge", "fireproofing")
#: A share above this is one in per cent.
_LIKELY_SHARE = 5.0
_PER_CENT: Mapping[str, Any] = {"hint_zh": "；像是百分数", "hint_en": "; it looks like per cent"}


def _row(number: Any) -> int | None:
    return int(number) or None


def _number(value: Any) -> float | None:
    return None if value != value else float(value)


def barriers_fit(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield barriers that stand twice, keep off more heat than there is, or have a supply that does not fit."""
    kinds = {each.value: each for each in schema.choices("barrier_kind")}
    first: dict[tuple[str, str], int] = {}
    supplies: dict[str, tuple[float, int]] = {}
    table = frames["barriers"]
    for number, row in zip(table.index.tolist(), table.to_dict("records"), strict=True):
        unit, kind, system, stated = row["unit_id"], row["kind"], row["system"], _number(row["system_pfd"])
        labels = kinds.get(kind)
        words: dict[str, Any] = {"unit": unit, "kind_zh": labels.label_zh, "kind_en": labels.label_en} if labels else {}
        here = functools.partial(problem, table="barriers", row=_row(number))
        if kind in _SINGLE and (unit, kind) in first:
            yield here("barrier_twice", column="unit_id", found=row["barrier_id"], first=first[unit, kind], **words)
        first.setdefault((unit, kind), number)
        if kind == "deluge" and row["rating"] > 1.0:
            hint = _PER_CENT if row["rating"] > _LIKELY_SHARE else {}
            yield here("deluge_share", column="rating", found=row["rating"], **hint)
        elif kind == "deluge" and row["rating"] == 1.0:
            yield here("deluge_all_heat", column="rating", found=row["rating"], **words)
        if system and labels and kind != "deluge":
            yield here("system_of_other", column="system", found=system, **words)
        if stated is None:
            continue
        if not system:
            yield here("supply_without_system", column="system_pfd", found=stated)
        elif supplies.setdefault(system, (stated, number))[0] != stated:
            expected, earlier = supplies[system]
            there: dict[str, Any] = {"system": system, "first": earlier, "expected": expected}
            yield here("system_pfd_differs", column="system_pfd", found=stated, **there)


def responses_fit(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield stations with a standard deviation and no mean, or one above it."""
    table = frames["response"]
    alone = table[table["mean_min"].isna() & table["sd_min"].notna()]
    for number, value in zip(alone.index.tolist(), alone["sd_min"].tolist(), strict=True):
        yield problem("sd_without_mean", "response", _row(number), "sd_min", value)
    wide = table[table["sd_min"] > table["mean_min"]]
    for number, value, mean in zip(
        wide.index.tolist(), wide["sd_min"].tolist(), wide["mean_min"].tolist(), strict=True
    ):
        yield problem("sd_above_mean", "response", _row(number), "sd_min", value, expected=mean)
