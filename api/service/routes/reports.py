"""Routes of reports and figures: made by jobs, kept with the assessment or decision that they report on."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Caller, Reader, Reporter
from parkrisk.api.service.processes import PROCESSES, Owner
from parkrisk.api.service.questions import about, kept_question
from parkrisk.api.service.refusals import Conflict
from parkrisk.api.service.routes.answers import KeyDep, Prefer, PreferDep, tagged_json
from parkrisk.api.service.routes.asked import ANSWERS, answered
from parkrisk.api.service.routes.assessments import AssessmentId, stored
from parkrisk.api.service.routes.gate import DecisionId
from parkrisk.api.service.routes.json_bodies import JsonRoute
from parkrisk.api.service.routes.requests import ReportRequest
from parkrisk.api.service.service import Service, ServiceDep
from parkrisk.api.service.store.artifacts import list_artifacts
from parkrisk.api.service.store.assessments import get_assessment
from parkrisk.api.service.store.decisions import get_decision
from parkrisk.api.service.store.status import Status

router = APIRouter(prefix="/v1", tags=["reports"], route_class=JsonRoute)

FileName = Annotated[str, Path(max_length=200, description="As the list names it, such as `zh/report.pdf`. 文件名")]
Lang = Annotated[Literal["zh", "en"], Query()]

_ASSESSMENT = "/assessments/{assessment_id}"
_DECISION = "/gate-decisions/{decision_id}"


@router.post(f"{_ASSESSMENT}/reports", summary="Print a report", response_class=Response, responses=ANSWERS)
def create_report(
    assessment_id: AssessmentId,
    body: ReportRequest,
    service: ServiceDep,
    caller: Reporter,
    prefer: PreferDep,
    key: KeyDep = None,
) -> Response:
    """By a job: PDF, Word, workbook of the tables, GeoPackage, figures."""
    return _asked(service, caller, "report", "assessment", assessment_id, body, prefer, key)


@router.get(f"{_ASSESSMENT}/reports", summary="Reports of an assessment", response_class=Response)
def list_reports(request: Request, assessment_id: AssessmentId, service: ServiceDep, caller: Reader) -> Response:
    """Files that reports have made."""
    return _listed(request, service, caller, "assessment", assessment_id, "reports/")


@router.get(f"{_ASSESSMENT}/reports/{{name:path}}", summary="A file of a report", response_class=Response)
def get_report(
    request: Request, assessment_id: AssessmentId, name: FileName, service: ServiceDep, caller: Reader
) -> Response:
    """The file."""
    with service.store.reading() as connection:
        return stored(request, connection, caller.tenant, "assessment", assessment_id, f"reports/{name}")


@router.get(f"{_ASSESSMENT}/figures", summary="Figures of an assessment", response_class=Response)
def list_figures(
    request: Request, assessment_id: AssessmentId, service: ServiceDep, caller: Reader, lang: Lang = "zh"
) -> Response:
    """Those that reports with the formats svg and png have made."""
    return _listed(request, service, caller, "assessment", assessment_id, f"reports/{lang}/figures/")


@router.get(f"{_ASSESSMENT}/figures/{{name}}", summary="A figure", response_class=Response)
def get_figure(
    request: Request,
    assessment_id: AssessmentId,
    name: FileName,
    service: ServiceDep,
    caller: Reader,
    lang: Lang = "zh",
) -> Response:
    """SVG or PNG."""
    with service.store.reading() as connection:
        place = f"reports/{lang}/figures/{name}"
        return stored(request, connection, caller.tenant, "assessment", assessment_id, place)


@router.post(f"{_DECISION}/reports", summary="Print a decision", response_class=Response, responses=ANSWERS)
def create_gate_report(
    decision_id: DecisionId,
    body: ReportRequest,
    service: ServiceDep,
    caller: Reporter,
    prefer: PreferDep,
    key: KeyDep = None,
) -> Response:
    """By a job: PDF and Word."""
    return _asked(service, caller, "gate-report", "decision", decision_id, body, prefer, key)


@router.get(f"{_DECISION}/reports", summary="Reports of a decision", response_class=Response)
def list_gate_reports(request: Request, decision_id: DecisionId, service: ServiceDep, caller: Reader) -> Response:
    """Files that reports have made."""
    return _listed(request, service, caller, "decision", decision_id, "reports/")


@router.get(f"{_DECISION}/reports/{{name:path}}", summary="A file of a report", response_class=Response)
def get_gate_report(
    request: Request, decision_id: DecisionId, name: FileName, service: ServiceDep, caller: Reader
) -> Response:
    """The file."""
    with service.store.reading() as connection:
        return stored(request, connection, caller.tenant, "decision", decision_id, f"reports/{name}")


def _asked(
    service: Service,
    caller: Caller,
    name: str,
    subject: Owner,
    subject_id: str,
    body: ReportRequest,
    prefer: Prefer,
    key: str | None,
) -> Response:
    with service.store.reading() as connection:
        digest = _digest_of(connection, caller.tenant, subject, subject_id)
        question = kept_question(connection, caller.tenant, subject, subject_id)
    more: dict[str, Any] = {"lang": body.lang, "formats": sorted(set(body.formats)), "result_digest": digest}
    put = about(PROCESSES[name], subject, subject_id, question.units, question.kept, **more)
    always_a_job = prefer if prefer.wait is not None else Prefer(job=True)
    return answered(service, caller, put, always_a_job, key)


def _digest_of(connection: Any, tenant: str, subject: Owner, subject_id: str) -> str | None:
    """Digest of a result, which must be there."""
    get = get_assessment if subject == "assessment" else get_decision
    found = get(connection, tenant, subject_id)
    if found.status != Status.successful:
        raise Conflict("计算尚未完成", "the computation is not done")
    return found.result_digest


def _listed(
    request: Request, service: Service, caller: Caller, subject: Owner, subject_id: str, prefix: str
) -> Response:
    get = get_assessment if subject == "assessment" else get_decision
    with service.store.reading() as connection:
        get(connection, caller.tenant, subject_id)
        kept = list_artifacts(connection, caller.tenant, subject, subject_id, prefix=prefix)
    items = [
        {
            "name": each.name.removeprefix(prefix),
            "media_type": each.media_type,
            "size": each.size,
            "sha256": each.sha256,
        }
        for each in kept
    ]
    return tagged_json(request, {"items": items, "next": None})
