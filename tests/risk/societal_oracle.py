"""Societal risk by brute force, for comparison: every person at his own place, no grid, no bins, an exact sort."""

import math

import numpy as np

from parkrisk.models._jit import kernel
from parkrisk.models.footprint import INDOOR, OUTDOOR
from parkrisk.risk import kernels
from parkrisk.risk.footprints.library import FootprintLibrary
from tests.risk.oracle import INDOOR_SHARE, lethality


@kernel
def numbers_of_deaths(place, case, xy, counts, n_directions):
    """Expected deaths of one toy outcome by day and by night, shape (2, n_directions), every person by himself.

    The wind blows towards (j + 1/2) 2π/n_directions; ``counts`` are day outdoors, indoors, night outdoors, indoors.
    """
    width = 2.0 * math.pi / n_directions
    numbers = np.zeros((2, n_directions))
    for i in range(xy.shape[0]):
        dx, dy = xy[i, 0] - place[0], xy[i, 1] - place[1]
        r, th = math.sqrt(dx * dx + dy * dy), math.atan2(dy, dx)
        for j in range(n_directions):
            value = lethality(case, r, th - (j + 0.5) * width)
            for period in range(2):
                numbers[period, j] += value * (counts[i, 2 * period] + INDOOR_SHARE * counts[i, 2 * period + 1])
    return numbers


def others(people, enterprise_id):
    """Who counts: all but the staff of the enterprise; what belongs to nobody ("") has no staff."""
    return (people.enterprise_id != enterprise_id) | (enterprise_id == "")


def by_shelter(people, chosen):
    """Persons by day outdoors, indoors, by night outdoors, indoors, shape (n, 4)."""
    columns = [(people.day, people.indoor_day), (people.night, people.indoor_night)]
    return np.stack([count * share for count, inside in columns for share in (1.0 - inside, inside)], axis=1)[chosen]


def toy_numbers(place, toy, xy, counts, n_directions):
    """`numbers_of_deaths` of a toy."""
    return numbers_of_deaths(place, toy.case, xy, counts, n_directions)


def finely(grid):
    """`numbers_of_deaths` of any outcome, read off its footprint on a fine grid at everybody's own place."""

    def numbers(place, outcome, xy, counts, n_directions):
        footprint = outcome.footprint(grid)
        bins = np.zeros((3, grid.n_rings, grid.n_bins // 2 + 1))
        ring = np.repeat(np.arange(grid.n_rings), footprint.count)
        first = np.cumsum(footprint.count) - footprint.count
        bins[:, ring, np.arange(ring.size) - first[ring]] = footprint.lethality
        dx, dy = (xy - place).T
        r, theta = np.hypot(dx, dy), np.arctan2(dy, dx)
        u = np.log(np.maximum(r / grid.r_min, 1.0)) / np.log(grid.r_max / grid.r_min) * (grid.n_rings - 1)
        i = np.minimum(u.astype(int), grid.n_rings - 2)
        u = np.minimum(u - i, 1.0)
        within = (r <= footprint.disc_radius[:, None]).astype(float)
        always = footprint.disc_lethality @ within
        found = np.zeros((2, n_directions))
        for j, phi in enumerate((np.arange(n_directions) + 0.5) * 2.0 * np.pi / n_directions):
            t = np.abs((theta - phi + np.pi) % (2.0 * np.pi) - np.pi)
            at = (t / grid.bin_width).astype(int)
            value = bins[:, i, at] * (1.0 - u) + bins[:, i + 1, at] * u + always
            for period in range(2):
                outdoors, indoors = counts[:, 2 * period], counts[:, 2 * period + 1]
                found[period, j] = value[OUTDOOR] @ outdoors + value[INDOOR] @ indoors
        return found

    return numbers


def numbers_and_frequencies(events, rose, people, n_directions=720, numbers=toy_numbers):
    """Every (N, f) of a park: event × weather × period × direction, two arrays."""
    n_sectors = rose.probability.shape[2]
    phi = (np.arange(n_directions) + 0.5) * 2.0 * np.pi / n_directions
    sector = np.floor(phi / (2.0 * np.pi / n_sectors) + 0.5).astype(int) % n_sectors
    probability = rose.probability[:, :, sector] * n_sectors / n_directions
    xy = np.stack([people.x, people.y], axis=1)
    found, frequencies = [], []
    for row, outcomes in zip(events.table.itertuples(), events.outcome_index, strict=True):
        counted = others(people, row.enterprise_id)
        place = np.array([row.x, row.y])
        for weather, outcome in enumerate(outcomes):
            if outcome < 0:
                continue
            persons = by_shelter(people, counted)
            found.append(numbers(place, events.outcomes[outcome], xy[counted], persons, n_directions))
            frequencies.append(row.frequency * probability[:, weather])
    return np.concatenate([each.ravel() for each in found]), np.concatenate([each.ravel() for each in frequencies])


def exceedance(numbers, frequencies, at):
    """F(N): frequency of at least that many deaths, by exact sorting."""
    order = np.argsort(numbers)[::-1]
    cumulated = np.concatenate([[0.0], np.cumsum(frequencies[order])])
    return cumulated[np.searchsorted(-numbers[order], -np.asarray(at), side="right")]


def deaths_everywhere(rows, persons, n_bins):
    """Deaths in every direction by a plain sum over nodes and bins: the sum that the kernels do by waves.

    ``rows`` (n_rings, n_bins / 2) is lethality by bin from the axis, ``persons`` (n_rings, n_bins) persons at
    nodes. A person at node i is bin i − b − 1 from the axis when the wind blows towards bin b, mirrored if negative.
    """
    deaths = np.zeros(n_bins)
    for direction in range(n_bins):
        apart = (np.arange(n_bins) - direction - 1) % n_bins
        deaths[direction] = (rows[:, np.minimum(apart, n_bins - 1 - apart)] * persons).sum()
    return deaths


def interpolated(field, grid, turn, dx, dy):
    """Linear in (ln r, θ) from a padded field; 0 beyond the last ring."""
    u = np.clip(np.log(np.hypot(dx, dy) / grid.r_min) / np.log(grid.r_max / grid.r_min) * (grid.n_rings - 1), 0, None)
    v = np.mod(np.arctan2(dy, dx) + turn, 2.0 * np.pi) / grid.bin_width
    beyond = u > grid.n_rings - 1
    i, j = np.minimum(u.astype(int), grid.n_rings - 2), v.astype(int)
    u, v = u - i, v - j
    nodes = field[2:-2, 2:-2]
    inner = nodes[i, j] * (1.0 - v) + nodes[i, j + 1] * v
    outer = nodes[i + 1, j] * (1.0 - v) + nodes[i + 1, j + 1] * v
    return np.where(beyond, 0.0, inner * (1.0 - u) + outer * u)


def sum_of_own_risks(events, rose, grid, people):
    """Σ persons × risk: by the product integration of individual risk, interpolated, discs by position.

    The wind rose is read as one of as many sectors as the grid has bins, weighted by the chances of directions.
    """
    library = FootprintLibrary(events.outcomes, grid)
    n_sectors = rose.probability.shape[2]
    probability = np.repeat(rose.probability, grid.n_bins // n_sectors, axis=2) * n_sectors / grid.n_bins
    shelters = [(period, shelter) for period in range(2) for shelter in range(2)]
    total = 0.0
    for event, row in enumerate(events.table.itertuples()):
        counted = others(people, row.enterprise_id)
        persons = by_shelter(people, counted)
        dx, dy = people.x[counted] - row.x, people.y[counted] - row.y
        outcomes = [(weather, at) for weather, at in enumerate(events.outcome_index[event]) if at >= 0]
        for column, (period, shelter) in enumerate(shelters):
            who = (OUTDOOR, INDOOR)[shelter]
            field = np.zeros((grid.n_rings + 4, grid.n_bins + 5))
            profile = np.zeros((probability.shape[1], grid.n_rings, grid.n_bins // 2))
            reach = np.zeros(profile.shape[:2], dtype=np.int64)
            happens = probability[period] * chances(events, event, grid)
            risk = 0.0
            for weather, outcome in outcomes:
                packed = library[outcome]
                kernels.add_footprint(
                    profile[weather],
                    reach[weather],
                    packed.start[who],
                    packed.lead[who],
                    packed.values[who],
                    row.frequency,
                )
                within = dx**2 + dy**2 <= packed.disc_radius[:, None] ** 2
                risk = risk + row.frequency * happens[weather].sum() * (packed.disc_lethality[who] @ within)
            kernels.wind_field(profile, reach, happens / grid.bin_width, field)
            risk = risk + interpolated(field, grid, np.pi / n_sectors, dx, dy)
            total += persons[:, column] @ risk
    return total


def chances(events, event, grid):
    """Probability of an event's outcome by weather and direction."""
    if events.direction_index is None:
        return 1.0
    every = np.stack([*events.directions, np.ones(grid.n_bins)])
    return every[events.direction_index[event]]
