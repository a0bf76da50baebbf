"""Where the documents of parks and projects are kept: as artifacts beside their rows."""

from collections.abc import Mapping

from sqlalchemy import Connection

from parkrisk.api.service.store import artifacts, parks, projects
from parkrisk.api.service.store.artifacts import Artifact
from parkrisk.api.service.store.parks import ParkVersion
from parkrisk.api.service.store.projects import Project

__all__ = ["keep", "park_document", "park_file", "project_document", "project_file"]

_DOCUMENT = "document.json"


def _place(owner_id: str, version: int | None) -> tuple[str, str, str]:
    """Kind and id of an owner, and how the names of its files begin."""
    return ("project", owner_id, "") if version is None else ("park", owner_id, f"{version}/")


def keep(connection: Connection, tenant: str, owner_id: str, version: int | None, files: Mapping[str, bytes]) -> None:
    """Keep files of a version of a park; without a version, of a project."""
    kind, owner, prefix = _place(owner_id, version)
    for name, content in files.items():
        artifacts.put_artifact(connection, tenant, kind, owner, prefix + name, content, media_type="application/json")


def park_file(connection: Connection, tenant: str, park_id: str, version: int, name: str) -> tuple[Artifact, bytes]:
    """Give a file of a version: "document.json", "problems.json", "map.json"."""
    kind, owner, prefix = _place(park_id, version)
    return artifacts.get_artifact(connection, tenant, kind, owner, prefix + name)


def project_file(connection: Connection, tenant: str, project_id: str, name: str) -> tuple[Artifact, bytes]:
    """Give a file of a project: "document.json", "problems.json"."""
    kind, owner, prefix = _place(project_id, None)
    return artifacts.get_artifact(connection, tenant, kind, owner, prefix + name)


def park_document(connection: Connection, tenant: str, park_id: str, version: int | None) -> tuple[ParkVersion, bytes]:
    """Give a version of a park, the latest if none is named, and its document as JSON.

    Raises
    ------
    NotFound
    """
    if version is None:
        found = parks.latest_version(connection, tenant, park_id)
    else:
        found = parks.get_version(connection, tenant, park_id, version)
    return found, park_file(connection, tenant, park_id, found.version, _DOCUMENT)[1]


def project_document(connection: Connection, tenant: str, project_id: str) -> tuple[Project, bytes]:
    """Give a project and its document as JSON.

    Raises
    ------
    NotFound
    """
    found = projects.get_project(connection, tenant, project_id)
    return found, project_file(connection, tenant, project_id, _DOCUMENT)[1]
