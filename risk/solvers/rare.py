"""How likely given units are to fail after a primary event, be it ever so rarely: exact, or to the error asked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.cascade import Primaries, cascades
from parkrisk.risk.cascades.draws import join
from parkrisk.risk.domino_tables.played import variance_of_mean
from parkrisk.risk.solvers.forced import Forced
from parkrisk.risk.solvers.groups import reached_units
from parkrisk.risk.solvers.static_sets import static_sets
from parkrisk.risk.solvers.tree import cascade_tree
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.network import Floats, Indices, id_keys

__all__ = ["SOLVERS", "STARTS", "Escalation", "escalation_probability"]

SOLVERS = ("auto", "exact", "forced", "plain")

#: What a cascade starts with: primary events as given; those of one unit; or what several units do in any cascade.
STARTS = ("events together", "events of the unit by frequency", "secondary events of the units together")

_EXACT_UNITS = 16  # more are not tried exactly
_EXACT_STATIC = 12
_PILOT = 2048  # histories before the first look at the error
_GROWTH = 8.0  # at most so many times more histories from one look to the next
_PRICE = 4.0  # time that a burning unit takes in a forced history, in that of a plain one


@dataclass(frozen=True)
class Escalation:
    """Probability that units fail after a primary event.

    Parameters
    ----------
    units : DataFrame
        unit_id, probability, standard_error (of an exact solution: what it may have left out); most likely first.
    method : mapping
        primary (names as given), start (which of `STARTS` they are), solver ("exact", "forced", "plain"), cascade
        ("dynamic", "static"), histories (of each set of primary events), seed, error_asked, error_reached (largest
        relative standard error of the targets; infinite where one was never met, though it may fail), error_met.
    """

    units: pd.DataFrame
    method: Mapping[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables that are written, by file name without ending."""
        return {"escalation": self.units}

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON; an infinite error becomes null."""
        reached = self.method["error_reached"]
        method = {**self.method, "error_reached": reached if math.isfinite(reached) else None}
        return {"units": self.units.to_dict("records"), "method": method}


class _Estimate(NamedTuple):
    probability: Floats
    variance: Floats
    histories: int

    def error(self, targets: NDArray[np.intp]) -> float:
        """Largest relative standard error of the targets; 0 for what cannot fail."""
        p, spread = self.probability[targets], np.sqrt(self.variance[targets])
        return float(np.max(np.divide(spread, p, out=np.where(spread > 0.0, np.inf, 0.0), where=p > 0.0), initial=0.0))


def escalation_probability(
    facility: Facility,
    primary: str | Sequence[str],
    targets: Sequence[str] | None = None,
    *,
    relative_error: float = 0.1,
    static: bool = False,
    seed: int = 0,
    most_histories: int = 1_000_000,
    solver: str = "auto",
) -> Escalation:
    """Find how likely units are to fail after a primary event.

    Parameters
    ----------
    facility : Facility
    primary : str or sequence of str
        Ids of the primary events, which come about together, at units that all differ; or of one unit: any of its
        events, by their frequencies; or of several units, which burn or burst together as they do when a cascade fails
        them. ``method["start"]`` says which.
    targets : sequence of str, optional
        Units asked for; all if left out, and then only the expected number of failures must meet the error.
    relative_error : float
        Standard error asked for, relative to each probability.
    static : bool
        True: the static critical-load cascade, an upper bound.
    seed : int
        Same seed, same result.
    most_histories : int
        Of each primary event; the result says whether the error was met.
    solver : str
        "exact", "forced" (see `parkrisk.risk.solvers.forced`), "plain" histories of one event, or "auto": exact where
        few units can be reached, else what a pilot run shows to need less work.

    Raises
    ------
    OutOfRange
        Unknown events, units or solver; an error or a number of histories that is not positive; "exact" where too many
        ways would have to be followed; "plain" for several events.
    """
    ids = facility.units["unit_id"]
    if solver not in SOLVERS or not relative_error > 0.0 or most_histories < 1:
        raise OutOfRange(
            f"求解方法须为 {', '.join(SOLVERS)}，误差和历史次数须为正",
            f"need a solver among {', '.join(SOLVERS)}, a positive error and a positive number of histories",
        )
    wanted = list(ids) if targets is None else list(targets)
    places = pd.Index(ids).get_indexer(pd.Index(wanted, dtype=object))
    if (places < 0).any():
        raise OutOfRange("未知的目标设备", "some of the targets are no units of the facility")
    sets, start = _sets(facility, primary)
    judged = np.array([len(ids)]) if targets is None else places
    own = np.unique(facility.network.source_unit[np.concatenate([some for some, _ in sets])])
    judged = np.setdiff1d(judged, own)
    found = _exact(facility, sets, judged, relative_error, static=static) if solver in ("auto", "exact") else None
    used = "exact"
    if found is None and solver == "exact":
        raise OutOfRange("可能的发展过程过多，无法精确求解", "there are too many ways for an exact solution")
    if found is None:
        found, used = _sampled(facility, sets, judged, (relative_error, most_histories), seed, solver, static=static)
    reached = found.error(judged)
    method = {
        "primary": [primary] if isinstance(primary, str) else list(primary),
        "start": start,
        "solver": used,
        "cascade": "static" if static else "dynamic",
        "histories": found.histories,
        "seed": seed,
        "error_asked": relative_error,
        "error_reached": reached,
        "error_met": reached <= relative_error,
    }
    table = pd.DataFrame(
        {
            "unit_id": wanted,
            "probability": found.probability[places],
            "standard_error": np.sqrt(found.variance[places]),
        }
    )
    return Escalation(table.sort_values(["probability", "unit_id"], ascending=[False, True], ignore_index=True), method)


_Set = tuple[Indices, float]


def _sets(facility: Facility, primary: str | Sequence[str]) -> tuple[list[_Set], str]:
    """Sets of sources that come about together, and the share of each; which of `STARTS` they are."""
    events = pd.Index(facility.sources["event_id"])
    names = [primary] if isinstance(primary, str) else list(primary)
    found = events.get_indexer(pd.Index(names, dtype=object))
    if found.size and (found >= 0).all():
        return [(np.sort(found).astype(np.int32), 1.0)], STARTS[0]
    units = pd.Index(facility.units["unit_id"]).get_indexer(pd.Index(names, dtype=object))
    if not units.size or (units < 0).any():
        raise OutOfRange(f"没有起始事件 {', '.join(names)}", f"there are no primary events {', '.join(names)}")
    if len(names) == 1:
        own = facility.sources[(facility.sources["unit"] == units[0]) & (facility.sources["frequency"] > 0.0)]
        share = own["frequency"] / own["frequency"].sum()
        sets = [(np.array([at], np.int32), float(p)) for at, p in zip(own.index, share, strict=True)]
        silent = [] if sets else names
    else:
        heat, blast = facility.network.secondary_heat[units], facility.network.secondary_blast[units]
        sources = np.where(heat >= 0, heat, blast)
        sets = [(np.sort(sources).astype(np.int32), 1.0)]
        silent = [name for name, source in zip(names, sources, strict=True) if source < 0]
    if silent:
        raise OutOfRange(
            f"设备 {', '.join(silent)} 没有火灾或爆炸事件", f"no fire or explosion is known at {', '.join(silent)}"
        )
    return sets, STARTS[1] if len(names) == 1 else STARTS[2]


def _exact(
    facility: Facility, sets: list[_Set], judged: NDArray[np.intp], error: float, *, static: bool
) -> _Estimate | None:
    """Exact probabilities, the expected number of failures last; None if it would take too long."""
    net = facility.network
    total, lost = np.zeros(net.unit_key.size + 1), 0.0
    for sources, share in sets:
        others = reached_units(net, sources).size - sources.size
        if others > (_EXACT_STATIC if static else _EXACT_UNITS):
            return None
        if static:
            probability = static_sets(net, sources).probability
        else:
            tree = cascade_tree(net, sources)
            probability, lost = tree.probability, lost + share * tree.lost
        total += share * np.append(probability, probability.sum() - sources.size)
    found = _Estimate(total, np.full(total.size, lost**2), 0)
    return found if found.error(judged) <= error else None


def _key(facility: Facility, sources: Indices, seed: int) -> int:
    key = np.uint64(seed)
    for one in id_keys(facility.sources["event_id"].to_numpy()[sources]):
        key = join(key, one)
    return int(key)


def _estimate(runs: list[Forced], sets: list[_Set]) -> _Estimate:
    """Put together what the runs of several sets of sources tell."""
    shares = np.array([share for _, share in sets])[:, None]
    sums = [run.sums() for run in runs]
    mean, error = np.array([each.mean() for each in sums]), np.array([each.standard_error() for each in sums])
    for run, p, spread in zip(runs, mean, error, strict=True):
        missed = run.units[p[run.units] == 0.0]  # they might have failed, with any escalation at most
        spread[missed] = run.escalation / run.histories
    return _Estimate((shares * mean).sum(axis=0), ((shares * error) ** 2).sum(axis=0), runs[0].histories)


def _grown(histories: int, reached: float, asked: float, most: int) -> int:
    """How many histories to have at the next look."""
    factor = min(1.1 * (reached / asked) ** 2, _GROWTH) if np.isfinite(reached) else _GROWTH
    return min(most, math.ceil(histories * max(factor, 1.25)))


def _sampled(
    facility: Facility,
    sets: list[_Set],
    judged: NDArray[np.intp],
    wish: tuple[float, int],
    seed: int,
    solver: str,
    *,
    static: bool,
) -> tuple[_Estimate, str]:
    """Play until the error is met, or as often as is allowed."""
    asked, most = wish
    runs = [Forced(facility.network, some, _key(facility, some, seed), static=static) for some, _ in sets]
    single = len(sets) == 1 and sets[0][0].size == 1
    if solver == "plain" and not single:
        raise OutOfRange("plain 只用于单个起始事件", "plain histories are for one primary event")
    for run in runs:
        run.play(min(_PILOT, most))
    found = _estimate(runs, sets)
    if solver == "plain" or (solver == "auto" and single and _plain_needs_less(runs[0], found, judged)):
        return _plain(facility, sets[0][0], judged, wish, seed, static=static), "plain"
    while found.error(judged) > asked and found.histories < most:
        goal = _grown(found.histories, found.error(judged), asked, most)
        for run in runs:
            run.play(goal - found.histories)
        found = _estimate(runs, sets)
    return found, "forced"


def _plain_needs_less(run: Forced, found: _Estimate, judged: NDArray[np.intp]) -> bool:
    """Compare variance × work of the worst target: of forced histories as it was, of plain ones as it must be."""
    p, reach = found.probability[judged], run.escalation
    if not reach > 0.0 or not (p > 0.0).any():
        return False
    forced = found.variance[judged] * found.histories * _PRICE * run.sums().work / run.histories
    plain = p * np.maximum(reach - p, p) * (1.0 + found.probability[-1] / reach)
    scale = np.where(p > 0.0, p, np.inf) ** 2
    return bool(np.max(plain / scale) < np.max(forced / scale))


def _plain(
    facility: Facility, source: Indices, judged: NDArray[np.intp], wish: tuple[float, int], seed: int, *, static: bool
) -> _Estimate:
    """Histories with at least one direct escalation, as they come."""
    (asked, most), net = wish, facility.network
    primaries = Primaries(source, id_keys(facility.sources["event_id"].to_numpy()[source]))
    histories = min(_PILOT, most)
    apart = np.setdiff1d(np.arange(net.unit_key.size), reached_units(net, source))
    while True:
        weight, log = cascades(net, primaries, histories, seed, static=static)
        unit = np.bincount(log.unit, minlength=net.unit_key.size) / histories
        size = np.bincount(log.history, minlength=histories)
        share = np.append(unit, size.mean())
        second = np.append(unit, np.mean(size**2))
        spread = variance_of_mean(share * histories, second * histories, histories)
        spread[apart] = 0.0
        found = _Estimate(weight[0] * share, weight[0] ** 2 * spread, histories)
        if found.error(judged) <= asked or histories >= most:
            return found
        histories = _grown(histories, found.error(judged), asked, most)
