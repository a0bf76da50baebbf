"""Routes of identity: who am I, and the keys of a tenant."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Administrator, Reader
from parkrisk.api.service.identity.keys import new_key
from parkrisk.api.service.identity.roles import Role
from parkrisk.api.service.routes.answers import PageDep, json_answer, page_answer
from parkrisk.api.service.routes.json_bodies import JsonRoute
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store import audit, keys
from parkrisk.api.service.store.tables import time_text

router = APIRouter(prefix="/v1", tags=["identity"], route_class=JsonRoute)


def _printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("the name holds signs that cannot be printed")
    return name


def _to_come(expires: datetime) -> datetime:
    if expires.year >= 9999 or expires <= datetime.now(UTC):
        raise ValueError("the time is past, or too far off")
    return expires


class KeyRequest(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "QGIS 值班室", "role": "reader", "expires": "2030-01-01T00:00:00Z"}]},
    )
    name: Annotated[str, AfterValidator(_printable)] = Field(min_length=1, max_length=200, description="Whose it is.")
    role: Role
    expires: Annotated[AwareDatetime, AfterValidator(_to_come)] | None = Field(None, description="Null: never.")


def _shown(key: keys.Key) -> dict[str, str | None]:
    return {name: value for name, value in key._asdict().items() if name not in ("secret_hash", "tenant")}


@router.get("/me", summary="Who am I", response_class=Response)
def me(caller: Reader) -> Response:
    """Answer with tenant, name, role and permissions of the caller."""
    content = {"tenant": caller.tenant, "name": caller.name, "role": caller.role}
    return json_answer({**content, "permissions": sorted(caller.permissions)})


@router.post("/keys", summary="Make a key", status_code=201, response_class=Response)
def create_key(request: KeyRequest, service: ServiceDep, caller: Administrator) -> Response:
    """Answer with the key; its secret is shown this once, and so no answer is kept under an Idempotency-Key."""
    made = new_key()
    expires = None if request.expires is None else time_text(request.expires)
    with service.store.begin() as connection:
        key = keys.create_key(
            connection,
            caller.tenant,
            made.id,
            role=request.role,
            name=request.name,
            secret_hash=made.secret_hash,
            expires=expires,
            created_by=caller.name,
        )
        entry = {"who": caller.name, "did": "key.create", "key": key.id, "role": key.role, "name": key.name}
        audit.append(connection, caller.tenant, entry)
    return json_answer({**_shown(key), "key": made.text}, 201)


@router.get("/keys", summary="List keys", response_class=Response)
def list_keys(request: Request, service: ServiceDep, caller: Administrator, page: PageDep) -> Response:
    """Answer with the keys of the tenant, revoked ones too, newest first."""
    with service.store.reading() as connection:
        found = keys.list_keys(connection, caller.tenant, limit=page.limit, cursor=page.cursor)
    return page_answer(request, [_shown(key) for key in found.items], found.next)


@router.delete("/keys/{key_id}", summary="Revoke a key", response_class=Response)
def revoke_key(key_id: str, service: ServiceDep, caller: Administrator) -> Response:
    """End a key for good; it is refused within seconds."""
    with service.store.begin() as connection:
        before = keys.get_key(connection, caller.tenant, key_id)
        key = keys.revoke_key(connection, caller.tenant, key_id)
        if before.revoked is None:
            audit.append(connection, caller.tenant, {"who": caller.name, "did": "key.revoke", "key": key.id})
    service.keys.forget(key.id)
    return json_answer(_shown(key))
