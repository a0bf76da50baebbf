"""Every operation of the interface, what it asks of its caller, and how to call it so that it succeeds.

Stated here and not read from the routes: that is what the test compares.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parkrisk.api.service.identity.roles import Permission

READ, ASK, WRITE, REPORT, ADMINISTER = (
    Permission.READ,
    Permission.ASK,
    Permission.WRITE,
    Permission.REPORT,
    Permission.ADMINISTER,
)

#: Names of things that belong to a tenant → id.
Ids = Mapping[str, Any]

#: Operations that anyone may call, and pages that are no part of the document.
OPEN = frozenset({"GET /v1/health", "GET /v1/ready"})
PAGES = frozenset({"/", "/docs", "/openapi.json", "/assets/{name:path}", "/{name}"})


def nothing(_ids: Ids) -> None:
    """No body."""
    return


@dataclass(frozen=True)
class Operation:
    """How an operation is called.

    Attributes
    ----------
    permission : Permission
    status : int
        Of a call that is allowed.
    body : callable
        The JSON, from the ids.
    values : mapping
        Parameters of the path that are no ids of a tenant's things.
    query : str
        May hold ids in braces; they are filters then, and those of another tenant select nothing.
    fresh : str
        Name of an id that each call uses up: "job_id" and so on are made anew.
    """

    permission: Permission
    status: int = 200
    body: Callable[[Ids], Any] = nothing
    values: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    fresh: str = ""


def _park(ids: Ids) -> dict[str, Any]:
    return {"park": {"park_id": ids["park_id"], "version": ids["version"]}}


def _entry(ids: Ids) -> dict[str, Any]:
    return {**_park(ids), "project": {"project_id": ids["project_id"]}, "search": False}


def _example(name: str) -> Callable[[Ids], Any]:
    return lambda _ids: {"example": name}


_LATER = {"Prefer": "respond-async"}
_A, _G, _P = "/v1/assessments/{assessment_id}", "/v1/gate-decisions/{decision_id}", "/v1/parks/{park_id}"
_LAYER = {"collection_id": "units"}
_PRINT = {"formats": ["pdf"]}

OPERATIONS: Mapping[str, Operation] = {
    "POST /v1/parks": Operation(WRITE, 201, _example("minimal")),
    "GET /v1/parks": Operation(READ),
    f"GET {_P}": Operation(READ),
    f"POST {_P}/versions": Operation(WRITE, 200, _example("minimal")),
    f"GET {_P}/versions": Operation(READ),
    f"GET {_P}/versions/{{version}}": Operation(READ),
    f"GET {_P}/versions/{{version}}/{{what}}": Operation(READ, values={"what": "document"}),
    "POST /v1/problems": Operation(ASK, 200, _example("minimal")),
    "POST /v1/projects": Operation(WRITE, 201, _example("minimal/diesel-tank")),
    "GET /v1/projects": Operation(READ),
    "GET /v1/projects/{project_id}": Operation(READ),
    "GET /v1/projects/{project_id}/{what}": Operation(READ, values={"what": "document"}),
    "POST /v1/assessments": Operation(ASK, 200, _park),
    "GET /v1/assessments": Operation(READ, query="?park_id={park_id}"),
    f"GET {_A}": Operation(READ),
    f"GET {_A}/result": Operation(READ),
    f"GET {_A}/tables": Operation(READ),
    f"GET {_A}/tables/{{name}}": Operation(READ, values={"name": "targets"}),
    f"GET {_A}/layers/{{layer}}": Operation(READ, values={"layer": "units"}),
    f"GET {_A}/contours": Operation(READ),
    f"GET {_A}/risk-at": Operation(ASK, query="?x=0&y=0"),
    f"GET {_A}/trace": Operation(ASK, query="?table=targets&column=individual_risk&key=school"),
    f"GET {_A}/cascade": Operation(ASK, query="?unit=T-101"),
    f"POST {_A}/reports": Operation(REPORT, 202, lambda _ids: _PRINT),
    f"GET {_A}/reports": Operation(READ),
    f"GET {_A}/reports/{{name}}": Operation(READ, values={"name": "zh/report.pdf"}),
    f"GET {_A}/figures": Operation(READ),
    f"GET {_A}/figures/{{name}}": Operation(READ, values={"name": "fn.svg"}),
    "POST /v1/gate-decisions": Operation(ASK, 200, _entry),
    "GET /v1/gate-decisions": Operation(READ, query="?park_id={park_id}"),
    f"GET {_G}": Operation(READ),
    f"GET {_G}/result": Operation(READ),
    f"POST {_G}/reports": Operation(REPORT, 202, lambda _ids: _PRINT),
    f"GET {_G}/reports": Operation(READ),
    f"GET {_G}/reports/{{name}}": Operation(READ, values={"name": "zh/report.pdf"}),
    "POST /v1/whatifs": Operation(
        ASK, 202, lambda ids: _park(ids) | {"scenario": {"remove": ["T-102"]}}, headers=_LATER
    ),
    "POST /v1/cascades": Operation(ASK, 200, lambda ids: _park(ids) | {"units": ["T-101"]}),
    "POST /v1/sitings": Operation(
        ASK, 202, lambda ids: _park(ids) | {"project": {"project_id": ids["project_id"]}}, headers=_LATER
    ),
    "POST /v1/uncertainties": Operation(
        ASK, 202, lambda ids: _park(ids) | {"project": {"project_id": ids["project_id"]}}, headers=_LATER
    ),
    "GET /v1/runs": Operation(READ),
    "GET /v1/runs/{run_id}": Operation(READ),
    "GET /v1/runs/{run_id}/result": Operation(READ),
    "GET /v1/runs/{run_id}/files/{name}": Operation(READ, values={"name": "played.geojson"}),
    "GET /v1/jobs": Operation(READ),
    "GET /v1/jobs/{job_id}": Operation(READ),
    "DELETE /v1/jobs/{job_id}": Operation(ASK, fresh="job_id"),
    "GET /v1/jobs/{job_id}/results": Operation(READ, 303),
    "POST /v1/jobs/{job_id}/retry": Operation(ASK, 202, fresh="dismissed_id"),
    f"GET {_P}/ogc": Operation(READ),
    f"GET {_P}/ogc/conformance": Operation(READ),
    f"GET {_P}/ogc/api": Operation(READ),
    f"GET {_P}/ogc/collections": Operation(READ),
    f"GET {_P}/ogc/collections/{{collection_id}}": Operation(READ, values=_LAYER),
    f"GET {_P}/ogc/collections/{{collection_id}}/items": Operation(READ, values=_LAYER),
    f"GET {_P}/ogc/collections/{{collection_id}}/items/{{feature_id}}": Operation(
        READ, values={**_LAYER, "feature_id": "T-101"}
    ),
    "GET /v1/rulebooks": Operation(READ),
    "GET /v1/rulebooks/{name}": Operation(READ, values={"name": "gb36894-2018"}),
    "GET /v1/substances": Operation(READ, query="?q=ammonia"),
    "GET /v1/substances/{cas}": Operation(READ, values={"cas": "7664-41-7"}),
    "GET /v1/schema": Operation(READ),
    "GET /v1/schema/{kind}": Operation(READ, values={"kind": "park"}),
    "GET /v1/me": Operation(READ),
    "POST /v1/keys": Operation(ADMINISTER, 201, lambda _ids: {"name": "another", "role": "reader"}),
    "GET /v1/keys": Operation(ADMINISTER),
    "DELETE /v1/keys/{key_id}": Operation(ADMINISTER, fresh="key_id"),
    "POST /v1/webhooks": Operation(
        ADMINISTER, 201, lambda _ids: {"url": "https://93.184.216.34/told", "events": ["job.failed"]}
    ),
    "GET /v1/webhooks": Operation(ADMINISTER),
    "POST /v1/webhooks/{webhook_id}/ping": Operation(ADMINISTER, 202),
    "DELETE /v1/webhooks/{webhook_id}": Operation(ADMINISTER, 204, fresh="webhook_id"),
    "GET /v1/webhooks/{webhook_id}/deliveries": Operation(ADMINISTER),
    "GET /v1/audit": Operation(ADMINISTER),
    "GET /v1/audit/head": Operation(ADMINISTER),
    "GET /metrics": Operation(READ),
}
