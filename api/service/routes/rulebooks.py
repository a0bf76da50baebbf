"""Routes of the rules: which there are, from when, and what each asks."""

import datetime as dt
import functools
import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Reader
from parkrisk.api.service.refusals import NotFound
from parkrisk.api.service.routes.answers import tagged_json
from parkrisk.models.errors import RuleError

router = APIRouter(prefix="/v1/rulebooks", tags=["rulebooks"])

RuleSet = Annotated[
    str | None, Query(alias="set", max_length=100, description="A shipped set, such as `cn-2026`; default: all.")
]


def _written(day: object) -> object:
    """Refuse numbers, which would be seconds since 1970."""
    if isinstance(day, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day, re.ASCII):
        raise ValueError("a day is written like 2026-01-31")
    return day


Day = Annotated[
    dt.date | None,
    BeforeValidator(_written),
    Query(alias="date", description="Day on which rules are in force; default: today."),
]


def shipped_set(name: str | None) -> str | None:
    """Refuse what is no shipped set: a path would name a file of this machine."""
    from parkrisk.risk.rules.sets import sets

    if name is not None and name not in sets():
        raise NotFound(f"规则集，现有：{'、'.join(sets())}", f"rule set; there are {', '.join(sets())}")
    return name


@functools.lru_cache(maxsize=32)
def _listed(rule_set: str | None, day: dt.date) -> dict[str, Any]:
    from parkrisk.risk.rules.described import rule_sets

    content = rule_sets(rule_set, day)
    return {"items": content.pop("rulebooks"), "next": None, **content}


@functools.lru_cache(maxsize=128)
def _rules(name: str, rule_set: str | None, day: dt.date) -> list[dict[str, Any]]:
    from parkrisk.risk.rules.described import rules_called

    return rules_called(name, rule_set, day)


@router.get("", summary="Rule sets, rulebooks and checklists", response_class=Response)
def list_rulebooks(request: Request, _caller: Reader, rule_set: RuleSet = None, day: Day = None) -> Response:
    """Rulebooks as `items`, with edition, dates in force and how many rules are unverified; sets and checklists."""
    return tagged_json(request, _listed(shipped_set(rule_set), day or dt.date.today()))


@router.get("/{name}", summary="What the rules of a rulebook ask", response_class=Response)
def get_rulebook(
    request: Request,
    _caller: Reader,
    name: Annotated[str, Path(max_length=100, description="Id of a rulebook or of a rule.")],
    rule_set: RuleSet = None,
    day: Day = None,
) -> Response:
    """Every rule with clause, dates, source, its tests in words, and under `asks` the evidence that it looks at."""
    on = day or dt.date.today()
    rule_set = shipped_set(rule_set)
    try:
        rules = _rules(name, rule_set, on)
    except RuleError as error:
        raise NotFound("规则或规则文件", "rule or rulebook") from error
    book = next((each for each in _listed(rule_set, on)["items"] if each["id"] == name), None)
    return tagged_json(request, {"id": name, "date": on.isoformat(), "rulebook": book, "rules": rules})
