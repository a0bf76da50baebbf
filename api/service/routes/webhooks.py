"""Webhooks of a tenant: made, listed, tried and deleted by its admins."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Caller, needs
from parkrisk.api.service.identity.roles import Permission
from parkrisk.api.service.outbound import Outbound
from parkrisk.api.service.routes.answers import KeyDep, canonical, json_answer, once, sha256
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store import audit, webhooks
from parkrisk.api.service.store.rows import Page
from parkrisk.api.service.webhooks import Event, new_secret, tell

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

Admin = Annotated[Caller, Depends(needs(Permission.ADMINISTER))]
Limit = Annotated[int, Query(ge=1, le=1000, description="Items at most.")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")]


class Wanted(BaseModel):
    """A webhook to be made."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        max_length=2000, description="https; a public address, or one in a network that the service allows"
    )
    events: list[Event] = Field(min_length=1, max_length=len(Event), description="What it is told")


EXAMPLE = {"url": "https://approval.example.org/parkrisk", "events": ["gate.decided", "job.failed"]}


@router.post("", status_code=201)
def create(
    service: ServiceDep, caller: Admin, wanted: Annotated[Wanted, Body(examples=[EXAMPLE])], key: KeyDep = None
) -> Response:
    """Make a webhook. Its signing secret is in this answer and in no other; a ping follows."""
    Outbound.of(service.settings).checked(wanted.url)
    asked = sha256(canonical(wanted.model_dump(mode="json")))
    with once(service.store, caller, key, "POST /v1/webhooks", asked) as request:
        if request.earlier is not None:
            return request.earlier
        with service.store.begin() as connection:
            made = webhooks.create_webhook(
                connection,
                caller.tenant,
                url=wanted.url,
                secret=new_secret(),
                events=wanted.events,
                created_by=caller.name,
            )
            tell(connection, caller.tenant, Event.ping, {"webhook_id": made.id}, only=made.id)
            answer = json_answer(made._asdict(), 201, {"Location": f"/v1/webhooks/{made.id}/deliveries"})
            answer = request.keep(connection, answer)
            audit.append(connection, caller.tenant, _line(caller, "webhook.created", made.id))
    return answer


@router.get("")
def list_all(
    request: Request, service: ServiceDep, caller: Admin, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """List the webhooks, without their secrets. One that is not active failed for days, or answered 410."""
    with service.store.reading() as connection:
        return _page(request, webhooks.list_webhooks(connection, caller.tenant, limit=limit, cursor=cursor))


@router.post("/{webhook_id}/ping", status_code=202)
def ping(service: ServiceDep, caller: Admin, webhook_id: str) -> Response:
    """Send a ping to an active webhook; how it went stands among its deliveries."""
    with service.store.begin() as connection:
        webhooks.get_webhook(connection, caller.tenant, webhook_id)
        told = tell(connection, caller.tenant, Event.ping, {"webhook_id": webhook_id}, only=webhook_id)
    return json_answer({"deliveries": told}, 202, {"Location": f"/v1/webhooks/{webhook_id}/deliveries"})


@router.delete("/{webhook_id}", status_code=204)
def delete(service: ServiceDep, caller: Admin, webhook_id: str) -> Response:
    """Delete a webhook and what waits for it."""
    with service.store.begin() as connection:
        webhooks.delete_webhook(connection, caller.tenant, webhook_id)
        audit.append(connection, caller.tenant, _line(caller, "webhook.deleted", webhook_id))
    return Response(status_code=204)


@router.get("/{webhook_id}/deliveries")
def deliveries(
    request: Request,
    service: ServiceDep,
    caller: Admin,
    webhook_id: str,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """List what a webhook was told: pending, delivered or failed; attempts, last answer, next attempt."""
    with service.store.reading() as connection:
        webhooks.get_webhook(connection, caller.tenant, webhook_id)
        page = webhooks.list_deliveries(connection, caller.tenant, webhook_id, limit=limit, cursor=cursor)
        return _page(request, page)


def _page(request: Request, page: Page[Any]) -> Response:
    items = [{name: value for name, value in row._asdict().items() if name != "secret"} for row in page.items]
    following = request.url.include_query_params(cursor=page.next)
    headers = {"Link": f'<{following}>; rel="next"'} if page.next else {}
    return json_answer({"items": items, "next": page.next}, headers=headers)


def _line(caller: Caller, what: str, webhook_id: str) -> dict[str, str]:
    return {"what": what, "who": caller.name, "role": caller.role, "webhook_id": webhook_id}
