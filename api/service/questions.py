"""What is asked: the park, the project and the method, with the digest by which the same question is known again."""

import datetime as dt
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from parkrisk import __version__
from parkrisk.api.service import documents
from parkrisk.api.service.identity.caller import Caller
from parkrisk.api.service.processes import Owner, Process
from parkrisk.api.service.routes.requests import AssessmentRequest, Document, StoredPark, StoredProject
from parkrisk.api.service.service import Service
from parkrisk.api.service.store import artifacts
from parkrisk.api.service.store.canonical import canonical_json, digest_of
from parkrisk.api.service.store.parks import get_version, latest_version
from parkrisk.api.service.store.projects import get_project
from parkrisk.models.errors import InputProblems, Problem

#: Longest time that a check of an input may take. [s]
_CHECK_SECONDS = 60.0

#: Checks that are remembered: digests only.
_REMEMBERED = 4096

#: Name of the artifact that holds what was asked.
_QUESTION = "question.json"


class Checked(NamedTuple):
    """What a check found out about a sound document."""

    digest: str
    rulebook: str
    units: int


@dataclass(frozen=True)
class Input:
    """A park or project of a question; ``named`` is its document, or the name of a stored one."""

    checked: Checked
    named: Mapping[str, Any]
    id: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Question:
    """One question of one tenant.

    Parameters
    ----------
    process : Process
    digest : str
        The same for the same question.
    asked : mapping
        What the digest is made of, for the audit.
    units : int
        Size of the park.
    kept : mapping
        What the arguments of the task are made of; a stored park or project is named, not copied.
    park_id, version, project_id, subject_id
        Stored things that it is about.
    standing : str
        Of a gate decision: "decision" or "trial".
    """

    process: Process
    digest: str
    asked: Mapping[str, Any]
    units: int
    kept: Mapping[str, Any]
    park_id: str | None = None
    version: int | None = None
    project_id: str | None = None
    subject_id: str | None = None
    standing: str = ""


def park_input(service: Service, caller: Caller, park: StoredPark | Document) -> Input:
    """Find a stored version, or check the document that came with the request."""
    if isinstance(park, Document):
        return Input(_checked(service, park, "park"), park.content)
    with service.store.reading() as connection:
        if park.version is None:
            found = latest_version(connection, caller.tenant, park.park_id)
        else:
            found = get_version(connection, caller.tenant, park.park_id, park.version)
    named = {"park_id": found.park_id, "version": found.version}
    return Input(Checked(found.input_digest, found.rulebook, found.units), named, found.park_id, found.version)


def project_input(service: Service, caller: Caller, project: StoredProject | Document) -> Input:
    """Find a stored project, or check the document that came with the request."""
    if isinstance(project, Document):
        return Input(_checked(service, project, "project"), project.content)
    with service.store.reading() as connection:
        found = get_project(connection, caller.tenant, project.project_id)
    return Input(Checked(found.project_digest, "", 0), {"project_id": found.id}, found.id)


def question(
    process: Process,
    request: AssessmentRequest,
    park: Input,
    project: Input | None = None,
    *,
    standing: str = "",
    **more: Any,
) -> Question:
    """Put a question about a park, and a project, together; ``more`` are arguments of the task beside the usual."""
    rules = request.rules or park.checked.rulebook
    method = {"rules": rules, "seed": request.seed, "delayed_ignition": request.delayed_ignition, **more}
    asked = {
        "park": park.checked.digest,
        **({} if project is None else {"project": project.checked.digest}),
        **method,
        "rules_digest": rules_digest(rules),
        "engine": __version__,
    }

    kept = {"park": park.named, **({} if project is None else {"project": project.named}), **method}
    # Of a stored park it is another question, though its document be the same: the answer belongs to that version.
    places = {"park_id": park.id, "version": park.version, "project_id": project and project.id}
    return Question(
        process,
        digest_of({"process": process.name, **asked, **{name: each for name, each in places.items() if each}}),
        asked,
        park.checked.units,
        kept,
        park_id=park.id,
        version=park.version,
        project_id=None if project is None else project.id,
        standing=standing,
    )


def about(
    process: Process, subject: Owner, subject_id: str, units: int, kept: Mapping[str, Any], **more: Any
) -> Question:
    """Put a question about a stored result, such as its report; ``kept`` is what that result was made of."""
    asked = {subject: subject_id, **more, "engine": __version__}
    digest = digest_of({"process": process.name, **asked})
    return Question(process, digest, asked, units, {**kept, **more}, subject_id=subject_id)


def arguments(connection: Connection, tenant: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Make the arguments of a task: named parks and projects are read from the store."""
    made = dict(kept)
    park, project = made.get("park", {}), made.get("project", {})
    if "park_id" in park:
        made["park"] = _object(documents.park_document(connection, tenant, park["park_id"], park["version"])[1])
    if "project_id" in project:
        made["project"] = _object(documents.project_document(connection, tenant, project["project_id"])[1])
    return made


def keep(connection: Connection, tenant: str, owner_id: str, question: Question) -> None:
    """Keep with the row of a question what was asked, for whatever is asked of its result later."""
    content = canonical_json({"kept": question.kept, "asked": question.asked, "units": question.units}).encode()
    artifacts.put_artifact(
        connection, tenant, question.process.owner, owner_id, _QUESTION, content, media_type="application/json"
    )


class Kept(NamedTuple):
    """What was asked."""

    kept: Mapping[str, Any]
    asked: Mapping[str, Any]
    units: int


def kept_question(connection: Connection, tenant: str, owner: Owner, owner_id: str) -> Kept:
    """Give what `keep` kept."""
    return Kept(**_object(artifacts.get_artifact(connection, tenant, owner, owner_id, _QUESTION)[1]))


@functools.cache
def rules_digest(rules: str) -> str:
    """Digest of the files of a shipped rule set.

    Raises
    ------
    RuleError
        There is none of that name: the path of a file would be one of the service, not of the caller.
    """
    from parkrisk.risk.rules.sets import load, shipped

    return load(shipped(rules), dt.date.max).digest


def _object(text: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    return content


_remembered: dict[tuple[str, str], Checked] = {}


def _checked(service: Service, document: Document, kind: str) -> Checked:
    """Check a document in an engine; one that was sound before is known again by its text.

    Raises
    ------
    InputProblems
        With every problem of it.
    """
    known = _remembered.get((kind, document.sha256))
    if known is not None:
        return known
    arguments = {"document": document.content, "kind": kind}
    with service.places.one():
        found = service.engines.run("check", arguments, seconds=_CHECK_SECONDS).content
    faults = [Problem(**each) for each in found["problems"]]
    if any(fault.severity == "error" for fault in faults):
        raise InputProblems(faults)
    checked = Checked(found["digest"], found["rulebook"], found["units"])
    while len(_remembered) >= _REMEMBERED:
        _remembered.pop(next(iter(_remembered)), None)
    _remembered[kind, document.sha256] = checked
    return checked
