"""``parkrisk worker``: runs jobs of the service, beside a server or on another machine."""

import signal
import threading
from contextlib import ExitStack

from parkrisk.api.cli import app
from parkrisk.api.commands.database import require_server


@app.command("worker")
def worker_command() -> None:
    """Run jobs of the service and send its webhooks; settings as for serve. 运行服务的后台任务，设置与 serve 相同.

    Ends at a signal.
    """
    require_server()
    from parkrisk.api.service.observing.logs import start_logging
    from parkrisk.api.service.service import open_jobs, start_engines, working
    from parkrisk.api.service.settings import read_settings
    from parkrisk.api.service.store.database import open_store

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    settings = read_settings()
    start_logging(settings)
    with ExitStack() as parts:
        store = open_store(settings.database)
        parts.callback(store.close)
        engines = parts.enter_context(start_engines(settings))
        jobs = open_jobs(settings, store)
        parts.callback(jobs.close)
        parts.enter_context(working(settings, store, engines, jobs, at_once=settings.engines))
        ended.wait()
