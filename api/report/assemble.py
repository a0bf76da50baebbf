"""From an assessment to its report: figures drawn, chapters written, PDF and Word printed."""

from collections.abc import Collection
from pathlib import Path

from parkrisk.api.drawn.report_figures import draw_all
from parkrisk.api.drawn.uncertainty import save as draw_uncertainty
from parkrisk.api.report.chapters import CHAPTERS
from parkrisk.api.report.chapters.summary import summary
from parkrisk.api.report.content import Document
from parkrisk.api.report.front import cover, demonstration_notices
from parkrisk.api.report.material import Material
from parkrisk.api.report.printers import FORMATS, print_document
from parkrisk.risk.capacity.stages import safety_capacity
from parkrisk.risk.distances.external import external_distances
from parkrisk.risk.result import Assessment
from parkrisk.risk.sharing import Progress
from parkrisk.risk.uncertainty.uncertainty import uncertainty

__all__ = ["document_of", "material_of", "print_report"]


def print_report(
    material: Material, folder: str | Path, formats: Collection[str] = tuple(FORMATS), progress: Progress | None = None
) -> list[Path]:
    """Print the report of a park as ``report.pdf`` and ``report.docx``; gives the files.

    Parameters
    ----------
    material : Material
    folder : path
        Made if it is not there.
    formats : collection of str
        Of "pdf" and "docx".
    progress : callable, optional

    Raises
    ------
    MissingFont
        A printer or a font is not installed.
    MissingLetters
        A name of the input has letters that no font of the PDF has; the Word file is written by then.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    if progress is not None:
        progress("report", 0, 1)
    written = print_document(document_of(material), target, "report", formats)
    if progress is not None:
        progress("report", 1, 1)
    return written


def material_of(
    result: Assessment,
    figures: str | Path,
    lang: str,
    *,
    rules: str | None = None,
    samples: int = 0,
    progress: Progress | None = None,
) -> Material:
    """What chapters draw on: distances and capacity found, every figure drawn into the folder ``figures``.

    With ``samples``, a power of two from 64 to 65536, uncertain inputs are sampled, too.
    """
    distances = external_distances(result, progress=progress)
    capacity = safety_capacity(result, rules=rules, progress=progress)
    drawn = draw_all(result, distances, capacity, figures, lang, progress)
    sampled = None
    if samples:
        seed = result.provenance["seed"]
        sampled = uncertainty(
            result.park, samples=samples, seed=seed, settings=result.settings, assessment=result, progress=progress
        )
        drawn |= {path.stem: path.with_suffix("") for path in draw_uncertainty(sampled, figures, lang)}
    return Material(result, distances, capacity, drawn, lang, sampled)


def document_of(material: Material) -> Document:
    """The whole report."""
    park, say = material.result.park, material.say
    title = say("化工园区整体性安全风险评估报告", "Safety risk of a chemical park: assessment report")
    return Document(
        lang=material.lang,
        title=title,
        subtitle=park.name,
        cover=cover(material.result, material.lang),
        summary=summary(material),
        chapters=[chapter(material) for chapter in CHAPTERS],
        running_head=f"{park.name} · {say('整体性安全风险评估报告', 'risk assessment report')} · {park.date}",
        dated=park.date,
        notices=demonstration_notices(material.result, material.lang),
    )
