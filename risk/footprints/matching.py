"""The same outcomes in two lists: mostly the very same objects, since a changed park keeps those of the park before."""

from collections.abc import Sequence

from parkrisk.scenarios.events.expand import Outcome

__all__ = ["places_in"]


def places_in(yours: Sequence[Outcome], mine: Sequence[Outcome]) -> list[int]:
    """Place of each of my outcomes among yours, -1: not there; only what is not the same object is compared."""
    number = {id(outcome): place for place, outcome in enumerate(yours)}
    found = [number.pop(id(outcome), -1) for outcome in mine]
    rest = {yours[place]: place for place in number.values()}
    return [rest.get(outcome, -1) if place < 0 else place for place, outcome in zip(found, mine, strict=True)]
