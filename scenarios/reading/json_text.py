"""JSON texts in: the one place where they are parsed, whatever they hold."""

import json
from typing import Any

__all__ = ["parsed_json"]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Object of its pairs; of a key that stands twice nobody knows which value is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"key {twice[:80]!r} stands twice / 键重复")
    return found


def _refused(text: str) -> float:
    raise ValueError(text)


def parsed_json(text: str | bytes, *, nan: bool = False) -> Any:
    """Parse JSON.

    Parameters
    ----------
    text : str or bytes
    nan : bool
        Whether NaN and Infinity are let through, for a check that says where they stand.

    Raises
    ------
    ValueError
        It is none, holds a key twice, half a surrogate pair, an integer of thousands of digits, or is nested too deep.
    """
    more: dict[str, Any] = {} if nan else {"parse_constant": _refused}
    try:
        document = json.loads(text, object_pairs_hook=_once, **more)
        json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair fits into no file and no answer
    except RecursionError:
        raise ValueError("nested too deep / 嵌套过深") from None
    return document
