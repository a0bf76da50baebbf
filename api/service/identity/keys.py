"""API keys: ``prk_ID_SECRET``. Only a hash of the secret is kept.

The secret is 256 random bits, so one round of SHA-256 is enough: there is nothing to guess.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_FORM = re.compile(r"prk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True)
class NewKey:
    """A key as it is made: ``text`` is shown once, ``id`` and ``secret_hash`` are stored."""

    id: str
    text: str = field(repr=False)
    secret_hash: str = field(repr=False)


def new_key() -> NewKey:
    """Make a key."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return NewKey(key_id, f"prk_{key_id}_{secret}", _hash(secret))


def parse(text: str) -> tuple[str, str] | None:
    """Return id and secret of a key, None if it does not have the form of one."""
    found = _FORM.fullmatch(text)
    return (found[1], found[2]) if found else None


def verify(secret: str, secret_hash: str) -> bool:
    """Tell whether a secret is the one of the hash, in a time that does not depend on where they differ."""
    return hmac.compare_digest(_hash(secret).encode(), secret_hash.encode())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
