"""What an answer costs, from the size of the park, before it is accepted."""

from parkrisk.api.service.processes import PROCESSES
from parkrisk.api.service.refusals import BeyondLimits
from parkrisk.api.service.settings import Settings

# Measured on two cores, kernels compiled: 4 units 1.3 s and 0.7 GiB, 342 units 16 s and 1.4 GiB at the peak, 10,000
# units 6.3 GiB. Both grow about linearly with the units (docs/growth.md), but for footprints, whose memory has a bound.
_SECONDS, _SECONDS_PER_UNIT = 1.2, 0.045
_MEMORY_MB, _MEMORY_MB_PER_UNIT = 750.0, 0.7
_FOOTPRINTS_MB, _FOOTPRINTS_MB_PER_UNIT = 1_150.0, 1.8

#: Of the waiting time: an answer expected within it is computed while the caller waits, else it is a job.
_SMALL = 0.3


def seconds(process: str, units: int) -> float:
    """Expected time of an answer. [s]"""
    return PROCESSES[process].parks * (_SECONDS + _SECONDS_PER_UNIT * units)


def is_small(settings: Settings, process: str, units: int) -> bool:
    """Whether a caller may wait for it."""
    return seconds(process, units) <= _SMALL * settings.wait_seconds


def check(settings: Settings, process: str, units: int) -> None:
    """Refuse what this server would give up.

    Raises
    ------
    BeyondLimits
        With the figure and the limit.
    """
    footprints = min(_FOOTPRINTS_MB, _FOOTPRINTS_MB_PER_UNIT * units)
    memory = _MEMORY_MB + _MEMORY_MB_PER_UNIT * units + footprints
    if memory > settings.engine_memory_mb:
        raise BeyondLimits(
            f"{units} 台设备的园区约需内存 {memory:.0f} MiB，上限 {settings.engine_memory_mb} MiB",
            f"a park of {units} units needs about {memory:.0f} MiB of memory; the limit is "
            f"{settings.engine_memory_mb} MiB",
        )
    expected = seconds(process, units)
    if expected > settings.job_seconds:
        raise BeyondLimits(
            f"{units} 台设备的园区约需 {expected:.0f} s，上限 {settings.job_seconds:g} s",
            f"a park of {units} units takes about {expected:.0f} s; the limit is {settings.job_seconds:g} s",
        )
