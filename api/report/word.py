"""The Word file of a report: styles, fields and tables that reviewers can go on editing."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from parkrisk.api.report.content import Bullets, Callout, Cell, Document, Facts, Figure, Paragraph, Table
from parkrisk.api.report.flow import Heading, Item, Numbered, chapter_pages, summary_items
from parkrisk.api.report.lettering import MissingFont
from parkrisk.api.report.pictures import TEXT_WIDTH, size_on_page
from parkrisk.api.report.words import SIGNS, words

__all__ = ["to_docx"]

#: Of the page, and of what stands on it. [mm]
_PAGE, _LANDSCAPE_TEXT = (210.0, 297.0), 249.0
#: More dots than this a printer does not show. [dots per inch]
_FINEST = 300.0
_UNDATED = date(2000, 1, 1)


def to_docx(document: Document, file: str | Path) -> Path:
    """Write a document as Word file.

    Parameters
    ----------
    document : Document
    file : path
        Its folder is there. The same document gives the same bytes.

    Returns
    -------
    Path

    Raises
    ------
    MissingFont
        python-docx is not installed.
    """
    try:
        from parkrisk.api.report.word_parts import dated_zip
    except ModuleNotFoundError:
        raise MissingFont("python-docx") from None
    buffer = io.BytesIO()
    _Writer(document).written().save(buffer)
    path = Path(file)
    path.write_bytes(dated_zip(buffer.getvalue()))
    return path


class _Writer:
    """One Word file while it is written."""

    def __init__(self, document: Document) -> None:
        import docx

        from parkrisk.api.report import word_parts, word_styles

        self.document, self.words = document, words(document.lang)
        self.parts, self.styles = word_parts, word_styles
        self.word = docx.Document()
        self.width = TEXT_WIDTH
        word_styles.set_styles(self.word, document.lang, short=document.short)
        self._page(landscape=False)
        self._properties()

    def written(self) -> Any:
        """The whole file, python-docx's Document."""
        self._running_head()
        self._title()
        if self.document.summary:
            self._paragraph(self.words["summary"], self._plain_heading())
            for item in summary_items(self.document):
                self._item(item)
        pages = chapter_pages(self.document)
        if not self.document.short:
            self._contents([item for part in pages for item in part.items if isinstance(item, Heading)])
        landscape = False
        for part in pages:
            if part.landscape != landscape:
                landscape = part.landscape
                self.word.add_section()
                self._page(landscape=landscape)
            for item in part.items:
                self._item(item)
        return self.word

    def _plain_heading(self) -> str:
        return self.styles.PLAIN_HEADING

    def _properties(self) -> None:
        day = self.document.dated or _UNDATED
        made = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)
        core = self.word.core_properties
        core.title, core.subject = (
            self.parts.legal(text)[:255] for text in (self.document.title, self.document.subtitle)
        )
        core.author = core.last_modified_by = "parkrisk"
        core.comments, core.keywords, core.revision = "", "", 1
        core.language = "zh-CN" if self.document.lang == "zh" else "en-US"
        core.created = core.modified = core.last_printed = made
        self.parts.set_settings(self.word.settings.element)

    def _page(self, *, landscape: bool) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm

        section = self.word.sections[-1]
        across, down = reversed(_PAGE) if landscape else _PAGE
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(across), Mm(down)
        section.left_margin = section.right_margin = Mm(24)
        section.top_margin, section.bottom_margin = Mm(26), Mm(24)
        section.different_first_page_header_footer = not self.document.short and len(self.word.sections) == 1
        self.width = _LANDSCAPE_TEXT if landscape else TEXT_WIDTH

    def _running_head(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        section = self.word.sections[0]
        section.header.paragraphs[0].add_run(self.parts.legal(self.document.running_head))
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.parts.add_field(foot, "PAGE", "1")
        foot.add_run(" / ")
        self.parts.add_field(foot, "NUMPAGES", "1")

    def _title(self) -> None:
        from docx.shared import Mm

        title = self._paragraph(self.document.title, "Title")
        if not self.document.short:
            title.paragraph_format.space_before = Mm(40)
        self._paragraph(self.document.subtitle, "Subtitle")
        self._facts(self.document.cover)
        for notice in self.document.notices:
            self._callout(notice)

    def _contents(self, headings: Sequence[Heading]) -> None:
        """The table of contents as a field; until Word fills it in, the titles without their pages."""
        self._paragraph(self.words["contents"], self._plain_heading())
        entries = [self._paragraph(f"{each.number}  {each.title}", f"toc {each.level}") for each in headings]
        instruction = f'TOC \\o "1-2" \\h \\z \\t "{self.styles.PLAIN_HEADING},1"'
        if entries:
            self._field_around(entries[0], entries[-1], instruction)

    def _field_around(self, first: Any, last: Any, instruction: str) -> None:
        """Make a field that begins before the text of one paragraph and ends after that of another."""
        element = self.parts.element
        code = element("w:instrText")
        code.text = f" {instruction} "
        signs = [element("w:fldChar", {"fldCharType": kind}) for kind in ("begin", "separate", "end")]
        shown = first.runs[0]._r
        for sign in (signs[0], code, signs[1]):
            shown.addprevious(element("w:r", {}, sign))
        last._p.append(element("w:r", {}, signs[2]))

    def _item(self, item: Item) -> None:
        match item:
            case Heading(level, _, title):
                self._paragraph(title, f"Heading {level}")
            case Numbered(Table() as table, number):
                self._table(table, number)
            case Numbered(Figure() as figure, number):
                self._figure(figure, number)
            case Paragraph(text, small):
                self._paragraph(text, self.styles.SMALL if small else "Body Text")
            case Bullets():
                self._bullets(item)
            case Callout():
                self._callout(item)
            case Facts(rows):
                self._facts(rows)
            case _:
                raise TypeError(f"no block of a report: {type(item).__name__}")

    def _paragraph(self, text: str, style: str) -> Any:
        return self.word.add_paragraph(self.parts.legal(text), style)

    def _bullets(self, block: Bullets) -> None:
        style = "List Number" if block.numbered else "List Bullet"
        number = self.parts.restarted_list(self.word, self.word.styles[style]) if block.numbered else ""
        for text in block.items:
            paragraph = self._paragraph(text, style)
            if number:
                paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = int(number)

    def _callout(self, block: Callout) -> None:
        style = self.styles.CALLOUTS[block.kind]
        head = self._paragraph("", style)
        head.paragraph_format.keep_with_next = True
        run = head.add_run(self.parts.legal(f"{SIGNS[block.kind]}  {block.title}"))
        run.bold = True
        self._colour(run, block.kind)
        if block.text:
            self._paragraph(block.text, style)
        self._paragraph("", self.styles.SMALL)

    def _colour(self, run: Any, meaning: str) -> None:
        from docx.shared import RGBColor

        run.font.color.rgb = RGBColor.from_string(self.styles.MEANINGS[meaning][0])

    def _facts(self, rows: Sequence[tuple[str, str]]) -> None:
        if rows:
            cells = tuple((Cell(label, "muted"), value) for label, value in rows)
            self._grid((), cells, "ll", (1.0, 2.6), self.styles.FACTS)
            self._paragraph("", self.styles.SMALL)

    def _caption(self, kind: str, number: str, text: str) -> Any:
        """A caption whose number Word counts within its chapter."""
        chapter, _, place = number.partition("-")
        paragraph = self._paragraph(f"{self.words[kind]} ", "Caption")
        if chapter.isdecimal():
            self.parts.add_field(paragraph, "STYLEREF 1 \\s", chapter)
            paragraph.add_run("-")
            self.parts.add_field(paragraph, f"SEQ {self.words[kind]} \\* ARABIC \\s 1", place)
        else:
            paragraph.add_run(f"{chapter}-")
            self.parts.add_field(paragraph, f"SEQ {self.words[kind]}{chapter} \\* ARABIC", place)
        paragraph.add_run(f"  {self.parts.legal(text)}")
        return paragraph

    def _table(self, table: Table, number: str) -> None:
        self._caption("table", number, table.caption).paragraph_format.keep_with_next = True
        widths = table.widths or (1.0,) * len(table.header)
        self._grid(table.header, table.rows, table.align, widths, self.styles.TABLE)
        self._paragraph(table.note, self.styles.SMALL)

    def _grid(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str | Cell]],
        align: str,
        widths: Sequence[float],
        style: str,
    ) -> None:
        """A table built as XML: python-docx takes seconds for some thousand cells."""
        element = self.parts.element
        twips = [str(round(share / sum(widths) * self.width * 1440.0 / 25.4)) for share in widths]
        table = self.word.add_table(0, len(widths), style)
        properties, grid = table._tbl.tblPr, table._tbl.tblGrid
        properties.append(element("w:tblLayout", {"type": "fixed"}))
        for column, width in zip(list(grid), twips, strict=True):
            column.set(self._w("w"), width)
        look = {"firstRow": str(int(bool(header))), "lastRow": "0", "firstColumn": "0", "noHBand": "0", "noVBand": "1"}
        for old in properties.findall(self._w("tblLook")):
            properties.remove(old)
        properties.append(element("w:tblLook", look))
        head = [tuple(Cell(label) for label in header)] if header else []
        for place, row in enumerate((*head, *rows)):
            is_head = bool(header) and place == 0
            marks = [element("w:cantSplit"), *([element("w:tblHeader")] if is_head else [])]
            made = element("w:tr", {}, element("w:trPr", {}, *marks))
            for cell, letter, width in zip(row, align, twips, strict=True):
                given = cell if isinstance(cell, Cell) else Cell(cell)
                made.append(self._cell(given, "c" if is_head else letter, width, is_head=is_head))
            table._tbl.append(made)

    def _w(self, name: str) -> str:
        from docx.oxml.ns import qn

        return str(qn(f"w:{name}"))

    def _cell(self, cell: Cell, letter: str, width: str, *, is_head: bool) -> Any:
        element = self.parts.element
        colour, ground = self.styles.MEANINGS.get(cell.meaning, ("", ""))
        properties = element("w:tcPr", {}, element("w:tcW", {"w": width, "type": "dxa"}))
        if ground:
            properties.append(element("w:shd", {"val": "clear", "color": "auto", "fill": ground}))
        properties.append(element("w:vAlign", {"val": "center"}))
        style = (self.styles.TABLE_HEAD if is_head else self.styles.TABLE_TEXT).replace(" ", "")
        sides = {"l": "left", "c": "center", "r": "right"}
        paragraph = element(
            "w:p",
            {},
            element("w:pPr", {}, element("w:pStyle", {"val": style}), element("w:jc", {"val": sides[letter]})),
        )
        run = element("w:r")
        if colour:
            bold = [] if cell.meaning == "muted" else [element("w:b")]
            run.append(element("w:rPr", {}, *bold, element("w:color", {"val": colour})))
        sign = SIGNS.get(cell.meaning, "")
        run.text = self.parts.legal(f"{sign} {cell.text}" if sign else cell.text)
        paragraph.append(run)
        return element("w:tc", {}, properties, paragraph)

    def _figure(self, figure: Figure, number: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        png = figure.path.with_name(f"{figure.path.name}.png")
        width, _ = size_on_page(png, figure.width)
        paragraph = self._paragraph("", "Normal")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(_fine_enough(png, width), width=Mm(width))
        shape._inline.docPr.set("descr", self.parts.legal(figure.caption))
        shape._inline.docPr.set("name", figure.path.name)
        self._caption("figure", number, figure.caption)
        if figure.note:
            self._paragraph(figure.note, self.styles.SMALL)


def _fine_enough(png: Path, width: float) -> Any:
    """The picture, with fewer dots if it has more than a printer shows at this width."""
    with Image.open(png) as picture:
        most = round(width / 25.4 * _FINEST)
        if picture.width <= most:
            return str(png)
        smaller = picture.convert("RGB").resize((most, round(picture.height * most / picture.width)))
    buffer = io.BytesIO()
    smaller.save(buffer, "PNG")
    buffer.seek(0)
    return buffer
