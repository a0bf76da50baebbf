"""Footprints that are known already: those of the last run of this process, and those on disk."""

from collections.abc import Sequence

from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.footprints.footprint_store import footprint_store
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.scenarios.events.expand import Outcome

__all__ = ["library_for"]

_recent: FootprintLibrary | None = None


def library_for(outcomes: Sequence[Outcome], grid: PolarGrid) -> FootprintLibrary:
    """Library of outcomes; what the last library of this process or the store has is not computed again."""
    global _recent
    _recent = FootprintLibrary(outcomes, grid, earlier=_recent, store=footprint_store())
    return _recent
