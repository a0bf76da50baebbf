"""Sampled uncertainty in the report: what is printed stands in the tables of the samples."""

import dataclasses
import functools
import re

import pytest

from parkrisk.api.report.assemble import document_of, material_of
from parkrisk.api.report.content import Callout, Facts, Figure, Paragraph, Table
from parkrisk.api.report.material import Material, chance, per_year
from parkrisk.api.report.sampled import sampled
from parkrisk.risk.capacity.stages import safety_capacity
from parkrisk.risk.distances.external import external_distances
from parkrisk.risk.uncertainty.uncertainty import uncertainty
from tests import minimal_park

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


@functools.cache
def found():
    base = minimal_park.coarse()
    return uncertainty(base.park, samples=64, settings=base.settings, assessment=base)


def material(lang, uncertain=None):
    result = minimal_park.coarse()
    return Material(result, external_distances(result), safety_capacity(result), {}, lang, uncertain)


def tables_of(blocks):
    return [block for block in blocks if isinstance(block, Table)]


def texts_of(blocks):
    for block in blocks:
        if isinstance(block, Table):
            yield from (block.caption, *block.header, block.note)
            yield from (getattr(cell, "text", cell) for row in block.rows for cell in row)
        elif isinstance(block, Callout):
            yield from (block.title, block.text)
        elif isinstance(block, Paragraph):
            yield block.text


def test_nothing_without_samples():
    assert sampled(material("zh")) == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_print_what_was_sampled(lang):
    risks, chances, deciding = tables_of(sampled(material(lang, found())))
    band = ("base", "p5", "p50", "p95")
    assert risks.rows[0][1:5] == tuple(per_year(found().pll[name]) for name in band)
    curve = found().fn.set_index("N")
    assert risks.rows[1][1:6] == (
        *(per_year(curve.loc[1.0, name]) for name in band),
        chance(curve.loc[1.0, "chance_over_upper"]),
    )
    worst = found().targets.sort_values(["chance_over", "p95"], ascending=False).iloc[0]
    first = next(row for row in risks.rows if str(worst["target_id"]) in row[0] or str(worst["name"]) in row[0])
    assert first[4:] == (per_year(worst["p95"]), *(chance(worst[name]) for name in ("chance_over", "chance_unknown")))
    printed = [row[2] for row in chances.rows]
    assert printed == [chance(value) for table in (found().grades, found().zones) for value in table["probability"]]
    assert deciding.rows
    largest = found().sensitivity[found().sensitivity["total"].notna()].iloc[0]
    assert float(deciding.rows[0][3]) == pytest.approx(largest["total"], abs=0.005)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_left_over_and_what_is_unverified_says_so(lang):
    blocks = sampled(material(lang, found()))
    texts = list(texts_of(blocks))
    for text in texts:
        assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", text), text
    assert found().unverified
    assert any(block.kind == "unknown" for block in blocks if isinstance(block, Callout))
    if lang == "en":
        names = sorted((name for name in found().targets["name"] if CHINESE.search(name)), key=len, reverse=True)
        for text in texts:
            for name in names:
                text = text.replace(name, "")
            assert not CHINESE.search(text), text


def test_what_events_that_are_missing_leave_unknown_is_not_a_chance_of_nothing():
    whole = found()
    targets = whole.targets.assign(chance_over=0.0, chance_within=0.0, chance_unknown=1.0)
    method = {**whole.method, "not_computed": ("T-101",)}
    blocks = sampled(material("en", dataclasses.replace(whole, targets=targets, method=method)))
    assert [row[5:] for row in tables_of(blocks)[0].rows[-len(targets) :]] == [("0", "1.000")] * len(targets)
    assert "Risk is incomplete" in {block.title for block in blocks if isinstance(block, Callout)}


def test_the_grade_says_how_likely_each_letter_is():
    chapters = document_of(material("en", found())).chapters
    facts = next(block for block in chapters[10].sections[0].blocks if isinstance(block, Facts))
    told = dict(facts.rows)["chance of each letter, sampled"]
    assert told.count("%") == len(found().grades)
    assert "unverified" in told
    plain = document_of(material("en")).chapters
    facts = next(block for block in plain[10].sections[0].blocks if isinstance(block, Facts))
    assert "chance of each letter, sampled" not in dict(facts.rows)


def test_its_figures_are_drawn_with_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr("parkrisk.api.report.assemble.draw_all", lambda *_, **__: {})
    made = material_of(minimal_park.coarse(), tmp_path, "en", samples=64)
    assert made.sampled.pll == found().pll
    shown = {block.path.name for block in sampled(made) if isinstance(block, Figure)}
    assert shown == {"uncertainty_fn", "uncertainty_grades", "uncertainty_sensitivity"}
    assert all((tmp_path / f"{name}.{ending}").is_file() for name in shown for ending in ("svg", "png"))
