"""What becomes of a unit that loses its whole content: how likely that burns, and the events that it may turn into."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parkrisk.scenarios.events.directions import expected_frequency
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.events.own_losses import losses_of
from parkrisk.scenarios.events.stretches import lines_of
from parkrisk.scenarios.facility.escalation import WHOLE_CONTENT
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

__all__ = ["BURNING", "STATES", "WholeLosses", "whole_losses"]

#: Outcomes in which the content burns or explodes.
BURNING = ("pool_fire", "jet_fire", "fireball", "flash_fire", "explosion", "detonation")

#: What is known of the loss of the whole content of a unit.
STATES = {
    "known": ("已计算", "computed"),
    "harmless": ("无可计算影响", "no computable effect"),
    "not_computed": ("未能计算：后果未知", "could not be computed: consequences unknown"),
    "no_loss": ("场景集无全部泄漏场景：后果未知", "the set has no loss of its whole content: consequences unknown"),
}


@dataclass(frozen=True)
class WholeLosses:
    """Loss of the whole content of every unit.

    Parameters
    ----------
    units : DataFrame
        Index unit_id; loss_frequency (of the loss by itself) [1/yr], ignition (chance that it burns or explodes, at
        once or later; NaN: unknown), state (one of ``STATES``).
    events : DataFrame
        event_id, unit_id, burns, share: how many of that event there are per loss.
    """

    units: pd.DataFrame
    events: pd.DataFrame


def whole_losses(park: Park, events: Events, rose: WindRose, loss_set: str) -> WholeLosses:
    """Find what becomes of each unit in service that loses its whole content.

    Parameters
    ----------
    park : Park
    events : Events
        Primary events of the park; others are passed over.
    rose : WindRose
    loss_set : str
        With which they were found.

    Returns
    -------
    WholeLosses
        A unit burns as often as its own loss of the whole content does in the event tree.
    """
    table = events.table.assign(often=expected_frequency(events, rose))
    table = table[(table["origin"] == "primary") & table["loc"].isin(WHOLE_CONTENT)]
    lost = _loss_frequency(park, loss_set)
    own = lost.reindex(table["unit_id"]).to_numpy(float)
    found = table[["event_id", "unit_id"]].assign(
        burns=table["outcome"].isin(BURNING), share=table["often"].to_numpy(float) / own
    )
    burns = found[found["burns"]].groupby("unit_id")["share"].sum().clip(upper=1.0)
    dropped = events.dropped[events.dropped["loc"].isin(("", *WHOLE_CONTENT))]
    reasons = dropped[dropped["reason"].isin(("not_computed", "cut_off"))]
    state = pd.Series("harmless", index=lost.index)
    state[state.index.isin(table["unit_id"])] = "known"
    state[np.isnan(lost)] = "no_loss"
    state[state.index.isin(reasons["unit_id"])] = "not_computed"
    ignition = burns.reindex(lost.index).fillna(0.0)
    ignition[state.isin(("no_loss", "not_computed")) & ~lost.index.isin(burns.index)] = np.nan
    units = pd.DataFrame({"loss_frequency": lost, "ignition": ignition, "state": state})
    return WholeLosses(units, found[np.isfinite(own)].reset_index(drop=True))


def _loss_frequency(park: Park, loss_set: str) -> "pd.Series[float]":
    """How often each unit in service loses its whole content by itself; NaN: the set has no such loss. [1/yr]"""
    lines = lines_of(park.tables["lines"])
    own = {str(unit_id): rows.to_dict("records") for unit_id, rows in park.tables["losses"].groupby("unit_id")}
    found: dict[str, float] = {}
    for unit in park.tables["units"].to_dict("records"):
        if unit["in_service"] == "no":
            continue
        if unit["line_id"] and math.isnan(unit["length_m"]):
            unit["length_m"] = float(lines[unit["line_id"]].length)
        _, kept, _ = losses_of(unit, loss_set, own.get(unit["unit_id"], ()))
        whole = [loss.frequency for loss in kept if loss.loc in WHOLE_CONTENT]
        found[str(unit["unit_id"])] = math.fsum(whole) if whole else math.nan
    return pd.Series(found, dtype=np.float64)
