"""Loads between units that a user gives as matrices: every fault of them at once, then arrays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from parkrisk.models.errors import InputProblems, Problem
from parkrisk.scenarios.checks.places import places_shared
from parkrisk.scenarios.events.losses import read_data
from parkrisk.scenarios.facility.network import Floats
from parkrisk.scenarios.messages import listed, problem

__all__ = ["GivenLoads", "checked_loads"]

HEAT, BLAST, FRAGMENT = "heat_load_kw_m2", "overpressure_kpa", "fragment_probability"

_HIGHEST_HEAT = 1e3  # no flame emits more [kW/m²]
_HIGHEST_BLAST = 1e6  # that makes sense [kPa]
#: What each unit has: least and greatest value, and how a message says that.
_RANGES = {
    "frequency": (0.0, np.finfo(float).max, "为有限数字且不小于 0", "finite and not below 0"),
    "duration": (np.nextafter(0.0, 1.0), np.inf, "大于 0", "above 0"),
    "emissive_power_kw_m2": (0.0, _HIGHEST_HEAT, f"在 0 与 {_HIGHEST_HEAT:g} 之间", f"between 0 and {_HIGHEST_HEAT:g}"),
}


class GivenLoads(NamedTuple):
    """Checked loads, in the order of the given units.

    Matrices [u, v] say what u, burning or bursting, does to v. ``frequency`` [1/yr] and ``duration`` [s] are those of
    the fires, shape (n,).
    """

    heat: Floats  #: [W/m²]
    blast: Floats | None  #: [Pa]
    fragments: Floats | None
    frequency: Floats
    duration: Floats


def checked_loads(
    units: pd.DataFrame,
    matrices: Mapping[str, ArrayLike | None],
    frequency: ArrayLike,
    duration: ArrayLike,
    emissive_power: ArrayLike | None,
) -> GivenLoads:
    """Check given loads.

    Parameters
    ----------
    units : DataFrame
        Columns of a park's units table.
    matrices : mapping
        ``heat_load_kw_m2``, ``overpressure_kpa``, ``fragment_probability``: shape (n, n); None: not given.
    frequency, duration : float or array, shape (n,)
        [1/yr], [s]
    emissive_power : float or array, shape (n,), optional
        Of the flame at each unit; NaN where it is not known. [kW/m²]

    Raises
    ------
    InputProblems
        With every fault: ids that stand twice, units in one place or in no fragility class, matrices of another shape,
        loads of a unit on itself, that are negative or not finite or above what its flame emits, probabilities outside
        0..1, frequencies, durations or emissive powers that cannot be, and a facility in which nothing ever starts.
    """
    ids = units["unit_id"].astype(str).tolist()
    loads = {name: np.asarray(each, dtype=np.float64) for name, each in matrices.items() if each is not None}
    power = np.asarray(np.nan if emissive_power is None else emissive_power, dtype=np.float64)
    power = np.where(np.isnan(power), _HIGHEST_HEAT, power)
    every: dict[str, Floats] = {}
    found = list(_unit_problems(units, ids))
    for name, values in {"frequency": frequency, "duration": duration, "emissive_power_kw_m2": power}.items():
        every[name], faults = _by_unit(name, values, ids)
        found += faults
    emitted = every["emissive_power_kw_m2"]
    limits = {
        HEAT: np.where(emitted >= 0.0, emitted, _HIGHEST_HEAT),  # what cannot be is said already
        BLAST: np.full(len(ids), _HIGHEST_BLAST),
        FRAGMENT: np.ones(len(ids)),
    }
    for name, load in loads.items():
        found += _matrix_problems(name, load, ids, limits[name])
    in_service = (units["in_service"] != "no").to_numpy() if "in_service" in units else np.ones(len(ids), np.bool_)
    if in_service.any() and not every["frequency"][in_service].any():
        found.append(problem("never_starts", "frequency"))
    if found:
        raise InputProblems(found)
    blast = loads[BLAST] * 1e3 if BLAST in loads else None
    return GivenLoads(loads[HEAT] * 1e3, blast, loads.get(FRAGMENT), every["frequency"], every["duration"])


def _unit_problems(units: pd.DataFrame, ids: Sequence[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    known = set(read_data("equipment_classes.csv")["kind"])
    for number, (name, kind) in enumerate(zip(ids, units["kind"].astype(str), strict=True), start=1):
        if first.setdefault(name, number) != number:
            yield problem("duplicate_id", "units", number, "unit_id", name, first=first[name])
        if kind not in known:
            yield problem("no_class", "units", number, "kind", kind, unit=name)
    x, y = (units[axis].to_numpy(dtype=np.float64) for axis in ("x", "y"))
    for axis, values in (("x", x), ("y", y)):
        for at in np.nonzero(~np.isfinite(values))[0].tolist():
            yield problem("not_finite", "units", at + 1, axis, f"{ids[at]}: {values[at]}")
    for group in places_shared(x, y):
        yield problem("units_coincide", "units", int(group[0]) + 1, "x", listed(ids[at] for at in group))


def _by_unit(name: str, given: ArrayLike, ids: Sequence[str]) -> tuple[Floats, list[Problem]]:
    """Values of each unit, and those outside their range."""
    values = np.asarray(given, dtype=np.float64)
    if values.shape not in ((), (len(ids),)):
        shape = "×".join(map(str, values.shape))
        return np.ones(len(ids)), [problem("matrix_shape", name, found=shape, expected=len(ids))]
    every = np.broadcast_to(values, len(ids))
    low, high, zh, en = _RANGES[name]
    wrong = np.nonzero(~((every >= low) & (every <= high)))[0].tolist()
    words = {"range_zh": zh, "range_en": en}
    return every, [
        problem("value_of_unit", name, at + 1, found=float(every[at]), unit=ids[at], **words) for at in wrong
    ]


def _matrix_problems(name: str, load: Floats, ids: Sequence[str], limit: Floats) -> Iterator[Problem]:
    """Yield what is wrong with a matrix: one problem for each unit and kind of fault."""
    n = len(ids)
    if load.shape != (n, n):
        shape = "×".join(map(str, load.shape))
        yield problem("matrix_shape", name, found=shape, expected=f"{n}×{n}")
        return
    own = np.diagonal(load)
    for at in np.nonzero(own != 0.0)[0].tolist():
        yield problem("self_loop", name, at + 1, ids[at], float(own[at]), unit=ids[at])
    others = ~np.eye(n, dtype=np.bool_)
    faults = {
        "load_not_finite": ~np.isfinite(load) & others,
        "load_negative": np.isfinite(load) & (load < 0.0) & others,
        "load_above_flame" if name == HEAT else "load_too_high": np.isfinite(load) & (load > limit[:, None]) & others,
    }
    for kind, wrong in faults.items():
        for at in np.nonzero(wrong.any(axis=1))[0].tolist():
            targets = np.nonzero(wrong[at])[0].tolist()
            words = {"unit": ids[at], "targets": listed(ids[v] for v in targets), "expected": float(limit[at])}
            yield problem(kind, name, at + 1, ids[targets[0]], float(load[at, targets[0]]), **words)
