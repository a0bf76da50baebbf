"""Argument types of kernels as JSON: types that refer to each other by place, and kernels that refer to them."""

import importlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.np.numpy_support import as_dtype

types: Any = numba.types

__all__ = ["Signatures", "as_text", "from_text", "shipped"]

#: Types of the arguments of every call, by "module:name" of the kernel.
Signatures = Mapping[str, Iterable[tuple[Any, ...]]]

#: What assessments and gates of the example parks call.
_SHIPPED = Path(__file__).parent / "signatures.json"


def shipped() -> str:
    """Signatures that come with the program, as text."""
    return _SHIPPED.read_text(encoding="utf-8")


class _Types:
    """Types by their place, each once."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, one: Any) -> int:
        """Place of a type; it is added where it is new."""
        text = json.dumps(self._described(one))
        return self.places.setdefault(text, len(self.places))

    def _described(self, one: Any) -> Any:
        if isinstance(one, types.Array):
            return ["array", self.place(one.dtype), one.ndim, one.layout, not one.mutable, one.aligned]
        if isinstance(one, types.Record):
            fields = [[name, as_dtype(each.type).str, each.offset] for name, each in one.fields.items()]
            return ["record", fields, one.size, one.aligned]
        if isinstance(one, types.NamedTuple | types.NamedUniTuple):
            made = one.instance_class
            return ["named", f"{made.__module__}:{made.__qualname__}", [self.place(each) for each in one.types]]
        if isinstance(one, types.BaseTuple):
            return ["tuple", [self.place(each) for each in one.types]]
        if isinstance(one, types.Omitted):
            return ["omitted", one.value]
        if isinstance(one, types.Literal):
            return ["literal", one.literal_value]
        if getattr(types, one.name, None) == one:
            return one.name
        raise TypeError(f"no kernel took {one} before: describe it")


def _made(described: Any, known: list[Any]) -> Any:
    """Type that a description stands for; those that it refers to come before it."""
    if isinstance(described, str):
        return getattr(types, described)
    kind, *rest = described
    match kind:
        case "array":
            item, dimensions, layout, readonly, aligned = rest
            return types.Array(known[item], dimensions, layout, readonly=readonly, aligned=aligned)
        case "record":
            fields, size, aligned = rest
            names, formats, offsets = (list(column) for column in zip(*fields, strict=True))
            columns: Any = {"names": names, "formats": formats, "offsets": offsets, "itemsize": size}
            return numba.from_dtype(np.dtype(columns, align=aligned))
        case "named":
            module, name = rest[0].split(":")
            made = getattr(importlib.import_module(module), name)
            return types.BaseTuple.from_types([known[each] for each in rest[1]], made)
        case "tuple":
            return types.BaseTuple.from_types([known[each] for each in rest[0]])
        case "omitted":
            return types.Omitted(rest[0])
        case _:
            return types.literal(rest[0])


def as_text(signatures: Signatures) -> str:
    """Signatures as JSON, a type or kernel a line."""
    found = _Types()
    kernels = {
        name: sorted([found.place(each) for each in arguments] for arguments in signatures[name])
        for name in sorted(signatures)
    }
    lines = [
        '{"types": [',
        ",\n".join(found.places),
        '], "kernels": {',
        ",\n".join(f"{json.dumps(name)}: {json.dumps(calls)}" for name, calls in kernels.items()),
        "}}",
    ]
    return "\n".join(lines) + "\n"


def from_text(text: str) -> dict[str, list[tuple[Any, ...]]]:
    """Signatures of `as_text`; those with classes that are not there any more are left out."""
    content = json.loads(text)
    known: list[Any] = []
    for described in content["types"]:
        try:
            known.append(_made(described, known))
        except (AttributeError, ImportError):
            known.append(None)
    return {
        name: [tuple(known[each] for each in call) for call in calls if all(known[each] is not None for each in call)]
        for name, calls in content["kernels"].items()
    }
