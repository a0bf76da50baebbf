import numpy as np
import pytest
from scipy import stats

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.domino import play_facility
from parkrisk.risk.domino_tables.played import variance_of_mean
from parkrisk.risk.settings import Settings
from parkrisk.risk.solvers.tree import cascade_tree
from tests.risk.farms import farm, random_loads


def _total(facility):
    """Expected number of secondary failures per year, exactly."""
    often = facility.sources["frequency"].to_numpy()
    return sum(f * cascade_tree(facility.network, [s]).expected_failures for s, f in enumerate(often))


def test_error_is_what_repeated_runs_scatter_by():
    facility = farm(random_loads(7, 7, low=8.0, high=30.0))
    exact = _total(facility)
    runs = [play_facility(facility, 200, seed) for seed in range(25)]
    totals = np.array([run.units["secondary_frequency"].sum() for run in runs])
    told = np.array([run.method["error_reached"] for run in runs])
    assert np.std(totals) / exact == pytest.approx(told.mean(), rel=0.5)
    assert abs(totals.mean() - exact) < 4.0 * totals.std() / np.sqrt(totals.size)


def test_histories_grow_until_the_error_is_met():
    facility = farm(random_loads(7, 7, low=8.0, high=30.0))
    first = play_facility(facility, 100).method
    asked = first["error_reached"] / 4.0
    found = play_facility(facility, 100, standard_error=asked)
    assert first["error_asked"] is None
    assert first["error_met"]
    assert first["histories"] == 100
    assert found.method["error_met"]
    assert found.method["error_reached"] <= asked == found.method["error_asked"]
    assert 1000 < found.method["histories"] < 5000
    total = found.units["secondary_frequency"].sum()
    assert abs(total / _total(facility) - 1.0) < 4.0 * found.method["error_reached"]


def test_error_that_is_not_met_is_told():
    facility = farm(random_loads(7, 7, low=8.0, high=30.0))
    method = play_facility(facility, 100, standard_error=1e-6, most_histories=300).method
    assert method["histories"] == 300
    assert not method["error_met"]
    assert method["error_reached"] > 1e-6


def test_without_escalation_there_is_no_error():
    method = play_facility(farm(np.zeros((3, 3))), 50, standard_error=0.01).method
    assert method["error_met"]
    assert method["error_reached"] == 0.0


def test_an_error_must_be_positive():
    with pytest.raises(OutOfRange):
        Settings(domino_standard_error=0.0)


def test_most_histories_are_no_fewer_than_the_first():
    with pytest.raises(OutOfRange):
        Settings(domino_histories=100, domino_most_histories=99)
    assert Settings(domino_histories=100, domino_most_histories=100).domino_most_histories == 100


@pytest.mark.parametrize(("hits", "n"), [(0, 100), (3, 100), (100, 100), (0, 1)])
def test_what_was_never_met_has_an_error(hits, n):
    """The posterior of a share that may have been any before: Beta(k + 1, n - k + 1)."""
    assert variance_of_mean(hits, hits, n) == pytest.approx(stats.beta(hits + 1, n - hits + 1).var(), rel=1e-12)


def test_three_standard_errors_of_nothing_are_the_rule_of_three():
    assert 3.0 * np.sqrt(variance_of_mean(0, 0, 1000)) == pytest.approx(stats.beta.ppf(0.95, 1, 1000), rel=0.01)


def test_variance_of_counts_is_that_of_their_mean():
    counts = np.random.default_rng(0).poisson(1.3, 100_000)
    found = variance_of_mean(counts.sum(), (counts**2).sum(), counts.size)
    assert found == pytest.approx(counts.var(ddof=1) / counts.size, rel=1e-4)
