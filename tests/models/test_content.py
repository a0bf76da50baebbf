"""Content addresses: equal content, equal digest; any other content, another digest; the same in every process."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from parkrisk.models.air.atmosphere import Weather
from parkrisk.models.cloud.outcomes import FlashFire, ToxicCloud
from parkrisk.models.cloud.vapour import VapourSource
from parkrisk.models.content import content_digest
from parkrisk.models.substance.substances import find

SOURCE = VapourSource(
    substance=find("chlorine"), mass=600.0, duration=600.0, temperature=239.2, mist=0.7, velocity=60.0
)
CLOUD = ToxicCloud(source=SOURCE, weather=Weather(5.0, "D"), probit_a=-6.35, probit_b=0.5, probit_n=2.75)
PRINT = (
    "from tests.models.test_content import CLOUD; from parkrisk.models.content import content_digest; "
    "print(content_digest(CLOUD))"
)


def test_equal_content_has_an_equal_digest():
    other = ToxicCloud(
        source=replace(SOURCE, mass=600), weather=Weather(5, "D"), probit_a=-6.35, probit_b=0.5, probit_n=2.75
    )
    assert other == CLOUD
    assert content_digest(other) == content_digest(CLOUD)
    _ = other.dose  # what was computed on the way does not count
    assert content_digest(other) == content_digest(CLOUD)


@pytest.mark.parametrize(
    "other",
    [
        replace(CLOUD, source=replace(SOURCE, mass=math.nextafter(600.0, 601.0))),
        replace(CLOUD, source=replace(SOURCE, substance=find("ammonia"))),
        replace(CLOUD, weather=Weather(5.0, "E")),
        FlashFire(source=SOURCE, weather=Weather(5.0, "D"), lfl=0.05, ufl=0.15),
    ],
)
def test_other_content_has_another_digest(other):
    assert content_digest(other) != content_digest(CLOUD)


def test_another_process_gives_the_same_digest():
    root = Path(__file__).parents[2]
    found = subprocess.run(
        [sys.executable, "-c", PRINT],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={"PYTHONPATH": f"{root / '.editable'}:{root}", "PYTHONHASHSEED": "7"},
    )
    assert found.stdout.strip() == content_digest(CLOUD)


def test_what_counts_as_the_same():
    assert content_digest((0.0, math.nan)) == content_digest((-0.0, float("nan")))
    assert content_digest(1) == content_digest(1.0) != content_digest("1.0")
    assert content_digest(np.array([1.0, 2.0])) != content_digest(np.array([2.0, 1.0]))
    assert content_digest(("a", "b")) != content_digest(("ab",))
    with pytest.raises(TypeError, match="set"):
        content_digest({1})
