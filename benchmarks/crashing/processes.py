"""The server and the worker that are killed and started anew."""

import os
import random
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_COMMAND = "from parkrisk.api.cli import main; main()"
#: A process that is told to stop has so long. [s]
_LEAVING = 60.0


def free_port() -> int:
    """Give a port of the loopback that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Processes:
    """A ``parkrisk serve`` and a ``parkrisk worker`` on one database.

    Parameters
    ----------
    url : str
        Database.
    hook : int
        Port that webhooks may call.
    folder : Path
        For what they share, and their logs.
    """

    url: str
    hook: int
    folder: Path
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    engines: list[psutil.Process] = field(default_factory=list)
    fallen: int = 0
    stuck: int = 0

    @property
    def address(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start the server or the worker."""
        more = {
            "DATABASE_URL": self.url,
            "CACHE_DIR": str(self.folder / "cache"),
            "JOB_ATTEMPTS": "100",
            "WORKER_UNSEEN_SECONDS": "5",
            "ENGINES": "1",
            "ENGINE_THREADS": "1",
            "LOG_LEVEL": "warning",
            "RATE_BY_KEY": "100000/minute",
            "WEBHOOK_NETWORKS": "127.0.0.0/8",
            "WEBHOOK_PORTS": str(self.hook),
            "WEBHOOK_PLAIN_HTTP": "true",
        }
        environment = {**os.environ, **{f"PARKRISK_{key}": value for key, value in more.items()}}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        command = [sys.executable, "-X", "faulthandler", "-c", _COMMAND, *self._arguments(name)]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def _arguments(self, name: str) -> list[str]:
        return ["serve", "--port", str(self.port)] if name == "serve" else ["worker"]

    def kill(self, name: str) -> None:
        """Kill one, and start it anew."""
        process = self._left(name)
        process.kill()
        process.wait()
        self.start(name)

    def restart_fallen(self) -> None:
        """Start anew what has ended by itself, and count it."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.fallen += 1
                self.start(name)

    def any_of(self, chance: random.Random) -> str:
        """Name one of them."""
        return chance.choice(sorted(self.running))

    def close(self) -> None:
        """End all, in good order; one that does not end tells where it hangs, in its log, and is counted."""
        for name in list(self.running):
            process = self._left(name)
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_LEAVING)
            except subprocess.TimeoutExpired:
                self.stuck += 1
                process.send_signal(signal.SIGABRT)
                process.wait()
            del self.running[name]

    def orphans(self) -> int:
        """Count engines that outlive their process by some seconds."""
        _, alive = psutil.wait_procs(self.engines, timeout=10.0)
        return len(alive)

    def _left(self, name: str) -> subprocess.Popen[bytes]:
        process = self.running[name]
        if process.poll() is None:
            self.engines += psutil.Process(process.pid).children(recursive=True)
        return process
