"""``parkrisk worker``: runs jobs of the service, beside a server or on another machine."""

import signal
import threading

from parkrisk.api.cli import app
from parkrisk.api.commands.database import require_server


@app.command("worker")
def worker_command() -> None:
    """Run jobs of the service until a signal ends it; settings as for serve. 运行服务的后台任务，设置与 serve 相同."""
    require_server()
    from parkrisk.api.service.jobs import Jobs
    from parkrisk.api.service.observing.logs import start_logging
    from parkrisk.api.service.service import start_engines
    from parkrisk.api.service.settings import read_settings
    from parkrisk.api.service.store.database import open_store

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    settings = read_settings()
    start_logging(settings)
    store = open_store(settings.database)
    with start_engines(settings) as engines:
        jobs = Jobs(store, unseen_seconds=settings.worker_unseen_seconds, attempts=settings.job_attempts)
        jobs.start_worker(engines, at_once=settings.engines, seconds=settings.job_seconds)
        ended.wait()
        jobs.close()
    store.close()
