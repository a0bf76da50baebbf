"""Every fault of a faulty workbook has its message, at its cell."""

import pytest

from parkrisk.models.errors import Problem
from parkrisk.scenarios import problems
from tests.scenarios.faulty_workbook import faulty


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[list, tuple[Problem, ...]]:
    path = tmp_path_factory.mktemp("faulty") / "园区资料.xlsx"
    expected = faulty(path)
    return expected, problems(path)


def test_there_are_more_than_fifty_different_faults(read: tuple[list, tuple[Problem, ...]]) -> None:
    assert len({code for code, *_ in read[0]}) >= 50


def test_each_fault_is_named_at_its_cell(read: tuple[list, tuple[Problem, ...]]) -> None:
    expected, found = read
    for code, place, cell, words in expected:
        at = [(p.place, p.found) for p in found if p.code == code]
        (one,) = [p for p in found if p.code == code and (p.place, p.found) == (place, cell)] or [None]
        assert one is not None, (code, place, cell, at)
        assert words in one.message_zh
        assert one.message_en
        assert one.message_zh != one.message_en


def test_nothing_else_is_said(read: tuple[list, tuple[Problem, ...]]) -> None:
    expected, found = read
    named = {(code, place) for code, place, *_ in expected}
    assert [(p.code, p.place, p.found) for p in found if (p.code, p.place) not in named] == []
