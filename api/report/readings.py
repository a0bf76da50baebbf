"""Settings of a run in words: where losses and frequencies are from, how the time to failure is read."""

from parkrisk.api.report.material import Material

__all__ = ["failure_words", "loss_set_name"]

_LOSS_SETS = {"aqt3046": "AQ/T 3046-2013"}
_FAILURE = ("受热设备是否失效由其失效时间与应急响应时间比较", "time to failure against the time of response")


def loss_set_name(loss_set: str) -> str:
    """The standard that a set of losses and frequencies is of."""
    return _LOSS_SETS.get(loss_set, loss_set)


def failure_words(material: Material) -> str:
    """How the time to failure of a heated unit is read."""
    mode = str(material.result.domino.method["time_to_failure_mode"])
    if mode == "response_times":
        return material.say(*_FAILURE)
    unit, constant = mode.split("_")
    return material.say(
        f"受热失效概率按文献概率式（常数 {constant}，时间以 {'min' if unit == 'minutes' else 's'} 计）",
        f"published probit with the constant {constant}, time in {unit}",
    )
