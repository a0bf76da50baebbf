"""Every case of the corpus through the readers: a named problem, soon, with little memory; never anything else."""

import pytest

from tests.hostile.child import outcome
from tests.hostile.corpus import CASES, FAMILIES, PARTS
from tests.hostile.runner import Readers, fault

#: One case of many families, for every run.
QUICK = (
    "1e999 in a cell",
    "full-width digits",
    "zero-width space in an id",
    "command in a name",
    "GBK with a bad byte",
    "a pipe as a boundary",
    "key of 100,000 parts",
    "key of JSON twice",
    "deep array in a cell",
    "one unit at 1e308",
    "hole outside the boundary",
    "billion laughs in KML",
    "scenario: place of a hexadecimal giant",
    "EPW: year of 1e999",
)


@pytest.mark.parametrize("name", QUICK)
def test_some_of_the_corpus_in_this_process(name, tmp_path):
    case = CASES[name]
    assert fault(case, outcome(name, case.make(tmp_path))) == ""


@pytest.fixture(scope="module")
def readers():
    with Readers() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_every_case_is_a_named_problem(readers, part):
    cases = [case for name in PARTS[part] for case in FAMILIES[name]]
    assert {case.name: wrong for case in cases if (wrong := fault(case, readers.read(case)))} == {}


def test_no_family_is_left_out():
    assert sorted(name for part in PARTS.values() for name in part) == sorted(FAMILIES)
    assert len(CASES) >= 150
