"""What a caller is told when a request cannot be served: each kind with its status, code and message."""

from typing import Any

from parkrisk.models.errors import ParkRiskError


class Refusal(ParkRiskError):
    """A request that is refused; ``status`` is that of the answer, ``more`` goes into the problem beside the message."""

    status = 400

    def __init__(self, message_zh: str, message_en: str, **more: Any) -> None:
        super().__init__(message_zh, message_en)
        self.more = more


class NotFound(Refusal):
    """Nothing of that name belongs to the caller's tenant."""

    status = 404
    code = "http.not_found"

    def __init__(self, what_zh: str = "资源", what_en: str = "resource") -> None:
        super().__init__(f"没有此{what_zh}", f"there is no such {what_en}")


class BadQuery(Refusal):
    """A parameter of the address cannot be used."""

    status = 422
    code = "http.bad_parameter"


class Conflict(Refusal):
    """The resource is not in a state that allows this."""

    status = 409
    code = "http.conflict"


class NotAsBefore(Refusal):
    """If-Match names another state than the present one."""

    status = 412
    code = "http.precondition_failed"

    def __init__(self) -> None:
        super().__init__("资源已被更改", "the resource has changed since")


class KeyUsedOtherwise(Refusal):
    """The idempotency key belongs to another request."""

    status = 422
    code = "http.idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("该 Idempotency-Key 已用于另一请求", "this Idempotency-Key was used with another request")


class StillAnswering(Refusal):
    """The first request with the idempotency key has no answer yet."""

    status = 409
    code = "http.idempotency_key_in_progress"

    def __init__(self) -> None:
        super().__init__(
            "使用该 Idempotency-Key 的请求仍在处理", "the request with this Idempotency-Key is being answered"
        )


class BeyondLimits(Refusal):
    """More is asked for than this server takes on."""

    status = 422
    code = "http.beyond_limits"
