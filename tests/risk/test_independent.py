import numpy as np
import pytest
from scipy.stats import chisquare

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.draws import uniform
from parkrisk.risk.cascades.exact import failure_probabilities, final_sets, independent_edges
from parkrisk.risk.cascades.independent import _STEP, _draw_ways, independent_cascades
from tests.risk.farms import case


@pytest.fixture(autouse=True)
def _wrap_around():
    """Keys wrap around at 2^64 on purpose; plain numpy, with the JIT off, would warn."""
    with np.errstate(over="ignore"):
        yield


def edges(matrix):
    """Rows of the edges of a matrix of chances."""
    matrix = np.asarray(matrix, float)
    np.fill_diagonal(matrix, 0.0)
    origin, target = np.nonzero(matrix)
    start = np.searchsorted(origin, np.arange(len(matrix) + 1)).astype(np.int64)
    return start, target.astype(np.int32), matrix[origin, target]


def seeds(*units):
    return np.array(units, np.int32)


@pytest.mark.parametrize("name", list(case("G_reed_frost.json")["pmf_of_extra_failures"]))
def test_reed_frost(name):
    """G: the number of failures on a complete graph."""
    pmf = np.array(case("G_reed_frost.json")["pmf_of_extra_failures"][name])
    n, p = int(name.split(",")[0][2:]), float(name.split("=")[-1])
    histories = 200_000
    found = independent_cascades(*edges(np.full((n + 1, n + 1), p)), seeds(0), histories, 1)
    share = found.sizes[1:] / histories
    assert np.all(np.abs(share - pmf) < 4.0 * np.sqrt(np.maximum(pmf, 1e-9) * (1.0 - pmf) / histories) + 1e-9)
    assert found.sizes.sum() == histories
    assert found.failures[0] == histories


@pytest.mark.parametrize("seed", range(4))
def test_uneven_chances_against_exact(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.random((7, 7)) * rng.choice([0.0, 0.05, 0.5], (7, 7))
    histories = 100_000
    found = independent_cascades(*edges(matrix.copy()), seeds(0, 3), histories, seed).failures / histories
    np.fill_diagonal(matrix, 0.0)
    exact = failure_probabilities(independent_edges(matrix), 0b1001)
    assert np.all(np.abs(found - exact) <= 4.0 * np.sqrt(np.maximum(exact * (1.0 - exact), 0.0) / histories) + 1e-12)


@pytest.mark.parametrize("scale", [0.08, 0.3])
def test_sizes_against_exact(scale):
    """Chi-square of the number of failures: uneven rows of different lengths, of which some have no edge at all."""
    rng = np.random.default_rng(5)
    matrix = rng.exponential(scale, (8, 8)).clip(0.0, 0.95) * (rng.random((8, 8)) < 0.7)
    matrix[3] = 0.0
    histories = 200_000
    found = independent_cascades(*edges(matrix.copy()), seeds(1), histories, 7).sizes
    np.fill_diagonal(matrix, 0.0)
    exact = np.zeros(9)
    np.add.at(exact, [bin(s).count("1") for s in range(256)], final_sets(independent_edges(matrix), 0b10))
    assert chisquare(found[1:], histories * exact[1:]).pvalue > 1e-4


def test_rare_edge_beside_a_certain_one():
    """A certain edge is very long; a rare one in its row still gets its share."""
    start, target = np.array([0, 3, 3, 3, 3], np.int64), np.array([1, 2, 3], np.int32)
    histories = 2_000_000
    found = independent_cascades(start, target, np.array([1.0, 1e-4, 0.3]), seeds(0), histories, 3)
    assert found.failures[1] == histories
    for v, p in ((2, 1e-4), (3, 0.3)):
        assert abs(found.failures[v] / histories - p) < 4.0 * np.sqrt(p * (1.0 - p) / histories)


@pytest.mark.kernel
def test_ways_are_logarithms():
    ways, key = np.empty(1000), np.uint64(11)
    _draw_ways(key, 0.5, ways)
    uniforms = [uniform(key + np.uint64(i) * _STEP) for i in range(1000)]
    np.testing.assert_allclose(ways, -0.5 * np.log(uniforms), rtol=1e-15)


@pytest.mark.parametrize("histories", [1, 63, 64, 65, 1023, 5000])
def test_every_history_is_played_once(histories):
    """Lines are not full, blocks not equal."""
    found = independent_cascades(*edges(np.full((20, 20), 0.05)), seeds(0, 5), histories, 1)
    assert found.sizes.sum() == histories == found.failures[5]
    assert found.sizes @ np.arange(21) == found.failures.sum()


@pytest.mark.kernel
def test_certain_and_impossible_edges():
    matrix = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    assert independent_cascades(*edges(matrix), seeds(0), 200).failures.tolist() == [200, 200, 200]
    assert independent_cascades(*edges(np.zeros((3, 3))), seeds(1), 200).failures.tolist() == [0, 200, 0]


@pytest.mark.kernel
def test_three_units_against_exact():
    matrix = [[0.0, 0.25, 0.6], [0.0, 0.0, 0.1], [0.0, 0.3, 0.0]]
    histories = 2000
    found = independent_cascades(*edges(matrix), seeds(0), histories, 2).failures / histories
    exact = failure_probabilities(independent_edges(matrix), 1)
    assert np.all(np.abs(found - exact) <= 4.0 * np.sqrt(exact * (1.0 - exact) / histories))


def test_same_for_any_thread_count():
    matrix = np.random.default_rng(0).random((30, 30)) * 0.1
    results = []
    for count in (1, 2):
        with threads(count):
            found = independent_cascades(*edges(matrix.copy()), seeds(4), 5000, 3)
        results.append((found.failures.tolist(), found.sizes.tolist()))
    assert results[0] == results[1]


@pytest.mark.parametrize("bad", ["probability", "seed", "twice", "none", "target"])
def test_bad_input(bad):
    start, target, chance = edges(np.full((3, 3), 0.5))
    first = {"seed": seeds(3), "twice": seeds(1, 1), "none": seeds()}.get(bad, seeds(0))
    if bad == "probability":
        chance[0] = np.nan
    if bad == "target":
        target[0] = -1
    with pytest.raises(OutOfRange):
        independent_cascades(start, target, chance, first, 10)
