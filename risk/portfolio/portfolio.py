"""All parks of a folder assessed, each once: what is kept from an earlier run and still holds is not done again."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from parkrisk.risk.portfolio.crew import Crew, TimedOut, in_line
from parkrisk.risk.portfolio.kept import Kept
from parkrisk.risk.portfolio.lock import held
from parkrisk.risk.portfolio.outcome import ASSESSED, FINAL, Outcome, failed
from parkrisk.risk.portfolio.plan import Asked, Planner, Source, Task, find_parks
from parkrisk.risk.portfolio.row import identity
from parkrisk.risk.portfolio.table import ranking, table_of
from parkrisk.risk.portfolio.work import assess_one
from parkrisk.risk.result import plain
from parkrisk.risk.settings import Settings

__all__ = ["Portfolio", "Standing", "portfolio"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """How far a portfolio is: parks in all, done (kept ones among them), kept, not assessed, on their way."""

    total: int
    done: int = 0
    kept: int = 0
    failed: int = 0
    running: int = 0


Report = Callable[[Standing], None]


@dataclass(frozen=True)
class Portfolio:
    """Outcome of many parks.

    Parameters
    ----------
    table : DataFrame
        One row a park in the order of their ids, see `parkrisk.risk.portfolio.table`.
    seconds : mapping of str to float
        What each park took when it was computed; not part of any result. [s]
    kept : int
        Parks whose outcome an earlier run had left.
    skipped : tuple of str
        Folders that hold no park.
    store : Kept
    """

    table: pd.DataFrame
    seconds: Mapping[str, float]
    kept: int
    skipped: tuple[str, ...]
    store: Kept

    @property
    def complete(self) -> bool:
        """Whether every park was assessed."""
        return bool((self.table["status"] == ASSESSED).all())

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON: parks, ranking (ids), kept, skipped, complete."""
        content = {
            "parks": self.table,
            "ranking": ranking(self.table)["park"].tolist(),
            "kept": self.kept,
            "skipped": self.skipped,
            "complete": self.complete,
        }
        converted: dict[str, Any] = plain(content)
        return converted

    def outcomes(self) -> Iterator[tuple[Mapping[str, Any], Outcome]]:
        """Rows, each with its outcome, read one after another."""
        for values in self.table.to_dict("records"):
            row: dict[str, Any] = {str(name): value for name, value in values.items()}
            found = self.store.find(row["park"], row["key"])
            if found is not None:
                yield row, found


def portfolio(
    folder: str | Path,
    output: str | Path,
    *,
    settings: Settings | None = None,
    rules: str | None = None,
    seed: int = 0,
    crew: Crew | None = None,
    progress: Report | None = None,
) -> Portfolio:
    """Assess every park of a folder.

    Parameters
    ----------
    folder : path
        See `parkrisk.risk.portfolio.plan.find_parks`.
    output : path
        Outcomes are kept in ``output/parks``, each as soon as it is there. A later run takes over what it finds there
        for the same input, rules, settings, seed and engine, unless it failed for a reason that may pass.
    settings : Settings, optional
    rules : str, optional
        Of all parks; each park's own when left out.
    seed : int
    crew : Crew, optional
        Who works; this process when left out. The result does not depend on it, nor on who is done first.
    progress : callable, optional
        Called with a `Standing` when something has changed.

    Returns
    -------
    Portfolio

    Raises
    ------
    NoParks, NotWritable, InUse, ClusterUnreachable
        As named.
    """
    source, target = Path(folder), Path(output)
    found = find_parks(source, target)
    with held(target):
        store = Kept(target / "parks")
        workers = crew or in_line()
        run = _Run(workers, store, len(found.parks), progress)
        rows = run.all(found.parks, Planner(Asked(settings or Settings(), rules or "", seed), workers.seconds))
    return Portfolio(table_of(rows), run.seconds, run.kept, found.skipped, store)


class _Run:
    """Hands out parks, never more than the crew takes at once, and keeps what comes back."""

    def __init__(self, crew: Crew, store: Kept, total: int, progress: Report | None) -> None:
        self._crew, self._store, self._total, self._progress = crew, store, total, progress
        self._waiting: dict[Future[Outcome], Task] = {}
        self._rows: list[dict[str, Any]] = []
        self._failed = 0
        self.kept = 0
        self.seconds: dict[str, float] = {}

    def all(self, parks: tuple[Source, ...], planner: Planner) -> list[dict[str, Any]]:
        """Rows of all parks, in any order."""
        self._tell()
        for park in parks:
            self._begin(park, planner)
        while self._waiting:
            self._collect()
        return self._rows

    def _begin(self, park: Source, planner: Planner) -> None:
        try:
            task = planner.task(park)
        except Exception:  # whatever its files do to the reader, the other parks are assessed
            self._take(park.id, park.group, "", failed("unreadable", trace=traceback.format_exc()))
            return
        kept = self._store.find(task.id, task.key)
        if kept is not None and kept.status in FINAL:
            self.kept += 1
            self._take(task.id, task.group, task.key, kept)
            return
        while len(self._waiting) >= self._crew.size:
            self._collect()
        self._waiting[self._crew.executor.submit(assess_one, task)] = task
        self._tell()

    def _collect(self) -> None:
        done, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
        for future in done:
            task = self._waiting.pop(future)
            outcome = _outcome(future, task)
            self._store.write(task.id, task.key, outcome)
            self._take(task.id, task.group, task.key, outcome)

    def _take(self, park: str, group: str, key: str, outcome: Outcome) -> None:
        severities = [problem["severity"] for problem in outcome.problems]
        self._failed += outcome.status != ASSESSED
        self.seconds[park] = outcome.seconds
        self._rows.append(
            {
                **outcome.row,
                "park": park,
                "group": group,
                "key": key,
                "status": outcome.status,
                "fault": outcome.fault,
                "message_zh": outcome.message_zh,
                "message_en": outcome.message_en,
                "errors": severities.count("error"),
                "warnings": severities.count("warning"),
            }
        )
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            done = len(self._rows)
            self._progress(Standing(self._total, done, self.kept, self._failed, len(self._waiting)))


def _outcome(future: "Future[Outcome]", task: Task) -> Outcome:
    """What a worker gave back, or how it was lost; a cluster says so in its own way."""
    try:
        return future.result()
    except TimedOut:
        return failed("timeout", row=identity(task))
    except Exception:
        _log.warning("no outcome of %s", task.id, exc_info=True)
        return failed("lost", row=identity(task))
