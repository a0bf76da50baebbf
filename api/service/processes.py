"""What can be computed, and how its outcome enters the store: one path for an answer at once and for a job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from parkrisk.api.service.compute.engines import Outcome

Owner = Literal["assessment", "decision", "run"]


@dataclass(frozen=True)
class Process:
    """One kind of question.

    Parameters
    ----------
    name : str
        As in the ``process`` of a job.
    task : str
        Of `parkrisk.api.service.compute.tasks`.
    owner : str
        Kind of row that holds the result.
    finish : callable
        Writes the outcome to the owner by upsert, in the caller's transaction: (connection, tenant, owner id, outcome);
        gives what the audit line and the webhook say of it (verdict or grade, result digest).
    """

    name: str
    task: str
    owner: Owner
    finish: Callable[[Connection, str, str, Outcome], Mapping[str, Any]]


def _finish(connection: Connection, tenant: str, owner_id: str, outcome: Outcome) -> Mapping[str, Any]:
    raise NotImplementedError


PROCESSES: Mapping[str, Process] = {
    process.name: process
    for process in (
        Process("assessment", "assess", "assessment", _finish),
        Process("gate-decision", "gate", "decision", _finish),
        Process("whatif", "whatif", "run", _finish),
        Process("cascade", "cascade", "run", _finish),
        Process("siting", "siting", "run", _finish),
        Process("report", "report", "assessment", _finish),
        Process("gate-report", "gate_report", "decision", _finish),
    )
}


def conclude(
    connection: Connection,
    tenant: str,
    process: str,
    owner_id: str,
    who: str,
    asked: Mapping[str, Any],
    outcome: Outcome,
) -> Mapping[str, Any]:
    """Write an outcome and its audit line in the caller's transaction: every route calls it, and the worker of a job.

    Parameters
    ----------
    connection : Connection
    tenant : str
    process : str
        Name in ``PROCESSES``.
    owner_id : str
        Assessment, decision or run.
    who : str
        Who asked.
    asked : mapping
        Digests of the question, for the audit line (``asked.json`` of the job).
    outcome : Outcome

    Returns
    -------
    mapping
        What the webhook says: owner id, verdict or grade, result digest.
    """
    raise NotImplementedError


def give_up(
    connection: Connection, tenant: str, process: str, owner_id: str, who: str, error: Mapping[str, Any]
) -> None:
    """Mark the owner of a failed or dismissed job, with its audit line; a failed question has no verdict."""
    raise NotImplementedError
