"""The report of a decision on a project: verdict, conditions, before and after, every rule, and who signs."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from parkrisk.api.drawn import decision as figures
from parkrisk.api.printed.decision import CONDITION_KINDS, EFFECTS, SIDES, margin_text
from parkrisk.api.printed.terminal import STATUS_NAMES, VERDICT_NAMES, pick
from parkrisk.api.report.assumed import gathered
from parkrisk.api.report.before_after import STATUS_KINDS, before_after
from parkrisk.api.report.content import (
    Block,
    Bullets,
    Callout,
    Cell,
    Chapter,
    Document,
    Facts,
    Paragraph,
    Table,
)
from parkrisk.api.report.front import demonstration_notices
from parkrisk.api.report.printers import FORMATS, print_document
from parkrisk.api.report.wording import cited, joined, raised, rule_value
from parkrisk.risk.entry.gate import Decision
from parkrisk.risk.rules.facts import shipped_evidence

__all__ = ["document_of", "write_gate_report"]

_VERDICT_KINDS = {"admit": "good", "admit_with_conditions": "note", "refuse": "bad", "undecided": "unknown"}


def write_gate_report(
    decision: Decision, folder: str | Path, lang: str = "zh", formats: Collection[str] = tuple(FORMATS)
) -> list[Path]:
    """Write ``gate_report.docx`` and ``gate_report.pdf`` into a folder, with the figure ``before_after``.

    Parameters
    ----------
    decision : Decision
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en".
    formats : collection of str
        Of "pdf" and "docx".

    Raises
    ------
    MissingFont
        A printer or a font is not installed.
    """
    target = Path(folder)
    figures.save(decision, target / "figures", lang)
    return print_document(document_of(decision, target / "figures", lang), target, "gate_report", formats)


def document_of(decision: Decision, drawn: Path, lang: str) -> Document:
    """The report as a document; ``drawn`` is the folder of its figure."""
    report = _Report(decision, drawn, lang)
    say = report.say
    park, project, made = decision.before.park, decision.project, decision.provenance
    verdict = say(*VERDICT_NAMES[decision.verdict][:2])
    return Document(
        lang=lang,
        title=say("项目入园准入评审报告", "Entry review of a project"),
        subtitle=project.name,
        cover=(
            (say("项目", "project"), f"{project.name} ({project.code})"),
            (say("园区", "park"), f"{park.name} ({park.code})"),
            (say("园区数据日期", "date of the park's data"), str(park.date)),
            (say("规则集与适用日期", "rule set and its day"), f"{made['rules']} · {made['rules_date']}"),
        ),
        summary=(),
        chapters=report.chapters(),
        running_head=f"{park.name} · {project.name} · {say('入园准入评审', 'entry review')}",
        dated=park.date,
        notices=(
            Callout(
                _VERDICT_KINDS[decision.verdict],
                say(f"准入判定：{verdict}", f"Verdict: {verdict}"),
                report._plain(decision.explanation_zh if lang == "zh" else decision.explanation_en),
            ),
            *demonstration_notices(decision.before, lang),
        ),
        short=True,
    )


class _Report:
    """Chapters of one decision in one language."""

    def __init__(self, decision: Decision, drawn: Path, lang: str) -> None:
        self.decision, self.drawn, self.lang = decision, drawn, lang
        self.content: Mapping[str, Any] = decision.to_dict()

    def say(self, chinese: str, english: str) -> str:
        """One of two texts."""
        return pick(self.lang, chinese, english)

    def chapters(self) -> tuple[Chapter, ...]:
        """All of them."""
        say = self.say
        return (
            Chapter(say("判定理由", "Reasons"), tuple(self._reasons())),
            Chapter(say("条件与须补充的材料", "Conditions, and what is missing"), tuple(self._conditions())),
            Chapter(
                say("无项目与有项目", "Without and with the project"),
                sections=before_after(self.decision, self.drawn, self.lang),
            ),
            Chapter(say("逐条判定", "Rule by rule"), tuple(self._rules())),
            Chapter(say("假定与未经核实的数值", "Assumptions and unverified numbers"), tuple(self._assumed())),
            Chapter(say("可追溯信息", "Provenance"), (self._provenance(),)),
            Chapter(say("评审意见与签字", "Opinions and signatures"), self._signatures()),
        )

    def _reasons(self) -> Iterator[Block]:
        rules = self.content["rules"]
        curable = [rule for rule in rules if rule["status"] == "fail" and rule["effect"] == "condition"]
        binding = [rule for rule in rules if rule["effect"] in ("refuse", "undecided")]
        if binding:
            binding.sort(key=lambda rule: EFFECTS.index(rule["effect"]))
            yield Bullets(tuple(self._why(rule) for rule in binding))
        else:
            yield Paragraph(
                self.say("没有否决性条款不符合或缺少证明。", "No gate is failed, and none waits for evidence.")
            )
        if curable:
            yield Paragraph(
                self.say(
                    f"{len(curable)} 条条款按申报方案不符合，须以下一章的条件消除：",
                    f"As applied for, {len(curable)} rules are not met; the conditions of the next chapter cure them:",
                )
            )
            yield Bullets(
                tuple(f"{cited(self, rule)}{self.say('：', ': ')}{rule[f'title_{self.lang}']}" for rule in curable)
            )
        counts = {name: sum(rule["status"] == name for rule in rules) for name in STATUS_KINDS}
        told = "，" if self.lang == "zh" else ", "
        yield Paragraph(
            self.say(f"共判定 {len(rules)} 条：", f"Rules judged: {len(rules)}; ")
            + told.join(f"{self._status(name)} {count}" for name, count in counts.items())
            + self.say("。未知不作为通过。", ". Unknown never counts as a pass.")
        )

    def _why(self, rule: Mapping[str, Any]) -> str:
        return f"{cited(self, rule)}{self.say('：', ': ')}{raised(rule[f'why_{self.lang}'])}"

    def _plain(self, text: str) -> str:
        """A text without the ids of rules behind what they ask for."""
        for rule in self.content["rules"]:
            text = text.replace(f"（{rule['id']}）", "").replace(f" ({rule['id']})", "")
        return text

    def _cited(self, ids: Iterable[str]) -> str:
        """Rules as they are cited in passing, each once."""
        rules = {rule["id"]: rule for rule in self.content["rules"]}
        return joined(self, dict.fromkeys(cited(self, rules[each]) for each in ids))

    def _status(self, name: str) -> str:
        return self.say(*STATUS_NAMES[name][:2])

    def _conditions(self) -> Iterator[Block]:
        say, conditions, missing = self.say, self.content["conditions"], self.content["missing"]
        shown = [each for each in conditions if each["kind"] != "evidence"]
        if shown:
            yield Table(
                say("准入条件", "Conditions of entry"),
                (
                    say("序号", "no."),
                    say("类别", "kind"),
                    say("条件及其复算证明", "condition, and the run that proves it"),
                ),
                tuple(
                    (str(number), say(*CONDITION_KINDS[each["kind"]]), self._condition(each))
                    for number, each in enumerate(shown, start=1)
                ),
                "cll",
                (0.5, 0.9, 6.0),
                note=say(
                    "位置与存量类条件满足其一即可，其余均须满足。",
                    "Of the conditions on place and inventory one suffices, of the others each must be met.",
                ),
            )
        papers = len(conditions) - len(shown)
        if papers:
            yield Paragraph(
                say(
                    f"另有 {papers} 条条款须补充证明材料，所需材料见下表，条款见逐条判定。",
                    f"{papers} rules ask for evidence as a condition; see the table below, and the rules after it.",
                )
            )
        if not conditions:
            yield Paragraph(say("没有附加条件。", "There are no conditions."))
        for each in self.content["search"]["not_found"]:
            yield Paragraph(each[f"reason_{self.lang}"], small=True)
        if missing:
            yield Table(
                say("缺少的材料", "What is missing"),
                (say("材料", "what"), say("提供方", "given by"), say("作用", "effect"), say("涉及条款", "rules")),
                tuple(
                    (
                        self._label(each),
                        say(*SIDES[each["given_by"]]),
                        Cell(say("判定所需", "verdict waits for it"), "unknown")
                        if each["decides"]
                        else say("条件", "condition"),
                        self._cited(each["rules"]),
                    )
                    for each in missing
                ),
                "llll",
                (3.2, 1.0, 1.4, 3.4),
            )
        else:
            yield Paragraph(say("没有缺少的材料。", "Nothing is missing."))

    def _label(self, each: Mapping[str, Any]) -> str:
        """What is missing; a figure of one unit by the label of the figure."""
        label = str(each[f"label_{self.lang}"])
        name, bracket, unit = label.partition("[")
        given = next((one for (_, known), one in shipped_evidence().items() if known == name.strip()), None)
        if not bracket or given is None:
            return label
        return self.say(f"{given.label_zh}（{unit.rstrip(']')}）", f"{given.label_en} ({unit.rstrip(']')})")

    def _condition(self, each: Mapping[str, Any]) -> str:
        text = str(each[f"text_{self.lang}"])
        if not each["proven_by"]:
            return text
        digest = self.say("复算结果摘要值", "digest of the run")
        return f"{text}\n{margin_text(each['numbers'], self.lang)}\n{digest} {each['proven_by']}"

    def _rules(self) -> Iterator[Block]:
        say, rules = self.say, self.content["rules"]
        order = ("fail", "unknown")
        open_ = [rule for rule in rules if rule["status"] in order]
        open_.sort(key=lambda rule: (EFFECTS.index(rule["effect"]), order.index(rule["status"])))
        if open_:
            yield Table(
                say("不符合或无法判定的条款", "Rules not met or not shown to be met"),
                (
                    say("判定", "status"),
                    say("条款", "clause"),
                    say("说明", "why"),
                ),
                tuple(
                    (
                        Cell(self._status(rule["status"]), STATUS_KINDS[rule["status"]]),
                        cited(self, rule) + self._doubt(rule),
                        raised(rule[f"why_{self.lang}"]),
                    )
                    for rule in open_
                ),
                "lll",
                (1.2, 2.8, 5.2),
            )
        passed = [rule for rule in rules if rule["status"] == "pass"]
        if passed:
            yield Table(
                say("符合的条款", "Rules that are met"),
                (say("要求", "what it asks"), say("条款", "clause"), say("取值", "value")),
                tuple(
                    (
                        rule[f"title_{self.lang}"],
                        cited(self, rule) + self._doubt(rule),
                        Cell(self._measured(rule, "value") if rule["comparison"] else self._status("pass"), "good"),
                    )
                    for rule in passed
                ),
                "lll",
                (3.4, 3.8, 1.4),
            )
        beside = [rule["id"] for rule in rules if rule["status"] == "not_applicable"]
        if beside:
            yield Paragraph(say("不适用的条款：", "Rules that do not apply: ") + self._cited(beside), small=True)

    def _doubt(self, rule: Mapping[str, Any]) -> str:
        return self.say("（未经核实）", " (unverified)") if rule["unverified"] else ""

    def _measured(self, rule: Mapping[str, Any], name: str) -> str:
        return rule_value(self, rule[name], rule["unit"]) or "–"

    def _assumed(self) -> Iterator[Block]:
        say, before = self.say, set(self.decision.before.assumptions["code"])
        table = self.decision.after.assumptions
        unverified, added = table["mark"] == "M", ~table["code"].isin(before)
        parts = (
            (say("未经核实的数值", "Unverified numbers"), table[unverified]),
            (say("项目新增的其他假定", "Other assumptions that the project adds"), table[added & ~unverified]),
        )
        for label, own in parts:
            told = [
                f"{row['text']} ({row['count']})" if row["count"] > 1 else row["text"]
                for row in gathered(own, self).to_dict("records")
            ]
            text = joined(self, told) or say("无", "none")
            yield Paragraph(f"{label}{say('（括号内为处数）：', ' (number of places): ')}{text}{say('。', '.')}")
        rest = int((~unverified & ~added).sum())
        yield Paragraph(
            say(
                f"其余 {rest} 项假定与园区评估相同，见园区评估报告的附录。",
                f"The other {rest} assumptions are those of the park's own assessment; see the annexes of its report.",
            ),
            small=True,
        )
        doubtful = [
            rule[f"instrument_{self.lang}"]
            for rule in self.content["rules"]
            if rule["unverified"] and rule["status"] != "not_applicable"
        ]
        if doubtful:
            yield Callout(
                "unknown",
                say("未经核实的规则数值", "Unverified numbers in rules"),
                say(
                    "下列文件中的条款（括号内为条数）未与正式文本核对，使用前须核实：",
                    "Rules of these instruments (number) were not checked with the official text; do so before use: ",
                )
                + joined(self, (f"{name} ({count})" for name, count in Counter(doubtful).items())),
            )

    def _provenance(self) -> Facts:
        say, made = self.say, self.decision.provenance
        labels: Sequence[tuple[str, str, str]] = (
            ("version", "引擎版本", "engine version"),
            ("seed", "随机种子", "seed"),
            ("rules", "规则集", "rule set"),
            ("rules_date", "规则适用日期", "rules as in force on"),
            ("rules_digest", "规则摘要值", "digest of the rules"),
            ("settings_digest", "设置摘要值", "digest of the settings"),
            ("park_digest", "园区数据摘要值", "digest of the park"),
            ("project_digest", "项目数据摘要值", "digest of the project"),
            ("result_digest", "判定结果摘要值", "digest of the decision"),
        )
        rows = [(say(zh, en), str(made[name])) for name, zh, en in labels]
        for result, zh, en in (
            (self.decision.before, "无项目评估结果摘要值", "digest of the assessment without"),
            (self.decision.after, "有项目评估结果摘要值", "digest of the assessment with"),
        ):
            rows.append((say(zh, en), str(result.provenance["result_digest"])))
        return Facts(tuple(rows))

    def _signatures(self) -> tuple[Block, ...]:
        say = self.say
        roles = (
            ("评审组长", "chair of the panel"),
            ("评审专家", "expert"),
            ("评审专家", "expert"),
            ("园区管理机构", "administration of the park"),
            ("申报单位", "applicant"),
        )
        note = say(
            "本报告为计算与规则核对的结果，供评审使用，不替代评审意见和行政许可。",
            "This report gives the results of computation and of rules; it replaces neither the panel nor a permit.",
        )
        return (
            Table(
                say("评审签字", "Signatures"),
                (
                    say("角色", "role"),
                    say("姓名", "name"),
                    say("意见", "opinion"),
                    say("签字", "signature"),
                    say("日期", "date"),
                ),
                tuple((say(*role), "\n\n", "", "", "") for role in roles),
                "lllll",
                (1.3, 1.0, 2.6, 1.2, 1.0),
                note=note,
            ),
        )
