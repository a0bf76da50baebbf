"""Where the groups of a park stand: shared among enterprises, packed on their plots, the plots laid out as a site.

The site is a slicing floor plan: plots are joined side by side or one above the other, two at a time, with a fence or
a road between, and stretched to fill it. So nothing overlaps by construction, whatever was drawn.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from parkrisk.scenarios.synthetic import recipe
from parkrisk.scenarios.synthetic.groups import Group

__all__ = ["Plot", "Segment", "Site", "lay_out"]

_AISLE = 18.0  # between the groups of an enterprise [m]
_FENCE = 6.0  # between two fences without a road [m]
_EDGE = 40.0  # between the outer plots and the boundary [m]
_TERMINAL = ("crude", "products")  # families that belong to storage terminals
_TERMINAL_UNITS = 120  # units of one terminal, about
_CHOICES = 6  # shapes kept of every part of the floor plan
_PARTNERS = 8  # parts that the smallest one may be joined with
_LEAST_VACANT = 0.08  # share of the site that is not built on
_NET_SHARE = 0.7  # share of the area of the recipe that the plots need; the rest is roads and what no plot fits into
_SQUARE = 0.35  # weight of a square shape against little ground

Segment = tuple[float, float, float, float]


@dataclass
class Plot:
    """Plot of an enterprise, or ground not built on yet.

    Parameters
    ----------
    groups : list of Group
    kind : str
        "storage", "chemical", or "" for ground not built on.
    places : list of (x, y)
        Corner of each group within the plot's content.
    width, depth : float
        Of the content. [m]
    margin : float
        From the content to the fence, at least. [m]
    corner, size : tuple
        Of the plot on the site. [m]
    turned : bool
        Whether the content is mirrored about the diagonal.
    """

    groups: list[Group]
    kind: str
    places: list[tuple[float, float]] = field(default_factory=list)
    width: float = 0.0
    depth: float = 0.0
    margin: float = 0.0
    corner: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (0.0, 0.0)
    turned: bool = False

    @property
    def needs(self) -> tuple[float, float]:
        """Width and depth that the plot takes at least. [m]"""
        return self.width + 2.0 * self.margin, self.depth + 2.0 * self.margin

    @property
    def apart(self) -> bool:
        """Whether the plot belongs downwind."""
        return any(group.apart for group in self.groups)


@dataclass(frozen=True)
class Site:
    """Plots laid out, the roads between them, and the size of the whole with its edge. [m]

    ``downwind`` points to the side where the plants stand that belong downwind; zero: there is no such side.
    """

    plots: Sequence[Plot]
    roads: Sequence[Segment]
    width: float
    depth: float
    downwind: tuple[float, float]


def lay_out(groups: Sequence[Group], units: int, rng: np.random.Generator) -> Site:
    """Share groups among enterprises and lay out their plots."""
    plots = _enterprises(groups, units, rng)
    for plot in plots:
        _pack(plot, rng)
    well = rng.random(len(plots)) < recipe.number("well_placed")
    front = [plot for plot, right in zip(plots, well, strict=True) if plot.apart and right]
    rest = [plot for plot, right in zip(plots, well, strict=True) if not (plot.apart and right)]
    parts = [_arranged(part) for part in (front, [*rest, *_vacant(plots, units, rng)]) if part]
    choices = parts[0] if len(parts) == 1 else _union(*parts)
    best = min(choices, key=lambda shape: _cost(shape.width, shape.depth))
    roads: list[Segment] = []
    best.settle(_EDGE, _EDGE, best.width, best.depth, roads)
    downwind = (0.0, 0.0) if not front or not rest else (-1.0, 0.0) if best.beside else (0.0, -1.0)
    return Site(plots, roads, best.width + 2.0 * _EDGE, best.depth + 2.0 * _EDGE, downwind)


def _enterprises(groups: Sequence[Group], units: int, rng: np.random.Generator) -> list[Plot]:
    """Share groups among enterprises of long-tailed size; petroleum goes to the terminals, which come last."""
    chemical = [group for group in groups if group.family not in _TERMINAL]
    petroleum = [group for group in groups if group.family in _TERMINAL]
    stored = sum(len(group.units) for group in petroleum)
    terminals = max(1, round(stored / _TERMINAL_UNITS)) if petroleum else 0
    wanted = max(2, round(units / recipe.number("units_per_enterprise"))) - terminals
    plants = min(max(1, wanted), len(chemical))
    return [*_shared(chemical, plants, "chemical", rng), *_shared(petroleum, terminals, "storage", rng)]


def _shared(groups: Sequence[Group], number: int, kind: str, rng: np.random.Generator) -> list[Plot]:
    """Every enterprise gets one group; further ones go by what each still lacks of its drawn size."""
    if not number:
        return []
    plots = [Plot([], kind) for _ in range(number)]
    size = np.exp(recipe.number("enterprise_sigma") * rng.standard_normal(number))
    left = size / size.sum() * sum(len(group.units) for group in groups)
    for turn, place in enumerate(rng.permutation(len(groups)).tolist()):
        weight = np.cumsum(np.maximum(left, 0.01))
        chosen = turn if turn < number else int(np.searchsorted(weight, rng.random() * weight[-1], side="right"))
        plots[chosen].groups.append(groups[place])
        left[chosen] -= len(groups[place].units)
    return plots


def _pack(plot: Plot, rng: np.random.Generator) -> None:
    """Stand the groups of an enterprise on shelves, deepest first."""
    plot.margin = float(recipe.clipped_lognormal(rng, "fence", 1)[0])
    plot.groups.sort(key=lambda group: -group.depth)
    area = sum((group.width + _AISLE) * (group.depth + _AISLE) for group in plot.groups)
    widest = max(group.width for group in plot.groups)
    limit = max(widest, float(np.sqrt(area * rng.uniform(0.9, 1.8))))
    x = y = shelf = 0.0
    for group in plot.groups:
        if x > 0.0 and x + group.width > limit:
            x, y = 0.0, y + shelf + _AISLE
            shelf = 0.0
        plot.places.append((x, y))
        shelf = max(shelf, group.depth)
        x += group.width + _AISLE
        plot.width = max(plot.width, x - _AISLE)
    plot.depth = y + shelf


def _vacant(plots: list[Plot], units: int, rng: np.random.Generator) -> list[Plot]:
    """Ground not built on, so that the site has the area of the recipe where its plots leave any."""
    built = sum(plot.needs[0] * plot.needs[1] for plot in plots)
    site = recipe.number("area_factor") * 1e6 * units ** recipe.number("area_exponent")
    vacant = max(_LEAST_VACANT * built, _NET_SHARE * site - built)
    mean = float(np.sqrt(built / len(plots)))
    found: list[Plot] = []
    while vacant > 0.0:
        width, depth = (float(each) for each in mean * rng.uniform(0.5, 1.2, 2))
        vacant -= width * depth
        found.append(Plot([], "", [], width, depth))
    return found


@dataclass(frozen=True)
class _Shape:
    """One shape of a part of the floor plan: a plot, straight or turned, or two parts with a gap between."""

    width: float
    depth: float
    plot: Plot | None = None
    turned: bool = False
    parts: tuple["_Shape", ...] = ()
    beside: bool = True
    gap: float = 0.0

    def settle(self, x: float, y: float, width: float, depth: float, roads: list[Segment]) -> None:
        """Place the plots in a rectangle at least as large as the shape; collect the roads."""
        if self.plot is not None:
            self.plot.corner, self.plot.size, self.plot.turned = (x, y), (width, depth), self.turned
            return
        one, other = self.parts
        if self.beside:
            first = one.width + (width - self.width) * one.width / (one.width + other.width)
            one.settle(x, y, first, depth, roads)
            other.settle(x + first + self.gap, y, width - first - self.gap, depth, roads)
            road = (x + first + self.gap / 2.0, y, x + first + self.gap / 2.0, y + depth)
        else:
            first = one.depth + (depth - self.depth) * one.depth / (one.depth + other.depth)
            one.settle(x, y, width, first, roads)
            other.settle(x, y + first + self.gap, width, depth - first - self.gap, roads)
            road = (x, y + first + self.gap / 2.0, x + width, y + first + self.gap / 2.0)
        if self.gap > _FENCE:
            roads.append(road)


def _cost(width: float, depth: float) -> float:
    """Ground of a rectangle, dearer the longer it is."""
    return width * depth * (1.0 + _SQUARE * (max(width, depth) / min(width, depth) - 1.0))


def _arranged(plots: Sequence[Plot]) -> list[_Shape]:
    """Shapes of the floor plan of some plots: the smallest part is joined with a small one that it fits best."""
    parts = [(_ground(shapes), number, shapes) for number, shapes in enumerate(map(_shapes_of, plots))]
    heapq.heapify(parts)
    for number in range(len(plots), 2 * len(plots) - 1):
        _, _, smallest = heapq.heappop(parts)
        near = [heapq.heappop(parts) for _ in range(min(_PARTNERS, len(parts)))]
        unions = [_union(smallest, shapes) for _, _, shapes in near]
        wasted = [_ground(union) / (_ground(smallest) + each[0]) for union, each in zip(unions, near, strict=True)]
        best = int(np.argmin(wasted))
        heapq.heappush(parts, (_ground(unions[best]), number, unions[best]))
        for place, part in enumerate(near):
            if place != best:
                heapq.heappush(parts, part)
    return parts[0][2]


def _shapes_of(plot: Plot) -> list[_Shape]:
    width, depth = plot.needs
    return [_Shape(width, depth, plot), _Shape(depth, width, plot, turned=True)]


def _ground(shapes: Sequence[_Shape]) -> float:
    return min(shape.width * shape.depth for shape in shapes)


def _union(one: Sequence[_Shape], other: Sequence[_Shape]) -> list[_Shape]:
    """Best shapes of two parts, joined in either way."""
    joined = [_joined(each, its, beside) for each in one for its in other for beside in (True, False)]
    return sorted(joined, key=lambda shape: _cost(shape.width, shape.depth))[:_CHOICES]


def _joined(one: _Shape, other: _Shape, beside: bool) -> _Shape:
    along = max(one.depth, other.depth) if beside else max(one.width, other.width)
    gap = recipe.number("road_width") if along > recipe.number("road_pitch") else _FENCE
    if beside:
        return _Shape(one.width + gap + other.width, along, None, False, (one, other), True, gap)
    return _Shape(along, one.depth + gap + other.depth, None, False, (one, other), False, gap)
