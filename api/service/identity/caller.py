"""The caller of a route, and what the route asks of it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer

from parkrisk.api.service.identity.roles import MATRIX, Permission, Role
from parkrisk.api.service.refusals import Forbidden, Unauthenticated
from parkrisk.api.service.service import ServiceDep

bearer = HTTPBearer(scheme_name="bearer", description="API key or token. 密钥或令牌", auto_error=False)
basic = HTTPBasic(scheme_name="basic", description="The key as password. 以密钥为口令", auto_error=False)


@dataclass(frozen=True)
class Caller:
    """Who asks; ``key_id`` is None for one with a token of an identity provider."""

    tenant: str
    name: str
    role: Role
    key_id: str | None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the caller may do."""
        return MATRIX[self.role]


def caller_of(
    request: Request,
    service: ServiceDep,
    by_bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    by_basic: Annotated[HTTPBasicCredentials | None, Depends(basic)],
) -> Caller:
    """Return who asks; refuse one who is not known."""
    del request, service, by_bearer, by_basic
    raise Unauthenticated


@dataclass(frozen=True)
class Needs:
    """Dependency of a route: a caller with a permission."""

    permission: Permission

    def __call__(self, caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        """Return the caller; refuse one whose role does not allow it."""
        if self.permission not in caller.permissions:
            raise Forbidden(
                f"角色 {caller.role} 没有权限 {self.permission}", f"the role {caller.role} may not {self.permission}"
            )
        return caller


def needs(permission: Permission) -> Needs:
    """Return the dependency that gives a caller with the permission."""
    return Needs(permission)
