"""What is known exactly of the first step of cascades; units whose events do the same as in another park keep it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from parkrisk.risk.cascades.direct import Direct, direct_pairs, escalation_chance
from parkrisk.risk.cascades.keys import Starts
from parkrisk.risk.domino_tables.tables import by_unit
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats

__all__ = ["FirstSteps", "first_steps"]


@dataclass(frozen=True)
class FirstSteps:
    """Direct escalation, exactly.

    Parameters
    ----------
    static : bool
        As in `parkrisk.risk.domino.play_facility`.
    starts : mapping
        As `parkrisk.risk.cascades.keys.keys_of` gives them.
    units : Index of str
        The units that indices stand for.
    pairs : DataFrame
        start, unit (indices), direct: how often the events of one unit fail another, sorted. [1/yr]
    often : array, shape (n_units,)
        How often each unit starts a cascade. [1/yr]
    """

    static: bool
    starts: Starts
    units: pd.Index
    pairs: pd.DataFrame
    often: Floats


def first_steps(
    facility: Facility, direct: Direct, starts: Starts, *, static: bool, earlier: FirstSteps | None = None
) -> FirstSteps:
    """Find direct escalation, for the units alone that do not start the same cascades as before.

    Parameters
    ----------
    facility : Facility
    direct : Direct
        As `direct_escalation` gives it.
    starts : mapping
        As `keys_of` gives them.
    static : bool
    earlier : FirstSteps, optional
        Of another facility.
    """
    units = pd.Index(facility.units["unit_id"])
    before = earlier if earlier is not None and earlier.static == static else None
    known: Starts = {} if before is None else before.starts
    kept = np.array([unit in known and known[unit] == starts.get(unit) for unit in units], dtype=np.bool_)
    net, frequency = facility.network, facility.sources["frequency"].to_numpy(float)
    anew = np.nonzero(~kept[net.source_unit])[0].astype(np.int32)
    start, unit, values = direct_pairs(net, direct, frequency, anew)
    pairs = pd.DataFrame({"start": start, "unit": unit, "direct": values})
    chance = np.einsum("sc,sc->s", escalation_chance(net, direct, anew), net.class_probability[anew])
    often = by_unit(net.source_unit[anew], frequency[anew] * chance, len(units))
    if before is not None:
        place = units.get_indexer(before.units)
        good = np.append(kept, False)[place]  # -1: not there any more
        often[place[good]] = before.often[good]
        old = before.pairs[good[before.pairs["start"].to_numpy()]]
        old = old.assign(**{name: place[old[name].to_numpy()].astype(old[name].dtype) for name in ("start", "unit")})
        pairs = pd.concat([old, pairs], ignore_index=True).sort_values(["start", "unit"], ignore_index=True)
    return FirstSteps(static, starts, units, pairs, often)
