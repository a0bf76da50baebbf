"""Roles and what each may do, as data; a caller has one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a route asks of its caller."""

    READ = "read"
    ASK = "ask"
    WRITE = "write"
    REPORT = "report"
    DECIDE = "decide"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What a caller is."""

    READER = "reader"
    OFFICER = "officer"
    ASSESSOR = "assessor"
    APPROVER = "approver"
    ADMIN = "admin"


#: ASK: what-if, cascade, siting, uncertainty, risk at a point, trace, assessment, trial of a project.
#: WRITE: parks, versions, projects. REPORT: makes reports. DECIDE: a gate decision that counts. ADMINISTER: keys,
#: webhooks, audit.
MATRIX: Mapping[Role, frozenset[Permission]] = {
    Role.READER: frozenset({Permission.READ}),
    Role.OFFICER: frozenset({Permission.READ, Permission.ASK, Permission.REPORT}),
    Role.ASSESSOR: frozenset({Permission.READ, Permission.ASK, Permission.WRITE, Permission.REPORT}),
    Role.APPROVER: frozenset({Permission.READ, Permission.ASK, Permission.REPORT, Permission.DECIDE}),
    Role.ADMIN: frozenset(Permission),
}


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


def role_named(name: object) -> Role | None:
    """Return the role of that name; None: there is none, and nothing is allowed."""
    return next((role for role in Role if role.value == name), None)
