"""A server for the corpus: ``python -m tests.hostile.server FOLDER`` prints its address and key, and serves until its
input ends. What it reads and computes it does in its own process, so that nothing is caught on the way."""

import json
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parkrisk.api.service.compute.child import Options
from parkrisk.api.service.compute.desk import Desk
from parkrisk.api.service.compute.outcome import Outcome
from parkrisk.api.service.compute.tasks import TASKS
from tests.api.service.live import live


class OwnEngines:
    """Works off tasks one after another in this process."""

    def __init__(self) -> None:
        self._desk = Desk(Options(memory_mb=100_000, threads=1, cache=1), lambda *_: None)
        self._lock = threading.Lock()

    def run(self, task: str, arguments: Mapping[str, Any], **_limits: Any) -> Outcome:
        """Compute."""
        with self._lock:
            outcome = TASKS[task](arguments, self._desk)
            self._desk.tidy()
            return outcome

    def counts(self) -> Mapping[str, int]:
        """Of the metrics."""
        return {}

    def ready(self, _seconds: float = 0.0) -> bool:
        """Always."""
        return True


def main() -> None:
    """Serve."""
    with live(Path(sys.argv[1]), OwnEngines()) as server:
        print(json.dumps(server._asdict()), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
