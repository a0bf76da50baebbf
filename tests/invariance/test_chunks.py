"""How work is cut into pieces, and what is kept from one piece to the next, leaves no trace in the result."""

import dataclasses

import pytest

from parkrisk.risk.assess import assess
from parkrisk.risk.cascades import courses
from parkrisk.risk.crowds import counter, joint
from parkrisk.risk.mapping import kept, reach
from tests.invariance import whole_park
from tests.minimal_park import COARSE

#: Module, its constant, and sizes that cut otherwise than the one in force: the finest, an odd one, or all at once.
CUTS = [
    (reach, "_BLOCK", 1),
    (reach, "_BLOCK", 7),
    (counter, "_MOST_SOURCES", 1),
    (counter, "_MOST_SOURCES", 1000),
    (counter, "_MOST_PAIRS", 1),
    (counter, "_MOST_PAIRS", 10**6),
    (counter, "_MOST_KEPT", 0),
    (joint, "_PARTS", 1),
    (joint, "_PARTS", 7),
    (courses, "_ENTRIES", 1),
    (courses, "_ENTRIES", 500),
    (kept, "_MOST", 0),
    (kept, "_ROOM", 100),
]


@pytest.mark.parametrize(
    ("module", "name", "size"), CUTS, ids=[f"{m.__name__.split('.')[-1]}{n} {s}" for m, n, s in CUTS]
)
def test_pieces_of_another_size(monkeypatch, module, name, size):
    expected = whole_park.coarse().provenance["result_digest"]
    assert getattr(module, name) != size
    monkeypatch.setattr(module, name, size)
    assert assess(whole_park.park(), settings=COARSE).provenance["result_digest"] == expected


def test_everything_cut_small_on_two_threads(monkeypatch):
    for module, name, size in reversed(CUTS):  # the first of each name stays
        monkeypatch.setattr(module, name, size)
    found = assess(whole_park.park(), settings=dataclasses.replace(COARSE, threads=2))
    assert found.provenance["result_digest"] == whole_park.coarse().provenance["result_digest"]
