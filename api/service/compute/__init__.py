"""Computing in child processes: warm, limited in memory and time, replaced when they are lost."""

from parkrisk.api.service.compute.engines import Engines
from parkrisk.api.service.compute.errors import (
    Busy,
    Cancelled,
    ComputeError,
    EngineFault,
    EngineLost,
    Starting,
    TooLarge,
    TooSlow,
)
from parkrisk.api.service.compute.outcome import Outcome

__all__ = [
    "Busy",
    "Cancelled",
    "ComputeError",
    "EngineFault",
    "EngineLost",
    "Engines",
    "Outcome",
    "Starting",
    "TooLarge",
    "TooSlow",
]
