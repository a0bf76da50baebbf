"""What can go wrong with a computation, whatever is computed."""

from parkrisk.models.errors import ParkRiskError


class ComputeError(ParkRiskError):
    """The computation did not end; nothing is said about its input."""

    code = "compute.error"


class EngineFault(ComputeError):
    """A fault of the program ended the computation, and would again; the log says more."""

    code = "compute.fault"

    def __init__(self) -> None:
        super().__init__(
            "计算程序出现内部错误，详见服务日志",
            "a fault of the program ended the computation; see the log of the service",
        )


class EngineLost(ComputeError):
    """The process of the computation was lost; another attempt may succeed."""

    code = "compute.lost"

    def __init__(self) -> None:
        super().__init__(
            "计算过程意外终止，详见服务日志", "the computation ended unexpectedly; see the log of the service"
        )


class TooSlow(ComputeError):
    """The computation met its time limit."""

    code = "compute.too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"计算超过时限 {seconds:g} s", f"the computation took longer than its limit of {seconds:g} s")


class TooLarge(ComputeError):
    """The computation met its memory limit."""

    code = "compute.too_large"

    def __init__(self, memory_mb: int) -> None:
        super().__init__(
            f"计算所需内存超过上限 {memory_mb} MiB",
            f"the computation needs more memory than its limit of {memory_mb} MiB",
        )


class Cancelled(ComputeError):
    """The computation was called off."""

    code = "compute.cancelled"

    def __init__(self) -> None:
        super().__init__("计算已取消", "the computation was cancelled")


class Busy(ComputeError):
    """No engine became free within the time that a request may wait."""

    code = "compute.busy"

    def __init__(
        self,
        message_zh: str = "计算资源繁忙，请稍后再试",
        message_en: str = "all engines are busy; try again later",
    ) -> None:
        super().__init__(message_zh, message_en)


class Starting(Busy):
    """No engine has started yet."""

    code = "compute.starting"

    def __init__(self) -> None:
        super().__init__(
            "计算引擎正在启动，请稍后再试；首次启动须编译模型，约需数分钟",
            "the engines are starting; try again later: the first start compiles the models, which takes some minutes",
        )


class ResultChanged(ComputeError):
    """The program of today gives another result than the one that was stored."""

    code = "compute.result_changed"

    def __init__(self) -> None:
        super().__init__(
            "程序或规则已更新，重算结果与已存结果不同；请重新提交计算",
            "the program or its rules have changed, and the result is another one now; ask the question anew",
        )
