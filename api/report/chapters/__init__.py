"""The chapters of the report, one module each: from what was found to paragraphs, tables and figures."""

from collections.abc import Callable

from parkrisk.api.report.chapters import (
    annexes,
    basis,
    capacity,
    conclusion,
    consequences,
    domino,
    emergency,
    grade,
    hazards,
    layout,
    management,
    measures,
    overview,
    risk,
)
from parkrisk.api.report.content import Chapter
from parkrisk.api.report.material import Material

__all__ = [
    "CHAPTERS",
    "annexes",
    "basis",
    "capacity",
    "conclusion",
    "consequences",
    "domino",
    "emergency",
    "grade",
    "hazards",
    "layout",
    "management",
    "measures",
    "overview",
    "risk",
]

#: In the order of the report.
CHAPTERS: tuple[Callable[[Material], Chapter], ...] = (
    basis.chapter,
    overview.chapter,
    hazards.chapter,
    layout.chapter,
    consequences.chapter,
    risk.chapter,
    domino.chapter,
    capacity.chapter,
    management.chapter,
    emergency.chapter,
    grade.chapter,
    measures.chapter,
    conclusion.chapter,
    annexes.chapter,
)
