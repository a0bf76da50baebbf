import numpy as np
import pytest
from scipy.stats import chisquare

from parkrisk.models._jit import threads
from parkrisk.models.errors import OutOfRange
from parkrisk.risk.cascades.draws import mix, uniform
from parkrisk.risk.cascades.independent import IndependentCascades, independent_cascades
from parkrisk.risk.cascades.lines import _STEP, _draw_ways, play_lines, rows_of
from parkrisk.risk.cascades.worlds import _draw_edges, digits, play_worlds
from parkrisk.risk.solvers.subsets import failure_probabilities, final_sets, independent_edges
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


def along_lines(start, target, probability, units, histories, seed):
    return IndependentCascades(*play_lines(rows_of(start, target, probability), units, histories, 0, seed))


def in_worlds(start, target, probability, units, histories, seed):
    return IndependentCascades(*play_worlds(start, target, probability, units, histories, 0, seed))


both = pytest.mark.parametrize("play", [along_lines, in_worlds])


@pytest.mark.parametrize("name", list(case("G_reed_frost.json")["pmf_of_extra_failures"]))
@both
def test_reed_frost(play, name):
    """G: the number of failures on a complete graph."""
    pmf = np.array(case("G_reed_frost.json")["pmf_of_extra_failures"][name])
    n, p = int(name.split(",")[0][2:]), float(name.split("=")[-1])
    histories = 200_000
    found = play(*edges(np.full((n + 1, n + 1), p)), seeds(0), histories, 1)
    share = found.sizes[1:] / histories
    assert np.all(np.abs(share - pmf) < 4.0 * np.sqrt(np.maximum(pmf, 1e-9) * (1.0 - pmf) / histories) + 1e-9)
    assert found.sizes.sum() == histories
    assert found.failures[0] == histories


@pytest.mark.parametrize("seed", range(4))
@both
def test_uneven_chances_against_exact(play, seed):
    rng = np.random.default_rng(seed)
    matrix = rng.random((7, 7)) * rng.choice([0.0, 0.05, 0.5], (7, 7))
    histories = 100_000
    found = play(*edges(matrix.copy()), seeds(0, 3), histories, seed).failures / histories
    np.fill_diagonal(matrix, 0.0)
    exact = failure_probabilities(independent_edges(matrix), 0b1001)
    assert np.all(np.abs(found - exact) <= 4.0 * np.sqrt(np.maximum(exact * (1.0 - exact), 0.0) / histories) + 1e-12)


@pytest.mark.parametrize("scale", [0.08, 0.3])
@both
def test_sizes_against_exact(play, scale):
    """Chi-square of the number of failures: uneven rows of different lengths, of which some have no edge at all."""
    rng = np.random.default_rng(5)
    matrix = rng.exponential(scale, (8, 8)).clip(0.0, 0.95) * (rng.random((8, 8)) < 0.7)
    matrix[3] = 0.0
    histories = 200_000
    found = play(*edges(matrix.copy()), seeds(1), histories, 7).sizes
    np.fill_diagonal(matrix, 0.0)
    exact = np.zeros(9)
    np.add.at(exact, [bin(s).count("1") for s in range(256)], final_sets(independent_edges(matrix), 0b10))
    assert chisquare(found[1:], histories * exact[1:]).pvalue > 1e-4


@both
def test_rare_edge_beside_a_certain_one(play):
    """A certain edge is very long; a rare one in its row still gets its share."""
    start, target = np.array([0, 3, 3, 3, 3], np.int64), np.array([1, 2, 3], np.int32)
    histories = 2_000_000
    found = play(start, target, np.array([1.0, 1e-4, 0.3]), seeds(0), histories, 3)
    assert found.failures[1] == histories
    for v, p in ((2, 1e-4), (3, 0.3)):
        assert abs(found.failures[v] / histories - p) < 4.0 * np.sqrt(p * (1.0 - p) / histories)


@pytest.mark.kernel
def test_ways_are_logarithms():
    ways, key = np.empty(1000), np.uint64(11)
    _draw_ways(key, 0.5, ways)
    uniforms = [uniform(key + np.uint64(i) * _STEP) for i in range(1000)]
    np.testing.assert_allclose(ways, -0.5 * np.log(uniforms), rtol=1e-15)


@pytest.mark.kernel
def test_edges_work_where_a_number_is_below_the_chance():
    """Chances that share 16 to 64 digits with a number are told from it, whatever digit they differ in."""
    key, histories = np.uint64(5), range(64)
    drawn = [[int(mix(key + np.uint64(64 * e + k) * _STEP)) for k in range(64)] for e in range(4)]
    number = [[sum((word[k] >> h & 1) << 63 - k for k in range(64)) for h in histories] for word in drawn]
    chance = np.array([number[0][7] + 1, number[1][9], number[2][63] + 2**40, 2**62], np.uint64)
    works, unsure = np.empty(4, np.uint64), np.empty(4, np.uint64)
    _draw_edges(key, chance, works, unsure)
    assert [[int(word) >> h & 1 for h in histories] for word in works] == [
        [int(n < int(c)) for n in row] for row, c in zip(number, chance, strict=True)
    ]


def test_digits_of_chances():
    assert digits(np.array([0.0, 0.5, 0.75, 2.0**-60, 1.0])).tolist() == [0, 2**63, 3 * 2**62, 16, 2**64 - 1]


@pytest.mark.parametrize("chance", [0.2, 0.7])
def test_ways_of_playing_agree(chance):
    """Few and most of the units fail; the public function takes one of the ways for each."""
    rng = np.random.default_rng(6)
    matrix = rng.uniform(0.0, chance, (60, 60)) * (rng.random((60, 60)) < 0.1)
    histories = 20_000
    results = [play(*edges(matrix.copy()), seeds(2), histories, 4) for play in (along_lines, in_worlds)]
    results.append(independent_cascades(*edges(matrix.copy()), seeds(2), histories, 5))
    size = np.arange(61)
    mean = np.array([found.sizes @ size for found in results]) / histories
    square = np.array([found.sizes @ size**2 for found in results]) / histories
    assert np.ptp(mean) < 5.0 * np.sqrt(2.0 * (square - mean**2).max() / histories)
    share = np.stack([found.failures for found in results]) / histories
    assert np.all(np.ptp(share, axis=0) < 6.0 * np.sqrt(2.0 * share.max(0) * (1.0 - share.min(0)) / histories) + 1e-9)


def test_histories_of_other_blocks_are_others():
    rows = edges(np.full((20, 20), 0.05))
    for play in (
        lambda first: play_lines(rows_of(*rows), seeds(0), 1000, first, 3),
        lambda first: play_worlds(*rows, seeds(0), 1000, first, 3),
    ):
        assert play(0)[0].tolist() == play(0)[0].tolist() != play(64)[0].tolist()


@pytest.mark.parametrize("histories", [1, 63, 64, 65, 1023, 5000])
@both
def test_every_history_is_played_once(play, histories):
    """Lines are not full, blocks not equal."""
    found = play(*edges(np.full((20, 20), 0.05)), seeds(0, 5), histories, 1)
    assert found.sizes.sum() == histories == found.failures[5]
    assert found.sizes @ np.arange(21) == found.failures.sum()


@pytest.mark.kernel
@both
def test_certain_and_impossible_edges(play):
    matrix = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    assert play(*edges(matrix), seeds(0), 200, 0).failures.tolist() == [200, 200, 200]
    assert play(*edges(np.zeros((3, 3))), seeds(1), 200, 0).failures.tolist() == [0, 200, 0]


def test_any_unit_may_be_a_seed():
    matrix = np.roll(np.eye(3), 1, axis=1)
    for unit in range(3):
        assert independent_cascades(*edges(matrix), seeds(unit), 64, 0).failures.tolist() == [64, 64, 64]


@pytest.mark.kernel
@both
def test_three_units_against_exact(play):
    matrix = [[0.0, 0.25, 0.6], [0.0, 0.0, 0.1], [0.0, 0.3, 0.0]]
    histories = 2000
    found = play(*edges(matrix), seeds(0), histories, 2).failures / histories
    exact = failure_probabilities(independent_edges(matrix), 1)
    assert np.all(np.abs(found - exact) <= 4.0 * np.sqrt(exact * (1.0 - exact) / histories))


@pytest.mark.parametrize("chance", [0.02, 0.3])
def test_same_for_any_thread_count(chance):
    matrix = np.random.default_rng(0).random((30, 30)) * chance
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
