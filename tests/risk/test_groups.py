import numpy as np
import pytest

from parkrisk.models.errors import OutOfRange
from parkrisk.risk.solvers.groups import escalation_groups, reached_units, restricted
from parkrisk.risk.solvers.tree import cascade_tree
from tests.risk.farms import farm, random_loads
from tests.risk.layouts import random_layout


def test_loads_that_only_matter_in_sum_count():
    """Two of 10 kW/m² pass a threshold of 15 together: the second of them belongs to the group."""
    loads = np.zeros((4, 4))
    loads[0, 2] = loads[1, 2] = 10.0
    loads[0, 1] = loads[2, 0] = loads[1, 0] = 20.0
    loads[3, 2] = 1.0
    assert escalation_groups(farm(loads)) == [["T000", "T001", "T002"]]
    assert reached_units(farm(loads).network, [0]).tolist() == [0, 1, 2]
    loads[0, 1] = 14.0  # now nobody burns with 0, and 10 alone is not enough
    assert reached_units(farm(loads).network, [0]).tolist() == [0]
    assert reached_units(farm(loads).network, [0, 1]).tolist() == [0, 1, 2]


def test_a_wind_that_never_blows_hides_none_that_loads_alike():
    loads = np.zeros((3, 3))
    loads[0, 1] = loads[1, 2] = 40.0
    net = farm(loads).network
    for probability in ([0.0, 1.0], [1.0, 0.0], [0.5, 0.5]):
        twice = net._replace(
            heat_row=np.repeat(net.heat_row, 2, axis=1),
            blast_row=np.repeat(net.blast_row, 2, axis=1),
            class_probability=np.array([probability] * 3),
        )
        assert reached_units(twice, [0]).tolist() == [0, 1, 2]


def test_groups_do_not_mix_and_singles_are_left_out():
    loads = np.zeros((6, 6))
    for u, v in ((0, 1), (1, 0), (2, 3), (3, 4), (4, 2), (1, 2), (4, 5)):
        loads[u, v] = 30.0
    assert escalation_groups(farm(loads)) == [["T002", "T003", "T004"], ["T000", "T001"]]


def test_blast_and_fragments_count():
    net = random_layout(3, 8, barriers=False, winds=False)
    blind = net._replace(heat_row=np.full_like(net.heat_row, -1))
    for source in range(8):
        inside = reached_units(blind, [source])
        assert np.nonzero(cascade_tree(blind, [source]).probability)[0].tolist() == inside.tolist()
    assert max(reached_units(blind, [source]).size for source in range(8)) > 2


@pytest.mark.parametrize("seed", range(8))
def test_who_fails_can_be_reached(seed):
    """Without restriction the tree finds nobody outside, and the cut network gives the same probabilities."""
    net = random_layout(seed, 6)
    everyone = np.arange(6)
    whole, _ = restricted(net, everyone)
    inside = reached_units(net, [0])
    small, kept = restricted(net, inside)
    assert kept.tolist() == inside.tolist()
    full = cascade_tree(whole, [0]).probability
    assert set(np.nonzero(full)[0]) <= set(inside.tolist())
    assert cascade_tree(small, [0]).probability.tolist() == full[inside].tolist()


def test_restricted_keeps_what_is_inside():
    net = farm(random_loads(1, 5, share=1.0)).network
    small, kept = restricted(net, np.array([1, 3, 4]))
    assert kept.tolist() == [1, 3, 4]
    assert small.unit_key.tolist() == net.unit_key[[1, 3, 4]].tolist()
    assert small.heat_target.tolist() == [1, 2, 0, 2, 0, 1]
    row = small.heat_row[1, 0]
    mine = slice(small.heat_start[row], small.heat_start[row + 1])
    whole = slice(net.heat_start[net.heat_row[3, 0]], net.heat_start[net.heat_row[3, 0] + 1])
    expected = net.heat_load[whole][np.isin(net.heat_target[whole], [1, 4])]
    assert small.heat_load[mine].tolist() == expected.tolist()


def test_no_such_source():
    with pytest.raises(OutOfRange):
        reached_units(farm(random_loads(0, 3)).network, [3])
