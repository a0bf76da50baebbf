"""Projects that ask to enter a park. A project is never changed."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from parkrisk.api.service.store.errors import NotFound
from parkrisk.api.service.store.rows import Page, columns, first, paged
from parkrisk.api.service.store.tables import new_id, now, projects


class Project(NamedTuple):
    """One project; its document is an artifact of it."""

    id: str
    name: str
    project_digest: str
    source_name: str
    source_sha256: str
    problems: int
    created: str
    created_by: str


def create_project(
    connection: Connection,
    tenant: str,
    name: str,
    *,
    project_digest: str,
    source_name: str,
    source_sha256: str,
    problems: int,
    created_by: str,
) -> Project:
    """Keep a project."""
    row = Project(new_id("q"), name, project_digest, source_name, source_sha256, problems, now(), created_by)
    connection.execute(projects.insert().values(tenant=tenant, **row._asdict()))
    return row


def get_project(connection: Connection, tenant: str, project_id: str) -> Project:
    """Give one project."""
    query = select(*columns(projects, Project)).where(projects.c.tenant == tenant, projects.c.id == project_id)
    found = first(connection, query, Project)
    if found is None:
        raise NotFound("项目", "project")
    return found


def list_projects(connection: Connection, tenant: str, *, limit: int = 100, cursor: str | None = None) -> Page[Project]:
    """Give the projects."""
    query = select(*columns(projects, Project)).where(projects.c.tenant == tenant)
    return paged(connection, query, Project, [projects.c.created, projects.c.id], limit, cursor)
