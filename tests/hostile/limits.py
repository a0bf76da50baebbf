"""What a case may take, hard limits of the harness."""

import functools
import statistics
import time

from benchmarks.workloads import reference

#: Processor time of the process that reads, and of the programs that it starts, where the reference takes its time. [s]
SECONDS = 5.0
#: Of the reference on the machine of release 0.1.0 (docs/speed.md). [s]
_REFERENCE = 6.3e-3
#: Wall time after which a silent process hangs; other programs may hold the machine meanwhile. [s]
HANGS = 300.0
#: Resident memory above that of the readers as imported. [bytes]
MEMORY = 512 * 2**20


@functools.cache
def allowed() -> float:
    """`SECONDS` for as fast as this machine is at present: longer where the reference takes longer, never shorter. [s]"""
    work, times = reference(), []
    for _ in range(15):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return SECONDS * max(1.0, statistics.median(times) / _REFERENCE)
