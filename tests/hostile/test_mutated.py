"""Valid inputs changed at random: problems or a park, never another exception."""

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from parkrisk.models.errors import InputProblems
from parkrisk.scenarios import park_from_json, read
from tests.api.service.hostile_files import GOOD
from tests.hostile.makers import folder
from tests.minimal_park import document

#: What has broken readers before.
NASTY = st.sampled_from(
    [
        *(None, "", " ", "\0", "\ud800", "\u202e", "nan", "1e999", "-0", "1e-320", "0x10", "１２", "1,5", "=1+1"),
        *("x" * 300, True, -1, 1.2, 10**40, 10**4000, float("nan"), float("inf"), 1e308, [], {}, [[1]], "../.."),
        *("POLYGON EMPTY", "POLYGON ((nan 0, 1 0, 1 1, nan 0))", "2026-02-30", "9999-12-31", "EPSG:4978", "yes"),
    ]
)


@st.composite
def parks(draw):
    """A park as JSON, up to four cells of random tables replaced."""
    park = document()
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(park)))
        row = park[name] if isinstance(park[name], dict) else draw(st.sampled_from(park[name]))
        row[draw(st.sampled_from(sorted(row)))] = draw(NASTY)
    return park


def _read_or_refused(reader, source):
    try:
        reader(source)
    except InputProblems as refused:
        if not any(fault.severity == "error" for fault in refused.problems):
            raise


@settings(max_examples=20)
@given(parks())
def test_a_park_of_replaced_cells_is_read_or_refused(park):
    _read_or_refused(park_from_json, park)


@settings(max_examples=15)
@given(st.sampled_from(sorted(GOOD)), st.integers(0, 2**32), st.integers(1, 8))
def test_a_park_of_flipped_bytes_is_read_or_refused(name, seed, count):
    chance, content = random.Random(seed), bytearray(GOOD[name])
    for _ in range(count):
        content[chance.randrange(len(content))] = chance.randrange(256)
    with tempfile.TemporaryDirectory() as target:
        _read_or_refused(read, folder({name: bytes(content)})(Path(target)))
