"""Tables of an assessment that say how individual risk came about."""

import dataclasses

import numpy as np
import pytest

from parkrisk.risk.assess import assess
from parkrisk.scenarios.receptors import wind_rose
from tests import minimal_park
from tests.minimal_park import COARSE


@pytest.fixture(scope="module")
def coarse():
    return minimal_park.coarse()


def test_every_division_makes_up_the_risk_at_a_target(coarse):
    table, total = coarse.contribution_parts, coarse.targets.set_index("target_id")["individual_risk"]
    assert set(table["by"]) == {"outcome", "weather", "wind_from"}
    for (target_id, _), part in table.groupby(["target_id", "by"]):
        assert part["individual_risk"].sum() == pytest.approx(total[target_id], rel=1e-12)
        assert part["share"].sum() == pytest.approx(1.0, rel=1e-12)
        assert part["individual_risk"].is_monotonic_decreasing
        assert list(part["rank"]) == list(range(1, len(part) + 1))
    assert set(table.loc[table["by"] == "outcome", "part"]) <= set(coarse.events.table["outcome"])


def test_the_worst_wind_comes_from_the_worst_source(coarse):
    target = coarse.targets.iloc[0]
    units = coarse.park.tables["units"].set_index("unit_id")
    source = units.loc[target["top_source"]]
    parts = coarse.contribution_parts
    chosen = (parts["target_id"] == target["target_id"]) & (parts["by"] == "wind_from") & (parts["rank"] == 1)
    wind = float(parts.loc[chosen, "part"].item())
    bearing = np.degrees(np.arctan2(source["x"] - target["x"], source["y"] - target["y"]))
    sector = 360.0 / wind_rose(coarse.park).n_sectors
    assert abs((wind - bearing + 180.0) % 360.0 - 180.0) <= 1.5 * sector


def test_a_unit_holds_what_its_substances_weigh_together(coarse):
    terms, sources = coarse.hazards.terms, coarse.sources.set_index("unit_id")
    assert len(terms)
    for unit, rows in terms.groupby("unit_id"):
        for name in ("mass_t", "q_over_Q"):
            assert sources.loc[unit, name] == pytest.approx(sum(rows[name]), rel=1e-12)


def test_the_reading_of_the_wind_rose_is_named(coarse):
    assert "wind_rose:piecewise_constant" in set(coarse.assumptions["code"])
    assert coarse.individual_risk.rose == "piecewise_constant"
    linear = assess(coarse.park, settings=dataclasses.replace(COARSE, wind_rose="mean_preserving_linear"))
    assert "wind_rose:mean_preserving_linear" in set(linear.assumptions["code"])
    assert linear.individual_risk.rose == "mean_preserving_linear"
    assert linear.targets["individual_risk"].tolist() != coarse.targets["individual_risk"].tolist()
    assert linear.pll == coarse.pll
