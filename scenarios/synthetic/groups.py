"""Groups of units that stand together: tanks in one bund, vessels, a process block, loading arms, a pipe rack.

A group lies in a rectangle of its own with its corner at the origin; where that comes to stand is decided elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parkrisk.scenarios.synthetic import recipe, sizes
from parkrisk.scenarios.synthetic.recipe import Row

__all__ = ["Group", "make_groups"]

_LARGE_DIAMETER, _LARGE_IN_BUND = 60.0, 6  # of the largest tanks a bund holds fewer
_SAME_SIZE = 0.7  # share of the tanks of a bund that have its common size
_ALIKE = 0.9  # correlation of the size of the others with it
_RUN = 4  # neighbours that hold the same substance
_ROW_AT_LEAST = 4  # tanks from which on a bund has two rows
_SPREAD = 0.5  # lognormal spread of the size of groups
_OTHER_ROW = (1.0, 1.25)  # the gap to the other row, in gaps along the row
_ROOM = 10.0  # free ground around process units, arms and sheds [m]
_PITCH = {"process": 9.0, "arms": 6.0, "cylinders": 12.0, "warehouses": 60.0}  # [m]


@dataclass
class Group:
    """Units that stand together.

    Parameters
    ----------
    form : str
        As in ``kinds.csv``, column ``group``.
    units : list of dict
        Cells of the table ``units``, x and y within the rectangle; ``corners`` of a pipeline.
    width, depth : float
        Of the rectangle. [m]
    family : str
        Of the substances in it.
    apart : bool
        Whether it holds toxic gas or LPG, which belongs downwind.
    """

    form: str
    units: list[dict[str, Any]]
    width: float
    depth: float
    family: str
    apart: bool
    bund: float = field(default=0.0)


class _Quota:
    """Substances still to be given to each kind, so that a park keeps the shares of the recipe."""

    def __init__(self, units: int, rng: np.random.Generator) -> None:
        self._left = recipe.joint_shares() * units
        self._allowed = recipe.joint_shares() > 0.0
        self._kinds = [row["kind"] for row in recipe.rows("kinds")]
        self._families = np.array([row["family"] for row in recipe.rows("substances")])
        self._rng = rng

    def take(self, kind: str, count: int, family: str = "") -> Row:
        """Choose a substance for some units of a kind, where it is given one of a family."""
        place = self._kinds.index(kind)
        allowed = self._allowed[place] & ((self._families == family) if family else True)
        weight = np.where(allowed, np.maximum(self._left[place], 1e-6), 0.0)
        chosen = int(np.searchsorted(np.cumsum(weight) / weight.sum(), self._rng.random(), side="right"))
        self._left[place, chosen] -= count
        return recipe.rows("substances")[chosen]


def make_groups(units: int, mixing: np.random.Generator, sizing: np.random.Generator) -> list[Group]:
    """Draw the groups of a park of so many units."""
    kinds = recipe.rows("kinds")
    numbers = recipe.apportioned([float(row["percent"]) for row in kinds], units)
    quota = _Quota(units, mixing)
    pools: dict[str, list[str]] = {}
    first: dict[str, Row] = {}
    for row, count in zip(kinds, numbers, strict=True):
        pools.setdefault(row["group"], []).extend([row["kind"]] * count)
        first.setdefault(row["group"], row)
    found = []
    for form, pool in pools.items():
        mixed = [pool[place] for place in mixing.permutation(len(pool))]
        for members in _portions(mixed, first[form], mixing):
            found += _FORMS[form](form, members, quota, sizing)
    return found


def _portions(pool: Sequence[str], row: Row, rng: np.random.Generator) -> Iterator[Sequence[str]]:
    """Cut a pool into groups of lognormal size."""
    start = 0
    while start < len(pool):
        size = round(float(row["group_median"]) * float(np.exp(_SPREAD * rng.standard_normal())))
        size = min(max(size, 1), int(row["group_largest"]))
        yield pool[start : start + size]
        start += size


def _runs(members: Sequence[str], quota: _Quota) -> list[Row]:
    """Substance of each member: runs of neighbours alike, all of one family."""
    found: list[Row] = []
    while len(found) < len(members):
        count = min(_RUN, len(members) - len(found))
        family = found[0]["family"] if found else ""
        found += [quota.take(members[0], count, family)] * count
    return found


def _tanks(form: str, members: Sequence[str], quota: _Quota, rng: np.random.Generator) -> list[Group]:
    """Atmospheric tanks in one bund; the largest ones in as many bunds as they need."""
    substances = _runs(members, quota)
    family = substances[0]["family"]
    common = float(rng.standard_normal())
    own = np.where(
        rng.random(len(members)) < _SAME_SIZE,
        common,
        _ALIKE * common + np.sqrt(1.0 - _ALIKE**2) * rng.standard_normal(len(members)),
    )
    units = [sizes.tank(each, family, float(level), rng) for each, level in zip(substances, own, strict=True)]
    large = sum(unit["diameter_m"] >= _LARGE_DIAMETER for unit in units)
    most = _LARGE_IN_BUND if large > _LARGE_IN_BUND else len(units)
    return [_bund(form, units[at : at + most], family, rng) for at in range(0, len(units), most)]


def _vessels(form: str, members: Sequence[str], quota: _Quota, rng: np.random.Generator) -> list[Group]:
    """Spheres or bullets of one size and substance in one bund."""
    substance = quota.take(members[0], len(members))
    vessel = sizes.vessel_size(substance, rng)
    units = [sizes.vessel(substance, vessel, rng) for _ in members]
    return [_bund(form, units, "gas", rng)]


def _cold(form: str, members: Sequence[str], quota: _Quota, rng: np.random.Generator) -> list[Group]:
    units = [sizes.refrigerated(quota.take(kind, 1), rng) for kind in members]
    return [_bund(form, units, "gas", rng)]


def _bund(form: str, units: list[dict[str, Any]], family: str, rng: np.random.Generator) -> Group:
    """Stand tanks in one or two rows; neighbours in a row lie a drawn share of the larger diameter apart."""
    share = float(recipe.clipped_lognormal(rng, "gap", 1)[0])
    across = share * float(rng.uniform(*_OTHER_ROW))
    first = len(units) if len(units) < _ROW_AT_LEAST else -(-len(units) // 2)
    lines = [line for line in (units[:first], units[first:]) if line]
    wall = max(3.0, max(unit["height_m"] or unit["diameter_m"] for unit in units) / 2.0)
    spans = [max(_span(unit) for unit in line) for line in lines]
    width, depth = 0.0, wall + spans[0] / 2.0
    for number, line in enumerate(lines):
        if number:
            depth += (spans[0] + spans[1]) / 2.0 + across * max(spans)
        at = wall
        for place, unit in enumerate(line):
            if place:
                at += share * max(_span(unit), _span(line[place - 1]))
            unit["x"], unit["y"] = at + _span(unit) / 2.0, depth
            at += _span(unit)
        width = max(width, at + wall)
    depth += spans[-1] / 2.0 + wall
    free = width * depth - sum(np.pi / 4.0 * unit["diameter_m"] ** 2 for unit in units)
    apart = any(unit["apart"] for unit in units)
    return Group(form, units, width, depth, family, apart, bund=max(round(free / 10.0) * 10.0, 10.0))


def _span(unit: Mapping[str, Any]) -> float:
    """Ground that a tank takes along its row: its diameter, or what of a lying vessel is longer. [m]"""
    lying = unit["kind"] == "pressure_vessel" and unit["height_m"] is not None
    return float(unit["height_m"] if lying else unit["diameter_m"])


def _grid(form: str, members: Sequence[str], quota: _Quota, rng: np.random.Generator) -> list[Group]:
    """Units on a grid: the equipment of a process block, loading arms along their bay, sheds."""
    units = []
    family = ""
    substance: Row = {"kinds": ""}
    for place, kind in enumerate(members):
        if place % _RUN == 0 or form != "process" or kind not in substance["kinds"].split(";"):
            substance = quota.take(kind, 1)
        family = family or substance["family"]
        units.append(sizes.MAKERS[kind](substance, rng))
    columns = len(units) if form != "process" else int(np.ceil(np.sqrt(1.5 * len(units))))
    largest = max((unit["diameter_m"] or 0.0 for unit in units), default=0.0)
    pitch = max(_PITCH[form], 1.8 * largest)
    deep = _PITCH[form] / 2.0 if form == "warehouses" else 0.0
    slack = pitch - largest if form == "process" else 0.0
    for place, unit in enumerate(units):
        shift = slack * 0.3 * (rng.random(2) - 0.5)
        unit["x"] = _ROOM + pitch * (place % columns + 0.5) + float(shift[0])
        unit["y"] = _ROOM + pitch * (place // columns + 0.5) - deep / 2.0 + float(shift[1])
    lines = -(-len(units) // columns)
    apart = any(unit["apart"] for unit in units)
    return [Group(form, units, 2.0 * _ROOM + pitch * columns, 2.0 * _ROOM + pitch * lines - deep, family, apart)]


def _racks(form: str, members: Sequence[str], quota: _Quota, rng: np.random.Generator) -> list[Group]:
    """Pipelines side by side on one rack."""
    length = float(round(rng.uniform(60.0, 150.0)))
    units = []
    for place, kind in enumerate(members):
        unit = sizes.pipeline(quota.take(kind, 1), length, rng)
        across = 3.0 + 1.5 * place
        unit["x"], unit["y"] = 2.0 + length / 2.0, across
        unit["corners"] = [(2.0, across), (2.0 + length, across)]
        units.append(unit)
    apart = any(unit["apart"] for unit in units)
    return [Group(form, units, length + 4.0, 6.0 + 1.5 * (len(members) - 1), "", apart)]


_FORMS: Mapping[str, Callable[[str, Sequence[str], _Quota, np.random.Generator], list[Group]]] = {
    "tanks": _tanks,
    "vessels": _vessels,
    "cold": _cold,
    "process": _grid,
    "racks": _racks,
    "arms": _grid,
    "warehouses": _grid,
    "cylinders": _grid,
}
