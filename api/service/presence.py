"""Which workers are alive: each writes a sign of life, and all watch the signs of the others."""

import hashlib
import os
import socket
import time
import uuid
from pathlib import Path

import psutil

from parkrisk.api.service.store import workers
from parkrisk.api.service.store.database import Store

#: Two readings of one process's beginning differ by less, those of two processes with one number by more. [s]
_SAME_BEGINNING = 2.0


class Presence:
    """A worker's place among the others.

    A worker counts as alive while its sign of life changes: this worker's own clock tells how long ago that was, so
    clocks of different machines need not agree. One on this machine whose process has ended is gone at once.

    Parameters
    ----------
    store : Store
    unseen_seconds : float
        So long without a new sign, a worker is gone. [s]
    """

    def __init__(self, store: Store, unseen_seconds: float) -> None:
        begun = _beginning(psutil.Process())
        self.id = f"{_machine()}:{os.getpid()}:{begun:.2f}:{uuid.uuid4().hex[:8]}"
        self._store = store
        self._unseen = unseen_seconds
        self._heard: dict[str, tuple[str, float]] = {}

    def beat(self) -> frozenset[str]:
        """Give a sign of life, forget workers that are gone, and tell who is alive."""
        with self._store.begin() as connection:
            workers.beat(connection, self.id)
            signs = {worker.id: worker.seen for worker in workers.list_workers(connection)}
            at = time.monotonic()
            self._heard = {
                each: self._heard[each] if self._heard.get(each, ("",))[0] == seen else (seen, at)
                for each, seen in signs.items()
            }
            gone = {each for each, (_, heard) in self._heard.items() if at - heard > self._unseen or _has_ended(each)}
            for each in gone:
                workers.forget_worker(connection, each)
        return frozenset(signs) - gone

    def leave(self) -> None:
        """Say that this worker is gone."""
        with self._store.begin() as connection:
            workers.forget_worker(connection, self.id)


def _machine() -> str:
    """Name what numbers of processes are told apart within: machine, and container on it."""
    space = Path("/proc/self/ns/pid")
    within = str(space.readlink()) if space.is_symlink() else ""
    return hashlib.sha256(f"{socket.gethostname()} {within}".encode()).hexdigest()[:12]


def _has_ended(worker: str) -> bool:
    machine, number, begun, _ = worker.split(":")
    if machine != _machine():
        return False
    try:
        process = psutil.Process(int(number))
        zombie: bool = process.status() == psutil.STATUS_ZOMBIE
        return zombie or abs(_beginning(process) - float(begun)) > _SAME_BEGINNING
    except psutil.NoSuchProcess:
        return True


def _beginning(process: psutil.Process) -> float:
    """When a process began, since the machine did: setting the clock does not change it. [s]"""
    return float(process.create_time()) - float(psutil.boot_time())
