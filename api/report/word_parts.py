"""Parts of a Word file that python-docx has no call for: fields, borders, shading, list numbers, zip dates."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

__all__ = ["add_field", "dated_zip", "element", "legal", "restarted_list", "set_settings"]

#: Characters that XML 1.0 forbids.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Nothing in the file tells when it was written.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def legal(text: str) -> str:
    """Text without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def element(tag: str, values: Mapping[str, str] | None = None, *children: Any) -> Any:
    """An element such as w:shd with attributes of the same prefix, and what it holds."""
    made = OxmlElement(tag)
    for name, value in (values or {}).items():
        made.set(qn(f"w:{name}"), value)
    for child in children:
        made.append(child)
    return made


def add_field(paragraph: Any, instruction: str, shown: str) -> None:
    """Append a field that Word computes, with what it shows until then."""
    for kind in ("begin", "instruction", "separate", "shown", "end"):
        run = paragraph.add_run(shown if kind == "shown" else "")
        if kind == "instruction":
            text = element("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {instruction} "
            run._r.append(text)
        elif kind != "shown":
            run._r.append(element("w:fldChar", {"fldCharType": kind}))


def restarted_list(document: Any, style: Any) -> str:
    """Number of a new list of this style that counts from 1."""
    numbering = document.part.numbering_part.element
    own = style.element.pPr.numPr.numId.val
    abstract = next(each for each in numbering.num_lst if each.numId == own).abstractNumId.val
    number = numbering.add_num(abstract)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    return str(number.numId)


def set_settings(settings: Any) -> None:
    """Let Word update the fields and lay out as it does today; each element where the schema wants it."""
    compat = settings.find(qn("w:compat"))
    compat.addprevious(element("w:updateFields", {"val": "true"}))
    for each in compat.findall(qn("w:compatSetting")):
        if each.get(qn("w:name")) == "compatibilityMode":
            each.set(qn("w:val"), "15")
    settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
    settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")


def dated_zip(content: bytes) -> bytes:
    """The same archive with a fixed date in every entry."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, source.read(name))
    return target.getvalue()
