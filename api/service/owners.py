"""The row that a question belongs to: an assessment, a decision or a run."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from parkrisk.api.service.questions import Question
from parkrisk.api.service.store.artifacts import copy_artifacts
from parkrisk.api.service.store.assessments import Assessment, claim_assessment, find_assessment
from parkrisk.api.service.store.decisions import Decision, claim_decision, find_decision, finish_decision
from parkrisk.api.service.store.runs import Run, claim_run, find_run
from parkrisk.api.service.store.status import Status
from parkrisk.api.service.webhooks import tell_concluded


class Found(NamedTuple):
    """A row, and what the audit says of its outcome."""

    id: str
    status: str
    said: Mapping[str, Any]


def find(connection: Connection, tenant: str, question: Question) -> Found | None:
    """Give the row of a question, if there is one."""
    owner, digest = question.process.owner, question.digest
    if owner == "assessment":
        return _found(find_assessment(connection, tenant, digest))
    if owner == "decision":
        return _found(find_decision(connection, tenant, digest, question.standing))
    return _found(find_run(connection, tenant, question.process.name, digest))


def find_or_take_over(connection: Connection, tenant: str, question: Question, by: str) -> Found | None:
    """Do as `find` does; a gate decision that was made on a trial, or tried after it was made, is the same answer."""
    found = find(connection, tenant, question)
    if question.process.owner != "decision" or (found is not None and found.status == Status.successful):
        return found
    other = {"decision": "trial", "trial": "decision"}[question.standing]
    same = find_decision(connection, tenant, question.digest, other)
    if same is None or same.status != Status.successful:
        return found
    mine = claim(connection, tenant, question, by)
    copy_artifacts(connection, tenant, "decision", same.id, to_kind="decision", to_id=mine)
    written = finish_decision(
        connection,
        tenant,
        mine,
        verdict=str(same.verdict),
        summary=same.summary,
        result_digest=str(same.result_digest),
    )
    taken = find(connection, tenant, question)
    if written and taken is not None:
        tell_concluded(connection, tenant, question.process.name, mine, taken.said)
    return taken


def claim(connection: Connection, tenant: str, question: Question, by: str) -> str:
    """Give the id of the row of a question, made where there is none."""
    place: dict[str, Any] = {"park_id": question.park_id, "version": question.version, "created_by": by}
    place["request_digest"] = question.digest
    owner, asked = question.process.owner, question.asked
    if owner == "assessment":
        settings = {"delayed_ignition": asked["delayed_ignition"]}
        row, _ = claim_assessment(
            connection, tenant, rules=asked["rules"], seed=asked["seed"], settings=settings, **place
        )
        return row.id
    if owner == "decision":
        return claim_decision(connection, tenant, standing=question.standing, project_id=question.project_id, **place)[
            0
        ].id
    return claim_run(connection, tenant, kind=question.process.name, subject_id=question.subject_id, **place)[0].id


def _found(row: Assessment | Decision | Run | None) -> Found | None:
    if row is None:
        return None
    said: dict[str, Any] = {"result_digest": row.result_digest}
    if isinstance(row, Assessment):
        said |= {"grade": row.grade_letter, "bounds": row.grade_bounds}
    elif isinstance(row, Decision):
        said |= {"verdict": row.verdict, "standing": row.standing}
    return Found(row.id, row.status, said)
