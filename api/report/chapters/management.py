"""Chapter 9: what the evidence says of the management of the park; what was not given is unknown."""

from collections.abc import Mapping

from parkrisk.api.report.content import Block, Bullets, Chapter, Paragraph, Section
from parkrisk.api.report.material import Material
from parkrisk.api.report.proof import Proof, proof_table, proofs

#: Topic in Chinese and English → items of evidence that speak of it.
_TOPICS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("管理机构与人员", "Institution and staffing"): (
        "safety-body-and-staff",
        "supervisors-meet-requirement",
        "expert-pool-and-inspections",
        "training-base",
        "safety-publicity",
        "integrated-safety-management",
        "hidden-danger-01-absent",
        "hidden-danger-02-absent",
        "hidden-danger-16-absent",
    ),
    ("项目准入与退出", "Entry and exit of projects"): (
        "prohibited-restricted-controlled-list",
        "entry-assessment-system",
        "exit-mechanism",
        "transferred-project-control",
        "control-line-projects-controlled",
        "project-monitoring",
    ),
    ("封闭化管理与运输", "Closed management and transport"): (
        "closed-management",
        "dynamic-monitoring",
        "hazchem-parking",
        "no-residents-inside",
    ),
    ("双重预防机制", "Dual prevention"): (
        "enterprises-risk-graded",
        "major-hazards-identified",
        "major-hazards-filed",
        "major-hazard-responsibility",
        "joint-hidden-danger-mechanism",
        "facility-inspections",
        "no-larger-accident",
        "hidden-danger-17-absent",
        "hidden-danger-18-absent",
    ),
    ("信息化平台与监测预警", "Platform, monitoring and early warning"): (
        "smart-platform",
        "monitoring-data-linked",
        "enterprises-monitoring-linked",
        "underground-gallery-monitored",
        "smart-park-full-coverage",
    ),
    ("公用工程与三废", "Public works and waste"): (
        "water-supply",
        "dual-power",
        "heat-gallery-and-roads",
        "pipe-gallery",
        "central-wastewater-treatment",
        "visible-sewage-pipes-and-outfall",
        "hazardous-waste-handled",
        "pollution-supervision",
    ),
    ("规划、认定与定期评估", "Plans, recognition and regular assessment"): (
        "recognition-files-complete",
        "recognition-reviewed",
        "territorial-plan",
        "boundary-published",
        "control-line",
        "planning-eia",
        "overall-assessment",
        "grade-assessed-by-province",
    ),
}


def chapter(material: Material) -> Chapter:
    """Management of the park by what was handed in."""
    say, known = material.say, proofs(material)
    every = [known[item] for items in _TOPICS.values() for item in items if item in known]
    return Chapter(
        say("安全管理", "Safety management"),
        (
            Paragraph(
                say(
                    "本章只依据提交的证明材料，不作现场核查结论；未提交材料的内容记为未知，不视为符合。",
                    "This chapter rests on the documents handed in, not on an inspection; what no document was given "
                    "for is unknown and does not count as met.",
                )
            ),
            Paragraph(_counts(material, every)),
        ),
        tuple(
            Section(say(*topic), proof_table(material, items, say(*topic)))
            for topic, items in _TOPICS.items()
            if any(item in known for item in items)
        ),
    )


def _counts(material: Material, every: list[Proof]) -> str:
    count = {status: sum(proof.status == status for proof in every) for status in ("pass", "fail", "unknown")}
    return material.say(
        f"适用规则共要求 {len(every)} 项管理内容：符合 {count['pass']} 项，不符合或部分符合 {count['fail']} 项，"
        f"未知 {count['unknown']} 项。",
        f"The rules in force ask for {len(every)} items of management: {count['pass']} met, {count['fail']} not or "
        f"only partly met, {count['unknown']} unknown.",
    )


def open_items(material: Material, found: list[Proof]) -> tuple[Block, ...]:
    """The documents that unknown items still need, as a list; nothing where nothing is unknown."""
    needs = [
        material.say(
            f"未知：{proof.label_zh}——需提交证明文件及其日期",
            f"unknown: {proof.label_en} - hand in a dated document",
        )
        for proof in found
        if proof.answer.answer == "unknown"
    ]
    return (Bullets(tuple(needs)),) if needs else ()
