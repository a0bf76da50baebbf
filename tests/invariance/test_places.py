"""Where a park lies, which way it faces and what its units are called leaves its risk as it is.

Cascades are sampled: draws belong to names and wind classes, so that a turned or renamed park has other luck. What is
sampled agrees within its error, everything else to 1e-9; a park that is only moved agrees to the last bit.
"""

import numpy as np
import pandas as pd
import pytest

from parkrisk.risk.assess import assess
from parkrisk.scenarios import park_from_json
from tests.invariance import whole_park
from tests.invariance.moving import mirror, moved, shift, turn
from tests.minimal_park import COARSE

#: Columns that say where something is, in which direction, or are sampled.
PLACES = ("x", "y", "risk_x", "risk_y")
PAIR = ["heat_load_kw_m2", "overpressure_kpa", "fragment_probability", "engulfed", "distance_m", "direct_probability"]


def run(document):
    return assess(park_from_json(document), settings=COARSE)


def same(one, other, *, rtol):
    """Whether two tables hold the same, numbers to a relative difference."""
    assert list(one.columns) == list(other.columns)
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), other.reset_index(drop=True), rtol=rtol, atol=0.0, check_exact=rtol == 0.0
    )


@pytest.fixture(scope="module")
def here():
    return whole_park.coarse()


@pytest.mark.parametrize("by", [(2000.0, -4000.0), (37.3, -11.9)], ids=["whole cells", "parts of cells"])
def test_a_park_that_is_moved(here, by):
    there = run(moved(whole_park.document(), shift(*by)))
    assert there.provenance["input_digest"] != here.provenance["input_digest"]
    for name, table in here.tables().items():
        places = [column for column in PLACES if column in table]
        same(table.drop(columns=places), there.tables()[name].drop(columns=places), rtol=0.0)
    assert (there.pll, there.grade.to_dict()) == (here.pll, here.grade.to_dict())
    step = np.array(by)
    assert np.allclose(there.targets[["risk_x", "risk_y"]] - here.targets[["risk_x", "risk_y"]], step, atol=1e-6)
    if not (step % COARSE.cell_m).any():
        one, other = here.individual_risk, there.individual_risk
        assert np.array_equal(one.values, other.values)
        assert (other.raster.x0 - one.raster.x0, other.raster.y0 - one.raster.y0) == by


def as_points(document):
    """People in points and targets without area: squares do not turn, and areas are searched on a lattice."""
    for row in document["population"]:
        row["cell_m"] = 0
    document["targets"] = [row for row in document["targets"] if not row.get("polygon")]
    return document


TURNS = {"by a quarter": (whole_park.document, turn(90)), "mirrored": (whole_park.document, mirror())}
TURNS["by a sector"] = (lambda: as_points(whole_park.document()), turn(45))


@pytest.fixture(scope="module", params=TURNS.values(), ids=TURNS)
def turned(request):
    make, how = request.param
    return run(make()), run(moved(make(), *how))


def test_a_park_that_is_turned_or_mirrored_with_its_wind(turned):
    before, after = turned
    close = {"rtol": 1e-9}
    for name in ("hazard_units", "enterprises", "scenarios"):
        same(before.tables()[name], after.tables()[name], **close)
    assert after.societal.pll_without_domino == pytest.approx(before.societal.pll_without_domino, rel=1e-9)
    alone = [result.fn.set_index("N")["F_without_domino"] for result in turned]
    assert alone[1].reindex(alone[0].index, method="ffill").to_numpy() == pytest.approx(alone[0].to_numpy(), rel=1e-9)
    risk = [result.targets["individual_risk_without_domino"].to_numpy() for result in turned]
    assert risk[1] == pytest.approx(risk[0], rel=1e-9)
    merged = before.domino.pairs.merge(after.domino.pairs, on=["from_unit", "to_unit"])
    assert len(merged) > 30
    for column in PAIR:
        assert np.allclose(merged[f"{column}_x"], merged[f"{column}_y"], rtol=1e-8, atol=1e-13)


def test_sampled_cascades_of_a_park_that_is_turned_agree_within_their_error(turned):
    agree(*turned)


def agree(before, after):
    one, other = (result.domino.units.set_index("unit_id") for result in (before, after))
    for value, error in [
        ("expected_failures_caused", "expected_failures_error"),
        ("secondary_frequency", "standard_error"),
    ]:
        apart = (one[value] - other[value]).abs()
        both = np.hypot(one[error], other[error])
        assert (apart <= 6.0 * both + 1e-9 * one[value]).all()
    assert after.pll == pytest.approx(before.pll, rel=1e-2)


def renamed(document, new):
    for row in (row for table in document.values() if isinstance(table, list) for row in table):
        for name in ("unit_id", "enterprise_id", "line_id"):
            if row.get(name):
                row[name] = new(row[name])
    return document


NAMES = {
    "in the same order": lambda name: f"a-{name}",
    "in the opposite order": lambda name: "-".join(str(999 - ord(letter)) for letter in name),
}


@pytest.mark.parametrize("new", NAMES.values(), ids=NAMES)
def test_a_park_whose_units_enterprises_and_lines_have_other_names(here, new):
    there = run(renamed(whole_park.document(), new))
    assert there.societal.pll_without_domino == here.societal.pll_without_domino
    assert there.fn.set_index("N")["F_without_domino"].max() == here.fn.set_index("N")["F_without_domino"].max()
    risk = [each.targets["individual_risk_without_domino"] for each in (here, there)]
    assert np.array_equal(*risk)

    def known(unit):
        return new(unit) if unit in units_of_park else unit  # a road keeps its name

    units_of_park = set(here.park.tables["units"]["unit_id"])
    units = [each.sources.set_index("unit_id") for each in (here, there)]
    own = ["kind", "cas", "mass_t", "q_over_Q", "S", "R", "level", "pll_without_domino"]
    names = [known(unit) for unit in units[0].index]
    same(units[0][own], units[1].loc[names, own], rtol=0.0)
    assert units[1].loc[names, "domino_out"].to_numpy() == pytest.approx(units[0]["domino_out"].to_numpy(), rel=1e-12)
    pairs = here.domino.pairs.copy()
    pairs[["from_unit", "to_unit"]] = pairs[["from_unit", "to_unit"]].map(known)
    merged = pairs.merge(there.domino.pairs, on=["from_unit", "to_unit"])
    assert len(merged) > 30
    for column in PAIR:
        assert np.allclose(merged[f"{column}_x"], merged[f"{column}_y"], rtol=1e-12, atol=0.0)
    assert there.pll == pytest.approx(here.pll, rel=1e-2)
