"""Speed kept from release to release: order, comparison, page."""

import json
import re

import pytest

from benchmarks.history import KEPT, compared, kept, measured, record, write_page
from benchmarks.workloads import WORKLOADS, reference

ON = {"processor": "a machine", "python": "3", "numpy": "2", "numba": "0"}


def row(ratio):
    return {"ms": 10.0 * ratio, "reference_ms": 10.0, "ratio": ratio}


def test_releases_in_their_order(tmp_path):
    for version in ("0.10.0", "0.9.0", "0.9.1", "1.0"):
        record(version, {"reader": row(1.0)}, ON, tmp_path)
    assert list(kept(tmp_path)) == ["0.9.0", "0.9.1", "0.10.0", "1.0"]


def test_only_what_both_know_is_compared():
    assert compared({"a": row(3.0), "b": row(1.0)}, {"a": row(2.0), "c": row(1.0)}) == {"a": 1.5}


def test_the_reference_takes_as_long_as_itself():
    found = measured({"itself": reference}, 1)["itself"]
    assert found["ratio"] == pytest.approx(found["ms"] / found["reference_ms"])
    assert 0.2 < found["ratio"] < 5.0  # the same work, however busy the machine


def test_page(tmp_path):
    record("0.1.0", {"reader": row(1.5)}, ON, tmp_path)
    record("0.2.0", {"reader": row(0.5), "new": row(7.0)}, ON, tmp_path)
    write_page(kept(tmp_path), tmp_path)
    text = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert "| reader | 1.50 (15 ms) | 0.50 (5 ms) |" in text
    assert "| new |  | 7.00 (70 ms) |" in text
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_kept_can_be_read():
    for file in KEPT.glob("*.json"):
        said = json.loads(file.read_text(encoding="utf-8"))
        assert re.match(r"\d+\.\d+", file.stem)
        assert set(said["figures"]) <= set(WORKLOADS)
        assert {"processor", "python", "numpy", "numba"} <= set(said["machine"])
