"""Footprints on disk: what comes back is what was computed, and a broken or full store costs time only."""

import functools
import multiprocessing
import random
import sqlite3

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkrisk.models.errors import OutOfRange
from parkrisk.models.fire.fireball import Fireball
from parkrisk.models.footprint import Footprint, PolarGrid
from parkrisk.risk.assess import assess
from parkrisk.risk.footprints import footprint_store as stores
from parkrisk.risk.footprints import library as libraries
from parkrisk.risk.footprints import overflow, packing, recent
from parkrisk.risk.footprints.footprint_store import FootprintStore, footprint_key, footprint_store, worth_keeping
from parkrisk.risk.footprints.library import FootprintLibrary
from parkrisk.risk.footprints.matching import places_in
from parkrisk.risk.footprints.packed import Packed, pack
from tests import minimal_park
from tests.risk.oracle import PLUME, Toy

GRID = PolarGrid(n_rings=24, n_bins=48)


def ball(mass):
    return Fireball(mass=mass, heat_of_combustion=4.6e7, burst_pressure=1.5e6)


def key(number):
    return number.to_bytes(32, "big")


@pytest.fixture
def store(tmp_path):
    return FootprintStore(tmp_path / "deep" / "footprints.sqlite", 10_000)


@given(seed=st.integers(0, 2**32), n_discs=st.integers(0, 3), alike=st.sampled_from(["none", "two", "all"]))
def test_a_footprint_survives_the_way_to_bytes_and_back(seed, n_discs, alike):
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 25, GRID.n_rings).astype(np.int32)
    rows = rng.random((3, count.sum())) * rng.integers(0, 2, (3, count.sum()))
    for end, size in zip(np.cumsum(count), count, strict=True):  # some rings begin with equal bins
        rows[:, end - size : end - size + rng.integers(0, size + 1)] = rng.integers(0, 2)
    rows[{"none": 0, "two": 1, "all": slice(None)}[alike]] = rows[0]
    made = pack(Footprint(count, rows, rng.random(n_discs), rng.random((3, n_discs))), GRID)
    back = Packed.from_bytes(made.to_bytes())
    assert back.size == made.size
    for name in ("start", "lead", "values"):
        for one, other in zip(getattr(made, name), getattr(back, name), strict=True):
            assert one.dtype == other.dtype
            assert np.array_equal(one, other)
            # Kernels are compiled anew for arrays that differ in this.
            assert one.flags.writeable == other.flags.writeable
    assert np.array_equal(made.disc_radius, back.disc_radius)
    assert np.array_equal(made.disc_lethality, back.disc_lethality)
    assert [made.values[0] is row for row in made.values] == [back.values[0] is row for row in back.values]


@given(seed=st.integers(0, 2**32))
def test_a_packed_footprint_has_the_bins_that_it_was_made_of(seed):
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 25, GRID.n_rings).astype(np.int32)
    rows = rng.integers(0, 3, (3, count.sum())) / 2.0  # equal neighbours and zeros everywhere
    made = pack(Footprint(count, rows, np.zeros(0), np.zeros((3, 0))), GRID)
    for row, start, lead, values in zip(rows, made.start, made.lead, made.values, strict=True):
        rings = [np.trim_zeros(ring, "b") for ring in np.split(row, np.cumsum(count)[:-1])]
        for ring, bins in enumerate(rings):
            assert np.array_equal(packing.widen(start, lead, values, (ring, ring + 1)), bins)
            assert values[start[ring] : start[ring + 1]].size <= 1 or values[start[ring]] != values[start[ring] + 1]
        assert np.array_equal(packing.widen(start, lead, values, (0, len(rings))), np.concatenate(rings))
        assert packing.ring_sums(start, lead, values) == pytest.approx([bins.sum() for bins in rings])


def test_what_is_put_is_found_by_another(store):
    store.put(key(1), b"one")
    store.put(key(2), b"two")
    store.flush()
    other = FootprintStore(store.path, store.limit)
    assert [other.get(key(number)) for number in (1, 2, 3)] == [b"one", b"two", None]


def test_what_was_not_used_for_longest_goes_first(store):
    for number in range(4):
        store.put(key(number), bytes(2500))
        store.flush()
    store.get(key(0))
    store.flush()
    store.put(key(9), bytes(2500))
    store.flush()
    assert [number for number in (0, 1, 2, 3, 9) if store.get(key(number))] == [0, 2, 3, 9]


def test_a_run_larger_than_the_store_finds_the_same_part_again(store):
    def run():
        found = [number for number in range(8) if store.get(key(number))]
        for number in set(range(8)) - set(found):
            store.put(key(number), bytes(2500))
        store.flush()
        return found

    assert run() == []
    assert run() == run() == [0, 1, 2, 3]


def test_a_lower_limit_is_kept(store):
    store.put(key(1), bytes(9000))
    store.flush()
    smaller = FootprintStore(store.path, 5000)
    smaller.put(key(2), bytes(4000))
    smaller.flush()
    assert smaller.get(key(1)) is None
    assert smaller.get(key(2)) == bytes(4000)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\0" + bytes(200)])
def test_a_file_that_is_no_store_is_replaced(store, content):
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    assert store.get(key(1)) is None
    store.put(key(1), b"one")
    store.flush()
    assert FootprintStore(store.path, 100).get(key(1)) == b"one"


def test_a_footprint_that_is_not_whole_is_not_used(store):
    store.put(key(1), bytes(100))
    store.flush()
    with sqlite3.connect(store.path) as db:
        db.execute("update contents set data = ?", (bytes(99) + b"\1",))
    db.close()
    assert store.get(key(1)) is None
    store.put(key(1), bytes(100))
    store.flush()
    assert store.get(key(1)) == bytes(100)


def test_random_damage_never_gives_something_else(tmp_path):
    rng = random.Random(0)
    contents = {key(number): rng.randbytes(3000) for number in range(20)}
    whole = FootprintStore(tmp_path / "whole.sqlite", 10**6)
    for each, data in contents.items():
        whole.put(each, data)
    whole.flush()
    original = whole.path.read_bytes()
    for damage in range(40):
        broken = bytearray(original)
        for _ in range(rng.choice([1, 20, 2000])):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        path = tmp_path / f"{damage}.sqlite"
        path.write_bytes(broken[: rng.choice([len(broken), rng.randrange(len(broken))])])
        store = FootprintStore(path, 10**6)
        for each, data in contents.items():
            assert store.get(each) in (None, data)
            store.put(each, data)
        store.flush()


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = FootprintStore(tmp_path / "file" / "footprints.sqlite", 1000)
    store.put(key(1), b"one")
    store.flush()
    assert store.get(key(1)) is None


def _write_many(path, first):
    store = FootprintStore(path, 10**7)
    for number in range(first, first + 60):
        store.put(key(number), key(number) * 300)
        store.flush()


@pytest.mark.slow
def test_several_processes_write_at_once(tmp_path):
    path = tmp_path / "footprints.sqlite"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_many, args=(path, first)) for first in (0, 30, 60)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store = FootprintStore(path, 10**7)
    assert all(store.get(key(number)) == key(number) * 300 for number in range(120))


def test_only_what_takes_long_is_worth_keeping():
    assert worth_keeping(2e-3, 150_000)
    assert not worth_keeping(2e-4, 150_000)


def test_keys_tell_outcomes_and_grids_apart():
    keys = {
        footprint_key(ball(1e4), GRID),
        footprint_key(ball(2e4), GRID),
        footprint_key(ball(1e4), PolarGrid(n_rings=25, n_bins=48)),
    }
    assert len(keys) == 3
    assert footprint_key(ball(1e4), PolarGrid(n_rings=24, n_bins=48)) == footprint_key(ball(1e4), GRID)
    # Not one of the package's own: nobody knows when its code changes.
    assert footprint_key(Toy(PLUME, 1.0, 2.0, 0.0), GRID) is None


def test_another_state_of_the_models_has_other_keys(monkeypatch):
    before = footprint_key(ball(1e4), GRID)
    monkeypatch.setattr(stores, "_code_version", lambda: b"other")
    assert footprint_key(ball(1e4), GRID) != before


def test_a_library_reads_what_another_computed(store, monkeypatch):
    monkeypatch.setattr(libraries, "worth_keeping", lambda seconds, size: True)
    store.limit = 10**8
    outcomes = [ball(1e4), ball(2e4), Toy(PLUME, 1.0, 2.0, 0.0)]
    first = FootprintLibrary(outcomes, GRID, store=store).fill()
    assert (first.taken, first.read, first.computed) == (0, 0, 3)
    second = FootprintLibrary(outcomes, GRID, store=FootprintStore(store.path, 10**8)).fill()
    assert (second.taken, second.read, second.computed) == (0, 2, 1)
    third = FootprintLibrary(outcomes, GRID, store=store, earlier=second).fill()
    assert (third.taken, third.read, third.computed) == (3, 0, 0)
    for one, other in zip(first[0].values, second[0].values, strict=True):
        assert np.array_equal(one, other)


def test_an_assessment_is_the_same_from_disk(tmp_path, monkeypatch):
    plain = minimal_park.coarse()
    monkeypatch.setattr(libraries, "worth_keeping", lambda seconds, size: True)
    monkeypatch.setenv("PARKRISK_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("PARKRISK_FOOTPRINT_CACHE_MB", "100")
    for source in ("computed", "disk"):
        monkeypatch.setattr(recent, "_recent", None)
        result = assess(minimal_park.park(), settings=minimal_park.COARSE)
        counts = {name: number for name, number in result.footprints.items() if name != "used"}
        assert result.footprints["used"] >= counts[source] == sum(counts.values()) > 0
        assert result.provenance == plain.provenance


@pytest.mark.parametrize("disk", [0.0, 0.5])
def test_an_assessment_is_the_same_where_memory_keeps_no_footprint(monkeypatch, disk):
    plain = minimal_park.coarse()
    monkeypatch.setattr(overflow, "_SHARE", disk)
    monkeypatch.setattr(recent, "FootprintLibrary", functools.partial(FootprintLibrary, budget=0))
    monkeypatch.setattr(recent, "_recent", None)
    result = assess(minimal_park.park(), settings=minimal_park.COARSE)
    monkeypatch.setattr(recent, "_recent", None)
    assert result.footprints["memory"] == 0
    assert result.provenance == plain.provenance


def test_a_long_row_of_changes_holds_few_files_open():
    row = overflow.Overflow()
    for number in range(40):
        row.put(number, bytes([number]))
        row = row.renumbered((known, known) for known in range(40))
    held = {number: row.get(number) for number in range(40)}
    assert len(row) == sum(data is not None for data in held.values()) == overflow._MOST_FILES
    assert all(data in (None, bytes([number])) for number, data in held.items())


def test_the_store_is_set_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PARKRISK_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("PARKRISK_FOOTPRINT_CACHE_MB", "3")
    store = footprint_store()
    assert store.path.parent == tmp_path
    assert store.limit == 3_000_000
    assert footprint_store() is store
    monkeypatch.setenv("PARKRISK_FOOTPRINT_CACHE_MB", "0")
    assert footprint_store() is None
    for wrong in ("", "-1", "1.5", "much"):
        monkeypatch.setenv("PARKRISK_FOOTPRINT_CACHE_MB", wrong)
        with pytest.raises(OutOfRange, match="PARKRISK_FOOTPRINT_CACHE_MB"):
            footprint_store()


def test_the_same_outcome_is_found_whatever_object_it_is() -> None:
    plumes = [Toy(PLUME, rate, 1.5) for rate in (1e5, 2e5, 3e5)]
    others = [Toy(PLUME, 2e5, 1.5), plumes[0], Toy(PLUME, 4e5, 1.5)]
    assert places_in(plumes, others) == [1, 0, -1]
    assert places_in([], others) == [-1, -1, -1]
