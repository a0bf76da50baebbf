"""Parameters of OGC API Features: every fault of them is a 400, an unknown one too, as the standard asks."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from parkrisk.api.service.refusals import Refusal

__all__ = ["FORMAT", "ITEMS", "BadParameter", "Selection", "known_parameters", "selection"]

_DEFAULT, _MOST = 1000, 10_000
#: Behind this nothing is; it keeps what is asked within what machines count with.
_FARTHEST = 10**9
_TIME = r"(\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)"
_WHEN = re.compile(rf"{_TIME}|({_TIME}|\.\.)?/({_TIME}|\.\.)?")


class BadParameter(Refusal):
    """A parameter is unknown or has a wrong value."""

    code = "ogc.bad_parameter"


def _parameter(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, **more}


_F = _parameter("f", {"type": "string", "enum": ["json"]}, "Form of the answer.")
#: What every page takes.
FORMAT: dict[str, Any] = {"parameters": [_F]}
#: What the features take.
ITEMS: dict[str, Any] = {
    "parameters": [
        _F,
        _parameter(
            "bbox",
            {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
            "West, south, east, north in degrees (CRS84).",
            style="form",
            explode=False,
        ),
        _parameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _DEFAULT},
            "Features of a page at most; more than the largest gives the largest.",
        ),
        _parameter("offset", {"type": "integer", "minimum": 0, "default": 0}, "Features to leave out."),
        _parameter("datetime", {"type": "string"}, "Accepted, without effect: the features have no time."),
    ]
}


@dataclass(frozen=True)
class Selection:
    """Which features are asked for."""

    bbox: tuple[float, float, float, float] | None
    limit: int
    offset: int


def known_parameters(request: Request, known: Iterable[str] = ("f",)) -> dict[str, str]:
    """Give the parameters; refuse unknown ones, repeated ones, and other forms than JSON."""
    allowed = tuple(known)
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in allowed:
            words = ", ".join(allowed)
            raise BadParameter(f"未知参数；可用：{words}", f"a parameter is unknown; there are {words}")
        if name in found:
            raise BadParameter(f"参数 {name} 重复", f"the parameter {name} is given twice")
        found[name] = value
    if found.get("f", "json") != "json":
        raise BadParameter("f 只能为 json", "f can only be json")
    return found


def _whole(text: str, name: str, least: int) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
        raise BadParameter(f"{name} 应为不小于 {least} 的整数", f"{name} should be an integer from {least}")
    return min(int(text), _FARTHEST)


def _box(text: str) -> tuple[float, float, float, float]:
    wrong = BadParameter(
        "bbox 应为“西,南,东,北”四个有限数，西不大于东，南不大于北",
        "bbox should be west,south,east,north: four finite numbers, west up to east and south up to north",
    )
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise wrong from None
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise wrong
    west, south, east, north = numbers
    if west > east or south > north:
        raise wrong
    return west, south, east, north


def selection(request: Request) -> Selection:
    """Read the parameters of a list of features."""
    given = known_parameters(request, ("f", "bbox", "limit", "offset", "datetime"))
    if "datetime" in given and (given["datetime"] in ("", "/") or not _WHEN.fullmatch(given["datetime"])):
        raise BadParameter("datetime 应为 RFC 3339 时间或区间", "datetime should be an RFC 3339 time or interval")
    return Selection(
        _box(given["bbox"]) if "bbox" in given else None,
        min(_whole(given.get("limit", str(_DEFAULT)), "limit", 1), _MOST),
        _whole(given.get("offset", "0"), "offset", 0),
    )
