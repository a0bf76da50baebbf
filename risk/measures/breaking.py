"""What breaks the most dangerous chains: which candidate, and which unit of the chain, protected, would do most."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from parkrisk.risk.measures.effects import Baseline, Effect, Places, chain_key, reductions
from parkrisk.scenarios.facility.graph import Facility
from parkrisk.scenarios.facility.measures import never_failing
from parkrisk.scenarios.facility.network import Floats

__all__ = ["WorstChains", "chain_tables", "worst_chains"]

_CHAINS = 10  # the worst of each starting unit, of so many of them
_KEY_UNITS = 20  # are tried at most
_REDUCTIONS = ("failures_reduction", "failures_error", "deaths_reduction", "deaths_error")


class WorstChains(NamedTuple):
    """The most dangerous chain of each starting unit, the worst first.

    ``table``: units ("A > B > C"), frequency, harm; ``members``: indices of their units; ``keys``: see `chain_key`.
    """

    table: pd.DataFrame
    members: tuple[tuple[int, ...], ...]
    keys: tuple[int, ...]


def worst_chains(chains: pd.DataFrame, facility: Facility, value: Floats) -> WorstChains:
    """Chains by frequency × what the failures after the first count for.

    Parameters
    ----------
    chains : DataFrame
        As in ``DominoResult``.
    facility : Facility
    value : array, shape (n_units,)
        What the failure of each unit counts for.
    """
    place = {unit: at for at, unit in enumerate(facility.units["unit_id"].tolist())}
    names = chains["units"].str.split(" > ")
    worth = np.array([float(sum(value[place[unit]] for unit in each[1:])) for each in names])
    table = pd.DataFrame(
        {
            "units": chains["units"],
            "frequency": chains["frequency"],
            "harm": chains["frequency"].to_numpy(float) * worth,
            "start": names.str[0],
        }
    )
    table = table.sort_values(["harm", "units"], ascending=[False, True]).drop_duplicates("start")
    table = table[table["harm"] > 0.0].head(_CHAINS).drop(columns="start").reset_index(drop=True)
    members = tuple(tuple(place[unit] for unit in text.split(" > ")) for text in table["units"])
    return WorstChains(table, members, tuple(chain_key(facility.network, each) for each in members))


def chain_tables(
    worst: WorstChains,
    baseline: Baseline,
    alone: Mapping[str, Effect],
    units_of: Mapping[str, Places],
    kind: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``chains`` and ``key_units`` of `parkrisk.risk.measures.result.MeasureStudy`.

    Parameters
    ----------
    worst : WorstChains
        Watched by the baseline.
    baseline : Baseline
    alone : mapping of str to Effect
        Of each measure.
    units_of : mapping of str to int array
        Units that it protects.
    kind : int
        Kind of value by which units are compared.
    """
    facility = baseline.facility
    ids = facility.units["unit_id"].to_numpy(object)
    tried = list(dict.fromkeys(unit for members in worst.members for unit in members[1:]))[:_KEY_UNITS]
    spared = {
        unit: baseline.effect(never_failing(facility, [ids[unit]]), np.array([unit], dtype=np.intp)) for unit in tried
    }
    before = baseline.chains
    rows = []
    for at, members in enumerate(worst.members):
        left = {name: effect.chains[at] for name, effect in alone.items()}
        best = min(left, key=lambda name: (left[name], name), default="")
        share = 1.0 - left[best] / before[at] if best and before[at] > 0.0 else np.nan
        breaks = bool(share > 0.0)
        compared = [unit for unit in members[1:] if unit in spared]
        key = max(compared, key=lambda unit: (spared[unit].reduction[kind], -unit), default=None)
        rows.append(
            {
                "measure": best if breaks else "",
                "frequency_after": worst.table["frequency"][at] * (1.0 - share) if breaks else np.nan,
                "broken": share if breaks else np.nan if np.isnan(share) else 0.0,
                "key_unit": "" if key is None else ids[key],
            }
        )
    columns = ["measure", "frequency_after", "broken", "key_unit"]
    chains = worst.table.join(pd.DataFrame(rows, columns=columns))
    table = pd.DataFrame(
        [
            {
                "unit_id": ids[unit],
                **reductions(effect),
                "candidates": "; ".join(name for name, units in units_of.items() if unit in units),
            }
            for unit, effect in spared.items()
        ],
        columns=["unit_id", *_REDUCTIONS, "candidates"],
    )
    order = table.sort_values([_REDUCTIONS[2 * kind], "unit_id"], ascending=[False, True], ignore_index=True)
    return chains, order
