"""Fragments of vessels that burst, as escalation vectors: how likely each burst throws one that fails another unit."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models.blast.flight import TooSlow
from parkrisk.models.blast.fragments import Fragments, vessel_fragments
from parkrisk.models.blast.vessel_burst import VesselBurst
from parkrisk.models.constants import constants
from parkrisk.models.vulnerability import penetration
from parkrisk.scenarios.events.bursts import BurstThenFire
from parkrisk.scenarios.facility.loads import FragmentRows, Places
from parkrisk.scenarios.facility.network import Floats, Indices

__all__ = ["FLAGS", "LEAST_SIZE", "NEGLIGIBLE", "fragment_rows"]

#: Codes of the caveats of every fragment.
FLAGS = ("unverified:fragments", *penetration.FLAGS)

#: Rarer failures, given the burst, are left out: bursts themselves come about less than once in 1e4 years.
NEGLIGIBLE = 1e-9
#: Diameter or height of a unit that has none. [m]
LEAST_SIZE = 1.0


def fragment_rows(
    places: Places,
    units: pd.DataFrame,
    outcomes: Sequence[Any],
    outcome_index: Indices,
    content_mass: Floats,
) -> FragmentRows:
    """Fragments of all sources.

    Parameters
    ----------
    places : Places
        Geometry.
    units : DataFrame
        equipment_class, volume_m3, as `parkrisk.scenarios.facility.graph.unit_table` gives them.
    outcomes : sequence
        Vessel bursts, alone or with the fire that follows at once, throw fragments.
    outcome_index : int array, shape (n_sources, n_weathers)
        As ``Events.outcome_index``.
    content_mass : array, shape (n_sources,)
        That the vessel of the source holds; NaN: not known, so that it slows nothing. [kg]

    Returns
    -------
    FragmentRows
        Chance that at least one fragment hits the unit fast enough to go through its wall. A unit is a box of its
        diameter and height, wider by the fragment; its wall is as thin as those of its class are built, and the plate
        hits it edge-on, since neither is known: both err on the safe side. Fragments fly whatever the wind, and the
        burst of a vessel is the same in every weather; where an event bursts in some weathers only, the worst counts.

    Notes
    -----
    See `parkrisk.models.blast.fragments.vessel_fragments` and `parkrisk.models.vulnerability.penetration`, whose
    caveats the flags carry. That long vessels throw their ends along their axis is left out: the axis is not known.
    """
    of_outcome = [_burst(outcome) for outcome in outcomes]
    walls = _walls(units)
    found: list[tuple[Indices, Floats]] = []
    number: dict[Any, int] = {}
    row = np.full(len(outcome_index), -1, dtype=np.int32)
    for source, (own, mass) in enumerate(zip(places.own.tolist(), np.nan_to_num(content_mass).tolist(), strict=True)):
        bursts = {of_outcome[index]: None for index in outcome_index[source].tolist() if index >= 0}
        bursts.pop(None, None)
        if not bursts:
            continue
        key = (own, mass, *places.source[source].tolist(), *bursts)
        if key not in number:
            thrown = [_thrown(burst, units.iloc[own], mass) for burst in bursts if burst is not None]
            parts = [_chances(each, places, source, walls) for each in thrown if each is not None]
            chance = np.max([np.zeros(len(units)), *parts], axis=0)
            target = np.nonzero((chance >= NEGLIGIBLE) & (np.arange(len(units)) != own))[0].astype(np.int32)
            number[key] = len(found) if target.size else -1
            found += [(target, chance[target])] if target.size else []
        row[source] = number[key]
    return FragmentRows(
        row,
        np.cumsum([0, *(target.size for target, _ in found)], dtype=np.int64),
        np.concatenate([np.zeros(0, np.int32), *(target for target, _ in found)]),
        np.concatenate([np.zeros(0), *(chance for _, chance in found)]),
        FLAGS if found else (),
    )


def _burst(outcome: Any) -> VesselBurst | None:
    if isinstance(outcome, BurstThenFire):
        return outcome.burst
    return outcome if isinstance(outcome, VesselBurst) else None


def _thrown(burst: VesselBurst, unit: pd.Series, content_mass: float) -> Fragments | None:
    """Fragments of a unit, None if they hardly move.

    A burst may be that of the gas above its liquid only, or of a volume that is not listed.
    """
    volume = max(float(unit["volume_m3"]), burst.volume)
    try:
        return vessel_fragments(burst, volume, 2.0 * float(unit["radius_m"]), content_mass)
    except TooSlow:
        return None


def _chances(thrown: Fragments, places: Places, source: int, walls: Floats) -> Floats:
    """Chance that a fragment fails each unit, shape (n_units,)."""
    offset = places.unit - places.source[source]
    across = np.maximum(2.0 * places.radius, LEAST_SIZE) + thrown.breadth
    up = np.maximum(places.height, LEAST_SIZE) + 0.5 * thrown.breadth
    edge = math.sqrt(4.0 * thrown.thickness * thrown.breadth / math.pi)
    speed = np.sqrt(2.0 * penetration.perforation_energy(walls, edge) / thrown.mass)
    return thrown.impact_probability(np.hypot(offset[:, 0], offset[:, 1]), across, up, across, speed)


def _walls(units: pd.DataFrame) -> Floats:
    """Thickness of each unit's wall, the thinnest of its class, shape (n_units,). [m]"""
    table = constants("fragility")
    thinnest = {name: table[f"{name}_wall"].value for name in units["equipment_class"].unique()}
    return units["equipment_class"].map(thinnest).to_numpy(float)
