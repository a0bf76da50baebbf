"""The list of kernels that are compiled ahead."""

import os
import subprocess
import sys

import pytest

from parkrisk.models.compiled.signatures import from_text, shipped


@pytest.mark.slow
def test_the_list_has_what_a_gate_calls(tmp_path):
    """If this fails: ``python -m tests.api.kernels_called``."""
    code = (
        "import sys; from tests.api.kernels_called import called, gate;"
        "from parkrisk.models.compiled.signatures import as_text;"
        "sys.stderr.write(as_text(called(gate(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    known = from_text(shipped())
    found = from_text(done.stderr[done.stderr.index('{"types"') :])
    missing = {name: set(calls) - set(known.get(name, ())) for name, calls in found.items()}
    assert found
    assert not {name: calls for name, calls in missing.items() if calls}
