"""The service on a port of this machine, in a thread; it computes in this process."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from pydantic import SecretStr

from parkrisk.api.service.app import create_app
from parkrisk.api.service.identity.first import first_key
from parkrisk.api.service.settings import Settings
from parkrisk.api.service.store.database import open_store


class Live(NamedTuple):
    """Where it listens, and the key of its administrator."""

    url: str
    key: str


@contextlib.contextmanager
def live(folder: Path, engines: Any, *, worker: bool = False, **settings: Any) -> Iterator[Live]:
    """Serve from a new store."""
    url = f"sqlite:///{folder / 'store.sqlite'}"
    store = open_store(url)
    with store.begin() as connection:
        key = first_key(connection)
    store.close()
    assert key is not None
    rates = {"rate_by_key": "100000/second", "rate_by_address": "100000/second"}
    app = create_app(Settings(database_url=SecretStr(url), **rates, **settings), worker=worker, engines=engines)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield Live(f"http://127.0.0.1:{listening.getsockname()[1]}", key)
        finally:
            server.should_exit = True
            thread.join()
