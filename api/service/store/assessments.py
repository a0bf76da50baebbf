"""Assessments: the same question is kept once, by the digest of what was asked."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select, update

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, insert, paged
from parkrisk.api.service.store.status import Status
from parkrisk.api.service.store.tables import assessments, new_id, now


class Assessment(NamedTuple):
    """One assessment; ``park_id`` and ``version`` are None when the park came with the request.

    ``result_digest``, ``grade_letter``, ``grade_bounds`` and ``summary`` are None until it is successful.
    """

    id: str
    park_id: str | None
    version: int | None
    request_digest: str
    rules: str | None
    seed: int
    settings: Any
    status: str
    result_digest: str | None
    grade_letter: str | None
    grade_bounds: Any
    summary: Any
    created: str
    created_by: str


def claim_assessment(
    connection: Connection,
    tenant: str,
    *,
    request_digest: str,
    park_id: str | None,
    version: int | None,
    rules: str | None,
    seed: int,
    settings: Any,
    created_by: str,
) -> tuple[Assessment, bool]:
    """Give the assessment of this question, and whether it is new; two callers at once get the same one."""
    row = Assessment(
        new_id("a"), park_id, version, request_digest, rules, seed, settings, Status.accepted,
        None, None, None, None, now(), created_by,
    )  # fmt: skip
    statement = insert(connection, assessments).values(tenant=tenant, **row._asdict())
    made = connection.execute(
        statement.on_conflict_do_nothing(index_elements=["tenant", "request_digest"]).returning(assessments.c.id)
    ).first()
    if made is not None:
        return row, True
    found = find_assessment(connection, tenant, request_digest)
    if found is None:
        raise NotFound("评估", "assessment")
    return found, False


def find_assessment(connection: Connection, tenant: str, request_digest: str) -> Assessment | None:
    """Give the assessment of a question, if there is one."""
    return first(connection, _mine(tenant).where(assessments.c.request_digest == request_digest), Assessment)


def get_assessment(connection: Connection, tenant: str, assessment_id: str) -> Assessment:
    """Give one assessment."""
    found = first(connection, _mine(tenant).where(assessments.c.id == assessment_id), Assessment)
    if found is None:
        raise NotFound("评估", "assessment")
    return found


def list_assessments(
    connection: Connection, tenant: str, *, park_id: str | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Assessment]:
    """Give the assessments, all or those of one park."""
    query = _mine(tenant)
    if park_id is not None:
        query = query.where(assessments.c.park_id == park_id)
    return paged(connection, query, Assessment, [assessments.c.created, assessments.c.id], limit, cursor)


def latest_assessment(
    connection: Connection, tenant: str, park_id: str, *, version: int | None = None
) -> Assessment | None:
    """Give the last successful assessment of a park, of its highest version that has one, or of the version named."""
    query = _mine(tenant).where(assessments.c.park_id == park_id, assessments.c.status == Status.successful)
    if version is not None:
        query = query.where(assessments.c.version == version)
    order = (assessments.c.version.desc(), assessments.c.created.desc(), assessments.c.id.desc())
    return first(connection, query.order_by(*order), Assessment)


def set_assessment_status(connection: Connection, tenant: str, assessment_id: str, status: str) -> bool:
    """Move an assessment that is not successful; say whether it moved. A successful one stays."""
    return _change(connection, tenant, assessment_id, status=status)


def finish_assessment(
    connection: Connection,
    tenant: str,
    assessment_id: str,
    *,
    result_digest: str,
    grade_letter: str | None,
    grade_bounds: Any,
    summary: Any,
) -> bool:
    """Write the outcome, once. False: it has one already, or there is no such assessment."""
    return _change(
        connection,
        tenant,
        assessment_id,
        status=Status.successful,
        result_digest=result_digest,
        grade_letter=grade_letter,
        grade_bounds=grade_bounds,
        summary=summary,
    )


def _mine(tenant: str) -> Select[Any]:
    return select(*columns(assessments, Assessment)).where(assessments.c.tenant == tenant)


def _change(connection: Connection, tenant: str, assessment_id: str, **values: Any) -> bool:
    statement = update(assessments).where(assessments.c.tenant == tenant, assessments.c.id == assessment_id)
    statement = statement.where(assessments.c.status != Status.successful).values(**values)
    return connection.execute(statement).rowcount > 0
