"""Server and worker killed at random moments lose no job, double no result and change no digest."""

from pathlib import Path

import pytest

from benchmarks.crash import crash
from tests.api.service.store.databases import KINDS, empty

_NONE_OF = (
    *("lost", "doubled", "untold", "differing", "not_asked_once", "repeated_requests_answered_otherwise"),
    *("webhooks_missing", "webhooks_doubled", "orphans", "ended_by_themselves", "would_not_stop"),
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_kills_lose_and_double_nothing(tmp_path: Path, kind: str) -> None:
    with empty(kind, tmp_path) as url:
        found = crash(url, kills=3, seed=1, folder=tmp_path)
    assert found["kills"] == 3
    assert found["jobs_accepted"] >= 3
    assert found["attempts"] > found["jobs_accepted"], "no kill met a job"
    assert found["audit_whole"]
    assert {name: found[name] for name in _NONE_OF} == dict.fromkeys(_NONE_OF, 0)
