"""Who counts as alive."""

from pathlib import Path

import psutil
import pytest

from parkrisk.api.service.presence import Presence
from parkrisk.api.service.store.database import open_store


def test_setting_the_clock_ends_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"sqlite:///{tmp_path}/presence.sqlite")
    one, other = Presence(store, 30.0), Presence(store, 30.0)
    assert one.beat() == {one.id}
    begun, booted = psutil.Process().create_time(), psutil.boot_time()
    # What the system tells of the past moves with its clock.
    monkeypatch.setattr(psutil.Process, "create_time", lambda _process: begun + 3600.0)
    monkeypatch.setattr(psutil, "boot_time", lambda: booted + 3600.0)
    assert other.beat() == {one.id, other.id}
    # Another process with the number of one that has ended began at another time since the machine did.
    monkeypatch.setattr(psutil.Process, "create_time", lambda _process: begun + 3700.0)
    assert other.beat() == frozenset()
    store.close()
