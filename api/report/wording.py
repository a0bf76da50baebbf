"""Words that several chapters share: the grade, states, numbers, who has to act, and what is still to be handed in."""

import csv
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from parkrisk.api.drawn.page import ten_to
from parkrisk.api.printed.terminal import GRADE_NAMES, STATUS_NAMES
from parkrisk.api.report.content import Callout
from parkrisk.api.report.material import Material
from parkrisk.api.report.tabulated import named
from parkrisk.risk.rules.facts import shipped_evidence, unit_labels_zh
from parkrisk.risk.rules.rulefile import quantities
from parkrisk.scenarios import schema

__all__ = [
    "bound_to",
    "callout_of",
    "cited",
    "clause",
    "finding",
    "grade_words",
    "joined",
    "limit_of",
    "needed",
    "raised",
    "reference",
    "rows_of",
    "rule_value",
    "settling",
    "source_words",
    "sourced",
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
_NEEDED = re.compile(r"(?P<table>[a-z0-9_]+)(?:\.(?P<name>[^.\[\]]+))?(?:\[(?P<key>[^\]]*)\])?$")
_OTHERS = {
    "hazards": ("重大危险源分级资料：单元", "data that grade the hazard unit"),
    "hazard_classes": ("危险性类别：物质", "hazard class of the substance"),
    "events": ("未能计算的事件所缺资料", "data of events that could not be computed"),
    "gb36894_societal": ("社会风险准则线终点的核实", "a check of where the lines of societal risk end"),
}
_MOST_ITEMS = 6  # a way to settle the grade with more is counted, not told
_CLAUSE = re.compile(r"(?P<zh>.*?[一-鿿、].*?) \((?P<en>.*)\)")
_POWER = re.compile(r"(\d(?:\.\d+)?)e([+-]?\d+)")
#: Number of a standard or of a document.
_NUMBER = re.compile(
    r"（[^（）]*〔\d+〕[^（）]*）$|((GB|AQ)(/T)?|建标|MEM|Construction standard) ?[\d-]+( No\. \d+)?$|\d{4} No\. \d+$"
)
_ASIDE = re.compile(r"（[^（）]*）$| \([^()]*\)$")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_AGE = re.compile(r"not older than (\d+) years")


class Speaker(Protocol):
    """Who says things in one language: the material of a park's report, or the report of a decision."""

    @property
    def lang(self) -> str:
        """Language, "zh" or "en"."""
        ...

    def say(self, chinese: str, english: str) -> str:
        """One of two texts."""
        ...


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table, each by its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def joined(material: Speaker, parts: Iterable[str]) -> str:
    """Parts of a list in one sentence."""
    return material.say("；", "; ").join(parts)


def clause(material: Speaker, text: str) -> str:
    """A clause in the language of the report; rulebooks give it as 第十九条 (art. 19)."""
    found = _CLAUSE.fullmatch(text)
    return text if found is None else material.say(found["zh"], found["en"])


def reference(material: Speaker, row: Mapping[str, Any]) -> str:
    """Instrument and clause of a rule."""
    return f"{row[f'instrument_{material.lang}']} {clause(material, row['clause'])}"


def cited(material: Speaker, row: Mapping[str, Any]) -> str:
    """Instrument and clause as they are cited in passing: by the number of the instrument, if it has one."""
    name = str(row[f"instrument_{material.lang}"])
    found = _NUMBER.search(name)
    short = found[0].strip("（）") if found else _ASIDE.sub("", name.removeprefix("中华人民共和国"))
    return f"{short} {clause(material, row['clause'])}"


def sourced(material: Speaker, text: str) -> str:
    """A source or a reason as the data files give it, in the language of the report, phrase by phrase."""
    if material.lang == "zh":
        for english, chinese in source_words().items():
            text = text.replace(english, chinese)
    return text


@functools.cache
def source_words() -> Mapping[str, str]:
    """Chinese wording of phrases of the sources, the longest phrase first: it may contain others."""
    with (Path(__file__).parent / "source_words.csv").open(encoding="utf-8", newline="") as lines:
        found = {row["en"]: row["zh"] for row in csv.DictReader(lines)}
    return {phrase: found[phrase] for phrase in sorted(found, key=len, reverse=True)}


def finding(material: Material, row: Mapping[str, Any]) -> str:
    """What decided a rule, without the words that its title says already and without the names of the documents."""
    text = str(row[f"why_{material.lang}"])
    for document in material.result.park.tables["answers"]["document"].dropna().unique():
        text = text.replace(material.say(f"（{document}）", f" ({document})"), "") if document else text
    return raised(text.split(row[f"title_{material.lang}"], 1)[-1].lstrip("。. "))


def value_of(material: Material, row: Mapping[str, Any]) -> str:
    """What a rule found: the value that it compares; what decided it where it compares several, none or a count."""
    if row["comparison"] and row["unit"] != "1":
        return rule_value(material, row["value"], row["unit"])
    return finding(material, row)


def limit_of(material: Speaker, row: Mapping[str, Any]) -> str:
    """What the value of a rule must be, in words; "" where it compares several values or none."""
    limit = rule_value(material, row["limit"], row["unit"])
    if not limit:
        return ""
    if row["comparison"] in ("in", "not_in"):
        among = material.say("、", ", ").join(limit.split(", "))
        return material.say("", "one of " if row["comparison"] == "in" else "none of ") + material.say(
            f"{'属于' if row['comparison'] == 'in' else '不属于'}：{among}", among
        )
    sign = {"<=": "≤ ", ">=": "≥ ", "<": "< ", ">": "> "}.get(str(row["comparison"]), "")
    return f"{sign}{limit}"


def raised(text: str) -> str:
    """Numbers such as 4.55e-07 in a text as 4.55×10⁻⁷."""
    return _POWER.sub(lambda found: f"{found[1]}×{ten_to(int(found[2]))}", text)


def status_words(material: Speaker, status: str) -> str:
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


def rule_value(material: Speaker, value: Any, unit: str = "") -> str:
    """Value or limit of a rule as it stands in the results, in words, with its unit; "" for none."""
    if value is None or value == "" or value != value:
        return ""
    shown = material.say(unit_labels_zh().get(unit, unit), unit) if unit not in ("", "1") else ""
    parts = value if isinstance(value, tuple | list) else re.split(r"(; | / |, |…)", str(value))
    words = "".join(_word(material, part) for part in parts) if isinstance(value, str) else _plain(material, value)
    return f"{words} {shown}".strip()


def _plain(material: Speaker, value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(_plain(material, part) for part in value)
    if isinstance(value, bool):
        return _word(material, "yes" if value else "no")
    return _number(value) if isinstance(value, int | float) else _word(material, str(value))


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def _word(material: Speaker, text: str) -> str:
    if _DECIMAL.fullmatch(text):
        return _number(float(text))
    age = _AGE.fullmatch(text)
    if age is not None:
        return material.say(f"未超过 {age[1]} 年", text)
    return material.say(*_choices().get(text, (text, text)))


def _choices() -> Mapping[str, tuple[str, str]]:
    found = {"unknown": ("未知", "unknown"), "yes": ("是", "yes"), "no": ("否", "no")}
    found |= {"partial": ("部分符合", "partial"), "score": ("评分", "score")}
    found |= {"not_applicable": ("不适用", "not applicable")}
    for each in quantities().values():
        found |= each.choices
    for name in ("park.recognised", "park.grade", "risk.societal_zone", "park.accident_class"):
        found |= quantities()[name].choices
    return found


def needed(material: Material, missing: str) -> str:
    """What has to be handed in, from the name under which a rule or the grade misses it."""
    found = _NEEDED.match(missing.split(" [")[0])
    table, name, key = (found["table"], found["name"] or "", found["key"] or "") if found else (missing, "", "")
    if table in ("answers", "indicators"):
        return _evidence_needed(material, {"answers": "answer", "indicators": "indicator"}[table], name, key)
    if table == "targets" and name:
        target = named(material, "target", name)
        return material.say(f"防护目标 {target} 的类别", f"class of the protection target {target}")
    if table in _OTHERS:
        return f"{material.say(*_OTHERS[table])} {key}".strip()
    known = schema.tables().get(table)
    if known is None:
        return missing
    whole = material.say(f"{known.label_zh}资料", f"data of {known.label_en.lower()}")
    column = known.columns.get(name)
    return (
        whole
        if column is None
        else f"{whole}{material.say('：', ': ')}{material.say(column.label_zh, column.label_en)}"
    )


def _evidence_needed(material: Material, what: str, name: str, key: str) -> str:
    """A document or a figure, of one hazard unit where it has a key."""
    own = material.result.ruleset.evidence
    given = next(
        (each[kind, name] for kind in (what, "answer") for each in (shipped_evidence(), own) if (kind, name) in each),
        None,
    )
    label = (name if given is None else material.say(given.label_zh, given.label_en)) + (f" [{key}]" if key else "")
    if what == "answer":
        return material.say(f"“{label}”的证明文件及日期", f'dated document on "{label}"')
    return material.say(f"指标“{label}”的数值", f'value of the figure "{label}"')


def settling(material: Material) -> str:
    """The fewest items that would settle the grade, none of them a trigger to be confirmed; "" where there is none."""
    ways = [way for way in material.result.grade.settled_by if way.confirmed is None]
    if not ways:
        return ""
    way = min(reversed(ways), key=lambda each: len(each.items))
    if len(way.items) <= _MOST_ITEMS:
        return way.sentence(material.lang)
    return material.say(
        f"须补齐 {len(way.items)} 项材料（见“园区安全风险等级”），现有材料远不足以定级",
        f"{len(way.items)} documents are needed (see the chapter on the grade): what was given is far from enough",
    )
