"""Which kernels the demonstration and a gate call, with what: ``python -m tests.api.kernels_called`` writes the list.

Without a place for kernels compiled before, every kernel is compiled, and so known; this takes minutes. With one, only
those that Python itself calls are.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any


def called(*commands: list[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Run commands of the program; argument types of every kernel that was loaded or compiled, by its name."""
    from parkrisk.api.cli import app
    from parkrisk.models._jit import DISPATCHERS

    for command in commands:
        app(command, standalone_mode=False)
    return {name: list(made.overloads) for name, made in DISPATCHERS.items() if made.overloads}


def gate(folder: str) -> list[str]:
    """Command that assesses a small park, gates a project, and writes reports of both."""
    from parkrisk.api.examples import example_park

    park = example_park("minimal")
    return ["gate", str(park), str(park / "projects" / "diesel-tank"), "--output", folder, "--json"]


def main() -> None:
    """Write the list that comes with the program."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ |= {"NUMBA_CACHE_DIR": empty, "NUMBA_NUM_THREADS": "1", "PARKRISK_FOOTPRINT_CACHE_MB": "0"}
        from parkrisk.models.compiled import signatures

        output = str(Path(empty) / "out")
        found = called(["demo", "--output", output], gate(output))
        Path(signatures.__file__).with_name("signatures.json").write_text(signatures.as_text(found), encoding="utf-8")
        sys.stderr.write(f"{len(found)} kernels\n")


if __name__ == "__main__":
    main()
