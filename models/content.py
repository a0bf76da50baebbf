"""Content address of an outcome: the same for the same content, in any run, process or order of work."""

import dataclasses
import hashlib
import math
from typing import Any

import numpy as np

__all__ = ["content_digest"]


def content_digest(value: Any) -> str:
    """Digest of everything that makes an outcome what it is.

    Parameters
    ----------
    value : dataclass
        An outcome, or anything made of dataclasses, tuples, numbers, text, arrays and None. Fields that do not count in
        comparisons do not count here.

    Returns
    -------
    str
        64 hexadecimal digits of SHA-256.

    Raises
    ------
    TypeError
        Something else is inside.

    Notes
    -----
    Numbers count by their exact value, 0 without its sign, and a whole number as the same float; every NaN is one.
    """
    digest = hashlib.sha256()
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field for field in dataclasses.fields(value) if field.compare]
        digest.update(f"<{type(value).__qualname__} {len(fields)}>".encode())
        for field in fields:
            digest.update(f"{field.name}=".encode())
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, tuple | list):
        digest.update(f"({len(value)})".encode())
        for each in value:
            _feed(digest, each)
    elif isinstance(value, np.ndarray):
        digest.update(f"[{value.dtype.str} {value.shape}]".encode() + np.ascontiguousarray(value).tobytes())
    elif value is None or isinstance(value, str | bool | np.bool_):
        digest.update(f"{type(value).__name__}:{value};".encode())
    elif isinstance(value, int | float | np.integer | np.floating):
        number = float(value)
        digest.update((("nan" if math.isnan(number) else (number + 0.0).hex()) + ";").encode())
    else:
        raise TypeError(f"no content address for {type(value).__name__}")
