"""Jobs that survive a crash: the only file that knows the job library, DBOS.

The library's tables lie in the store's own database, so a job is accepted in the same
transaction as the row it belongs to. A job is one workflow without steps: whoever runs it
reads everything from the store, so any later release of the program can run it too.
"""

from sqlalchemy import Connection

from parkrisk.api.service.compute.engines import Engines
from parkrisk.api.service.store.database import Store


class Jobs:
    """The queue of jobs, and the worker in this process when one is started.

    Parameters
    ----------
    store : Store
        Where jobs and results lie; the queue lies in the same database.
    unseen_seconds : float
        A worker not heard of for so long loses its jobs to another. [s]
    attempts : int
        So often a job that costs its worker or engine is begun before it fails.
    """

    def __init__(self, store: Store, *, unseen_seconds: float = 30.0, attempts: int = 3) -> None:
        raise NotImplementedError

    def submit(self, connection: Connection, job_id: str, tenant: str) -> None:
        """Put a job on the queue, in the caller's transaction: committed is accepted.

        The job's row (status accepted) is written by the caller in the same transaction.
        """
        raise NotImplementedError

    def cancel(self, connection: Connection, job_id: str, tenant: str) -> bool:
        """Dismiss a job that is accepted or running; whether there was one to dismiss.

        A running job's engine is stopped within about a second. Nothing of it is kept.
        """
        raise NotImplementedError

    def retry(self, connection: Connection, job_id: str, tenant: str) -> bool:
        """Put a failed or dismissed job on the queue again; whether there was one.

        It keeps its id; its next beginning counts as a further attempt.
        """
        raise NotImplementedError

    def start_worker(self, engines: Engines) -> None:
        """Run jobs in this process, as many at once as there are engines for jobs."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop the worker, if any; jobs it was running go back on the queue."""
        raise NotImplementedError
