"""Bodies of the requests that ask for a computation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from parkrisk.api.service.routes.answers import sha256


@dataclass(frozen=True)
class Document:
    """A park or project given in the request itself, with the digest of its text."""

    content: Mapping[str, Any]
    sha256: str


def _document(value: Any) -> Document:
    """Refuse what no file and no answer can hold: NaN, infinity."""
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    try:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return Document(value, sha256(text.encode()))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        raise ValueError("a number is not finite") from None


class StoredPark(BaseModel):
    """A stored version of a park."""

    model_config = ConfigDict(extra="forbid")
    park_id: str = Field(max_length=100)
    version: int | None = Field(None, strict=True, ge=1, lt=2**31, description="The latest when left out.")


class StoredProject(BaseModel):
    """A stored project."""

    model_config = ConfigDict(extra="forbid")
    project_id: str = Field(max_length=100)


def _names(key: str) -> Discriminator:
    """Tell an object that names a stored thing from the thing itself."""
    return Discriminator(lambda value: "stored" if isinstance(value, Mapping) and key in value else "document")


def _inline(kind: str) -> Any:
    return WithJsonSchema(
        {
            "type": "object",
            "title": kind.capitalize(),
            "required": [kind],
            "description": f"`{kind}` holds what {kind}.toml holds; every other key is a table as an array of rows.",
            "additionalProperties": True,
        }
    )


ParkDocument = Annotated[Document, PlainValidator(_document), _inline("park")]
ProjectDocument = Annotated[Document, PlainValidator(_document), _inline("project")]
ParkAsked = Annotated[
    Annotated[StoredPark, Tag("stored")] | Annotated[ParkDocument, Tag("document")], _names("park_id")
]
ProjectAsked = Annotated[
    Annotated[StoredProject, Tag("stored")] | Annotated[ProjectDocument, Tag("document")], _names("project_id")
]


class AssessmentRequest(BaseModel):
    """A park to assess."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"park": {"park_id": "p0123456789abcdef", "version": 1}, "seed": 0}]},
    )
    park: ParkAsked
    rules: str | None = Field(None, max_length=100, description="Rulebook set; null: the one the park names.")
    delayed_ignition: Literal["free_field", "located"] = Field(
        "free_field",
        description="A cloud that did not ignite at once: at its largest extent, or only where it meets a source.",
    )
    seed: int = Field(0, strict=True, ge=0, lt=2**63, description="Seed of the sampled cascades.")


class GateRequest(AssessmentRequest):
    """A park and a project that wants to enter it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"park": {"park_id": "p0123456789abcdef"}, "project": {"project_id": "j0123456789abcdef"}}]
        }
    )
    project: ProjectAsked
    search: bool = Field(
        True, strict=True, description="Where gates fail that a smaller inventory or another place may meet, seek it."
    )


class WhatIfRequest(AssessmentRequest):
    """A park and a change of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"park": {"park_id": "p0123456789abcdef"}, "scenario": {"name": "move", "move": {"T-101": [120, 80]}}}
            ]
        }
    )
    scenario: Annotated[
        Document,
        PlainValidator(_document),
        WithJsonSchema(
            {
                "type": "object",
                "title": "Scenario",
                "description": "Keys of a scenario file: name, remove, move, refill, substance, close, out_of_service, "
                "housing, add, set, weather.",
            }
        ),
    ]


class CascadeRequest(AssessmentRequest):
    """A park and the units in which a cascade begins."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"park": {"park_id": "p0123456789abcdef"}, "units": ["T-101"]}]}
    )
    units: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=1, max_length=100)


class SitingRequest(AssessmentRequest):
    """A park and a project whose place is sought."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"park": {"park_id": "p0123456789abcdef"}, "project": {"project_id": "j0123456789abcdef"}, "cells": 100}
            ]
        }
    )
    project: ProjectAsked
    cells: int = Field(200, strict=True, ge=1, le=2000, description="Cells along the longer side.")


class UncertaintyRequest(AssessmentRequest):
    """A park whose uncertain inputs are sampled, and a project, judged in the same samples."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"park": {"park_id": "p0123456789abcdef"}, "samples": 1024}]}
    )
    project: ProjectAsked | None = None
    samples: Literal[64, 128, 256, 512, 1024, 2048, 4096] = 1024
    inputs: list[Annotated[str, Field(min_length=1, max_length=100)]] | None = Field(
        None, min_length=1, max_length=50, description="Sample only these inputs; null: all."
    )


class ReportRequest(BaseModel):
    """What to print of a result."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"lang": "zh", "formats": ["pdf", "docx"]}]}
    )
    lang: Literal["zh", "en"] = "zh"
    formats: list[Literal["pdf", "docx", "xlsx", "gpkg", "svg", "png"]] = Field(
        ["pdf", "docx"], min_length=1, max_length=6, description="svg and png: the figures."
    )
