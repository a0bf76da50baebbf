"""Errors on their way from one process to another.

An exception that takes two messages does not survive pickling, and its class may live in a module that only engines
import. So it travels as plain values and comes back as the nearest kind that every process knows, with its own code.
"""

from typing import Any

from parkrisk.models.errors import (
    InputProblems,
    MissingProperty,
    OutOfRange,
    ParkRiskError,
    RuleError,
    UnknownSubstance,
)

__all__ = ["described", "rebuilt"]

_KINDS = {
    kind.__name__: kind
    for kind in (InputProblems, MissingProperty, OutOfRange, RuleError, UnknownSubstance, ParkRiskError)
}


def described(error: ParkRiskError) -> dict[str, Any]:
    """Give an error as plain values."""
    return {
        "kind": next(kind.__name__ for kind in type(error).__mro__ if kind in _KINDS.values()),
        "code": error.code,
        "message_zh": error.message_zh,
        "message_en": error.message_en,
        "problems": list(error.problems) if isinstance(error, InputProblems) else [],
    }


def rebuilt(values: dict[str, Any]) -> ParkRiskError:
    """Make the error again that ``described`` gave."""
    kind = _KINDS[values["kind"]]
    error = kind.__new__(kind)
    ParkRiskError.__init__(error, values["message_zh"], values["message_en"])
    if isinstance(error, InputProblems):
        error.problems = tuple(values["problems"])
    error.code = values["code"]
    return error
