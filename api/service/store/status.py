"""How far something that was asked for has come."""

from enum import StrEnum


class Status(StrEnum):
    """The words of OGC API Processes."""

    accepted = "accepted"
    running = "running"
    successful = "successful"
    failed = "failed"
    dismissed = "dismissed"


#: What may still change by itself.
OPEN = (Status.accepted, Status.running)
