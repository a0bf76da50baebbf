"""The process that reads cases: one line in names a case and its path, one line out says what became of it.

What is measured: processor time of the process and of the programs it has started; the highest resident memory
(``VmHWM``, set back before each case) above that at the start of the case or of the first, whichever is more. Address
space is limited, so that a bomb ends in ``MemoryError`` and not in the machine's memory.
"""

import json
import resource
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from parkrisk.models.errors import ParkRiskError
from tests.hostile.corpus import CASES
from tests.hostile.limits import allowed
from tests.hostile.readers import READERS
from tests.minimal_park import FOLDER

#: Address space beyond what the readers take when imported. [bytes]
_ROOM = 2 * 2**30


def _status(key: str) -> int:
    """An entry of the status of this process. [bytes]"""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0


def _seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _listed(problems: Any) -> list[list[Any]]:
    return [
        [each.code, each.severity, each.table, each.row, each.column, each.message_zh, each.message_en]
        for each in problems
    ]


def outcome(name: str, path: Path) -> dict[str, Any]:
    """Read one case."""
    case = CASES[name]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = READERS[case.via](path)
    except ParkRiskError as error:
        problems = _listed(getattr(error, "problems", ())) or [
            [error.code, "error", "", None, "", error.message_zh, error.message_en]
        ]
        return {"end": "refused", "code": error.code, "problems": problems}
    except Exception as error:
        return {"end": "raised", "error": f"{type(error).__name__}: {str(error)[:300]}", "at": _at(error)}
    holds = case.right is not None and bool(case.right(found))
    return {"end": "read", "right": holds, "problems": _listed(getattr(found, "warnings", ()))}


def _at(error: BaseException) -> str:
    """File and line of the package that the error came through last."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "site-packages" not in file.parts and "tests" not in file.parts:
            place = f"{file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def main() -> None:
    """Answer until the input ends."""
    READERS["park"](FOLDER)
    import ezdxf
    import pyogrio
    import rasterio

    del ezdxf, pyogrio, rasterio
    limit = allowed()
    space = _status("VmSize")
    resource.setrlimit(resource.RLIMIT_AS, (space + _ROOM, resource.RLIM_INFINITY))
    first = _status("VmRSS")
    print(json.dumps({"end": "ready"}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        Path("/proc/self/clear_refs").write_text("5")
        base, start = max(first, 0), _seconds()
        signal.setitimer(signal.ITIMER_PROF, limit + 0.5)  # SIGPROF ends the process
        found = outcome(asked["name"], Path(asked["path"]))
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        found["seconds"] = _seconds() - start
        found["bytes"] = max(_status("VmHWM") - base, 0)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
