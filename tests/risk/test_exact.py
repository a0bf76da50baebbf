import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.solvers.subsets import failure_probabilities, final_sets, generations, independent_edges, subset_sums
from tests.risk.farms import case

pytestmark = pytest.mark.kernel


def test_khakzad_three_tanks():
    """A: a safe tank is tried once per change of load, so the chances of two tries make one table F."""
    data = case("A_khakzad2021_three_tanks.json")
    p, published = data["escalation"], data["published"]
    table = np.zeros((8, 3))
    table[0b001:, 1] = p["T2|T1"]
    table[0b001:, 2] = p["T3|T1"]
    table[0b101, 1] = 1.0 - (1.0 - p["T2|T1"]) * (1.0 - p["T2|T1,T3"])
    table[0b011, 2] = 1.0 - (1.0 - p["T3|T1"]) * (1.0 - p["T3|T1,T2"])
    table[0b111] = table[0b101, 1], table[0b101, 1], table[0b011, 2]
    courses = generations(table, 0b001)
    first = {key: sum(q for course, q in courses.items() if course[1:2] == key) for key in ((0b010,), (0b100,))}
    assert first[0b010,] == pytest.approx(published["P(T1>T2 only in generation 1)"], abs=1e-12)
    assert first[0b100,] == pytest.approx(published["P(T1>T3 only in generation 1)"], abs=1e-12)
    assert courses[0b001, 0b110] == pytest.approx(published["P(T1>T2&T3 together)"], abs=1e-12)
    assert courses[0b001, 0b010, 0b100] == pytest.approx(published["P(T1>T2>T3)"], abs=1e-12)
    assert courses[0b001, 0b100, 0b010] == pytest.approx(0.108, abs=1e-12)  # printed 0.0108, a misprint
    assert final_sets(table, 0b001)[0b111] == pytest.approx(0.12 + 0.14 + 0.108, abs=1e-12)


@pytest.mark.parametrize("name", list(case("G_reed_frost.json")["pmf_of_extra_failures"]))
def test_reed_frost(name):
    pmf = case("G_reed_frost.json")["pmf_of_extra_failures"][name]
    n, p = int(name.split(",")[0][2:]), float(name.split("=")[-1])
    final = final_sets(independent_edges(np.full((n + 1, n + 1), p)), 1)
    size = np.array([int(s).bit_count() for s in range(final.size)])
    assert np.bincount(size, final)[1:] == pytest.approx(pmf, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.booleans())
def test_recursion_equals_generations(seed, n, additive):
    rng = np.random.default_rng(seed)
    matrix = rng.random((n, n)) * rng.choice([0.0, 0.4, 1.0], (n, n))
    table = -np.expm1(-subset_sums(matrix)) if additive else independent_edges(0.9 * matrix)
    final = final_sets(table, 1)
    other = np.zeros(final.size)
    for course, p in generations(table, 1).items():
        other[np.bitwise_or.reduce(course)] += p
    assert final == pytest.approx(other, abs=1e-12)
    assert final.sum() == pytest.approx(1.0, abs=1e-12)


def test_several_seeds_and_no_edges():
    table = independent_edges(np.zeros((3, 3)))
    assert failure_probabilities(table, 0b101).tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("table", "seeds"),
    [([[0.0], [1.5]], 1), ([[0.0], [np.nan]], 1), ([[0.0], [0.5]], 0), ([[0.0], [0.5]], 2)],
)
def test_bad_input(table, seeds):
    with pytest.raises(OutOfRange):
        final_sets(table, seeds)


def test_too_many_units():
    with pytest.raises(OutOfRange):
        subset_sums(np.zeros((19, 19)))
