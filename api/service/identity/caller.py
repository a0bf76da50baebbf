"""The caller of a route, and what the route asks of it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from parkrisk.api.service.identity.roles import Caller, Permission
from parkrisk.api.service.observing.logs import remember
from parkrisk.api.service.refusals import Forbidden, Unauthenticated
from parkrisk.api.service.service import ServiceDep

__all__ = ["Administrator", "Asker", "Caller", "Needs", "Reader", "Reporter", "Writer", "caller_of", "needs"]


_bearer = HTTPBearer(scheme_name="bearer", description="API key or token. 密钥或令牌", auto_error=False)
_basic = HTTPBasic(scheme_name="basic", description="The key as password, any name. 以密钥为口令", auto_error=False)


async def caller_of(
    request: Request,
    service: ServiceDep,
    by_bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    by_basic: Annotated[HTTPBasicCredentials | None, Depends(_basic)],
) -> Caller:
    """Return who asks; refuse one who is not known.

    A key that was seen a moment ago needs no thread of its own, which would wait for its turn beside those that work.
    """
    text = by_bearer.credentials if by_bearer is not None else by_basic.password if by_basic is not None else ""
    caller = service.keys.remembered(text) or await run_in_threadpool(service.keys.caller, text)
    if caller is None and by_bearer is not None:
        caller = await run_in_threadpool(service.tokens.caller, text)
    if caller is None:
        service.rates.by_address(request.client.host if request.client else "")
        # A script of a page has a form of its own.
        raise Unauthenticated(basic=request.headers.get("sec-fetch-dest") != "empty")
    remember(tenant=caller.tenant, caller=caller.key_id or caller.name)
    request.state.headers.update(service.rates.by_key(caller.key_id or f"{caller.tenant} {caller.name}"))
    return caller


@dataclass(frozen=True)
class Needs:
    """Dependency of a route: a caller with a permission."""

    permission: Permission

    async def __call__(self, caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        """Return the caller; refuse one whose role does not allow it."""
        if self.permission not in caller.permissions:
            raise Forbidden(
                f"角色 {caller.role} 没有权限 {self.permission}", f"the role {caller.role} may not {self.permission}"
            )
        return caller


def needs(permission: Permission) -> Needs:
    """Return the dependency that gives a caller with the permission."""
    return Needs(permission)


#: The caller of a route, by what the route asks of it.
Reader = Annotated[Caller, Depends(needs(Permission.READ))]
Asker = Annotated[Caller, Depends(needs(Permission.ASK))]
Writer = Annotated[Caller, Depends(needs(Permission.WRITE))]
Reporter = Annotated[Caller, Depends(needs(Permission.REPORT))]
Administrator = Annotated[Caller, Depends(needs(Permission.ADMINISTER))]
