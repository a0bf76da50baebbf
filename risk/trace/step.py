"""One step on the way back from a number: what it is, how it was made, and of what."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Step"]


@dataclass(frozen=True)
class Step:
    """A value, how it came about, and the steps it was made of.

    Parameters
    ----------
    place : str
        Where it stands: "targets[school].individual_risk", "units.csv[T-101].volume_m3", a data file or a model.
    label_zh, label_en : str
    value : any
        None: a step without a value of its own, such as a model.
    unit : str
    how_zh, how_en : str
        How it is made of ``inputs``.
    source : str
        Clause, book or data row behind it.
    mark : str
        "V", "1", "M" or "user"; "" where nothing is to be verified.
    inputs : tuple of Step
        Largest first where they are summed.
    others : int
        Parts that are not shown.
    others_sum : float or None
        What they add up to, where parts are summed.
    """

    place: str
    label_zh: str
    label_en: str
    value: Any = None
    unit: str = ""
    how_zh: str = ""
    how_en: str = ""
    source: str = ""
    mark: str = ""
    inputs: "tuple[Step, ...]" = ()
    others: int = 0
    others_sum: float | None = None

    def walk(self) -> "Iterator[Step]":
        """Give this step and all below it, depth first."""
        yield self
        for each in self.inputs:
            yield from each.walk()

    def to_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        content = {**self.__dict__, "inputs": [each.to_dict() for each in self.inputs]}
        return {name: value for name, value in content.items() if value not in ("", None, [], 0) or name == "value"}
