"""A process that compiles the kernels whose names it reads, a line each, and answers with the name."""

import importlib
import sys

from numba.core.errors import NumbaError

from parkrisk.models._jit import DISPATCHERS
from parkrisk.models.compiled.signatures import from_text, shipped

__all__ = ["main"]


def main() -> None:
    """Read names until there are no more."""
    signatures = from_text(shipped())
    for line in sys.stdin:
        name = line.strip()
        importlib.import_module(name.split(":")[0])
        for arguments in signatures[name]:
            try:
                DISPATCHERS[name].compile(arguments)
            except NumbaError:  # it takes other arguments now, and is compiled when it is called
                continue
        sys.stdout.write(name + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
