"""Pages to draw on: words in one language, a font that has them, files."""

import functools
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure

from parkrisk.risk.result import Assessment

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

    def __contains__(self, key: str) -> bool:
        return key in _LABELS

    def say(self, chinese: str, english: str) -> str:
        """One of two texts."""
        return (chinese, english)[self._index]

    def name(self, text: str, otherwise: str) -> str:
        """Text as given, or something plain where the font lacks its characters; a dollar sign begins no formula."""
        shown = text if self._has_chinese or text.isascii() else otherwise
        if not self._has_chinese:
            shown = shown.encode("ascii", "ignore").decode()
        return shown.replace("$", r"\$")


def demonstration_note(figure: Figure, result: Assessment, words: Words) -> None:
    """Say on a figure that its park is a demonstration."""
    if result.park.info["demonstration"] == "yes":
        figure.text(0.01, 0.005, words["demonstration"], fontsize=8, color="#6d4c41", ha="left", va="bottom")


def power(level: float) -> str:
    """3e-05 as 3×10⁻⁵."""
    factor, exponent = f"{level:.2e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if float(factor) == 1.0 else f"{float(factor):g}×10{raised}"
