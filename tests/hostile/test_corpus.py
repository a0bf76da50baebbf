"""Every case of the corpus through the readers: a named problem, soon, with little memory; never anything else."""

import pytest

from tests.hostile.corpus import CASES, FAMILIES
from tests.hostile.runner import fault, outcomes

#: Families that take about as long together; each part has one process.
PARTS = (
    tuple(name for name in FAMILIES if name in ("workbooks", "GeoPackages", "archives", "drawings", "shapefiles")),
    tuple(name for name in FAMILIES if name not in ("workbooks", "GeoPackages", "archives", "drawings", "shapefiles")),
)

#: One case of many families, for every run.
QUICK = (
    "1e999 in a cell",
    "full-width digits",
    "zero-width space in an id",
    "command in a name",
    "GBK with a bad byte",
    "a pipe as a boundary",
    "key of 100,000 parts",
    "half a surrogate pair in an id",
    "deep array in a cell",
    "one unit at 1e308",
    "hole outside the boundary",
    "billion laughs in KML",
    "scenario: place of a hexadecimal giant",
    "EPW: year of 1e999",
)


def _faults(cases):
    return {case.name: wrong for case, found in outcomes(cases) if (wrong := fault(case, found))}


def test_some_of_the_corpus():
    assert _faults(CASES[name] for name in QUICK) == {}


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS, ids=("binary", "text"))
def test_every_case_is_a_named_problem(part):
    assert _faults(case for name in part for case in FAMILIES[name]) == {}


def test_the_corpus_is_as_large_as_it_says():
    assert len(CASES) >= 150
