"""Deaths in every direction by waves against the plain sum over people, and classes of deaths."""

import numpy as np
import pytest
import scipy.fft

from parkrisk.risk.crowds import correlation, deaths
from tests.risk.societal_oracle import deaths_everywhere

N_RINGS = 10


def footprint(n_bins, seed):
    """Rings that are empty, narrow, wide, all round and the same, all round and uneven: counts and values."""
    rng = np.random.default_rng(seed)
    half = n_bins // 2
    count = np.array([half, half, half, half - 1, 3, 5, 0, 1, 4, 0])
    rings = [rng.random(n).astype(np.float32) for n in count]
    rings[0][:] = 0.75
    rings[1][3:] = 0.25
    return count, np.concatenate(rings)


def dense(count, values, n_bins):
    rows = np.zeros((N_RINGS, n_bins // 2))
    for ring, bins in enumerate(np.split(values, np.cumsum(count)[:-1])):
        rows[ring, : bins.size] = bins
    return rows


def by_waves(pairs, tables, n_bins):
    """Deaths (source, outcome, period, direction) of footprints given outdoors and indoors."""
    count = np.stack([np.stack([c for c, _ in pair], axis=1) for pair in pairs], axis=1)
    values = np.concatenate([v for pair in pairs for _, v in pair])
    begin = np.zeros_like(count)
    at = 0
    for outcome, pair in enumerate(pairs):
        for row, (c, v) in enumerate(pair):
            begin[:, outcome, row] = at + np.cumsum(c) - c
            at += v.size
    cosine = correlation.cosines(n_bins)
    groups = np.arange(-(-N_RINGS // correlation.TOGETHER))
    people = np.empty((len(tables), cosine.shape[0], groups.size, correlation.TOGETHER, 8, correlation.LANES))
    for table, each in zip(tables, people, strict=True):
        correlation.fill_waves(scipy.fft.rfft(table, axis=1), np.arange(N_RINGS), each)
    waves = np.empty((len(tables), len(pairs), 2, n_bins // 2 + 1), dtype=complex)
    correlation.correlate(cosine, groups, begin, count, values, people, waves)
    return scipy.fft.irfft(waves, n=n_bins, axis=3)


@pytest.mark.kernel
@pytest.mark.parametrize("n_bins", [16, 264])
def test_waves_give_the_plain_sum_over_people(n_bins):
    rng = np.random.default_rng(2)
    pairs = [(footprint(n_bins, 1), footprint(n_bins, 2)), (footprint(n_bins, 3), footprint(n_bins, 3))]
    tables = [rng.random((N_RINGS, n_bins, 4)) * (rng.random((N_RINGS, n_bins, 4)) < 0.3) for _ in range(2)]
    found = by_waves(pairs, tables, n_bins)
    for source, table in enumerate(tables):
        for outcome, (outdoor, indoor) in enumerate(pairs):
            for period in range(2):
                want = deaths_everywhere(dense(*outdoor, n_bins), table[:, :, 2 * period], n_bins)
                want += deaths_everywhere(dense(*indoor, n_bins), table[:, :, 2 * period + 1], n_bins)
                assert found[source, outcome, period] == pytest.approx(want, rel=1e-13)


@pytest.mark.kernel
def test_who_else_is_counted_leaves_no_trace():
    rng = np.random.default_rng(4)
    pairs = [(footprint(16, 1), footprint(16, 2)), (footprint(16, 3), footprint(16, 4))]
    tables = [rng.random((N_RINGS, 16, 4)) for _ in range(3)]
    together = by_waves(pairs, tables, 16)
    assert np.array_equal(by_waves(pairs, tables[1:2], 16)[0], together[1])
    assert np.array_equal(by_waves(pairs[1:], tables, 16)[:, 0], together[:, 1])


@pytest.mark.kernel
def test_numbers_at_and_beside_edges_fall_into_their_class():
    edges = deaths.death_classes()
    guide = deaths.class_guide(edges)
    inside = np.sqrt(edges[1:] * edges[:-1])
    numbers = np.concatenate([edges, edges * (1.0 - 1e-6), edges * (1.0 - 1e-10), inside, [0.0, 0.5, 5e9]])
    one = np.ones((1, 1))
    for number in numbers.tolist():
        histograms = np.zeros((3, edges.size), dtype=np.int64)
        figures = np.zeros((1, 3))
        none = np.zeros((1, 1), dtype=np.int64)
        found = np.full((1, 2, 2), number)
        deaths.tally(
            found,
            none,
            none,
            np.ones(1),
            np.full((2, 1, 2), 0.25),
            np.repeat(one, 2, axis=1),
            np.full((1, 1, 1), 0.25),
            np.array([False]),
            edges,
            guide,
            np.zeros(1, dtype=np.int64),
            histograms,
            figures,
        )
        place = np.searchsorted(edges, number * (1.0 + 1e-9), side="right") - 1
        want = np.zeros_like(histograms)
        if place >= 0:
            want[[deaths.EVERY, deaths.ALONE], place] = 2**60, 2**58
        assert np.array_equal(histograms, want)
        assert figures[0].tolist() == [number, number, float(place >= 0)]


def test_corners_of_criteria_are_class_edges():
    edges = deaths.death_classes()
    assert set(edges) >= {1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0}
    assert np.all(np.diff(edges) > 0.0)


def test_rounding_of_waves_is_nobody():
    found = np.array([[[5.0, 1e-14, -1e-15, 1e-3], [0.0, 0.0, 0.0, 0.0]]])
    deaths.settle(found, np.array([[2.0, 0.0]]))
    assert found.tolist() == [[[7.0, 2.0, 2.0, 2.001], [0.0] * 4]]
