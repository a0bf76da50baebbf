"""Values, comparisons and tests in Chinese and English words."""

from collections.abc import Callable, Sequence

from parkrisk.risk.rules.conditions import Branch, Leaf, Test, quantities
from parkrisk.risk.rules.facts import Evidence, Value, show, unit_labels_zh

COMPARISON_WORDS = {
    "<": ("应小于", "should be below"),
    "<=": ("应不大于", "should be at most"),
    ">": ("应大于", "should be above"),
    ">=": ("应不小于", "should be at least"),
    "is": ("应为", "should be"),
    "in": ("应为其一：", "should be one of"),
    "not_in": ("不应为", "should be none of"),
}
_ASKED_WORDS = {
    "<": ("小于", "below"),
    "<=": ("不大于", "at most"),
    ">": ("大于", "above"),
    ">=": ("不小于", "at least"),
    "is": ("为", "is"),
    "in": ("属于：", "is one of"),
    "not_in": ("不属于：", "is none of"),
}
STATUS_WORDS = {
    "pass": ("符合", "met"),
    "fail": ("不符合", "not met"),
    "unknown": ("无法判定", "undecided"),
    "not_applicable": ("不适用", "not applicable"),
}

#: Who gives an item and what it is called.
About = Callable[[str, str], Evidence]


def value_words(test: Leaf, values: Sequence[Value], joint: str) -> tuple[str, str]:
    """Values in Chinese and English words, with their unit; no value: unknown."""
    if not values:
        return "未知", "unknown"
    unit_en = "" if test.unit in ("", "1") else f" {test.unit}"
    unit_zh = f" {unit_labels_zh().get(test.unit, test.unit)}".rstrip()
    labels = {"yes": ("是", "yes"), "no": ("否", "no")}
    if test.what == "quantity":
        labels |= quantities()[test.name].choices
    if test.what == "rule":
        labels = STATUS_WORDS
    distinct = list(dict.fromkeys(show(value) for value in values))
    pairs = [labels.get(text, (text, text)) for text in distinct]
    return joint.join(zh for zh, _ in pairs) + unit_zh, joint.join(en for _, en in pairs) + unit_en


def describe(test: Test, about: About) -> tuple[str, str]:
    """A test as a sentence in Chinese and English.

    Parameters
    ----------
    test : Test
    about : callable of (what, item)
        Labels of evidence and indicators, such as ``Facts.about``.
    """
    if isinstance(test, Branch):
        joint = (" 且 ", " and ") if test.how == "all" else (" 或 ", " or ")
        pairs = [describe(part, about) for part in test.parts]
        wrapped = [
            (f"（{zh}）", f"({en})") if isinstance(part, Branch) else (zh, en)
            for part, (zh, en) in zip(test.parts, pairs, strict=True)
        ]
        return joint[0].join(zh for zh, _ in wrapped), joint[1].join(en for _, en in wrapped)
    limits = test.limit if isinstance(test.limit, tuple) else () if test.limit is None else (test.limit,)
    asked = value_words(test, limits, " / ")
    if test.what == "evidence":
        item = about("answer", test.name)
        age = test.max_age_years
        age_zh, age_en = (f"，未超过 {age} 年", f", not older than {age} years") if age else ("", "")
        return f"有依据表明：{item.label_zh}{age_zh}", f"evidence of: {item.label_en}{age_en}"
    if test.what == "rule":
        return f"规则 {test.name} 的结论为 {asked[0]}", f"rule {test.name} is {asked[1]}"
    if test.what == "quantity":
        label = quantities()[test.name].label_zh, quantities()[test.name].label_en
    else:
        named = about("indicator", test.name)
        label = named.label_zh, named.label_en
    if test.limit_indicator:
        other = about("indicator", test.limit_indicator)
        asked = other.label_zh, other.label_en
    words = _ASKED_WORDS[test.comparison]
    return f"{label[0]} {words[0]} {asked[0]}", f"{label[1]} {words[1]} {asked[1]}"
