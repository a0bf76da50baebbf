"""Jobs that survive a crash: the only file that knows the job library, DBOS.

The library's tables lie in the store's own database, so a job is accepted in the same transaction as the row it belongs
to. A job is one workflow without steps: whoever runs it reads everything from the store, so any later release of the
program can run it too. What must stay as it is for that: the names below and the two arguments of the workflow.

The library keeps only the queue: a job that is over leaves it, and its outcome stands in the store alone.
"""

import logging
import threading
import time
import uuid
from contextlib import suppress

from dbos import DBOS, DBOSClient
from dbos._dbos import _get_or_create_dbos_registry
from dbos._serialization import DBOSPortableJSON
from sqlalchemy import Connection

from parkrisk.api.service.attempts import Attempts, End
from parkrisk.api.service.compute import Engines
from parkrisk.api.service.presence import Presence
from parkrisk.api.service.store.database import Store
from parkrisk.api.service.store.jobs import finish_job, reopen_job
from parkrisk.api.service.store.status import Status

_log = logging.getLogger(__name__)

_APPLICATION = "parkrisk"
_QUEUE = "parkrisk-jobs"
_WORKFLOW = "job"
#: That of the two arguments, not of the program.
_VERSION = "1"
_SCHEMA = "dbos"

#: How often the queue is looked at. [s]
_LOOK = 0.25
#: How often a worker gives a sign of life and looks for jobs that nobody runs, at most. [s]
_BEAT = 2.0
#: A worker that stops waits so long for its jobs to be put back. [s]
_LEAVING = 30.0
_GLANCE = 0.02


class _Left(BaseException):
    """Ends a workflow without an outcome. The library records only an ``Exception``.

    Where a workflow is another worker's by now, an outcome would have to wait for that of the other, at worst for ever.
    """


class Jobs:
    """The queue of jobs, and the worker in this process when one is started.

    Parameters
    ----------
    store : Store
        Where jobs and results lie; the queue lies in the same database.
    unseen_seconds : float
        A worker not heard of for so long loses its jobs to another. [s]
    attempts : int
        So often a job that costs its worker or its engine is begun before it fails.
    """

    def __init__(self, store: Store, *, unseen_seconds: float = 30.0, attempts: int = 5) -> None:
        self._store = store
        self._unseen = unseen_seconds
        self._most = attempts
        self._worker: _Worker | None = None
        self._url = store.engine.url.render_as_string(hide_password=False)
        _quiet()
        DBOS.migrate(self._url, schema=_SCHEMA)
        self._client = DBOSClient(
            system_database_url=self._url,
            dbos_system_schema=_SCHEMA,
            serializer=DBOSPortableJSON,
            application_name=_APPLICATION,
            retry_connection_errors=False,
            lazy=True,
        )

    def submit(self, connection: Connection, job_id: str, tenant: str) -> None:
        """Put a job on the queue, in the caller's transaction: committed is accepted.

        The job's row (status accepted) is written by the caller in the same transaction.
        """
        self._enqueue(connection, job_id, job_id, tenant)

    def cancel(self, connection: Connection, job_id: str, tenant: str) -> bool:
        """Dismiss a job that is accepted or running; whether there was one to dismiss.

        A running job's engine is stopped within about a second. Nothing of it is kept.
        """
        return finish_job(connection, tenant, job_id, Status.dismissed)

    def retry(self, connection: Connection, job_id: str, tenant: str) -> bool:
        """Put a failed or dismissed job on the queue again; whether there was one.

        It keeps its id; its next beginning counts as a further attempt.
        """
        if not reopen_job(connection, tenant, job_id):
            return False
        self._enqueue(connection, f"{job_id}-{uuid.uuid4().hex[:8]}", job_id, tenant)
        return True

    def start_worker(self, engines: Engines, *, at_once: int = 1, seconds: float = 3600.0) -> None:
        """Run jobs in this process, once an engine is warm; there can be one worker in a process.

        Parameters
        ----------
        engines : Engines
        at_once : int
            So many jobs at the same time.
        seconds : float
            Longest time of one computation. [s]
        """
        presence = Presence(self._store, self._unseen)
        leaving = threading.Event()
        attempts = Attempts(self._store, engines, seconds, self._most, leaving)
        beat = min(_BEAT, self._unseen / 5.0)
        self._worker = _Worker(self._client, self._url, presence, attempts, leaving, beat, at_once)
        self._worker.start(engines)

    def close(self) -> None:
        """Stop the worker, if any; jobs it was running go back on the queue. Close the engines after it."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        self._client.destroy()

    def _enqueue(self, connection: Connection, workflow_id: str, job_id: str, tenant: str) -> None:
        self._client.enqueue_in_transaction(
            connection,
            {"workflow_name": _WORKFLOW, "queue_name": _QUEUE, "workflow_id": workflow_id, "app_version": _VERSION},
            tenant,
            job_id,
        )


class _Worker:
    """Takes jobs from the queue, and those of workers that are gone."""

    def __init__(
        self,
        client: DBOSClient,
        url: str,
        presence: Presence,
        attempts: Attempts,
        leaving: threading.Event,
        beat: float,
        at_once: int,
    ) -> None:
        self._client = client
        self._url = url
        self._presence = presence
        self._attempts = attempts
        self._leaving = leaving
        self._beat = beat
        self._at_once = at_once
        self._mine: list[str] = []  # twice the same, while one that was taken over and came back has not yet ended
        self._astray: set[str] = set()
        self._keeper: threading.Thread | None = None

    def start(self, engines: Engines) -> None:
        self._keeper = threading.Thread(target=self._keep, args=(engines,), name="job-keeper", daemon=True)
        self._keeper.start()

    def _launch(self) -> None:
        """Begin to take jobs."""
        self._presence.beat()
        DBOS(
            config={
                "name": _APPLICATION,
                "system_database_url": self._url,
                "dbos_system_schema": _SCHEMA,
                "sys_db_pool_size": self._at_once + 4,
                "serializer": DBOSPortableJSON,
                "executor_id": self._presence.id,
                "application_version": _VERSION,
                "run_migrations": False,
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )

        @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)
        def job(tenant: str, job_id: str) -> None:
            self._run(tenant, job_id)

        # A queue in the database would have one concurrency for all workers, however many engines each has.
        _get_or_create_dbos_registry()._register_internal_queue(
            _QUEUE, worker_concurrency=self._at_once, polling_interval_sec=_LOOK
        )
        DBOS.launch()

    def close(self) -> None:
        self._leaving.set()
        end = time.monotonic() + _LEAVING
        while self._mine and time.monotonic() < end:
            time.sleep(_GLANCE)
        if self._keeper is not None:
            self._keeper.join()
        DBOS.destroy(destroy_registry=True)
        with suppress(Exception):  # without a database nobody can be told; the others notice
            self._presence.leave()

    def _run(self, tenant: str, job_id: str) -> None:
        workflow_id = DBOS.workflow_id
        assert workflow_id is not None
        if self._leaving.is_set():
            raise _Left
        self._mine.append(workflow_id)
        try:
            begun = self._client.retrieve_workflow(workflow_id).get_status().recovery_attempts
            end = self._attempts.run(tenant, job_id, begun or 1)
            if end is End.BACK:
                self._client.resume_workflow(workflow_id, queue_name=_QUEUE)
            elif end is End.OVER:
                self._client.delete_workflow(workflow_id)
        except Exception:
            _log.exception("job %s waits for another attempt", job_id)
        finally:
            self._mine.remove(workflow_id)
        raise _Left

    def _keep(self, engines: Engines) -> None:
        launched = False
        while not self._leaving.is_set():
            if not (launched or engines.ready(_LOOK)):
                continue  # another worker, whose engine is warm, may be free
            try:
                if not launched:
                    self._launch()
                    launched = True
                self._look_after()
            except Exception:  # the database cannot be had, perhaps: the next look finds it again
                _log.warning("the queue of jobs cannot be looked after", exc_info=True)
            self._leaving.wait(self._beat)

    def _look_after(self) -> None:
        """Give a sign of life, and put back on the queue what nobody runs."""
        begun = self._client.list_workflows(
            status="PENDING", name=_WORKFLOW, queue_name=_QUEUE, load_input=False, load_output=False
        )
        alive = self._presence.beat()  # after the list: a worker that came meanwhile would seem gone
        own = {each.workflow_id for each in begun if each.executor_id == self._presence.id} - set(self._mine)
        astray, self._astray = own & self._astray, own
        for each in begun:
            if each.executor_id is not None and (each.executor_id not in alive or each.workflow_id in astray):
                _log.warning("job %s was left by its worker and is put back", each.workflow_id)
                self._client._sys_db.reenqueue_for_recovery(each.workflow_id, [each.executor_id], _QUEUE)


def _quiet() -> None:
    """Let the library's messages go where those of the program go."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = True
