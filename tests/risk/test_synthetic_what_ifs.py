"""Every what-if of a synthetic park moves its result the way it says."""

import tomllib

import pytest

from parkrisk.risk.assess import assess
from parkrisk.risk.whatif import WhatIf
from parkrisk.scenarios import park_from_json
from parkrisk.scenarios.changing.scenario_files import scenario_of
from parkrisk.scenarios.synthetic import synthetic_park

_HOLDS = {
    "up": lambda before, after: after > before,
    "down": lambda before, after: after < before,
    "not_up": lambda before, after: after <= before,
    "not_down": lambda before, after: after >= before,
    "same": lambda before, after: after == before,
}


def _read(result, figures, quantity):
    name, _, row = quantity.partition(":")
    if name == "s":
        return float(result.hazards.units.set_index("hazard_unit_id").loc[row, "S"])
    if row:
        return float(result.targets.set_index("target_id").loc[row, name])
    return float(result.societal.pll_without_domino if name == "pll_without_domino" else figures[name])


@pytest.mark.slow
def test_every_what_if_of_a_small_park_goes_as_expected():
    wrong, moved = _wrong(0, 20)
    assert not wrong
    assert moved >= 15  # "not up" of most is truly "down"


@pytest.mark.slow
def test_a_unit_less_is_no_more_risk_where_cascades_would_say_so_by_chance():
    assert not _wrong(3, 2)[0]


def _wrong(seed, count):
    """What the first what-ifs of a park say amiss, and how many of them move what they name."""
    made = synthetic_park(30, seed)
    park = park_from_json(made.document)
    before = assess(park)
    wrong, moved = [], 0
    for each in made.what_ifs[:count]:
        changed = scenario_of(tomllib.loads(each.toml()), each.name).apply(park)
        after = assess(changed, previous=before)
        found = WhatIf(each.name, before, after).figures.set_index("figure")
        pair = [_read(one, found[side], each.quantity) for one, side in ((before, "before"), (after, "after"))]
        moved += pair[0] != pair[1]
        if not _HOLDS[each.direction](*pair):
            wrong.append((each.name, each.quantity, each.direction, *pair))
    return wrong, moved
