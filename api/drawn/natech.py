"""Pictures of natech: how many units fail at once, and where units fail how often. SVG and PNG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from parkrisk.api.drawn.map import frame, widened
from parkrisk.api.drawn.page import Words, save_figures
from parkrisk.risk.natech.natech import CAUSES, NatechResult

_COLOURS = {"earthquake": "#8d4a00", "lightning": "#0057a8"}
_LABELS = {
    "number": ("同时泄漏的设备数 k", "units k that lose their content at once"),
    "per_year": ("≥ k 台的频率 (/年)", "frequency of k or more (per year)"),
    "given": ("≥ k 台的概率（给定地震）", "chance of k or more, given the earthquake"),
    "lost": ("泄漏", "lost"),
    "burning": ("着火", "on fire"),
    "map": ("各设备因自然灾害泄漏的频率 (/年)", "loss of content by natural hazards (per year)"),
    "map_given": ("各设备泄漏的概率（给定地震）", "chance of loss of content, given the earthquake"),
    "east": ("东坐标 (km)", "easting (km)"),
    "north": ("北坐标 (km)", "northing (km)"),
}


def save(found: NatechResult, units: pd.DataFrame, folder: str | Path, lang: str = "zh") -> list[Path]:
    """Draw both figures into a folder.

    Parameters
    ----------
    found : NatechResult
    units : DataFrame
        The park's units table.
    folder : path
        Made if it is not there.
    lang : str
        "zh" or "en"; without a Chinese font the labels are English.
    """

    def draw(words: Words) -> Mapping[str, Figure]:
        return {"natech_numbers": _numbers(found, words.lang), "natech_map": _map(found, units, words.lang)}

    return save_figures(draw, folder, lang)


def _label(key: str, lang: str) -> str:
    return _LABELS[key][0 if lang == "zh" else 1]


def _numbers(found: NatechResult, lang: str) -> Figure:
    """Frequency of k or more units at once, by cause."""
    figure = Figure(figsize=(7.5, 5.5), layout="constrained")
    axes = figure.add_subplot()
    lowest = 1e-12
    for name, rows in found.numbers.groupby("cause"):
        title = CAUSES[str(name)][0 if lang == "zh" else 1]
        for column, style, key in (("failing", "-", "lost"), ("burning", ":", "burning")):
            shown = rows[rows[column] > lowest]
            label = f"{title}: {_label(key, lang)}"
            axes.plot(shown["k"], shown[column], style, color=_COLOURS[str(name)], lw=2.0, marker=".", label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    whole = mpl.ticker.FuncFormatter(lambda value, _position: f"{value:g}")
    axes.xaxis.set_major_formatter(whole)
    axes.xaxis.set_minor_formatter(whole if found.numbers["k"].max() < 10 else mpl.ticker.NullFormatter())
    axes.set_xlabel(_label("number", lang))
    axes.set_ylabel(_label("given" if found.method["conditional"] else "per_year", lang))
    axes.grid(which="major", lw=0.4)
    axes.grid(which="minor", lw=0.15)
    axes.legend(loc="upper right")
    return figure


def _map(found: NatechResult, units: pd.DataFrame, lang: str) -> Figure:
    """Units on the map by how often they lose their content."""
    figure = Figure(figsize=(9.0, 7.5), layout="constrained")
    axes = figure.add_subplot()
    places = units.set_index(units["unit_id"].astype(str))[["x", "y"]].reindex(found.units["unit_id"])
    frequency = found.units["frequency"].to_numpy(float)
    order = np.argsort(frequency, kind="stable")
    order = order[frequency[order] > 0.0]
    if order.size:
        low, high = float(frequency[order[0]]), float(frequency[order[-1]])
        norm: Any = LogNorm(low, high if high > low else 10.0 * low)
        dots = axes.scatter(
            places["x"].to_numpy()[order],
            places["y"].to_numpy()[order],
            c=frequency[order],
            norm=norm,
            cmap=mpl.colormaps["viridis_r"],
            s=22,
            edgecolors="#263238",
            linewidths=0.3,
        )
        figure.colorbar(dots, ax=axes, label=_label("map_given" if found.method["conditional"] else "map", lang))
    frame(axes, widened((places["x"].min(), places["y"].min(), places["x"].max(), places["y"].max()), 0.1))
    axes.set_xlabel(_label("east", lang))
    axes.set_ylabel(_label("north", lang))
    return figure
