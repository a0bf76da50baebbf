"""Routes of the substances: who they are, and what is known of them with its source and mark."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Reader
from parkrisk.api.service.refusals import NotFound
from parkrisk.api.service.routes.answers import tagged_json
from parkrisk.models.errors import UnknownSubstance
from parkrisk.models.substance import hazard_data
from parkrisk.models.substance.substances import Substance, find, known, search

router = APIRouter(prefix="/v1/substances", tags=["substances"])


def _short(substance: Substance) -> dict[str, Any]:
    formula = substance.note("formula")
    return {
        "cas": substance.cas,
        "name_zh": substance.name_zh,
        "name_en": substance.name_en,
        "aliases": list(substance.aliases),
        "formula": None if formula is None else formula.text,
        "flammable": substance.is_flammable,
        "toxic": substance.is_toxic,
    }


def _properties(substance: Substance) -> list[dict[str, Any]]:
    """Every number that is known of a substance, those that it borrows from its surrogate included."""
    names = hazard_data.names(substance.cas)
    if substance.surrogate is not None:
        names |= hazard_data.names(substance.surrogate.cas)
    return [{"property": name, **vars(substance.property(name))} for name in sorted(names)]


def _texts(substance: Substance) -> list[dict[str, Any]]:
    found = ((name, substance.note(name)) for name in hazard_data.TEXTS)
    return [{"property": name, **vars(note)} for name, note in found if note is not None]


def _probit(substance: Substance) -> dict[str, Any] | None:
    """Toxic probit Pr = a + b ln(Cⁿ t)."""
    probit = substance.toxic_probit()
    if probit is None:
        return None
    note = hazard_data.toxic_probit_notes()[substance.cas]
    values = dict(zip("abn", probit, strict=True))
    return {**values, "concentration_unit": "mg/m3", "time_unit": "min", "source": note.source, "mark": note.mark}


def _critical_quantities(substance: Substance) -> list[dict[str, Any]]:
    from parkrisk.risk.screening.hazard_tables import table1

    return [
        {
            "table_row": row.number,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "quantity_t": float(row.quantity),
            "condition": row.condition,
            "source": row.source,
            "mark": row.mark,
        }
        for row in table1(substance.cas)
    ]


@router.get("", summary="Search substances", response_class=Response)
def list_substances(
    request: Request,
    _caller: Reader,
    q: Annotated[str, Query(max_length=200, description="CAS number, Chinese or English name, or a part of it.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Those called so come first. Where nothing is found, the hint says what may have been meant."""
    found = search(q) if q.strip() else known()
    hint = {}
    if not found:
        try:
            find(q)
        except UnknownSubstance as error:
            hint = {"hint_zh": error.message_zh, "hint_en": error.message_en}
    return tagged_json(request, {"items": [_short(each) for each in found[:limit]], "next": None, **hint})


@router.get("/{cas}", summary="What is known of a substance", response_class=Response)
def get_substance(
    request: Request,
    _caller: Reader,
    cas: Annotated[str, Path(max_length=200, description="CAS number, or a name.")],
) -> Response:
    """Numbers and texts, each with unit, source and mark (V in two sources, 1 in one, M unverified or estimated)."""
    try:
        substance = find(cas)
    except UnknownSubstance as error:
        raise NotFound("物质", "substance") from error
    content = {
        **_short(substance),
        "surrogate": None if substance.surrogate is None else substance.surrogate.cas,
        "assumptions": list(substance.assumptions),
        "properties": _properties(substance),
        "texts": _texts(substance),
        "toxic_probit": _probit(substance),
        "critical_quantities": _critical_quantities(substance),
        "ignition_reactivity": substance.reactivity,
    }
    return tagged_json(request, content)
