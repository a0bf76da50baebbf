"""Risk by brute force, for comparison: analytic lethalities, no polar grid, no table, no library of footprints."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parkrisk.models._jit import kernel
from parkrisk.models.footprint import Footprint, PolarGrid

#: A lethality below this counts as 0.
CUT = 1e-9

NONE, PLUME, FIRE, DISC = 0.0, 1.0, 2.0, 3.0

#: Lethality indoors as a share of that outdoors.
INDOOR_SHARE = 0.1


@kernel
def lethality(case, r, t):
    """V(r, t) of a toy outcome ``case`` = (kind, a, b, c), outdoors.

    PLUME: Gaussian at ground level, a = rate over the lethal concentration, b = wind speed, c = 1 stable, 0 neutral.
    FIRE: longer downwind, a = distance of 50 % lethality crosswind, b = stretch. DISC: a = radius, b = lethality.
    """
    kind, a, b, c = case
    value = 0.0
    if kind == PLUME:
        x = r * math.cos(t)
        if x > 0.0:
            y = r * math.sin(t)
            wide, high = 0.08 * x / math.sqrt(1.0 + 1e-4 * x), 0.06 * x / math.sqrt(1.0 + 1.5e-3 * x)
            if c == 1.0:
                wide, high = 0.04 * x / math.sqrt(1.0 + 1e-4 * x), 0.016 * x / (1.0 + 3e-4 * x)
            log_dose = math.log(a / (math.pi * b * wide * high)) - 0.5 * (y / wide) ** 2
            value = 0.5 * math.erfc(-1.3 * log_dose / math.sqrt(2.0))
    elif kind == FIRE:
        value = 0.5 * math.erfc(-4.0 * math.log(a * (1.0 + b * math.cos(t)) / r) / math.sqrt(2.0))
    elif kind == DISC and r <= a:
        value = b
    return value if value >= CUT else 0.0


@kernel
def half_width(case, r):
    """Angle beyond which the lethality at distance r is 0; -1 if it is 0 on the axis too."""
    if lethality(case, r, 0.0) == 0.0:
        return -1.0
    if lethality(case, r, math.pi) > 0.0:
        return math.pi
    low, high = 0.0, math.pi
    for _ in range(60):
        middle = 0.5 * (low + high)
        if lethality(case, r, middle) > 0.0:
            low = middle
        else:
            high = middle
    return low


@kernel
def individual_at(px, py, place, frequency, cases, density, n_points):
    """Individual risk at a point: two-point Gauss rule on panels, in pieces between sector edges.

    place (n_events, 2), frequency (n_events,), cases (n_events, n_weathers, 4), density (n_weathers, n_sectors).
    """
    n_sectors = density.shape[1]
    sector = 2.0 * math.pi / n_sectors
    total = 0.0
    for e in range(place.shape[0]):
        dx, dy = px - place[e, 0], py - place[e, 1]
        r, th = math.sqrt(dx * dx + dy * dy), math.atan2(dy, dx)
        for w in range(density.shape[0]):
            case = (cases[e, w, 0], cases[e, w, 1], cases[e, w, 2], cases[e, w, 3])
            if case[0] == NONE:
                continue
            if case[0] == DISC:
                if dx * dx + dy * dy <= case[1] * case[1]:
                    total += frequency[e] * case[2] * density[w].sum() * sector
                continue
            half = half_width(case, r)
            if half <= 0.0:
                continue
            low, end = th - half, th + half
            k = math.floor(low / sector + 0.5)
            while low < end:
                high = min((k + 0.5) * sector, end)
                step = 2.0 * (high - low) / n_points
                part = 0.0
                for i in range(n_points // 2):
                    for sign in (-1.0, 1.0):
                        phi = low + (i + 0.5 + sign * 0.5 / math.sqrt(3.0)) * step
                        part += 0.5 * lethality(case, r, abs(th - phi))
                total += frequency[e] * density[w, k % n_sectors] * part * step
                low = high
                k += 1
    return total


@kernel
def individual_plain(px, py, place, frequency, cases, density, n_directions):
    """Individual risk at a point by the usual loop over wind directions: slow, and rough at sector edges."""
    n_sectors = density.shape[1]
    width = 2.0 * math.pi / n_directions
    total = 0.0
    for e in range(place.shape[0]):
        dx, dy = px - place[e, 0], py - place[e, 1]
        r, th = math.sqrt(dx * dx + dy * dy), math.atan2(dy, dx)
        for w in range(density.shape[0]):
            case = (cases[e, w, 0], cases[e, w, 1], cases[e, w, 2], cases[e, w, 3])
            for j in range(n_directions):
                phi = (j + 0.5) * width
                k = math.floor(phi / (2.0 * math.pi / n_sectors) + 0.5) % n_sectors
                total += frequency[e] * density[w, k] * width * lethality(case, r, th - phi)
    return total


@kernel
def _bin_means(case, radius, width, half_bins, count, values):
    nodes = (-0.932469514203152, -0.661209386466265, -0.238619186083197)
    weights = (0.171324492379170, 0.360761573048139, 0.467913934572691)
    at = 0
    for i in range(radius.size):
        half = half_width(case, radius[i])
        if half <= 0.0:
            continue
        for j in range(half_bins):
            low = j * width
            high = min(low + width, half)
            if high <= low:
                break
            mean = 0.0
            for n in range(3):
                for sign in (-1.0, 1.0):
                    t = 0.5 * (low + high) + 0.5 * (high - low) * sign * nodes[n]
                    mean += 0.5 * weights[n] * lethality(case, radius[i], t)
            values[at] = mean * (high - low) / width
            count[i] += 1
            at += 1
    return at


@dataclass(frozen=True)
class Rose:
    """Probability of (period, weather, sector), as in `WindRose`."""

    probability: np.ndarray


@dataclass(frozen=True)
class Toy:
    """An outcome whose lethality is a formula."""

    kind: float
    a: float
    b: float
    c: float = 0.0

    @property
    def case(self):
        return (self.kind, self.a, self.b, self.c)

    def footprint(self, grid: PolarGrid) -> Footprint:
        count = np.zeros(grid.n_rings, dtype=np.int32)
        if self.kind == DISC:
            shares = np.array([[1.0], [1.0], [INDOOR_SHARE]])
            return Footprint(count, np.zeros((3, 0)), np.array([self.a]), shares * self.b)
        values = np.zeros(grid.n_rings * (grid.n_bins // 2))
        used = _bin_means(self.case, grid.radius, grid.bin_width, grid.n_bins // 2, count, values)
        outdoors = values[:used]
        return Footprint(count, np.stack([outdoors, outdoors, INDOOR_SHARE * outdoors]), np.empty(0), np.empty((3, 0)))


def toy_events(rows, n_weathers):
    """Events of (event_id, unit_id, enterprise_id, x, y, kind, frequency, [one outcome or None per weather])."""
    from parkrisk.scenarios.events.expand import Events

    outcomes, index = {}, np.full((len(rows), n_weathers), -1, dtype=np.int32)
    for i, row in enumerate(rows):
        for w, outcome in enumerate(row[7]):
            if outcome is not None:
                index[i, w] = outcomes.setdefault(outcome, len(outcomes))
    columns = ["event_id", "unit_id", "enterprise_id", "x", "y", "outcome", "frequency"]
    table = pd.DataFrame([row[:7] for row in rows], columns=columns)
    table = table.assign(loc="rupture", cas="7782-50-5", origin="primary", source="test", mark="M")
    return Events(table=table, outcomes=tuple(outcomes), outcome_index=index, dropped=pd.DataFrame())


def arrays(events, rose):
    """What `individual_at` wants: place, frequency, cases, density."""
    cases = np.zeros((len(events.table), events.outcome_index.shape[1], 4))
    for (i, w), outcome in np.ndenumerate(events.outcome_index):
        if outcome >= 0:
            cases[i, w] = events.outcomes[outcome].case
    density = rose.probability.sum(axis=0) * rose.probability.shape[2] / (2.0 * np.pi)
    return events.table[["x", "y"]].to_numpy(), events.table["frequency"].to_numpy(), cases, density
