"""JSON bodies are parsed by the strict reader, whatever the route."""

import pytest
from fastapi.routing import APIRoute

from parkrisk.api.service.app import _ROUTES
from parkrisk.api.service.routes.json_bodies import JsonRoute
from tests.api.service.test_frame import problem

JSON = {"content-type": "application/json"}

#: Route → a body of which nobody knows what it means, though a lenient reader would take it.
TWICE = {
    "/v1/keys": b'{"name": "a", "name": "b", "role": "reader"}',
    "/v1/webhooks": b'{"url": "https://a.example", "url": "https://b.example", "events": []}',
    "/v1/parks": b'{"example": "minimal", "example": "zhoushan"}',
    "/v1/assessments": b'{"park": {"park_id": "a"}, "seed": 1, "seed": 2}',
    "/v1/gate-decisions": b'{"park": {"park_id": "a", "park_id": "b"}, "project": {"project_id": "a"}}',
    "/v1/whatifs": b'{"park": {"park_id": "a"}, "scenario": {"move": {"T-1": [1, 2], "T-1": [3, 4]}}}',
    "/v1/cascades": b'{"park": {"park_id": "a"}, "units": ["a"], "units": ["b"]}',
    "/v1/sitings": b'{"park": {"park_id": "a"}, "project": {"project": {"name": "a", "name": "b"}}}',
    "/v1/assessments/a1/reports": b'{"lang": "zh", "lang": "en"}',
}


@pytest.mark.parametrize(("path", "body"), TWICE.items(), ids=TWICE)
def test_a_key_that_stands_twice_is_refused(frame, path, body):
    found = problem(frame("POST", path, content=body, headers=JSON), 400)
    assert found["code"] == "http.not_json"
    assert "a key twice" in found["title"]


def test_no_route_takes_json_in_another_way():
    routes = [route for module in _ROUTES for route in module.router.routes if isinstance(route, APIRoute)]
    bodies = [route for route in routes if route.body_field is not None]
    assert len(bodies) >= 8
    assert [route.path for route in bodies if not isinstance(route, JsonRoute)] == []


def test_what_is_sound_passes_with_its_value(frame):
    answer = frame("POST", "/v1/keys", content=b'{"name": "\\u5b8b", "role": "reader"}', headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["name"] == "\u5b8b"
