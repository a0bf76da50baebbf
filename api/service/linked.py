"""What the OpenAPI document says of answers beside the routes: their form, and where each leads to (links)."""

from collections.abc import Mapping
from typing import Any

_JSON = "application/json"
_TEXT: Mapping[str, Any] = {"type": "string"}
_MAYBE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_WHOLE: Mapping[str, Any] = {"type": "integer", "minimum": 0}


def _object(required: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


_LINK = _object({"href": _TEXT, "rel": _TEXT, "type": _TEXT, "title": _TEXT}, method=_TEXT)

#: Forms that several operations answer with.
SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "List": _object({"items": {"type": "array", "items": {"type": "object"}}, "next": _MAYBE_TEXT}),
    "Job": _object(
        {
            "jobID": _TEXT,
            "processID": _TEXT,
            "type": {"const": "process"},
            "status": {"enum": ["accepted", "running", "successful", "failed", "dismissed"]},
            "message": _TEXT,
            "progress": {"type": "integer", "minimum": 0, "maximum": 100},
            "stage": _TEXT,
            "attempts": _WHOLE,
            "owner_id": _TEXT,
            "created": _TEXT,
            "created_by": _TEXT,
            "updated": _TEXT,
            "links": {"type": "array", "items": _LINK},
        },
        started=_TEXT,
        finished=_TEXT,
        problem={"type": "object"},
    ),
    "Made": _object({"id": _TEXT}),
    "Decision": _object(
        {
            "id": _TEXT,
            "standing": {"enum": ["decision", "trial"]},
            "audit": _object({"sequence": _WHOLE, "head": _TEXT}),
            "verdict": {"enum": ["admit", "admit_with_conditions", "refuse", "undecided"]},
        }
    ),
    "Park": _object({"id": _TEXT, "name": _TEXT, "version": {"type": "integer", "minimum": 1}}),
    "Me": _object({"tenant": _TEXT, "name": _TEXT, "role": _TEXT, "permissions": {"type": "array", "items": _TEXT}}),
    "Health": _object({"status": _TEXT, "version": _TEXT}),
    "Head": _object({"sequence": _WHOLE, "hash": _TEXT}),
    "Problems": _object({"problems": {"type": "array", "items": {"type": "object"}}}),
}

_ASSESSMENT, _DECISION = "/v1/assessments/{assessment_id}", "/v1/gate-decisions/{decision_id}"
#: Questions about a park whose answers are runs.
_ASKED = ("whatifs", "cascades", "sitings", "uncertainties")
_PARK, _HOOK = "/v1/parks/{park_id}", "/v1/webhooks/{webhook_id}"

#: Operation and status → name of the form.
FORMS: Mapping[str, str] = {
    **{
        f"GET {path} 200": "List"
        for path in (
            *("/v1/parks", f"{_PARK}/versions", "/v1/projects", "/v1/assessments", f"{_ASSESSMENT}/tables"),
            *(f"{_ASSESSMENT}/reports", f"{_ASSESSMENT}/figures", "/v1/gate-decisions", f"{_DECISION}/reports"),
            *("/v1/runs", "/v1/jobs", "/v1/keys", "/v1/webhooks", f"{_HOOK}/deliveries"),
        )
    },
    **{f"POST {path} 200": "Made" for path in ("/v1/assessments", *(f"/v1/{what}" for what in _ASKED))},
    **{
        f"POST {path} 202": "Job"
        for path in (
            *("/v1/assessments", "/v1/gate-decisions", *(f"/v1/{what}" for what in _ASKED)),
            *(f"{_ASSESSMENT}/reports", f"{_DECISION}/reports", "/v1/jobs/{job_id}/retry"),
        )
    },
    "POST /v1/gate-decisions 200": "Decision",
    "GET /v1/jobs/{job_id} 200": "Job",
    "DELETE /v1/jobs/{job_id} 200": "Job",
    "POST /v1/parks 201": "Park",
    f"POST {_PARK}/versions 200": "Park",
    f"POST {_PARK}/versions 201": "Park",
    f"GET {_PARK} 200": "Park",
    "POST /v1/projects 201": "Made",
    "GET /v1/projects/{project_id} 200": "Made",
    f"GET {_ASSESSMENT} 200": "Made",
    f"GET {_DECISION} 200": "Made",
    "GET /v1/runs/{run_id} 200": "Made",
    "POST /v1/keys 201": "Made",
    "DELETE /v1/keys/{key_id} 200": "Made",
    "POST /v1/webhooks 201": "Made",
    "POST /v1/problems 200": "Problems",
    "GET /v1/me 200": "Me",
    "GET /v1/health 200": "Health",
    "GET /v1/ready 200": "Health",
    "GET /v1/audit/head 200": "Head",
}

_ID = "$response.body#/id"
_STORED = {"park": {"park_id": _ID}}

#: Operation and status → operations that its answer leads to: by parameters, or by the body.
_LINKS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "POST /v1/parks 201": {
        f"GET {_PARK}": {"parameters": {"park_id": _ID}},
        f"POST {_PARK}/versions": {"parameters": {"park_id": _ID}},
        f"GET {_PARK}/versions/{{version}}/{{what}}": {
            "parameters": {"park_id": _ID, "version": "$response.body#/version"}
        },
        f"GET {_PARK}/ogc/collections/{{collection_id}}/items": {"parameters": {"park_id": _ID}},
        "POST /v1/assessments": {"requestBody": _STORED},
        "POST /v1/cascades": {"requestBody": {**_STORED, "units": ["T-101"]}},
        "POST /v1/whatifs": {"requestBody": {**_STORED, "scenario": {"remove": ["T-101"]}}},
    },
    "POST /v1/projects 201": {
        f"GET /v1/projects/{{project_id}}{what}": {"parameters": {"project_id": _ID}} for what in ("", "/{what}")
    },
    "POST /v1/assessments 200": {
        f"{method} {_ASSESSMENT}{what}": {"parameters": {"assessment_id": _ID}}
        for method, what in (
            *(("GET", ""), ("GET", "/result"), ("GET", "/tables"), ("GET", "/tables/{name}"), ("GET", "/contours")),
            *(("GET", "/layers/{layer}"), ("GET", "/risk-at"), ("GET", "/trace"), ("GET", "/cascade")),
            *(("POST", "/reports"), ("GET", "/reports"), ("GET", "/figures")),
        )
    },
    "POST /v1/gate-decisions 200": {
        f"{method} {_DECISION}{what}": {"parameters": {"decision_id": _ID}}
        for method, what in (("GET", ""), ("GET", "/result"), ("POST", "/reports"), ("GET", "/reports"))
    },
    **{
        f"POST /v1/{what} 200": {
            f"GET /v1/runs/{{run_id}}{part}": {"parameters": {"run_id": _ID}} for part in ("", "/result")
        }
        for what in _ASKED
    },
    **{
        f"{operation} 202": {
            f"{method} /v1/jobs/{{job_id}}{what}": {"parameters": {"job_id": "$response.body#/jobID"}}
            for method, what in (("GET", ""), ("GET", "/results"), ("DELETE", ""), ("POST", "/retry"))
        }
        for operation in ("POST /v1/assessments", "POST /v1/cascades", f"POST {_ASSESSMENT}/reports")
    },
    "POST /v1/keys 201": {"DELETE /v1/keys/{key_id}": {"parameters": {"key_id": _ID}}},
    "POST /v1/webhooks 201": {
        f"{operation}": {"parameters": {"webhook_id": _ID}}
        for operation in (f"POST {_HOOK}/ping", f"GET {_HOOK}/deliveries", f"DELETE {_HOOK}")
    },
}


def link(document: dict[str, Any]) -> None:
    """Put forms and links into an OpenAPI document."""
    document["components"]["schemas"] |= SCHEMAS
    for name, form in FORMS.items():
        content = {_JSON: {"schema": {"$ref": f"#/components/schemas/{form}"}}}
        _response(document, name)["content"] = content
    for name, leads in _LINKS.items():
        links = _response(document, name).setdefault("links", {})
        for operation, how in leads.items():
            links[_title(operation)] = {"operationId": _operation(document, operation)["operationId"], **how}


def _operation(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    method, path = name.split(" ")
    found: dict[str, Any] = document["paths"][path][method.lower()]
    return found


def _response(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    operation, _, status = name.rpartition(" ")
    found: dict[str, Any] = _operation(document, operation)["responses"].setdefault(status, {"description": "OK"})
    return found


def _title(operation: str) -> str:
    """Name of a link: letters, digits and what else the standard allows."""
    return "".join(sign if sign.isalnum() else "_" for sign in operation.replace("/v1", "")).strip("_")
