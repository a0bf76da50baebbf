"""Webhooks: what is told, how it is signed, and the loop that sends it until the receiver has it.

Signed by Standard Webhooks. An event is a row, written in the transaction of what it tells, so none is lost. A sender
takes a row for longer than an attempt may last; when it dies meanwhile, the row is due again and another sender sends
it, under the same ``webhook-id``: at least once. Payloads hold ids, verdicts and links, nothing of the park itself.
"""

import asyncio
import base64
import json
import logging
import random
import secrets
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook as Signer

from parkrisk.api.service.outbound import TIME_LIMIT, AddressRefused, NotReached, Outbound
from parkrisk.api.service.store.database import Store
from parkrisk.api.service.store.tables import now, time_text
from parkrisk.api.service.store.webhooks import (
    Due,
    all_take_due,
    announce,
    deactivate_webhook,
    delivered_since,
    note_attempt,
)

_log = logging.getLogger(__name__)

#: Waits after the first, second, … failed attempt, as Standard Webhooks has them: about three days in all. [s]
DELAYS = tuple(hours * 3600 for hours in (5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24))

#: Each wait is longer by a random share, at most this, so that a receiver that comes back is not met by all at once.
_JITTER = 0.2

#: A delivery is taken for so long: an attempt, the resolving of its name, the noting of its end. [s]
_TAKEN = TIME_LIMIT + 45

#: Pause between two looks for due deliveries. [s]
_PAUSE = 1.0


class Event(StrEnum):
    """What a webhook may be told."""

    assessment_succeeded = "assessment.succeeded"
    assessment_failed = "assessment.failed"
    gate_decided = "gate.decided"
    job_failed = "job.failed"
    ping = "ping"


def new_secret() -> str:
    """Make a signing secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def tell(connection: Connection, tenant: str, event: Event, data: Mapping[str, Any], *, only: str | None = None) -> int:
    """Announce an event in the caller's transaction; count the webhooks that will be told.

    Parameters
    ----------
    connection : Connection
        The transaction that writes what is told.
    tenant : str
        Whose webhooks.
    event : Event
        What happened.
    data : mapping
        Ids, verdict or grade, and links; nothing of the park.
    only : str, optional
        The one webhook that is told, whatever it wants.
    """
    payload = {"type": event, "timestamp": now(), "data": dict(data)}
    return announce(connection, tenant, event, payload, only=only)


#: What has an event of its own when it succeeds and when it fails, and where it stands.
_EVENTS: Mapping[str, tuple[Event, Event | None, str]] = {
    "assessment": (Event.assessment_succeeded, Event.assessment_failed, "/v1/assessments/"),
    "gate-decision": (Event.gate_decided, None, "/v1/gate-decisions/"),
}


def tell_concluded(connection: Connection, tenant: str, process: str, owner_id: str, said: Mapping[str, Any]) -> None:
    """Announce what came of a question: its id, what the audit says of it too, and a link."""
    if process in _EVENTS:
        event, _, place = _EVENTS[process]
        tell(connection, tenant, event, {**said, "id": owner_id, "links": {"self": place + owner_id}})


def tell_failed(connection: Connection, tenant: str, process: str, owner_id: str, code: str) -> None:
    """Announce that a job failed: which, and the code of its error."""
    data = {"id": owner_id, "process": process, "code": code}
    tell(connection, tenant, Event.job_failed, data)
    if process in _EVENTS and (event := _EVENTS[process][1]):
        tell(connection, tenant, event, {**data, "links": {"self": _EVENTS[process][2] + owner_id}})


class Attempt(NamedTuple):
    """How an attempt ended: status of the answer, None without one, and a word for the list of deliveries."""

    answer: int | None
    message: str

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.answer is not None and 200 <= self.answer < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more, for ever (410)."""
        return self.answer == 410


class Webhooks:
    """Sends what is due, in a thread of its own.

    Parameters
    ----------
    store : Store
        Where events wait.
    outbound : Outbound
        What may be called.
    """

    def __init__(self, store: Store, outbound: Outbound) -> None:
        self._store = store
        self._outbound = outbound
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the attempts under way."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                sent = self.send_due()
            except SQLAlchemyError:  # the database is away: what is due waits there
                _log.exception("deliveries of webhooks cannot be read or noted")
                sent = 0
            if not sent:
                self._closing.wait(_PAUSE)

    def send_due(self) -> int:
        """Try what is due now, together, and note how it went; count it."""
        with self._store.begin() as connection:
            taken = all_take_due(connection, until=_in_seconds(_TAKEN))
        if taken:
            attempts = asyncio.run(self._send_all(taken))
            with self._store.begin() as connection:
                for due, attempt in zip(taken, attempts, strict=True):
                    _note(connection, due, attempt)
        return len(taken)

    async def _send_all(self, taken: tuple[Due, ...]) -> list[Attempt]:
        return await asyncio.gather(*(self._send(due) for due in taken))

    async def _send(self, due: Due) -> Attempt:
        if not due.webhook.active:
            return Attempt(None, "inactive")
        content = json.dumps(due.delivery.payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        headers = signed(due.webhook.secret, due.delivery.id, datetime.now(UTC), content)
        try:
            return Attempt(await self._outbound.post(due.webhook.url, content.encode(), headers), "")
        except AddressRefused as refused:
            return Attempt(None, refused.code)
        except NotReached as error:
            return Attempt(None, str(error))


def signed(secret: str, delivery_id: str, at: datetime, content: str) -> dict[str, str]:
    """Give the headers of a delivery."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "parkrisk",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(secret).sign(delivery_id, at, content),
    }


def _note(connection: Connection, due: Due, attempt: Attempt) -> None:
    """Note an attempt; a webhook that failed through a whole schedule, or is gone, is told nothing more."""
    tenant, delivery = due.tenant, due.delivery
    last = attempt.gone or not due.webhook.active or delivery.attempts >= len(DELAYS)
    note_attempt(
        connection,
        tenant,
        delivery.id,
        delivered=attempt.delivered,
        answer=attempt.answer,
        message=attempt.message,
        again=None if attempt.delivered or last else _in_seconds(_wait(delivery.attempts)),
    )
    if attempt.delivered or not last:
        return
    if attempt.gone or not delivered_since(connection, tenant, due.webhook.id, delivery.created):
        deactivate_webhook(connection, tenant, due.webhook.id)


def _wait(attempts: int) -> float:
    return DELAYS[attempts] * (1 + random.uniform(0, _JITTER))


def _in_seconds(seconds: float) -> str:
    return time_text(datetime.now(UTC) + timedelta(seconds=seconds))
