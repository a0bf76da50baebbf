"""Styles of the Word report: fonts that Word on a Chinese Windows has, headings with numbers, tables, callouts."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor

from parkrisk.api.report.word_parts import element

__all__ = ["CALLOUTS", "FACTS", "MEANINGS", "PLAIN_HEADING", "SMALL", "TABLE", "TABLE_HEAD", "TABLE_TEXT", "set_styles"]

#: Text, and headings and tables: Latin and East Asian.
_TEXT, _HEAD = ("Times New Roman", "宋体"), ("Arial", "黑体")
_INK, _GREY, _TINT, _ZEBRA, _RULE = "12344D", "5F6B73", "E6EEF3", "F6F9FB", "9FB3C1"

TABLE, FACTS, TABLE_TEXT, TABLE_HEAD, SMALL = "Report Table", "Report Facts", "Table Text", "Table Head", "Remark"
PLAIN_HEADING = "Heading Without Number"
#: Style of a callout and colour and ground of a meaning; told apart by the colour-blind.
CALLOUTS = {kind: f"Callout {kind.capitalize()}" for kind in ("good", "bad", "unknown", "note")}
MEANINGS: dict[str, tuple[str, str]] = {
    "good": ("00614A", "E3F4EE"),
    "bad": ("A03C00", "FDEBDF"),
    "unknown": ("6B2C6F", "F5E9F6"),
    "note": ("005A8C", "E4F1F9"),
    "muted": (_GREY, ""),
    "strong": ("000000", ""),
}


def set_styles(document: Any, lang: str, *, short: bool) -> None:
    """Give a new Word document the styles of a report."""
    _defaults(document)
    normal = document.styles["Normal"]
    _font(normal, _TEXT, 10.5)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.35
    body = document.styles["Body Text"]
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if lang == "zh" else WD_ALIGN_PARAGRAPH.LEFT
    body.paragraph_format.first_line_indent = Pt(21) if lang == "zh" else None
    _headings(document, short=short)
    for name in ("List Bullet", "List Number"):
        document.styles[name].paragraph_format.space_after = Pt(3)
    _caption(document.styles["Caption"])
    for name, size, colour in ((TABLE_TEXT, 8.5, "000000"), (TABLE_HEAD, 8.5, _INK), (SMALL, 8.5, _GREY)):
        style = _paragraph_style(document, name)
        _font(style, _HEAD, size, colour, bold=name == TABLE_HEAD)
        style.paragraph_format.space_after = Pt(8 if name == SMALL else 0)
        style.paragraph_format.line_spacing = 1.1
        style.paragraph_format.keep_with_next = name == TABLE_HEAD
    for kind, name in CALLOUTS.items():
        _callout(_paragraph_style(document, name), *MEANINGS[kind])
    for name in ("Header", "Footer"):
        _font(document.styles[name], _HEAD, 8.0, _GREY)
    for level, indent in ((1, 0), (2, 18)):
        style = _paragraph_style(document, f"toc {level}")
        style.paragraph_format.left_indent = Pt(indent)
        style.paragraph_format.space_after = Pt(2)
    document.styles.element.append(_table_style(TABLE, "ReportTable", banded=True))
    document.styles.element.append(_table_style(FACTS, "ReportFacts", banded=False))


def _paragraph_style(document: Any, name: str) -> Any:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    return style


def _defaults(document: Any) -> None:
    """Font and language where no style says any."""
    run = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _set_fonts(run.find(qn("w:rFonts")), _TEXT)
    spoken = run.find(qn("w:lang"))
    spoken.set(qn("w:val"), "en-US")  # of Latin letters: as Chinese, words of them would break anywhere
    spoken.set(qn("w:eastAsia"), "zh-CN")


def _set_fonts(fonts: Any, names: tuple[str, str]) -> None:
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]  # those of the theme would win
    for attribute, name in zip(("ascii", "hAnsi", "cs", "eastAsia"), (names[0],) * 3 + (names[1],), strict=True):
        fonts.set(qn(f"w:{attribute}"), name)


def _font(style: Any, names: tuple[str, str], size: float, colour: str = "000000", *, bold: bool = False) -> None:
    _set_fonts(style.element.get_or_add_rPr().get_or_add_rFonts(), names)
    style.font.size = Pt(size)
    style.font.bold = bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(colour)


def _headings(document: Any, *, short: bool) -> None:
    styles = document.styles
    for name, size in (("Title", 26.0), ("Subtitle", 14.0)):
        _font(styles[name], _HEAD, size, _INK if name == "Title" else _GREY, bold=name == "Title")
        for border in styles[name].element.pPr.findall(qn("w:pBdr")):
            styles[name].element.pPr.remove(border)
    for level, size in ((1, 16.0), (2, 13.0), (3, 11.5)):
        style = styles[f"Heading {level}"]
        _font(style, _HEAD, size, _INK, bold=True)
        style.paragraph_format.space_before = Pt(14 if level > 1 or short else 0)
        style.paragraph_format.space_after = Pt(8)
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.page_break_before = level == 1 and not short
    _number_headings(document)
    plain = styles.add_style(PLAIN_HEADING, WD_STYLE_TYPE.PARAGRAPH)
    plain.base_style = styles["Heading 1"]
    plain.element.get_or_add_pPr().append(element("w:numPr", {}, element("w:numId", {"val": "0"})))


def _number_headings(document: Any) -> None:
    """Let Word count the headings: 1, 1.1, 1.1.1."""
    numbering = document.part.numbering_part.element
    number = max(int(each.get(qn("w:abstractNumId"))) for each in numbering.findall(qn("w:abstractNum"))) + 1
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{level + 1}"/>'
        f'<w:suff w:val="space"/><w:lvlText w:val="{".".join(f"%{k + 1}" for k in range(level + 1))}"/>'
        '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
        for level in range(3)
    )
    made = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>{levels}'
        "</w:abstractNum>"
    )
    numbering.findall(qn("w:abstractNum"))[-1].addnext(made)
    chosen = str(numbering.add_num(number).numId)
    for level in range(3):
        properties = document.styles[f"Heading {level + 1}"].element.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = level
        properties.get_or_add_numId().val = int(chosen)


def _caption(style: Any) -> None:
    _font(style, _HEAD, 9.5, _INK, bold=True)
    style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    style.paragraph_format.space_before = Pt(8)
    style.paragraph_format.space_after = Pt(4)


def _callout(style: Any, colour: str, ground: str) -> None:
    properties = style.element.get_or_add_pPr()
    sides = [
        element(f"w:{side}", {"val": "single", "sz": size, "space": "6", "color": shade})
        for side, size, shade in (("top", "4", ground), ("left", "24", colour), ("bottom", "4", ground))
    ]
    properties.append(element("w:pBdr", {}, *sides))
    properties.append(element("w:shd", {"val": "clear", "color": "auto", "fill": ground}))
    style.paragraph_format.left_indent = Pt(9)
    style.paragraph_format.space_after = Pt(0)


def _table_style(name: str, identifier: str, *, banded: bool) -> Any:
    """A table style: thin rules, tinted first row, every second row shaded."""
    rule = f'w:val="single" w:sz="4" w:space="0" w:color="{_RULE}"'
    ends = f'w:val="single" w:sz="8" w:space="0" w:color="{_INK if banded else _RULE}"'
    bands = (
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr>'
        f'<w:tcBorders><w:bottom w:val="single" w:sz="6" w:space="0" w:color="{_INK}"/></w:tcBorders>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{_TINT}"/></w:tcPr></w:tblStylePr>'
        f'<w:tblStylePr w:type="band2Horz"><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{_ZEBRA}"/></w:tcPr>'
        "</w:tblStylePr>"
    )
    return parse_xml(
        f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="{identifier}"><w:name w:val="{name}"/>'
        '<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>'
        '<w:tblPr><w:tblStyleRowBandSize w:val="1"/><w:tblBorders>'
        f"<w:top {ends}/><w:bottom {ends}/><w:insideH {rule}/></w:tblBorders>"
        '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
        '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"{bands if banded else ''}</w:style>"
    )
