"""Population cells that may count the same people twice are named; neighbours are not."""

from typing import Any

import pytest

from parkrisk.scenarios import park_from_json, problems
from parkrisk.scenarios.receptors import people
from tests.scenarios.sample import document


def with_cells(*cells: tuple[float, float, float]) -> dict[str, Any]:
    park = document()
    park["population"] = [{"x": x, "y": y, "cell_m": size, "day": 10, "night": 4} for x, y, size in cells]
    return park


@pytest.mark.parametrize(
    ("cells", "count", "row"),
    [
        ([(500000, 3300000, 0), (500050, 3300000, 0), (500000, 3300000, 0)], 1, 3),
        ([(500000, 3300000, 100), (500000, 3300000, 100)], 1, 2),
        ([(500025, 3300025, 50), (500050, 3300050, 100)], 1, 2),
        ([(500000, 3300000, 100), (500030, 3300020, 0)], 1, 1),
        ([(500000, 3300000, 100), (500040, 3300000, 100), (500200, 3300000, 100)], 2, 1),
    ],
)
def test_cells_that_overlap_are_named(cells: list[tuple[float, float, float]], count: int, row: int) -> None:
    (problem,) = problems(with_cells(*cells))
    assert (problem.table, problem.row, problem.code, problem.severity) == (
        "population",
        row,
        "population_overlaps",
        "warning",
    )
    assert problem.message_en.startswith(f"{count} population cells")


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [(500000, 3300000, 500)],
        [(500000, 3300000, 100), (500100, 3300000, 100), (500000, 3300100, 100)],
        [(500000, 3300000, 100), (500085, 3300000, 100)],
        [(500000, 3300000, 100), (500050, 3300000, 0)],
    ],
)
def test_neighbours_are_not(cells: list[tuple[float, float, float]]) -> None:
    assert problems(with_cells(*cells)) == ()


def test_people_of_cells_at_one_place_add_up() -> None:
    park = park_from_json(with_cells((500000, 3300000, 0), (500000, 3300000, 0)))
    found = people(park)
    public = (found.x == 500000) & (found.enterprise_id == "")
    assert found.day[public].sum() == 20.0
