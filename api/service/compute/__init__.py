"""Computing in child processes: warm, limited in memory and time, replaced when they are lost."""

from parkrisk.api.service.compute.engines import Engines
from parkrisk.api.service.compute.errors import (
    Busy,
    Cancelled,
    ComputeError,
    EngineLost,
    Starting,
    TooLarge,
    TooSlow,
)
from parkrisk.api.service.compute.outcome import Outcome

__all__ = ["Busy", "Cancelled", "ComputeError", "EngineLost", "Engines", "Outcome", "Starting", "TooLarge", "TooSlow"]
