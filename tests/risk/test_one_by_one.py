"""Both risks of the minimal park against a plain sum: every event, weather and wind direction by itself."""

import functools

import numpy as np
import pytest

from parkrisk.models.footprint import PolarGrid
from parkrisk.scenarios.receptors import people, wind_rose
from tests import minimal_park

#: Rings three times as close as those of an assessment.
CLOSER = PolarGrid(n_rings=573)


def lethality(footprint, grid, distance, angle):
    """Read a footprint anywhere, straight between its rings, shape (3, ...)."""
    dense = np.zeros((3, grid.n_rings, grid.n_bins // 2))
    dense[:, np.arange(grid.n_bins // 2) < footprint.count[:, np.newaxis]] = footprint.lethality
    step = np.log(grid.r_max / grid.r_min) / (grid.n_rings - 1)
    place = np.clip(np.log(np.maximum(distance, grid.r_min) / grid.r_min) / step, 0.0, grid.n_rings - 1.001)
    ring, share = place.astype(int), place % 1.0
    off_axis = np.abs((angle + np.pi) % (2.0 * np.pi) - np.pi)
    column = np.minimum((off_axis / grid.bin_width).astype(int), grid.n_bins // 2 - 1)
    found = dense[:, ring, column] * (1.0 - share) + dense[:, ring + 1, column] * share
    for radius, step_height in zip(footprint.disc_radius, footprint.disc_lethality.T, strict=True):
        found += step_height[:, np.newaxis, np.newaxis] * (distance <= radius)
    return found


def one_by_one(result, x, y, grid=CLOSER, samples=180):
    """Mean lethality of every event at points, by weather and wind direction, nothing convolved or stamped.

    Yields event, weather, and means over each wind sector, from so many directions of it, shape (3, n_points,
    n_sectors). The rings are closer than those of the assessment.
    """
    rose, events = wind_rose(result.park), result.events
    footprint = functools.cache(lambda outcome: events.outcomes[outcome].footprint(grid))
    width = 2.0 * np.pi / rose.n_sectors
    turn = np.arange(rose.n_sectors)[:, np.newaxis] * width + ((np.arange(samples) + 0.5) / samples - 0.5) * width
    for event, index in zip(events.table.to_dict("records"), events.outcome_index, strict=True):
        dx, dy = x - event["x"], y - event["y"]
        distance = np.repeat(np.hypot(dx, dy)[:, np.newaxis], turn.size, axis=1)
        angle = np.arctan2(dy, dx)[:, np.newaxis] - turn.ravel()
        for weather, outcome in enumerate(index):
            if outcome >= 0:
                found = lethality(footprint(outcome), grid, distance, angle)
                yield event, weather, found.reshape(3, x.size, *turn.shape).mean(axis=3)


def test_both_risks_against_one_event_after_the_other():
    fine = minimal_park.assessment()
    targets, crowd = fine.park.tables["targets"], people(fine.park)
    x = np.concatenate([targets["x"].to_numpy(), crowd.x])
    y = np.concatenate([targets["y"].to_numpy(), crowd.y])
    probability = wind_rose(fine.park).probability
    risk, pll = np.zeros(len(targets)), 0.0
    present = (crowd.day, crowd.indoor_day), (crowd.night, crowd.indoor_night)
    for event, weather, means in one_by_one(fine, x, y):
        risk += event["frequency"] * means[0, : len(targets)] @ probability[:, weather].sum(axis=0)
        counted = crowd.enterprise_id != event["enterprise_id"]
        for period, (number, indoors) in enumerate(present):
            outdoor, indoor = means[1:, len(targets) :] @ probability[period, weather]
            dead = number * ((1.0 - indoors) * outdoor + indoors * indoor)
            pll += event["frequency"] * dead[counted].sum()
    assert risk == pytest.approx(fine.individual_risk.points, rel=5e-3)
    assert pll == pytest.approx(fine.pll, rel=5e-3)


@pytest.mark.slow
def test_the_raster_of_real_footprints_against_one_event_after_the_other():
    result = minimal_park.assessment()
    raster, values = result.individual_risk.raster, result.individual_risk.values
    rows, columns = np.nonzero(values >= 1e-9)
    chosen = np.random.default_rng(0).permutation(rows.size)[:60]
    values = values[rows[chosen], columns[chosen]]
    probability = wind_rose(result.park).probability.sum(axis=0)
    risk = np.zeros(chosen.size)
    fine = PolarGrid(n_rings=1528, n_bins=1440)
    x, y = raster.x[columns[chosen]], raster.y[rows[chosen]]
    for some in np.array_split(np.arange(chosen.size), 4):
        for event, weather, means in one_by_one(result, x[some], y[some], fine, samples=360):
            risk[some] += event["frequency"] * means[0] @ probability[weather]
    off = np.abs(values / risk - 1.0)
    assert off.max() <= 5e-3  # where a flash fire ends between two rings
    assert np.quantile(off, 0.95) <= 1e-3
    assert np.median(off) <= 2.5e-4
    assert np.abs(values - risk).max() <= 2e-5 * result.individual_risk.values.max()
