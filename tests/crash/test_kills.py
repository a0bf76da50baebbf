"""Workers killed at random moments lose no job, double no result and change no digest."""

from pathlib import Path

import pytest

from benchmarks.crash import crash
from tests.api.service.store.databases import KINDS, empty


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_kills_lose_and_double_nothing(tmp_path: Path, kind: str) -> None:
    with empty(kind, tmp_path) as url:
        found = crash(url, kills=3)
    assert found["jobs"] >= 3
    assert found["begun"] > found["jobs"], "no kill met a job"
    assert found["audit_whole"]
    assert {name: found[name] for name in ("lost", "doubled", "untold", "differing", "orphans")} == {
        "lost": 0,
        "doubled": 0,
        "untold": 0,
        "differing": 0,
        "orphans": 0,
    }
