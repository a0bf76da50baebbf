"""Checks of what says where losses of containment happen and how often: lines, own losses, transport."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.errors import Problem
from parkrisk.scenarios import schema
from parkrisk.scenarios.events.losses import loss_names
from parkrisk.scenarios.events.transport import has_rate
from parkrisk.scenarios.messages import problem

__all__ = ["lines_have_length", "lines_of_pipelines", "own_losses", "transport_rates"]

#: The length of a pipeline may differ from that of its line by this share before it is named: bends, slack.
_LENGTH_TOLERANCE = 0.2

#: What a loss needs beside its frequency, by the way it is released.
_NEEDED = {"hole": "hole_mm", "rate": "rate_kg_s"}


def _row(number: Any) -> int | None:
    return int(number) or None


def _lengths(lines: pd.DataFrame) -> dict[str, float]:
    """Length of each line, NaN where a corner is not known. [m]"""
    found = {}
    for line_id, corners in lines.sort_values("point").groupby("line_id"):
        steps = np.diff(corners[["x", "y"]].to_numpy(dtype=np.float64), axis=0)
        found[str(line_id)] = float(np.hypot(steps[:, 0], steps[:, 1]).sum())
    return found


def lines_have_length(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield lines without two corners at different places."""
    lines = frames["lines"]
    for line_id, length in _lengths(lines).items():
        if length == 0.0:
            yield problem("line_too_short", "lines", _row(lines.index[lines["line_id"] == line_id][0]), "x", line_id)


def lines_of_pipelines(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield units with a line that are no pipelines, and pipelines of another length than their line."""
    units, length = frames["units"], _lengths(frames["lines"])
    columns = (units[name].tolist() for name in ("unit_id", "kind", "line_id", "length_m"))
    for number, unit, kind, line, own in zip(units.index.tolist(), *columns, strict=True):
        if not line:
            continue
        if kind and kind != "pipeline":
            yield problem("line_of_a_vessel", "units", _row(number), "line_id", unit)
        along = length.get(line, np.nan)
        if abs(own - along) > _LENGTH_TOLERANCE * along:
            yield problem("length_of_line", "units", _row(number), "length_m", own, expected=f"{along:.0f}")


def own_losses(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield losses that lack what their release needs, and those that do not fit the sets."""
    kinds = dict(zip(frames["units"]["unit_id"], frames["units"]["kind"], strict=True))
    table = frames["losses"]
    for number, row in zip(table.index, table.to_dict("records"), strict=True):
        kind = kinds.get(row["unit_id"], "")
        if row["action"] != "remove":
            for column in ("release", "frequency", _NEEDED.get(row["release"], "release")):
                if row[column] == "" or row[column] != row[column]:
                    yield problem("loss_incomplete", "losses", _row(number), column, row["loc"])
                    break
        known = loss_names(kind)
        if not kind or not row["loc"] or (row["action"] == "add") != (row["loc"] in known):
            continue
        if row["action"] == "add":
            yield problem("loss_known", "losses", _row(number), "action", row["loc"])
        else:
            near = schema.nearest(row["loc"], known)
            yield problem("loss_not_known", "losses", _row(number), "loc", row["loc"], kind=kind, near=near)


def transport_rates(frames: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield transport without a rate, with a rate from nowhere, or under the id of a unit."""
    units = set(frames["units"]["unit_id"])
    table = frames["transport"]
    for number, row in zip(table.index, table.to_dict("records"), strict=True):
        if row["transport_id"] in units:
            yield problem("id_of_a_unit", "transport", _row(number), "transport_id", row["transport_id"])
        stated = row["rate_per_vehicle_km"] == row["rate_per_vehicle_km"]
        if stated and not row["rate_source"]:
            yield problem("rate_without_source", "transport", _row(number), "rate_source")
        if not stated and row["mode"] and row["vehicle"] and not has_rate(row["mode"], row["vehicle"]):
            found = f"{row['mode']}, {row['vehicle']}"
            yield problem("no_transport_rate", "transport", _row(number), "rate_per_vehicle_km", found)
