"""What stands on the cover of a report."""

from parkrisk.api.report.content import Callout
from parkrisk.risk.result import Assessment

__all__ = ["cover", "demonstration_notices"]


def cover(result: Assessment, lang: str) -> tuple[tuple[str, str], ...]:
    """What identifies a report: park, data, rules, program, digest of the results; the annexes have the others."""
    park, made, rules = result.park, result.provenance, result.ruleset
    zh = lang == "zh"
    return (
        ("园区" if zh else "park", park.name),
        ("园区代码" if zh else "code", park.code),
        ("数据日期" if zh else "date of the data", str(park.date)),
        ("规则集" if zh else "rule set", f"{rules.title_zh}，{rules.id}" if zh else f"{rules.title_en} ({rules.id})"),
        ("规则适用日期" if zh else "rules as in force on", str(made["rules_date"])),
        ("编制工具" if zh else "prepared with", f"{made['engine']} {made['version']}"),
        ("结果摘要值" if zh else "digest of the results", made["result_digest"]),
    )


def demonstration_notices(result: Assessment, lang: str) -> tuple[Callout, ...]:
    """The notice of a demonstration park, in its own words where it has some."""
    info = result.park.info
    if info["demonstration"] != "yes":
        return ()
    zh = lang == "zh"
    words = "数据为假定，不代表任何真实园区。" if zh else "The data are assumed and describe no real park."
    return (Callout("note", "示范数据" if zh else "Demonstration data", info.get(f"notice_{lang}") or words),)
