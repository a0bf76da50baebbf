"""What happens to folders in use: two runs, odd names, links in circles, a disk that is full."""

import errno
import os
import subprocess
import sys
import threading

import pandas as pd
import pytest

from parkrisk.api.written import portfolio as written
from parkrisk.models.errors import ParkRiskError
from parkrisk.risk.portfolio.kept import Kept
from parkrisk.risk.portfolio.lock import held
from parkrisk.risk.portfolio.outcome import INVALID, Outcome
from parkrisk.risk.portfolio.plan import find_parks
from parkrisk.risk.portfolio.portfolio import Portfolio, portfolio
from parkrisk.risk.portfolio.table import table_of

_HOLDER = """
import pathlib, sys
from parkrisk.risk.portfolio.lock import held
with held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def _park(folder):
    folder.mkdir(parents=True)
    (folder / "park.toml").write_text("")


def test_second_run_is_refused_by_name_and_the_lock_of_a_killed_one_is_gone(tmp_path):
    _park(tmp_path / "in" / "a")
    out = tmp_path / "out"
    environment = {**os.environ, "PYTHONPATH": os.path.abspath(".editable")}  # noqa: PTH100
    command = [sys.executable, "-c", _HOLDER, str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ParkRiskError) as raised:
            portfolio(tmp_path / "in", out)
        assert raised.value.code == "portfolio.in_use"
        assert str(other.pid) in raised.value.message_en
        assert str(other.pid) in raised.value.message_zh
        assert not (out / "parks").exists()
        other.kill()
        other.communicate()
    assert list(portfolio(tmp_path / "in", out).table["status"]) == ["invalid"]


def test_held_within_itself_but_not_by_another_thread(tmp_path):
    refused = []

    def again():
        try:
            with held(tmp_path):
                pass
        except ParkRiskError as error:
            refused.append(error.code)

    with held(tmp_path):
        with held(tmp_path):
            thread = threading.Thread(target=again)
            thread.start()
            thread.join()
        again()
    assert refused == ["portfolio.in_use"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Park", "park"), ("a/b", "a_b"), ("a", "a.json"), ("园区 一", "园区\u3000一"), ("🏭", "🏗")],
)
def test_names_never_share_a_file(tmp_path, one, other):
    store = Kept(tmp_path)
    store.write(one, "1", Outcome(INVALID, fault="one"))
    store.write(other, "1", Outcome(INVALID, fault="other"))
    assert (store.find(one, "1").fault, store.find(other, "1").fault) == ("one", "other")
    assert store.path(one).name.casefold() != store.path(other).name.casefold()


@pytest.mark.parametrize("sign", ["x", "园", "🏭"])
def test_longest_names_are_kept(tmp_path, sign):
    name = sign * (255 // len(sign.encode()))
    store = Kept(tmp_path)
    store.write(f"{name}/{name}", "1", Outcome(INVALID))
    assert store.find(f"{name}/{name}", "1") is not None


def test_links_in_circles_count_no_park_twice_and_lose_none(tmp_path):
    _park(tmp_path / "city" / "a")
    (tmp_path / "city" / "back").symlink_to(tmp_path)
    (tmp_path / "back").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    found = find_parks(tmp_path, tmp_path / "out")
    assert [park.id for park in found.parks] == ["city/a", "gone", "itself"]
    assert found.skipped == ("back",)
    table = portfolio(tmp_path, tmp_path / "out").table.set_index("park")
    assert set(table.loc[["gone", "itself"], "status"]) <= {"unreadable", "invalid"}
    assert (table["grade"] == "").all()


def test_map_of_an_earlier_run_goes_when_no_park_is_left_on_it(tmp_path):
    _park(tmp_path / "in" / "a")
    found = portfolio(tmp_path / "in", tmp_path / "out")
    (tmp_path / "out" / "portfolio.gpkg").write_bytes(b"earlier")
    written.write_portfolio(found, tmp_path / "out")
    assert not (tmp_path / "out" / "portfolio.gpkg").exists()
    assert len(pd.read_csv(tmp_path / "out" / "ranking.csv", encoding="utf-8-sig")) == 1
    assert not list((tmp_path / "out").glob(".half-*"))


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), MemoryError()])
def test_files_of_an_earlier_run_stay_when_new_ones_cannot_be_written(tmp_path, monkeypatch, fault):
    store = Kept(tmp_path / "parks")
    found = Portfolio(table_of([{"park": "a", "status": INVALID, "key": "1"}]), {"a": 1.0}, 0, (), store)
    written.write_portfolio(found, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.*")}

    def full(*_args):
        raise fault

    monkeypatch.setattr(written, "write_table", full)
    with pytest.raises((ParkRiskError, MemoryError)) as raised:
        written.write_portfolio(found, tmp_path)
    if isinstance(fault, OSError):
        assert raised.value.code == "portfolio.not_writable"
        assert "No space left" in raised.value.message_en
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.*")} == before
    assert before
