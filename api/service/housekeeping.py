"""What the store keeps for a while only: answers under idempotency keys."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import DBAPIError

from parkrisk.api.service.store.database import Store
from parkrisk.api.service.store.idempotency import all_forget_requests
from parkrisk.api.service.store.tables import time_text

_log = logging.getLogger(__name__)

#: How long the answer under an idempotency key is kept.
KEPT = timedelta(days=7)
#: Pause between two looks. [s]
_PAUSE = 3600.0


def forget(store: Store, now: datetime) -> int:
    """Forget what is older than it is kept; count."""
    with store.begin() as connection:
        return all_forget_requests(connection, time_text(now - KEPT))


@contextmanager
def housekeeping(store: Store) -> Iterator[None]:
    """Forget, at once and every hour, while the block runs."""
    over = threading.Event()

    def keep() -> None:
        wait = 0.0
        while not over.wait(wait):
            try:
                forget(store, datetime.now(UTC))
            except DBAPIError:
                _log.warning("old answers are not forgotten now", exc_info=True)
            wait = _PAUSE

    keeper = threading.Thread(target=keep, name="housekeeping", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
