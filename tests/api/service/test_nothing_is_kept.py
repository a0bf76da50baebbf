"""Requests leave nothing behind in the process: no objects, no open files."""

import gc
from collections import Counter

import psutil
import pytest

from tests.api.service.conftest import NoEngines
from tests.api.service.near import service

JSON = {"Content-Type": "application/json"}
#: Reading, and what is refused at every depth: key, route, body, store.
ASKED = (
    ("GET", "/v1/parks", {}, 200),
    ("GET", "/metrics", {}, 200),
    ("GET", "/v1/me", {"headers": {"Authorization": "Bearer prk_wrong"}}, 401),
    ("GET", "/v1/{}", {}, 404),
    ("GET", "/v1/parks/{}/ogc/collections", {}, 404),
    ("POST", "/v1/gate-decisions", {"content": b'{"park": NaN', "headers": JSON}, 400),
    ("POST", "/v1/assessments", {"json": {"park": {"park_id": "none", "version": 1}}}, 404),
)

#: Modules of the program and of what serves it.
_OURS = ("parkrisk", "starlette", "fastapi")
_FEW = 5


def ask(client, numbers):
    for number in numbers:
        for method, path, more, status in ASKED:
            assert client(method, path.format(f"none-{number}"), **more).status_code == status


def held():
    """Count objects by kind, and open files."""
    gc.collect()
    return Counter(type(each) for each in gc.get_objects()), psutil.Process().num_fds()


def ours(counts):
    return {kind: number for kind, number in counts.items() if str(kind.__module__).startswith(_OURS)}


@pytest.mark.skipif(not psutil.POSIX, reason="file descriptors")
def test_three_times_the_requests_keep_as_much(tmp_path):
    with service(tmp_path, NoEngines()) as client:
        ask(client, range(_FEW))
        counts, files = held()
        ask(client, range(100, 100 + 3 * _FEW))
        more_counts, more_files = held()
    assert ours(more_counts) == ours(counts)
    assert more_files == files
    # Libraries fill caches of their own, but not by a thing for each request.
    assert max(more_counts[kind] - counts[kind] for kind in (dict, list, set)) < 3 * _FEW * len(ASKED)
