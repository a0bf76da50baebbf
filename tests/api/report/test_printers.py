"""PDF and Word of a document with every kind of block, read back by other libraries."""

import dataclasses
import sys
import zipfile

import docx
import pypdfium2
import pytest
from docx.oxml.ns import qn

from parkrisk.api.report import lettering, printers
from parkrisk.api.report.content import Cell, Chapter, Paragraph, Section, Table
from parkrisk.api.report.flow import Heading, Numbered, chapter_pages, summary_items
from parkrisk.api.report.lettering import MissingFont, MissingLetters, printable
from parkrisk.api.report.typeset import to_pdf
from parkrisk.api.report.word import to_docx
from parkrisk.models.errors import OutOfRange
from tests.api.report import sample


def pages_of(file):
    """Text of each page, without line ends and breaks within words."""
    reader = pypdfium2.PdfDocument(file)
    try:
        texts = [page.get_textpage().get_text_range() for page in reader]
    finally:
        reader.close()
    return ["".join(text.replace("\u200b", "").split()) for text in texts]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def chinese(folder):
    return sample.document(folder, "zh")


@pytest.fixture(scope="module")
def pages(chinese, folder):
    return pages_of(to_pdf(chinese, folder / "zh.pdf"))


@pytest.fixture(scope="module")
def word(chinese, folder):
    return docx.Document(to_docx(chinese, folder / "zh.docx"))


def flat(text):
    return "".join(text.split())


def test_the_pdf_says_every_text(pages):
    whole = "".join(pages)
    for text in (
        "示范化工园区整体性安全风险评估报告",
        "目录",
        "1园区概况",
        "1.1设备",
        "表1-1设备清单",
        "图1-1风险曲线",
        "表1-2宽表",
        "来源：示例",
        "图注",
        "先做这个",
        "fedcba9876543210" * 4,
        "0.14×10⁻⁵",
        "示范数据",
    ):
        assert text in whole, text
    assert flat(sample.HOSTILE) in whole


def test_tables_repeat_their_header_and_meanings_have_signs(pages):
    with_rows = [page for page in pages if "V-0" in page and "V-069" not in page]
    assert len(with_rows) >= 2
    assert all("编号名称风险〔/年〕结论" in page for page in with_rows)
    whole = "".join(pages)
    for said in ("✗over", "✓ok", "?缺", "✓提示good", "✗提示bad", "?提示unknown", "i提示note"):
        assert said in whole, said


def test_pages_are_numbered_and_wide_tables_lie(folder, pages):
    reader = pypdfium2.PdfDocument(folder / "zh.pdf")
    sizes = [page.get_size() for page in reader]
    reader.close()
    lying = [place for place, (across, down) in enumerate(sizes) if across > down]
    assert lying == [place for place, text in enumerate(pages) if "表1-2宽表" in text]
    assert "报告" in pages[1]
    assert all(f"{place + 1}/{len(pages)}" in text for place, text in enumerate(pages) if place)
    assert f"1/{len(pages)}" not in pages[0]


def test_english(folder):
    document = sample.document(folder, "en")
    whole = "".join(pages_of(to_pdf(document, folder / "en.pdf")))
    for text in ("Contents", "Summary", "Table1-1Listofunits", "Figure1-1Acurve"):
        assert text in whole, text
    captions = [p.text for p in docx.Document(to_docx(document, folder / "en.docx")).paragraphs]
    assert "Table 1-1  List of units" in captions


def test_the_same_document_gives_the_same_bytes(chinese, folder, tmp_path):
    for write, name in ((to_pdf, "zh.pdf"), (to_docx, "zh.docx")):
        assert write(chinese, tmp_path / name).read_bytes() == write(chinese, folder / name).read_bytes()
    with zipfile.ZipFile(folder / "zh.docx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_word_has_styles_that_can_be_edited(word):
    styled = [(p.style.name, p.text) for p in word.paragraphs]
    headings = [(name, text) for name, text in styled if name.startswith("Heading")]
    assert headings == [
        ("Heading Without Number", "摘要"),
        ("Heading Without Number", "目录"),
        ("Heading 1", "园区概况"),
        ("Heading 2", "设备"),
        ("Heading 2", "末节"),
        ("Heading 1", "结论"),
    ]
    used = {name for name, _ in styled}
    assert {"Title", "Body Text", "Caption", "List Bullet", "List Number", "Callout Bad", "Remark"} <= used
    captions = [text for name, text in styled if name == "Caption"]
    assert captions == [
        "表 S-1  设备清单",
        "表 1-1  设备清单",
        "图 1-1  风险曲线",
        "表 1-2  宽表",
        "表 1-3  单元格含义",
    ]


def test_word_has_chinese_type_and_language(word):
    fonts = {}
    for name in ("Normal", "Heading 1", "Heading 2", "Caption", "Table Text", "Title"):
        element = word.styles[name].element.rPr.rFonts
        fonts[name] = (element.get(qn("w:ascii")), element.get(qn("w:eastAsia")))
        assert element.get(qn("w:eastAsiaTheme")) is None
    assert fonts.pop("Normal") == ("Times New Roman", "宋体")
    assert set(fonts.values()) == {("Arial", "黑体")}
    spoken = word.styles.element.find(f".//{qn('w:lang')}")
    assert spoken.get(qn("w:eastAsia")) == "zh-CN"
    assert (word.core_properties.language, str(word.core_properties.created.date())) == ("zh-CN", "2025-03-01")


def test_word_has_fields_and_tables_that_turn_pages(word):
    body = word.element.body
    codes = "".join(each.text for each in body.iter(qn("w:instrText")))
    assert 'TOC \\o "1-2"' in codes
    assert "SEQ 表 \\* ARABIC \\s 1" in codes
    assert "SEQ 图" in codes
    foot = "".join(each.text for each in word.sections[0].footer._element.iter(qn("w:instrText")))
    assert "PAGE" in foot
    assert "NUMPAGES" in foot
    units = next(table for table in word.tables if len(table._tbl.tr_lst) == 71)
    first, *others = units._tbl.tr_lst
    assert first.find(f".//{qn('w:tblHeader')}") is not None
    assert all(row.find(f".//{qn('w:cantSplit')}") is not None for row in (first, *others))
    assert units.style.name == "Report Table"
    assert units.cell(1, 3).text == "✗ over"
    assert [section.page_width > section.page_height for section in word.sections] == [False, True, False]
    picture = body.find(f".//{qn('wp:docPr')}")
    assert picture.get("descr") == "风险曲线"


def test_the_contents_of_the_word_file_are_a_field_that_shows_the_titles(word):
    kinds, shown = [], []
    for paragraph in word.paragraphs:
        if not paragraph.style.name.startswith("toc "):
            continue
        shown.append(paragraph.text)
        nodes = paragraph._p.iter(qn("w:fldChar"), qn("w:instrText"), qn("w:t"))
        kinds += [node.get(qn("w:fldCharType")) or node.tag.rpartition("}")[2] for node in nodes]
    assert shown == ["1  园区概况", "1.1  设备", "1.2  末节", "2  结论"]
    assert kinds == ["begin", "instrText", "separate", *["t"] * 4, "end"]


def test_settings_of_the_word_file_stand_in_the_order_of_the_schema(word):
    names = [child.tag.rpartition("}")[2] for child in word.settings.element]
    wanted = ["zoom", "proofState", "savePreviewPicture", "updateFields", "compat", "rsids"]
    assert [name for name in names if name in wanted] == wanted
    pictures = [each.get("id") for each in word.element.body.iter(qn("wp:docPr"))]
    assert len(pictures) == len(set(pictures)) > 0


def test_a_numbered_list_begins_anew(folder):
    from parkrisk.api.report.content import Bullets

    twice = (Bullets(("a", "b"), numbered=True), Paragraph("between"), Bullets(("c",), numbered=True))
    document = sample.document(folder, chapters=(Chapter("x", twice),), summary=())
    written = docx.Document(to_docx(document, folder / "lists.docx"))
    numbers = [p._p.pPr.numPr.numId.val for p in written.paragraphs if p.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2]


HOSTILE_TEXTS = (
    sample.HOSTILE,
    "行一\n行二\r\n行三",
    "x" * 5000,
    "安全" * 2500,
    "مرحبا \u202eabc\u202c עברית",
    "\x00\x07\ud800 bell",
    "</w:p> & <b> ]]>",
    '#{panic()} #import "x" ```',
    "🔥 fire",
)


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_text_is_only_text(folder, tmp_path, text):
    table = Table(text[:80], (text[:20], "b"), ((text, Cell(text[:300], "bad")),), "lr", (1.0, 3.0))
    chapter = Chapter(text[:80], (Paragraph(text), table), (Section(text[:80], ()),))
    document = sample.document(folder, chapters=(chapter,), summary=(), title=text[:60], running_head=text[:60])
    whole = "".join(pages_of(to_pdf(document, tmp_path / "h.pdf")))
    written = docx.Document(to_docx(document, tmp_path / "h.docx"))
    ascii_words = [word for word in text.split() if word.isascii() and word.isalnum()][:5]
    assert all(word[:40] in whole for word in ascii_words)
    assert any(p.style.name == "Heading 1" for p in written.paragraphs)


def test_letters_that_no_font_has_are_named(folder, chinese, tmp_path):
    broken = dataclasses.replace(chinese, title="ปลอดภัย")
    with pytest.raises(MissingLetters) as raised:
        to_pdf(broken, tmp_path / "x.pdf")
    assert "U+0E1B" in raised.value.message_zh
    assert not (tmp_path / "x.pdf").exists()


def test_signs_that_no_font_has_stand_as_their_code():
    assert printable("🔥a") == "[U+1F525]a"
    assert printable("a\u202eb\u200dc") == "abc"
    assert printable("3.2×10⁻⁵") == "3.2×10⁻⁵"
    assert printable("a" * 25).replace("\u200b", "") == "a" * 25
    assert "\u200b" in printable("a" * 25)


def test_a_missing_printer_or_font_says_what_to_install(monkeypatch, chinese, tmp_path):
    def nowhere(_name):
        raise ModuleNotFoundError

    monkeypatch.setattr(lettering.resources, "files", nowhere)
    with pytest.raises(MissingFont) as raised:
        printers.require_printers(("pdf",))
    assert "parkrisk[report]" in raised.value.message_zh
    assert "--no-report" in raised.value.message_en
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingFont, match="typst"):
        to_pdf(chinese, tmp_path / "x.pdf")
    with pytest.raises(OutOfRange, match="odt"):
        printers.require_printers(("pdf", "odt"))


def test_the_flow_numbers_and_turns(chinese):
    parts = chapter_pages(chinese)
    assert [part.landscape for part in parts] == [False, True, False]
    heads = [item.number for part in parts for item in part.items if isinstance(item, Heading)]
    assert heads == ["1", "1.1", "1.2", "2"]
    numbers = [item.number for part in parts for item in part.items if isinstance(item, Numbered)]
    assert numbers == ["1-1", "1-1", "1-2", "1-3"]
    assert [item.number for item in summary_items(chinese) if isinstance(item, Numbered)] == ["S-1"]


def test_a_wide_table_takes_its_heading_along(folder):
    wide = Table("w", ("a",), (("1",),), "l", wide=True)
    sections = (Section("wide", (wide, Paragraph("note", small=True))), Section("next", (Paragraph("text"),)))
    parts = chapter_pages(sample.document(folder, chapters=(Chapter("c", (), sections),)))
    assert [(part.landscape, len(part.items)) for part in parts] == [(True, 4), (False, 2)]
