"""What can be computed, and how its outcome enters the store: one path for an answer at once and for a job."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection

from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.store import artifacts, audit
from parkrisk.api.service.store.assessments import finish_assessment, set_assessment_status
from parkrisk.api.service.store.canonical import digest_of
from parkrisk.api.service.store.decisions import finish_decision, get_decision, set_decision_status
from parkrisk.api.service.store.runs import finish_run, get_run, set_run_status
from parkrisk.api.service.store.status import Status
from parkrisk.api.service.webhooks import tell_concluded, tell_failed

Owner = Literal["assessment", "decision", "run"]
Said = Mapping[str, Any]

#: Name of the artifact that holds the answer itself.
RESULT = "result.json"

#: Kinds of files that results have, by the ending of their names.
MEDIA_TYPES: Mapping[str, str] = {
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".gpkg": "application/geopackage+sqlite3",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def media_type(name: str) -> str:
    """Media type of a file of a result."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


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
    parks : float
        How many assessments of a park the answer takes, about.
    write : callable
        Writes the outcome to its owner, once: (connection, tenant, owner id, asked, outcome); gives what the audit and
        the webhooks say of it.
    """

    name: str
    task: str
    owner: Owner
    parks: float
    write: Callable[[Connection, str, str, Said, Outcome], Said]


class Concluded(NamedTuple):
    """What came of a question: what is said of it, and the place of that line in the audit."""

    said: Said
    link: audit.Link


def conclude(
    connection: Connection, tenant: str, process: str, owner_id: str, who: str, asked: Said, outcome: Outcome
) -> Concluded:
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
        Digests of the question (``asked.json`` of a job).
    outcome : Outcome
    """
    said = PROCESSES[process].write(connection, tenant, owner_id, asked, outcome)
    tell_concluded(connection, tenant, process, owner_id, said)
    return Concluded(said, record(connection, tenant, who, process, owner_id, asked, said))


def give_up(connection: Connection, tenant: str, process: str, owner_id: str, who: str, problem: Said) -> None:
    """Mark the owner of a failed job, with its audit line; a question that failed has no verdict."""
    set_status(connection, tenant, PROCESSES[process].owner, owner_id, Status.failed)
    tell_failed(connection, tenant, process, owner_id, str(problem.get("code", "")))
    record(connection, tenant, who, process, owner_id, {}, {"failed": problem.get("code", "")})


def record(
    connection: Connection, tenant: str, who: str, process: str, owner_id: str, asked: Said, outcome: Said
) -> audit.Link:
    """Append to the audit who asked what, and what came of it."""
    entry = {"who": who, "process": process, "id": owner_id, "asked": dict(asked), "outcome": dict(outcome)}
    return audit.append(connection, tenant, entry)


def set_status(connection: Connection, tenant: str, owner: Owner, owner_id: str, status: Status) -> None:
    """Move an assessment, decision or run that is not successful."""
    move = {"assessment": set_assessment_status, "decision": set_decision_status, "run": set_run_status}[owner]
    move(connection, tenant, owner_id, status)


def _keep(connection: Connection, tenant: str, owner: Owner, owner_id: str, outcome: Outcome) -> None:
    answer = json.dumps(outcome.content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    for name, content in {RESULT: answer, **outcome.files}.items():
        artifacts.put_artifact(connection, tenant, owner, owner_id, name, content, media_type=media_type(name))


def _assessment(connection: Connection, tenant: str, owner_id: str, _asked: Said, outcome: Outcome) -> Said:
    content = outcome.content
    grade, result_digest = content["grade"], content["provenance"]["result_digest"]
    summary = {"name": content["park"]["name"], "pll": content["pll"], "problems": len(content["problems"])}
    written = finish_assessment(
        connection,
        tenant,
        owner_id,
        result_digest=result_digest,
        grade_letter=grade["letter"],
        grade_bounds=grade["bounds"],
        summary=summary,
    )
    if written:
        _keep(connection, tenant, "assessment", owner_id, outcome)
    return {"grade": grade["letter"], "bounds": grade["bounds"], "result_digest": result_digest}


def _decision(connection: Connection, tenant: str, owner_id: str, _asked: Said, outcome: Outcome) -> Said:
    content = outcome.content
    verdict, result_digest = content["verdict"], content["provenance"]["result_digest"]
    summary = {
        "project": content["project"],
        "explanation_zh": content["explanation_zh"],
        "explanation_en": content["explanation_en"],
        "conditions": len(content["conditions"]),
        "missing": len(content["missing"]),
    }
    if finish_decision(connection, tenant, owner_id, verdict=verdict, summary=summary, result_digest=result_digest):
        _keep(connection, tenant, "decision", owner_id, outcome)
    standing = get_decision(connection, tenant, owner_id).standing
    return {"verdict": verdict, "standing": standing, "result_digest": result_digest}


def _run(connection: Connection, tenant: str, owner_id: str, _asked: Said, outcome: Outcome) -> Said:
    result_digest = digest_of(outcome.content)
    summary = {"files": sorted(outcome.files)}
    if finish_run(connection, tenant, owner_id, summary=summary, result_digest=result_digest):
        _keep(connection, tenant, "run", owner_id, outcome)
    return {"result_digest": result_digest}


def _report(subject: Owner) -> Callable[[Connection, str, str, Said, Outcome], Said]:
    """Keep the files of a report with what it reports on."""

    def write(connection: Connection, tenant: str, owner_id: str, asked: Said, outcome: Outcome) -> Said:
        subject_id = get_run(connection, tenant, owner_id).subject_id or ""
        names = {name: f"reports/{asked['lang']}/{name}" for name in sorted(outcome.files)}
        kept = [
            artifacts.put_artifact(
                connection, tenant, subject, subject_id, names[name], content, media_type=media_type(name)
            )
            for name, content in sorted(outcome.files.items())
        ]
        result_digest = digest_of({each.name: each.sha256 for each in kept})
        summary = {"subject": subject_id, "files": [each.name.removeprefix("reports/") for each in kept]}
        if finish_run(connection, tenant, owner_id, summary=summary, result_digest=result_digest):
            _keep(connection, tenant, "run", owner_id, Outcome(summary))
        return {"subject": subject_id, "result_digest": result_digest}

    return write


PROCESSES: Mapping[str, Process] = {
    process.name: process
    for process in (
        Process("assessment", "assess", "assessment", 1.0, _assessment),
        Process("gate-decision", "gate", "decision", 3.0, _decision),
        Process("whatif", "whatif", "run", 2.0, _run),
        Process("cascade", "cascade", "run", 1.0, _run),
        Process("siting", "siting", "run", 4.0, _run),
        Process("uncertainty", "uncertainty", "run", 4.0, _run),
        Process("report", "report", "run", 3.0, _report("assessment")),
        Process("gate-report", "gate_report", "run", 4.0, _report("decision")),
    )
}
