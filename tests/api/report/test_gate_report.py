"""The report of a decision: verdict, reasons, what is missing, digests, and nobody signs for the panel."""

import functools

import docx
import pytest

from parkrisk.api.report.gate_report import write_gate_report
from parkrisk.risk.entry.gate import gate
from parkrisk.scenarios import read_project
from tests import minimal_park
from tests.api.report.test_printers import flat, pages_of
from tests.minimal_park import PROJECTS


@functools.cache
def decision(name):
    before = minimal_park.assessment()
    return gate(before.park, read_project(PROJECTS / name), settings=before.settings, before=before, cures=False)


@pytest.mark.parametrize(("name", "lang"), [("no-evidence", "zh"), ("diesel-tank", "en")])
def test_what_a_panel_looks_for(tmp_path, name, lang):
    found = decision(name)
    files = write_gate_report(found, tmp_path, lang)
    assert [file.name for file in files] == ["gate_report.docx", "gate_report.pdf"]
    whole = "".join(pages_of(files[1]))
    word = docx.Document(files[0])
    cells = flat("".join(cell.text or "" for cell in word.element.body.iter() if cell.tag.endswith("}t")))
    said = found.explanation_zh if lang == "zh" else found.explanation_en
    for text in (said[:30], found.provenance["result_digest"], found.before.provenance["result_digest"]):
        assert flat(text) in cells
        assert flat(text).replace("-", "") in whole.replace("-", "")
    for rule in found.rules.itertuples():
        if rule.status != "not_applicable":
            assert flat(getattr(rule, f"title_{lang}")) in cells, rule.rule_id
    for item in found.missing:
        assert flat(item[f"label_{lang}"]) in cells or "[" in item[f"label_{lang}"]
    assert ("评审签字" if lang == "zh" else "Signatures") in whole
