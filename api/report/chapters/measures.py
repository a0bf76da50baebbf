"""Chapter 12: what must be put right, what should be done, what to do in the long run; each with its reason."""

from collections.abc import Sequence

from parkrisk.api.report.actions import Action, evidence_to_give, in_the_long_run, must, on_escalations, on_sources
from parkrisk.api.report.content import Block, Callout, Chapter, Paragraph, Section, Table
from parkrisk.api.report.material import Material


def chapter(material: Material) -> Chapter:
    """Measures in their order."""
    say = material.say
    return Chapter(
        say("对策措施", "Measures"),
        (
            Paragraph(
                say(
                    "“效果”取自评估结果：升级路径、评分项为其全部贡献；风险源为其自身事件的全部贡献，由它引发的其他设备"
                    "事故计在那些设备上，未计入。实际效果须按改造后的参数重新评估。规则未给出期限的，由园区确定整改期限。",
                    "The effect is taken from the results: all that an escalation or a scored item contributes, and of "
                    "a source all that its own events do; what they set off at other units counts there. What a "
                    "measure really brings needs an assessment of the changed park. "
                    "Where the rule gives no deadline, the park sets one.",
                )
            ),
        ),
        (
            Section(
                say("必须整改", "Must be done"),
                _table(material, must(material), say("必须整改的事项", "What must be done"), "M")
                or (
                    Callout(
                        "note",
                        say("没有必须整改的事项", "Nothing must be done"),
                        say(
                            "已知资料中没有不符合的规则或超限的目标；未知项见下节。",
                            "No rule is failed and no limit exceeded by what is known; for what is unknown see below.",
                        ),
                    ),
                ),
            ),
            Section(say("应当落实", "Should be done"), _should(material)),
            Section(
                say("长期措施", "In the long run"),
                _table(material, in_the_long_run(material), say("长期措施", "Measures in the long run"), "L")
                or (Paragraph(say("无。", "None.")),),
            ),
        ),
    )


def _should(material: Material) -> tuple[Block, ...]:
    say = material.say
    parts = (
        (on_sources(material), say("针对主要风险源", "On the main sources"), "S"),
        (on_escalations(material), say("针对跨企业多米诺升级", "On escalations between enterprises"), "D"),
        (evidence_to_give(material), say("补齐资料以确定等级和判定", "Evidence that decides the grade and rules"), "E"),
    )
    return tuple(
        block
        for actions, caption, letter in parts
        for block in _table(material, actions, caption, letter)
        or (Paragraph(say(f"{caption}：无可列内容。", f"{caption}: nothing to list."), small=True),)
    )


def _table(material: Material, actions: Sequence[Action], caption: str, letter: str) -> tuple[Block, ...]:
    if not actions:
        return ()
    say = material.say
    header = (
        say("序号", "no."),
        say("措施", "measure"),
        say("原因", "why"),
        say("效果", "effect"),
        say("依据", "basis"),
        say("责任方", "who"),
    )
    rows = [
        (f"{letter}{number}", each.measure, each.why, each.effect, each.basis, each.who)
        for number, each in enumerate(actions, 1)
    ]
    widths = (0.6, 2.8, 2.9, 2.0, 2.2, 1.4)
    return (Table(caption, header, tuple(rows), "c" + "l" * 5, widths),)
