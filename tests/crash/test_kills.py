"""Workers killed at random moments lose no job, double no result and change no digest."""

from pathlib import Path

import pytest

from benchmarks.crash import crash


@pytest.mark.slow
def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    found = crash(f"sqlite:///{tmp_path / 'crash.sqlite'}", kills=6)
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
