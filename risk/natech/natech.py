"""Natech: how often earthquakes and lightning fail the units of a park, several at once, and what that costs in lives.

Everything here is summed exactly over the levels of each cause; only cascades are sampled. Natech stands beside the
base risk of a park, not in it: limits of individual and societal risk are set for accidents of the plants themselves.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.files import write_table
from parkrisk.risk.natech.cascades_of_cause import CommonCascades, cascades_of_cause, secondary_deaths, suffered
from parkrisk.risk.natech.initial_sets import at_least_one, number_failing
from parkrisk.risk.result import canonical_json, digest, plain
from parkrisk.risk.settings import Settings
from parkrisk.risk.societal import SocietalRisk
from parkrisk.scenarios.events.expand import Events
from parkrisk.scenarios.events.whole_loss import WholeLosses, whole_losses
from parkrisk.scenarios.facility.graph import Facility, unit_table
from parkrisk.scenarios.facility.network import Floats
from parkrisk.scenarios.natural.common_cause import CommonCause, earthquake_cause, lightning_cause, structures
from parkrisk.scenarios.natural.hazard_curve import given_shaking, shaking_levels
from parkrisk.scenarios.natural.natech_file import Earthquake, NaturalHazards
from parkrisk.scenarios.park import Park
from parkrisk.scenarios.receptors import WindRose

__all__ = ["CAUSES", "NatechResult", "burning_chance", "causes_of", "natech"]

#: Common causes that are known.
CAUSES = {"earthquake": ("地震", "earthquake"), "lightning": ("雷电", "lightning")}

_MOST = 200  # larger numbers of units are put together
_RAREST = 1e-15  # what comes about more rarely counts as never among numbers of units [1/yr]
_PAIRS = 100  # pairs that are listed ...
_CANDIDATES = 2000  # ... of the units that fail most often


@dataclass(frozen=True)
class NatechResult:
    """Natech of a park; "per year" reads "given the earthquake" if one was given.

    Parameters
    ----------
    causes : DataFrame
        One row for each of ``CAUSES``: cause, assessed ("yes", "no"; then all else is NaN: not assessed, not zero),
        levels, frequency (of the cause at all), any_failure, two_failures (of so many units or more), any_fire,
        expected_failures, expected_fires, escalates (at least one unit follows), expected_escalations [1/yr; NaN:
        cascades were not played], extended_share (of the expected failures that lies beyond the last
        point of the hazard curve), discretisation_error (relative, of the largest of those figures).
    units : DataFrame
        unit_id, enterprise_id, kind, earthquake, lightning, frequency (loss of the whole content; NaN: not assessed),
        ignition (chance that it burns then, by itself), burning_frequency, deaths (mean of a loss; NaN: unknown), pll
        [1/yr], state, cascade_frequency, cascade_error, cascade_pll (failures in cascades from the fires) [1/yr; NaN:
        not played]. Most frequent first.
    numbers : DataFrame
        cause, k, failing, burning: frequency of k units or more at once; with_cascades: of k or more on fire in all,
        sampled [1/yr]. The last k stands for all above.
    levels : DataFrame
        cause, intensity (PGA [g]; thunder days), frequency, expected_failures, any_failure, any_fire (given the level),
        water_fails, extended.
    pairs : DataFrame
        unit_a, unit_b, distance_m, frequency with which both fail in one event [1/yr]; nearest first among equals.
    pll : float
        Expected deaths of natech, cascades with them where they were played; NaN without societal risk; deaths of units
        that fail together are added up. [1/yr]
    method : mapping
        conditional (whether an earthquake was given), histories (of each level; 0: none), seed, damage_state,
        hazard_digest, source, flags.
    """

    causes: pd.DataFrame
    units: pd.DataFrame
    numbers: pd.DataFrame
    levels: pd.DataFrame
    pairs: pd.DataFrame
    pll: float
    method: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    def save(self, folder: str | Path) -> list[Path]:
        """Write ``natech.json`` and a CSV file of each table into a folder, which is made if needed."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        summary = {"causes": plain(self.causes), "pll": plain(self.pll), "method": plain(self.method)}
        written = [target / "natech.json"]
        written[0].write_text(canonical_json(summary) + "\n", encoding="utf-8")
        for name in ("causes", "units", "numbers", "levels", "pairs"):
            written.append(target / f"natech_{name}.csv")
            write_table(written[-1], getattr(self, name))
        return written


def causes_of(units: pd.DataFrame, hazards: NaturalHazards, pga: float | None = None) -> tuple[CommonCause, ...]:
    """Common causes of a park.

    Parameters
    ----------
    units : DataFrame
        As `parkrisk.scenarios.natural.common_cause.structures` gives them.
    hazards : NaturalHazards
    pga : float, optional
        Only one earthquake, which is taken to happen. [g]
    """
    quake = hazards.earthquake
    if pga is not None:
        return (earthquake_cause(units, quake or Earthquake(), given_shaking(pga)),)
    found = []
    if quake is not None and quake.curve is not None:
        found.append(earthquake_cause(units, quake, shaking_levels(quake.curve)))
    if hazards.lightning is not None:
        found.append(lightning_cause(units, hazards.lightning))
    if not found:
        raise OutOfRange("没有自然灾害输入，Natech 未评估", "no natural hazards are given: natech is not assessed")
    return tuple(found)


def burning_chance(cause: CommonCause, ignition: Floats) -> Floats:
    """Chance that each unit loses its content and burns, given the level, shape (n_levels, n_units).

    Parameters
    ----------
    cause : CommonCause
    ignition : array, shape (n_units,)
        Chance that a unit burns when it loses its content; unknown (NaN) counts as certain.
    """
    known = np.where(np.isnan(ignition), 1.0, ignition)
    return np.asarray(cause.failure * (np.where(known > 0.0, 1.0, 0.0) if cause.ignites else known))


def natech(
    park: Park,
    events: Events,
    rose: WindRose,
    hazards: NaturalHazards,
    settings: Settings | None = None,
    *,
    societal: SocietalRisk | None = None,
    pga: float | None = None,
    facility: Facility | None = None,
    seed: int = 0,
) -> NatechResult:
    """Natech of a park.

    Parameters
    ----------
    park : Park
        Its units in service may fail; transport may not.
    events : Events
        Its primary events.
    rose : WindRose
    hazards : NaturalHazards
        As `parkrisk.scenarios.natural.natech_file.read_hazards` gives them.
    settings : Settings, optional
        ``loss_set`` is used, that of the events; ``domino_histories``, of each level of each cause.
    societal : SocietalRisk, optional
        Of the park: gives the deaths of each event.
    pga : float, optional
        Play one earthquake that is taken to happen instead of the hazards. [g]
    facility : Facility, optional
        Graph of the park: with it, cascades from the fires are played.
    seed : int
        Of these cascades.

    Raises
    ------
    OutOfRange
        Neither hazards nor a PGA, or a PGA that is none.

    Notes
    -----
    Given its level, a cause fails units independently. A unit that fails loses its whole content; what becomes of it is
    what its own loss of the whole content becomes in the event tree, but that lightning ignites what can burn.
    """
    chosen = Settings() if settings is None else settings
    units = structures(unit_table(park.tables["units"]), park.tables["units"])
    found = causes_of(units, hazards, pga)
    lost = whole_losses(park, events, rose, chosen.loss_set)
    ignition = lost.units["ignition"].reindex(units["unit_id"]).to_numpy(float)
    table = _units(units, found, lost, ignition, None if societal is None else _deaths(lost, societal))
    flags = {flag for cause in found for flag in cause.flags}
    played: dict[str, CommonCascades] = {}
    if facility is None:
        flags.add("natech_unlinked")
        table[["cascade_frequency", "cascade_error", "cascade_pll"]] = np.nan
    else:
        flags |= {*facility.flags, "natech_no_bursts"}
        played = _played(facility, found, ignition, chosen, seed)
        deaths = None if societal is None else secondary_deaths(facility, events, rose, societal)
        table = table.merge(suffered(facility, played.values(), deaths), on="unit_id")
    if table["state"].isin(("not_computed", "no_loss")).any():
        flags.add("natech_no_consequence")
    state = "major" if hazards.earthquake is None else hazards.earthquake.damage_state
    method = {
        "conditional": pga is not None,
        "histories": 0 if facility is None else chosen.domino_histories,
        "seed": seed,
        "damage_state": state,
        "hazard_digest": digest([canonical_json(dataclasses.asdict(hazards))]),
        "source": hazards.source,
        "flags": sorted(flags),
    }
    return NatechResult(
        causes=_causes(units, found, ignition, None if pga is not None else hazards.earthquake, played),
        units=table,
        numbers=_numbers(found, ignition, played),
        levels=_levels(found, ignition),
        pairs=_pairs(units, found),
        pll=float(table[["pll", "cascade_pll"]].sum(min_count=1).sum(min_count=1)),
        method=method,
    )


def _played(
    facility: Facility, causes: Sequence[CommonCause], ignition: Floats, settings: Settings, seed: int
) -> dict[str, CommonCascades]:
    most = min(len(facility.units), _MOST)
    with threads(settings.threads):
        return {
            cause.name: cascades_of_cause(
                facility.network, cause, burning_chance(cause, ignition), settings.domino_histories, seed, most
            )
            for cause in causes
        }


def _over_levels(cause: CommonCause, values: Floats) -> Floats:
    """Sum over levels, weighted by their frequencies; not by a matrix product, which may round as threads fall."""
    return np.asarray(np.einsum("l,l...->...", cause.frequency, values))


def _deaths(lost: WholeLosses, societal: SocietalRisk) -> pd.DataFrame:
    """Mean deaths when a unit loses its content, over all that may follow, and where it burns; by unit_id."""
    pll = lost.events["event_id"].map(societal.tail.set_index("event_id")["pll"]).fillna(0.0)
    rows = lost.events.assign(pll=pll)
    own = lost.units["loss_frequency"]
    fires = rows[rows["burns"]].groupby("unit_id")[["pll", "share"]].sum()
    deaths = pd.DataFrame(
        {
            "mean": rows.groupby("unit_id")["pll"].sum().reindex(own.index).fillna(0.0) / own,
            "burning": (fires["pll"] / (fires["share"] * own.reindex(fires.index))).reindex(own.index).fillna(0.0),
        }
    )
    deaths[lost.units["state"].isin(("not_computed", "no_loss"))] = np.nan
    return deaths


def _units(
    units: pd.DataFrame,
    causes: Sequence[CommonCause],
    lost: WholeLosses,
    ignition: Floats,
    deaths: pd.DataFrame | None,
) -> pd.DataFrame:
    n = len(units)
    table = units[["unit_id", "enterprise_id", "kind"]].assign(**dict.fromkeys(CAUSES, np.nan))
    total, burning, pll, toll = np.zeros(n), np.zeros(n), np.zeros(n), np.full((n, 2), np.nan)
    if deaths is not None:
        toll = deaths.reindex(units["unit_id"])[["mean", "burning"]].to_numpy(float)
    for cause in causes:
        often = _over_levels(cause, cause.failure)
        fires = _over_levels(cause, burning_chance(cause, ignition))
        table[cause.name] = often
        total += often
        burning += fires
        # What lightning opens and can burn, burns; whatever else is lost goes the way of the event tree.
        pll += fires * toll[:, 1] + (often - fires) * toll[:, 0] if cause.ignites else often * toll[:, 0]
    table["frequency"], table["ignition"], table["burning_frequency"] = total, ignition, burning
    table["deaths"] = np.divide(pll, total, out=toll[:, 0].copy(), where=total > 0.0)
    table["pll"] = pll
    table["state"] = lost.units["state"].reindex(units["unit_id"]).to_numpy()
    return table.sort_values(["frequency", "unit_id"], ascending=[False, True], ignore_index=True)


def _totals(cause: CommonCause, ignition: Floats) -> dict[str, float]:
    """Frequencies of a cause, exact sums over its levels. [1/yr]"""
    counts = _over_levels(cause, number_failing(cause.failure, 2))
    burning = burning_chance(cause, ignition)
    return {
        "frequency": float(cause.frequency.sum()),
        "any_failure": float(counts[1:].sum()),
        "two_failures": float(counts[2]),
        "any_fire": float(_over_levels(cause, at_least_one(burning)[:, 0])),
        "expected_failures": float(_over_levels(cause, cause.failure.sum(axis=1))),
        "expected_fires": float(_over_levels(cause, burning.sum(axis=1))),
    }


def _causes(
    units: pd.DataFrame,
    causes: Sequence[CommonCause],
    ignition: Floats,
    quake: Earthquake | None,
    played: Mapping[str, CommonCascades],
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    known = {cause.name: cause for cause in causes}
    for name in CAUSES:
        cause = known.get(name)
        if cause is None:
            rows.append({"cause": name, "assessed": "no"})
            continue
        totals = _totals(cause, ignition)
        beyond = _over_levels(cause, cause.failure.sum(axis=1) * cause.extended)
        every = totals["expected_failures"]
        error = 0.0
        if name == "earthquake" and quake is not None and quake.curve is not None:
            finer = _totals(earthquake_cause(units, quake, shaking_levels(quake.curve, 2)), ignition)
            error = max(abs(totals[key] / finer[key] - 1.0) if finer[key] > 0.0 else 0.0 for key in finer)
        rows.append(
            {
                "cause": name,
                "assessed": "yes",
                "levels": cause.frequency.size,
                **totals,
                "escalates": played[name].escalates if name in played else np.nan,
                "expected_escalations": float(played[name].frequency.sum()) if name in played else np.nan,
                "extended_share": float(beyond) / every if every > 0.0 else 0.0,
                "discretisation_error": error,
            }
        )
    return pd.DataFrame(rows)


def _numbers(causes: Sequence[CommonCause], ignition: Floats, played: Mapping[str, CommonCascades]) -> pd.DataFrame:
    parts = []
    for cause in causes:
        most = min(cause.failure.shape[1], _MOST)
        failing, burning = (
            np.cumsum(_over_levels(cause, number_failing(chance, most))[:0:-1])[::-1]
            for chance in (cause.failure, burning_chance(cause, ignition))
        )
        after = np.cumsum(played[cause.name].sizes[:0:-1])[::-1] if cause.name in played else np.nan
        columns = {"cause": cause.name, "k": np.arange(1, most + 1), "failing": failing, "burning": burning}
        part = pd.DataFrame({**columns, "with_cascades": after})
        part[["failing", "burning"]] = part[["failing", "burning"]].where(part[["failing", "burning"]] > _RAREST, 0.0)
        parts.append(part[(part["failing"] > _RAREST) | (part["with_cascades"] > _RAREST)])
    return pd.concat(parts, ignore_index=True)


def _levels(causes: Sequence[CommonCause], ignition: Floats) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "cause": cause.name,
                "intensity": cause.intensity,
                "frequency": cause.frequency,
                "expected_failures": cause.failure.sum(axis=1),
                "any_failure": at_least_one(cause.failure)[:, 0],
                "any_fire": at_least_one(burning_chance(cause, ignition))[:, 0],
                "water_fails": cause.water_fails,
                "extended": cause.extended,
            }
        )
        for cause in causes
    ]
    return pd.concat(parts, ignore_index=True)


def _pairs(units: pd.DataFrame, causes: Sequence[CommonCause]) -> pd.DataFrame:
    often = sum(_over_levels(cause, cause.failure) for cause in causes)
    kept = np.sort(np.argsort(-np.asarray(often), kind="stable")[:_CANDIDATES])
    both = np.zeros((kept.size, kept.size))
    for cause in causes:
        failure = cause.failure[:, kept]
        for level, frequency in enumerate(cause.frequency):  # in this order always: no library decides how sums round
            both += frequency * np.outer(failure[level], failure[level])
    one, other = np.triu_indices(kept.size, 1)
    x, y = units["x"].to_numpy(float)[kept], units["y"].to_numpy(float)[kept]
    distance = np.hypot(x[one] - x[other], y[one] - y[other])
    first = np.lexsort((other, one, distance, -both[one, other]))[:_PAIRS]
    ids = units["unit_id"].to_numpy(object)[kept]
    table = pd.DataFrame(
        {
            "unit_a": ids[one[first]],
            "unit_b": ids[other[first]],
            "distance_m": distance[first],
            "frequency": both[one[first], other[first]],
        }
    )
    return table[table["frequency"] > 0.0].reset_index(drop=True)
