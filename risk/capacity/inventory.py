"""The largest inventory of a substance in a vessel at a place with which every criterion of risk is met still."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.assess import assess
from parkrisk.risk.capacity.adding import Addition, added_by
from parkrisk.risk.capacity.placed import named, with_copies
from parkrisk.risk.result import Assessment, plain
from parkrisk.risk.sharing import Progress
from parkrisk.scenarios.events.contents import vessel
from parkrisk.scenarios.park import Park, Project

__all__ = ["LargestInventory", "largest_inventory"]

#: The answer is a multiple of the largest of 1, 2, 5, 10 ... that is at most this share of what the vessel can hold.
_STEP = 0.02


@dataclass(frozen=True)
class LargestInventory:
    """How much of a substance fits at a place.

    Parameters
    ----------
    unit : str
        The vessel that is copied.
    cas : str
        What is in it.
    place : (x, y)
        [m]
    status : str
        "known": the criteria bind; "vessel": even the full vessel fits; "unknown".
    mass_t : float
        So much fits, proven by an assessment of the park with it; 0 where nothing does; NaN where that is unknown. [t]
    full_t : float
        What the vessel holds at its largest fill. [t]
    step_t : float
        What the answer is a multiple of. [t]
    binding, at : str
        Criterion that one step more would break, and the target or number of deaths; "" where none.
    runs : DataFrame
        The assessments that were made: mass_t, fits ("yes", "no", "unknown"), result_digest; by mass.
    """

    unit: str
    cas: str
    place: tuple[float, float]
    status: str
    mass_t: float
    full_t: float
    step_t: float
    binding: str
    at: str
    runs: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        converted: dict[str, Any] = plain(self.__dict__)
        return converted


@dataclass(frozen=True)
class _Run:
    fits: str
    exceeded: bool
    binding: str
    at: str
    digest: str


def largest_inventory(
    base: Assessment,
    unit: str,
    place: tuple[float, float] | None = None,
    *,
    cas: str = "",
    source: Park | Project | None = None,
    rules: str | None = None,
    progress: Progress | None = None,
) -> LargestInventory:
    """Find how much a vessel at a place may hold before a criterion binds.

    Parameters
    ----------
    base : Assessment
        The park without it: ``SafetyCapacity.base`` counts what is approved.
    unit : str
        Id of the vessel, a unit of the park or of ``source``, of which a copy is put there.
    place : (x, y), optional
        In the planar CRS of the park; the unit's own when left out. [m]
    cas : str, optional
        CAS number or name of what is in the copy instead: at the temperature of the unit, and the pressure that the
        substance has then; without further contents.
    source, rules, progress
        As in `parkrisk.risk.capacity.adding.reference_units`.

    Returns
    -------
    LargestInventory

    Raises
    ------
    InputProblems
        As `parkrisk.risk.capacity.placed.with_copies`.
    OutOfRange
        As there; or the unit holds a gas, whose mass its fill does not say.

    Notes
    -----
    Found by bisection over the fill; every run is a whole assessment with all cascades, so the answer is proven. How
    often a vessel fails does not depend on its fill. Whether something between two amounts that fit would not,
    bisection cannot see.
    """
    cells: dict[str, Any] = {"substance": cas, "pressure_kpa": None, "mass_t": None} if cas else {}
    first = with_copies(base.park, unit, place, source=source, cells=cells)
    units = first.tables["units"]
    row = {str(name): value for name, value in units[units["unit_id"] == named(unit)].iloc[0].items()}
    most = float(row["max_fill_fraction"])
    full = _mass(first, {**row, "fill_fraction": most})
    step = _round_step(full * _STEP)
    runs: dict[int, _Run] = {}

    def run(k: int) -> _Run:
        """Assess with k steps, once."""
        if k not in runs:
            fill = most * k * step / full
            park = with_copies(base.park, unit, place, source=source, cells={**cells, "fill_fraction": fill})
            seed = base.provenance["seed"]
            after = assess(park, settings=base.settings, rules=rules, seed=seed, previous=base, progress=progress)
            runs[k] = _judged(added_by(base, after, [named(unit)]), after.provenance["result_digest"])
        return runs[k]

    low, high = 0, math.floor(full / step * (1.0 + 1e-12))
    if run(high).fits == "yes":
        low = high
    while high - low > 1 and not run(high).exceeded:
        middle = (low + high) // 2
        low, high = (middle, high) if run(middle).fits == "yes" else (low, middle)
    end = runs[high]
    status = {"yes": "vessel", "no": "known", "unknown": "unknown"}[end.fits]
    rows = [(_times(k, step), each.fits, each.digest) for k, each in sorted(runs.items())]
    return LargestInventory(
        unit=unit,
        cas=str(row["substance"]),
        place=(float(row["x"]), float(row["y"])),
        status=status,
        mass_t=math.nan if status == "unknown" else _times(low, step),
        full_t=full,
        step_t=step,
        binding="" if status == "vessel" else end.binding,
        at="" if status == "vessel" else end.at,
        runs=pd.DataFrame(rows, columns=["mass_t", "fits", "result_digest"]),
    )


def _mass(park: Park, row: dict[str, Any]) -> float:
    """Mass that the events of a vessel start from. [t]"""
    found = vessel(row, 1000.0 * float(park.info["air_pressure_kpa"]))
    if found.contents == "gas":
        raise OutOfRange(
            f"设备 {row['unit_id']} 内为气体，存量由压力而非充装系数决定，不能按充装系数求最大存量",
            f"unit {row['unit_id']} holds a gas: pressure, not fill, says how much, so no largest fill can be found",
        )
    return found.mass / 1000.0


def _round_step(largest: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above."""
    power = math.floor(math.log10(largest))
    return max(
        float(f"{digit}e{exponent}")
        for exponent in (power - 1, power)
        for digit in (1, 2, 5)
        if float(f"{digit}e{exponent}") <= largest
    )


def _times(k: int, step: float) -> float:
    """So many steps, as decimals have it."""
    return float(f"{k * step:.12g}")


def _judged(added: Addition, digest: str) -> _Run:
    """Whether one such unit fits."""
    criteria = added.criteria()
    broken = next((row for row in criteria.to_dict("records") if row["at_most"] == 0), {"criterion": "", "at": ""})
    exceeded = bool((criteria["status"] == "exceeded").any())
    return _Run(added.fits(), exceeded, str(broken["criterion"]), str(broken["at"]), digest)
