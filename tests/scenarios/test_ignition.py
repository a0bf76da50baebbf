import pytest

from parkrisk.models.errors import OutOfRange
from parkrisk.scenarios.ignition.event_tree import delayed_ignition, flash_fire_share, immediate_ignition


@pytest.mark.parametrize(
    ("reactivity", "rate", "probability"),
    [
        ("high", 9.99, 0.2),
        ("medium", 10.0, 0.5),
        ("medium", 100.0, 0.5),
        ("high", 100.1, 0.7),
        ("low", 1.0, 0.02),
        ("low", 50.0, 0.04),
        ("low", 500.0, 0.09),
    ],
)
def test_category_0_by_rate(reactivity, rate, probability):
    assert immediate_ignition("0", reactivity, rate=rate).probability == probability


@pytest.mark.parametrize(("mass", "probability"), [(999.0, 0.2), (1000.0, 0.5), (10_000.0, 0.5), (10_001.0, 0.7)])
def test_category_0_by_mass(mass, probability):
    assert immediate_ignition("0", "medium", mass=mass).probability == probability


@pytest.mark.parametrize(("category", "probability"), [("1", 0.065), ("2", 0.01), ("3", 0.0), ("4", 0.0)])
def test_other_categories_do_not_depend_on_size(category, probability):
    branch = immediate_ignition(category, "low", rate=1e3)
    assert (branch.probability, branch.mark) == (probability, "V")


def test_a_size_is_needed_and_the_category_known():
    with pytest.raises(OutOfRange):
        immediate_ignition("0", "high")
    with pytest.raises(OutOfRange):
        immediate_ignition("7", "high", rate=1.0)


def test_delayed_branches_are_probabilities():
    assert delayed_ignition().probability == 1.0
    assert flash_fire_share().probability == 0.6
