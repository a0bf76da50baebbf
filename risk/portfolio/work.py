"""One park in a worker: whatever happens to it, an outcome comes back."""

import contextlib
import dataclasses
import faulthandler
import os
import threading
import time
import traceback
from collections.abc import Iterator

from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.assess import assess
from parkrisk.risk.portfolio.outcome import ASSESSED, Outcome, failed, not_assessed
from parkrisk.risk.portfolio.plan import Task, engine
from parkrisk.risk.portfolio.row import identity, layers_of, row_of
from parkrisk.scenarios.park import Park, build

__all__ = ["assess_one"]

_one_at_a_time = threading.Lock()  # a worker of a cluster may have several threads, and memory for one park


def assess_one(task: Task) -> Outcome:
    """Assess one park on one thread."""
    with _one_at_a_time, _watched(task.seconds):
        start = time.perf_counter()
        found = _outcome(task)
        return dataclasses.replace(found, seconds=time.perf_counter() - start)


def _outcome(task: Task) -> Outcome:
    row = identity(task)
    if engine() != dict(task.engine):
        return failed("other_engine", row=row)
    asked = task.asked
    try:
        park = build(task.raw)
        assert isinstance(park, Park)
        settings = dataclasses.replace(asked.settings, threads=1)
        result = assess(park, settings=settings, rules=asked.rules or None, seed=asked.seed)
        problems = [dataclasses.asdict(problem) for problem in result.problems]
        return Outcome(ASSESSED, row=row_of(result), layers=layers_of(result), problems=problems)
    except ParkRiskError as error:
        return not_assessed(error, "refused", row)
    except MemoryError:
        return failed("memory", row=row)
    except Exception:  # whatever it is, the other parks are assessed
        return failed("failed", row=row, trace=traceback.format_exc())


@contextlib.contextmanager
def _watched(seconds: float | None) -> Iterator[None]:
    """End this process if the block takes longer; a thread outside the interpreter sees to it, whatever holds it up."""
    if seconds is None:
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
