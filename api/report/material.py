"""What the chapters of a report draw on: the assessment, what follows from it, and the figures already drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parkrisk.api.drawn.page import ten_to
from parkrisk.api.report.content import Figure
from parkrisk.risk.capacity.stages import SafetyCapacity
from parkrisk.risk.distances.external import ExternalDistances
from parkrisk.risk.result import Assessment
from parkrisk.risk.uncertainty.result import Uncertainty
from parkrisk.scenarios import schema

__all__ = ["Material", "amount", "chance", "limit_value", "per_year", "percent"]


@dataclass(frozen=True)
class Material:
    """Everything a chapter may say.

    Parameters
    ----------
    result : Assessment
    distances : ExternalDistances
    capacity : SafetyCapacity
    figures : mapping of str to path
        Drawn figures by name, each without its ending.
    lang : str
        "zh" or "en".
    sampled : Uncertainty, optional
        What sampled inputs do to the result.
    """

    result: Assessment
    distances: ExternalDistances
    capacity: SafetyCapacity
    figures: Mapping[str, Path]
    lang: str
    sampled: Uncertainty | None = None

    def say(self, chinese: str, english: str) -> str:
        """One of two texts."""
        return chinese if self.lang == "zh" else english

    def label(self, choice: str, value: str) -> str:
        """Label of a value of the list ``choice`` of the schema; the value itself if the list does not have it."""
        for each in schema.choices(choice):
            if each.value == value:
                return self.say(each.label_zh, each.label_en)
        return value

    def figure(self, name: str, caption: str, width: float = 1.0, note: str = "") -> tuple[Figure, ...]:
        """The figure of this name, or nothing where the park gave no reason to draw it."""
        path = self.figures.get(name)
        return () if path is None else (Figure(path, caption, width, note),)


def per_year(value: float) -> str:
    """A frequency or a risk as 3.32×10⁻³; a dash where it is not known, 0 where it is none."""
    if value != value:
        return "–"
    if value == 0.0:
        return "0"
    return _raised(f"{value:.2e}")


def _raised(text: str) -> str:
    factor, exponent = text.split("e")
    return f"{factor}×{ten_to(int(exponent))}"


def chance(value: float) -> str:
    """A probability as 0.099, a small one as 4.3×10⁻⁴; 0 for none; a dash where it is not known."""
    if value >= 1e-3 or not value > 0.0:
        return "–" if value != value else f"{value:.3f}" if value else "0"
    return _raised(f"{value:.1e}")


def limit_value(value: float) -> str:
    """A limit, which is a round number, as 3×10⁻⁶."""
    return per_year(value).replace(".00×", "×").replace("0×", "×") if value == value else "–"


def amount(value: float) -> str:
    """A mass: whole above 100, three digits below."""
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share as 28.0 %; < 0.1 % where so much would be printed as nothing; a dash where it is not known."""
    if share != share:
        return "–"
    if share == 0.0:
        return "0 %"
    return "< 0.1 %" if 0.0 < share < 5e-4 else f"{share:.1%}".replace("%", " %")
