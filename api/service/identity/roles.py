"""Roles and what each may do, as data."""

from collections.abc import Mapping
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


#: ASK: what-if, cascade, siting, risk at a point, trace, assessment, trial of a project.
#: WRITE: parks, versions, projects. REPORT: makes reports. DECIDE: a gate decision that counts. ADMINISTER: keys,
#: webhooks, audit.
MATRIX: Mapping[Role, frozenset[Permission]] = {
    Role.READER: frozenset({Permission.READ}),
    Role.OFFICER: frozenset({Permission.READ, Permission.ASK}),
    Role.ASSESSOR: frozenset({Permission.READ, Permission.ASK, Permission.WRITE, Permission.REPORT}),
    Role.APPROVER: frozenset({Permission.READ, Permission.ASK, Permission.DECIDE}),
    Role.ADMIN: frozenset(Permission),
}
