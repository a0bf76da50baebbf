"""Canonical JSON: the same content is the same text, on every machine; digests are made over it."""

import hashlib
import json
from typing import Any


def canonical_json(content: Any) -> str:
    """JSON in ASCII with sorted keys and shortest floats; NaN and infinity raise ValueError."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(content: Any) -> str:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical_json(content).encode("ascii")).hexdigest()
