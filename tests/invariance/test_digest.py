"""The same park gives the same answer: run again, on other threads, with shuffled rows, as folder or JSON."""

import csv
import dataclasses
import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from parkrisk.risk.assess import assess
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import park_from_json, read
from tests import minimal_park
from tests.minimal_park import COARSE, changed, document, row


@pytest.fixture(scope="module")
def expected():
    return minimal_park.assessment().provenance["result_digest"]


def run(park, **more):
    return assess(park, **more).provenance["result_digest"]


def test_run_again(expected):
    again = assess(minimal_park.park())
    assert again.provenance["result_digest"] == expected
    first = json.dumps(minimal_park.assessment().to_dict(), allow_nan=False)
    assert json.dumps(again.to_dict(), allow_nan=False) == first


@pytest.mark.parametrize("threads", [1, 2])
def test_number_of_threads(expected, threads):
    assert run(minimal_park.park(), settings=Settings(threads=threads)) == expected


@pytest.mark.parametrize("seed", [0, 1])
def test_order_of_rows_in_every_table(tmp_path, expected, seed):
    shuffle = random.Random(seed)
    folder = tmp_path / "park"
    shutil.copytree(minimal_park.FOLDER, folder, ignore=shutil.ignore_patterns("projects"))
    files = sorted(folder.glob("*.csv"))
    assert len(files) >= 10
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            header, *rows = csv.reader(lines)
        shuffle.shuffle(rows)
        order = shuffle.sample(range(len(header)), len(header))
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([line[place] for place in order] for line in [header, *rows])
    park = read(folder)
    assert park.digest() == minimal_park.park().digest()
    assert run(park) == expected


def test_folder_or_json(expected):
    found = document()
    shuffled = {name: list(reversed(rows)) if isinstance(rows, list) else rows for name, rows in found.items()}
    park = park_from_json(json.loads(json.dumps(shuffled)))
    assert park.digest() == minimal_park.park().digest()
    assert run(park) == expected


def test_the_digest_is_sha256_and_threads_are_no_setting(expected):
    assert len(expected) == 64
    assert int(expected, 16) >= 0
    assert "threads" not in minimal_park.assessment().provenance["settings"]


@pytest.fixture(scope="module")
def coarse():
    return minimal_park.coarse()


CHANGES = {
    "fill": lambda found: row(found["units"], unit_id="V-301").update(fill_fraction=0.6),
    "place": lambda found: row(found["units"], unit_id="V-201").update(x=500310.0),
    "wind": lambda found: (found["weather"][0].update(frequency=0.09), found["weather"][1].update(frequency=0.06)),
    "people": lambda found: found["population"][0].update(night=41),
    "target": lambda found: found["targets"][0].update(y=4501510.0),
    "answer": lambda found: row(found["answers"], item="fire-station").update(answer="no"),
    "residents": lambda found: row(found["enterprises"], enterprise_id="e1").update(residents_500m=60),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_input_changes_both_digests(coarse, change):
    result = assess(changed(change), settings=COARSE)
    for name in ("input_digest", "result_digest"):
        assert result.provenance[name] != coarse.provenance[name]


def test_settings_and_rules_are_part_of_the_provenance(coarse):
    fine = minimal_park.assessment().provenance
    assert coarse.provenance["input_digest"] == fine["input_digest"]
    assert coarse.provenance["settings_digest"] != fine["settings_digest"]
    assert coarse.provenance["result_digest"] != fine["result_digest"]
    other = assess(minimal_park.park(), settings=COARSE, rules="cn-nmg-2026").provenance
    assert other["rules"] == "cn-nmg-2026"
    assert other["rules_digest"] != coarse.provenance["rules_digest"]
    assert other["settings_digest"] == coarse.provenance["settings_digest"]


def test_another_seed_changes_cascades_alone(coarse):
    other = minimal_park.coarse(1)
    assert other.provenance["result_digest"] != coarse.provenance["result_digest"]
    assert other.provenance["input_digest"] == coarse.provenance["input_digest"]
    # What does not hang on sampled cascades is the same to the last bit.
    primary = [each.events.table[each.events.table["origin"] == "primary"] for each in (coarse, other)]
    pd.testing.assert_frame_equal(*primary)
    pd.testing.assert_frame_equal(coarse.hazards.units, other.hazards.units)
    pd.testing.assert_frame_equal(coarse.scenarios, other.scenarios)
    exact = ["from_unit", "to_unit", "heat_load_kw_m2", "overpressure_kpa", "distance_m", "direct_probability"]
    pairs = [each.domino.pairs.sort_values(exact[:2], ignore_index=True)[exact] for each in (coarse, other)]
    common = pairs[0][exact[:2]].merge(pairs[1][exact[:2]])
    pd.testing.assert_frame_equal(*(common.merge(pair) for pair in pairs))
    assert list(coarse.domino.units["domino_out"]) == list(other.domino.units["domino_out"])
    # And the rest agrees within what a hundred histories can tell.
    assert np.allclose(coarse.individual_risk.points, other.individual_risk.points, rtol=1e-2)
    assert other.pll == pytest.approx(coarse.pll, rel=1e-2)


def test_several_at_once(coarse):
    """A server answers several callers in one process."""

    def digest(threads):
        return run(minimal_park.park(), settings=dataclasses.replace(COARSE, threads=threads))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(digest, [1, 2, None] * 3)) == {coarse.provenance["result_digest"]}
