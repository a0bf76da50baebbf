"""From a park's events to its facility graph: which of them load others, and what a unit does when it fails in turn."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.vulnerability.fragility import TimeToFailureRule, time_to_failure_rule
from parkrisk.scenarios.events.directions import sector_chance
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.facility.engulfed import OVERFLOW
from parkrisk.scenarios.facility.fragments import fragment_rows
from parkrisk.scenarios.facility.graph import Facility, assemble, class_constants, unit_table
from parkrisk.scenarios.facility.known_loads import BLAST, HEAT, LoadBasis, known_rows
from parkrisk.scenarios.facility.loads import Places, Rows, outcome_rows, reach
from parkrisk.scenarios.facility.network import Keys, id_keys
from parkrisk.scenarios.facility.protection import protection_of
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

Array = NDArray[np.float64]

#: Losses of the whole content: what a unit suffers that fails in a cascade or by a natural hazard.
WHOLE_CONTENT = ("rupture", "instantaneous", "detonation")
_AT_ONCE = ("fireball", "pool_fire", "jet_fire")  # how it burns in a cascade, since there is fire around
_FEARED_HEAT = 15_000.0  # fires are compared by how far they reach with it [W/m²]
_FEARED_BLAST = 20_000.0  # the same for blasts [Pa]


def facility_graph(
    park: Park,
    events: Events,
    rose: WindRose,
    rule: TimeToFailureRule | None = None,
    *,
    least_share: float = 0.1,
    earlier: Facility | None = None,
) -> Facility:
    """Build the facility graph of a park.

    Parameters
    ----------
    park : Park
        Its units in service are the nodes; barriers and stations protect them.
    events : Events
        Those with heat or blast are the sources.
    rose : WindRose
        Weathers and directions; day and night are summed. Sources and their wind classes count as far as the event
        comes about there.
    rule : TimeToFailureRule, optional
        Reading of the time-to-failure probit.
    least_share : float
        Heat below this share of a unit's threshold is left out; loads of several fires add up, so what is kept must
        lie well below the threshold.
    earlier : Facility, optional
        Of another park: loads that are the same there are not computed again.

    Returns
    -------
    Facility
        A fireball counts only where it reaches the fireball threshold of a class, and only while it lasts. What a pool
        or jet fire touches is engulfed, see `outcome_rows`; what bursts throws fragments, see `fragment_rows`. A unit
        that fails burns at once: it takes the fire of its own, without delayed ignition and of its whole content where
        there is one, that reaches farthest, and its blast if the vessel bursts; ignition is taken as certain.
    """
    units = unit_table(park.tables["units"])
    table = events.table[events.table["origin"] == "primary"]
    own = pd.Index(units["unit_id"]).get_indexer(pd.Index(table["unit_id"].astype(str)))
    kept = _carriers(table, own, events)
    chosen, index = table.iloc[kept].reset_index(drop=True), events.outcome_index[table.index[kept]]
    sources = pd.DataFrame(
        {
            "event_id": chosen["event_id"].astype(str),
            "unit": own[kept].astype(np.int32),
            "frequency": chosen["frequency"].astype(float),
        }
    )
    probability, share = _wind_classes(events, rose, table.index[kept])
    sources["frequency"] *= share
    held = ~chosen["flags"].astype(str).str.contains(OVERFLOW).to_numpy(bool)
    places = Places(
        chosen[["x", "y"]].to_numpy(float),
        own[kept],
        units[["x", "y"]].to_numpy(float),
        units["radius_m"].to_numpy(float),
        units["height_m"].to_numpy(float),
        pd.factorize(units["bund_id"].where(units["bund_id"] != ""))[0],
        held,
        rose.n_sectors,
    )
    least = _least_loads(units, least_share)
    basis = LoadBasis(
        units,
        chosen[["event_id", "unit_id", "x", "y"]].assign(held=held),
        events.outcomes,
        index,
        rose.n_sectors,
        np.array([each.min(initial=np.inf) for each in least]),
        least_share,
    )
    heat, blast = _load_rows(places, chosen, basis, least, earlier)
    units["secondary"], secondary = _secondary(units, table, own, chosen, sources, events, index)
    chosen_rule = time_to_failure_rule() if rule is None else rule
    return assemble(
        units,
        sources,
        heat,
        blast,
        secondary,
        probability,
        chosen_rule,
        basis,
        fragments=fragment_rows(places, units, events.outcomes, index, chosen["released_mass"].to_numpy(float)),
        protection=protection_of(park, units, chosen_rule),
        pool=_pools(chosen["outcome"], units["bund_id"].to_numpy(str)[own[kept]]),
    )


def _pools(outcome: "pd.Series[str]", bund: NDArray[np.str_]) -> Keys:
    """Bund in which each source burns; 0: none."""
    burns = outcome.astype(str).str.contains("pool_fire").to_numpy(bool) & (bund != "")
    return np.where(burns, id_keys(bund), np.uint64(0))


def _wind_classes(events: Events, rose: WindRose, rows: pd.Index) -> tuple[Array, Array | float]:
    """Probability of each wind class (of each event) given that an event comes about, and how likely it does."""
    every = rose.probability.sum(axis=0)
    every /= every.sum()
    chance = sector_chance(events, rose.n_sectors)
    if chance is None:
        return every.ravel(), 1.0
    joint = chance[rows] * every
    share = joint.sum(axis=(1, 2))
    probability = np.broadcast_to(every, joint.shape).copy()
    np.divide(joint, share[:, None, None], out=probability, where=(share > 0.0)[:, None, None])
    return probability.reshape(len(rows), every.size), share


class _Least(NamedTuple):
    """Loads on each unit below which they are left out: heat, heat of a fireball [W/m²], blast [Pa]."""

    steady: Array
    fireball: Array
    blast: Array


def _least_loads(units: pd.DataFrame, share: float) -> _Least:
    return _Least(
        share * class_constants(units, "heat_threshold"),
        class_constants(units, "fireball_threshold"),
        class_constants(units, "blast_threshold"),
    )


def _load_rows(
    places: Places, chosen: pd.DataFrame, basis: LoadBasis, least: _Least, earlier: Facility | None
) -> tuple[Rows, Rows]:
    """Heat and blast of the sources."""
    known = known_rows(basis, earlier.basis, earlier.loads) if earlier else lambda _: None
    short = chosen["outcome"].astype(str).str.contains("fireball").to_numpy(bool)

    def heat(at: int) -> Array:
        return least.fireball if short[at] else least.steady

    return (
        outcome_rows(places, basis.outcomes, basis.index, HEAT, heat, known(0)),
        outcome_rows(places, basis.outcomes, basis.index, BLAST, lambda _: least.blast, known(1)),
    )


class _Source(NamedTuple):
    """A source of loads: its number, loss of containment and outcome."""

    number: int
    loc: str
    outcome: str


def _carriers(table: pd.DataFrame, own: NDArray[np.intp], events: Events) -> NDArray[np.intp]:
    """Rows of the primary events at units in service that have heat or blast in any weather, by event_id."""
    index = events.outcome_index[table.index]
    kept = np.nonzero((_having(HEAT, events.outcomes, index) | _having(BLAST, events.outcomes, index)) & (own >= 0))[0]
    return kept[np.argsort(table["event_id"].to_numpy(str)[kept], kind="stable")]


def _having(vector: str, outcomes: Sequence[Any], index: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which events have loads of a kind in any weather, by the index of their outcomes, shape (n,)."""
    loads = np.array([*(hasattr(outcome, vector) for outcome in outcomes), False], dtype=np.bool_)  # the last: none
    return np.asarray(loads[index].any(axis=1))


def _farthest(group: Sequence[_Source], outcomes: Any, index: NDArray[np.int32], vector: str, feared: float) -> int:
    """Source with loads of a kind that reaches farthest, -1: none; fires that need no cloud, whole content first."""
    found = [(name in _AT_ONCE, loc in WHOLE_CONTENT, -source) for source, loc, name in group]
    first = max(found, default=())[:2]
    best = [-source for *kind, source in found if tuple(kind) == first]

    def far(source: int) -> float:
        used = [outcomes[o] for o in np.unique(index[source]).tolist() if o >= 0 and hasattr(outcomes[o], vector)]
        return max(reach(outcome, feared, vector) for outcome in used)

    if len(best) < 2:
        return best[0] if best else -1
    return max(best, key=lambda source: (far(source), -source))


def _secondary(
    units: pd.DataFrame,
    table: pd.DataFrame,
    own: NDArray[np.intp],
    chosen: pd.DataFrame,
    sources: pd.DataFrame,
    events: Events,
    index: NDArray[np.int32],
) -> tuple[list[str], tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Event that each unit suffers when it fails, and the sources of its heat and blast."""
    n = len(units)
    heat, blast = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    credited = [""] * n
    groups: dict[int, list[_Source]] = {}
    locs = chosen["loc"].astype(str).tolist()
    names, events_of = chosen["outcome"].astype(str).tolist(), chosen["event_id"].astype(str).tolist()
    for source, unit in enumerate(sources["unit"].tolist()):
        groups.setdefault(unit, []).append(_Source(source, locs[source], names[source]))
    hot, blown = (_having(vector, events.outcomes, index).tolist() for vector in (HEAT, BLAST))
    for at, group in groups.items():
        fires = [each for each in group if hot[each.number]]
        heat[at] = _farthest(fires, events.outcomes, index, HEAT, _FEARED_HEAT)
        bursts = [each for each in group if blown[each.number] and (heat[at] < 0 or "burst" in each.outcome)]
        blast[at] = _farthest(bursts, events.outcomes, index, BLAST, _FEARED_BLAST)
        suffered = heat[at] if heat[at] >= 0 else blast[at]
        if names[suffered] != "vessel_burst":  # the blast of a burst comes with what gets out
            credited[at] = events_of[suffered]
    whole = table[table["loc"].astype(str).isin(WHOLE_CONTENT).to_numpy() & (own >= 0)]
    ranked = whole.sort_values(["frequency", "event_id"], ascending=[False, True])
    first = ranked.drop_duplicates("unit_id").set_index("unit_id")["event_id"]
    for at, unit_id in enumerate(units["unit_id"]):
        if not credited[at] and unit_id in first.index:  # nothing burns: the content comes out as it is
            credited[at] = str(first[unit_id])
    return credited, (heat, blast)
