"""Safety risk of a whole chemical park: hazard sources, risk, domino effects, grade, project entry.

>>> import parkrisk
>>> from parkrisk.api.examples import example_park
>>> park = parkrisk.read(example_park("minimal"))
>>> park.name
'最小示例园区'
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parkrisk.risk.assess import assess
    from parkrisk.risk.distances.external import external_distances
    from parkrisk.risk.entry.gate import gate
    from parkrisk.risk.siting.siting import siting
    from parkrisk.scenarios import change, read, read_project

__version__ = "0.1.0"
__all__ = ["__version__", "assess", "change", "external_distances", "gate", "read", "read_project", "siting"]

_HOME = {
    "read": "parkrisk.scenarios",
    "read_project": "parkrisk.scenarios",
    "change": "parkrisk.scenarios",
    "assess": "parkrisk.risk.assess",
    "gate": "parkrisk.risk.entry.gate",
    "external_distances": "parkrisk.risk.distances.external",
    "siting": "parkrisk.risk.siting.siting",
}


def __getattr__(name: str) -> Any:
    """Import the engine when it is first asked for, so that ``import parkrisk`` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'parkrisk' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
