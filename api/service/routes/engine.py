"""Routes under ``/v1``: assessments, gate decisions."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import Response

from parkrisk.models.errors import RuleError
from parkrisk.risk.assess import assess
from parkrisk.risk.entry.gate import gate
from parkrisk.risk.rules.sets import sets
from parkrisk.risk.settings import Settings
from parkrisk.scenarios import park_from_json, project_from_json

router = APIRouter(prefix="/v1")


def _encodable(content: dict[str, Any]) -> dict[str, Any]:
    """Refuse half surrogate pairs, which no file and no answer can hold."""
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("text holds half a surrogate pair") from None
    return content


Tables = Annotated[
    dict[str, Any],
    AfterValidator(_encodable),
    Field(
        description="`park` (or `project`) holds what park.toml (project.toml) holds; "
        "every other key is a table as an array of rows.",
        examples=[{"park": {"name": "…", "date": "2026-06-01", "crs": "EPSG:4549"}, "units": [], "targets": []}],
    ),
]
RulesName = Annotated[str | None, Field(description="Rulebook set; null: the one the park names.")]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**63, description="Seed of the sampled cascades.")]
DelayedIgnition = Annotated[
    Literal["free_field", "located"],
    Field(description="A cloud that did not ignite at once: at its largest extent, or only where it meets a source."),
]


class AssessmentRequest(BaseModel):
    """A park to assess."""

    model_config = ConfigDict(extra="forbid")
    park: Tables
    rules: RulesName = None
    delayed_ignition: DelayedIgnition = "free_field"
    seed: Seed = 0

    @property
    def settings(self) -> Settings:
        """Choices of method."""
        return Settings(delayed_ignition=self.delayed_ignition)


class GateRequest(AssessmentRequest):
    """A park and a project that wants to enter it."""

    project: Tables
    search: bool = Field(
        True, description="Where gates fail that a smaller inventory or another place may meet, seek it."
    )


def _shipped(rules: str) -> str:
    """Refuse the path of a rulebook file: a caller from outside has no files here."""
    if rules not in sets():
        names = ", ".join(sets())
        raise RuleError(
            f"没有名为 {rules} 的规则集；现有：{names}", f"no rule set is called {rules}; there are {names}"
        )
    return rules


def _json(content: Any) -> Response:
    return Response(json.dumps(content, ensure_ascii=False, allow_nan=False), media_type="application/json")


@router.post("/assessments", summary="Assess a park", response_class=Response)
def create_assessment(request: AssessmentRequest) -> Response:
    """Answer with the JSON that ``parkrisk assess --json`` prints."""
    park = park_from_json(request.park)
    rules = _shipped(request.rules or park.rulebook)
    return _json(assess(park, settings=request.settings, rules=rules, seed=request.seed).to_dict())


@router.post("/gate-decisions", summary="Decide whether a project may enter", response_class=Response)
def create_gate_decision(request: GateRequest) -> Response:
    """Answer with the JSON that ``parkrisk gate --json`` prints."""
    park = park_from_json(request.park)
    project = project_from_json(request.project)
    rules = _shipped(request.rules or park.rulebook)
    decision = gate(park, project, settings=request.settings, rules=rules, seed=request.seed, cures=request.search)
    return _json(decision.to_dict())
