"""Chapters 8 to 14 and the summary: they build from whatever is there, say what the result says, and nothing else."""

import dataclasses
import datetime as dt
import functools
import importlib
import re

import numpy as np
import pytest

from parkrisk.api.printed.terminal import GRADE_NAMES
from parkrisk.api.report import actions, verdict
from parkrisk.api.report.chapters import summary
from parkrisk.api.report.content import Bullets, Callout, Cell, Facts, Figure, Paragraph, Table
from parkrisk.api.report.material import Material
from parkrisk.api.report.proof import proofs
from parkrisk.risk.assess import assess
from parkrisk.risk.capacity.stages import safety_capacity
from parkrisk.risk.distances.external import external_distances
from parkrisk.risk.grading.admission import admission
from parkrisk.risk.rules.findings import anniversary
from tests import large_park
from tests.minimal_park import COARSE, changed, coarse, park

LANGUAGES = ("zh", "en")
CHAPTERS = ("capacity", "management", "emergency", "grade", "measures", "conclusion", "annexes")
SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
TOKEN = re.compile(r"(\d(?:\.\d+)?)×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(\d+\.\d) %|(\d+(?:\.\d+)?)")


def material_of(result, lang):
    """What the chapters draw on."""
    return Material(result, external_distances(result), safety_capacity(result), {}, lang)


def with_result(material, **changes):
    """The same with other tables of the result."""
    return dataclasses.replace(material, result=dataclasses.replace(material.result, **changes))


def blocks_of(material):
    """Every block of the chapters and of the summary."""
    yield from summary.summary(material)
    for name in CHAPTERS:
        chapter = importlib.import_module(f"parkrisk.api.report.chapters.{name}").chapter(material)
        assert chapter.title
        yield from chapter.blocks
        for section in chapter.sections:
            assert section.title
            assert section.blocks, f"{name}: {section.title} is empty"
            yield from section.blocks


def texts_of(block):
    """Every text that a block prints."""
    if isinstance(block, Paragraph):
        return [block.text]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Callout):
        return [block.title, block.text]
    if isinstance(block, Facts):
        return [text for pair in block.rows for text in pair]
    if isinstance(block, Figure):
        return [block.caption, block.note]
    assert isinstance(block, Table)
    cells = [cell.text if isinstance(cell, Cell) else cell for line in block.rows for cell in line]
    return [block.caption, block.note, *block.header, *cells]


def check_texts(material):
    """No hole in any text, no table without rows, no empty list."""
    for block in blocks_of(material):
        if isinstance(block, Table):
            assert block.rows, block.caption
        if isinstance(block, Bullets):
            assert block.items
        for text in texts_of(block):
            assert isinstance(text, str)
            assert not re.search(r"\bnan\b|None|[{}]|<NA>|\bNaT\b|Timestamp|\(\)|（）", text), text
            assert not re.search(r"\de[-+]\d", text), text


def names_in(material):
    """Words of the results that hold digits and are no numbers: names, ids, titles, clauses."""
    result = material.result
    found = set()
    for frame in (result.sources, result.targets, result.rules, result.grade.items, result.grade.triggers):
        for column in frame:
            if column not in ("value", "limit", "why_zh", "why_en"):
                found |= {value for value in frame[column].tolist() if isinstance(value, str)}
    for table in ("enterprises", "units", "targets"):
        for column in ("enterprise_id", "name", "unit_id", "target_id"):
            if column in result.park.tables[table]:
                found |= set(result.park.tables[table][column])
    for rule in result.ruleset.rules:
        clauses = re.fullmatch(r"(.*) \((.*)\)", rule.clause)
        found |= {rule.title_zh, rule.title_en, rule.instrument_zh, rule.instrument_en, rule.clause}
        found |= set() if clauses is None else set(clauses.groups())
    found |= {text for proof in proofs(material).values() for text in (proof.label_zh, proof.label_en)}
    found |= {proof.answer.document for proof in proofs(material).values()}
    found |= {result.park.info[f"notice_{lang}"] for lang in LANGUAGES}
    found |= {*result.grade.reasons_zh, *result.grade.reasons_en}
    return sorted(
        (text for text in found if re.search(r"\d", text) and re.search(r"[^\W\d_]", text)), key=len, reverse=True
    )


def values_in(material):
    """Numbers that a summary may print, straight from the tables, and the few sums and counts of them."""
    result, grade = material.result, material.result.grade
    top = result.sources.nlargest(5, "pll")
    crossing = result.domino.cross_enterprise
    pairs = (crossing if len(crossing) else result.domino.pairs).head(1)
    found = [result.pll, result.societal.pll_without_domino, *grade.score_bounds]
    found += [
        value
        for frame, columns in (
            (top, ("pll", "pll_share")),
            (result.targets, ("individual_risk", "limit", "ratio", "top_share")),
            (pairs, ("frequency", "probability", "direct_probability", "time_min")),
            (grade.aspects, ("score_low", "max_score", "open")),
            (material.capacity.stages, ("remaining",)),
            (material.distances.installations, ("risk", "risk_limit")),
        )
        for column in columns
        if column in frame
        for value in frame[column]
    ]
    found.append(top["pll_share"].sum())
    worst = result.fn.loc[(result.fn["F"] / result.fn["upper"]).idxmax()] if len(result.fn) else None
    found += [] if worst is None else [round(worst["N"]), worst["F"], worst["F"] / worst["upper"]]
    found += list(1.0 - top["pll_without_domino"] / top["pll"])
    for way in grade.settled_by:
        found.append(len(way.items))
        found += [way.at_least, *(() if way.below is None else (way.below,))]
    # The pair that a measure acts on first may be another than the most frequent one.
    ranked = result.domino.enterprises.query("cross_enterprise").nlargest(1, "frequency")
    if len(ranked):
        first = crossing.merge(ranked[["from_enterprise", "to_enterprise"]]).head(1)
        found += [*first["probability"], *first["direct_probability"], *first["time_min"]]
    binding = result.rules[result.rules["severity"].isin(["gate", "duty"])]
    counts = [len(result.targets), len(admission(result.ruleset, grade, result.park))]
    counts += [0, *binding["status"].value_counts()]
    counts += list(result.targets["status"].value_counts())
    counts.append(int((result.rules["unverified"] & result.rules["status"].isin(["pass", "fail"])).sum()))
    counts += [len(actions.must(material)), len(actions.evidence_to_give(material))]
    counts += [len(result.events.not_computed)]
    return [float(value) for value in (*found, *counts) if np.isfinite(float(value))]


def unknown_numbers(text, names, values):
    """Numbers in a text that are none of the values at that rounding."""
    for name in names:
        text = text.replace(name, " ")
    text = re.sub(r"\b[A-Z]\d+\b|F-N|\d{4}-\d\d-\d\d", " ", text)
    missing = []
    for found in TOKEN.finditer(text):
        mantissa, power, share, plain = found.groups()
        if mantissa is not None:
            digits = len(mantissa.partition(".")[2])
            wanted = f"{mantissa}e{int(power.translate(SUPERSCRIPT)):+03d}"
            known = any(f"{value:.{digits}e}" == wanted for value in values)
        elif share is not None:
            known = any(f"{100.0 * value:.1f}" == share for value in values)
        else:
            known = any(plain in (f"{value:.4g}", f"{value:.3g}") for value in values)
        if not known:
            missing.append(found.group())
    return missing


def summary_text(material):
    """Everything that the summary prints."""
    return "\n".join(text for block in summary.summary(material) for text in texts_of(block))


def check_summary(material):
    """Every number of the summary stands in the results; and the check would notice one that does not."""
    text = summary_text(material)
    names, values = names_in(material), values_in(material)
    assert unknown_numbers(text, names, values) == []
    assert unknown_numbers(text + " 9.87×10⁻³ 98.7 % 8765", names, values) == ["9.87×10⁻³", "98.7 %", "8765"]


def verdict_of(material):
    """Kind of the verdict in the summary, and its title."""
    said = verdict.verdict(material)
    assert said in summary.summary(material)
    return said.kind, said.title


@pytest.mark.parametrize("lang", LANGUAGES)
def test_chapters_and_summary_of_the_minimal_park(lang):
    """Everything builds, has no holes, and the summary says nothing but the results."""
    material = material_of(coarse(), lang)
    check_texts(material)
    check_summary(material)


@pytest.mark.slow
def test_chapters_and_summary_of_the_large_park():
    """The same of a park with many enterprises and cascades, in both languages."""
    for lang in LANGUAGES:
        material = material_of(large_park.coarse(), lang)
        check_texts(material)
        check_summary(material)


def test_the_summary_answers_the_five_questions():
    """Grade, why, worst target, sources, what to do first: as the tables have them."""
    result = coarse()
    material = material_of(result, "zh")
    blocks = summary.summary(material)
    facts = {label: text for block in blocks if isinstance(block, Facts) for label, text in block.rows}
    worst, best = result.grade.bounds
    assert facts["园区安全风险等级"].startswith(f"{worst} 级（{GRADE_NAMES[worst][0]}）")
    assert f"{worst} 至 {best} 级" in facts["园区安全风险等级"]
    lost = (result.grade.aspects["max_score"] - result.grade.aspects["score_low"]).astype(float)
    assert result.grade.aspects["aspect_zh"][lost.idxmax()] in facts["决定因素"]
    nearest = result.targets.loc[(result.targets["individual_risk"] / result.targets["limit"]).idxmax()]
    assert nearest["name"] in facts["最不利防护目标"]
    (sources,) = (block for block in blocks if isinstance(block, Table))
    order = result.sources.sort_values("pll", ascending=False)
    assert [line[0] for line in sources.rows] == [
        name for name, pll in zip(order["name"], order["pll"], strict=True) if pll
    ][:5]
    first = next(block for block in blocks if isinstance(block, Bullets) and block.numbered)
    assert first.items


def test_of_a_grade_that_is_open_every_bound_is_said():
    """Both letters stand in the English text, too; what would settle it is that of the grade."""
    material = material_of(coarse(), "en")
    text = summary_text(material)
    assert "C (general safety risk)" in text
    assert "leave C to D" in text
    (way,) = (way for way in material.result.grade.settled_by if way.letter == "D")
    assert way.sentence("en") in text


def _targets(status, ratio):
    targets = coarse().targets
    return targets.assign(status=status, ratio=ratio, individual_risk=targets["limit"] * ratio)


@pytest.mark.parametrize(
    ("status", "ratio", "kind", "title"),
    [
        ("pass", 0.5, "note", "风险未超限值，附条件"),
        ("fail", 2.0, "bad", "总体风险不可接受"),
        ("unknown", np.nan, "unknown", "尚不能认定总体风险可接受"),
        (["pass", "unknown", "pass"], 0.5, "unknown", "尚不能认定总体风险可接受"),
        (["fail", "unknown", "pass"], 2.0, "bad", "总体风险不可接受"),
    ],
)
def test_the_verdict_follows_the_targets(status, ratio, kind, title):
    """Acceptable only where every target passes: unknown never is."""
    material = with_result(material_of(coarse(), "zh"), targets=_targets(status, ratio))
    assert verdict_of(material) == (kind, title)


def test_a_park_with_nothing_open_is_acceptable():
    """With every rule met the verdict is good where societal risk is low; not where it has to be reduced."""
    result = coarse()
    rules = result.rules.assign(status="pass")
    low = result.fn.assign(zone="acceptable")
    material = with_result(material_of(result, "zh"), rules=rules, fn=low)
    assert verdict_of(material) == ("good", "总体风险可接受")
    reduced = with_result(material, fn=result.fn.assign(zone="alarp"))
    assert verdict_of(reduced) == ("note", "风险未超限值，附条件")
    assert "尽可能降低区" in verdict.verdict(reduced).text
    failing = rules.assign(status=["fail", *rules["status"][1:]])
    assert verdict_of(with_result(material, rules=failing))[0] == "note"


def test_societal_risk_above_the_upper_line_is_not_acceptable():
    """And it stands among what must be done."""
    fn = coarse().fn
    material = with_result(material_of(coarse(), "zh"), fn=fn.assign(F=2.0 * fn["upper"], zone="unacceptable"))
    assert verdict_of(material)[0] == "bad"
    assert actions.must(material)[0].measure == "将社会风险降出不可接受区"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_target_over_its_limit_comes_first(lang):
    """The worst one first, with the largest effect that its first source can have."""
    targets = _targets("fail", [2.0, 8.0, 4.0])
    material = with_result(material_of(coarse(), lang), targets=targets)
    found = actions.must(material)[:3]
    assert [next(name for name in targets["name"] if name in each.measure) for each in found] == [
        targets["name"][place] for place in (1, 2, 0)
    ]
    worst = targets.iloc[1]
    assert f"{worst['individual_risk'] * worst['top_share']:.2e}".split("e")[0] in found[0].effect
    check_texts(material)


@functools.cache
def _bare():
    """A park that says where its equipment is and little else."""
    missing = ("targets", "response", "answers", "population", "barriers", "indicators", "ignition")

    def strip(document):
        for name in missing:
            document.pop(name, None)
        document["park"].pop("boundary", None)
        document["park"]["recognised"] = "unknown"

    return assess(changed(strip), settings=COARSE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_park_without_tables_is_unknown_and_never_acceptable(lang):
    """Without targets, people, stations, barriers and answers nothing is good."""
    material = material_of(_bare(), lang)
    check_texts(material)
    check_summary(material)
    assert verdict_of(material)[0] == "unknown"
    first = next(block for block in summary.summary(material) if isinstance(block, Bullets) and block.numbered)
    assert {"zh": "防护目标清单、人口分布", "en": "the protection targets, where people"}[lang] in first.items[0]
    asked = " ".join(each.measure for each in actions.evidence_to_give(material))
    assert not re.search(r"[a-z0-9]+\.[a-z]|_", asked)
    said = [block for block in blocks_of(material) if isinstance(block, Callout)]
    assert not [block.title for block in said if block.kind == "good"]
    assert {"unknown"} == {proof.status for proof in proofs(material).values()} - {"not_applicable"}
    assert verdict.entry(material).kind == "unknown"
    table = admission(material.result.ruleset, material.result.grade, material.result.park)
    assert set(table["status"]) == {"unknown"}


def test_what_an_item_brings_is_what_the_grade_gains_by_it():
    """The effect at most of an open item: answered yes, the sure score rises by just that, and no rule gets worse."""
    before = coarse()
    material = material_of(before, "en")
    (give,) = (each for each in actions.evidence_to_give(material) if "exit mechanism" in each.measure)
    said = float(re.search(r"at most ([\d.]+) points", give.effect)[1])

    def added(document):
        document["answers"] = [each for each in document["answers"] if each["item"] != "exit-mechanism"]
        document["answers"].append({"rulebook": "*", "item": "exit-mechanism", "answer": "yes"})

    after = assess(changed(added), settings=COARSE, previous=before)
    assert after.grade.score - before.grade.score == pytest.approx(said)


@pytest.mark.parametrize(
    ("letters", "recognised", "stop", "recognition"),
    [
        (("A", "A"), "yes", "fail", "pass"),
        (("B", "B"), "yes", "fail", "pass"),
        (("B", "C"), "yes", "unknown", "pass"),
        (("C", "D"), "yes", "pass", "pass"),
        (("C", "D"), "no", "pass", "fail"),
        (("D", "D"), "unknown", "pass", "unknown"),
    ],
)
def test_entry_by_grade_and_recognition(letters, recognised, stop, recognition):
    """A and B parks stop new projects; an unrecognised park takes none; open stays open."""
    result = coarse()
    grade = dataclasses.replace(result.grade, letter=letters[0], bounds=letters)
    other = changed(lambda document: document["park"].update(recognised=recognised))
    table = admission(result.ruleset, grade, other).set_index("rule_id")["status"]
    assert table["guide-23-stop"] == stop
    assert table["220-recognised"] == recognition
    assert "guide-19-stop" not in table.index  # no longer in force
    order = [("fail", "unknown", "pass").index(status) for status in table]
    assert order == sorted(order)


def test_the_next_assessment_is_three_years_after_the_date_of_the_park():
    """Hazardous Chemicals Safety Law, article 19: at least every three years."""
    assert park().date == dt.date(2026, 11, 1)
    law = next(each for each in verdict.renewals(material_of(coarse(), "zh")) if "第十九条" in each.clause)
    assert (law.years, law.until) == (3, dt.date(2029, 11, 1))
    assert anniversary(dt.date(2024, 2, 29), 3) == dt.date(2027, 3, 1)
    assert anniversary(dt.date(2024, 2, 29), 4) == dt.date(2028, 2, 29)


def test_the_audit_has_every_rule_and_no_deadline_is_invented():
    """As many rows as rules; what must be done has no date of its own."""
    from parkrisk.api.report.chapters import grade, measures

    result = coarse()
    rules = result.rules.assign(status=result.rules["status"].replace({"pass": "fail", "unknown": "fail"}))
    material = with_result(material_of(result, "zh"), rules=rules)
    audit = [block for block in grade.chapter(material).sections[-1].blocks if isinstance(block, Table)][1:]
    lines = sorted(((table.caption, *line) for table in audit for line in table.rows), key=lambda line: int(line[1]))
    assert [int(line[1]) for line in lines] == list(range(1, len(rules) + 1))
    assert [line[0] for line in lines] == rules["instrument_zh"].tolist()
    assert [line[3] for line in lines] == rules["title_zh"].tolist()
    (must,) = measures.chapter(material).sections[0].blocks
    assert must.header[-1] == "责任方"
    assert "规则未给出期限的，由园区确定整改期限" in measures.chapter(material).blocks[0].text
    assert not any(re.search(r"\d{4}-\d\d-\d\d", str(cell)) for line in must.rows for cell in line[:2])
