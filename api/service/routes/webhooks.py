"""Webhooks of a tenant: made, listed, tried and deleted by its admins."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from parkrisk.api.service.identity.caller import Administrator, Caller
from parkrisk.api.service.outbound import Outbound
from parkrisk.api.service.routes.answers import PageDep, json_answer, page_answer
from parkrisk.api.service.routes.json_bodies import JsonRoute
from parkrisk.api.service.service import ServiceDep
from parkrisk.api.service.store import audit, webhooks
from parkrisk.api.service.store.rows import Page
from parkrisk.api.service.webhooks import Event, new_secret, tell

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=JsonRoute)


class Wanted(BaseModel):
    """A webhook to be made."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        max_length=2000, description="https; a public address, or one in a network that the service allows"
    )
    events: list[Event] = Field(min_length=1, max_length=len(Event), description="What it is told")


EXAMPLE = {"url": "https://approval.example.org/parkrisk", "events": ["gate.decided", "job.failed"]}


@router.post("", status_code=201, summary="Make a webhook", response_class=Response)
def create(service: ServiceDep, caller: Administrator, wanted: Annotated[Wanted, Body(examples=[EXAMPLE])]) -> Response:
    """Answer with the webhook; its signing secret is shown this once. A ping follows."""
    Outbound.of(service.settings).checked(wanted.url)
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
        audit.append(connection, caller.tenant, _entry(caller, "webhook.create", made.id))
    return json_answer(made._asdict(), 201, {"Location": f"/v1/webhooks/{made.id}/deliveries"})


@router.get("", summary="List the webhooks", response_class=Response)
def list_all(request: Request, service: ServiceDep, caller: Administrator, page: PageDep) -> Response:
    """List the webhooks, without their secrets. One that is not active failed for days, or answered 410."""
    with service.store.reading() as connection:
        found = webhooks.list_webhooks(connection, caller.tenant, limit=page.limit, cursor=page.cursor)
    return _page(request, found)


@router.post("/{webhook_id}/ping", status_code=202, summary="Send a ping", response_class=Response)
def ping(service: ServiceDep, caller: Administrator, webhook_id: str) -> Response:
    """Send a ping to an active webhook; how it went stands among its deliveries."""
    with service.store.begin() as connection:
        webhooks.get_webhook(connection, caller.tenant, webhook_id)
        told = tell(connection, caller.tenant, Event.ping, {"webhook_id": webhook_id}, only=webhook_id)
    return json_answer({"deliveries": told}, 202, {"Location": f"/v1/webhooks/{webhook_id}/deliveries"})


@router.delete("/{webhook_id}", status_code=204, summary="Delete a webhook", response_class=Response)
def delete(service: ServiceDep, caller: Administrator, webhook_id: str) -> Response:
    """Delete a webhook and what waits for it."""
    with service.store.begin() as connection:
        webhooks.delete_webhook(connection, caller.tenant, webhook_id)
        audit.append(connection, caller.tenant, _entry(caller, "webhook.delete", webhook_id))
    return Response(status_code=204)


@router.get("/{webhook_id}/deliveries", summary="List the deliveries", response_class=Response)
def deliveries(
    request: Request, service: ServiceDep, caller: Administrator, webhook_id: str, page: PageDep
) -> Response:
    """List what a webhook was told: pending, delivered or failed; attempts, last answer, next attempt."""
    with service.store.reading() as connection:
        webhooks.get_webhook(connection, caller.tenant, webhook_id)
        found = webhooks.list_deliveries(connection, caller.tenant, webhook_id, limit=page.limit, cursor=page.cursor)
    return _page(request, found)


def _page(request: Request, found: Page[Any]) -> Response:
    items = [{name: value for name, value in row._asdict().items() if name != "secret"} for row in found.items]
    return page_answer(request, items, found.next)


def _entry(caller: Caller, did: str, webhook_id: str) -> dict[str, str]:
    return {"who": caller.name, "did": did, "webhook": webhook_id}
