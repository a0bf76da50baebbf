"""The OpenAPI document, and whether a running server keeps to it (schemathesis)."""

import pytest

from tests.api.service.conformance import explored


@pytest.fixture(scope="module")
def document(frame):
    return frame("GET", "/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(document, schema):
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def test_every_body_has_an_example_in_the_document(document):
    bodies = {
        name: operation["requestBody"]["content"]["application/json"]
        for name, operation in operations(document)
        if "requestBody" in operation
    }
    assert len(bodies) == 14
    for name, body in bodies.items():
        schema = resolved(document, body["schema"]) | body["schema"]
        (example, *_) = [body["example"]] if "example" in body else body.get("examples") or schema["examples"]
        assert set(schema.get("required", ())) <= set(example), name
        assert set(example) <= set(schema.get("properties", example)), name


def test_every_link_leads_to_an_operation_and_names_its_parameters(document):
    by_id = {operation["operationId"]: operation for _, operation in operations(document)}
    assert len(by_id) == len(list(operations(document)))
    links = [
        link
        for _, operation in operations(document)
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert len(links) > 40
    for link in links:
        parameters = {each["name"] for each in by_id[link["operationId"]].get("parameters", ())}
        assert set(link.get("parameters", ())) <= parameters


def test_a_day_is_no_number(frame):
    for path in ("/v1/rulebooks", "/v1/schema", "/v1/rulebooks/gb36894-2018"):
        assert frame("GET", f"{path}?date=2026-06-01").status_code == 200
        for day in ("0", "1780272000", "2026-6-1", "2026-06-01T00:00:00"):
            answer = frame("GET", f"{path}?date={day}")
            assert (answer.status_code, answer.json()["code"]) == (422, "http.invalid_request")


@pytest.mark.slow
def test_a_server_keeps_to_its_document(tmp_path):
    """Also what follows from links; every answer from 400 on is a problem of the form that the document gives."""
    phases = ("--phases", "examples,fuzzing,stateful", "--max-examples", "2", "--seed", "1")
    done = explored(tmp_path, *phases, capture=True)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert "Tested: 75" in done.stdout
