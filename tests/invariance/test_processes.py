"""What a process is started with leaves no trace: threads, hash seed, locale, time zone, options of libraries."""

import json
import os
import subprocess
import sys

import pytest

from tests import minimal_park
from tests.invariance import whole_park

pytestmark = pytest.mark.slow

_CHILD = """
import contextlib, dataclasses, json, locale, sys
import numpy as np, pandas as pd
options = json.loads(sys.argv[1])
if options["locale"]:
    with contextlib.suppress(locale.Error):  # not every machine has it
        locale.setlocale(locale.LC_ALL, "")
if options["printing"]:
    np.set_printoptions(precision=2, suppress=True, threshold=3)
    pd.set_option("display.precision", 1, "display.max_rows", 3, "display.max_columns", 2, "mode.sim_interactive", True)
    pd.set_option("compute.use_bottleneck", False, "compute.use_numexpr", False)
from parkrisk.risk.assess import assess
from tests.invariance import whole_park
from tests.minimal_park import COARSE
found = []
for threads in options["threads"]:
    result = assess(whole_park.park(), settings=dataclasses.replace(COARSE, threads=threads))
    found.append([result.provenance["input_digest"], result.provenance["result_digest"]])
print(json.dumps(found))
"""

STARTS = {
    "four threads": ({"NUMBA_NUM_THREADS": "4", "PYTHONHASHSEED": "0"}, {"threads": [4, 2, 1, None]}),
    "hash seed": ({"PYTHONHASHSEED": "1", "NUMBA_NUM_THREADS": "1"}, {}),
    "surroundings": (
        {"PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"locale": True, "printing": True, "threads": [2, 2]},
    ),
    "optimised": ({"PYTHONOPTIMIZE": "1", "LC_ALL": "C", "PYTHONUTF8": "0"}, {}),
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_the_digest_of_another_process(start, tmp_path):
    environment, options = start
    asked = {"locale": False, "printing": False, "threads": [None]} | options
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _CHILD, json.dumps(asked)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PARKRISK_CACHE_DIR": str(tmp_path)} | environment,
        cwd=minimal_park.FOLDER.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    here = whole_park.coarse().provenance
    expected = [here["input_digest"], here["result_digest"]]
    assert json.loads(child.stdout) == [expected] * len(asked["threads"])
