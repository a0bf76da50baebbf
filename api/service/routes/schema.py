"""Routes of the schema: tables, columns and evidence as data, so that forms need to know nothing."""

import datetime as dt
import functools
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Reader
from parkrisk.api.service.routes.answers import tagged_json
from parkrisk.api.service.routes.rulebooks import Day, shipped_set
from parkrisk.scenarios import schema

router = APIRouter(prefix="/v1/schema", tags=["schema"])


def _column(column: schema.Column) -> dict[str, Any]:
    allowed = [
        {"value": choice.value, "label_zh": choice.label_zh, "label_en": choice.label_en}
        for choice in schema.choices(column.choices)
    ]
    return {**vars(column), "choices": allowed or None}


def _table(table: schema.Table) -> dict[str, Any]:
    columns = [_column(column) for column in table.columns.values()]
    return {**vars(table), "key": list(table.key), "columns": columns}


@functools.lru_cache(maxsize=16)
def _whole(rule_set: str | None, day: dt.date) -> dict[str, Any]:
    from parkrisk.risk.rules.described import evidence_asked
    from parkrisk.risk.rules.sets import sets

    chosen = rule_set or next(iter(sets()))
    tables = [_table(table) for table in schema.tables().values() if table.park or table.project]
    asked = {scope: evidence_asked(chosen, scope, day) for scope in ("park", "project")}
    named = [{"id": name, "title_zh": zh, "title_en": en} for name, (zh, en) in sets().items()]
    return {"tables": tables, "sets": named, "rules": chosen, "date": day.isoformat(), "evidence": asked}


@router.get("", summary="Tables, columns and evidence", response_class=Response)
def get_schema(
    request: Request,
    _caller: Reader,
    rules: Annotated[
        str | None, Query(max_length=100, description="Rule set whose evidence is listed; default: the first.")
    ] = None,
    day: Day = None,
) -> Response:
    """Tables with labels, units, ranges, defaults and choices; which evidence the rules on parks and projects ask for.

    `evidence.project` lists what a form for the entry gate has to ask: answers (`what` = `evidence`) go into the table
    `answers` under their `name` as `item`, figures (`what` = `indicator`) into the table `indicators`.
    """
    return tagged_json(request, _whole(shipped_set(rules), day or dt.date.today()))


@router.get("/{kind}", summary="JSON Schema of a park or a project", response_class=Response)
def get_json_schema(request: Request, _caller: Reader, kind: Literal["park", "project"]) -> Response:
    """JSON Schema (2020-12) of what `POST /v1/parks` and `POST /v1/projects` take."""
    return tagged_json(request, schema.json_schema(kind))
