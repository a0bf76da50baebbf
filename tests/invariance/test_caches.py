"""Where footprints come from, or that they come twice, leaves no trace: memory, disk, a file that is broken."""

import pytest

from parkrisk.risk.assess import assess
from parkrisk.risk.footprints import footprint_store as stores
from parkrisk.risk.footprints import library as libraries
from parkrisk.risk.footprints import recent
from parkrisk.scenarios import change
from tests.invariance import whole_park
from tests.minimal_park import COARSE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected():
    return whole_park.coarse().provenance["result_digest"]


def run(park=None, **more):
    found = assess(park or whole_park.park(), settings=COARSE, **more)
    counts = {name: number for name, number in found.footprints.items() if name != "used"}
    return found.provenance["result_digest"], {name for name, number in counts.items() if number}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where footprints are kept, whatever they cost."""
    monkeypatch.setattr(libraries, "worth_keeping", lambda _seconds, _size: True)
    monkeypatch.setenv("PARKRISK_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("PARKRISK_FOOTPRINT_CACHE_MB", "200")
    yield tmp_path
    stores._store_at.cache_clear()


def forget(monkeypatch):
    monkeypatch.setattr(recent, "_recent", None)


def test_cold_then_from_memory(expected, monkeypatch):
    forget(monkeypatch)
    assert run() == (expected, {"computed"})
    assert run() == (expected, {"memory"})


def test_cold_then_from_disk_then_from_a_broken_file(expected, monkeypatch, folder):
    forget(monkeypatch)
    assert run() == (expected, {"computed"})
    forget(monkeypatch)
    assert run() == (expected, {"disk"})
    stores._store_at.cache_clear()  # as another process would open it
    (file,) = folder.glob("*.sqlite")
    whole = file.read_bytes()
    for place in range(len(whole) // 3, len(whole) - 100, len(whole) // 40):
        whole = whole[:place] + bytes(100) + whole[place + 100 :]
    file.write_bytes(whole)
    forget(monkeypatch)
    digest, sources = run()
    assert digest == expected
    assert "computed" in sources
    stores._store_at.cache_clear()
    file.write_bytes(b"no database")
    forget(monkeypatch)
    assert run() == (expected, {"computed"})


def test_part_from_disk_part_from_memory(expected, monkeypatch, folder):
    """Half the park leaves its footprints on disk, another half in memory, the rest is computed."""
    units = sorted(whole_park.park().tables["units"]["unit_id"])
    forget(monkeypatch)
    run(change(whole_park.park(), remove=units[::2]))
    forget(monkeypatch)
    monkeypatch.setenv("PARKRISK_FOOTPRINT_CACHE_MB", "0")
    run(change(whole_park.park(), remove=units[:8]))
    monkeypatch.setenv("PARKRISK_FOOTPRINT_CACHE_MB", "200")
    assert run() == (expected, {"computed", "disk", "memory"})


@pytest.mark.parametrize("unit", ["V-201", "L-401"])
def test_with_and_without_the_run_before(unit):
    """There and back, from the result of another park, and in one go."""
    there = change(whole_park.park(), move={unit: (500700.0, 4500120.0)})
    before = whole_park.coarse()
    step = assess(there, settings=COARSE, previous=before)
    assert step.provenance == assess(there, settings=COARSE).provenance
    assert step.provenance["result_digest"] != before.provenance["result_digest"]
    assert assess(whole_park.park(), settings=COARSE, previous=step).provenance == before.provenance
