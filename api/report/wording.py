"""Words that several chapters share: the grade, states, numbers, who has to act, and what is still to be handed in."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from parkrisk.api.printed.terminal import GRADE_NAMES, STATUS_NAMES
from parkrisk.api.report.content import Callout
from parkrisk.api.report.material import Material
from parkrisk.api.report.tabulated import named
from parkrisk.risk.rules.facts import shipped_evidence, unit_labels_zh
from parkrisk.risk.rules.rulefile import quantities

__all__ = [
    "bound_to",
    "callout_of",
    "clause",
    "finding",
    "grade_words",
    "joined",
    "needed",
    "raised",
    "reference",
    "rows_of",
    "rule_value",
    "status_words",
    "value_of",
    "zones",
]

_BOUND = {
    "park": ("园区管理机构", "park administration"),
    "enterprise": ("企业", "enterprise"),
    "installation": ("装置所属企业", "enterprise of the installation"),
    "fire station": ("消防站", "fire station"),
    "park and city": ("园区和所在城市", "park and city"),
    "city and county": ("市县人民政府", "city and county"),
    "county government and above": ("县级以上人民政府", "county government and above"),
    "local government": ("地方人民政府", "local government"),
    "leagues and cities": ("盟市", "leagues and cities"),
    "natural-resources department": ("自然资源主管部门", "natural-resources department"),
    "province": ("省级主管部门", "province"),
    "region": ("自治区主管部门", "region"),
    "park block": ("园区区块", "park block"),
    "land user": ("用地单位", "land user"),
    "project": ("项目单位", "project"),
}
_KIND = {"pass": "good", "fail": "bad", "unknown": "unknown"}
_NEEDED = re.compile(r"(?P<table>[a-z_]+)(?:\.(?P<name>[^.\[\]]+))?(?:\[(?P<key>[^\]]*)\])?$")
_TABLES = {
    "targets": ("防护目标资料", "data of protection targets"),
    "population": ("人口分布资料", "where people are"),
    "response": ("应急力量资料", "data of emergency resources"),
    "units": ("设备资料", "data of equipment"),
}
_CLAUSE = re.compile(r"(?P<zh>.*?[一-鿿].*?) \((?P<en>.*)\)")
_POWER = re.compile(r"(\d(?:\.\d+)?)e([+-]?\d+)")
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_AGE = re.compile(r"not older than (\d+) years")


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table, each by its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def joined(material: Material, parts: Iterable[str]) -> str:
    """Parts of a list in one sentence."""
    return material.say("；", "; ").join(parts)


def clause(material: Material, text: str) -> str:
    """A clause in the language of the report; rulebooks give it as 第十九条 (art. 19)."""
    found = _CLAUSE.fullmatch(text)
    return text if found is None else material.say(found["zh"], found["en"])


def reference(material: Material, row: Mapping[str, Any]) -> str:
    """Instrument and clause of a rule."""
    return f"{row[f'instrument_{material.lang}']} {clause(material, row['clause'])}"


def finding(material: Material, row: Mapping[str, Any]) -> str:
    """What decided a rule, without the words that its title says already."""
    text = str(row[f"why_{material.lang}"])
    return raised(text.split(row[f"title_{material.lang}"], 1)[-1].lstrip("。. "))


def value_of(material: Material, row: Mapping[str, Any]) -> str:
    """What a rule found: the value that it compares; what decided it where it compares several or none."""
    return rule_value(material, row["value"], row["unit"]) if row["comparison"] else finding(material, row)


def raised(text: str) -> str:
    """Numbers such as 4.55e-07 in a text as 4.55×10⁻⁷."""
    return _POWER.sub(lambda found: f"{found[1]}×10{str(int(found[2])).translate(_SUPERSCRIPT)}", text)


def status_words(material: Material, status: str) -> str:
    """Pass, fail, unknown or not applicable in words."""
    return material.say(*STATUS_NAMES[status][:2])


def callout_of(status: str, title: str, text: str) -> Callout:
    """A message whose colour says pass, fail or unknown."""
    return Callout(_KIND[status], title, text)


def grade_words(material: Material) -> str:
    """The grade and the bounds that open items leave it."""
    grade = material.result.grade
    worst, best = grade.bounds
    if grade.settled:
        return _letter(material, worst)
    return material.say(
        f"{_letter(material, worst)}（现有证据支持的最差等级；未定项可使等级落在 {worst} 至 {best} 级之间）",
        f"{_letter(material, worst)} (the worst that the evidence leaves possible; open items leave {worst} to {best})",
    )


def _letter(material: Material, letter: str) -> str:
    chinese, english = GRADE_NAMES[letter]
    return material.say(f"{letter} 级（{chinese}）", f"{letter} ({english} safety risk)")


def zones(material: Material, names: Iterable[str]) -> str:
    """Zones of the F-N plane in words."""
    labels = quantities()["risk.societal_zone"].choices
    return " / ".join(material.say(*labels.get(name, (name, name))) for name in names)


def bound_to(material: Material, bound: str) -> str:
    """Who has to meet a rule."""
    return material.say(*_BOUND.get(bound, (bound, bound)))


def rule_value(material: Material, value: Any, unit: str = "") -> str:
    """Value or limit of a rule as it stands in the results, in words, with its unit; "" for none."""
    if value is None or value == "" or value != value:
        return ""
    shown = material.say(unit_labels_zh().get(unit, unit), unit) if unit not in ("", "1") else ""
    parts = value if isinstance(value, tuple | list) else re.split(r"(; | / |, |…)", str(value))
    words = "".join(_word(material, part) for part in parts) if isinstance(value, str) else _plain(material, value)
    return f"{words} {shown}".strip()


def _plain(material: Material, value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(_plain(material, part) for part in value)
    if isinstance(value, bool):
        return _word(material, "yes" if value else "no")
    return f"{value:.6g}" if isinstance(value, int | float) else _word(material, str(value))


def _word(material: Material, text: str) -> str:
    age = _AGE.fullmatch(text)
    if age is not None:
        return material.say(f"未超过 {age[1]} 年", text)
    return material.say(*_choices().get(text, (text, text)))


def _choices() -> Mapping[str, tuple[str, str]]:
    found = {"unknown": ("未知", "unknown"), "yes": ("是", "yes"), "no": ("否", "no")}
    found |= {"partial": ("部分符合", "partial"), "score": ("评分", "score")}
    found |= {"not_applicable": ("不适用", "not applicable")}
    for name in ("park.recognised", "park.grade", "risk.societal_zone", "park.accident_class"):
        found |= quantities()[name].choices
    return found


def needed(material: Material, missing: str) -> str:
    """What has to be handed in, from the name under which a rule or the grade misses it."""
    found = _NEEDED.match(missing.split(" [")[0])
    table, name, key = (found["table"], found["name"] or "", found["key"] or "") if found else (missing, "", "")
    what = {"answers": "answer", "indicators": "indicator"}.get(table)
    if what is not None:
        own = shipped_evidence().get((what, name)) or material.result.ruleset.evidence.get((what, name))
        label = name if own is None else material.say(own.label_zh, own.label_en)
        if what == "answer":
            return material.say(f"“{label}”的证明文件及日期", f'dated document on "{label}"')
        return material.say(f"指标“{label}”的数值", f'value of the figure "{label}"')
    if table == "targets" and name:
        target = named(material, "target", name)
        return material.say(f"防护目标 {target} 的类别", f"class of the protection target {target}")
    if table == "hazards":
        return material.say(f"单元 {key} 的重大危险源分级资料", f"data that grade the hazard unit {key}")
    if table == "events":
        which = f" {key}" if key else ""
        return material.say(f"未能计算的事件所缺资料{which}", f"data of events that could not be computed{which}")
    return material.say(*_TABLES.get(table, (missing, missing)))
