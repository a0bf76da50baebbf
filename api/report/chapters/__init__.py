"""The chapters of the report, one module each: from what was found to paragraphs, tables and figures."""

from collections.abc import Callable

from parkrisk.api.report.chapters.annexes import chapter as annexes
from parkrisk.api.report.chapters.basis import chapter as basis
from parkrisk.api.report.chapters.capacity import chapter as capacity
from parkrisk.api.report.chapters.conclusion import chapter as conclusion
from parkrisk.api.report.chapters.consequences import chapter as consequences
from parkrisk.api.report.chapters.domino import chapter as domino
from parkrisk.api.report.chapters.emergency import chapter as emergency
from parkrisk.api.report.chapters.grade import chapter as grade
from parkrisk.api.report.chapters.hazards import chapter as hazards
from parkrisk.api.report.chapters.layout import chapter as layout
from parkrisk.api.report.chapters.management import chapter as management
from parkrisk.api.report.chapters.measures import chapter as measures
from parkrisk.api.report.chapters.overview import chapter as overview
from parkrisk.api.report.chapters.risk import chapter as risk
from parkrisk.api.report.content import Chapter
from parkrisk.api.report.material import Material

__all__ = ["CHAPTERS"]

#: In the order of the report.
CHAPTERS: tuple[Callable[[Material], Chapter], ...] = (
    basis,
    overview,
    hazards,
    layout,
    consequences,
    risk,
    domino,
    capacity,
    management,
    emergency,
    grade,
    measures,
    conclusion,
    annexes,
)
