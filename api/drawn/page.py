"""Pages to draw on: words in one language, a font that has them, files."""

import functools
import importlib.util
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation
from matplotlib.transforms import Bbox

from parkrisk.scenarios.park import Park

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
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
)
#: Width of a figure; printed 16 cm wide, a text of `SMALL` still has 7 pt. [in]
WIDTH = 7.0
#: Smallest text. [pt]
SMALL = 8.0
_STYLE: Mapping[str, Any] = {
    "svg.hashsalt": "parkrisk",
    "svg.fonttype": "path",
    "axes.unicode_minus": False,
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "figure.titlesize": 9.5,
    "axes.labelsize": 8.5,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.title_fontsize": 8.5,
    "axes.linewidth": 0.6,
    "lines.color": "black",  # the default colours are looked up anew for every line and patch, which takes long
    "patch.facecolor": "white",
}
_DPI = 200
_EDGE = 0.08  # around a figure that is cut to what it shows [in]


@functools.cache
def chinese_font() -> str | None:
    """Name of an installed font with Chinese characters, or None; the report extra brings one."""
    if (package := importlib.util.find_spec("pylopdf_fonts_zh_cn")) is not None:
        for folder in package.submodule_search_locations or ():
            for file in sorted(Path(folder).glob("NotoSans*.otf")):
                font_manager.fontManager.addfont(file)
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((family for family in _CHINESE_FAMILIES if family in known), None)


def style(font: str | None) -> Any:
    """Settings of matplotlib that every figure is drawn with."""
    return {**_STYLE, **({} if font is None else {"font.family": [font, "DejaVu Sans"]})}


def save_figures(draw: Callable[["Words"], Mapping[str, Figure]], folder: str | Path, lang: str) -> list[Path]:
    """Write the figures that ``draw`` makes with these words, by name, as SVG and PNG; gives the files."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    font = chinese_font()
    written = []
    with mpl.rc_context(style(font)):
        for name, figure in draw(Words(lang if font is not None else "en", font is not None)).items():
            shown = _shown(figure)
            for ending in ("svg", "png"):
                path = target / f"{name}.{ending}"
                more: Any = {"metadata": {"Date": None}}
                if ending == "png":
                    more = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 1}}
                figure.savefig(path, dpi=_DPI, bbox_inches=shown, **more)
                written.append(path)
    return written


def _shown(figure: Figure) -> Bbox | None:
    """What is cut out of a figure that lays itself out, once for all its files; None: the page as it is. [in]"""
    if figure.get_layout_engine() is None:
        return None
    canvas: Any = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    figure.set_layout_engine(None)  # "none" would still be laid out before each file
    return figure.get_tightbbox(canvas.get_renderer()).padded(_EDGE)


class Words:
    """Labels in one language; names of the input in Chinese only where a font can show them."""

    def __init__(self, lang: str, has_chinese: bool) -> None:
        self.lang = lang
        self._index = 0 if lang == "zh" else 1
        self._has_chinese = has_chinese

    def __getitem__(self, key: str) -> str:
        return _LABELS[key][self._index]

    def __contains__(self, key: str) -> bool:
        return key in _LABELS

    def say(self, chinese: str, english: str) -> str:
        """One of two texts."""
        return (chinese, english)[self._index]

    def broken(self, text: str, most: int) -> str:
        """Text in lines of so many Chinese characters, or twice as many Latin letters, at most."""
        if self._index == 1:
            return "\n".join(line for part in text.split("\n") for line in textwrap.wrap(part, 2 * most))
        return "\n".join(part[at : at + most] for part in text.split("\n") for at in range(0, len(part), most))

    def name(self, text: str, otherwise: str) -> str:
        """Text as given, or something plain where the font lacks its characters; a dollar sign begins no formula."""
        shown = text if self._has_chinese or text.isascii() else otherwise
        if not self._has_chinese:
            shown = shown.encode("ascii", "ignore").decode()
        return shown.replace("$", r"\$")


def notes_of(park: Park, words: Words) -> list[str]:
    """What every figure of a park says of it: that it is a demonstration, if it is one."""
    return [words["demonstration"]] if park.info["demonstration"] == "yes" else []


def demonstration_note(figure: Figure, park: Park, words: Words, more: str = "") -> None:
    """Say below a figure that its park is a demonstration, and something more."""
    notes = [*([more] if more else []), *notes_of(park, words)]
    if notes:
        figure.supxlabel("\n".join(notes), fontsize=SMALL, color="#6d4c41", x=0.01, ha="left")


class Powers(LogFormatterSciNotation):
    """Ticks of a logarithmic axis in plain text, which costs far less than formulas; labels the same ticks."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Label of a tick; "" where there is none."""
        return power(x) if super().__call__(x, pos) else ""


def power(level: float) -> str:
    """3e-05 as 3×10⁻⁵."""
    factor, exponent = f"{level:.2e}".split("e")
    raised = ten_to(int(exponent))
    return raised if float(factor) == 1.0 else f"{float(factor):g}×{raised}"


def ten_to(exponent: int) -> str:
    """10⁻⁵ for -5."""
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
