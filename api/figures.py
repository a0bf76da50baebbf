"""Pictures of an assessment: risk contours over the layout, and the F-N curve. SVG and PNG."""

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, PathPatch, Rectangle
from matplotlib.path import Path as Outline

from parkrisk.risk.criteria import societal_criterion
from parkrisk.risk.mapping.contours import open_levels
from parkrisk.risk.result import Assessment
from parkrisk.scenarios.areas import shapes_of
from parkrisk.scenarios.park import Park

KIND_COLOURS = {
    "atmospheric_tank": "#8fa3b3",
    "refrigerated_tank": "#56b4e9",
    "pressure_vessel": "#0072b2",
    "process_vessel": "#009e73",
    "reactor": "#009e73",
    "column": "#009e73",
}
OTHER_KIND_COLOUR = "#cc79a7"
TARGET_MARKERS = {
    "high-sensitivity": "P",
    "important": "D",
    "general class 1": "^",
    "general class 2": "s",
    "general class 3": "o",
}

#: Blocks of a scattered park that get a map of their own.
MOST_BLOCKS = 8

#: Left, bottom, right, top. [m]
Bounds = tuple[float, float, float, float]

_LABELS: Mapping[str, tuple[str, str]] = {
    "risk": ("个人风险等值线（/年）", "individual risk (per year)"),
    "cut": ("被图边截断", "cut by the map edge"),
    "map_title": ("个人风险等值线图", "individual risk contours"),
    "units": ("设备与防护目标", "units and targets"),
    "boundary": ("园区四至", "park boundary"),
    "east": ("东坐标 (km)", "easting (km)"),
    "north": ("北坐标 (km)", "northing (km)"),
    "fn_title": ("社会风险 F-N 曲线", "societal risk, F-N curve"),
    "deaths": ("死亡人数 N", "fatalities N"),
    "frequency": ("N 人及以上死亡的累积频率 F (/年)", "frequency F of N or more fatalities (per year)"),
    "park": ("本园区", "this park"),
    "without_domino": ("不计多米诺", "without domino effects"),
    "upper": ("不可接受线", "intolerable above"),
    "lower": ("可接受线", "acceptable below"),
    "unverified": ("GB 36894-2018，未经核实", "GB 36894-2018, unverified"),
    "alarp": ("尽可能降低区", "reduce as far as practicable"),
    "demonstration": ("示范数据：介质、企业与证据均为假定", "demonstration: contents, enterprises, evidence assumed"),
    "other": ("其他", "other"),
    "atmospheric_tank": ("常压储罐", "atmospheric tank"),
    "refrigerated_tank": ("低温储罐", "refrigerated tank"),
    "pressure_vessel": ("压力容器", "pressure vessel"),
    "process_vessel": ("工艺装置", "process unit"),
    "high-sensitivity": ("高敏感目标", "high-sensitivity target"),
    "important": ("重要目标", "important target"),
    "general class 1": ("一般目标一类", "general target class 1"),
    "general class 2": ("一般目标二类", "general target class 2"),
    "general class 3": ("一般目标三类", "general target class 3"),
}
_CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
)


@functools.cache
def chinese_font() -> str | None:
    """Name of an installed font with Chinese characters, or None; the report extra brings one."""
    try:
        folder = Path(str(resources.files("pylopdf_fonts_zh_cn")))
    except ModuleNotFoundError:
        folder = None
    if folder is not None:
        for file in sorted(folder.rglob("*.[ot]tf")):
            font_manager.fontManager.addfont(file)
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((family for family in _CHINESE_FAMILIES if family in known), None)


def save(result: Assessment, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw every figure into a folder as SVG and PNG.

    Parameters
    ----------
    result : Assessment
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.

    Returns
    -------
    list of Path
        The files written.
    """

    def draw(words: Words) -> dict[str, Figure]:
        contours = result.contours()
        maps = {
            name: draw_risk_map(result, contours, bounds, words) for name, bounds in frames(result, contours).items()
        }
        return {**maps, "fn": draw_fn(result, words)}

    return save_figures(draw, folder, lang)


def save_figures(draw: Callable[["Words"], Mapping[str, Figure]], folder: str | Path, lang: str) -> list[Path]:
    """Write the figures that ``draw`` makes with these words, by name, as SVG and PNG; gives the files."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    font = chinese_font()
    settings: Any = {"svg.hashsalt": "parkrisk", "axes.unicode_minus": False, "svg.fonttype": "path"}
    if font is not None:
        settings["font.family"] = [font, "DejaVu Sans"]
    written = []
    with mpl.rc_context(settings):
        for name, figure in draw(Words(lang if font is not None else "en", font is not None)).items():
            for ending in ("svg", "png"):
                path = target / f"{name}.{ending}"
                metadata = {"Date": None} if ending == "svg" else {"Software": None}
                figure.savefig(path, dpi=200, metadata=metadata, bbox_inches="tight", pad_inches=0.15)
                written.append(path)
    return written


class Words:
    """Labels in one language; names of the input in Chinese only where a font can show them."""

    def __init__(self, lang: str, has_chinese: bool) -> None:
        self.lang = lang
        self._index = 0 if lang == "zh" else 1
        self._has_chinese = has_chinese

    def __getitem__(self, key: str) -> str:
        return _LABELS[key][self._index]

    def say(self, chinese: str, english: str) -> str:
        """One of two texts."""
        return (chinese, english)[self._index]

    def name(self, text: str, otherwise: str) -> str:
        """Text as given, or something plain where the font lacks its characters; a dollar sign begins no formula."""
        shown = text if self._has_chinese or text.isascii() else otherwise
        if not self._has_chinese:
            shown = shown.encode("ascii", "ignore").decode()
        return shown.replace("$", r"\$")


def draw_risk_map(
    result: Assessment, contours: Mapping[float, shapely.Geometry], bounds: Bounds, words: Words
) -> Figure:
    """Contours of individual risk over units, targets and boundary, within bounds."""
    slope = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    figure = Figure(figsize=(10.5, min(max(7.2 * slope, 5.6), 11.0) + 1.0), layout="constrained")
    axes = figure.add_subplot()
    units = result.park.tables["units"]
    targets = result.park.tables["targets"]
    for level, colour in level_colours(contours).items():
        _fill(axes, contours[level], colour)
    _draw_units(axes, units)
    if result.park.boundary is not None:
        for ring in shapely.get_parts(shapely.boundary(result.park.boundary)):
            axes.plot(*np.asarray(ring.coords).T[:2], color="black", lw=1.2, ls="--")
    for area in shapely.get_parts(shapes_of(targets)):
        if area.geom_type == "Polygon":
            axes.plot(*np.asarray(area.exterior.coords).T, color="#7b1fa2", lw=1.0)
    for name, group in targets.groupby("class", sort=True):
        axes.plot(
            group["x"], group["y"], TARGET_MARKERS[str(name)], color="#7b1fa2", ms=9, mec="white", mew=0.6, ls="none"
        )
    _frame(axes, bounds)
    _scale_bar(axes)
    _north_arrow(axes)
    title = words.name(result.park.name, result.park.code)
    axes.set_title(f"{title}  {words['map_title']}  {result.park.date}")
    axes.set_xlabel(words["east"])
    axes.set_ylabel(words["north"])
    _legends(axes, result, contours, words)
    _demonstration_note(figure, result, words)
    return figure


def level_colours(levels: Iterable[float]) -> dict[float, Any]:
    """Colour of each contour level: light to dark from rare to frequent, told apart by the colour-blind too."""
    ordered = sorted(levels)
    return dict(zip(ordered, mpl.colormaps["YlOrRd"](np.linspace(0.18, 1.0, len(ordered))), strict=True))


def _fill(axes: Axes, shape: shapely.Geometry, colour: Any) -> None:
    for polygon in shapely.get_parts(shape):
        rings = [polygon.exterior, *polygon.interiors]
        outline = Outline.make_compound_path(*(Outline(np.asarray(ring.coords)[:, :2]) for ring in rings))
        axes.add_patch(PathPatch(outline, facecolor=colour, edgecolor="#5d4037", lw=0.6, alpha=0.75))


def _draw_units(axes: Axes, units: Any) -> None:
    for kind, group in units.groupby("kind", sort=True):
        circles = [
            Circle((x, y), max(diameter, 4.0) / 2.0) if math.isfinite(diameter) else Rectangle((x - 6, y - 6), 12, 12)
            for x, y, diameter in zip(group["x"], group["y"], group["diameter_m"], strict=True)
        ]
        colour = KIND_COLOURS.get(str(kind), OTHER_KIND_COLOUR)
        axes.add_collection(PatchCollection(circles, facecolor=colour, edgecolor="#263238", lw=0.35))


def frames(result: Assessment, contours: Mapping[float, shapely.Geometry]) -> dict[str, Bounds]:
    """What each map shows: the park with its targets and contours, and every block of a scattered park by itself."""
    units, targets = result.park.tables["units"], result.park.tables["targets"]
    points = np.concatenate([table[["x", "y"]].to_numpy() for table in (units, targets)])
    shapes = [shapely.box(*points.min(axis=0), *points.max(axis=0)), *contours.values()]
    found = {"individual_risk": _widened(shapely.total_bounds(shapes), 0.06)}
    for number, block in enumerate(blocks_of(result.park), start=1):
        found[f"individual_risk_block_{number}"] = _widened(block.bounds, 0.6)
    return found


def blocks_of(park: Park) -> list[Any]:
    """Blocks of a scattered park with the most units, the most first; none where the boundary is one polygon."""
    blocks = [] if park.boundary is None else list(shapely.get_parts(park.boundary))
    if len(blocks) < 2:
        return []
    units = park.tables["units"]
    places = shapely.points(units["x"].to_numpy(), units["y"].to_numpy())
    held = [int(shapely.covers(block, places).sum()) for block in blocks]
    order = np.argsort([-count for count in held], kind="stable")
    return [blocks[k] for k in order[:MOST_BLOCKS].tolist()]


def _widened(bounds: Any, share: float) -> Bounds:
    left, bottom, right, top = (float(value) for value in bounds)
    margin = share * max(right - left, top - bottom, 500.0)
    return left - margin, bottom - margin, right + margin, top + margin


def _frame(axes: Axes, bounds: Bounds) -> None:
    left, bottom, right, top = bounds
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    kilometres = mpl.ticker.FuncFormatter(lambda value, _position: f"{value / 1000.0:g}")
    axes.xaxis.set_major_formatter(kilometres)
    axes.yaxis.set_major_formatter(kilometres)
    axes.grid(lw=0.3, alpha=0.6)


def _scale_bar(axes: Axes) -> None:
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    wanted = (right - left) / 5.0
    length = max(step for step in _round_lengths() if step <= max(wanted, 10.0))
    x, y = left + 0.04 * (right - left), bottom + 0.04 * (top - bottom)
    axes.plot([x, x + length], [y, y], color="black", lw=3, solid_capstyle="butt")
    label = f"{length / 1000.0:g} km" if length >= 1000.0 else f"{length:g} m"
    axes.text(x + length / 2.0, y + 0.012 * (top - bottom), label, ha="center", va="bottom", fontsize=9)


def _round_lengths() -> list[float]:
    return [step * 10.0**power for power in range(1, 5) for step in (1.0, 2.0, 5.0)]


def _north_arrow(axes: Axes) -> None:
    axes.annotate(
        "N",
        xy=(0.97, 0.97),
        xytext=(0.97, 0.89),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=12,
        fontweight="bold",
        arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 1.5},
    )


def _legends(axes: Axes, result: Assessment, contours: Mapping[float, shapely.Geometry], words: Words) -> None:
    cut = open_levels(result.individual_risk.values, contours)
    levels = [
        Patch(
            facecolor=colour,
            edgecolor="#5d4037",
            alpha=0.75,
            label=f"≥ {_power(level)}" + (f" ({words['cut']})" if level in cut else ""),
        )
        for level, colour in reversed(level_colours(contours).items())
        if not contours[level].is_empty
    ]
    beside: Any = {"loc": "upper left", "frameon": False, "alignment": "left"}
    first = axes.legend(handles=levels, title=words["risk"], bbox_to_anchor=(1.01, 1.0), **beside)
    axes.add_artist(first)
    kinds = sorted(set(result.park.tables["units"]["kind"]))
    things: list[Any] = [
        Line2D([], [], marker="o", ls="none", ms=8, mec="#263238", color=KIND_COLOURS[kind], label=words[kind])
        for kind in kinds
        if kind in KIND_COLOURS and kind in _LABELS
    ]
    if any(kind not in KIND_COLOURS for kind in kinds):
        things.append(Line2D([], [], marker="s", ls="none", ms=8, color=OTHER_KIND_COLOUR, label=words["other"]))
    things += [
        Line2D([], [], marker=TARGET_MARKERS[name], ls="none", ms=8, color="#7b1fa2", label=words[name])
        for name in TARGET_MARKERS
        if name in set(result.park.tables["targets"]["class"])
    ]
    things.append(Line2D([], [], color="black", ls="--", label=words["boundary"]))
    axes.legend(handles=things, title=words["units"], bbox_to_anchor=(1.01, 0.0), **(beside | {"loc": "lower left"}))


def _power(level: float) -> str:
    """3e-05 as 3×10⁻⁵."""
    factor, exponent = f"{level:.2e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if float(factor) == 1.0 else f"{float(factor):g}×10{raised}"


def _demonstration_note(figure: Figure, result: Assessment, words: Words) -> None:
    if result.park.info["demonstration"] == "yes":
        figure.text(0.01, 0.005, words["demonstration"], fontsize=8, color="#6d4c41", ha="left", va="bottom")


def fn_axes(axes: Axes, words: Words, most: float) -> None:
    """Draw the F-N plane with both criterion lines, up to so many deaths at least."""
    criterion = societal_criterion()
    number = np.array([1.0, criterion.cut])
    upper, lower = criterion.upper / number, criterion.lower / number
    axes.fill_between(number, lower, upper, color="#ffe0b2", alpha=0.7, lw=0, label=words["alarp"])
    doubt = f" ({words['unverified']})" if criterion.mark == "M" else ""
    axes.plot(number, upper, color="#b71c1c", lw=1.6, label=words["upper"] + doubt)
    axes.plot(number, lower, color="#1b5e20", lw=1.6, label=words["lower"] + doubt)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1.0, max(criterion.cut, 1.2 * most))
    axes.set_ylim(1e-9, 1e-2)
    axes.set_xlabel(words["deaths"])
    axes.set_ylabel(words["frequency"])
    axes.grid(which="major", lw=0.4)
    axes.grid(which="minor", lw=0.15)


def draw_fn(result: Assessment, words: Words) -> Figure:
    """F-N curve between the two criterion lines."""
    figure = Figure(figsize=(7.5, 6.2), layout="constrained")
    axes = figure.add_subplot()
    reached = result.fn[result.fn["F"] > 0.0]
    fn_axes(axes, words, float(reached["N"].max()) if len(reached) else 1.0)
    if len(reached):
        axes.step(reached["N"], reached["F"], where="pre", color="#0d47a1", lw=2.2, label=words["park"])
        alone = reached[reached["F_without_domino"] > 0.0]
        label = words["without_domino"]
        axes.step(alone["N"], alone["F_without_domino"], where="pre", color="#0d47a1", lw=1.2, ls="--", label=label)
    title = words.name(result.park.name, result.park.code)
    axes.set_title(f"{title}  {words['fn_title']}  {result.park.date}")
    axes.legend(loc="upper right", framealpha=0.95)
    _demonstration_note(figure, result, words)
    return figure
