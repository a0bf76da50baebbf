"""Every figure that the report of a park uses, in one go."""

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from parkrisk.api.drawn import (
    assessment,
    capacity,
    distances,
    domino,
    grading,
    place,
    response,
    shares,
    wind,
    worst_cases,
)
from parkrisk.api.drawn.domino_timeline import draw_timeline
from parkrisk.api.drawn.page import Words, save_figures
from parkrisk.api.progress import Report
from parkrisk.risk.capacity.stages import SafetyCapacity
from parkrisk.risk.distances.external import ExternalDistances
from parkrisk.risk.result import Assessment

__all__ = ["draw_all"]


def draw_all(
    result: Assessment,
    external: ExternalDistances,
    safety: SafetyCapacity,
    folder: str | Path,
    lang: str = "zh",
    progress: Report | None = None,
) -> dict[str, Path]:
    """Draw every figure of a park into a folder, each as SVG and PNG.

    Parameters
    ----------
    result : Assessment
    external : ExternalDistances
    safety : SafetyCapacity
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.
    progress : callable, optional
        Told ("figures", done, total).

    Returns
    -------
    dict of str to Path
        Each figure by name, without ending. What a park gives no reason to draw is not among them.
    """
    groups: list[Callable[[Words], Mapping[str, Figure]]] = [
        lambda words: place.draw(result.park, words),
        lambda words: wind.draw(result.park, words),
        lambda words: assessment.draw(result, words),
        lambda words: shares.draw(result, words),
        lambda words: worst_cases.draw(result, words),
        lambda words: domino.draw(result.domino, result.park, words),
        lambda words: _timeline(result, words),
        lambda words: grading.draw(result, words),
        lambda words: distances.draw(external, words),
        lambda words: capacity.draw(safety, words),
        lambda words: response.draw(result, words),
    ]
    drawn: dict[str, Path] = {}
    for done, group in enumerate(groups, start=1):
        drawn |= {path.stem: path.with_suffix("") for path in save_figures(group, folder, lang)}
        if progress is not None:
            progress("figures", done, len(groups))
    return drawn


def _timeline(result: Assessment, words: Words) -> dict[str, Figure]:
    """The cascade from the unit that causes most failures a year; nothing where nothing follows."""
    units = result.domino.units.set_index("unit_id")
    caused = units["primary_frequency"] * units["expected_failures_caused"]
    if not (caused > 0.0).any():
        return {}
    table = result.park.tables["units"]
    names = dict(zip(table["unit_id"], table["name"], strict=True))
    figure = draw_timeline(result.domino, result.domino.from_unit(str(caused.idxmax())), words, names)
    return {} if figure is None else {"domino_timeline": figure}
