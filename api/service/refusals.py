"""Why the service itself refuses a request: each kind has its status in ``errors.STATUS_OF_ERROR``."""

from collections.abc import Mapping

from parkrisk.models.errors import ParkRiskError


class Refusal(ParkRiskError):
    """A request that is refused; ``headers`` go with the answer."""

    headers: Mapping[str, str] = {}


class Unauthenticated(Refusal):
    """Who asks is not known; ``basic``: whether a browser may show its own form for name and password."""

    code = "http.unauthenticated"

    def __init__(self, *, basic: bool = True) -> None:
        super().__init__(
            "需要有效的密钥或令牌：Authorization: Bearer …，或以密钥为口令的 Basic",
            "a valid key or token is needed: Authorization: Bearer …, or Basic with the key as password",
        )
        by_basic = ', Basic realm="parkrisk", charset="UTF-8"' if basic else ""
        self.headers = {"WWW-Authenticate": f'Bearer realm="parkrisk"{by_basic}'}


class Forbidden(Refusal):
    """The role of the caller does not allow it."""

    code = "http.forbidden"


class NotFound(Refusal):
    """There is no such thing, or it is of another tenant."""

    code = "http.not_found"

    def __init__(self, thing_zh: str = "此资源", thing_en: str = "resource") -> None:
        super().__init__(f"没有{thing_zh}", f"no such {thing_en}")


class NotJson(Refusal):
    """The body is no JSON, or JSON of which nobody knows what it means."""

    code = "http.not_json"

    def __init__(self) -> None:
        super().__init__(
            "请求体不是可用的 JSON 对象：语法有误、同一对象中键重复、嵌套过深、整数长达数千位，或含不成对的代理字符",
            "the body is no usable JSON object: broken, a key twice in one object, nested too deep, an integer of "
            "thousands of digits, or half a surrogate pair",
        )


class BadQuery(Refusal):
    """A parameter of the address cannot be used."""

    code = "http.bad_parameter"


class BeyondLimits(Refusal):
    """More is asked for than this server takes on."""

    code = "http.beyond_limits"


class Conflict(Refusal):
    """What is there already contradicts the request."""

    code = "http.conflict"


class PreconditionFailed(Refusal):
    """The thing has changed since the caller saw it."""

    code = "http.precondition_failed"

    def __init__(self) -> None:
        super().__init__("资源已变化，请重新读取", "it has changed since; read it again")


class UnsupportedMedia(Refusal):
    """The body is of a kind that the route does not read."""

    code = "http.unsupported_media"


class TooManyRequests(Refusal):
    """The caller asks too often."""

    code = "http.too_many_requests"

    def __init__(self, seconds: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"请求过于频繁，请在 {seconds} 秒后重试", f"too many requests; try again in {seconds} s")
        self.headers = {**headers, "Retry-After": str(seconds)}


class Busy(Refusal):
    """Nothing is free for the request now."""

    code = "http.busy"
    headers: Mapping[str, str] = {"Retry-After": "2"}

    def __init__(self) -> None:
        super().__init__("计算资源繁忙，请稍后重试", "all places are taken; try again soon")


class NotReady(Refusal):
    """The service cannot work yet, or no longer."""

    code = "http.not_ready"
