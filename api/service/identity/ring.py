"""Which caller a key belongs to: asked of the store, and remembered for some seconds."""

import hashlib
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import InternalError, OperationalError

from parkrisk.api.service.identity.keys import parse, verify
from parkrisk.api.service.identity.roles import Caller, role_named
from parkrisk.api.service.store import keys
from parkrisk.api.service.store.database import Store
from parkrisk.api.service.store.tables import now, time_text

#: Keys remembered at once.
_MOST = 1024
#: The last use of a key is noted at most so often. [s]
_NOTED = 60


class KeyRing:
    """Verifies keys.

    Parameters
    ----------
    store : Store
    seconds : float
        How long a verified key is remembered: a revoked one ends at most so much later, an expired one at once.
    """

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self._known: OrderedDict[bytes, tuple[float, str, Caller]] = OrderedDict()
        self._lock = threading.Lock()

    def caller(self, text: str) -> Caller | None:
        """Return whose key it is; None: it is no valid key."""
        parts = parse(text)
        if parts is None:
            return None
        return self.remembered(text) or self._look_up(_digest(text), *parts)

    def remembered(self, text: str) -> Caller | None:
        """Return whose key it is, if that is remembered; the store is not asked."""
        with self._lock:
            until, expires, caller = self._known.get(_digest(text), (0.0, "", None))
        fresh = time.monotonic() < until and (not expires or now() < expires)
        return caller if fresh else None

    def forget(self, key_id: str) -> None:
        """Forget a key at once, in this process."""
        with self._lock:
            for digest in [digest for digest, (_, _, caller) in self._known.items() if caller.key_id == key_id]:
                del self._known[digest]

    def _look_up(self, digest: bytes, key_id: str, secret: str) -> Caller | None:
        asked = time.monotonic()
        with self._store.reading() as connection:
            key = keys.any_key(connection, key_id)
        if key is None or not verify(secret, key.secret_hash):
            return None
        role = role_named(key.role)
        if key.revoked is not None or (key.expires is not None and key.expires <= now()) or role is None:
            return None
        minute = time_text(datetime.now(UTC) - timedelta(seconds=_NOTED))
        if key.last_used is None or key.last_used < minute:
            # Where nothing can be written, a full disk say, one may still read.
            with suppress(OperationalError, InternalError), self._store.begin() as connection:
                keys.touch_key(connection, key.tenant, key.id, unless_since=minute)
        caller = Caller(key.tenant, key.name, role, key.id)
        with self._lock:
            self._known[digest] = (asked + self._seconds, key.expires or "", caller)
            self._known.move_to_end(digest)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return caller


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
