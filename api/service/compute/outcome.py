"""What a task gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """The answer of a task.

    Parameters
    ----------
    content : dict
        Plain JSON.
    files : mapping of str to bytes
        By name, such as "contours.geojson" or "tables/targets.parquet".
    """

    content: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
