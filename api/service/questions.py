"""What is asked: the park, the project and the method, with the digest by which the same question is known again."""

import datetime as dt
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from parkrisk import __version__
from parkrisk.api.service import documents
from parkrisk.api.service.identity.caller import Caller
from parkrisk.api.service.processes import Owner, Process
from parkrisk.api.service.routes.requests import AssessmentRequest, Document, StoredPark, StoredProject
from parkrisk.api.service.service import Service
from parkrisk.api.service.store.canonical import digest_of
from parkrisk.api.service.store.parks import get_version, latest_version
from parkrisk.api.service.store.projects import get_project
from parkrisk.models.errors import InputProblems, Problem

#: Longest time that a check of an input may take. [s]
_CHECK_SECONDS = 60.0

#: Checks that are remembered: digests only.
_REMEMBERED = 4096

Content = Callable[[Connection], Mapping[str, Any]]


class Checked(NamedTuple):
    """What a check found out about a sound document."""

    digest: str
    rulebook: str
    units: int


@dataclass(frozen=True)
class Input:
    """A park or project of a question; ``content`` reads its document when it is needed."""

    checked: Checked
    content: Content
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
    arguments : callable
        Reads the arguments of the task.
    park_id, version, project_id, subject_id
        Stored things that it is about.
    standing : str
        Of a gate decision: "decision" or "trial".
    """

    process: Process
    digest: str
    asked: Mapping[str, Any]
    units: int
    arguments: Content
    park_id: str | None = None
    version: int | None = None
    project_id: str | None = None
    subject_id: str | None = None
    standing: str = ""


def park_input(service: Service, caller: Caller, park: StoredPark | Document) -> Input:
    """Find a stored version, or check the document that came with the request."""
    if isinstance(park, Document):
        return Input(_checked(service, park, "park"), lambda _connection: park.content)
    with service.store.reading() as connection:
        if park.version is None:
            found = latest_version(connection, caller.tenant, park.park_id)
        else:
            found = get_version(connection, caller.tenant, park.park_id, park.version)

    def content(connection: Connection) -> Mapping[str, Any]:
        return _object(documents.park_document(connection, caller.tenant, found.park_id, found.version)[1])

    return Input(Checked(found.input_digest, found.rulebook, found.units), content, found.park_id, found.version)


def project_input(service: Service, caller: Caller, project: StoredProject | Document) -> Input:
    """Find a stored project, or check the document that came with the request."""
    if isinstance(project, Document):
        return Input(_checked(service, project, "project"), lambda _connection: project.content)
    with service.store.reading() as connection:
        found = get_project(connection, caller.tenant, project.project_id)

    def content(connection: Connection) -> Mapping[str, Any]:
        return _object(documents.project_document(connection, caller.tenant, found.id)[1])

    return Input(Checked(found.project_digest, "", 0), content, found.id)


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

    def arguments(connection: Connection) -> Mapping[str, Any]:
        both = {"park": park.content(connection)}
        if project is not None:
            both["project"] = project.content(connection)
        return both | method

    return Question(
        process,
        digest_of({"process": process.name, **asked}),
        asked,
        park.checked.units,
        arguments,
        park_id=park.id,
        version=park.version,
        project_id=None if project is None else project.id,
        standing=standing,
    )


def about(process: Process, subject: Owner, subject_id: str, arguments: Content, units: int, **more: Any) -> Question:
    """Put a question about a result that is stored, such as its report."""
    asked = {subject: subject_id, **more, "engine": __version__}
    return Question(
        process, digest_of({"process": process.name, **asked}), asked, units, arguments, subject_id=subject_id
    )


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
    found = service.engines.run("check", arguments, seconds=_CHECK_SECONDS).content
    faults = [Problem(**each) for each in found["problems"]]
    if any(fault.severity == "error" for fault in faults):
        raise InputProblems(faults)
    checked = Checked(found["digest"], found["rulebook"], found["units"])
    while len(_remembered) >= _REMEMBERED:
        _remembered.pop(next(iter(_remembered)), None)
    _remembered[kind, document.sha256] = checked
    return checked
